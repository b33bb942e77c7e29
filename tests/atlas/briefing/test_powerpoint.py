"""The pack: opens, is native and described, says who owns it, and is the same bytes each time."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pptx import Presentation

from atlas.briefing.briefing import Briefing, Maker
from atlas.briefing.offline_page import pack_page
from atlas.briefing.powerpoint import MAP_SIZE, powerpoint
from atlas.briefing.slides import Bars, Points, Stamp, origin_rows, slides_of
from atlas.files.qr_code import qr_png
from atlas.files.slide_template import COVER, TEMPLATE, TemplateError, opened_template
from atlas.maps.outlines import outlines_of
from atlas.maps.payload import map_files
from atlas.maps.static_map import Picture, picture_of
from atlas.snapshot.snapshot import DATA
from tests import real_data
from tests.atlas.briefing.test_briefing import CORNWALL, GM
from tests.atlas.files.office_package import faults

STYLE = Path(__file__).resolve().parents[3] / "views/briefing/briefing.css"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
OWNER = "A. <b>Owner</b> & Co\x07"


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(real_data.scorer())


def drawn(made: Briefing) -> Picture:
    named = [(ward.code, ward.name) for ward in made.wards]
    return picture_of(outlines_of(map_files(DATA / "map")), made.levels, named, *MAP_SIZE)


def stamp(made: Briefing, owner: str = OWNER) -> Stamp:
    return Stamp(owner, date(2026, 5, 4), made.version)


@pytest.fixture(scope="module")
def made(maker: Maker) -> Briefing:
    return maker.briefing([CORNWALL])


@pytest.fixture(scope="module")
def slides(made: Briefing) -> bytes:
    return powerpoint(made, stamp(made), drawn(made))


def test_a_pack_without_an_owner_says_so(made: Briefing) -> None:
    assert b"Owner: not named" in pack_page(made, stamp(made, ""), drawn(made), STYLE)
    first = Presentation(io.BytesIO(powerpoint(made, stamp(made, ""), drawn(made)))).slides[0]
    said = " ".join(shape.text_frame.text for shape in first.shapes if shape.has_text_frame)
    assert "Owner: not named" in said


def test_the_file_says_what_it_is_about_and_who_answers_for_it(
    made: Briefing, slides: bytes
) -> None:
    said = Presentation(io.BytesIO(slides)).core_properties
    assert (said.title, said.subject) == (made.title, made.about)
    assert said.author == "A. <b>Owner</b> & Co" and made.version in said.comments


def test_the_same_input_gives_the_same_bytes(made: Briefing, slides: bytes) -> None:
    assert powerpoint(made, stamp(made), drawn(made)) == slides
    assert pack_page(made, stamp(made), drawn(made), STYLE) == pack_page(
        made, stamp(made), drawn(made), STYLE
    )
    inner = zipfile.ZipFile(io.BytesIO(slides))
    book = next(name for name in inner.namelist() if name.endswith(".xlsx"))
    core = zipfile.ZipFile(io.BytesIO(inner.read(book))).read("docProps/core.xml")
    assert b">2020-01-01T00:00:00Z<" in core


def test_charts_and_tables_are_native_and_hold_the_same_figures(
    made: Briefing, slides: bytes
) -> None:
    pages = Presentation(io.BytesIO(slides)).slides
    charts = [shape.chart for page in pages for shape in page.shapes if shape.has_chart]
    lines = made.fairness.brief()
    assert [list(c.plots[0].categories) for c in charts] == [[x.name for x in lines[::-1]]]
    shares = {series.name: list(series.values) for series in charts[0].plots[0].series}
    assert shares["Share of all residents"] == [x.share_area.value for x in lines[::-1]]
    tables = [shape.table for page in pages for shape in page.shapes if shape.has_table]
    first = [cell.text for cell in tables[1].rows[1].cells]
    ward = made.wards[0]
    assert first[1:3] == [ward.name, ward.council] and first[-1] == ward.residents.shown


def test_every_slide_has_a_title_and_every_picture_is_described(slides: bytes) -> None:
    book = Presentation(io.BytesIO(slides))
    titles = [page.shapes.title.text_frame.text for page in book.slides]
    assert all(titles) and len(set(titles)) == len(titles)
    for page in book.slides:
        for shape in page.shapes:
            if shape.has_chart or shape.has_table or shape.shape_type == 6:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


def test_wards_are_shapes_that_can_be_edited(made: Briefing, slides: bytes) -> None:
    groups = [
        shape
        for page in Presentation(io.BytesIO(slides)).slides
        for shape in page.shapes
        if shape.shape_type == 6
    ]
    assert len(groups) == 1 and len(groups[0].shapes) == 87
    name = f"{made.wards[0].code}: highest-risk fifth"
    assert name in {shape.name for shape in groups[0].shapes}


def test_the_deck_has_the_fonts_colours_and_band_of_the_template_in_its_place(
    made: Briefing, tmp_path: Path
) -> None:
    mine = Presentation(str(TEMPLATE))
    cover = mine.slide_layouts.get_by_name(COVER)
    [band] = [shape for shape in cover.shapes if shape.name == "Band"]
    band.text_frame.paragraphs[0].runs[0].text = "Cornwall Council"
    spare = mine.slides.add_slide(cover)
    spare.shapes.title.text = "A slide of the template’s own"
    mine.save(str(tmp_path / "mine.pptx"))
    deck = Presentation(
        io.BytesIO(powerpoint(made, stamp(made), drawn(made), str(tmp_path / "mine.pptx")))
    )
    first = deck.slides[0]
    assert "Cornwall Council" in [s.text_frame.text for s in first.slide_layout.shapes]
    assert "of the template’s own" not in " ".join(p.shapes.title.text for p in deck.slides)
    # No font is named and no colour given but the map's own, so that the theme's apply.
    texts = [r.font for p in deck.slides for s in p.shapes if s.has_text_frame
             for line in s.text_frame.paragraphs for r in line.runs]  # fmt: skip
    assert {font.name for font in texts} == {None}
    assert all(font.color.type is None or font.color.theme_color for font in texts)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda book: setattr(book, "slide_width", 9144000), "wide slides"),
        (lambda book: setattr(book.slide_layouts[1], "name", "x"), "called “Title Only”"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    harm: Callable[[Any], None], said: str, tmp_path: Path
) -> None:
    book, path = Presentation(str(TEMPLATE)), tmp_path / "mine.pptx"
    harm(book)
    book.save(str(path))
    with pytest.raises(TemplateError, match=said):
        opened_template(str(path))
    with zipfile.ZipFile(TEMPLATE) as whole, zipfile.ZipFile(path, "w") as broken:
        for name in whole.namelist():
            broken.writestr(name, whole.read(name).replace(b"</p:presentation>", b""))
    with pytest.raises(TemplateError, match="save it anew"):
        opened_template(str(path))
    path.write_bytes(b"no slides")
    with pytest.raises(TemplateError, match="save it anew"):
        opened_template(str(path))


def test_the_deck_opens_without_repair_by_the_rules_of_its_format(slides: bytes) -> None:
    assert faults(slides) == []
    with zipfile.ZipFile(io.BytesIO(slides)) as book:
        for name in book.namelist():
            if re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
                for table in etree.fromstring(book.read(name)).iter(f"{{{_DRAWING}}}tbl"):
                    columns = len(table.findall(f"{{{_DRAWING}}}tblGrid/{{{_DRAWING}}}gridCol"))
                    rows = table.findall(f"{{{_DRAWING}}}tr")
                    assert {len(row.findall(f"{{{_DRAWING}}}tc")) for row in rows} == {columns}


def test_notes_say_where_the_numbers_come_from(made: Briefing, slides: bytes) -> None:
    pages = list(Presentation(io.BytesIO(slides)).slides)
    notes = pages[1].notes_slide.notes_text_frame.text
    assert "the sum of population over 64 rows of wards" in notes
    assert "band 9 or 10 in risk_index" in notes
    foot = {shape.text_frame.text for shape in pages[3].shapes if shape.has_text_frame}
    assert any("Owner: A. <b>Owner</b> & Co" in text and "4 May 2026" in text for text in foot)


def test_the_page_for_paper_carries_everything_and_fetches_nothing(made: Briefing) -> None:
    page = pack_page(made, stamp(made), drawn(made), STYLE).decode()
    assert "<b>Owner</b>" not in page and "&lt;b&gt;Owner&lt;/b&gt;" in page
    assert not re.search(r"<(script|link|iframe)|src='(?!data:)|url\((?!#)", page)
    assert "size: A4 landscape" in page and page.count("<h1") == 1
    for _, shown, words, _ in origin_rows(made.numbers()):
        assert shown in page and words in page
    assert all(headline.large.shown in page for headline in made.headlines)


def test_the_deck_has_one_idea_a_slide(maker: Maker) -> None:
    made = maker.briefing([GM])
    deck = slides_of(made, stamp(made, ""))
    keys = [slide.key for slide in deck]
    assert keys[:6] == ["cover", "targeted", "jobs", "beyond", "hidden", "map"]
    assert keys[6:9] == ["fairness", "wards", "help"]
    assert keys[-4:] == ["recommended", "limits", "questions-1", "questions-2"]
    assert "Owner: not named" in deck[0].sentence
    assert isinstance(deck[6].body, Bars) and len(deck[6].body.lines) == 10


@pytest.mark.parametrize("place", [GM, CORNWALL, "E09000001", "E06000053", "E09000012"])
def test_every_heading_names_its_subject_and_a_number(maker: Maker, place: str) -> None:
    made = maker.briefing([place])
    deck = slides_of(made, stamp(made))
    names = [made.area.name.lower(), *(w.name.lower() for w in made.wards), "england", "library"]
    counts = r"\d|None|one|[Tt]wo|six|All|[Nn]o ward|not known"
    for slide in deck:
        assert any(name in slide.title.lower() for name in names), slide.title
        assert re.search(counts, slide.title), slide.title
        assert not re.search(r"(?<![\d,.])0 ", slide.title), slide.title
    assert len({slide.title for slide in deck}) == len(deck)
    recommended = next(slide for slide in deck if slide.key == "recommended")
    assert isinstance(recommended.body, Points)
    assert all(point.ask for point in recommended.body.points)
    assert made.wards[0].name in recommended.body.points[0].title


def test_slides_and_paper_lead_back_to_the_exact_view(made: Briefing) -> None:
    link = "https://atlas.example.org/briefing?place=E06000052&preset=people_only"
    given = replace(stamp(made), link=link)
    first = Presentation(io.BytesIO(powerpoint(made, given, drawn(made)))).slides[0]
    links = [
        run.hyperlink.address
        for shape in first.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        for run in paragraph.runs
    ]
    assert link in links
    pictures = [shape for shape in first.shapes if shape.shape_type == 13]
    assert [picture.image.blob for picture in pictures] == [qr_png(link)]
    page = pack_page(made, given, drawn(made), STYLE).decode()
    assert page.count("QR code of the link") == 1 and link.replace("&", "&amp;") in page


def test_a_name_on_the_map_stands_beside_its_mark(made: Briefing, slides: bytes) -> None:
    shapes = [s for s in Presentation(io.BytesIO(slides)).slides[5].shapes if s.has_text_frame]
    placed = {shape.text_frame.text: shape for shape in shapes}
    pins = {pin.number: pin for pin in drawn(made).pins}
    assert len(pins) == 5
    for number, pin in pins.items():
        name, mark = placed[pin.label], placed[str(number)]
        near = name.left + name.width if pin.end else name.left
        middle = mark.left + mark.width // 2
        assert mark.width // 2 <= abs(near - middle) < mark.width


def test_a_long_heading_stays_on_one_line_and_a_short_table_is_large(slides: bytes) -> None:
    pages = list(Presentation(io.BytesIO(slides)).slides)
    sizes = {p.shapes.title.text: p.shapes.title.text_frame.paragraphs[0].runs[0] for p in pages}
    words = "residents live in high-risk pockets outside the highest fifth of wards"
    long = next(title for title in sizes if title.endswith(words))
    short = "4 rules for using the figures on Cornwall"
    # A short heading has the template's own size.
    assert sizes[long].font.size.pt == 25 and sizes[short].font.size is None
    tables = [shape.table for page in pages for shape in page.shapes if shape.has_table]
    written = [t.cell(1, 1).text_frame.paragraphs[0].runs[0].font.size.pt for t in tables]
    assert written == [20, 15, 20]
