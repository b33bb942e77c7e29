"""The first page: one box, three ways on, and in two lines what this is and is not."""

import base64
from pathlib import Path

import streamlit as st

from atlas.maps.outlines import outlines_of
from atlas.maps.static_map import picture_of, png
from atlas.places.places import ENGLAND
from atlas.places.site_map import DOORS
from views.cached import briefings
from views.kit.doors import go_to
from views.kit.html import prose
from views.kit.place_picker import search_box
from views.session import url
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas

_LOOK = Path(__file__).with_name("start.css")
_WIDTH, _HEIGHT = 280, 330
# Who asks, and the tabs that answer, each with the words of its link.
_WAYS = (
    ("I work for a council", {"map": "Map of need", "ward_list": "Ward list"}),
    ("I help in my community", {"my_area": "My area"}),
    ("I brief a mayor", {"briefing": "Briefing"}),
)


def page() -> None:
    """Draw the first page."""
    st.html(_LOOK)
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        st.title("Where do people near you most need help getting online?")
        search_box("start_search", DOORS[0], "Postcode, town, ward or council")
        with st.container(key="ways"):
            for column, (who, ways) in zip(st.columns(3), _WAYS, strict=True):
                with column:
                    st.html(f"<h2 class='atlas-h3'>{who}:</h2>")
                    for key, words in ways.items():
                        go_to(key, words, url.travelling())
        prose(
            "<p class='atlas-lead'>A map of the risk of digital exclusion in every "
            "ward of England, mostly from official statistics.</p>"
            "<p class='atlas-note'>It describes places. It says nothing about any one person, and "
            "does not count who is online.</p>"
        )
    right.html(
        "<figure class='start-map'><img alt='Map of England’s wards in five shades of risk' "
        f"src='data:image/png;base64,{_picture()}'>"
        "<figcaption>Darker wards: more risk of digital exclusion</figcaption></figure>"
    )


@per_snapshot
def _picture(shared: Atlas) -> str:
    levels = briefings.maker().briefing((ENGLAND,)).levels
    drawn = picture_of(outlines_of(shared.maps), levels, (), _WIDTH, _HEIGHT)
    return base64.b64encode(png(drawn)).decode()
