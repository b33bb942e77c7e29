"""Files say what their page says, figure by figure, and open it again, in every kind of place."""

import io
import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import streamlit as st
from lxml import html as markup
from openpyxl import load_workbook
from openpyxl.cell import Cell
from pptx import Presentation
from streamlit.testing.v1 import AppTest

from atlas.risk.request import RiskRequest
from tests.browser.test_figures_of_files import PLACES
from tests.views.test_pages import fine, gone_on, html, opened
from tests.views.test_risk_pages import checked
from views.cached import risk
from views.cached.support import support
from views.session.snapshot import atlas

pytestmark = pytest.mark.slow
# Of each table: its tab, how its caption begins, how its file's name begins, and which cells of a
# row hold figures of the file.
TABLES = (
    ("help_nearby", "Wards of ", "support", slice(2, None)),
    ("help_nearby", "Libraries in ", "libraries", slice(2, None)),
    ("where_next", "Residents at risk", "where-next", slice(3, None)),
    ("what_if", "Wards of ", "what-if", slice(4, None)),
    ("compare", "", "compare", slice(1, None)),
    ("audit", "Published datasets", "audit", slice(2, None)),
    # Risk and residents: what else is counted there is counted within the list.
    ("ward_list", "A risk of 90 means", "risk-list", slice(2, 8, 3)),
    ("ward_list", "500 divided", "division", slice(1, None)),
    ("postcodes", "Wards of the postcodes", "postcodes-by-ward", slice(2, 3)),
)
NAMES = ("name", "candidate_name", "ward_name", "authority_name", "label", "dataset")
Files = dict[str, Callable[[], bytes]]
Lines = list[dict[str, Any]]
SITE = "https://atlas.example"
OPENED = ("E09000001", "E06000010")  # the places whose files' links are opened, too
TABLE_SHEETS = {"Table", "Libraries", "Wards that change", "Wards"}
SEEN_AS = {"0.0%": ".1%", "0.0": ".1f", "0.00": ".2f", "#,##0": ",.0f", "#,##0.0": ",.1f"}


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What pages offer as files, by name; the pages are reached at an address."""
    found: Files = {}
    monkeypatch.setattr(
        st, "download_button", lambda _label, data, file_name, **_: found.update({file_name: data})
    )
    visited = type("Visited", (type(st.context),), {"url": f"{SITE}/here"})
    monkeypatch.setattr(st, "context", visited())
    return found


@pytest.fixture(scope="module")
def app() -> AppTest:
    """One visit for all places: a reader goes on from view to view, of a list that is tested."""
    risk.tested(RiskRequest())
    return opened("help_nearby")


def rows_of(app: AppTest, begins: str) -> Iterator[list[markup.HtmlElement]]:
    """Yield the cells of each row that has figures, of the tables whose caption begins so."""
    for table in markup.fromstring(f"<div>{html(app)}</div>").iter("table"):
        caption = table.find("caption")
        if caption is not None and caption.text_content().startswith(begins):
            for row in table.iterfind(".//tbody/tr"):
                if row.find_class("atlas-number") and not row.find_class("atlas-total"):
                    yield list(row)


def ways(value: str) -> set[str]:
    """Return how pages may write a figure of a file: whole or with a decimal, cut, as per cent."""
    try:
        number = float(value)
    except ValueError:
        return {value}
    cut = math.floor(number * 10 + 1e-9) / 10
    # Adding zero keeps a tiny negative from being written as -0.
    rounded = {f"{round(number, decimals) + 0.0:,.{decimals}f}" for decimals in range(3)}
    return rounded | {f"{number:.0%}", f"{number:.1%}", f"{cut:,.1f}", f"{cut // 1:,.0f}"}


def figures(cell: markup.HtmlElement) -> list[str]:
    """Return the figures of a cell without their units and marks; none of a cell of words."""
    if "atlas-number" not in cell.get("class", "") and " of " not in cell.text_content():
        return []
    text = cell.text_content().replace("▲", "").replace("(most need)", "")
    for word in (" km", " hours", " small areas", " wards", " libraries", " of ", "→"):
        text = text.replace(word, " ")
    return [word for word in text.split() if any(map(str.isdigit, word))]


def in_the_workbook(data: bytes, lines: Lines, link: str) -> None:
    """A workbook's table shows, number by number, what the lines of its CSV hold."""
    book = load_workbook(io.BytesIO(data))
    [sheet] = [sheet for sheet in book if sheet.title in TABLE_SHEETS]
    rows = list(sheet.iter_rows(min_row=2))
    assert len(rows) == len(lines)
    for cells, line in zip(rows, lines, strict=True):
        held = set(line.values()).union(*map(ways, line.values()))
        assert {seen_as(cell) for cell in cells if cell.value is not None} <= held
    about = [cell for row in book["About this file"].iter_rows() for cell in row]
    assert [cell.hyperlink.target for cell in about if cell.hyperlink] == [link]


def seen_as(cell: Cell) -> str:
    """Return how a cell of a workbook is read; a tiny negative is a nought."""
    seen = format(cell.value, SEEN_AS.get(cell.number_format, "")) if cell.value != "" else ""
    return seen if seen.strip("-0.%") else seen.lstrip("-")


