"""Outside text made safe to stand in HTML and in Streamlit's Markdown, and tables built of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from atlas.places.site_map import link

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


def cell(text: str, number: bool = False, css: str = "") -> Cell:
    """Return a cell of outside text."""
    return Cell(escaped(text), number, css)


def linked(text: str, href: str) -> Cell:
    """Return a cell whose text is a link within the Atlas."""
    return Cell(f"<a href='{escaped(href)}' target='_self'>{escaped(text)}</a>")


def linked_ward(name: str, code: str) -> Cell:
    """Return a cell with a ward's name, which leads to the ward's own page."""
    return linked(name, link("my_area", {"ward": code}))


def explained(words: str) -> str:
    """Return words that the glossary explains as a link to it; ``words`` are our own."""
    return f"<a href='{link('glossary')}' target='_self'>{escaped(words)}</a>"


def table(
    caption: str, headings: Sequence[Cell], rows: Sequence[Sequence[Cell]], anchor: str = ""
) -> str:
    """Return an accessible HTML table: a caption, column headings, the first cell of each row
    as its heading, numbers aligned right. ``anchor`` is the id that a link may lead to.
    """
    name = f" id='{escaped(anchor)}'" if anchor else ""
    head = "".join(f"<th scope='col'{_class(h)}>{h.html}</th>" for h in headings)
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    return (
        f"<div{name} class='atlas-scroll' tabindex='0' role='region' "
        f"aria-label='{escaped(_text(caption))}'>"
        f"<table class='atlas-table'><caption>{caption}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[Cell]) -> str:
    first, *rest = row
    cells = "".join(f"<td{_class(cell)}>{cell.html}</td>" for cell in rest)
    return f"<th scope='row'{_class(first)}>{first.html}</th>{cells}"


def _class(cell: Cell) -> str:
    names = " ".join(name for name in ("atlas-number" if cell.number else "", cell.css) if name)
    return f" class='{names}'" if names else ""


def _text(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup)
