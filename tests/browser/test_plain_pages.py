"""Pages without scripts in a real browser: for every reader, on paper, and read by other sites."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.audit import violations
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = ("ward/E05011368", "area/E08000003", "area/E92000001", "find?q=castle")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(bypass_csp=True) as context:
        yield context.new_page()


@pytest.mark.parametrize("width", [1280, 390, 320])
@pytest.mark.parametrize("path", PAGES)
def test_no_reader_is_left_out(page: Page, atlas_server: Server, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(atlas_server.address + path)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES[:2])
def test_a_page_prints_on_one_sheet(page: Page, atlas_server: Server, path: str) -> None:
    page.goto(atlas_server.address + path)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1


def test_a_postcode_is_answered_without_scripts(browser: Browser, atlas_server: Server) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(atlas_server.address + "find")
        page.get_by_label("Postcode, town, ward or council").fill("M15 5AZ")
        page.get_by_role("button", name="Find").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hulme")


def test_the_way_there_and_back(page: Page, atlas_server: Server) -> None:
    page.goto(atlas_server.address + "ward_list?place=E08000003")
    page.locator(".atlas-foot summary").click()
    page.get_by_role("link", name="this place on a page without scripts").click()
    expect(page).to_have_title(re.compile("Manchester: risk of digital exclusion"))
    page.get_by_role("link", name="Ward list").click()
    expect(page).to_have_title(re.compile("^Manchester · Ward list"))


def test_another_sites_script_reads_a_twin(page: Page, atlas_server: Server) -> None:
    # The same machine by its other name is another site to a browser.
    page.goto(atlas_server.address.replace("127.0.0.1", "localhost") + "robots.txt")
    found = page.evaluate(
        "async url => { const answer = await fetch(url, {headers: {'If-None-Match': '\"x\"'}});"
        " return [(await answer.json()).name, answer.headers.get('ETag')]; }",
        atlas_server.address + "ward/E05011368.json",
    )
    assert found[0] == "Hulme, Manchester"
    assert found[1]
