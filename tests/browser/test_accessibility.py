"""Every page against WCAG 2.2 A/AA and axe's best practice, in all frames, widths and states.

The pages are those of the site map: a new one is covered as soon as it is in the menu. One reader
goes from page to page; a page that is open is seen at each width, then in its other states. The
fast suite looks at the map as it opens on a wide screen. What is
Streamlit's own and cannot be mended from here is listed with its reason, here and in `audit`; a
line of a list that is no longer needed fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, Page, expect

from atlas.places.site_map import link
from tests.browser.audit import (
    HAS_TABLE,
    MOST_STOPS_IN_MAP,
    MOVING,
    RULES_OF_WIDTH,
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
from tests.browser.site import MAPS, SitePage, gone_to, opened, registered_pages, shown_otherwise

pytestmark = pytest.mark.browser


# 1,280 x 1,024 pixels at 400% leave 320 x 256 of the page's own.
SCREENS = {"1280": (1280, 900), "390": (390, 844), "320 (400% zoom)": (320, 256)}
WIDE, *NARROW = SCREENS

OPENED, FOLDS, CHOSEN, OTHERWISE, EMPTY = STATES = (
    "as it opens",
    "with every fold open",
    "with a ward chosen",
    "with another choice",
    "with what is not there",
)
# What a tab shows in a state: a ward of Manchester, another measure or option, nothing.
_MEASURE = {"place": "E47000001", "measure": "library_distance_km"}
_SHOWN: dict[str, dict[str, dict[str, str]]] = {
    CHOSEN: {"": {"place": "E08000003", "ward": "E05011368"}},
    OTHERWISE: {
        "": _MEASURE,
        "ward_list": _MEASURE | {"order": "library_distance_km", "preset": "people_only"},
        "help_nearby": _MEASURE | {"cell": "4"},
        "what_if": {"place": "E06000053"},
        "where_next": _MEASURE | {"sites": "2"},
        "compare": _MEASURE | {"with": "E12000002.E92000001"},
        "briefing": {"place": "E08000003", "slide": "2"},
    },
    EMPTY: {
        "": {"place": "E99999999", "ward": "E05999999"},
        "compare": {"place": "E08000003", "with": ""},
        "ward_list": {"place": "E06000053", "tier": "sure"},
        "help_nearby": {"place": "E09000001", "library": "none"},
    },
}
# Tabs that say the same of every place, ward and measure.
_OF_NO_PLACE = {"start", "your_data", "postcodes", "saved_work", "data_and_method", "datastore"}
_OF_NO_PLACE |= {"method", "glossary", "accessibility"}
# Tabs that are laid out in another way on a phone where a ward is chosen or the folds are open.
_LAID_ANEW = {("map", CHOSEN), ("ward_list", FOLDS), ("help_nearby", FOLDS)}
_OPEN_FOLDS = (
    "() => document.querySelectorAll('main details:not([open]) > summary').forEach("
    "each => each.checkVisibility() && each.click())"
)
# Opens or folds the menu of places, and is true once that is done. It may move by itself while it
# is looked at, so that seeing and pressing are one step.
_MENU = """(open) => {
  const press = open
    ? document.querySelector('[data-testid="stExpandSidebarButton"]')
    : document.querySelector(
        '[data-testid="stSidebar"][aria-expanded="true"] ' +
          '[data-testid="stSidebarCollapseButton"] button');
  press?.click();
  return !press;
}"""


@dataclass(frozen=True)
class Look:
    """A page at one width, in one state."""

    site: SitePage
    screen: str
    state: str = OPENED

    @property
    def address(self) -> str:
        """Its address below the root."""
        shown = _SHOWN.get(self.state)
        name = self.site.name
        return link(name, shown.get(name, shown[""])) if shown else self.site.address

    @property
    def same(self) -> bool:
        """Whether it says what the look at the full width says, laid out for less of it."""
        at = (self.site.name, self.state)
        return self.screen != WIDE and self.state != OPENED and at not in _LAID_ANEW


# The fast suite looks at the map as it opens, the full one at every tab in every state.
FAST = {"map"}


def _param(look: Look) -> ParameterSet:
    fast = look.screen == WIDE and look.state == OPENED and look.site.name in FAST
    name = f"{look.site.name}-{look.screen}{'' if look.state == OPENED else ' ' + look.state}"
    return pytest.param(look, id=name, marks=() if fast else pytest.mark.slow)


def _looks(site: SitePage) -> Iterator[Look]:
    """Yield the looks at a tab, in the order that asks least of the page that is open."""
    for state in STATES:
        if state not in (CHOSEN, OTHERWISE) or site.name not in _OF_NO_PLACE:
            yield from (Look(site, screen, state) for screen in SCREENS)


LOOKS = [_param(look) for site in registered_pages() for look in _looks(site)]
as_it_opens = pytest.mark.parametrize(
    "visit", [each for each in LOOKS if each.values[0].state == OPENED], indirect=True
)


@dataclass
class Reader:
    """One visit that goes from look to look, and every address that its open page asked for."""

    page: Page
    address: str
    look: Look | None = None
    asked: list[str] = field(default_factory=list)

    def see(self, look: Look) -> None:
        """Go to a look with as little as it takes from the one that is open."""
        before, self.look = self.look, look
        width, height = SCREENS[look.screen]
        self.page.set_viewport_size({"width": width, "height": height})
        url = self.address + look.address
        if before is None or before.site != look.site:
            self.asked.clear()
            (gone_to if before else opened)(self.page, url)
        elif before.state != look.state == EMPTY:
            # A link that leads nowhere comes from outside.
            opened(self.page, url)
        elif before.state != look.state and look.state != FOLDS:
            shown_otherwise(self.page, url)
        if look.state == FOLDS:
            self.page.evaluate(_OPEN_FOLDS)
        # A phone's menu of places is folded away, and stays so until a reader asks for it; one that
        # was open before lies over its page. The briefing folds it itself.
        wide = look.screen == WIDE
        if not (wide and look.site.name in ("briefing", "first_100_days")):
            self.page.wait_for_function(_MENU, arg=wide, polling=500)
        # What moves with the width has a moment to settle.
        self.page.wait_for_timeout(200)


@pytest.fixture(scope="module")
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    width, height = SCREENS[WIDE]
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        reader = Reader(context.new_page(), address)
        reader.page.on("request", lambda request: reader.asked.append(request.url))
        yield reader


@pytest.fixture(scope="module", params=LOOKS)
def visit(request: pytest.FixtureRequest, reader: Reader) -> Reader:
    """A page at one width in one state; the tests of this file share it in turn."""
    reader.see(request.param)
    return reader


@pytest.fixture
def page(visit: Reader) -> Page:
    return visit.page


@as_it_opens
def test_the_page_has_its_title_one_heading_and_no_request_elsewhere(
    visit: Reader, address: str
) -> None:
    assert visit.page.title().endswith(" · Digital Inclusion Atlas")
    assert visit.page.locator("h1").count() == 1
    own = (address, "data:", "blob:", address.replace("http", "ws"))
    assert [url for url in visit.asked if not url.startswith(own)] == []
    assert visit.page.get_by_text("Deploy", exact=True).count() == 0


def test_axe_finds_nothing_in_any_frame(visit: Reader) -> None:
    page = visit.page
    assert visit.look and len(page.frames) == 1 + page.locator("iframe").count()
    assert ours(page, violations(page, *(RULES_OF_WIDTH if visit.look.same else ()))) == []


@as_it_opens
def test_whatever_takes_the_focus_has_a_name(page: Page) -> None:
    nameless = nameless_nodes(page)
    assert [node for node in nameless if not is_streamlits(node)] == []
    assert set(nameless) >= STREAMLITS_NAMELESS, "a line of the list is no longer needed"


def test_headings_tables_pictures_and_width_are_in_order(page: Page) -> None:
    assert structure_faults(page) == []


@pytest.mark.parametrize(
    "visit", [each for each in LOOKS if not each.values[0].same], indirect=True
)
def test_what_is_read_aloud_is_in_words_and_said_once(visit: Reader) -> None:
    assert visit.look
    assert heard_faults(visit.page, names=visit.look.site.name != "datastore") == []


@as_it_opens
def test_the_table_is_few_stops_from_the_top(page: Page) -> None:
    if not page.locator("#main-table").count():
        expect(page.locator(".atlas-skip")).not_to_be_visible()
    if page.evaluate(HAS_TABLE):
        stops = stops_to_table(page)
        assert not any(inside for _, inside in stops)


@as_it_opens
def test_a_map_is_named_and_has_a_handful_of_stops(page: Page) -> None:
    maps = page.locator(MAPS)
    for number in range(maps.count()):
        assert (maps.nth(number).get_attribute("title") or "").startswith("Map of ")
    if maps.count():
        stops = stops_in_map(page)
        assert 1 <= len(stops) <= MOST_STOPS_IN_MAP, stops


@pytest.mark.slow
@pytest.mark.parametrize(
    "visit",
    [each for each in LOOKS if (each.values[0].screen, each.values[0].state) == (WIDE, OPENED)],
    indirect=True,
)
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
        # A calendar that the focus opened must not stay open.
        page.keyboard.press("Escape")
        from_the_top(page)
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
