"""The weights of the score beside the map, which recolour it while a reader moves them."""

from collections.abc import Sequence
from dataclasses import replace

from streamlit import runtime

from atlas.maps.live_weights import CUTS, LiveWeights
from atlas.places.places import ENGLAND
from atlas.places.view_url import View
from atlas.risk.request import RiskRequest
from atlas.risk.uploaded_components import names_own_part
from views.cached import risk
from views.session.snapshot import atlas


def live_weights(view: View, asked: RiskRequest | None) -> LiveWeights | None:
    """Return the weights of the score shown as the map lets a reader move them.

    None for another measure, where a reader's own measure counts, and for classes that only the
    server cuts.
    """
    if asked is None or names_own_part(asked) or view.breaks not in CUTS:
        return None
    files = runtime.get_instance().media_file_mgr
    address = files.add(risk.packed_parts(asked), "application/gzip", "map_weights")
    wards, places = atlas().snapshot.wards["ward_code"], atlas().places
    inside = None if view.base == ENGLAND else list(wards.iloc[places.positions(view.base)])
    labels, given = risk.method().components, _on_sliders(asked)
    weights = [(labels[key].label, given.get(key, 0)) for key in risk.parts_of(asked)]
    # The map's frame lies two folders below the root.
    return LiveWeights(f"../..{address}", weights, view.breaks, inside)


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
