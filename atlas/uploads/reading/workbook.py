"""Reading an Excel workbook: checked as a zip and as XML before anything else touches it."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from atlas.uploads.reading.limits import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_MEMBERS,
    MOST_RATIO,
    MOST_ROWS,
    MOST_UNPACKED,
    RATIO_FROM,
)
from atlas.uploads.reading.table import RefusedError, Table, letters, quoted, table_of

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1 << 16
_SAVE_AGAIN = "Open it, save it as an Excel workbook (.xlsx) again and upload that."
_SAVE_AS_CSV = "Save the sheet with your table as CSV and upload that."
# Rows above and headings; what lies beyond is no table of this size.
_LAST_ROW = MOST_ROWS + 50
# A sheet of this name explains the others, in the Atlas's own workbooks too.
_EXPLAINING = ("readme", "read me", "notes", "guidance", "instructions")


@dataclass
class _Found:
    """What the check of one workbook noticed."""

    formulas: int = 0
    unsaved: list[str] = field(default_factory=list)
    cells: int = 0


def read_workbook(data: bytes) -> Table:
    """Read the first visible sheet that holds a table. Formulas give their last saved results.

    Raises :class:`table.RefusedError` for anything that is no plain workbook, unpacks
    to too much, or reaches beyond the limits.
    """
    found = _check(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name, records = _first_sheet(book)
    except (CalamineError, ValueError, OSError) as error:
        if isinstance(error, RefusedError):
            raise
        raise RefusedError(f"The workbook is damaged and cannot be read. {_SAVE_AGAIN}") from None
    return table_of(records, _notes(book, name, found))


def _notes(book: CalamineWorkbook, name: str, found: _Found) -> list[str]:
    notes = []
    others = len(book.sheet_names) - 1
    if others:
        notes.append(f"Only the sheet {quoted(name)} was read, of {others + 1} in the workbook.")
    if found.formulas:
        several = (
            "1 cell holds a formula"
            if found.formulas == 1
            else (f"{found.formulas:,} cells hold formulas")
        )
        notes.append(f"{several}: the results last saved were read, nothing was calculated.")
    if found.unsaved:
        notes.append(
            f"Formulas without a saved result were read as blank: {', '.join(found.unsaved[:5])}. "
            "Open the workbook in your spreadsheet and save it again."
        )
    return notes


def _check(data: bytes) -> _Found:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise RefusedError(f"The workbook is damaged or cut short. {_SAVE_AGAIN}") from None
    names = [member.filename for member in members]
    _check_list(members, names)
    found = _Found()
    for member in members:
        _check_member(archive, member, found)
    return found


def _check_list(members: list[zipfile.ZipInfo], names: list[str]) -> None:
    if len(members) > MOST_MEMBERS:
        raise RefusedError(
            f"The file holds {len(members):,} parts, far more than a workbook has. {_SAVE_AS_CSV}"
        )
    if any(member.flag_bits & 0x1 for member in members):
        raise RefusedError("The file is protected with a password. Save a copy without one.")
    if "mimetype" in names and "content.xml" in names:
        raise RefusedError(
            "The file is an OpenDocument spreadsheet or text. Save it as .xlsx or CSV and upload "
            "that."
        )
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise RefusedError(f"The file is a document or slides, not a table. {_SAVE_AS_CSV}")
    if "xl/workbook.bin" in names:
        raise RefusedError(
            "The file is a binary workbook (.xlsb). Save it as .xlsx and upload that."
        )
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise RefusedError(f"The file is an archive (zip), not an Excel workbook. {_SAVE_AS_CSV}")
    if len(set(names)) < len(names):
        raise RefusedError(f"The workbook holds the same part twice: it is damaged. {_SAVE_AGAIN}")
    unpacked = sum(member.file_size for member in members)
    bomb = any(
        member.file_size > RATIO_FROM
        and member.file_size > MOST_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if unpacked > MOST_UNPACKED or bomb:
        raise RefusedError(
            f"The workbook unpacks to {max(unpacked // 1024**2, 1):,} MB, far more than a table "
            f"of this size needs. {_SAVE_AS_CSV}"
        )


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, found: _Found) -> None:
    try:
        with archive.open(member) as content:
            _walk(content, member.filename.endswith((".xml", ".rels")), found)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        raise RefusedError(f"The workbook is damaged or cut short. {_SAVE_AGAIN}") from None
    except expat.ExpatError:
        raise RefusedError(
            f"Part of the workbook ({quoted(member.filename)}) is damaged. {_SAVE_AGAIN}"
        ) from None


def _walk(content: IO[bytes], named_xml: bool, found: _Found) -> None:
    """Read one part to its end. A sheet may have any name, so whatever looks like XML is walked."""
    chunk = content.read(_CHUNK)
    walk = _Walk(found) if named_xml or chunk.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else None
    while chunk:
        try:
            if walk:
                walk.feed(chunk)
        except expat.ExpatError:
            if named_xml:
                raise
            walk = None
        chunk = content.read(_CHUNK)
    if walk and named_xml:
        walk.feed(b"", last=True)


class _Walk:
    """Walks through one XML part: no entities, and no cell beyond the limits."""

    def __init__(self, found: _Found) -> None:
        self.found = found
        self.row, self.column = 0, -1
        self.formula = self.value = False
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._first
        self.parser.buffer_text = True

    def feed(self, chunk: bytes, last: bool = False) -> None:
        self.parser.Parse(chunk, last)

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        sheet = name.rpartition(":")[2] == "worksheet"
        self.parser.StartElementHandler = self._start if sheet else None
        self.parser.EndElementHandler = self._end if sheet else None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "c":
            self.column += 1
            self.formula = self.value = False
            self._move(attributes.get("r", ""))
        elif local == "row":
            self.row, self.column = self._row(attributes.get("r", "")), -1
        elif local == "f":
            self.formula = True
            self.found.formulas += 1
        elif local in ("v", "is"):
            self.value = True
            self._count()

    def _row(self, text: str) -> int:
        return (
            int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 9 else self.row + 1
        )

    def _move(self, reference: str) -> None:
        if at := _CELL.fullmatch(reference.upper()):
            self.row = int(at[2]) - 1
            self.column = 0
            for letter in at[1]:
                self.column = self.column * 26 + ord(letter) - 64
            self.column -= 1

    def _count(self) -> None:
        self.found.cells += 1
        if self.row >= _LAST_ROW or self.column >= MOST_COLUMNS:
            raise RefusedError(
                f"A sheet of the workbook has a cell at {letters(self.column)}{self.row + 1}; at "
                f"most {MOST_ROWS:,} rows and {MOST_COLUMNS} columns can be read. Delete "
                f"everything outside your table, or {_SAVE_AS_CSV[0].lower()}{_SAVE_AS_CSV[1:]}"
            )
        if self.found.cells > MOST_CELLS:
            raise RefusedError(
                f"The workbook has more than {MOST_CELLS:,} filled cells. {_SAVE_AS_CSV}"
            )

    def _end(self, name: str) -> None:
        if self.formula and not self.value and name.rpartition(":")[2] == "c":
            self.found.unsaved.append(f"{letters(self.column)}{self.row + 1}")


def _refuse_doctype(*_: object) -> None:
    raise RefusedError(
        f"The workbook holds XML declarations that no spreadsheet writes. {_SAVE_AS_CSV}"
    )


def _first_sheet(book: CalamineWorkbook) -> tuple[str, Iterator[list[str]]]:
    seen = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    seen.sort(key=lambda name: name.strip().casefold() in _EXPLAINING)
    for name in seen:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            rows = sheet.to_python(skip_empty_area=False)
            return name, ([_text(value) for value in row] for row in rows)
    raise RefusedError("The workbook has no sheet with anything in it. Fill in the template.")


def _text(value: object) -> str:
    """Return a cell's value as text: whole numbers without a point, dates as 2026-05-01."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        plain_day = value.time() == time()
        return value.date().isoformat() if plain_day else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value) if not isinstance(value, float) else repr(value)
