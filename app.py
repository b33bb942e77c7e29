"""The site map: which pages there are, and the frame that each of them stands in."""

from pathlib import Path

import streamlit as st

from atlas.snapshot.snapshot import SnapshotError
from serving.settings import settings
from views.cached.weights_notice import weights_notice
from views.kit import place_picker
from views.kit.ended_wards import ended_ward_notice
from views.kit.footer import footer
from views.kit.notices import link_problems, snapshot_missing
from views.kit.skip_link import skip_link
from views.session import sign_in, url
from views.session.request_queue import turn

ROOT = Path(__file__).parent
NAME = "Digital Inclusion Atlas"

may_enter = sign_in.allowed()
page = st.navigation(
    {
        "Explore": [
            st.Page("pages/explore/ward_map.py", title="Ward map", default=True),
            st.Page("pages/explore/ward_profile.py", title="Ward profile"),
            st.Page("pages/explore/compare.py", title="Compare places"),
        ],
        "Decide": [
            st.Page("pages/decide/risk_list.py", title="Risk list"),
            st.Page("pages/decide/targeting_list.py", title="Targeting list"),
            st.Page("pages/decide/libraries.py", title="Libraries and support"),
            st.Page("pages/decide/what_if.py", title="What if"),
            st.Page("pages/decide/where_next.py", title="Where next"),
            st.Page("pages/decide/postcodes.py", title="Postcode check"),
        ],
        "Brief": [
            st.Page("pages/brief/briefing.py", title="Briefing"),
            st.Page("pages/brief/first_100_days.py", title="Skills and 100 days"),
            st.Page("pages/brief/ward_sheets.py", title="Ward sheets"),
        ],
        "Data": [
            st.Page("pages/data/sources.py", title="Data and sources"),
            st.Page("pages/data/audit.py", title="Data audit"),
            st.Page("pages/data/open_data.py", title="Datastore"),
            st.Page("pages/data/method.py", title="Method"),
            st.Page("pages/data/accessibility.py", title="Accessibility"),
            *(
                [st.Page("pages/data/own_data.py", title="Your own data")]
                if settings().uploads.allowed
                else []
            ),
        ],
    },
    position="top" if may_enter else "hidden",
)
st.set_page_config(
    page_title=f"{page.title} · {NAME}",
    page_icon=str(ROOT / "static/atlas/icon.png"),
    layout="wide",
    # A briefing fills the screen of the room; the place picker opens with a click.
    initial_sidebar_state="collapsed" if page.url_path == "briefing" else "auto",
    menu_items={"Get help": None, "Report a bug": None, "About": None},
)
st.logo(str(ROOT / "static/atlas/name.svg"), size="large")
st.html(ROOT / "views/kit/site.css")
st.html(ROOT / "views/kit/keyboard.css")

if not may_enter:
    sign_in.ask()
    st.stop()
try:
    view, problems = url.open_view(page.url_path)
except SnapshotError:
    snapshot_missing()
    st.stop()
st.session_state[place_picker.HERE] = page
place_picker.sidebar(view)
skip_link(page.url_path)
place_picker.on_phone(view)
link_problems(problems)
ended_ward_notice()
sign_in.way_out()
with turn():
    weights_notice(page.url_path)
    page.run()
    footer()
