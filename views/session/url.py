"""The address bar and the session: what is shown is what the address says, on every page."""

from dataclasses import fields, replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from atlas.catalogue.columns import Column
from atlas.places.site_map import TAB
from atlas.places.view_url import View, parse, serialised
from atlas.risk.needs import KIND_OF_NEED
from atlas.snapshot.ended_wards import EndedWard
from views.session import uploads
from views.session.page_url import given
from views.session.snapshot import atlas, begin_run

_PARAMS, _VIEW, _ENDED = "atlas_params", "atlas_view", "atlas_ended_ward"
_PAGE = "atlas_page"
_OF_A_VIEW = frozenset(field.name for field in fields(View))
# What a page shows for the moment: another place, or another page, begins without it.
_PASSING = frozenset((TAB, "slide"))
_OF_A_GROUP = frozenset(("places", "name"))


def open_view(page: str) -> tuple[View, tuple[str, ...]]:
    """Read the address at the start of a run of ``page`` and say what could not be used.

    The first page, at "", shows no place: what was shown before is kept for the way on.
    """
    begin_run()
    followed = page != "" and _follow_ended_ward()
    same_page = page == st.session_state.get(_PAGE)
    st.session_state[_PAGE] = page
    names = [*(column.name for column in uploads.all_measures()), KIND_OF_NEED]
    remembered: dict[str, str] | None = st.session_state.get(_PARAMS)
    params = dict(st.query_params) if page else remembered or {}
    view, problems = parse(params, atlas().places, names)
    st.session_state[_VIEW] = view
    if not page:
        return view, ()
    if problems or followed:
        show(view)
    elif same_page and remembered is not None and params != remembered:
        # A link to the page that is open already reaches the server but not the address bar. One
        # to another page reaches both, and a second word on it would be one more step for Back.
        st.query_params.from_dict(params)
    st.session_state[_PARAMS] = dict(st.query_params)
    return view, problems


def going_back() -> bool:
    """Tell whether this run answers Back or Forward.

    What the browser then says of controls can be of the page that was left before it was drawn.
    """
    run = get_script_run_ctx()
    return run is not None and run.is_history_navigation


def _follow_ended_ward() -> bool:
    """Turn a link to a ward that ended into one to the ward where most of its residents are."""
    ended = atlas().snapshot.ended.get(st.query_params.get("ward", ""))
    if ended is None:
        return False
    st.query_params["ward"] = ended.successors[0][0]
    st.session_state[_ENDED] = ended
    return True


def ended_ward() -> EndedWard | None:
    """Return the ended ward that this visit's link named, while its successor is shown."""
    ended: EndedWard | None = st.session_state.get(_ENDED)
    return ended if ended and ended.successors[0][0] == view().ward else None


def view() -> View:
    """Return the view of this run."""
    return st.session_state[_VIEW]


def show(new: View) -> None:
    """Put a view into the address; the rest of it stays."""
    params = link_here(new)
    st.query_params.from_dict(params)
    st.session_state[_PARAMS] = params


def open_ward(code: str, _spot: object = None) -> None:
    """Put a ward that was chosen on a map into the address, before the run that shows it."""
    show(replace(view(), ward=code))


def link(new: View) -> dict[str, str]:
    """Return the parameters of a link that opens a view, with what else the reader set."""
    gone = _OF_A_VIEW | _OF_A_GROUP
    kept = {name: value for name, value in travelling().items() if name not in gone}
    return kept | serialised(new)


def link_here(new: View) -> dict[str, str]:
    """Return the parameters of a link to a view of the tab that is open."""
    return given((TAB,)) | link(new)


def travelling() -> dict[str, str]:
    """Return all that the reader set, for a link to another page."""
    params: dict[str, str] = st.session_state.get(_PARAMS, {})
    return {name: value for name, value in params.items() if name not in _PASSING}


def open_tab(tab: dict[str, str]) -> None:
    """Open a tab of this page: its parameter comes into the address, all else stays."""
    st.query_params.from_dict(tab | travelling())


def measures_in_order() -> list[Column]:
    """Return the measures by theme, shares and averages before totals."""
    columns = uploads.all_measures()
    themes = [column.theme for column in columns]
    return sorted(columns, key=lambda each: (themes.index(each.theme), each.aggregate == "sum"))
