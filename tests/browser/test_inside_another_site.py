"""The page inside a council's own site: what a browser forbids there is said in words."""

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.site import MAPS
from tests.servers import free_port, served_atlas

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass(frozen=True)
class Framed:
    """An Atlas, and a way to show a piece of mark-up on the council's page."""

    atlas: str
    show: Callable[[str], Page]


@contextmanager
def council_site(folder: Path) -> Iterator[str]:
    """Serve a folder as another site does; yields its origin."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("localhost", free_port()), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}"
        site.shutdown()


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Framed]:
    """Open an address of an Atlas in a frame of the council's own page."""
    folder = tmp_path_factory.mktemp("council")
    with council_site(folder) as council:
        allowed = f'[site]\nframe_ancestors = ["{council}"]\n'
        with served_atlas(allowed) as server, browser.new_context() as visitor:

            def show(frame: str) -> Page:
                (folder / "page.html").write_text(frame)
                page = visitor.new_page()
                page.goto(f"{council}/page.html")
                return page

            yield Framed(server.address, show)


def test_a_page_inside_another_site_sends_files_to_a_tab_of_its_own(framed: Framed) -> None:
    own = f"{framed.atlas}your_data?place=E08000003"
    page = framed.show(f"<iframe id=f src='{own}' width=900></iframe>")
    inside = page.frame_locator("#f")
    expect(inside.get_by_text("cannot take files").first).to_be_visible()
    assert inside.locator("input[type=file]").count() == 0
    with page.context.expect_page() as opened:
        inside.get_by_role("link", name="Open in a tab of its own").first.click()
    expect(opened.value.locator("input[type=file]")).to_have_count(2)


def test_the_code_that_a_page_gives_shows_its_map_in_another_site(framed: Framed) -> None:
    page = framed.show("")
    page.goto(f"{framed.atlas}map?place=E08000003")
    page.get_by_role("button", name="Copy embed code").click()
    code = page.get_by_test_id("stPopoverBody").locator("code").inner_text()
    assert "embed=true" in code and "Manchester" in code
    inside = framed.show(code).frame_locator("iframe")
    chart = inside.frame_locator(MAPS).get_by_role("application")
    expect(chart).to_be_visible(timeout=30_000)
    expect(inside.get_by_role("heading", name="Manchester").first).to_be_visible()
