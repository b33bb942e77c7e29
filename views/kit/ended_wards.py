"""What became of a ward that ended: a notice on every page, and a note on its successors."""

from pathlib import Path

import streamlit as st

from atlas.snapshot.ended_wards import came_from
from views.kit.html import escaped, linked_ward
from views.session import url
from views.session.snapshot import atlas

STYLE = Path(__file__).with_name("ended_wards.css")


def ended_ward_notice() -> None:
    """Say that the ward of the visitor's link ended, and link to the wards that followed it."""
    ended = url.ended_ward()
    if ended is None:
        return
    st.html(STYLE)
    places = atlas().places
    links = [
        f"{linked_ward(places[code].label, code).html} ({share:.0%} of its residents)"
        for code, share in ended.successors
        if code in places
    ]
    shown = places[ended.successors[0][0]].label
    st.html(
        "<div class='atlas-notice' role='status'><p><strong>"
        f"The ward {escaped(ended.name)} ({escaped(ended.code)}) ended in "
        f"{escaped(ended.ended_in)}.</strong> Where its small areas are now: {'; '.join(links)}. "
        f"This page shows {escaped(shown)}.</p></div>"
    )


def predecessors_note(ward_code: str) -> None:
    """Say which ended wards a new ward was made from, so that older lists can be followed."""
    before = came_from(atlas().snapshot.ended, ward_code)
    if not before:
        return
    names = [
        f"{escaped(each.name)} ({escaped(each.code)}, {dict(each.successors)[ward_code]:.0%} of "
        "its residents)"
        for each in before
    ]
    st.html(
        f"<p class='atlas-note'>This ward has residents of wards that ended in "
        f"{escaped(before[0].ended_in)}: {', '.join(names)}. Figures published for those wards "
        "are of other boundaries.</p>"
    )
