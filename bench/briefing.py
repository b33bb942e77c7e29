"""Time the briefing: the page in a browser from a cold server, and the packs.

python -m bench.briefing           writes bench/briefing.json; needs Chromium for the page

`at_start`: a server is started, and as soon as it answers a browser opens the briefing as the
first visitor of all. Then, once the server has made ready what all briefings share, each place is
opened cold (nobody has asked for it) and again. ``screen`` is when the whole screen stands,
``complete`` when tiers and next places are there too.
"""

import json
import os
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from atlas.briefing.offline_page import pack_page
from atlas.briefing.powerpoint import MAP_SIZE, powerpoint
from atlas.briefing.slides import Stamp
from tests.browser.chromium import launched
from tests.servers import ROOT, served_atlas
from views.cached import briefings
from views.session.snapshot import atlas

OUT = Path(__file__).with_name("briefing.json")
STYLE = ROOT / "views/briefing/briefing.css"
PLACES = {
    "E47000001": "Greater Manchester",
    "E47000007": "West Midlands",
    "E47000014": "North East",
    "E06000052": "Cornwall",
    "E12000007": "Greater London",
}
OTHER = "E47000003"
FITS = 900


def visit(browser: Browser, address: str, place: str) -> dict[str, float]:
    """Open a briefing; return when the screen stands, when it is complete, and how tall it is."""
    page = browser.new_page(viewport={"width": 1400, "height": FITS})
    start = time.perf_counter()
    page.goto(f"{address}briefing?place={place}")
    page.wait_for_selector(".brief-base", timeout=60_000)
    screen = time.perf_counter() - start
    page.wait_for_selector(".atlas-foot", state="attached", timeout=60_000)
    complete = time.perf_counter() - start
    page.wait_for_timeout(1500)
    bottom = page.evaluate(
        "() => document.querySelector('.brief-base').getBoundingClientRect().bottom"
    )
    page.close()
    return {"screen": round(screen, 2), "complete": round(complete, 2), "bottom": round(bottom)}


def on_screen(browser: Browser) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return the first visit of all, and cold and repeated visits to every place."""
    with served_atlas() as server:
        at_start = visit(browser, server.address, next(iter(PLACES)))
    found = {}
    with served_atlas() as server:
        # A first visit waits for what is made ready at the start; the other places do not.
        visit(browser, server.address, OTHER)
        for place, name in PLACES.items():
            cold, again = (visit(browser, server.address, place) for _ in range(2))
            found[name] = {
                "cold_screen_s": cold["screen"],
                "cold_complete_s": cold["complete"],
                "again_s": again["complete"],
                "height_px": cold["bottom"],
            }
    return at_start, found


def packs(place: str) -> dict[str, float]:
    """Make both packs of a place once."""
    start = time.perf_counter()
    made = briefings.whole((place,))
    whole = time.perf_counter() - start
    stamp = Stamp("Bench", date(2026, 1, 1), made.version)
    start = time.perf_counter()
    slides = powerpoint(made, stamp, briefings.picture(made, *MAP_SIZE))
    slides_s = time.perf_counter() - start
    start = time.perf_counter()
    paper = pack_page(made, stamp, briefings.picture(made, 430, 300), STYLE)
    return {
        "content_ms": round(whole * 1000),
        "powerpoint_s": round(slides_s, 2),
        "powerpoint_kb": round(len(slides) / 1000),
        "paper_s": round(time.perf_counter() - start, 2),
        "paper_kb": round(len(paper) / 1000),
    }


def main() -> None:
    """Measure, print a table and write the figures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    at_start: dict[str, float] = {}
    found: dict[str, dict[str, Any]] = {name: {} for name in PLACES.values()}
    if chromium:
        with sync_playwright() as play:
            browser = launched(play, chromium)
            at_start, seen = on_screen(browser)
            browser.close()
        for name, figures in seen.items():
            found[name] |= figures
    briefings.warm()
    for place, name in PLACES.items():
        found[name] |= packs(place)
    heads = list(next(iter(found.values())))
    print(f"{'':20}" + "".join(f"{head:>18}" for head in heads))
    for name, figures in found.items():
        print(f"{name:20}" + "".join(f"{figures[head]:>18}" for head in heads))
    print(f"first visitor of all, at once: {at_start}")
    load = os.getloadavg()[0]
    content = {
        "data_version": atlas().snapshot.version,
        "load_when_done": round(load, 1),
        "at_start": at_start,
        "places": found,
    }
    OUT.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
