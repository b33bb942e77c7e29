"""The risk index for the pages: prepared once per snapshot, results kept and shared.

What counts a visitor's own measure is kept in their session alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import streamlit as st

from atlas.arrays import Bools
from atlas.catalogue.columns import Column
from atlas.maps import live_weights
from atlas.places.comparison_base import Base, base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, Place
from atlas.risk.export import Made
from atlas.risk.index import Index
from atlas.risk.method import Method
from atlas.risk.pockets import Pockets
from atlas.risk.reasons import Change, changes_off, highest
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import Progress, Robustness, robustness_of
from atlas.risk.scorer import Scorer
from atlas.risk.sensitivity import FILE, Sensitivity, read_sensitivity
from atlas.risk.uploaded_components import base_with_figures, names_own_part, published_only
from atlas.ward_list.risk_list import (
    ListRequest,
    RiskList,
    base_covers,
    build,
    list_measures,
    request_from,
)
from views.session import page_url, uploads, url
from views.session.kept import Kept, kept_in_visit, per_snapshot
from views.session.snapshot import Atlas, atlas

# Tests hold every draw of every ward, 14 MB for England.
_KEPT_TESTS, _KEPT_SCORES, _KEPT_OWN = 8, 8, 2
_MINE = "risk_of_mine"
_WEIGHTS = ("preset", "weights", "influence", "inner")
_KEYS = (
    *_WEIGHTS,
    "against",
    *("cut", "order", "tier", "rests", "pockets", "spread", "include", "exclude"),
    *("need", "councils", "reaching", "setting"),
)
_TESTING = "Testing 1,000 other versions of the index"


_testing = Lock()
_indexes: Kept[RiskRequest, Index] = Kept(_KEPT_SCORES)
_parts: Kept[RiskRequest, bytes] = Kept(_KEPT_SCORES)
_pockets: Kept[RiskRequest, Pockets] = Kept(_KEPT_SCORES)
_tests: Kept[RiskRequest, Robustness] = Kept(_KEPT_TESTS)
_lists: Kept[tuple[ListRequest, bool], RiskList] = Kept(64)
_changes: Kept[tuple[RiskRequest, int, float], list[Change]] = Kept(256)


@per_snapshot
def scorer(shared: Atlas) -> Scorer:
    """Return the scorer of this visit's snapshot, shared by all visits that look at it."""
    return Scorer(shared.snapshot, shared.places)


@dataclass(frozen=True)
class _Own:
    """What one session keeps of an index with its own measures, while it holds them as they are."""

    scorer: Scorer
    indexes: Kept[RiskRequest, Index]
    tests: Kept[RiskRequest, Robustness]


def _own() -> _Own:
    held, shared = uploads.held(), atlas()

    def make() -> _Own:
        made = Scorer(shared.snapshot, shared.places, held.measures, held.codes)
        return _Own(made, Kept(_KEPT_OWN), Kept(_KEPT_OWN))

    return kept_in_visit(_MINE, (held, shared), make)


def own_scorer() -> Scorer:
    """Return this session's scorer, which knows its own measures; the shared one without any."""
    return _own().scorer if uploads.held().measures else scorer()


def method() -> Method:
    """Return the index's method with this session's own measures beside the published parts."""
    return own_scorer().method


def _tests_for(asked: RiskRequest) -> Kept[RiskRequest, Robustness]:
    return _own().tests if names_own_part(asked) else _tests


def index(asked: RiskRequest) -> Index:
    """Return the wards' scores for this request."""
    own = names_own_part(asked)
    kept = _own().indexes if own else _indexes
    return kept.get_or_make(asked, lambda: (_own().scorer if own else scorer()).index(asked))


def changes(asked: RiskRequest, row: int, share: float) -> list[Change]:
    """Return what would take a ward off the highest ``share``, see :func:`reasons.changes_off`."""
    made = partial(changes_off, index(asked), row, highest(share))
    return made() if names_own_part(asked) else _changes.get_or_make((asked, row, share), made)


def parts_of(asked: RiskRequest) -> list[str]:
    """Return the keys of the parts of risk, and of any other with weight, in declared order."""
    counted = {*method().risk_components(), *scorer().weighting(asked).weight}
    return [key for key in method().components if key in counted]


def packed_parts(asked: RiskRequest) -> bytes:
    """Return what a browser needs to score all wards by other weights of the same parts."""
    shared, keys = atlas(), parts_of(asked)
    # Whatever they weigh, the parts are the same.
    alone = replace(asked, weights=tuple((key, 1.0) for key in keys), influence=(), base=(ENGLAND,))

    def make() -> bytes:
        made = scorer().index(alone)
        return live_weights.packed_parts(
            shared.maps.ward_codes, made.peers.codes, made.parts, made.peers.people
        )

    return _parts.get_or_make(alone, make)


def pockets(asked: RiskRequest) -> Pockets:
    """Return the small areas' scores for this request, always compared with England."""
    # Neither the base nor own measures change pockets: one result serves them all.
    alone = replace(published_only(asked), base=(ENGLAND,))
    return _pockets.get_or_make(alone, lambda: scorer().pockets(alone))


