"""A table as a visitor brought it: text cells, with the row numbers that their program shows."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from atlas.text.safe_text import plain

REFUSALS = tomllib.loads(Path(__file__).with_name("refusals.toml").read_text(encoding="utf-8"))


class RefusedError(ValueError):
    """A file cannot be used. The text is for the visitor: what is wrong, and what to do."""


def refused(why: str, **told: object) -> str:
    """Return the text of a refusal in ``refusals.toml``, with what it names."""
    text: str = REFUSALS["refusals"][why]
    return text.format(**REFUSALS["advice"], **told)


def refusal(why: str, **told: object) -> RefusedError:
    """Return a refusal as the error to raise."""
    return RefusedError(refused(why, **told))


def fault(why: str, **told: object) -> tuple[str, str]:
    """Return what is wrong with a row or a cell, and what to do about it, in ``refusals.toml``."""
    what, do = REFUSALS["faults"][why]
    return what.format(**told), do.format(**told)


def note(what: str, **told: object) -> str:
    """Return a note of ``refusals.toml`` on how a file was read, with what it names."""
    text: str = REFUSALS["notes"][what]
    return text.format(**told)


@dataclass(frozen=True)
class Problem:
    """Something about one row: where, what, and what to do about it.

    ``row`` is the row number as a spreadsheet shows it, ``column`` a heading or "". ``kept``
    tells whether the row is used all the same.
    """

    row: int
    column: str
    what: str
    do: str
    kept: bool = False


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, and a text for each heading."""

    number: int
    cells: tuple[str, ...]


Records = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet or of a text file, as they stand, from its first row on.

    ``name`` is "" for a text file and ``sheets`` names all sheets that can be chosen. ``hidden``
    are the numbers of rows that a spreadsheet does not show. ``merged`` are cells that reach down
    over others: first row, last row and column, counted from 0. ``semicolons`` tells whether the
    cells of a text file are separated by them.
    """

    records: Records
    name: str = ""
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hidden: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int], ...] = ()
    semicolons: bool = False


@dataclass(frozen=True)
class Table:
    """A table of text. ``notes`` say how it was read; ``problems`` name rows left out.

    ``heading_row`` is the number of the row of headings, 0 where the file has none, and ``titles``
    are the texts above it.
    """

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    heading_row: int = 1
    titles: tuple[str, ...] = ()

    def column(self, heading: str) -> list[str]:
        """Return the cells under a heading. Raises ``ValueError`` where there is none."""
        at = self.headings.index(heading)
        return [row.cells[at] for row in self.rows]


def letters(column: int) -> str:
    """Return a spreadsheet's name of a column: 0 -> 'A', 26 -> 'AA'."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def quoted(text: str, longest: int = 40) -> str:
    """Return outside text in quotation marks, visible signs only, cut short."""
    return f"“{plain(text, longest)}”"


def named(texts: Sequence[str], most: int = 12) -> str:
    """Return outside texts in quotation marks, and how many more there are."""
    return some([quoted(text, 30) for text in texts], most)


def numbered(rows: Sequence[int], most: int = 6) -> str:
    """Return “Row 7” or “Rows 7, 9”, and how many more there are."""
    return f"Row{'s' * (len(rows) > 1)} {some([f'{row:,}' for row in rows], most)}"


def some(texts: Sequence[str], most: int) -> str:
    """Return the first texts, and how many more there are."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
