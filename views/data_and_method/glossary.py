"""The Atlas's terms, each explained in one sentence."""

import streamlit as st

from atlas.text.glossary import GLOSSARY
from views.kit.html import TABLE, prose, table


def page() -> None:
    """Draw every term with its meaning."""
    st.title("Words explained")
    prose("<p class='atlas-lead'>What the Atlas means by the words that it uses.</p>")
    rows = [[term, meaning] for term, meaning in GLOSSARY.items()]
    st.html(table("Terms from A to Z", ["Term", "Meaning"], rows, TABLE))
