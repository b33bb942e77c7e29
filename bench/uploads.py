"""Uploads: bad files and real layouts, read for what they are and brought for real.

``python -m bench.uploads`` prints a table and writes ``measured/uploads.json``. First each file is
read as the page reads it: its message, its seconds, the memory of the reading process. Then a
server is started and a browser brings the files to the page "Your data", one after another,
while another client asks the server ten times a second whether it is well.

``python -m bench.uploads bystander`` needs a quiet machine and adds its figures: four visitors
bring a file of 4 MB at once, and a fifth is timed.
"""

import asyncio
import json
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from playwright.sync_api import Page, sync_playwright

from atlas.uploads.check_file import Surroundings
from atlas.uploads.reading.limits import MOST_BYTES
from bench import MEASURED
from bench.peak import Peak
from bench.visitors import BEHIND_PROXY, Visitor, rss_mb
from tests.atlas.uploads.corpus import CASES, Case, said
from tests.atlas.uploads.layouts import Outcome, files, outcome
from tests.browser.chromium import launched
from tests.servers import Server, served_atlas
from views.session.snapshot import atlas
from views.your_data.open_file import surroundings

RESULT = MEASURED / "uploads.json"
SECONDS, MEBIBYTES = 15.0, 650
# How many visitors bring a file at once, and how much longer another's answer may then take.
_UPLOADERS, _RATIO, _SECONDS = 4, 1.3, 30.0
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def read_all(around: Surroundings) -> list[dict[str, object]]:
    """Read every case in this process's child; return what came out."""
    results = []
    for case in CASES:
        data = case.make()
        start = time.perf_counter()
        refused, text = said(case, data, around)
        seconds = time.perf_counter() - start
        right = case.words in text and refused == case.refused and seconds <= SECONDS
        results.append(
            {
                "name": case.name,
                "expected": "refused" if case.refused else "taken in part",
                "right": right,
                "seconds": round(seconds, 2),
                "message": text[:200],
            }
        )
    return results


class Health(threading.Thread):
    """Asks the server whether it is well, ten times a second."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.asked = self.well = 0
        self.slowest = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            self.asked += 1
            took = self.server.healthy(timeout=5)
            if took is not None:
                self.well += 1
                self.slowest = max(self.slowest, took)


def bring_all(folder: Path) -> dict[str, object]:
    """Bring every case to a real server by a real browser; return how the server fared."""
    with served_atlas() as server:
        with sync_playwright() as play:
            browser = launched(play, CHROMIUM or "")
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{server.address}your_data")
            page.wait_for_selector(".atlas-foot", timeout=60_000)
            # Once through what loads only when first needed, so that growth is the uploads' own.
            _bring(page, next(case for case in CASES if case.name == "the North Sea"), folder)
            before = rss_mb(server)
            health = Health(server)
            health.start()
            brought = [case for case in CASES if len(case.make()) <= MOST_BYTES]
            silent = [case.name for case in brought if not _bring(page, case, folder)]
            health.over.set()
            health.join()
            grown = rss_mb(server) - before
            browser.close()
        alive = server.process.poll() is None
        errors = server.log.read_text(errors="replace").count('"level": "error"')
    return {
        "brought_by_browser": len(brought),
        "without_their_message": silent,
        "server_alive": alive,
        "errors_in_log": errors,
        "health_asked": health.asked,
        "health_ok": health.well,
        "health_slowest_ms": round(health.slowest * 1000),
        "server_grown_mb": round(grown),
    }


def _bring(page: Page, case: Case, folder: Path) -> bool:
    """Bring one file; tell whether the visitor was told what the corpus says."""
    file = folder / ("file.xlsx" if case.make().startswith(b"PK") else "file.csv")
    file.write_bytes(case.make())
    key = f"own_{case.kind}"
    box = page.locator(f"[class*='st-key-{key}_']:has(input[type=file])")
    turn = int(re.findall(rf"st-key-{key}_(\d+)", box.get_attribute("class") or "")[0])
    box.locator("input[type=file]").set_input_files(str(file))
    # A new box stands there once the file was refused, its columns once it was read.
    read = f".st-key-{key}_{turn + 1}, .st-key-preview_{case.kind}_columns"
    page.locator(read).first.wait_for(timeout=60_000)
    _settled(page)
    told = page.get_by_text(case.words).count() > 0
    forget = page.get_by_role("button", name="Forget my data")
    if forget.is_enabled():
        forget.click()
        page.get_by_text("You have not added any data.").wait_for(timeout=20_000)
        _settled(page)
    return told


def timed() -> dict[str, object]:
    """Time a visitor beside others who bring files, on a server of its own."""
    with served_atlas(BEHIND_PROXY) as server:
        return asyncio.run(bystander(server))


async def bystander(server: Server) -> dict[str, object]:
    """Time one visitor's page in quiet, and while four others bring files again and again."""
    data = of_england()
    visitors = [Visitor(server.port, number) for number in range(_UPLOADERS + 1)]
    for visitor in visitors:
        await visitor.arrive()
        await visitor.see("your_data", "")
    one, *others = visitors
    before = await _answers(one, time.perf_counter() + _SECONDS)
    until = time.perf_counter() + _SECONDS
    busy = [asyncio.create_task(_bringing(visitor, data, until)) for visitor in others]
    during = await _answers(one, until)
    brought = [seconds for taken in await asyncio.gather(*busy) for seconds in taken]
    for visitor in visitors:
        await visitor.leave()
    quiet, loaded = statistics.median(before), statistics.median(during)
    return {
        "bystander_file_mb": round(len(data) / 1e6, 1),
        "bystander_files_brought": len(brought),
        "bystander_slowest_file_s": round(max(brought), 1),
        "bystander_quiet_ms": round(quiet * 1000),
        "bystander_busy_ms": round(loaded * 1000),
        "bystander_ratio": round(loaded / quiet, 2),
    }


