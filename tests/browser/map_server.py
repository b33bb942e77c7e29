"""Serves the small map app for browser tests, and drives a Chromium that may go nowhere else."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def served(script: Path, folder: Path) -> Iterator[str]:
    """Run one script with Streamlit, with the Atlas's static files and settings beside it."""
    shutil.copytree(ROOT / "static", folder / "static")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    start = (
        f"import runpy, sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"runpy.run_path({str(script)!r}, run_name='__main__')\n"
    )
    (folder / "app.py").write_text(start)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}/"
        try:
            _await(address + "_stcore/health", process)
            yield address
        finally:
            process.terminate()


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert process.poll() is None, "the app did not start"
        try:
            with urllib.request.urlopen(address, timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the app did not answer")


def context_of(
    browser: Browser, address: str, strays: list[str], **settings: object
) -> BrowserContext:
    """A fresh visitor; any request that leaves ``address`` is stopped and noted in ``strays``."""
    context = browser.new_context(**settings)  # type: ignore[arg-type]

    def check(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            strays.append(route.request.url)
            route.abort()

    context.route("**/*", check)
    return context


def map_frame(page: Page) -> Frame:
    """The map's frame, once its wards are drawn."""
    for _ in range(400):
        page.wait_for_timeout(50)
        for frame in page.frames:
            if "st_folium" in frame.url and frame.evaluate("window.wardsReady === true"):
                return frame
    raise AssertionError("no map appeared")


def shown_soon(page: Page, frame: Frame, condition: str) -> None:
    """Wait until a JavaScript condition holds in the map's frame."""
    for _ in range(200):
        if frame.evaluate(condition):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"never became true: {condition}")
