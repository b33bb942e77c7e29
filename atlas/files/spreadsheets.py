"""Files that people take away: CSV and XLSX, safe to open and clear about what they hold.

Text can come from publishers and visitors, and a spreadsheet runs a cell that looks like a
formula. So text that could be one is marked as text; numbers stay numbers.
"""

import io
import math
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, repeat

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format

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

HOW_NOT_TO_USE = (
    "These figures describe areas, from official statistics of different dates. They do not count "
    "people who are digitally excluded and say nothing about any person or household.",
    "Do not use them alone to decide funding or services: check with people who know the place.",
    "Do not compare them with figures made by another method, for another year or for another "
    "nation of the United Kingdom.",
    "Small differences between wards mean little, least of all where a ward's figures rest on one "
    "or two small areas.",
)
# Said once in a workbook, on its last sheet, and not on every row.
_SAME_ON_EVERY_ROW = frozenset(
    ("attribution", "limits", "data_version", "index_version", "link", "boundaries")
)
# A page of A4 across holds so many characters at a size that can still be read.
_PRINTED_WIDTH = 190
# The height of one line, and of the highest row that Excel takes, in points.
_LINE, _HIGHEST = 15, 409
_ABOUT_WIDTHS = (34, 90)
# Numbers that are read as names are: without a comma at the thousands.
_PLAIN = re.compile("easting|northing|longitude|latitude|year")
# Excel takes no longer address for a link.
_LONGEST_LINK = 2_000


@dataclass(frozen=True)
class Field:
    """One column of a file: its name in the frame, its heading, its unit and its definition.

    ``licence`` is that of its figures, as ``sources.toml`` names it. Of figures above 0 and below
    ``floor`` a file says only that: they are withheld. A score that is ``cut`` is not rounded up
    in a workbook, as on no page: 79.97 is not yet the 80 at which the highest fifth begins.
    """

    name: str
    heading: str
    unit: Unit
    definition: str = ""
    floor: int = 0
    licence: str = OPEN
    cut: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title of at most 31 characters, its fields in order and a frame with them.

    ``kinds`` say what the figures of each row are, where a row is a measure.
    """

    title: str
    fields: Sequence[Field]
    frame: pd.DataFrame
    kinds: Sequence[Field] = ()


def field_of(column: Column) -> Field:
    """Return the file column of a declared column."""
    declared = declared_sources()
    asked = {declared[key].licence for key in column.sources} & SHARE_ALIKE
    about = (column.name, column.label, column.unit, column.definition, column.floor)
    return Field(*about, min(asked, default=OPEN), column.cut)


def safe_text(value: object) -> str:
    """Return text that no spreadsheet takes for a formula; ordinary text is unchanged.

    Control characters go, and a leading ``=``, ``+``, ``-``, ``@`` (also full width, also after
    spaces), tab or line end gets an apostrophe before it.
    """
    if value is None or (isinstance(value, float) and value != value):
        return ""
    # Control characters go first: what they hid must not come out as a formula.
    text = _CONTROL.sub("", str(value))
    marked = f"'{text}" if _FORMULA.match(text) else text
    # A bare carriage return splits a row in some readers.
    return marked.replace("\r", " ")


def to_csv(frame: pd.DataFrame, fields: Sequence[Field], kinds: Sequence[Field] = ()) -> bytes:
    """Return the fields of a frame as CSV: UTF-8 with a mark that Excel needs, names as headings.

    Whole numbers have no decimal point; missing values are empty. ``kinds`` as of a :class:`Sheet`.
    """
    columns = {
        field.name: [
            safe_text(value) if _is_text(field) else _withheld(kind, value) or plain_number(value)
            for value, kind in zip(frame[field.name], kinds or repeat(field), strict=False)
        ]
        for field in fields
    }
    text = pd.DataFrame(columns).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _is_text(field: Field) -> bool:
    return field.unit in ("code", "text")


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


def to_xlsx(sheets: Sequence[Sheet], about: Mapping[str, str], made: datetime) -> bytes:
    """Return a workbook: the sheets first, and last "About this file".

    ``about`` maps headings to texts (``Link`` becomes one; an empty text is left out);
    definitions of its columns and how not to use the figures follow. What is the same on every row
    stands there alone. Each sheet prints on A4 across, with its headings and source on every page.
    ``made`` is the date of the file: the same input gives the same bytes. Text stays text.
    """
    buffer = io.BytesIO()
    guessed = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
    options = {"in_memory": True, **dict.fromkeys(guessed, False)}
    kept = [
        replace(s, fields=[f for f in s.fields if f.name not in _SAME_ON_EVERY_ROW])
        for sheet in sheets
        for s in _by_licence(sheet)
    ]
    version = f", data version {about['Data version']}" if "Data version" in about else ""
    day = f"{made.day} {made:%B %Y}"
    footer = f"&LDigital Inclusion Atlas{version}&CFigures to {day}&RPage &P of &N"
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": about.get("Title", ""), "created": made})
        pages = [_write_sheet(book, sheet) for sheet in kept]
        for page in (*pages, _write_about(book, about, kept)):
            page.set_paper(9)
            page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
            page.fit_to_pages(1, 0)
            page.set_footer(footer)
    return buffer.getvalue()


def _by_licence(sheet: Sheet) -> list[Sheet]:
    """Return a sheet, and its figures of another licence on a sheet of their own, with its keys."""
    own = [field for field in sheet.fields if field.licence != OPEN]
    if not own:
        return [sheet]
    rest = [field for field in sheet.fields if field.licence == OPEN]
    keys = [field for field in rest if field.unit in ("code", "text")]
    title = f"{sheet.title[:20]}, {own[0].licence}"[:31]
    return [replace(sheet, fields=rest), replace(sheet, title=title, fields=[*keys, *own])]


def _write_about(
    book: xlsxwriter.Workbook, about: Mapping[str, str], sheets: Sequence[Sheet]
) -> xlsxwriter.worksheet.Worksheet:
    page = book.add_worksheet("About this file")
    bold = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    look = {"text_wrap": True, "valign": "top"}
    wrapped = book.add_format(look)
    # A long link that is not wrapped would make the printed page small.
    linked = book.add_format({**look, "font_color": "blue", "underline": 1})
    for number, width in enumerate(_ABOUT_WIDTHS):
        page.set_column(number, number, width)
    # What the licences ask for is long: it follows what a reader looks for.
    rows = [
        (heading if number == 0 else "", safe_text(part))
        for heading, text in sorted(about.items(), key=lambda item: item[0] == "Attribution")
        for number, part in enumerate(text.split("\n") if heading == "Attribution" else [text])
        if part
    ]
    if not any(heading.startswith("How not to use") for heading in about):
        rows += [("How not to use these figures", "\n".join(HOW_NOT_TO_USE))]
    defined = [
        (f"{sheet.title}: {field.heading}" if len(sheets) > 1 else field.heading, field.definition)
        for sheet in sheets
        for field in sheet.fields
        if field.definition
    ]
    rows += [("", ""), ("Column", "What it holds"), *defined] if defined else []
    for number, (heading, text) in enumerate(rows):
        _fit(page, number, zip((heading, text), _ABOUT_WIDTHS, strict=True))
        page.write_string(number, 0, heading, bold)
        if heading == "Link" and text.startswith("http") and len(text) < _LONGEST_LINK:
            page.write_url(number, 1, text, linked, text)
        else:
            page.write_string(number, 1, text, wrapped)
    return page


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> xlsxwriter.worksheet.Worksheet:
    page = book.add_worksheet(sheet.title)
    page.freeze_panes(1, 0)
    widths = [_width(field, sheet.frame[field.name], 34) for field in sheet.fields]
    printed = sum(total <= _PRINTED_WIDTH for total in accumulate(widths))
    # What is only read on a screen need not be narrow, and makes no row higher.
    seen = sheet.fields[printed:]
    widths[printed:] = [_width(field, sheet.frame[field.name], 70) for field in seen]
    for number, field in enumerate(sheet.fields):
        text = _is_text(field)
        # The indent keeps headings of neighbouring columns apart.
        look = {"text_wrap": True, "valign": "top", "indent": 1}
        look["align"] = "left" if text else "right"
        header = book.add_format({**look, "bold": True, "bottom": 1})
        page.write_string(0, number, field.heading, header)
        styles = {
            each: book.add_format({**look, "num_format": each, "text_wrap": text})
            for each in sorted({_format(kind) for kind in (field, *sheet.kinds)})
        }
        page.set_column(number, number, widths[number], styles[_format(field)])
        _write_column(page, number, field, sheet, styles)
    # Bold and indented, a heading has room for two characters fewer.
    heads = zip(sheet.fields, widths, strict=True)
    _fit(page, 0, ((field.heading, width - 2) for field, width in heads))
    on_paper = zip(sheet.fields[:printed], widths, strict=False)
    texts = [(field.name, width) for field, width in on_paper if _is_text(field)]
    for row, line in enumerate(sheet.frame.to_dict("records"), start=1):
        _fit(page, row, ((safe_text(line[name]), width) for name, width in texts))
    page.autofilter(0, 0, max(len(sheet.frame), 1), max(len(sheet.fields) - 1, 0))
    page.print_area(0, 0, len(sheet.frame), printed - 1)
    page.repeat_rows(0)
    page.set_landscape()
    return page


def _fit(page: xlsxwriter.worksheet.Worksheet, row: int, texts: Iterable[tuple[str, int]]) -> None:
    """Make a row as high as its texts need, each within a width in characters.

    Not every program works the height out by itself.
    """
    lines = max(
        sum(_lines(part, width) for part in text.split("\n")) for text, width in (*texts, ("", 3))
    )
    if lines > 1:
        page.set_row(row, min(lines * _LINE, _HIGHEST))


def _lines(text: str, width: int) -> int:
    return 1 if len(text) <= width else len(textwrap.wrap(text, width))


def _format(field: Field) -> str:
    return "General" if _PLAIN.search(field.name) else _FORMATS.get(field.unit, "General")


def _width(field: Field, values: pd.Series, most: int) -> int:
    """Return a column's width in characters: as its longest text asks, at most ``most``, and its
    heading in three lines without breaking a word.
    """
    longest = max((len(str(value)) for value in values), default=0) if _is_text(field) else 0
    word = max(map(len, field.heading.split()), default=0)
    return min(max(11, longest + 2, word + 4, len(field.heading) // 3 + 3), most)


def _write_column(
    page: xlsxwriter.worksheet.Worksheet,
    number: int,
    field: Field,
    sheet: Sheet,
    styles: Mapping[str, Format],
) -> None:
    kinds = sheet.kinds or repeat(field)
    for row, (value, kind) in enumerate(zip(sheet.frame[field.name], kinds, strict=False), start=1):
        if _is_text(field):
            page.write_string(row, number, safe_text(value))
        elif few := _withheld(kind, value):
            page.write_string(row, number, few)
        elif value == value and value is not None:
            figure = float(value)
            if kind.cut:
                figure = math.floor(figure * 10 + 1e-9) / 10
            look = _format(kind)
            figure = round(figure) if look == "#,##0" else figure
            page.write_number(row, number, figure, styles[look])
