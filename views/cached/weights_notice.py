"""Where a page counts risk by the standard weights while the reader's list uses others."""

import streamlit as st

from atlas.risk.request import STANDARD, RiskRequest
from views.cached import risk

# The addresses of pages that speak of risk by the standard weights alone.
STANDARD_PAGES = frozenset(
    {
        *("ward_sheets", "first_100_days", "compare", "ward_profile"),
        *("libraries", "what_if", "where_next", "postcodes", "method"),
    }
)


def weights_notice(path: str) -> None:
    """Say that a page uses the standard weights where the list does not, and offer to switch."""
    if path not in STANDARD_PAGES or not risk.other_weights_remembered():
        return
    with st.container(key="weights_notice", horizontal=True, vertical_alignment="center"):
        st.html(
            "<p class='atlas-note' role='status'>Standard weights: your list and map use others."
            "</p>"
        )
        st.button(
            "Use the standard weights everywhere",
            key="standard_weights",
            type="tertiary",
            on_click=risk.choose_weights,
            args=(RiskRequest(preset=STANDARD),),
        )
        st.page_link(
            "pages/decide/risk_list.py",
            label="See your list",
            icon=":material/arrow_forward:",
            icon_position="right",
        )
