"""Files that visitors might bring, made in memory."""

import io
import zipfile
from collections.abc import Callable

import xlsxwriter

from atlas.access.distance import Venue
from atlas.uploads.reading.extract import Choices, extract
from atlas.uploads.report import Report

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/'
    'worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.worksheet+xml"/></Types>'
)
WORKBOOK = (
    '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument'
    '/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
ROOT_RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument'
    '/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}'
    "</sheetData></worksheet>"
)


def csv(*rows: str, encoding: str = "utf-8") -> bytes:
    """A CSV of lines."""
    return "".join(f"{row}\r\n" for row in rows).encode(encoding)


def workbook(*rows: tuple[object, ...], title: str = "Sheet1") -> bytes:
    """A workbook of one sheet; texts that begin with '=' are formulas."""
    return written(lambda book: fill(book.add_worksheet(title), rows))


def fill(sheet: xlsxwriter.worksheet.Worksheet, rows: tuple[tuple[object, ...], ...]) -> None:
    """Write rows into a sheet."""
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(number, column, value)


def written(write: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    """A workbook that ``write`` fills."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        write(book)
    return buffer.getvalue()


def package(sheet: str | bytes, parts: dict[str, str | bytes] | None = None) -> bytes:
    """A workbook with the given XML as its sheet; ``parts`` replace or add others by name."""
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet,
    }
    return zipped({**content, **(parts or {})})


def sheet_xml(cells: str, before: str = "") -> str:
    """The XML of a sheet with these rows; ``before`` stands ahead of it."""
    return f'<?xml version="1.0"?>{before}{_SHEET.format(cells)}'


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip of parts by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def held_places(*venues: Venue) -> Report:
    """A report of places as a visitor holds it, whatever file it came from."""
    return Report(extract(csv("name,postcode", "a,b"), "places", Choices()), venues=venues)
