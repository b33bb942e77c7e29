"""The link past controls and map, for those who come by keyboard to read the table."""

import streamlit as st

# The id of the table that a page is about; one table of a page at most has it.
TABLE = "main-table"


def skip_link(rows: str) -> None:
    """Offer a way straight to the table of ``rows``, if there is one; seen once it has focus."""
    if not rows:
        return
    with st.container(key="to_table"):
        words = f"Go to the table of {rows}"
        st.html(f"<a class='atlas-skip' href='#{TABLE}' target='_self'>{words}</a>")
