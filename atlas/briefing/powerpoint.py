"""The briefing as PowerPoint: native tables, charts and shapes that anybody can edit.

Fonts, colours and logo are those of a template; every picture has a text alternative; the notes
of each slide say where its numbers come from. The same input gives the same bytes.
"""

import io
import re
import zipfile
from datetime import datetime
from functools import cached_property
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import ColorFormat, RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.shapes.freeform import FreeformBuilder
from pptx.util import Inches, Length, Pt

from atlas.briefing.briefing import Briefing
from atlas.briefing.slides import (
    ATLAS,
    FIFTHS,
    SERIES,
    SOURCES,
    Bars,
    Big,
    Grid,
    Map,
    Points,
    Slide,
    Stamp,
    slides_of,
    source_lines,
)
from atlas.files.qr_code import qr_png
from atlas.files.slide_template import COVER, HEADING, opened_template
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.maps.palette import NO_DATA, SEQUENTIAL
from atlas.maps.static_map import FINE, MANY, Area, Picture

# Colours of the template's theme; those of the map's classes are the legend's own.
BRAND, SECOND = MSO_THEME_COLOR.ACCENT_1, MSO_THEME_COLOR.ACCENT_2
INK, QUIET = MSO_THEME_COLOR.TEXT_1, MSO_THEME_COLOR.TEXT_2
GROUND, LINE = MSO_THEME_COLOR.BACKGROUND_1, MSO_THEME_COLOR.BACKGROUND_2
LONGEST_NOTES = 6000
LONGEST_HEADING = 52
A_LINE = 88
MAP_SIZE = (820, 400)

_LEFT, _WIDE = Inches(0.6), Inches(12.13)
_BODY, _FOOT = Inches(1.45), Inches(6.95)
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\ufffe\uffff]")
# The colour and the name of each class of the map.
_LEVELS = dict(enumerate(zip((NO_DATA[1], *SEQUENTIAL), ("no data", *FIFTHS), strict=True), -1))
_A_DAY = (2020, 1, 1, 0, 0, 0)
_FIXED = rb"\g<1>2020-01-01T00:00:00Z"


Colour = MSO_THEME_COLOR | str
Box = tuple[int, int, int, int]  # left, top, width and height in English Metric Units


def powerpoint(briefing: Briefing, stamp: Stamp, picture: Picture, template: str = "") -> bytes:
    """Return the pack of a briefing as a .pptx file.

    ``picture`` shows the briefing's wards in ``MAP_SIZE`` units. Raises :class:`TemplateError`
    as :func:`opened_template` does.
    """
    deck = _Deck(briefing, stamp, picture, opened_template(template))
    for slide in slides_of(briefing, stamp):
        deck.add(slide)
    deck.add_sources()
    return deck.saved()


