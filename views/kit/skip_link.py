"""The link past controls and map, for those who come by keyboard to read the table."""

import streamlit as st

# The id of the table that a page is about; one table of a page at most has it.
TABLE = "main-table"
_PAGES = {
    "": "wards",
    "compare": "measures",
    "risk_list": "wards",
    "targeting_list": "wards",
    "libraries": "wards",
    "what_if": "wards",
    "where_next": "new places",
    "briefing": "areas compared",
}


def skip_link(page: str) -> None:
    """Offer a way straight to the table on the pages that have one; seen once it has focus."""
    if page not in _PAGES:
        return
    with st.container(key="to_table"):
        words = f"Go to the table of {_PAGES[page]}"
        st.html(f"<a class='atlas-skip' href='#{TABLE}' target='_self'>{words}</a>")
