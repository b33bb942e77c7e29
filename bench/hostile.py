"""Hostile text in every place that shows text: ``python -m bench.hostile`` writes the JSON.

Each text of the corpus goes into each sink: the map's (in Chromium), the pages' HTML and Markdown
(in Chromium), the address of every page, and the files that visitors take away. Counted are
scripts that ran, templates that the server evaluated, maps that died, and texts that a reader
would not see as they are. Then every ward's name is read back from the map.
"""

import asyncio
import io
import json
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import openpyxl
import pandas as pd
from playwright.sync_api import Browser, sync_playwright

from atlas.files.spreadsheets import Field, Sheet, to_csv, to_xlsx
from atlas.maps.payload import MapView, map_files, pack
from atlas.snapshot.snapshot import load
from atlas.text.safe_text import plain
from bench.hostile_texts import TEXTS
from bench.visitors import Visitor
from tests.browser.chromium import context_of, launched, map_frame
from tests.browser.map_server import served
from tests.browser.test_map_in_browser import HOSTILE_SINKS
from tests.conftest import CHROMIUM
from tests.servers import ROOT, Server, served_atlas

RESULT = Path(__file__).with_suffix(".json")
PARAMETERS = ("place", "ward", "measure", "base", "breaks", "weights")
PAGES = ("map", "my_area", "ward_list")
COUNT_RAN = "window.ran = []; window.owned = () => ran.push(1); window.alert = window.owned;"
SHOWN = """() => {
  const seen = [];
  const take = (sink, nodes, read) => nodes.forEach((node, index) =>
    seen.push([sink, index, read(node)]));
  const all = selector => [...document.querySelectorAll(selector)];
  const text = node => node.textContent;
  take('paragraph', all('p.paragraph'), text);
  take('attribute', all('p.attribute'), node => node.getAttribute('title'));
  take('cell', all('th.case'), text);
  take('link', all('td a'), text);
  take('caption', all('caption').slice(1), text);
  take('heading', all('thead th').slice(2), text);
  take('markdown', all('.stElementContainer > .stMarkdown'), text);
  take('button', all('.stButton button'), text);
  take('warning', all('.stAlert'), text);
  return seen;
}"""


def on_the_map(browser: Browser, tally: Counter[str]) -> None:
    """Put each text into each sink of the map; then read every ward's name back."""
    folder = ROOT / "data" / "map"
    files = map_files(folder)
    values = pd.Series(0.5, index=list(files.ward_codes))
    with (
        tempfile.TemporaryDirectory() as place,
        served(ROOT / "tests/browser/map_page.py", Path(place)) as address,
    ):
        strays: list[str] = []
        page = context_of(browser, address, strays).new_page()
        died: list[str] = []
        page.on("pageerror", lambda error: died.append(str(error)))
        page.goto(address)
        frame = map_frame(page)
        names = frame.evaluate(
            """() => atlas.content.names.map((_, index) => { Atlas.fillTip(atlas, index);
            return document.querySelector('.atlas-tip strong').textContent; })"""
        )
        wards = load().wards.set_index("ward_code")["ward_name"]
        right = wards.reindex(list(files.ward_codes)).tolist()
        tally["names"] = len(right)
        tally["names_exact"] = sum(a == b for a, b in zip(names, right, strict=True))
        served_at = frame.evaluate("atlas.files")
        views = []
        for text in TEXTS:
            view = pack(
                MapView(
                    files,
                    values,
                    values * 0,
                    label=text,
                    unit="share",
                    place_name=text,
                    class_labels=(text,) * 5,
                )
            )
            views.append([view.classes, view.figures, view.settings, served_at])
        frame.evaluate("views => { window.packedViews = views; }", views)
        texts = [plain(text) for text in TEXTS]
        results = frame.evaluate(HOSTILE_SINKS, {"texts": texts})
        page.wait_for_timeout(500)
        tally["map_cases"] = len(results)
        tally["executions"] += len(frame.evaluate("window.ran"))
        tally["not_exact"] += sum(seen != texts[index] for _, index, seen in results)
        tally["dead_maps"] += len(died) + (not frame.evaluate("window.wardsReady === true"))
        tally["off_origin"] += len(strays)


