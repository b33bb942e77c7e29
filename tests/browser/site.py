"""The whole site in a browser: every page registered in app.py, served as on a public server."""

import ast
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Frame, Page, Playwright

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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


@contextmanager
def served() -> Iterator[str]:
    """Run serve.py on a free port; yield its root address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "serve.py", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        url = f"http://127.0.0.1:{port}/"
        try:
            _wait_for(f"{url}_stcore/health")
            yield url
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the Atlas did not start within a minute")


def launched(play: Playwright, chromium: str) -> Browser:
    """Start a Chromium that goes nowhere by itself."""
    return play.chromium.launch(executable_path=chromium, args=ARGUMENTS)


def opened(page: Page, url: str) -> Page:
    """Open an address and wait until the page, with its map if it has one, is drawn."""
    page.set_default_timeout(60_000)
    page.goto(url)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Wait until the page is drawn to its foot, and its map too if it has one."""
    page.wait_for_selector(".atlas-foot")
    _at_rest(page)
    if page.locator("iframe").count():
        frame = map_frame(page)
        # Asked from outside: the map's frame may refuse scripts made of text.
        for _ in range(400):
            if frame.evaluate("window.wardsReady === true"):
                return
            page.wait_for_timeout(50)
        raise AssertionError("the map was not drawn within twenty seconds")


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


def map_frame(page: Page) -> Frame:
    """Return the map's frame."""
    element = page.wait_for_selector("iframe")
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame
