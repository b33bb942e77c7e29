"""The site's frame: what stands around every page, and which page is run in it."""

from functools import partial
from pathlib import Path

import streamlit as st

from atlas.snapshot.snapshot import SnapshotError
from views.cached.weights_notice import weights_notice
from views.kit import doors, place_picker
from views.kit.footer import footer
from views.kit.notices import ended_ward_notice, link_problems, snapshot_missing
from views.session import browser_store, sign_in, url
from views.session.request_queue import turn

ROOT = Path(__file__).parent

may_enter = sign_in.allowed()
# The menu is drawn below: Streamlit's own would open pages without what the reader set.
page = st.navigation(list(doors.pages().values()), position="hidden")
st.set_page_config(
    page_title=doors.SITE,
    page_icon=str(ROOT / "static/atlas/icon.png"),
    layout="wide",
    # A briefing fills the screen of the room; the place picker opens with a click.
    initial_sidebar_state="collapsed" if page.url_path == "briefing" else "auto",
    menu_items={"Get help": None, "Report a bug": None, "About": None},
)
st.logo(str(ROOT / "static/atlas/name.svg"), size="large")
for sheet in ("site.css", "doors.css", "keyboard.css"):
    st.html(ROOT / "views/kit" / sheet)

if not may_enter:
    sign_in.ask()
    st.stop()
with turn():
    try:
        view, problems = url.open_view(page.url_path)
    except SnapshotError:
        snapshot_missing()
        st.stop()
    door, tab = doors.here(page.url_path)
    st.set_page_config(page_title=doors.title(door, tab, view))
    doors.skip_link(tab.table)
    below = partial(place_picker.way_down, view, "menu_way_down")
    doors.menu(door, view, below if door.address else None)
    if door.address:
        place_picker.sidebar(view, door)
        place_picker.on_phone(view, door)
    link_problems(problems)
    ended_ward_notice()
    weights_notice(tab)
    page.run()
    browser_store.run(tab.key)
    if door.address:
        doors.actions(door, tab, url.view())
    footer(tab)
sign_in.way_out()
