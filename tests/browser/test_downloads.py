"""Every download of every page, pressed in a real browser: the file comes, and can be opened."""

import io
import zipfile

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.site import SitePage, opened, registered_pages

pytestmark = pytest.mark.browser
_TEMPLATES = "your_data"
_KINDS = {"csv", "xlsx", "pptx", "html", "zip", "json", "geojson", "png", "svg", "md", "parquet"}


@pytest.mark.parametrize(
    "site",
    [
        pytest.param(
            site, id=site.name or "first", marks=() if site.name == _TEMPLATES else pytest.mark.slow
        )
        for site in registered_pages()
    ],
)
def test_every_download_of_a_page_comes_and_opens(
    site: SitePage, visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor.new_page(), address + site.address)
    buttons = page.locator("[data-testid='stDownloadButton'] button:enabled")
    for at in range(buttons.count()):
        if buttons.nth(at).is_visible():
            name, data = _pressed(page, at)
            kind = name.rpartition(".")[2]
            assert kind in _KINDS and data, name
            if kind in ("xlsx", "pptx", "zip"):
                assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
            else:
                assert b"Traceback" not in data
    page.close()


def _pressed(page: Page, at: int) -> tuple[str, bytes]:
    """Press one of the page's download buttons; return the file's name and bytes."""
    with page.expect_download(timeout=60_000) as waiting:
        page.locator("[data-testid='stDownloadButton'] button:enabled").nth(at).click()
    download = waiting.value
    return download.suggested_filename, download.path().read_bytes()
