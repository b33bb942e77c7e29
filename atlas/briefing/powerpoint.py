"""The briefing as PowerPoint: native tables, charts and shapes that anybody can edit.

Fonts are ones that every machine has; colours hold in greyscale; every picture has a text
alternative; the notes of each slide say where its numbers come from. The same input gives the
same bytes.
"""

import io
import re
import zipfile
from datetime import datetime
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from atlas.briefing.briefing import Briefing
from atlas.briefing.slides import (
    ATLAS,
    FIFTHS,
    SHARE_COLOURS,
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
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.maps.palette import NO_DATA, SEQUENTIAL
from atlas.maps.static_map import FINE, MANY, Area, Picture

BRAND, INK, QUIET, LINE = "12436D", "1A1F26", "545D68", "D3D9DF"
FONT = "Arial"
LONGEST_NOTES = 6000
LONGEST_HEADING = 52
A_LINE = 88
MAP_SIZE = (820, 400)

_WIDTH, _HEIGHT = Emu(12192000), Emu(6858000)
_LEFT, _WIDE = Inches(0.6), Inches(12.13)
_BODY, _FOOT = Inches(1.45), Inches(6.95)
_TITLE_ONLY = 5
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\ufffe\uffff]")
_A_DAY = (2020, 1, 1, 0, 0, 0)
_FIXED = rb"\g<1>2020-01-01T00:00:00Z"


def powerpoint(briefing: Briefing, stamp: Stamp, picture: Picture) -> bytes:
    """Return the pack of a briefing as a .pptx file.

    ``picture`` shows the briefing's wards in ``MAP_SIZE`` units.
    """
    deck = _Deck(briefing, stamp, picture)
    for slide in slides_of(briefing, stamp):
        deck.add(slide)
    deck.add_sources()
    return deck.saved()


