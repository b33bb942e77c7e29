"""One Chromium for all browser tests, and the address of the app that they share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launched
from tests.servers import Server


# Not for the whole session: while Playwright runs, no other test can run an event loop of its own.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = launched(play, chromium)
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(atlas_server: Server) -> str:
    return atlas_server.address
