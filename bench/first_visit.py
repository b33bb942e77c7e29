"""Measure what a first visit costs in headless Chromium: bytes, requests, and seconds to words.

    python -m bench.first_visit

For Start, the map of England and one ward's page of My area: a visitor with an empty browser and
the same one again, on this machine's own network for bytes and requests, and at 400 kb/s with
400 ms of delay for time. Seconds run from the navigation to the first words, to the page's own
heading and to its answer: the page drawn to its foot, with the map in its colours where it has
one. Chromium's emulation slows requests, not the websocket. On the page without scripts, a postcode
is typed and sent: seconds from the navigation to the form, and from the key to the ward's page,
picture included. Writes bench/first_visit.json.

Nearly all requests are for Streamlit's own modules, some hundred small files that name one another.
They cannot be fewer without building Streamlit anew; the Atlas's part of the map's page is nine.
"""

import argparse
import json
import shutil
import time
import zlib
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.chromium import launched
from tests.conftest import served_atlas

PAGES = {"start": "", "map": "map", "my_area": "my_area?ward=E05011368"}
VIEW: Any = {"width": 1280, "height": 900}
SLOW = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
# Notes when each thing can first be seen.
SEEN = """() => { if (window !== window.top) return;
const seen = window.seen = {};
const maps = () => [...document.querySelectorAll('iframe[src*=st_folium]')];
const tests = {
  words: () => (document.body?.innerText || '').trim().length > 20,
  heading: () => document.querySelector('[data-testid=stMain] h1'),
  answer: () => document.querySelector('.atlas-foot') &&
    (location.pathname !== '/map' || maps().length) &&
    maps().every((map) => map.contentWindow?.wardsReady),
};
const look = () => { for (const name in tests)
    if (!(name in seen) && tests[name]()) seen[name] = Math.round(performance.now()) / 1000;
  if (!('answer' in seen)) setTimeout(look, 50); };
look(); }"""


def visit(context: BrowserContext, address: str, slow: bool) -> dict[str, Any]:
    """Open a page once: its bytes and requests until it rests, and when what was seen."""
    page = context.new_page()
    page.set_default_timeout(180_000)
    found: dict[str, Any] = {"bytes": 0, "requests": 0}
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")
    if slow:
        cdp.send("Network.emulateNetworkConditions", SLOW)

    def add(name: str, count: int) -> None:
        found[name] += count

    cdp.on("Network.loadingFinished", lambda event: add("bytes", int(event["encodedDataLength"])))
    # Pictures within a page are no requests.
    cdp.on(
        "Network.requestWillBeSent",
        lambda event: add("requests", not event["request"]["url"].startswith("data:")),
    )
    # As uvicorn sends frames: compressed, each with what it shares with those before.
    shrunk = zlib.compressobj(wbits=-12, memLevel=5)

    def received(frame: str | bytes) -> None:
        content = frame.encode() if isinstance(frame, str) else frame
        sent = shrunk.compress(content) + shrunk.flush(zlib.Z_SYNC_FLUSH)
        add("bytes", len(sent) - 4)

    page.on("websocket", lambda socket: socket.on("framereceived", received))
    page.add_init_script(f"({SEEN})()")
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.seen && 'answer' in window.seen")
    page.wait_for_timeout(3000)
    seen = page.evaluate("window.seen")
    page.close()
    return {**found, **{f"{name}_s": round(seconds, 2) for name, seconds in seen.items()}}


def find_ward(browser: Browser, address: str) -> dict[str, float]:
    """Ask the page without scripts for a ward by its postcode, on a slow network."""
    with browser.new_context(viewport=VIEW) as context:
        page = context.new_page()
        page.set_default_timeout(180_000)
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        begun = time.monotonic()
        page.goto(address + "find")
        opened = time.monotonic()
        page.locator("input[name=q]").fill("M15 5AZ")
        asked = time.monotonic()
        page.keyboard.press("Enter")
        page.wait_for_url("**/ward/E05*")
        answered = time.monotonic()
    return {"form_s": round(opened - begun, 2), "answer_s": round(answered - asked, 2)}


def measure(browser: Browser, address: str) -> dict[str, Any]:
    """Each page by an empty browser and again, without and with a slow network."""
    found: dict[str, Any] = {}
    for name, path in PAGES.items():
        found[name] = {}
        for speed in ("quick", "slow"):
            with browser.new_context(viewport=VIEW, bypass_csp=True) as context:
                for turn in ("first", "second"):
                    result = visit(context, address + path, speed == "slow")
                    found[name][f"{turn}_{speed}"] = result
                    print(name, turn, speed, result, flush=True)
    found["find"] = find_ward(browser, address)
    print("find", found["find"], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("this bench needs Chromium (Debian: apt-get install chromium)")
    with served_atlas() as server, sync_playwright() as play:
        browser = launched(play, chromium)
        for path in PAGES.values():  # nobody pays for the server's first reading
            page = browser.new_page()
            page.goto(server.address + path)
            page.wait_for_selector(".atlas-foot", timeout=120_000)
            page.close()
        found = measure(browser, server.address)
        browser.close()
    options.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