class _Deck:
    def __init__(self, briefing: Briefing, stamp: Stamp, picture: Picture, book: Any) -> None:
        self.briefing, self.stamp, self.picture, self.book = briefing, stamp, picture, book
        heading = book.slide_layouts.get_by_name(HEADING).placeholders.get(0)
        self.body = max(_BODY, heading.top + heading.height + Inches(0.1))

    def add(self, slide: Slide) -> None:
        page = self._page(slide.title, slide.notes, cover=slide.key == "cover")
        body = slide.body
        if body is None:
            top: int = Inches(3.2) if slide.key == "cover" else self.body
            _text(page, (_LEFT, top, _WIDE, Inches(2)), slide.sentence, 24, QUIET)
            if slide.key == "cover":
                self._link(page)
        elif isinstance(body, Big):
            _text(page, (_LEFT, self.body, _WIDE, Inches(2.4)), body.large, 130, BRAND, True)
            _text(page, (_LEFT, Inches(4.1), _WIDE, Inches(2.4)), slide.sentence, 26, INK)
        elif isinstance(body, Map):
            self._map(page, body)
        elif isinstance(body, Bars):
            top = self._sentence(page, slide.sentence)
            self._bars(page, body, top)
        elif isinstance(body, Grid):
            top = self._sentence(page, slide.sentence)
            _table(page, body, top)
        else:
            self._points(page, body)

    def add_sources(self) -> None:
        name, rules = self.briefing.area.said, len(HOW_NOT_TO_USE)
        sources = f"The figures on {name} come from {len(SOURCES)} published sources"
        uses = f"{rules} rules for using the figures on {name}"
        for title, lines, size in (
            (sources, source_lines(), 13.0),
            (uses, list(HOW_NOT_TO_USE), 22.0),
        ):
            page = self._page(title, "", cover=False)
            frame = _text(page, (_LEFT, self.body, _WIDE, Inches(5.2)), "", size, INK).text_frame
            for number, line in enumerate(lines):
                paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
                _write(paragraph, line, size, INK)
                paragraph.space_after = Pt(size / 4 if size < 20 else size / 2)

    def _link(self, page: Any) -> None:
        """Write the address of the view, with a code that a phone reads."""
        if not self.stamp.link:
            return
        top, side = _FOOT - Inches(1.75), Inches(1.6)
        at = (_LEFT, top, Inches(10.2), Inches(0.35))
        box = _text(page, at, "These figures online", 16, BRAND)
        run = box.text_frame.paragraphs[0].runs[0]
        if self.stamp.link.startswith("http"):
            run.hyperlink.address = self.stamp.link
        if code := qr_png(self.stamp.link):
            picture = page.shapes.add_picture(
                io.BytesIO(code), _LEFT + _WIDE - side, top, side, side
            )
            _describe(picture, "QR code of the link to these figures.")

    def saved(self) -> bytes:
        properties = self.book.core_properties
        day = datetime(self.stamp.day.year, self.stamp.day.month, self.stamp.day.day)
        properties.title = _clean(self.briefing.title)
        properties.author = _clean(self.stamp.owner)
        properties.last_modified_by = _clean(self.stamp.owner)
        properties.subject = _clean(self.briefing.about)
        properties.comments = f"{ATLAS}, data version {self.stamp.version}"
        properties.language = "en-GB"
        properties.created = properties.modified = day
        properties.revision = 1
        buffer = io.BytesIO()
        self.book.save(buffer)
        return _same_bytes(buffer.getvalue())

    def _page(self, title: str, notes: str, cover: bool) -> Any:
        layout = self.book.slide_layouts.get_by_name(COVER if cover else HEADING)
        page = self.book.slides.add_slide(layout)
        for spare in list(page.placeholders)[1:]:
            spare._element.getparent().remove(spare._element)
        heading = page.shapes.title.text_frame.paragraphs[0]
        _say(heading, title)
        if not cover and len(title) > LONGEST_HEADING:
            # So that a long heading leaves no single word on a second line.
            heading.runs[0].font.size = Pt(25)
        number = len(self.book.slides)
        weights = self.briefing.weights.partition(":")[0]
        said = f"{self.stamp.words} · {weights}" if weights else self.stamp.words
        foot = f"{ATLAS} · {said} · {number}"
        _text(page, (_LEFT, _FOOT, _WIDE, Inches(0.35)), foot, 10.5, QUIET)
        page.notes_slide.notes_text_frame.text = _clean(notes)[:LONGEST_NOTES]
        return page

    def _sentence(self, page: Any, sentence: str) -> int:
        """Write the sentence; return where the body may begin."""
        if not sentence:
            return self.body
        lines = 1 + len(sentence) // A_LINE
        height = Inches(0.42 * lines + 0.1)
        _text(page, (_LEFT, self.body, _WIDE, height), sentence, 20, INK)
        return self.body + height + Inches(0.1)

    def _map(self, page: Any, body: Map) -> None:
        picture, scale = self.picture, _WIDE / MAP_SIZE[0]
        left, top = _LEFT, self.body - Inches(0.25)
        scale = min(scale, (_FOOT - top - Inches(0.75)) / MAP_SIZE[1])
        unit = scale / FINE
        page.shapes.turbo_add_enabled = True
        shapes = [
            _freeform(page, area.rings, left, top, unit, _LEVELS[area.level][0], name)
            for area, name in _areas(picture)
        ]
        # Numbers that were counted ahead do not know of the group.
        page.shapes.turbo_add_enabled = False
        if shapes:
            group = page.shapes.add_group_shape(shapes)
            group.name = "Map of wards"
            _describe(group, body.alternative)
        for pin in picture.pins:
            self._pin(page, left + pin.x * scale, top + pin.y * scale, str(pin.number))
            width = Inches(_breadth(pin.label, 13) + 0.1)
            x = left + pin.text_x * scale
            x, y = x - width if pin.end else x, int(top + pin.text_y * scale) - Inches(0.23)
            box = _text(page, (int(x), y, width, Inches(0.26)), pin.label, 13, INK, True)
            # A ground, so that the name can be read on any class of the map.
            box.fill.solid()
            _paint(box.fill.fore_color, GROUND)
            box.text_frame.word_wrap = False
            box.text_frame.margin_left = box.text_frame.margin_right = Inches(0.04)
            side = PP_ALIGN.RIGHT if pin.end else PP_ALIGN.LEFT
            box.text_frame.paragraphs[0].alignment = side
        self._legend(page)

    def _pin(self, page: Any, x: float, y: float, number: str) -> None:
        size = Inches(0.27)
        left, top = int(x - size / 2), int(y - size / 2)
        mark = _shape(page, MSO_SHAPE.OVAL, (left, top, size, size), GROUND)
        _paint(mark.line.color, INK)
        mark.line.width = Pt(1.5)
        frame = mark.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        _write(frame.paragraphs[0], number, 11, INK, bold=True)

    def _legend(self, page: Any) -> None:
        top, size = _FOOT - Inches(0.5), Inches(0.22)
        _text(page, (_LEFT, top - Inches(0.05), Inches(1.2), size), "Lowest risk", 12, QUIET)
        x = _LEFT + Inches(1.2)
        for colour, name in list(_LEVELS.values())[1:]:
            shape = _shape(page, MSO_SHAPE.RECTANGLE, (x, top, 2 * size, size), colour)
            _paint(shape.line.color, QUIET)
            shape.line.width = Pt(0.5)
            _describe(shape, name)
            x += 2 * size
        words = "Highest risk. Fifths of England’s residents; darker = more need."
        if -1 in self.briefing.levels.values():
            words += " Grey: no data."
        x += Inches(0.1)
        _text(page, (x, top - Inches(0.05), Inches(8), size), words, 12, QUIET)

    def _bars(self, page: Any, body: Bars, top: int) -> None:
        data = CategoryChartData(number_format="0.0%")
        lines = body.lines[::-1]
        data.categories = [_clean(line.name) for line in lines]
        # Bars are drawn from below: what comes last stands above.
        shares = [line.share_target for line in lines], [line.share_area for line in lines]
        for name, numbers in zip(SERIES[::-1], shares, strict=True):
            data.add_series(name, [number.value for number in numbers])
        box = (_LEFT, top, _WIDE, _FOOT - top - Inches(0.15))
        frame = page.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *box, data)
        _describe(frame, f"Bar chart. {body.words}")
        chart = frame.chart
        # The library numbers axes below zero, which the schema does not allow.
        for axis in chart._chartSpace.iter(qn("c:axId"), qn("c:crossAx")):
            axis.set("val", axis.get("val").lstrip("-"))
        chart.font.size = Pt(14)
        _paint(chart.font.color, INK)
        chart.has_legend = True
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.value_axis.visible = False
        chart.value_axis.has_major_gridlines = False
        chart.value_axis.minimum_scale = 0
        _paint(chart.category_axis.format.line.color, LINE)
        plot = chart.plots[0]
        plot.gap_width, plot.overlap = 45, 0
        for series, colour, numbers in zip(plot.series, (BRAND, SECOND), shares, strict=True):
            series.format.fill.solid()
            _paint(series.format.fill.fore_color, colour)
            labels = series.data_labels
            labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
            labels.number_format, labels.number_format_is_linked = "[=0]0%;[<0.0995]0.0%;0%", False
            labels.font.size = Pt(13)
            for at, number in enumerate(numbers):
                if number.shown.startswith("under"):  # a format would round it to nothing
                    label = series.points[at].data_label
                    label.text_frame.text = number.shown
                    label.position = XL_LABEL_POSITION.OUTSIDE_END

    def _points(self, page: Any, body: Points) -> None:
        room = (_FOOT - self.body - Inches(0.15)) // max(len(body.points), 1)
        head, size = (20, 18) if len(body.points) > 2 else (26, 24)
        for number, point in enumerate(body.points):
            top = self.body + number * room
            box = _text(page, (_LEFT, top, _WIDE, room), point.title, head, BRAND, True)
            paragraph = box.text_frame.add_paragraph()
            _write(paragraph, point.text, size, INK)
            _write(paragraph, f" {point.ask}", size, QUIET)
            paragraph.space_before = Pt(4)


