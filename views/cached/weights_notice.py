"""Where a page counts risk by the standard weights while the reader's list uses others."""

import streamlit as st

from atlas.places.site_map import Tab
from atlas.risk.request import STANDARD, RiskRequest
from views.cached import risk
from views.kit.doors import go_to
from views.kit.html import prose
from views.session import url
from views.session.browser_store import HEADING, focus_on


def weights_notice(shown: Tab) -> None:
    """Say that a tab uses the standard weights where the list does not, and offer to switch."""
    if not shown.standard or not risk.other_weights():
        return
    with st.container(key="weights_notice", horizontal=True, vertical_alignment="center"):
        prose(
            "<p class='atlas-note' role='status'>Standard weights: your list and map use others."
            "</p>"
        )
        st.button(
            "Use the standard weights everywhere",
            key="standard_weights",
            type="tertiary",
            on_click=_use_standard,
        )
        go_to("ward_list", "See your list", url.travelling())


def _use_standard() -> None:
    risk.choose_weights(RiskRequest(preset=STANDARD))
    focus_on(HEADING)
