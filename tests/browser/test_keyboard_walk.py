"""Tasks of real readers, done with the keyboard alone: no test here touches a mouse.

Each is reached by Tab and the arrow keys, and must show where the focus is at every stop.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.audit import from_the_top
from tests.browser.chromium import map_frame
from tests.browser.site import drawn, opened

pytestmark = pytest.mark.browser

# The focus shows by an outline, or by a shadow or a border on the control's own frame.
WHERE = """() => {
    let at = document.activeElement;
    while (at && at.tagName === "IFRAME") at = at.contentDocument.activeElement;
    const seen = e => { const s = getComputedStyle(e);
        return s.outlineStyle !== "none" || s.boxShadow !== "none"; };
    let shown = false;
    for (let e = at, up = 0; e && up < 5 && !shown; e = e.parentElement, up++) shown = seen(e) ||
        (up < 4 && ["INPUT", "TEXTAREA"].includes(at.tagName));
    const labels = [...(at.labels || [])].map(each => each.innerText);
    return [[at.getAttribute("aria-label"), ...labels, at.title, at.innerText, at.placeholder]
        .filter(Boolean).join(" | ").slice(0, 200), shown]; }"""


@pytest.fixture
def page(visitor: BrowserContext) -> Iterator[Page]:
    fresh = visitor.new_page()
    yield fresh
    fresh.close()


def started(page: Page, url: str) -> None:
    opened(page, url)
    page.set_default_timeout(15_000)
    from_the_top(page)


def to(page: Page, wanted: str, most: int = 60) -> str:
    """Press Tab until what has the focus matches; every stop on the way must be seen."""
    return tabbed(page, lambda what: bool(re.search(wanted, what)), wanted, most)


def to_control(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until what has the focus is, or lies within, an element of the selector."""
    within = "s => Boolean(document.activeElement.closest(s))"
    tabbed(page, lambda _: bool(page.evaluate(within, selector)), selector, most)


def tabbed(page: Page, arrived: Callable[[str], bool], wanted: str, most: int) -> str:
    passed: list[str] = []
    while len(passed) < most:
        page.keyboard.press("Tab")
        what, shown = page.evaluate(WHERE)
        assert shown, f"nothing shows that the focus is at: {what}"
        passed.append(what)
        if arrived(what):
            return passed[-1]
    raise AssertionError(f"{wanted} is not among {most} stops: {passed}")


def until(page: Page, condition: str) -> None:
    """Wait for a condition; asked from outside, because the page lets no script be made of text."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never became true: {condition}")


def settled(page: Page) -> None:
    page.wait_for_timeout(300)
    drawn(page)


def test_1_a_postcode_opens_its_ward(page: Page, address: str) -> None:
    started(page, address)
    to(page, "^Postcode")
    page.keyboard.type("M15 5AZ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("ward=E05"))


@pytest.mark.slow
def test_2_a_ward_is_chosen_among_the_results_of_a_search(page: Page, address: str) -> None:
    started(page, address)
    to(page, "^Postcode")
    page.keyboard.type("Castle")
    page.get_by_text(re.compile("Castle, ")).first.wait_for()
    to(page, "Castle, ")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("ward=E05"))


@pytest.mark.slow
def test_3_the_way_back_up_leads_to_england(page: Page, address: str) -> None:
    started(page, address + "map?place=E08000003")
    to(page, "^England")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "E08000003" not in url)


@pytest.mark.slow
def test_4_the_table_of_wards_is_reached_past_the_map(page: Page, address: str) -> None:
    started(page, address + "map?place=E47000001")
    to(page, "^Go to the table of wards$")
    page.keyboard.press("Enter")
    until(page, "Boolean(document.activeElement.closest('#main-table'))")
    expect(page.locator("#main-table caption")).to_be_in_viewport()


@pytest.mark.slow
def test_5_a_ward_of_the_list_opens_its_card(page: Page, address: str) -> None:
    started(page, address + "map?place=E47000001")
    to_control(page, '[class*="st-key-need_"]', 90)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("ward=E05"))
    expect(page.locator(".atlas-card-title")).to_be_visible()


@pytest.mark.slow
def test_6_another_measure_is_chosen(page: Page, address: str) -> None:
    started(page, address + "map?place=E47000001")
    to(page, "Measure")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("library")
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("measure=[a-z_]*library"))
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("library")


@pytest.mark.slow
def test_7_another_page_is_opened_from_the_menu(page: Page, address: str) -> None:
    started(page, address + "map?place=E47000001")
    to(page, "^Ward list$")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"ward_list\?place=E47000001$"))
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Greater Manchester")


def from_the_list(page: Page) -> None:
    """Begin anew before the list: it is drawn once more when its tests are done."""
    page.get_by_role("button", name="Download CSV").first.wait_for(timeout=60_000)
    settled(page)
    from_the_top(page)


@pytest.mark.slow
def test_8_a_list_is_cut_shorter_and_taken_away(page: Page, address: str) -> None:
    started(page, address + "ward_list?place=E47000001&cut=top%3A20")
    from_the_list(page)
    to_control(page, ".st-key-risk_limit", 120)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("top%3A19"))
    from_the_list(page)
    to(page, "Download CSV", 80)
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".csv")


@pytest.mark.slow
def test_9_pasted_postcodes_become_a_table(page: Page, address: str) -> None:
    started(page, address + "your_data?tab=postcodes")
    to_control(page, "textarea")
    page.keyboard.insert_text("M15 5AZ\nOL9 7LQ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main table", has_text="Hulme").first).to_be_visible()


@pytest.mark.slow
def test_10_the_map_is_zoomed_and_left_again(page: Page, address: str) -> None:
    started(page, address + "map?place=E47000001")
    frame = map_frame(page)
    to(page, "Zoom in", 60)
    before = frame.evaluate("atlas.map.getZoom()")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    assert frame.evaluate("atlas.map.getZoom()") > before
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName !== 'IFRAME'"):
            return
    raise AssertionError("the focus does not leave the map")


@pytest.mark.slow
def test_11_where_a_number_comes_from_is_opened(page: Page, address: str) -> None:
    started(page, address + "data_and_method")
    to_control(page, "summary", 80)
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_contain_text("Checksum")


@pytest.mark.slow
def test_12_a_briefing_is_presented_and_left_where_it_began(page: Page, address: str) -> None:
    started(page, address + "briefing?place=E08000003")
    to_control(page, ".st-key-brief_present", 80)
    page.keyboard.press("Enter")
    # A slide has no foot to wait for.
    expect(page.locator(".brief-where")).to_be_visible()
    until(page, "Boolean(document.activeElement.closest('.st-key-present_next'))")
    page.keyboard.press("End")
    expect(page.locator(".brief-where")).to_have_text(re.compile(r"^(\d+) of \1:"))
    page.keyboard.press("Home")
    expect(page.locator(".brief-where")).to_have_text(re.compile("^1 of "))
    assert page.evaluate("Boolean(document.activeElement.closest('.st-key-present_next'))")
    page.keyboard.press("Escape")
    settled(page)
    until(page, "Boolean(document.activeElement.closest('.st-key-brief_present'))")


@pytest.mark.slow
def test_13_what_is_taken_away_leaves_the_focus_near_it_each_time(page: Page, address: str) -> None:
    started(page, address + "compare?place=E08000003&with=E12000002.E08000009.E92000001")
    for left in (2, 1, 0):
        page.locator("[class*='st-key-away_'] button").first.press("Enter")
        expect(page.locator("[class*='st-key-away_'] button")).to_have_count(left)
        until(page, "Boolean(document.activeElement.closest('.st-key-compare_search'))")
