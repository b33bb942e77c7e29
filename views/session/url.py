"""The address bar and the session: what is shown is what the address says, on every page."""

import streamlit as st

from atlas.catalogue.columns import Column
from atlas.places.view_url import ListSettings, View, parse, parse_list, serialised, serialised_list
from atlas.risk.needs import KIND_OF_NEED
from atlas.snapshot.ended_wards import EndedWard
from views.session import uploads
from views.session.snapshot import atlas, begin_run

# The session remembers the last address, because changing the page in the menu clears it.
_PARAMS, _PAGE, _VIEW = "atlas_params", "atlas_page", "atlas_view"
_ENDED = "atlas_ended_ward"


def open_view(page: str) -> tuple[View, tuple[str, ...]]:
    """Read the address at the start of a run of ``page`` and say what could not be used."""
    begin_run()
    remembered: dict[str, str] | None = st.session_state.get(_PARAMS)
    switched = st.session_state.get(_PAGE) not in (None, page)
    if switched and remembered and not st.query_params:
        st.query_params.from_dict(remembered)
    followed = _follow_ended_ward()
    names = [*(column.name for column in uploads.all_measures()), KIND_OF_NEED]
    view, problems = parse(dict(st.query_params), atlas().places, names)
    st.session_state[_PAGE] = page
    st.session_state[_VIEW] = view
    given = dict(st.query_params)
    if problems or followed:
        show(view)
    elif remembered is not None and given != remembered:
        # A link to the page that is open already reaches the server but not the address bar.
        st.query_params.from_dict(given)
    st.session_state[_PARAMS] = dict(st.query_params)
    return view, problems


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
    found: View = st.session_state[_VIEW]
    return found


def list_settings() -> ListSettings:
    """Return the targeting list's settings that the address holds."""
    return parse_list(dict(st.query_params), atlas().places)


def show(new: View, settings: ListSettings | None = None) -> None:
    """Put a view into the address; the next run shows it."""
    settings = list_settings() if settings is None else settings
    st.query_params.from_dict(serialised(new) | serialised_list(settings))
    st.session_state[_PARAMS] = dict(st.query_params)


def link(new: View) -> dict[str, str]:
    """Return the parameters of a link that opens a view, as ``st.page_link`` takes them."""
    return serialised(new)


def measures_in_order() -> list[Column]:
    """Return the measures by theme, shares and averages before totals."""
    columns = uploads.all_measures()
    themes = list(dict.fromkeys(column.theme for column in columns))
    return sorted(
        columns, key=lambda column: (themes.index(column.theme), column.aggregate == "sum")
    )
