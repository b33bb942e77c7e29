"""The Atlas's terms, each explained in one sentence."""

import streamlit as st

from atlas.text.glossary import GLOSSARY
from views.kit.html import cell, table
from views.kit.skip_link import TABLE


def page() -> None:
    """Draw every term with its meaning."""
    st.title("Words explained")
    st.html("<p class='atlas-lead'>What the Atlas means by the words that it uses.</p>")
    rows = [[cell(term), cell(meaning)] for term, meaning in GLOSSARY.items()]
    st.html(table("Terms from A to Z", [cell("Term"), cell("Meaning")], rows, TABLE))
