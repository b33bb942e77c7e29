"""Files that people take away: CSV and XLSX, safe to open and clear about what they hold.

Text can come from publishers and visitors, and a spreadsheet runs a cell that looks like a
formula. So text that could be one is marked as text; numbers stay numbers.
"""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import xlsxwriter

from atlas.catalogue.columns import Column, Unit
from atlas.catalogue.sources import SHARE_ALIKE, declared_sources

OPEN = "OGL-UK-3.0"  # the licence of every file but those that say otherwise
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n\0＝＋－＠]")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]")
_FORMATS: dict[Unit, str] = {
    "people": "#,##0",
    "households": "#,##0",
    "count": "#,##0",
    "share": "0.0%",
    "score": "0.0",
    "km": "0.00",
    "hours": "#,##0.0",
}
_WIDTHS: dict[Unit, int] = {"code": 12, "text": 26}

HOW_NOT_TO_USE = (
    "These figures describe areas, from official statistics of different dates. They do not count "
    "people who are digitally excluded and say nothing about any person or household.",
    "Do not use them alone to decide funding or services: check with people who know the place.",
    "Do not compare them with figures made by another method, for another year or for another "
    "nation of the United Kingdom.",
    "Small differences between wards mean little, least of all where a ward's figures rest on one "
    "or two small areas (see the column Fit).",
)


@dataclass(frozen=True)
class Field:
    """One column of a file: its name in the frame, its heading, its unit and its definition.

    ``licence`` is that of its figures, as ``sources.toml`` names it. Of figures above 0 and below
    ``floor`` a file says only that: they are withheld.
    """

    name: str
    heading: str
    unit: Unit
    definition: str = ""
    floor: int = 0
    licence: str = OPEN


