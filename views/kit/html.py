"""Outside text made safe to stand in HTML and in Streamlit's Markdown, prose, and tables."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from atlas.places.site_map import link
from atlas.text.glossary import GLOSSARY, terms_in
from atlas.text.safe_text import picture_address

# The id of the table that a page is about; one table of a page at most has it.
TABLE = "main-table"
# Where a visit keeps which terms of the glossary the page has linked.
EXPLAINED = "terms_explained"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$^=&])")


def escaped(text: str) -> str:
    """Return text as HTML shows it, quotes included."""
    return escape(text, quote=True)


def plain_markdown(text: str) -> str:
    """Return text that Markdown shows exactly as it is: no emphasis, links, images or emoji."""
    return _MARKDOWN.sub(r"\\\1", re.sub(r"\s+", " ", text))


@dataclass(frozen=True)
class Cell:
    """One table cell. ``html`` is trusted markup; use :func:`cell` for outside text."""

    html: str
    number: bool = False
    css: str = ""


# A row of a table: what is no :class:`Cell` is outside text.
Row = Sequence[object]


def cell(text: str, number: bool = False, css: str = "") -> Cell:
    """Return a cell of outside text."""
    return Cell(escaped(text), number, css)


def described(name: str, text: str) -> Cell:
    """Return a cell with a name and, on lines of its own, what it means."""
    return Cell(f"<b>{escaped(name)}</b><br>{escaped(text)}")


def linked(text: str, href: str) -> Cell:
    """Return a cell whose text is a link within the Atlas."""
    return Cell(f"<a href='{escaped(href)}' target='_self'>{escaped(text)}</a>")


def outward(text: str, href: str) -> str:
    """Return markup of a link that leaves the Atlas, in a tab of its own."""
    return (
        f"<a href='{escaped(href)}' target='_blank' rel='noopener noreferrer'>{escaped(text)}</a>"
    )


def linked_ward(name: str, code: str) -> Cell:
    """Return a cell with a ward's name, which leads to the ward's own page."""
    return linked(name, link("my_area", {"ward": code}))


def items(texts: Iterable[str]) -> str:
    """Return outside texts as items of a list; empty ones are left out."""
    return "".join(f"<li>{escaped(text)}</li>" for text in texts if text)


def drawn(svg: str, words: str, css: str) -> str:
    """Return an SVG as a picture: Streamlit takes inline SVG out of HTML, but not out of one."""
    return f"<img class='{css}' alt='{escaped(words)}' src='{picture_address(svg)}'>"


def prose(html: str) -> None:
    """Show running text: each term of the glossary is a link where a page uses it first."""
    st.html(_explained(html, st.session_state.setdefault(EXPLAINED, set())))


def _explained(html: str, before: set[str]) -> str:
    """Return HTML whose paragraphs and items link the terms that are not among those ``before``."""
    parts = re.split(r"(<[^>]+>)", html)
    open_tags: list[str] = []
    for at, part in enumerate(parts):
        if tag := re.match(r"<(/?)(\w+)", part):
            if tag[1] and tag[2] in open_tags:
                while open_tags.pop() != tag[2]:
                    pass
            elif not tag[1]:
                open_tags.append(tag[2])
        elif {"p", "li"} & set(open_tags) and not {"a", "style", "summary"} & set(open_tags):
            parts[at] = _with_links(part, before)
    return "".join(parts)


def _with_links(text: str, before: set[str]) -> str:
    made, at = "", 0
    for start, end, term in terms_in(text):
        if term not in before:
            before.add(term)
            made += (
                f"{text[at:start]}<a class='atlas-term' href='{link('glossary')}' target='_self' "
                f"title='{escaped(GLOSSARY[term])}'>{text[start:end]}</a>"
            )
            at = end
    return made + text[at:]


def numbers(*headings: str) -> list[Cell]:
    """Return the headings of columns of numbers."""
    return [cell(text, number=True) for text in headings]


def table(caption: str, headings: Row, rows: Sequence[Row], anchor: str = "", css: str = "") -> str:
    """Return an accessible HTML table: a caption, column headings, the first cell of each row
    as its heading, numbers aligned right. ``anchor`` is the id that a link may lead to, ``css``
    the class of a block around it.

    What is no :class:`Cell` is aligned as its heading is.
    """
    name = f" id='{escaped(anchor)}'" if anchor else ""
    heads = [_cell(each) for each in headings]
    head = "".join(f"<th scope='col'{_class(each)}>{each.html}</th>" for each in heads)
    body = "".join(
        f"<tr>{_row([_cell(e, h.number) for e, h in zip(row, heads, strict=True)])}</tr>"
        for row in rows
    )
    made = (
        f"<div{name} class='atlas-scroll' tabindex='0' role='group' "
        "aria-label='Table that scrolls sideways'>"
        f"<table class='atlas-table'><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
    return f"<div class='{css}'>{made}</div>" if css else made


def _cell(shown: object, number: bool = False) -> Cell:
    return shown if isinstance(shown, Cell) else cell(str(shown), number)


def _row(row: Sequence[Cell]) -> str:
    first, *rest = row
    cells = "".join(f"<td{_class(cell)}>{cell.html}</td>" for cell in rest)
    return f"<th scope='row'{_class(first)}>{first.html}</th>{cells}"


def _class(cell: Cell) -> str:
    names = " ".join(name for name in ("atlas-number" if cell.number else "", cell.css) if name)
    return f" class='{names}'" if names else ""