def in_the_outlines(data: bytes, lines: Lines, link: str) -> None:
    """A GeoJSON file has the lines of the CSV beside it."""
    made = json.loads(data)
    held = [feature["properties"] for feature in made["features"]]
    assert made["about"]["Link"] == link and len(held) == len(lines)
    for written, line in zip(held, lines, strict=True):
        for name, value in line.items():
            assert (float(value) if isinstance(written[name], float | int) else value) == (
                "" if written[name] is None else written[name]
            ), name


def on_the_paper(app: AppTest, data: bytes, link: str) -> None:
    """The paper on who gains and loses has the counted rows and the sentence of its page."""
    page, paper = read(html(app)), markup.fromstring(data.decode())
    rows = [
        [text_of(cell).lstrip("+−") for cell in row]
        for row in page.find_class("atlas-groups")[0].iterfind(".//tbody/tr")
    ]
    written = [[text_of(cell) for cell in row] for row in paper.iterfind(".//tbody/tr")]
    assert [row for row in rows if row in written] == written and len(written) > 5
    assert text_of(page.find_class("atlas-lead")[0]) == text_of(paper.find_class("lead")[0])
    assert links(paper) == [link]


def read(text: str) -> markup.HtmlElement:
    return markup.fromstring(f"<div>{text}</div>")


