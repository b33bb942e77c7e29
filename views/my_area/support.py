"""Support within reach of one ward, for its profile: sentences, and the visitor's own places."""

import numpy as np
import streamlit as st

from atlas.access.distance import Venue
from atlas.access.sentences import ward_sentences
from atlas.ward.profile import ward_point
from views.cached.support import now
from views.kit.doors import go_to
from views.kit.html import cell, table
from views.kit.travel import travel
from views.session import uploads, url
from views.session.snapshot import atlas

# The visitor's own places are listed up to so far from where the ward's residents live.
_NEAR_METRES = 5_000.0
_LISTED = 5


def support_said(code: str) -> list[str]:
    """Return sentences on the help within reach of a ward; none where it has no data."""
    line = now().side.table.iloc[atlas().places.row(code)]
    return ward_sentences(atlas().places[code].name, line, travel())


def own_places_near(code: str) -> None:
    """Draw the visitor's own places near a ward, and the ways to the pages on support."""
    _own_places(code)
    with st.container(horizontal=True):
        for key, label in (
            ("help_nearby", "Help near here"),
            ("what_if", "Try a new place here"),
            ("where_next", "Where the next places would go"),
        ):
            go_to(key, label, url.link(url.view()))


def _own_places(code: str) -> None:
    own, point = uploads.own_venues(), ward_point(atlas().snapshot.lsoas, code)
    if not own or point is None:
        return
    metres = [np.hypot(v.easting - point[0], v.northing - point[1]) for v in own]
    near = sorted((away, n) for n, away in enumerate(metres) if away <= _NEAR_METRES)[:_LISTED]
    if not near:
        st.html("<p class='atlas-note'>None of your own places is within 5 km of the ward.</p>")
        return
    rows = [
        [
            cell(own[n].name),
            cell(own[n].kind),
            cell(f"{away / 1000:.1f} km", number=True),
            cell(_told(own[n])),
        ]
        for away, n in near
    ]
    headings = [cell("Place"), cell("Kind"), cell("Away", number=True), cell("As you wrote it")]
    caption = (
        "Your own places near the ward, from where its residents live on average, in a straight "
        "line. Only you see them"
    )
    st.html(f"<div class='atlas-tight'>{table(caption, headings, rows)}</div>")


def _told(venue: Venue) -> str:
    said = [text for _, text in venue.hours]
    said += [f"{heading}: {text}" for heading, text in venue.notes]
    return "; ".join(said)
