"""Accessibility of every registered page, measured in a browser: ``python -m bench.accessibility``.

Prints a table and writes measured/accessibility.json, from which the Atlas's own accessibility
statement takes its figures. Runs for some minutes.
"""

import json
import shutil
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench import MEASURED
from tests.browser.audit import (
    AXE,
    HAS_TABLE,
    MOVING,
    is_streamlits,
    nameless_nodes,
    ours,
    stops_in_map,
    stops_to_table,
    structure_faults,
    violations,
)
from tests.browser.chromium import launched
from tests.browser.site import MAPS, SitePage, opened, registered_pages
from tests.servers import served_atlas

RESULT = MEASURED / "accessibility.json"
ROOT = Path(__file__).resolve().parent.parent
SCREENS = {"1280": (1280, 900, 1), "390": (390, 844, 1), "320 (400% zoom)": (320, 256, 4)}
WALK = "tests/browser/test_keyboard_walk.py"


def measured(browser: Browser, address: str, site_page: SitePage) -> dict[str, Any]:
    """Return the figures of one page: per width, and once what does not depend on it."""
    found: dict[str, Any] = {"page": site_page.name, "faults": []}
    for screen, (width, height, zoom) in SCREENS.items():
        page = browser.new_page(
            viewport={"width": width, "height": height}, device_scale_factor=zoom
        )
        opened(page, address + site_page.address)
        everything = violations(page)
        refused = ours(page, everything)
        nameless = nameless_nodes(page)
        found[screen] = {
            "violations": len(refused),
            "violations_streamlit": len(everything) - len(refused),
            "rules": sorted({rule for rule, _, _ in refused}),
            "nameless_ours": len([node for node in nameless if not is_streamlits(node)]),
            "nameless_streamlit": len([node for node in nameless if is_streamlits(node)]),
            "frames": len(page.frames),
        }
        found["faults"] += [f"{screen}: {fault}" for fault in structure_faults(page)]
        if screen == "1280":
            has_table = page.evaluate(HAS_TABLE)
            found["stops_to_table"] = len(stops_to_table(page)) if has_table else None
            has_map = page.locator(MAPS).count() > 0
            found["stops_in_map"] = len(stops_in_map(page)) if has_map else None
        page.close()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    opened(page, address + site_page.address)
    found["still_moving"] = len(page.evaluate(MOVING))
    page.emulate_media(forced_colors="active")
    found["forced_colours"] = len(ours(page, violations(page)))
    page.close()
    return found


def walked() -> dict[str, int]:
    """Run the keyboard walk; return how many tasks there are and how many were done."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", WALK, "--no-cov", "-q", "-rA"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    done = run.stdout.count("\nPASSED ")
    return {"tasks": done + run.stdout.count("\nFAILED "), "done": done}


def main() -> int:
    """Measure, print, write; 1 where a figure is not as it should be."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no chromium on this machine")
        return 1
    with served_atlas() as server, sync_playwright() as play:
        browser = launched(play, chromium)
        pages = [measured(browser, server.address, each) for each in registered_pages()]
        engine = browser.version
        browser.close()
    walk = walked()
    result = {
        "date": date.today().isoformat(),
        "pages": len(pages),
        "widths": list(SCREENS),
        "violations": sum(page[screen]["violations"] for page in pages for screen in SCREENS),
        "violations_streamlit_each": max(
            page[screen]["violations_streamlit"] for page in pages for screen in SCREENS
        ),
        "nameless_ours": sum(page[screen]["nameless_ours"] for page in pages for screen in SCREENS),
        "nameless_streamlit_each": max(
            page[screen]["nameless_streamlit"] for page in pages for screen in SCREENS
        ),
        "most_stops_to_table": max(page["stops_to_table"] or 0 for page in pages),
        "most_stops_in_map": max(page["stops_in_map"] or 0 for page in pages),
        "structure_faults": sum(len(page["faults"]) for page in pages),
        "forced_colours_violations": sum(page["forced_colours"] for page in pages),
        "still_moving": sum(page["still_moving"] for page in pages),
        "keyboard_tasks": walk["tasks"],
        "keyboard_tasks_done": walk["done"],
        "axe": AXE.split("axe v")[1].split()[0] if "axe v" in AXE else "",
        "chromium": engine,
        "streamlit": version("streamlit"),
        "by_page": pages,
    }
    _print(result)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    wanted = ("violations", "nameless_ours", "structure_faults", "forced_colours_violations")
    wanted += ("still_moving",)
    wrong = any(result[name] for name in wanted) or walk["done"] < walk["tasks"]
    return 1 if wrong else 0


def _print(result: dict[str, Any]) -> None:
    print(f"{'page':22}{'axe':>5}{'nameless':>10}{'to table':>10}{'in map':>8}{'faults':>8}")
    for page in result["by_page"]:
        axe = sum(page[screen]["violations"] for screen in SCREENS)
        nameless = sum(page[screen]["nameless_ours"] for screen in SCREENS)
        print(
            f"{page['page']:22}{axe:>5}{nameless:>10}{page['stops_to_table'] or '-':>10}"
            f"{page['stops_in_map'] or '-':>8}{len(page['faults']):>8}"
        )
        for fault in page["faults"]:
            print(f"    {fault}")
        for screen in SCREENS:
            if page[screen]["rules"]:
                print(f"    {screen}: {', '.join(page[screen]['rules'])}")
    for name in ("violations", "nameless_ours", "most_stops_to_table", "keyboard_tasks_done"):
        print(f"{name:28}{result[name]}")


if __name__ == "__main__":
    sys.exit(main())