def _areas(picture: Picture) -> list[tuple[Area, str]]:
    """Return what to draw and its name: each ward, or of very many one shape for each fifth."""
    if len(picture.areas) < MANY:
        return [(a, f"{a.code}: {_LEVELS[a.level][1]}") for a in picture.areas if a.rings]
    levels = sorted({area.level for area in picture.areas})
    joined = [
        Area("", level, tuple(r for a in picture.areas if a.level == level for r in a.rings))
        for level in levels
    ]
    return [(area, _LEVELS[area.level][1]) for area in joined]


class _Outline(FreeformBuilder):
    """An outline that looks for its left and top edge once: the library does so for every point,
    which takes minutes where England's wards are joined."""

    @cached_property
    def shape_offset_x(self) -> Length:
        return super().shape_offset_x

    @cached_property
    def shape_offset_y(self) -> Length:
        return super().shape_offset_y


def _freeform(page: Any, rings: Any, left: int, top: int, unit: float, fill: str, name: str) -> Any:
    first = rings[0]
    builder = _Outline.new(page.shapes, int(first[0][0]), int(first[0][1]), unit, unit)
    builder.add_line_segments([(int(x), int(y)) for x, y in first[1:]], close=True)
    for ring in rings[1:]:
        builder.move_to(int(ring[0][0]), int(ring[0][1]))
        builder.add_line_segments([(int(x), int(y)) for x, y in ring[1:]], close=True)
    shape = builder.convert_to_shape(left, top)
    shape.name = name
    shape.fill.solid()
    _paint(shape.fill.fore_color, fill)
    _paint(shape.line.color, GROUND)
    shape.line.width = Pt(0.35)
    _plain(shape)
    return shape


def _shape(page: Any, kind: Any, at: Box, fill: Colour) -> Any:
    shape = page.shapes.add_shape(kind, *at)
    shape.fill.solid()
    _paint(shape.fill.fore_color, fill)
    _plain(shape)
    return shape


def _text(page: Any, at: Box, text: str, size: float, colour: Colour, bold: bool = False) -> Any:
    box = page.shapes.add_textbox(*at)
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    if text:
        _write(frame.paragraphs[0], text, size, colour, bold)
    return box


def _say(paragraph: Any, text: str) -> Any:
    run = paragraph.add_run()
    run.text = _clean(text)
    run._r.get_or_add_rPr().set("lang", "en-GB")
    return run


def _write(paragraph: Any, text: str, size: float, colour: Colour, bold: bool = False) -> None:
    run = _say(paragraph, text)
    run.font.size, run.font.bold = Pt(size), bold
    _paint(run.font.color, colour)


def _paint(to: ColorFormat, colour: Colour) -> None:
    if isinstance(colour, str):
        to.rgb = RGBColor.from_string(colour.lstrip("#"))
    else:
        to.theme_color = colour


def _table(page: Any, grid: Grid, top: int) -> None:
    rows, columns = len(grid.rows) + 1, len(grid.headings)
    # A short table is read from the back of the room.
    size, height = (15, 0.5) if rows > 4 else (20, 0.8)
    frame = page.shapes.add_table(rows, columns, _LEFT, top, _WIDE, Inches(height) * rows)
    _describe(frame, f"Table: {grid.caption}.")
    table = frame.table
    table.horz_banding = False
    whole = sum(grid.widths)
    for number, width in enumerate(grid.widths):
        table.columns[number].width = int(_WIDE * width / whole)
    for column, heading in enumerate(grid.headings):
        _cell(table.cell(0, column), heading, column in grid.numeric, size, head=True)
    for row, values in enumerate(grid.rows, start=1):
        for column, value in enumerate(values):
            _cell(table.cell(row, column), value, column in grid.numeric, size)


def _cell(cell: Any, text: str, numeric: bool, size: float, head: bool = False) -> None:
    cell.fill.solid()
    _paint(cell.fill.fore_color, BRAND if head else GROUND)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Inches(0.08)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if numeric else PP_ALIGN.LEFT
    _write(paragraph, text, size, GROUND if head else INK, bold=head)
    if not head:
        properties = cell._tc.get_or_add_tcPr()
        line = etree.SubElement(properties, qn("a:lnB"), {"w": "9525"})
        colour = etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:schemeClr"))
        colour.set("val", "bg2")
        # The schema wants borders before the fill.
        properties.insert(0, line)


def _plain(shape: Any) -> None:
    """Take away the theme's style of a shape, and with it the shadow that some programs draw."""
    style = shape._element.find(qn("p:style"))
    if style is not None:
        shape._element.remove(style)


def _describe(shape: Any, words: str) -> None:
    shape._element.xpath(".//p:cNvPr")[0].set("descr", _clean(words))


def _breadth(text: str, size: float) -> float:
    """Return about how wide bold text of a size in points stands, in inches."""
    ems = sum(
        0.33 if c in "iljtfrI .,’'-()" else 0.9 if c in "mwMW" else 0.72 if c.isupper() else 0.6
        for c in text
    )
    return ems * size / 72


def _clean(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return _CONTROL.sub("", text)


def _same_bytes(data: bytes, own_dates: bool = True) -> bytes:
    """Return an Office file whose bytes depend on its content alone, not on when it was made.

    ``own_dates`` keeps the dates inside it; a workbook within it is given a fixed one.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w") as made:
        for name in book.namelist():
            content = book.read(name)
            if name.endswith(".xlsx"):
                content = _same_bytes(content, own_dates=False)
            elif name == "docProps/core.xml" and not own_dates:
                content = re.sub(rb"(<dcterms:(created|modified)[^>]*>)[^<]*", _FIXED, content)
            entry = zipfile.ZipInfo(name, date_time=_A_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)
    return out.getvalue()
