"""Every page against WCAG 2.2 A/AA and axe's best practice, in all frames, at every width.

The pages are those of the site map: a new one is covered as soon as it is in the menu. The
fast suite looks at the first tab of each door at the first width, the full suite at all. What is
Streamlit's own and cannot be mended from here is listed with its reason, here and in `audit`; a
line of a list that is no longer needed fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.browser.audit import (
    HAS_TABLE,
    MOST_STOPS_IN_MAP,
    MOVING,
    STREAMLITS_NAMELESS,
    from_the_top,
    heard_faults,
    is_streamlits,
    nameless_nodes,
    ours,
    stops_in_map,
    stops_to_table,
    structure_faults,
    violations,
)
from tests.browser.site import MAPS, SitePage, gone_to, opened, registered_pages

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Screen:
    """``zoomed``: 1,280 x 1,024 pixels at 400% leave 320 x 256 of the page's own."""

    width: int
    height: int = 900
    zoom: int = 1


SCREENS = {
    "1280": Screen(1280),
    "390": Screen(390, 844),
    "320 (400% zoom)": Screen(320, 256, zoom=4),
}

WIDE, *NARROW = SCREENS


@pytest.fixture(
    scope="module", params=[WIDE, *(pytest.param(each, marks=pytest.mark.slow) for each in NARROW)]
)
def screen(request: pytest.FixtureRequest) -> Screen:
    return SCREENS[request.param]


# The fast suite looks at the map, the full one at every tab.
FAST = {"map"}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(each, id=each.name, marks=() if each.name in FAST else pytest.mark.slow)
        for each in registered_pages()
    ],
)
def site_page(request: pytest.FixtureRequest) -> SitePage:
    found: SitePage = request.param
    return found


@dataclass(frozen=True)
class Visit:
    """A page drawn to the end, and every address that it asked for."""

    page: Page
    asked: list[str]


@pytest.fixture(scope="module")
def visitor_at(browser: Browser, screen: Screen) -> Iterator[BrowserContext]:
    size = ViewportSize(width=screen.width, height=screen.height)
    with browser.new_context(viewport=size, device_scale_factor=screen.zoom) as context:
        yield context


@pytest.fixture(scope="module")
def visit(
    visitor_at: BrowserContext, address: str, screen: Screen, site_page: SitePage
) -> Iterator[Visit]:
    """One page at one width; the tests of this file share it as a reader goes from page to page."""
    asked: list[str] = []
    url = address + site_page.address
    page = visitor_at.pages[0] if visitor_at.pages else visitor_at.new_page()
    page.on("request", lambda request: asked.append(request.url))
    (gone_to if page.url.startswith(address) else opened)(page, url)
    yield Visit(page, asked)


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page


def test_the_page_has_its_title_one_heading_and_no_request_elsewhere(
    visit: Visit, address: str
) -> None:
    assert visit.page.title().endswith(" · Digital Inclusion Atlas")
    assert visit.page.locator("h1").count() == 1
    own = (address, "data:", "blob:", address.replace("http", "ws"))
    assert [url for url in visit.asked if not url.startswith(own)] == []
    assert visit.page.get_by_text("Deploy", exact=True).count() == 0


def test_axe_finds_nothing_in_any_frame(page: Page) -> None:
    assert len(page.frames) == 1 + page.locator("iframe").count()
    assert ours(page, violations(page)) == []


def test_whatever_takes_the_focus_has_a_name(page: Page) -> None:
    nameless = nameless_nodes(page)
    assert [node for node in nameless if not is_streamlits(node)] == []
    assert set(nameless) >= STREAMLITS_NAMELESS, "a line of the list is no longer needed"


def test_headings_tables_pictures_and_width_are_in_order(page: Page) -> None:
    assert structure_faults(page) == []


def test_what_is_read_aloud_is_in_words_and_said_once(page: Page, site_page: SitePage) -> None:
    assert heard_faults(page, names=site_page.name != "datastore") == []


def test_the_table_is_few_stops_from_the_top(page: Page) -> None:
    if not page.locator("#main-table").count():
        expect(page.locator(".atlas-skip")).not_to_be_visible()
    if page.evaluate(HAS_TABLE):
        stops = stops_to_table(page)
        assert not any(inside for _, inside in stops)


def test_a_map_is_named_and_has_a_handful_of_stops(page: Page) -> None:
    maps = page.locator(MAPS)
    for number in range(maps.count()):
        assert (maps.nth(number).get_attribute("title") or "").startswith("Map of ")
    if maps.count():
        stops = stops_in_map(page)
        assert 1 <= len(stops) <= MOST_STOPS_IN_MAP, stops


@pytest.mark.slow
@pytest.mark.parametrize("screen", [WIDE], indirect=True)
def test_less_motion_and_forced_colours(page: Page) -> None:
    from_the_top(page)
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    try:
        # What began to move before has a moment to end, and a tip to be folded away.
        page.wait_for_timeout(500)
        assert page.evaluate(MOVING) == []
        assert ours(page, violations(page)) == []
        assert page.evaluate(BARE_FOCUS) == []
    finally:
        page.emulate_media(reduced_motion="null", forced_colors="null")


# Controls of ours that would show no focus where the reader's own colours replace ours.
BARE_FOCUS = """() => [...document.querySelectorAll(
    "main a[href], main summary, main button, main input, main [tabindex='0']")]
    .filter(e => e.checkVisibility() && !e.disabled).slice(0, 60).filter(e => {
        e.focus({focusVisible: true});
        return document.activeElement === e && getComputedStyle(e).outlineStyle === "none"; })
    .map(e => e.outerHTML.slice(0, 100))"""


@pytest.mark.slow
def test_the_menu_of_a_phone_names_nine_doors_and_closes_after_a_choice(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    opened(page, address + "map?place=E47000001")
    page.get_by_role("button", name="Menu").click()
    names = page.locator('[data-testid="stPopoverBody"] a')
    expect(names).to_have_count(9)
    assert ours(page, violations(page)) == []
    names.get_by_text("Help nearby").click()
    expect(page).to_have_title("Greater Manchester · Help nearby · Digital Inclusion Atlas")
    expect(names).to_have_count(0)
    page.close()
