"""The words of Data and method: its longer texts (``words.toml``), and the page of terms."""

import tomllib
from pathlib import Path
from typing import Any

import streamlit as st

from atlas.text.glossary import GLOSSARY
from views.kit.html import TABLE, escaped, prose, table

WORDS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)


def passage(page: str, name: str, css: str = "atlas-list", **given: object) -> str:
    """Return a passage of a page as HTML paragraphs, with what is ``given`` in its braces."""
    texts = WORDS[page][name]
    return "".join(f"<p class='{css}'>{escaped(each.format(**given))}</p>" for each in texts)


def page() -> None:
    """Draw every term with its meaning."""
    st.title("Words explained")
    prose("<p class='atlas-lead'>What the Atlas means by the words that it uses.</p>")
    rows = [[term, meaning] for term, meaning in GLOSSARY.items()]
    st.html(table("Terms from A to Z", ["Term", "Meaning"], rows, TABLE))
