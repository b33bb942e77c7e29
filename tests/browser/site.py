"""The whole site in a browser: every page registered in app.py, served as on a public server."""

import ast
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.chromium import map_frame
from tests.servers import ROOT

# Greater Manchester, unless a page is about one ward.
_QUERY = "place=E47000001"
_QUERIES = {"": "", "ward_profile": "ward=E05011368"}


@dataclass(frozen=True)
class SitePage:
    """A page of the site map: the name in its address ("" for the first), and its script."""

    name: str
    script: str

    @property
    def address(self) -> str:
        """The address below the root, with a place to show."""
        query = _QUERIES.get(self.name, _QUERY)
        return f"{self.name}?{query}" if query else self.name


def registered_pages() -> tuple[SitePage, ...]:
    """Return every page that app.py registers, in its order, without running it."""
    found = []
    for node in ast.walk(ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "st.Page":
            named = {word.arg: word.value for word in node.keywords}
            script = str(ast.literal_eval(node.args[0]))
            own = named.get("url_path")
            name = str(ast.literal_eval(own)) if own else Path(script).stem
            found.append((node.lineno, SitePage("" if "default" in named else name, script)))
    return tuple(page for _, page in sorted(found, key=lambda pair: pair[0]))


def opened(page: Page, url: str) -> Page:
    """Open an address and wait until the page, with its map if it has one, is drawn."""
    page.set_default_timeout(60_000)
    page.goto(url)
    drawn(page)
    return page


def gone_to(page: Page, url: str) -> Page:
    """Go on to another page of the site within a visit: no script is loaded anew."""
    before = page.title()
    # As after the Back button: Streamlit reads the address and asks for its page.
    go = "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')); }"
    page.evaluate(go, url)
    expect(page).not_to_have_title(before)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Wait until the page is drawn to its foot, and its map too if it has one."""
    page.wait_for_selector(".atlas-foot")
    _at_rest(page)
    if page.locator("iframe").count():
        map_frame(page)


def _at_rest(page: Page) -> None:
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
