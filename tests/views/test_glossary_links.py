"""Each term of the glossary is a link where a page uses it first, and only there."""

import re

import pytest
import streamlit as st

from atlas.text.glossary import GLOSSARY, terms_in
from views.kit.html import EXPLAINED, prose


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    blocks: list[str] = []
    monkeypatch.setattr(st, "html", blocks.append)
    monkeypatch.setattr(st, "session_state", {EXPLAINED: set()})
    return blocks


def linked(html: str) -> list[str]:
    return re.findall(r"<a class='atlas-term'[^>]*>(.*?)</a>", html)


def test_a_term_is_linked_where_a_page_uses_it_first(drawn: list[str]) -> None:
    prose("<h2>Pockets</h2><p>Two pockets and a pocket, in <b>small areas</b>.</p><td>ward</td>")
    prose(
        "<ul><li>A pocket far from help: no help <a href='x'>In the ward</a> &amp; so on.</li></ul>"
    )
    assert linked(drawn[0]) == ["pockets", "small areas"] and linked(drawn[1]) == ["help"]
    assert "<h2>Pockets</h2>" in drawn[0] and "<td>ward</td>" in drawn[0]
    plain = re.sub(r"<a class='atlas-term'[^>]*>(.*?)</a>", r"\1", drawn[1])
    assert plain.endswith("<a href='x'>In the ward</a> &amp; so on.</li></ul>")


def test_a_term_is_linked_after_a_list_within_an_item(drawn: list[str]) -> None:
    prose("<ul><li>So:<br><ul><li>one</li></ul> a pocket</li></ul> a small area")
    assert linked(drawn[0]) == ["pocket"]


@pytest.mark.parametrize(
    "words",
    [
        "These figures are based on 3 of them.",
        "High compared with England.",
        "There is nothing to measure from.",
        "Open the Ward list.",
    ],
)
def test_ordinary_words_are_no_terms(words: str) -> None:
    assert list(terms_in(words)) == []


def test_every_term_can_be_found_in_a_sentence() -> None:
    said = {
        "At risk of digital exclusion": "at risk of digital exclusion",
        "Based on": "“based on”",
        "Compared with": "what it is compared with.",
        "Sure, fairly sure, could change": "could change",
        "Help": "far from help",
    }
    for term in GLOSSARY:
        words = f"So {said.get(term, term.lower())} it is."
        assert [found for _, _, found in terms_in(words)] == [term]
