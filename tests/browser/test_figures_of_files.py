"""Files say what their page says, figure by figure, and lead back to it."""

import csv
import io
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from playwright.sync_api import BrowserContext, Page, expect
from pptx import Presentation

from atlas.catalogue.columns import averaged, measure_named, shown
from tests.browser.chromium import map_frame
from tests.browser.site import drawn, gone_to, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Of every kind: a combined authority, cities, counties, islands, and wards without figures.
PLACES = ("E47000001", "E08000003", "E06000052", "E09000001", "E06000053", "E07000123")
PLACES += ("E10000017", "E06000010", "E09000012", "E12000001")
# What is written on the picture that the map saves, line by line.
WORDS_OF_THE_PICTURE = """() => {
  const canvas = CanvasRenderingContext2D.prototype, put = canvas.fillText, said = [];
  canvas.fillText = function (text, ...at) { said.push(text); put.call(this, text, ...at); };
  Atlas.picture(atlas);
  canvas.fillText = put;
  return said;
}"""


@pytest.fixture(scope="module")
def page(visitor: BrowserContext, address: str) -> Iterator[Page]:
    """One page for all places: a reader goes on from view to view."""
    page = opened(visitor.new_page(), address)
    yield page
    page.close()


def on_screen(page: Page) -> list[list[str]]:
    """Return the rows of the page's main table, the first line of each cell."""
    return page.locator("#main-table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.innerText.split('\\n')[0]))"
    )


def taken(page: Page, button: str) -> bytes:
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return waiting.value.path().read_bytes()


def workbook(page: Page, button: str) -> Workbook:
    return load_workbook(io.BytesIO(taken(page, button)))


def lines(book: Workbook) -> list[dict[str, object]]:
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def address_in(book: Workbook) -> str:
    cells = [cell for row in book["About this file"].iter_rows() for cell in row]
    [link] = [cell.hyperlink.target for cell in cells if cell.hyperlink]
    return str(link)


def in_words(name: str, value: object) -> str:
    return shown(measure_named(name), float("nan") if value is None else float(str(value)))


def view_of(address: str) -> tuple[str, dict[str, list[str]]]:
    """Return what an address shows: its page, and its parameters in any order."""
    parts = urlsplit(address)
    return parts.path, parse_qs(parts.query)


def shows_again(page: Page, link: str, place: str, seen: list[list[str]]) -> None:
    """A file's link says all that the address of its view does; of two places it is opened, too."""
    (path, said), (here, asked) = view_of(link), view_of(page.url)
    assert (path, said) == (here, said | asked)
    if place in ("E09000001", "E06000010"):
        opened(page, link)
        assert on_screen(page) == seen


@pytest.mark.parametrize("place", PLACES)
def test_the_files_of_the_map_have_its_figures_and_their_link_opens_it(
    place: str, page: Page, address: str
) -> None:
    gone_to(page, f"{address}map?place={place}")
    book, seen = workbook(page, "Excel"), on_screen(page)
    written, link = lines(book), address_in(book)
    assert [
        [
            line["Ward"],
            in_words("risk_score", line["Overall risk of digital exclusion"]),
            "no data" if line["Residents"] is None else f"{line['Residents']:,}",
        ]
        for line in written[: len(seen)]
    ] == [[row[0], row[2], row[4]] for row in seen]

    rows = list(csv.DictReader(io.StringIO(taken(page, "Download CSV").decode("utf-8-sig"))))
    assert {row["link"] for row in rows} == {link}
    assert [
        [row["ward_name"], in_words("risk_score", row["risk_score"] or None), row["population"]]
        for row in rows
    ] == [
        [
            line["Ward"],
            in_words("risk_score", line["Overall risk of digital exclusion"]),
            "" if line["Residents"] is None else str(line["Residents"]),
        ]
        for line in written
    ]

    saved = html.fromstring(taken(page, "Save as a page that works offline").decode())
    assert [each.get("href") for each in saved.iter("a") if each.text == each.get("href")] == [link]
    [table] = saved.find_class("saved-table")
    wards = [[cell.text_content() for cell in row] for row in table.findall(".//tbody/tr")]
    known = [[row[0], row[2], row[4]] for row in seen if row[2] != "no data"]
    assert [[row[0].partition(". ")[2], *row[2:]] for row in wards[: len(known)]] == known
    picture = "".join(map_frame(page).evaluate(WORDS_OF_THE_PICTURE))
    classes = (
        page.locator(".atlas-legend")
        .first.locator("tbody th")
        .evaluate_all(
            "rows => rows.map(row => [...row.children].slice(1).map(part => part.textContent))"
        )
    )
    assert len(classes) == 6 and all(": ".join(words) in picture for words in classes[:-1])
    assert page.url in picture
    shows_again(page, link, place, seen)


