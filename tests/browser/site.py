"""The whole site in a browser: every tab of the site map, served as on a public server."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect

from atlas.places.site_map import DOORS, link
from tests.browser.chromium import map_frame

# The frames of maps: another one, which nobody sees, keeps work in the browser.
MAPS = "iframe[src*=st_folium]"
# Greater Manchester, unless a tab is about one ward or about none.
_SHOWN = {"place": "E47000001"}
_SHOWN_BY = {"start": {}, "my_area": {"ward": "E05011368"}}


@dataclass(frozen=True)
class SitePage:
    """A tab of the site map, by its key."""

    name: str

    @property
    def address(self) -> str:
        """The address below the root, with a place to show."""
        return link(self.name, _SHOWN_BY.get(self.name, _SHOWN))


def registered_pages() -> tuple[SitePage, ...]:
    """Return every tab of every door, in their order."""
    return tuple(SitePage(tab.key) for door in DOORS for tab in door.tabs)


def opened(page: Page, url: str) -> Page:
    """Open an address and wait until the page, with its map if it has one, is drawn."""
    page.set_default_timeout(60_000)
    page.goto(url)
    drawn(page)
    return page


def gone_to(page: Page, url: str) -> Page:
    """Go on to another page of the site within a visit: no script is loaded anew."""
    before = page.title()
    _go(page, url)
    expect(page).not_to_have_title(before)
    drawn(page)
    return page


def shown_otherwise(page: Page, url: str) -> Page:
    """Have the page that is open show something else, within the visit."""
    _go(page, url)
    at_rest(page)
    if page.locator(MAPS).count():
        map_frame(page)
    return page


def _go(page: Page, url: str) -> None:
    # As after the Back button: Streamlit reads the address and asks for its page.
    go = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')); }"
    page.evaluate(go, url)


def drawn(page: Page) -> None:
    """Wait until the page is drawn to its foot, and its map too if it has one."""
    page.wait_for_selector(".atlas-foot")
    at_rest(page)
    if page.locator(MAPS).count():
        map_frame(page)


def at_rest(page: Page) -> None:
    """Wait until nothing has run for a second: a page may go on by itself, as tiers follow a list.

    What is about to be replaced is faded meanwhile, and nobody reads it so.
    """
    still = 0
    for _ in range(300):
        running = page.locator('[data-test-script-state="running"], [data-stale="true"]').count()
        still = 0 if running else still + 1
        if still == 10:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page did not come to rest within half a minute")