def on_pages(browser: Browser, tally: Counter[str]) -> None:
    """Put each text into each way in which pages show text."""
    with (
        tempfile.TemporaryDirectory() as place,
        served(ROOT / "bench/hostile_app.py", Path(place)) as address,
    ):
        strays: list[str] = []
        context = context_of(browser, address, strays)
        context.add_init_script(COUNT_RAN)
        page = context.new_page()
        page.goto(address)
        page.get_by_text("all shown", exact=True).wait_for(timeout=90_000)
        page.wait_for_timeout(1500)
        results = page.evaluate(SHOWN)
        page.evaluate(
            """() => document.querySelectorAll('.case, button').forEach(node =>
            ['mouseover', 'focus'].forEach(kind => node.dispatchEvent(new Event(kind))))"""
        )
        tally["page_cases"] = len(results)
        tally["executions"] += len(page.evaluate("window.ran"))
        # Streamlit's own sanitiser drops an attribute whole where it holds the end of a script.
        tally["attributes_dropped"] = sum(seen is None for *_, seen in results)
        tally["not_exact"] += sum(
            seen is not None and _visible(seen) != _visible(TEXTS[index])
            for _, index, seen in results
        )
        tally["off_origin"] += len(strays)


def _visible(text: str | None) -> str:
    """Text without what no reader can see: kinds of white space, controls, hidden signs."""
    return "".join(plain(text or "", 10_000).replace("\ufffd", "").split())


async def _in_addresses(server: Server, tally: Counter[str]) -> None:
    visitor = Visitor(server.port, 1)
    await visitor.arrive()
    for page in PAGES:
        for parameter in PARAMETERS:
            for text in TEXTS[:: len(PAGES)]:
                await visitor.see(page, urlencode({parameter: text}))
                tally["address_cases"] += 1
                tally["server_failures"] += visitor.exceptions + (not visitor.headings)
    await visitor.leave()


def in_files(tally: Counter[str]) -> None:
    """Put each text into the files that visitors take away; none may be a formula."""
    field = Field("name", "Name", "text", "A name")
    frame = pd.DataFrame({"name": TEXTS})
    lines = pd.read_csv(io.BytesIO(to_csv(frame, [field])), keep_default_na=False)
    sheet = Sheet("Names", [field], frame)
    made = to_xlsx([sheet], {"What": "names"}, datetime(2026, 1, 1, tzinfo=UTC))
    book = openpyxl.load_workbook(io.BytesIO(made))
    cells = [cell for each in book for row in each.iter_rows() for cell in row]
    tally["file_cases"] = 2 * len(TEXTS)
    tally["formulas"] += sum(cell.data_type == "f" for cell in cells)
    tally["formulas"] += sum(str(text).lstrip()[:1] in tuple("=+-@") for text in lines.iloc[:, 0])


def main() -> None:
    """Run all of it, print the figures, write the file; fail where anything ran."""
    tally: Counter[str] = Counter(
        dict.fromkeys(
            ("executions", "dead_maps", "not_exact", "formulas", "server_failures", "off_origin"), 0
        )
    )
    in_files(tally)
    with sync_playwright() as playwright:
        browser = launched(playwright, CHROMIUM or "")
        on_the_map(browser, tally)
        on_pages(browser, tally)
        browser.close()
    settings = (
        '[site]\ntrusted_proxies = ["127.0.0.1"]\n[log]\nlevel = "error"\n'
        "[limits]\nreruns_per_second = 1000\naddress_reruns_per_second = 1000\n"
    )
    with served_atlas(settings) as server:
        asyncio.run(_in_addresses(server, tally))
    cases = sum(tally[f"{kind}_cases"] for kind in ("map", "page", "address", "file"))
    found = {"texts": len(TEXTS), "cases": cases, **tally}
    for name, value in found.items():
        print(f"{name:16} {value:>8,}")
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if tally["executions"] or tally["dead_maps"] or tally["names"] != tally["names_exact"]:
        raise SystemExit("hostile text was not kept harmless")


if __name__ == "__main__":
    main()
