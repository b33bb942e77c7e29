"""One Chromium for all browser tests, and the address of the app that they share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.chromium import launched
from tests.servers import Server

# A busy machine makes a page slow, not wrong.
expect.set_options(timeout=30_000)


# Not for the whole session: while Playwright runs, no other test can run an event loop of its own.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = launched(play, chromium)
        yield started
        started.close()


@pytest.fixture(scope="package")
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """One visitor for all tests, whose browser keeps Streamlit's scripts from page to page."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture(scope="session")
def address(atlas_server: Server) -> str:
    return atlas_server.address
