"""Checking a workbook as a zip and as XML before anything else touches it, and what it hides."""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, islice, product
from typing import IO
from xml.etree.ElementTree import Element  # noqa: S405 - a type alone
from xml.parsers import expat

from defusedxml import ElementTree

from atlas.uploads.reading import limits
from atlas.uploads.reading.table import letters, quoted, refusal

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CHUNK = 1 << 16
# Rows above the headings; what lies beyond is no table of this size.
_LAST_ROW = limits.MOST_ROWS + 100
# Excel's own formats of percentages; others have a percent sign in their pattern.
_PERCENT_FORMATS = {"9", "10"}


@dataclass
class SheetFacts:
    """What the XML of one sheet says beyond its values, in positions counted from 0.

    ``percent`` are (row, column) of cells that are shown as percentages, ``hidden`` rows and
    ``unseen`` columns that are not shown.
    """

    percent: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    unseen: set[int] = field(default_factory=set)
    formulas: int = 0
    unsaved: list[str] = field(default_factory=list)
    sheets: dict[str, "SheetFacts"] = field(default_factory=dict)


def checked_workbook(data: bytes) -> dict[str, SheetFacts]:
    """Check an .xlsx or .ods; return facts by the name of its part ("" where it has no sheets).

    Raises ``RefusedError`` for anything that is no plain workbook, unpacks to too much, or reaches
    beyond the limits.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError):
        raise refusal("cut_short") from None
    names = [member.filename for member in members]
    _check_list(members, names)
    cells = count(1)
    facts = {}
    styles = _percent_styles(archive) if "xl/styles.xml" in names else frozenset()
    for member in members:
        facts[member.filename] = _check_member(archive, member, styles, cells)
    if "xl/workbook.xml" not in names:
        return facts["content.xml"].sheets
    return {name: facts.get(part, SheetFacts()) for name, part in _parts(archive, names).items()}


def _check_list(members: list[zipfile.ZipInfo], names: list[str]) -> None:
    if len(members) > limits.MOST_MEMBERS:
        raise refusal("parts", count=len(members))
    if any(member.flag_bits & 0x1 for member in members):
        raise refusal("password")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise refusal("document")
    if "xl/workbook.bin" in names:
        raise refusal("binary")
    excel = "xl/workbook.xml" in names and "[Content_Types].xml" in names
    if not excel and not ("mimetype" in names and "content.xml" in names):
        raise refusal("archive")
    if len(set(names)) < len(names):
        raise refusal("twice")
    unpacked = sum(member.file_size for member in members)
    bomb = any(
        member.file_size > limits.RATIO_FROM
        and member.file_size > limits.MOST_RATIO * max(member.compress_size, 1)
        for member in members
    )
    if unpacked > limits.MOST_UNPACKED or bomb:
        raise refusal("bomb", size=max(unpacked // 1024**2, 1))


def _check_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, styles: frozenset[str], cells: "count[int]"
) -> SheetFacts:
    facts = SheetFacts()
    try:
        with archive.open(member) as content:
            named = member.filename.endswith((".xml", ".rels"))
            _walk(content, named, lambda: _Walk(facts, styles, cells))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError):
        raise refusal("cut_short") from None
    except expat.ExpatError:
        raise refusal("damaged_part", part=quoted(member.filename)) from None
    return facts


def _walk(content: IO[bytes], named_xml: bool, made: Callable[[], "_Walk"]) -> None:
    """Read one part to its end. A sheet may have any name, so whatever looks like XML is walked."""
    chunk = content.read(_CHUNK)
    walk = made() if named_xml or chunk.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else None
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

    def __init__(self, facts: SheetFacts, styles: frozenset[str], cells: "count[int]") -> None:
        self.facts, self.styles, self.cells = facts, styles, cells
        self.row, self.column = 0, -1
        self.value = self.percent = False
        self.sheet, self.below = facts, 0
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = self._first
        self.parser.buffer_text = True

    def feed(self, chunk: bytes, last: bool = False) -> None:
        self.parser.Parse(chunk, last)

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        root = name.rpartition(":")[2]
        kinds = {"worksheet": self._start, "document-content": self._start_open}
        self.parser.StartElementHandler = kinds.get(root)

    def _start_open(self, name: str, attributes: dict[str, str]) -> None:
        """Find hidden rows and percentages of an OpenDocument, all of whose sheets are one part."""
        if name == "table:table":
            self.below = 0
            named = attributes.get("table:name", "")
            self.sheet = self.facts.sheets.setdefault(named, SheetFacts())
        elif name == "table:table-row":
            repeated = _number(attributes.get("table:number-rows-repeated", ""), 1)
            self.row, self.below = self.below, min(self.below + repeated, _LAST_ROW)
            self.column = 0
            if attributes.get("table:visibility", "visible") != "visible":
                self.sheet.hidden.update(range(self.row, self.below))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            first = self.column
            repeated = _number(attributes.get("table:number-columns-repeated", ""), 1)
            self.column = min(first + repeated, limits.MOST_COLUMNS)
            if attributes.get("office:value-type") == "percentage":
                shown = product(range(self.row, self.below), range(first, self.column))
                self.sheet.percent.update(
                    islice(shown, limits.MOST_CELLS - len(self.sheet.percent))
                )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "c":
            self.column += 1
            self.value = False
            self._move(attributes.get("r", ""))
            self.percent = attributes.get("s", "") in self.styles
        elif local == "row":
            self.row, self.column = _number(attributes.get("r", ""), self.row + 2) - 1, -1
            if attributes.get("hidden", "0") in ("1", "true"):
                self.facts.hidden.add(self.row)
        elif local == "col" and attributes.get("hidden", "0") in ("1", "true"):
            first, last = (_number(attributes.get(key, ""), 1) for key in ("min", "max"))
            self.facts.unseen.update(range(first - 1, min(last, limits.MOST_COLUMNS)))
        elif local == "f":
            self.facts.formulas += 1
            # Only a formula's cell needs its end looked at: had it a saved result?
            self.parser.EndElementHandler = self._end
        elif local in ("v", "is"):
            self.value = True
            self._count()

    def _move(self, reference: str) -> None:
        if at := _CELL.fullmatch(reference.upper()):
            self.row = int(at[2]) - 1
            self.column = 0
            for letter in at[1]:
                self.column = self.column * 26 + ord(letter) - 64
            self.column -= 1

    def _count(self) -> None:
        if self.row >= _LAST_ROW or self.column >= limits.MOST_COLUMNS:
            cell = f"{letters(self.column)}{self.row + 1}"
            raise refusal("far_cell", cell=cell, rows=limits.MOST_ROWS, columns=limits.MOST_COLUMNS)
        if next(self.cells) > limits.MOST_CELLS:
            raise refusal("cells", most=limits.MOST_CELLS)
        if self.percent:
            self.facts.percent.add((self.row, self.column))

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "c":
            self.parser.EndElementHandler = None
            if not self.value:
                self.facts.unsaved.append(f"{letters(self.column)}{self.row + 1}")


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _refuse_doctype(*_: object) -> None:
    raise refusal("doctype")


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """Return the numbers of the cell styles that show a number as a percentage."""
    root = _xml(archive, "xl/styles.xml")
    shown = set(_PERCENT_FORMATS)
    for each in root.iterfind(".//{*}numFmts/{*}numFmt"):
        if "%" in re.sub(r'"[^"]*"|\\.', "", each.get("formatCode", "")):
            shown.add(each.get("numFmtId", ""))
    styles = root.findall("./{*}cellXfs/{*}xf")
    return frozenset(str(n) for n, style in enumerate(styles) if style.get("numFmtId") in shown)


def _parts(archive: zipfile.ZipFile, names: list[str]) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return {}
    targets = {each.get("Id"): each.get("Target", "") for each in _xml(archive, relations)}
    found = {}
    for each in _xml(archive, "xl/workbook.xml").iterfind(".//{*}sheets/{*}sheet"):
        key = next((value for name, value in each.items() if name.endswith("}id")), "")
        target = targets.get(key, "")
        found[each.get("name", "")] = (
            target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        )
    return found


def _xml(archive: zipfile.ZipFile, part: str) -> Element:
    try:
        return ElementTree.fromstring(archive.read(part), forbid_dtd=True)
    except (ElementTree.ParseError, ValueError, zipfile.BadZipFile, EOFError, OSError):
        raise refusal("damaged_part", part=quoted(part)) from None
