"""The risk index for the pages: prepared once per snapshot, tests kept and shared."""

from collections import OrderedDict
from threading import Lock
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import address
from pages.parts.atlas import Atlas, atlas
from wards.assess import Assessor
from wards.index import Index
from wards.index_export import Made
from wards.places import ENGLAND
from wards.pockets import Pockets
from wards.postcodes import Postcodes
from wards.risk_list import ListRequest, base_covers, request_from
from wards.robustness import Robustness, robustness_of
from wards.settings import Notices, Settings, base_from

_KEPT = 24
_REMEMBERED = "risk_params"
_KEYS = (
    *("preset", "weights", "influence", "inner", "against"),
    *("cut", "order", "tier", "rests", "pockets", "spread", "include", "exclude"),
)

_lock = Lock()
_testing = Lock()
# Kept for as long as a visit looks at the version: a new one does not turn out the old.
_assessors: "WeakKeyDictionary[Atlas, Assessor]" = WeakKeyDictionary()
_postcodes: "WeakKeyDictionary[Atlas, Postcodes]" = WeakKeyDictionary()
_tests: "OrderedDict[tuple[str, Settings], Robustness]" = OrderedDict()


def assessor() -> Assessor:
    """Return the assessor of this visit's snapshot, shared by all visits that look at it."""
    shared = atlas()
    with _lock:
        if shared not in _assessors:
            _assessors[shared] = Assessor(shared.snapshot, shared.places)
        return _assessors[shared]


def postcodes() -> Postcodes:
    """Return the snapshot's postcodes."""
    shared = atlas()
    with _lock:
        if shared not in _postcodes:
            _postcodes[shared] = Postcodes.load(shared.snapshot.path("postcodes.parquet"))
        return _postcodes[shared]


def kept_tests(settings: Settings) -> Robustness | None:
    """Return the tests of these settings if somebody has run them already."""
    with _lock:
        return _tests.get((atlas().snapshot.version, settings))


def run_tests(settings: Settings) -> Robustness:
    """Run the tests with a progress bar, or return the kept ones.

    One run at a time: a second visitor who asks for the same waits for the first one's result.
    """
    bar = st.progress(0.0, "Testing 1,000 other versions of the index")
    with _testing:
        found = kept_tests(settings)
        if found is None:
            found = robustness_of(assessor().index(settings), None, lambda done: _move(bar, done))
    with _lock:
        _tests[(atlas().snapshot.version, settings)] = found
        while len(_tests) > _KEPT:
            _tests.popitem(last=False)
    bar.empty()
    return found


def _move(bar: DeltaGenerator, done: float) -> None:
    bar.progress(done, "Testing 1,000 other versions of the index")


def made(settings: Settings, tests: Robustness, index: Index, pockets: Pockets) -> Made:
    """Return all that an export needs, for settings that were tested."""
    shared = atlas().snapshot
    return Made(
        wards=shared.wards,
        lsoas=shared.lsoas,
        libraries=shared.libraries,
        version=shared.version,
        base=base_from(settings, atlas().places),
        index=index,
        robustness=tests,
        pockets=pockets,
    )


def open_request() -> tuple[ListRequest, list[str]]:
    """Read the list's request from the address, and say what could not be used.

    The session remembers it, because other controls write the address without it.
    """
    given = {key: st.query_params[key] for key in _KEYS if key in st.query_params}
    remembered: dict[str, str] = st.session_state.get(_REMEMBERED, {})
    if not given and remembered:
        given = remembered
        st.query_params.update(given)
    st.session_state[_REMEMBERED] = given
    view = address.view()
    against = {} if "against" in given else {"against": view.base}
    notices = Notices()
    request = request_from({**against, **given, "place": view.place}, atlas().places, notices)
    return _scorable(request, notices), notices.sentences


def _scorable(request: ListRequest, notices: Notices) -> ListRequest:
    settings = request.settings
    if not base_covers(request, atlas().places, len(atlas().snapshot.wards)):
        notices.add(
            f"{atlas().places[request.area].label} is not inside the places compared with, so "
            "England is used."
        )
        settings = Settings(
            settings.preset, settings.weights, settings.influence, settings.inner, (ENGLAND,)
        )
    try:
        assessor().choice(settings)
    except ValueError:
        notices.add("No weights give the influence that was asked for: the usual ones are shown.")
        settings = Settings(base=settings.base)
    return ListRequest(**{**vars(request), "settings": settings})


def show(request: ListRequest) -> None:
    """Put a request into the address; the next run shows it."""
    query = request.query()
    query.pop("place", None)
    if request.settings.base == (address.view().base,):
        query.pop("against", None)
    elif "against" not in query:
        query["against"] = ENGLAND
    for key in _KEYS:
        if key in st.query_params and key not in query:
            del st.query_params[key]
    st.query_params.update(query)
    st.session_state[_REMEMBERED] = query


def query_string(request: ListRequest) -> dict[str, str]:
    """Return the parameters of the address that reopens this request."""
    return request.query() | ({"against": ",".join(request.settings.base)})
