"""Your own data: places to get help and figures by area, brought for this visit alone."""

import streamlit as st

from views.kit.html import prose
from views.your_data.figures import figures
from views.your_data.held import held, what_happens
from views.your_data.places import places


def page() -> None:
    """Draw what this visit holds, and the ways to bring more."""
    st.title("Your own data")
    prose(
        "<p class='atlas-lead'>Bring the places that you know give help, or figures of your own "
        "by area or postcode. They stand beside the published figures, for you alone and for this "
        "visit only. A file goes to this Atlas’s own server and to nobody else.</p>"
    )
    held()
    what_happens()
    places()
    figures()
