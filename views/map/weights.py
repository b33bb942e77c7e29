"""What recolours the map in the browser: weights beside it that a reader moves, and measures."""

from collections.abc import Sequence
from dataclasses import replace

from streamlit import runtime

from atlas.catalogue.columns import measures
from atlas.maps.live_weights import CUTS, Live, packed_measures
from atlas.places.places import ENGLAND
from atlas.places.view_url import View
from atlas.risk.request import RiskRequest
from atlas.risk.uploaded_components import names_own_part
from views.cached import risk
from views.kit.controls import measure_in_words
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas, atlas


def live_weights(view: View, asked: RiskRequest | None) -> Live | None:
    """Return the weights of the score shown as the map lets a reader move them.

    None for another measure, where a reader's own measure counts, and for classes that only the
    server cuts.
    """
    if asked is None or names_own_part(asked) or view.breaks not in CUTS:
        return None
    labels, given = risk.method().components, _on_sliders(asked)
    weights = [(labels[key].label, given.get(key, 0)) for key in risk.parts_of(asked)]
    return _live(view, "map_weights", risk.packed_parts(asked), weights)


def live_measures(view: View) -> Live | None:
    """Return the published measures as the browser may colour them as soon as one is chosen.

    None where overall risk would have other weights than these know.
    """
    if view.breaks not in CUTS or risk.other_weights():
        return None
    return _live(view, "map_measures", _measures())


@per_snapshot
def _measures(shared: Atlas) -> bytes:
    words = {measure_in_words(column): column for column in measures()}
    return packed_measures(shared.maps.ward_codes, shared.snapshot.wards, words)


def _live(view: View, key: str, sent: bytes, weights: Sequence[tuple[str, int]] = ()) -> Live:
    address = runtime.get_instance().media_file_mgr.add(sent, "application/gzip", key)
    wards, places = atlas().snapshot.wards["ward_code"], atlas().places
    inside = None if view.base == ENGLAND else list(wards.iloc[places.positions(view.base)])
    # The map's frame lies two folders below the root.
    return Live(f"../..{address}", view.breaks, inside, weights)


def _on_sliders(asked: RiskRequest) -> dict[str, int]:
    """Weights as they were set where they were set from 0 to 100, per cent otherwise."""
    given = dict(asked.weights)
    if given and all(value <= 100 and value == int(value) for value in given.values()):
        return {key: int(value) for key, value in given.items()}
    shares = risk.index(asked).weighting.weight
    return {key: max(round(100 * share), 1) for key, share in shares.items()}


def set_weights(asked: RiskRequest, moved: Sequence[int]) -> None:
    """Put weights that were moved beside the map into the address."""
    pairs = zip(risk.parts_of(asked), moved, strict=False)
    weights = tuple((part, float(value)) for part, value in pairs if value)
    risk.choose_weights(replace(asked, weights=weights, influence=()))
