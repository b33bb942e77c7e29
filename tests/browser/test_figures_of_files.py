"""Files say what their page says, figure by figure, and lead back to it."""

import io

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from playwright.sync_api import BrowserContext, Page, expect

from atlas.catalogue.columns import measure_named, shown
from tests.browser.site import drawn, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Of every kind: a combined authority, cities, counties, islands, and wards without figures.
PLACES = ("E47000001", "E08000003", "E06000052", "E09000001", "E06000053", "E07000123")
PLACES += ("E10000017", "E06000010", "E09000012", "E12000001")


def on_screen(page: Page) -> list[list[str]]:
    """Return the rows of the page's main table, the first line of each cell."""
    return page.locator("#main-table tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.innerText.split('\\n')[0]))"
    )


def workbook(page: Page, button: str) -> Workbook:
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return load_workbook(io.BytesIO(waiting.value.path().read_bytes()))


def lines(book: Workbook) -> list[dict[str, object]]:
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def address_in(book: Workbook) -> str:
    cells = [cell for row in book["About this file"].iter_rows() for cell in row]
    [link] = [cell.hyperlink.target for cell in cells if cell.hyperlink]
    return str(link)


def in_words(name: str, value: object) -> str:
    return shown(measure_named(name), float("nan") if value is None else float(str(value)))


@pytest.mark.parametrize("place", PLACES)
def test_a_workbook_has_the_figures_of_its_page_and_its_link_opens_it(
    place: str, visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor.new_page(), f"{address}map?place={place}")
    map_book, seen = workbook(page, "Excel"), on_screen(page)
    written = lines(map_book)[: len(seen)]
    assert [
        [
            line["Ward"],
            in_words("risk_score", line["Overall risk of digital exclusion"]),
            "no data" if line["Residents"] is None else f"{line['Residents']:,}",
        ]
        for line in written
    ] == [[row[0], row[2], row[4]] for row in seen]
    opened(page, address_in(map_book))
    assert on_screen(page) == seen

    opened(page, f"{address}ward_list?place={place}")
    # Files follow when the list is tested, and the list is then as it stays.
    expect(page.get_by_role("button", name="Excel", exact=True)).to_be_visible()
    drawn(page)
    list_book, seen = workbook(page, "Excel"), on_screen(page)
    written = lines(list_book)[: len(seen)]
    assert [
        [line["Ward"], in_words("risk_score", line["Score"]), f"{line['Residents']:,}"]
        for line in written
    ] == [[row[1], row[2], row[5]] for row in seen]
    opened(page, address_in(list_book))
    assert on_screen(page) == seen
    page.close()