NOTES = (
    Field("attribution", "Attribution", "text", "What to print with the figures; first row only."),
    Field("how_not_to_use", "How not to use", "text", "Limits of the figures; first row only."),
)


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title of at most 31 characters, its fields in order and a frame with them."""

    title: str
    fields: Sequence[Field]
    frame: pd.DataFrame


def field_of(column: Column) -> Field:
    """Return the file column of a declared column."""
    declared = declared_sources()
    asked = {declared[key].licence for key in column.sources} & SHARE_ALIKE
    about = (column.name, column.label, column.unit, column.definition, column.floor)
    return Field(*about, min(asked, default=OPEN))


def safe_text(value: object) -> str:
    """Return text that no spreadsheet takes for a formula; ordinary text is unchanged.

    Control characters go, and a leading ``=``, ``+``, ``-``, ``@`` (also full width, also after
    spaces), tab or line end gets an apostrophe before it.
    """
    if value is None or (isinstance(value, float) and value != value):
        return ""
    text = str(value)
    marked = f"'{text}" if _FORMULA.match(text) else text
    # A bare carriage return splits a row in some readers.
    return _CONTROL.sub("", marked).replace("\r", " ")


def with_notes(
    frame: pd.DataFrame, fields: Sequence[Field], attributions: Sequence[str]
) -> tuple[pd.DataFrame, Sequence[Field]]:
    """Return a table with what must travel with its figures in its last two columns.

    The first row holds the attributions of the published files and how not to use them: a comment
    above the headings would break what reads the file. A column of that name stays as it is.
    """
    there = {field.name for field in fields}
    rest = [""] * (len(frame) - 1)
    texts = ["\n".join(attributions), " ".join(HOW_NOT_TO_USE)]
    notes = {
        field: pd.Series([text, *rest], index=frame.index, dtype=str)
        for field, text in zip(NOTES, texts, strict=True)
        if len(frame) and field.name not in there
    }
    return frame.assign(**{field.name: text for field, text in notes.items()}), [*fields, *notes]


def to_csv(frame: pd.DataFrame, fields: Sequence[Field]) -> bytes:
    """Return the fields of a frame as CSV: UTF-8 with a mark that Excel needs, names as headings.

    Whole numbers have no decimal point; missing values are empty.
    """
    columns = {
        field.name: frame[field.name].map(safe_text if _is_text(field) else _writer(field))
        for field in fields
    }
    text = pd.DataFrame(columns).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _is_text(field: Field) -> bool:
    return field.unit in ("code", "text")


def _writer(field: Field) -> Callable[[object], str]:
    return lambda value: _withheld(field, value) or plain_number(value)


def _withheld(field: Field, value: object) -> str:
    """Return what stands for a figure that is withheld, "" for any other."""
    if not field.floor or value is None or value != value:
        return ""
    return f"fewer than {field.floor}" if 0 < float(str(value)) < field.floor else ""


def plain_number(value: object) -> str:
    """Return a number as text: whole ones without a decimal point, "" where it is missing."""
    if value is None or value != value:
        return ""
    number = float(str(value))
    return str(int(number)) if number.is_integer() else repr(number)


def to_xlsx(sheets: Sequence[Sheet], readme: Mapping[str, str], made: datetime) -> bytes:
    """Return a workbook: README first, then the sheets, each with a frozen, filterable header.

    ``readme`` maps headings to texts; definitions of all fields and how not to use the figures
    follow them. ``made`` is written as the date of the file, so that the same input gives the
    same bytes. Text is written as text, never as a formula or a link.
    """
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": readme.get("Title", ""), "created": made})
        parts = [part for sheet in sheets for part in _by_licence(sheet)]
        _write_readme(book, readme, parts)
        for part in parts:
            _write_sheet(book, part)
    return buffer.getvalue()


def _by_licence(sheet: Sheet) -> list[Sheet]:
    """Return a sheet, and its figures of another licence on a sheet of their own, with its keys."""
    own = [field for field in sheet.fields if field.licence != OPEN]
    if not own:
        return [sheet]
    rest = [field for field in sheet.fields if field.licence == OPEN]
    keys = [field for field in rest if field.unit in ("code", "text") and field not in NOTES]
    title = f"{sheet.title[:20]}, {own[0].licence}"[:31]
    return [Sheet(sheet.title, rest, sheet.frame), Sheet(title, [*keys, *own], sheet.frame)]


def _write_readme(
    book: xlsxwriter.Workbook, readme: Mapping[str, str], sheets: Sequence[Sheet]
) -> None:
    page = book.add_worksheet("README")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 100)
    rows = [(heading, safe_text(text)) for heading, text in readme.items()]
    rows += [("How not to use these figures", HOW_NOT_TO_USE[0])]
    rows += [("", text) for text in HOW_NOT_TO_USE[1:]]
    rows += [("", ""), ("Column", "What it holds")]
    rows += [
        (f"{sheet.title}: {field.heading}", field.definition)
        for sheet in sheets
        for field in sheet.fields
        if field.definition
    ]
    for number, (heading, text) in enumerate(rows):
        page.write_string(number, 0, heading, bold)
        page.write_string(number, 1, text, wrapped)


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.title)
    header = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    page.freeze_panes(1, 0)
    for number, field in enumerate(sheet.fields):
        page.write_string(0, number, field.heading, header)
        style = book.add_format({"num_format": _FORMATS.get(field.unit, "General")})
        page.set_column(number, number, _WIDTHS.get(field.unit, 14), style)
        _write_column(page, number, field, sheet.frame[field.name])
    page.autofilter(0, 0, max(len(sheet.frame), 1), max(len(sheet.fields) - 1, 0))


def _write_column(
    page: xlsxwriter.worksheet.Worksheet, number: int, field: Field, values: pd.Series
) -> None:
    for row, value in enumerate(values, start=1):
        if _is_text(field):
            page.write_string(row, number, safe_text(value))
        elif few := _withheld(field, value):
            page.write_string(row, number, few)
        elif value == value and value is not None:
            page.write_number(row, number, float(value))