def text_of(element: markup.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def links(page: markup.HtmlElement) -> list[str]:
    """Return where a file leads within the Atlas."""
    return [each.get("href") for each in page.iter("a") if each.get("href").startswith(SITE)]


def opens_its_view(app: AppTest, link: str, tab: str, place: str) -> None:
    """A file's link names its place; of two places it is opened, and the view is the same."""
    given = {name: value[0] for name, value in parse_qs(urlsplit(link).query).items()}
    assert given["place"] == place, link
    if place in OPENED:
        seen = app.title[0].value
        rows = [[text_of(cell) for cell in row] for row in rows_of(app, "")]
        app.query_params.clear()
        gone_on(app, tab, **given)
        fine(app)
        assert app.title[0].value == seen
        # What was typed is kept in no address.
        assert tab == "postcodes" or [[text_of(c) for c in row] for row in rows_of(app, "")] == rows


@pytest.mark.parametrize("place", PLACES)
def test_a_row_of_a_page_has_the_figures_of_its_row_in_the_file(
    place: str, app: AppTest, files: Files
) -> None:
    inside = set(atlas().snapshot.wards["ward_code"].iloc[atlas().places.positions(place)])
    near = [each for each in support().libraries if each.ward_code in inside]
    seen = 0
    for tab, begins, name, held in TABLES:
        closed = {"close": near[0].venue_id} if tab == "what_if" and near else {}
        files.clear()
        gone_on(app, tab, place=place, **closed)
        if name == "division":
            app.toggle(key="risk_divide").set_value(True).run()
        if tab == "postcodes" and near:
            checked(app, "\n".join(each.postcode for each in near[:20]))
        fine(app)
        made = [data for each, data in files.items() if each.startswith(name) and "csv" in each]
        text = made[0]().decode("utf-8-sig") if made else ""
        table = pd.read_csv(io.StringIO(text or "link"), dtype=str, keep_default_na=False)
        whole = table.to_dict("records")
        if tab == "audit":  # whose file tells councils apart, and whose page adds them up
            counts = dict.fromkeys(("known", "of", "gaps"), "sum")
            table = table.astype(dict.fromkeys(counts, int)).groupby("dataset", as_index=False)
            table = table.agg(counts | {"link": "first"}).astype(str)
        lines = table.to_dict("records")
        rows = list(rows_of(app, begins))
        # What is near on the Isles of Scilly is not known: their rows have no figures.
        assert rows or not (lines and near), (tab, begins)
        for cells in rows:
            words = {text.strip() for cell in cells for text in cell.itertext()}
            words |= {word.partition(": ")[2] for word in words}
            words |= {part for word in words for part in word.rpartition(", ")}
            # Of one name may be several: they differ by council, small area, or figures.
            known = [len(words.intersection(map(line.get, NAMES))) for line in lines]
            alike = [line for line, count in zip(lines, known, strict=True) if count == max(known)]
            said = {figure for cell in cells[held] for figure in figures(cell)}
            assert max(known) and any(
                said <= set().union(*map(ways, line.values())) for line in alike
            ), (tab, words, alike)
            seen += len(said)
        for link in {line["link"] for line in lines}:
            for other, data in files.items():
                if other.startswith(name) and other.endswith(".xlsx"):
                    in_the_workbook(data(), whole, link)
                if other.startswith(name) and other.endswith(".geojson"):
                    in_the_outlines(data(), whole, link)
                if other.startswith("who-gains"):
                    on_the_paper(app, data(), link)
            opens_its_view(app, link, tab, place)
    assert seen > 50


@pytest.mark.parametrize("place", PLACES)
def test_what_is_printed_and_shown_says_what_its_page_does(
    place: str, app: AppTest, files: Files
) -> None:
    files.clear()
    ward = atlas().places.wards(place)[0]
    gone_on(app, "my_area", place=place, ward=ward)
    [sheet] = [markup.fromstring(data().decode()) for data in files.values()]
    [here] = read(html(app)).find_class("sheet")
    assert [text_of(each) for each in here.iter("p", "li")] == [
        text_of(each) for each in sheet.iter("p", "li")
    ]
    assert links(sheet) == [f"{SITE}/my_area?ward={ward}"]

    app.query_params.pop("ward")
    files.clear()
    gone_on(app, "map", place=place)
    saved = next(data for name, data in files.items() if name.endswith(".html"))
    there, here = markup.fromstring(saved().decode()), read(html(app))
    assert text_of(there.find(".//h1")).startswith(f"{atlas().places[place].label}, by ward: ")
    for part in ("atlas-lead", "atlas-legend"):
        assert text_of(there.find_class(part)[0]) == text_of(here.find_class(part)[0])

    files.clear()
    gone_on(app, "briefing", place=place)
    fine(app)
    here = read(html(app))
    table = next(t for t in here.iter("table") if text_of(t).startswith("Every number, with"))
    origins = [[text_of(cell) for cell in row] for row in table.iterfind(".//tbody/tr")]
    assert len(origins) > 30
    made = {name.rpartition(".")[2]: data() for name, data in files.items()}
    in_the_pack(markup.fromstring(made["html"].decode()), here, origins)
    in_the_deck(made["pptx"], here, origins)
    paper = markup.fromstring(made["html"].decode())
    [link] = {*links(paper), *links_of(made["pptx"])}
    opens_its_view(app, link, "briefing", place)


def in_the_pack(
    paper: markup.HtmlElement, here: markup.HtmlElement, origins: list[list[str]]
) -> None:
    """The pack has the page's three numbers, its wards and the origin of every number."""
    for part in ("brief-card", "brief-wards", "brief-questions"):
        [first, *_], [there, *_] = here.find_class(part), paper.find_class(part)
        assert text_of(there) == text_of(first)
    assert [text_of(each) for each in paper.find_class("brief-card")] == [
        text_of(each) for each in here.find_class("brief-card")
    ]
    table = paper.find_class("brief-grid")[0]
    assert [[text_of(cell) for cell in row] for row in table.iterfind(".//tbody/tr")] == origins


def in_the_deck(data: bytes, here: markup.HtmlElement, origins: list[list[str]]) -> None:
    """Slides have the page's numbers, sentences, wards and shares, and notes their origins."""
    slides = Presentation(io.BytesIO(data)).slides
    shapes = [shape for slide in slides for shape in slide.shapes]
    texts = {shape.text_frame.text for shape in shapes if shape.has_text_frame}
    for card in here.find_class("brief-card"):
        assert {text_of(card.find("h2/span")), text_of(card.find("p"))} <= texts
    listed = [
        [text_of(each.find("strong")), text_of(each.find_class("brief-people")[0])]
        for each in here.find_class("brief-wards")[0].iter("li")
    ]
    rows = [[c.text for c in row.cells] for s in shapes if s.has_table for row in s.table.rows]
    assert [[r[1], f"{r[5]} residents"] for r in rows if len(r) == 6 and "fifth" in r[3]] == listed
    shares = {
        text_of(row[0]): [text_of(cell) for cell in row[-2:]] for row in rows_in(here, "each share")
    }
    for chart in (shape.chart for shape in shapes if shape.has_chart):
        target, whole = map(labels, chart.plots[0].series)
        drawn = zip(chart.plots[0].categories, whole, target, strict=True)
        assert {name: list(both) for name, *both in drawn}.items() <= shares.items()
    known = {f"{name}: {shown} = {how} ({rule})." for name, shown, how, rule in origins}
    notes = [slide.notes_slide.notes_text_frame.text for slide in slides]
    told = {line for text in notes for line in text.split("\n") if " = " in line}
    assert {re.sub(r"^Questions of .*?\. (?=[A-Z])", "", line) for line in told} <= known


def labels(series: Any) -> list[str]:
    """Return what stands beside the bars of a chart: a text of their own, or their value."""
    own = [point.data_label for point in map(series.points.__getitem__, range(len(series.values)))]
    written = [f"{v:.1%}" if 0 < v < 0.0995 else f"{v:.0%}" for v in series.values]
    return [
        label.text_frame.text if label.has_text_frame else value
        for label, value in zip(own, written, strict=True)
    ]


def rows_in(here: markup.HtmlElement, caption: str) -> Iterator[markup.HtmlElement]:
    """Yield the rows of the tables whose caption has the words."""
    for table in here.iter("table"):
        if caption in table.findtext("caption", ""):
            yield from table.iterfind(".//tbody/tr")


def links_of(deck: bytes) -> set[str]:
    """Return where the text of slides leads within the Atlas."""
    shapes = [s for slide in Presentation(io.BytesIO(deck)).slides for s in slide.shapes]
    frames = [shape.text_frame for shape in shapes if shape.has_text_frame]
    runs = [run for frame in frames for part in frame.paragraphs for run in part.runs]
    return {run.hyperlink.address for run in runs if run.hyperlink.address}
