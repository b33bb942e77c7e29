"""The nine doors of the site: the menu, the tabs behind a door, and links from one to another."""

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import urlencode

import streamlit as st

from atlas.places.site_map import DOORS, TAB, Door, Tab, at, script, tab_params
from atlas.places.view_url import View, serialised
from serving.settings import settings
from views.kit.controls import bound
from views.kit.downloads import OFFERED, address_of
from views.kit.html import EXPLAINED, TABLE
from views.session import url
from views.session.snapshot import atlas

SITE = "Digital Inclusion Atlas"
_PAGES = "atlas_pages"


def pages() -> dict[str, st.Page]:
    """Return the site's pages by script, made once a visit: a link by path looks for its file."""
    if _PAGES not in st.session_state:
        st.session_state[_PAGES] = {
            door.script: st.Page(
                door.script,
                title=door.name,
                url_path=door.address or None,
                default=not door.address,
            )
            for door in DOORS
        }
    return st.session_state[_PAGES]


def here(address: str) -> tuple[Door, Tab]:
    """Return the door at an address, and the tab of it that this run shows."""
    return at(address, st.query_params.get(TAB, ""))


def title(door: Door, tab: Tab, view: View) -> str:
    """Return a page's title for tab and history: its place, its subject, the site."""
    place = f"{atlas().places[view.ward or view.place].label} · " if door.address else ""
    return f"{place}{door.name if tab is door.tabs[0] else tab.name} · {SITE}"


def skip_link(rows: str) -> None:
    """Offer a way straight to the table of ``rows``, if there is one; seen once it has focus."""
    if not rows:
        return
    with st.container(key="to_table"):
        words = f"Go to the table of {rows}"
        st.html(f"<a class='atlas-skip' href='#{TABLE}' target='_self'>{words}</a>")


def menu(door: Door, view: View, below: Callable[[], None] | None = None) -> None:
    """Draw the names of all doors: in a row, and behind one button where the screen is narrow.

    ``below`` draws what else stands behind that button. Each link holds the whole address, so that
    Back never meets a view without its place.
    """
    with st.container(key="doors", horizontal=True, gap=None):
        _names()
    st.session_state[OFFERED], st.session_state[EXPLAINED] = [], set()
    # Under another key on another page or place: the menu does not stay open after a choice.
    key = f"menu_{door.address or 'start'}_{view.ward or view.place}"
    with st.container(key="menu"), st.popover("Menu", key=key):
        _names()
        if below:
            below()


def _names() -> None:
    params = url.travelling()
    for door in DOORS:
        page = pages()[door.script]
        st.page_link(page, label=door.name, query_params=params if door.address else None)


def tabs(address: str, shown: Mapping[str, Callable[[], None]]) -> None:
    """Draw the tabs of a door and the chosen one; ``shown`` draws each, by its key."""
    door, chosen = here(address)
    offered = [tab for tab in door.tabs if tab.key in shown]
    chosen = chosen if chosen in offered else offered[0]
    if len(offered) > 1:
        bound(
            st.segmented_control,
            "tab_choice",
            chosen.key,
            lambda key: url.open_tab(tab_params(key)),
            {tab.key: tab.name for tab in offered},
            label=f"Parts of {door.name}",
            required=True,
            label_visibility="collapsed",
        )
    shown[chosen.key]()


def actions(door: Door, tab: Tab, view: View) -> None:
    """Draw what can be done with a page: its link, paper, its files, and to begin anew."""
    query = urlencode(dict(st.query_params))
    plain = serialised(View(view.place, view.ward))
    with st.container(key="actions", horizontal=True):
        with st.popover("Copy link", key=f"link_{tab.key}"):
            st.code(address_of(f"?{query}" if query else ""), language=None, wrap_lines=True)
        if settings().site.frame_ancestors:
            with st.popover("Copy embed code", key=f"embed_{tab.key}"):
                framed = escape(address_of(f"?{urlencode({**st.query_params, 'embed': 'true'})}"))
                about = escape(title(door, tab, view))
                st.code(
                    f'<iframe src="{framed}" title="{about}" width="100%" height="900"></iframe>',
                    language=None,
                    wrap_lines=True,
                )
        with st.popover("Print", key=f"print_{tab.key}"):
            st.markdown("Press Ctrl and P, or ⌘ and P on a Mac. Menus and boxes are left out.")
        for draw in st.session_state[OFFERED]:
            draw()
        page, params = pages()[door.script], tab_params(tab.key) | plain
        st.page_link(page, label="Start again", query_params=params)


def go_to(key: str, label: str, params: Mapping[str, str] | None = None) -> None:
    """Draw a link to a tab of this or another door, opening what ``params`` say."""
    st.page_link(
        pages()[script(key)],
        label=label,
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params=tab_params(key) | dict(params or {}),
    )