def kept_tests(asked: RiskRequest) -> Robustness | None:
    """Return the tests of this request if somebody has run them already."""
    return _tests_for(asked).get(asked)


@per_snapshot
def standard_sensitivity(shared: Atlas) -> Sensitivity | None:
    """Return what places depend on by the standard weights, None where the snapshot lacks it."""
    if FILE not in shared.snapshot.provenance["outputs"]:
        return None
    codes = shared.snapshot.wards["ward_code"].to_numpy(dtype=object)
    return read_sensitivity(shared.snapshot.path(FILE), codes)


def tested(asked: RiskRequest, progress: Progress | None = None) -> Robustness:
    """Run the tests, or return the kept ones.

    One run at a time: a second visitor who asks for the same waits for the first one's result.
    ``progress`` is told the share done, and 0 now and then while waiting: it may raise to stop.
    """
    while not _testing.acquire(timeout=0.2):
        if progress:
            progress(0.0)
    try:
        found = kept_tests(asked)
        if found is None:
            found = _tests_for(asked).put(asked, robustness_of(index(asked), None, progress))
        return found
    finally:
        _testing.release()


def run_tests(asked: RiskRequest) -> Robustness:
    """Run the tests with a progress bar, or return the kept ones."""
    found = kept_tests(asked)
    if found is None:
        bar = st.progress(0.0, _TESTING)
        found = tested(asked, lambda done: bar.progress(done, _TESTING))
        bar.empty()
    return found


@dataclass(frozen=True)
class Shown:
    """A risk list as a page shows it. ``tests`` are None as long as they have not been run."""

    request: ListRequest
    place: Place
    base: Base
    index: Index
    pockets: Pockets
    tests: Robustness | None
    measures: Mapping[str, Column]
    result: RiskList

    @property
    def compared(self) -> Base:
        """The base, named by the wards that have a score where own figures cover only some."""
        return base_with_figures(self.base, self.index)

    @property
    def area(self) -> Bools:
        """Which wards of the snapshot lie in the place and have a score."""
        return atlas().places.inside(self.place.code) & self.index.scored


def shown(request: ListRequest) -> Shown:
    """Return the list of a request with what is known of it at once.

    A wish for a tier is left aside as long as the tests have not been run.
    """
    asked, shared = request.risk, atlas()
    scores, small_areas, tests = index(asked), pockets(asked), kept_tests(asked)
    measures = list_measures(method())
    possible = request if tests else replace(request, tier="")

    def make() -> RiskList:
        figures = uploads.ward_figures()
        return build(possible, figures, shared.places, scores, tests, small_areas, measures)

    kept = (possible, tests is not None)
    return Shown(
        request=request,
        place=shared.places[request.area],
        base=base_of(shared.places, asked.base),
        index=scores,
        pockets=small_areas,
        tests=tests,
        measures=measures,
        result=make() if uploads.own_measures() else _lists.get_or_make(kept, make),
    )


def made(view: Shown, tests: Robustness) -> Made:
    """Return all that an export needs of a list that was tested."""
    wards = uploads.ward_figures()
    return Made(atlas().snapshot, wards, view.base, view.index, tests, view.pockets)


def open_request() -> tuple[ListRequest, list[str]]:
    """Read the list's request from the address, and say what could not be used."""
    view, shared, notices = url.view(), atlas(), Notices()
    params = {"against": view.base, **page_url.given(_KEYS), "place": view.place}
    request = request_from(params, shared.places, notices, own_scorer().england)
    if not base_covers(request, shared.places):
        notices.add(
            f"{shared.places[request.area].label} is not inside the places compared with, so "
            "England is used."
        )
        request = replace(request, risk=replace(request.risk, base=(ENGLAND,)))
    return request, notices.sentences


def show(request: ListRequest) -> None:
    """Put a request into the address; the next run shows it."""
    query = request.query()
    query.pop("place", None)
    if request.risk.base == (url.view().base,):
        query.pop("against", None)
    elif "against" not in query:
        query["against"] = ENGLAND
    page_url.put(_KEYS, query)


def query_string(request: ListRequest) -> dict[str, str]:
    """Return the parameters of the address that reopens this request."""
    return request.query() | ({"against": ",".join(request.risk.base)})


def weights_in_force() -> tuple[RiskRequest, list[str]]:
    """Return the weights that the address holds, and what could not be used.

    For pages that show the score but not the list: always compared with England.
    """
    params, notices = page_url.given(_WEIGHTS), Notices()
    asked = risk_request_from(params, atlas().places, notices, own_scorer().england)
    return asked, notices.sentences


def other_weights() -> bool:
    """Tell whether the address holds other than the standard weights."""
    return bool(page_url.given(_WEIGHTS))


def choose_weights(asked: RiskRequest) -> None:
    """Put weights into the address; the next run shows them."""
    page_url.put(_WEIGHTS, replace(asked, base=(ENGLAND,)).query())
