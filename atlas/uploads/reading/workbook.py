"""Reading a spreadsheet: .xlsx, .xls or .ods, the sheet that holds a table first."""

import io
from datetime import date, datetime, time
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from atlas.text.lists import counted
from atlas.uploads.reading.cell_shapes import WORDS, simple
from atlas.uploads.reading.content import FileKind
from atlas.uploads.reading.heading_row import is_data, table_of
from atlas.uploads.reading.limits import MOST_CELLS, MOST_COLUMNS, MOST_ROWS
from atlas.uploads.reading.roles import Kind, can_be_used
from atlas.uploads.reading.table import RefusedError, Sheet, letters, named, note, quoted, refusal
from atlas.uploads.reading.workbook_check import SheetFacts, checked_workbook

# Longer texts are cut: no column that is used may hold one.
_LONGEST = 4_000


def read_workbook(data: bytes, written: FileKind, kind: Kind, sheet: str = "") -> Sheet:
    """Read the named sheet, or the first visible one whose table can be used as ``kind``.

    Formulas give their last saved results; cells that are shown as percentages are written as
    such. Raises :class:`RefusedError` for anything that is no plain workbook, or where it has no
    such sheet.
    """
    facts = {} if written == "xls" else checked_workbook(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name, records = _chosen(book, sheet, kind)
    except RefusedError:
        raise
    except (CalamineError, ValueError, OSError):
        raise refusal("damaged") from None
    known = facts.get(name, SheetFacts())
    _write_percentages(records, known)
    return Sheet(
        records,
        name,
        tuple(_visible(book)),
        tuple(_notes(book, name, known)),
        frozenset(row + 1 for row in known.hidden),
        _merged(book, name),
    )


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _chosen(book: CalamineWorkbook, wanted: str, kind: Kind) -> tuple[str, list[list[str]]]:
    seen = _visible(book)
    if wanted and wanted not in seen:
        raise refusal("no_sheet", sheet=quoted(wanted), sheets=named(seen))
    best, most = "", tuple[bool, ...]()
    for name in [wanted] if wanted else seen:
        rank = _as_table(name, _cells(book, name, 60), kind)
        if rank[0] and rank > most:
            best, most = name, rank
        if all(rank):
            break
    if not best:
        raise refusal("no_table")
    return best, _cells(book, best, MOST_ROWS + 200)


def _as_table(name: str, head: list[list[str]], kind: Kind) -> tuple[bool, ...]:
    """Rank a sheet: filled, of use, with a table, explaining nothing, with areas or postcodes."""
    told = simple(name)
    explains = told in WORDS["sheets"]["explaining"]
    explains |= told.startswith(("about ", "notes ", "read me", "cover "))
    try:
        table = table_of(Sheet(head))
    except RefusedError:
        return any(map(any, head)), False, False, not explains, False
    holds = len(table.headings) > 1 and table.heading_row > 0
    data = any(is_data(cell) for row in table.rows for cell in row.cells)
    return True, not explains and can_be_used(table, kind), holds, not explains, data


def _cells(book: CalamineWorkbook, name: str, most: int) -> list[list[str]]:
    sheet = book.get_sheet_by_name(name)
    if sheet.height == 0 or sheet.start is None:
        return []
    if sheet.width > 2 * MOST_COLUMNS or sheet.height * sheet.width > 4 * MOST_CELLS:
        raise refusal("spread", sheet=quoted(name), rows=sheet.height, columns=sheet.width)
    # The reader gives every row from the first on, but no column before the first that is filled.
    left = [""] * sheet.start[1]
    return [[*left, *map(_text, row)] for row in islice(sheet.iter_rows(), most)]


def _merged(book: CalamineWorkbook, name: str) -> tuple[tuple[int, int, int], ...]:
    """Return the cells of one column that are merged over several rows."""
    ranges = book.get_sheet_by_name(name).merged_cell_ranges or ()
    return tuple((top, low, left) for (top, left), (low, right) in ranges if top < low)


def _write_percentages(records: list[list[str]], facts: SheetFacts) -> None:
    for row, column in facts.percent:
        if row < len(records) and column < len(records[row]):
            try:
                number = float(records[row][column])
            except ValueError:
                continue
            records[row][column] = f"{_plain(round(number * 100, 10))}%"


def _text(value: object) -> str:
    """Return a cell's value as text: whole numbers without a point, dates as 2026-05-01."""
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _plain(value)
    if isinstance(value, datetime):
        plain_day = value.time() == time()
        return value.date().isoformat() if plain_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _notes(book: CalamineWorkbook, name: str, facts: SheetFacts) -> list[str]:
    notes = []
    if (sheets := len(book.sheet_names)) > 1:
        notes.append(note("one_sheet", sheet=quoted(name), sheets=sheets))
    if hidden := [each for each in book.sheet_names if each not in _visible(book)]:
        notes.append(note("hidden_sheets", sheets=named(hidden, 5)))
    if facts.unseen:
        columns = ", ".join(map(letters, sorted(facts.unseen)[:8]))
        notes.append(note("hidden_columns", columns=columns))
    if facts.formulas:
        several = counted(facts.formulas, "cell holds a formula", "cells hold formulas")
        notes.append(note("formulas", cells=several))
    if facts.unsaved:
        notes.append(note("unsaved", cells=", ".join(facts.unsaved[:5])))
    return notes