async def _answers(visitor: Visitor, until: float) -> list[float]:
    """Ask for a profile again and again; return the seconds of each answer."""
    taken = []
    while time.perf_counter() < until:
        taken.append(await visitor.see("my_area", "ward=E05011368"))
        await asyncio.sleep(0.3)
    return taken


async def _bringing(visitor: Visitor, data: bytes, until: float) -> list[float]:
    """Bring the same file again and again, as an impatient reader does."""
    taken = []
    while time.perf_counter() < until:
        await visitor.see("your_data", "")
        figures = visitor.uploaders[-1]
        taken.append(await visitor.bring("your_data", "", figures, data))
        await visitor.leave()
        await visitor.arrive()
    return taken


def of_england() -> bytes:
    """Every small area of England with figures and texts of its own: about 4 MB."""
    lsoas = atlas().snapshot.lsoas[["lsoa_code", "lsoa_name", "population"]]
    note = "made for a trial of speed, and passed over by whoever reads the other columns"
    return lsoas.assign(note=note, rate=1.5).to_csv(index=False).encode()


def _settled(page: Page) -> None:
    """Wait until the page has begun and ended what it was asked for."""
    page.wait_for_timeout(250)
    page.locator("[data-test-script-state='notRunning']").wait_for(timeout=20_000)
    page.wait_for_timeout(100)


def main() -> int:
    """Run every case twice, print the figures and write them; 0 where all came out right."""
    if sys.argv[1:] == ["bystander"]:
        beside = timed()
        _write(beside)
        return 0 if float(str(beside["bystander_ratio"])) <= _RATIO else 1
    peak = Peak("atlas.uploads.reading.child")
    peak.start()
    around = surroundings()
    around.ward_at(383525.0, 396775.0)
    results = read_all(around)
    layouts = Counter(outcome(file, around)[0] for file in files())
    with tempfile.TemporaryDirectory() as folder:
        server = bring_all(Path(folder))
    wrong = [result for result in results if not result["right"]]
    figures = {
        "cases": len(results),
        "right": len(results) - len(wrong),
        "slowest_seconds": max(float(str(result["seconds"])) for result in results),
        "reading_process_peak_mb": peak.kib // 1024,
        **{f"layouts_{came.replace(' ', '_')}": layouts[came] for came in get_args(Outcome)},
        **server,
        "wrong": wrong,
    }
    _write(figures)
    held = peak.kib <= MEBIBYTES * 1024 and server["health_ok"] == server["health_asked"]
    held &= layouts["wrong"] == 0
    return 0 if held and not wrong and not server["without_their_message"] else 1


def _write(figures: Mapping[str, object]) -> None:
    """Lay figures over those of earlier runs."""
    figures = json.loads(RESULT.read_text(encoding="utf-8")) | figures
    RESULT.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:26} {value}")


if __name__ == "__main__":
    sys.exit(main())
