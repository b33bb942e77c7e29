"""My area: one ward in plain words, its map and its measures; or the wards to choose from."""

from pathlib import Path

import streamlit as st

from atlas.places.places import Place
from atlas.places.site_map import script
from atlas.places.view_url import View
from atlas.risk.request import RiskRequest
from atlas.ward.sheet_html import STYLE, article
from views.cached import risk
from views.cached.ward_sheets import sheets
from views.kit.doors import go_to, pages
from views.kit.html import escaped, plain_markdown, prose
from views.kit.notices import predecessors_note
from views.my_area.measures import measures
from views.my_area.sheets_to_print import all_sheets, ask_for_contact, contact, one_sheet
from views.session import url
from views.session.snapshot import atlas
from views.ward_list.risk_map import risk_map

_LOOK = Path(__file__).with_name("my_area.css")
_WAYS = {
    "help_nearby": "All help near here",
    "what_if": "Try a new place here",
    "map": "See it on the map",
}


def page() -> None:
    """Draw the ward in view, or the places to choose one from."""
    st.html(STYLE)
    st.html(_LOOK)
    view = url.view()
    maker, area = sheets(contact()), atlas().places[view.place]
    if view.ward:
        made = maker.sheet(view.ward)
        st.title(made.ward.label)
        prose(f"<div class='atlas-sheet'>{article(made, named=False)}</div>")
        with st.container(horizontal=True, key="my_area_ways"):
            one_sheet(made)
            for key, words in _WAYS.items():
                go_to(key, words, url.link(view))
        predecessors_note(view.ward)
        measures(view.ward)
    else:
        _choose_a_ward(area)
    with st.expander("Sheets for print: a contact, and all wards at once"):
        ask_for_contact()
        all_sheets(maker, area)


def _choose_a_ward(area: Place) -> None:
    """Draw the places inside an area, each leading to its ward or on to wards, and their map."""
    st.title(f"My area: {area.label}")
    prose(
        "<p class='atlas-lead'>Type a postcode or the name of a ward, or choose below. You get one "
        "page in plain English: what to know about the ward, and where to get help.</p>"
        f"<h2 class='atlas-h2'>Choose within {escaped(area.label)}</h2>"
    )
    with st.container(key="my_area_choice", horizontal=True, gap=None):
        for place in atlas().places.children(area.code):
            is_ward = place.kind == "ward"
            there = View(area.code, place.code) if is_ward else View(place.code)
            st.page_link(
                pages()[script("my_area")],
                label=plain_markdown(place.name if is_ward else place.label),
                query_params=url.link(there),
            )
    st.html("<h2 class='atlas-h2'>Or choose a ward on the map</h2>")
    risk_map(risk.index(RiskRequest()), area, "England’s residents")