class _Deck:
    def __init__(self, briefing: Briefing, stamp: Stamp, picture: Picture) -> None:
        self.briefing, self.stamp, self.picture = briefing, stamp, picture
        self.book = Presentation()
        self.book.slide_width, self.book.slide_height = _WIDTH, _HEIGHT
        _house_style(self.book)
        self.layout = self.book.slide_layouts[_TITLE_ONLY]

    def add(self, slide: Slide) -> None:
        page = self._page(slide.title, slide.notes, cover=slide.key == "cover")
        body = slide.body
        if body is None and slide.key == "cover":
            _block(page, 0, 0, _WIDTH, Inches(0.9), BRAND)
            name = Inches(0.28)
            _text(page, _LEFT, name, _WIDE, Inches(0.4), ATLAS, 20, "FFFFFF", True)
        if body is None:
            top: int = Inches(3.2) if slide.key == "cover" else _BODY
            _text(page, _LEFT, top, _WIDE, Inches(2), slide.sentence, 24, QUIET)
            if slide.key == "cover":
                self._link(page)
        elif isinstance(body, Big):
            self._big(page, body, slide.sentence)
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
            box = _text(page, _LEFT, _BODY, _WIDE, Inches(5.2), "", size, INK)
            _paragraphs(box, lines, size, INK)

    def _link(self, page: Any) -> None:
        """Write the address of the view, with a code that a phone reads."""
        if not self.stamp.link:
            return
        top, side = _FOOT - Inches(1.75), Inches(1.6)
        box = _text(page, _LEFT, top, Inches(10.2), Inches(0.35), "These figures online", 16, BRAND)
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
        page = self.book.slides.add_slide(self.layout)
        heading = page.shapes.title
        top, size = (Inches(1.7), 40) if cover else (Inches(0.4), 30)
        # So that a long heading leaves no single word on a second line.
        size = size if cover or len(title) <= LONGEST_HEADING else 25
        heading.left, heading.top = _LEFT, top
        heading.width, heading.height = _WIDE, Inches(1.4 if cover else 0.95)
        frame = heading.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        frame.margin_left = frame.margin_right = 0
        _write(frame.paragraphs[0], title, size, BRAND, bold=True)
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        _block(page, _LEFT, _FOOT - Inches(0.08), _WIDE, 9525, LINE)
        number = len(self.book.slides)
        weights = self.briefing.weights.partition(":")[0]
        said = f"{self.stamp.words} · {weights}" if weights else self.stamp.words
        foot = f"{ATLAS} · {said} · {number}"
        _text(page, _LEFT, _FOOT, _WIDE, Inches(0.35), foot, 10.5, QUIET)
        page.notes_slide.notes_text_frame.text = _clean(notes)[:LONGEST_NOTES]
        return page

    def _sentence(self, page: Any, sentence: str) -> int:
        """Write the sentence; return where the body may begin."""
        if not sentence:
            return _BODY
        lines = 1 + len(sentence) // A_LINE
        height = Inches(0.42 * lines + 0.1)
        _text(page, _LEFT, _BODY, _WIDE, height, sentence, 20, INK)
        return _BODY + height + Inches(0.1)

    def _big(self, page: Any, body: Big, sentence: str) -> None:
        _text(page, _LEFT, Inches(1.5), _WIDE, Inches(2.4), body.large, 130, BRAND, True)
        _text(page, _LEFT, Inches(4.1), _WIDE, Inches(2.4), sentence, 26, INK)

    def _map(self, page: Any, body: Map) -> None:
        picture, scale = self.picture, _WIDE / MAP_SIZE[0]
        left, top = _LEFT, Inches(1.2)
        scale = min(scale, (_FOOT - top - Inches(0.75)) / MAP_SIZE[1])
        unit = scale / FINE
        page.shapes.turbo_add_enabled = True
        shapes = [
            _freeform(page, area.rings, left, top, unit, fill, name)
            for area, fill, name in _areas(picture, self.briefing)
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
            box = _text(
                page,
                int(x - width if pin.end else x),
                int(top + pin.text_y * scale) - Inches(0.23),
                width,
                Inches(0.26),
                pin.label,
                13,
                INK,
                True,
            )
            # White ground, so that the name can be read on any class of the map.
            box.fill.solid()
            box.fill.fore_color.rgb = RGBColor(255, 255, 255)
            box.text_frame.word_wrap = False
            box.text_frame.margin_left = box.text_frame.margin_right = Inches(0.04)
            side = PP_ALIGN.RIGHT if pin.end else PP_ALIGN.LEFT
            box.text_frame.paragraphs[0].alignment = side
        self._legend(page)

    def _pin(self, page: Any, x: float, y: float, number: str) -> None:
        size = Inches(0.27)
        left, top = int(x - size / 2), int(y - size / 2)
        mark = _shape(page, MSO_SHAPE.OVAL, left, top, size, size, "FFFFFF")
        mark.line.color.rgb, mark.line.width = RGBColor.from_string(INK), Pt(1.5)
        frame = mark.text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        _write(frame.paragraphs[0], number, 11, INK, bold=True)

    def _legend(self, page: Any) -> None:
        top, size = _FOOT - Inches(0.5), Inches(0.22)
        _text(page, _LEFT, top - Inches(0.05), Inches(1.2), size, "Lowest risk", 12, QUIET)
        x = _LEFT + Inches(1.2)
        for level, colour in enumerate(SEQUENTIAL):
            _swatch(page, x, top, 2 * size, size, colour[1:], FIFTHS[level])
            x += 2 * size
        words = "Highest risk. Fifths of England’s residents; darker = more need."
        if -1 in self.briefing.levels.values():
            words += " Grey: no data."
        x += Inches(0.1)
        _text(page, x, top - Inches(0.05), Inches(8), size, words, 12, QUIET)

    def _bars(self, page: Any, body: Bars, top: int) -> None:
        data = CategoryChartData(number_format="0.0%")
        lines = body.lines[::-1]
        data.categories = [_clean(line.name) for line in lines]
        # Bars are drawn from below: what comes last stands above.
        data.add_series(body.series[1], [line.share_target.value for line in lines])
        data.add_series(body.series[0], [line.share_area.value for line in lines])
        frame = page.shapes.add_chart(
            XL_CHART_TYPE.BAR_CLUSTERED,
            _LEFT,
            top,
            _WIDE,
            _FOOT - top - Inches(0.15),
            data,
        )
        words = "; ".join(
            f"{line.name}: {line.share_area.shown} of residents, {line.share_target.shown} of "
            "residents in highest-risk wards"
            for line in body.lines
        )
        _describe(frame, f"Bar chart. {words}.")
        chart = frame.chart
        chart.font.name, chart.font.size = FONT, Pt(14)
        chart.font.color.rgb = RGBColor.from_string(INK)
        chart.has_legend = True
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.value_axis.visible = False
        chart.value_axis.has_major_gridlines = False
        chart.value_axis.minimum_scale = 0
        chart.category_axis.format.line.color.rgb = RGBColor.from_string(LINE)
        plot = chart.plots[0]
        plot.gap_width, plot.overlap = 45, 0
        plot.has_data_labels = True
        labels = plot.data_labels
        labels.position = XL_LABEL_POSITION.OUTSIDE_END
        labels.number_format, labels.number_format_is_linked = "[=0]0%;[<0.0995]0.0%;0%", False
        labels.font.size, labels.font.name = Pt(13), FONT
        for series, colour in zip(plot.series, reversed(SHARE_COLOURS), strict=True):
            series.format.fill.solid()
            series.format.fill.fore_color.rgb = RGBColor.from_string(colour[1:])

    def _points(self, page: Any, body: Points) -> None:
        room = (_FOOT - _BODY - Inches(0.15)) // max(len(body.points), 1)
        head, size = (20, 18) if len(body.points) > 2 else (26, 24)
        for number, point in enumerate(body.points):
            top = _BODY + number * room
            box = _text(page, _LEFT, top, _WIDE, room, point.head, head, BRAND, True)
            paragraph = box.text_frame.add_paragraph()
            _write(paragraph, point.text, size, INK)
            if point.ask:
                _write(paragraph, f" {point.ask}", size, QUIET)
            paragraph.space_before = Pt(4)


def _areas(picture: Picture, briefing: Briefing) -> list[tuple[Area, str, str]]:
    """Return what to draw: each ward, or where there are very many one shape for each fifth."""

    def colour(level: int) -> str:
        return (NO_DATA[1] if level < 0 else SEQUENTIAL[level])[1:]

    def words(level: int) -> str:
        return "no data" if level < 0 else FIFTHS[level]

    if len(picture.areas) < MANY:
        return [
            (a, colour(a.level), f"{a.code}: {words(a.level)}") for a in picture.areas if a.rings
        ]
    levels = sorted({area.level for area in picture.areas})
    joined = [
        Area("", level, tuple(r for a in picture.areas if a.level == level for r in a.rings))
        for level in levels
    ]
    return [(area, colour(area.level), words(area.level)) for area in joined]


def _freeform(page: Any, rings: Any, left: int, top: int, unit: float, fill: str, name: str) -> Any:
    first = rings[0]
    builder = page.shapes.build_freeform(int(first[0][0]), int(first[0][1]), scale=unit)
    builder.add_line_segments([(int(x), int(y)) for x, y in first[1:]], close=True)
    for ring in rings[1:]:
        builder.move_to(int(ring[0][0]), int(ring[0][1]))
        builder.add_line_segments([(int(x), int(y)) for x, y in ring[1:]], close=True)
    shape = builder.convert_to_shape(left, top)
    shape.name = name
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(fill)
    shape.line.color.rgb, shape.line.width = RGBColor(255, 255, 255), Pt(0.35)
    _plain(shape)
    return shape


def _swatch(page: Any, x: int, y: int, width: int, height: int, fill: str, words: str) -> None:
    shape = _shape(page, MSO_SHAPE.RECTANGLE, x, y, width, height, fill)
    shape.line.color.rgb, shape.line.width = RGBColor.from_string(QUIET), Pt(0.5)
    _describe(shape, words)


def _block(page: Any, x: int, y: int, width: int, height: int, fill: str) -> None:
    shape = _shape(page, MSO_SHAPE.RECTANGLE, x, y, width, height, fill)
    shape.line.fill.background()
    _describe(shape, "")


def _shape(page: Any, kind: Any, x: int, y: int, width: int, height: int, fill: str) -> Any:
    shape = page.shapes.add_shape(kind, x, y, width, height)
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(fill)
    _plain(shape)
    return shape


def _text(
    page: Any,
    x: int,
    y: int,
    width: int,
    height: int,
    text: str,
    size: float,
    colour: str,
    bold: bool = False,
) -> Any:
    box = page.shapes.add_textbox(x, y, width, height)
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    if text:
        _write(frame.paragraphs[0], text, size, colour, bold)
    return box


def _write(paragraph: Any, text: str, size: float, colour: str, bold: bool = False) -> None:
    run = paragraph.add_run()
    run.text = _clean(text)
    run.font.name, run.font.size, run.font.bold = FONT, Pt(size), bold
    run.font.color.rgb = RGBColor.from_string(colour)
    run._r.get_or_add_rPr().set("lang", "en-GB")


def _paragraphs(box: Any, lines: list[str], size: float, colour: str) -> None:
    frame = box.text_frame
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        _write(paragraph, line, size, colour)
        paragraph.space_after = Pt(size / 4 if size < 20 else size / 2)


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
    cell.fill.fore_color.rgb = RGBColor.from_string(BRAND if head else "FFFFFF")
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    cell.margin_left = cell.margin_right = Inches(0.08)
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if numeric else PP_ALIGN.LEFT
    _write(paragraph, text, size, "FFFFFF" if head else INK, bold=head)
    if not head:
        properties = cell._tc.get_or_add_tcPr()
        line = etree.SubElement(properties, qn("a:lnB"), {"w": "9525"})
        colour = etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr"))
        colour.set("val", LINE)
        # The schema wants borders before the fill.
        properties.insert(0, line)


def _plain(shape: Any) -> None:
    """Take away the theme's style of a shape, and with it the shadow that some programs draw."""
    style = shape._element.find(qn("p:style"))
    if style is not None:
        shape._element.remove(style)


def _describe(shape: Any, words: str) -> None:
    shape._element.xpath(".//p:cNvPr")[0].set("descr", _clean(words))


def _house_style(book: Any) -> None:
    """Put the Atlas's font and colours into the theme, so that what is added later has them."""
    master = book.slide_master
    for relation in master.part.rels.values():
        if relation.reltype.endswith("/theme"):
            part = relation.target_part
            tree = etree.fromstring(part.blob)
            names = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
            for latin in tree.xpath(
                "//a:majorFont/a:latin|//a:minorFont/a:latin", namespaces=names
            ):
                latin.set("typeface", FONT)
            accents = (BRAND, SHARE_COLOURS[0][1:], "B4500F", "3788C8", "545D68", "84BBE7")
            for number, colour in enumerate(accents, start=1):
                for accent in tree.xpath(f"//a:accent{number}", namespaces=names):
                    for child in list(accent):
                        accent.remove(child)
                    etree.SubElement(accent, qn("a:srgbClr"), {"val": colour})
            part._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")


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
