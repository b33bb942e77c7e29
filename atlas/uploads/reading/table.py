"""A table as a visitor brought it: text cells, with the row numbers that their program shows."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from atlas.text.safe_text import plain
from atlas.uploads.reading.limits import LONGEST_CELL, LONGEST_HEADING, MOST_COLUMNS, MOST_ROWS


class RefusedError(ValueError):
    """A file cannot be used. The text is for the visitor: what is wrong, and what to do."""


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


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and a text for each heading."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of text. ``notes`` say how it was read; ``problems`` name rows left out."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    def column(self, heading: str) -> list[str]:
        """Return the cells under a heading. Raises ``ValueError`` where there is none."""
        at = self.headings.index(heading)
        return [row.cells[at] for row in self.rows]


@dataclass
class _Noticed:
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    hidden: int = 0


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


def table_of(records: Iterable[Sequence[str]], notes: Sequence[str] = ()) -> Table:
    """Make a table of records: the first that is not blank has the headings.

    ``records`` start at row 1 and include blank ones. Hidden characters are taken out and blank
    rows left out. Raises :class:`RefusedError` for no headings, headings given twice, too many rows
    or columns, or a cell that is too long.
    """
    noticed = _Noticed(list(notes))
    numbered = enumerate(records, start=1)
    headings, places, width = _headings(numbered, noticed)
    rows = tuple(_rows(numbered, headings, places, width, noticed))
    if not rows:
        raise RefusedError(
            "The file has headings but no rows beneath them. Add your rows and upload it again."
        )
    if noticed.hidden:
        count = noticed.hidden
        noticed.notes.append(
            f"Hidden characters were taken out of {count:,} {'cell' if count == 1 else 'cells'} "
            "(control signs, zero-width or direction marks)."
        )
    return Table(headings, rows, tuple(noticed.notes), tuple(noticed.problems))


def _headings(
    numbered: Iterator[tuple[int, Sequence[str]]], noticed: _Noticed
) -> tuple[tuple[str, ...], list[int], int]:
    for _, record in numbered:
        if not any(cell.strip() for cell in record):
            continue
        _refuse_width(record)
        texts = [_clean(cell, noticed) for cell in record]
        for place, text in enumerate(texts):
            if len(text) > LONGEST_HEADING:
                raise RefusedError(
                    f"The heading of column {letters(place)} is longer than {LONGEST_HEADING} "
                    "characters. Shorten it and upload the file again: the first row must hold "
                    "headings, not a title."
                )
        places = [place for place, text in enumerate(texts) if text]
        _refuse_twins([(texts[place], place) for place in places])
        return tuple(texts[place] for place in places), places, len(record)
    raise RefusedError("The file is empty. Fill in the template and upload it again.")


def _refuse_width(record: Sequence[str]) -> None:
    last = max(place for place, cell in enumerate(record) if cell.strip())
    if last >= MOST_COLUMNS:
        raise RefusedError(
            f"The table reaches to column {letters(last)}; at most {MOST_COLUMNS} columns can be "
            "read. Delete the columns that are not needed and upload it again."
        )


def _refuse_twins(headings: list[tuple[str, int]]) -> None:
    seen: dict[str, int] = {}
    for text, place in headings:
        key = text.casefold()
        if key in seen:
            raise RefusedError(
                f"Two columns have the heading {quoted(text)} ({letters(seen[key])} and "
                f"{letters(place)}). Rename or delete one of them, so that it is clear which "
                "one to read."
            )
        seen[key] = place


def _rows(
    numbered: Iterator[tuple[int, Sequence[str]]],
    headings: tuple[str, ...],
    places: list[int],
    width: int,
    noticed: _Noticed,
) -> Iterator[Row]:
    known = set(places)
    unread: set[int] = set()
    count = 0
    for number, record in numbered:
        filled = [place for place, cell in enumerate(record) if cell.strip()]
        if not filled:
            continue
        count += 1
        if count > MOST_ROWS:
            raise RefusedError(
                f"The table has more than {MOST_ROWS:,} rows. Keep the rows of your own area, or "
                "split the file, and upload it again."
            )
        if filled[-1] >= width:
            noticed.problems.append(_too_long(number, record, width))
            continue
        unread |= {place for place in filled if place not in known}
        for place in filled:
            if len(record[place]) > LONGEST_CELL:
                raise RefusedError(
                    f"Row {number:,}, column {letters(place)} holds {len(record[place]):,} "
                    f"characters; at most {LONGEST_CELL} can be read. Shorten it and upload the "
                    "file again."
                )
        cells = tuple(
            _clean(record[place], noticed) if place < len(record) else "" for place in places
        )
        yield Row(number, cells)
    for place in sorted(unread):
        noticed.notes.append(f"Column {letters(place)} has no heading and was not read.")


def _too_long(number: int, record: Sequence[str], width: int) -> Problem:
    pairs = zip(record, record[1:], strict=False)
    if any(re.search(r"^-?\d{1,3}$", a) and re.fullmatch(r"\d{3}", b) for a, b in pairs):
        do = "Write a number such as 1,003 without its comma, or put it in quotation marks."
    else:
        do = "Put a text that holds the separator in quotation marks."
    return Problem(
        number, "", f"This row has {len(record):,} cells, but there are {width} headings.", do
    )


def _clean(cell: str, noticed: _Noticed) -> str:
    if cell.isprintable():
        return " ".join(unicodedata.normalize("NFC", cell).split())
    # Spaces and line ends are tidied in silence; anything else that goes was hidden.
    if any(not sign.isprintable() and not sign.isspace() for sign in cell):
        noticed.hidden += 1
    return plain(cell, LONGEST_CELL)
