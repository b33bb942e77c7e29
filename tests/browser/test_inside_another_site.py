"""The page inside a council's own site: what a browser forbids there is said in words."""

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.servers import free_port, served_atlas

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def council_site(folder: Path) -> Iterator[str]:
    """Serve a folder as another site does; yields its origin."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("localhost", free_port()), handler) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}"
        site.shutdown()


def test_a_page_inside_another_site_sends_files_to_a_tab_of_its_own(
    browser: Browser, tmp_path: Path
) -> None:
    with council_site(tmp_path) as council:
        allowed = f'[site]\nframe_ancestors = ["{council}"]\n'
        with served_atlas(allowed) as server, browser.new_context() as visitor:
            own = f"{server.address}your_data?place=E08000003"
            (tmp_path / "page.html").write_text(f"<iframe id=f src='{own}' width=900></iframe>")
            page = visitor.new_page()
            page.goto(f"{council}/page.html")
            inside = page.frame_locator("#f")
            expect(inside.get_by_text("cannot take files").first).to_be_visible()
            assert inside.locator("input[type=file]").count() == 0
            with visitor.expect_page() as opened:
                inside.get_by_role("link", name="Open in a tab of its own").first.click()
            expect(opened.value.locator("input[type=file]")).to_have_count(2)