@pytest.mark.parametrize("place", PLACES)
def test_the_workbook_of_the_list_has_its_figures_and_its_link_opens_it(
    place: str, page: Page, address: str
) -> None:
    gone_to(page, f"{address}ward_list?place={place}")
    # Files follow when the list is tested, and the list is then as it stays.
    expect(page.get_by_role("button", name="Excel", exact=True)).to_be_visible()
    drawn(page)
    book, seen = workbook(page, "Excel"), on_screen(page)
    assert [
        [line["Ward"], in_words("risk_score", line["Score"]), f"{line['Residents']:,}"]
        for line in lines(book)[: len(seen)]
    ] == [[row[1], row[2], row[5]] for row in seen]
    shows_again(page, address_in(book), place, seen)


@pytest.mark.parametrize("place", ("E06000053", "E06000010"))
def test_slides_and_paper_have_the_figures_of_their_briefing_and_its_link(
    place: str, page: Page, address: str
) -> None:
    gone_to(page, f"{address}briefing?place={place}")
    large = page.locator(".brief-number > span").all_inner_texts()
    wards = page.locator(".brief-wards li strong").all_inner_texts()
    people = [
        each.removesuffix(" residents")
        for each in page.locator(".brief-wards .brief-people").all_inner_texts()
    ]
    assert len(large) == 3 and len(wards) == len(people)

    deck = Presentation(io.BytesIO(taken(page, "PowerPoint")))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    texts = [shape.text_frame for shape in shapes if shape.has_text_frame]
    assert set(large) <= {text.text for text in texts}
    rows = [[c.text for c in row.cells] for s in shapes if s.has_table for row in s.table.rows]
    listed = [[row[1], row[-1]] for row in rows if len(row) == 6 and "fifth" in row[3]]
    assert listed == [list(each) for each in zip(wards, people, strict=True)]
    links = {run.hyperlink.address for text in texts for p in text.paragraphs for run in p.runs}
    [link] = links - {None}
    assert view_of(link) == view_of(page.url)

    paper = html.fromstring(taken(page, "For paper").decode())
    said = [each.text_content() for each in paper.find_class("brief-number")]
    assert [text.split()[0] for text in said] == [text.split()[0] for text in large]
    listed_there = [li.findtext("strong") for li in paper.find_class("brief-wards")[0]]
    assert listed_there == wards
    assert link in paper.find(".//footer").text_content()


@pytest.mark.parametrize("place", ("E08000003", "E06000052"))
def test_the_workbook_of_compare_has_its_figures_of_every_unit_and_its_link(
    place: str, page: Page, address: str
) -> None:
    gone_to(page, f"{address}compare?place={place}&with=E09000001")
    seen = page.locator(".atlas-compare tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].slice(1).map(cell =>"
        " cell.innerText.replace('▲', '').replace('(most need)', '').trim()))"
    )
    book = workbook(page, "Excel")
    written = [list(line.values()) for line in lines(book)]
    columns = [averaged(measure_named(str(row[-1]))) for row in written]
    assert [
        [shown(column, float(str("nan" if value is None else value))) for value in row[3:-1]]
        for column, row in zip(columns, written, strict=True)
    ] == seen
    kinds = {str(row[1].value): row[3].number_format for row in book["Table"].iter_rows(min_row=2)}
    assert (kinds["share"], kinds["score"], kinds["people"]) == ("0.0%", "0.0", "#,##0")
    assert view_of(address_in(book)) == view_of(page.url)
