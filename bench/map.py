"""Measure the ward map in headless Chromium, side by side with three usual ways to draw it.

    make bench-map

For all England and for Greater Manchester, in one run: bytes over the websocket and blank time
per move of a slider, key press to painted map, first paint of a fresh visitor, click to the
chosen ward's code on the page; and of the Atlas, click to the frame in which the map shows the
ward chosen, on a map of 1400 × 900 script time for each frame and bytes while a weight is dragged,
and on its own page the time from the choice of another measure to the frame that shows it.
"Painted" is the first frame of a screen recording from which on the map's area looks as it finally
does; a frame is "blank" when the map's area has lost nearly all that was drawn. Medians go to
bench/map.json and, of a whole run, to measured/map.json and into README.md between its markers.
"""

import argparse
import base64
import io
import json
import re
import shutil
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from atlas.catalogue.columns import measures
from bench import MEASURED
from tests.browser.chromium import map_frame
from tests.browser.map_server import served
from tests.servers import served_atlas

KINDS = ("atlas", "folium_choropleth", "folium_geojson", "plotly")
AREAS = ("england", "greater_manchester")
NAMES = {
    "atlas": "**The Atlas**",
    "folium_choropleth": "`folium.Choropleth`",
    "folium_geojson": "`folium.GeoJson`",
    "plotly": "plotly",
}
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MARKERS = ("<!-- map benchmark: begin -->", "<!-- map benchmark: end -->")
# As for a visitor, but without a graphics card: plotly's WebGL is then drawn in software.
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-gpu",
    "--enable-unsafe-swiftshader",
]  # fmt: skip
SETTLED = 2.0
WIDTH, SIZE = 1280, (1280, 900)


@dataclass
class Recording:
    """Frames of a screen recording, and what the websocket carried, since a moment."""

    page: Page
    frames: list[tuple[float, bytes]] = field(default_factory=list)
    sent: int = 0
    last: float = 0.0
    unanswered: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._watch)
        self.cdp = self.page.context.new_cdp_session(self.page)
        self.cdp.on("Page.screencastFrame", self._frame)
        self.cdp.send("Page.startScreencast", {"format": "jpeg", "quality": 80})

    def _watch(self, socket: object) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, self._count)  # type: ignore[attr-defined]

    def _count(self, payload: str | bytes) -> None:
        self.sent += len(payload)
        self.last = time.time()

    def _frame(self, event: dict) -> None:
        self.frames.append((event["metadata"]["timestamp"], base64.b64decode(event["data"])))
        self.last = time.time()
        self.unanswered.append(event["sessionId"])

    def start(self) -> None:
        """Forget what was, but keep the picture that is on screen."""
        self.frames, self.sent, self.last = self.frames[-1:], 0, time.time()

    def wait(self, seconds: float) -> None:
        """Let time pass; Chromium sends the next frame only when told that one has come."""
        until = time.time() + seconds
        while time.time() < until:
            self.page.wait_for_timeout(5)
            while self.unanswered:
                answered = {"sessionId": self.unanswered.pop(0)}
                self.cdp.send("Page.screencastFrameAck", answered)

    def until_quiet(self, at_most: float, at_least: float = SETTLED) -> None:
        """Wait until nothing was sent or painted for a while."""
        begun = time.time()
        while time.time() - begun < at_most:
            self.wait(0.05)
            quiet = time.time() - max(self.last, begun)
            if self.page.locator("[data-test-script-state=running]").count():
                self.last = time.time()
            elif time.time() - begun > at_least and quiet > SETTLED:
                return


def pictures(frames: list[tuple[float, bytes]], box: dict) -> list[tuple[float, np.ndarray]]:
    """The map's area of each frame, small and grey."""
    left, top = int(box["x"]) + 60, int(box["y"]) + 4
    corner = (left, top, int(box["x"] + box["width"]) - 60, min(int(box["y"] + 600), SIZE[1]))
    found = []
    for at, data in sorted(frames):
        image = Image.open(io.BytesIO(data)).convert("L")
        ratio = image.width / WIDTH
        part = image.crop(tuple(round(edge * ratio) for edge in corner)).resize((290, 145))
        found.append((at, np.asarray(part, dtype=float)))
    return found


def drawn_share(picture: np.ndarray) -> float:
    """The share of the map's area that differs from its ground; 0 where next to nothing does."""
    share = float((np.abs(picture - np.median(picture[:4])) > 8).mean())
    return share if share > 0.02 else 0.0


def painted_and_blank(
    found: list[tuple[float, np.ndarray]], begun: float, alike: float = 0.0
) -> tuple[float, float]:
    """Milliseconds until the final picture, and how long nearly nothing was drawn.

    ``alike`` is the share of what was drawn that may still change: a first choropleth counts
    although finer outlines or names may follow.
    """
    final = found[-1][1]
    drawn = (np.abs(final - np.median(final[:4])) > 8).mean()
    limit = max(0.35, alike * float(np.abs(final - np.median(final[:4])).mean()))
    painted, blank = found[-1][0], 0.0
    for at, picture in reversed(found):
        if np.abs(picture - final).mean() > limit:
            break
        painted = at
    for (at, picture), (after, _) in zip(found, found[1:], strict=False):
        seen = (np.abs(picture - np.median(final[:4])) > 8).mean()
        if at >= begun and seen < 0.1 * drawn:
            blank += after - at
    return max(0.0, (painted - begun) * 1000), blank * 1000


def map_box(page: Page) -> dict:
    box = page.locator("iframe, .js-plotly-plot").first.bounding_box()
    assert box
    return box


def measure(browser: Browser, address: str, kind: str, area: str, moves: int, visits: int) -> dict:
    firsts, restyles, sent, blanks, clicks, marked = [], [], [], [], [], []
    for visit in range(visits):
        context = browser.new_context(viewport={"width": SIZE[0], "height": SIZE[1]})
        page = context.new_page()
        recording = Recording(page)
        recording.start()
        begun = time.time()
        page.goto(f"{address}?kind={kind}&area={area}", wait_until="commit")
        recording.until_quiet(40, 4)
        page.locator("iframe, .js-plotly-plot").first.wait_for(timeout=60_000)
        box = map_box(page)
        found = pictures(recording.frames, box)
        if not drawn_share(found[-1][1]):
            # Nothing was sent or painted for a while, and yet there is no map: give it more time.
            recording.until_quiet(30, 8)
            found = pictures(recording.frames, box)
        if drawn_share(found[-1][1]):
            firsts.append(painted_and_blank(found, begun, 0.2)[0])
        if visit < visits - 1:
            context.close()
            continue
        slider = page.locator("[data-testid=stSlider] input[type=range]")
        slider.focus()
        recording.wait(0.3)
        for _ in range(moves):
            recording.start()
            recording.wait(0.25)
            recording.sent = 0
            begun = time.time()
            page.keyboard.press("ArrowRight")
            recording.until_quiet(30, 1.5)
            painted, blank = painted_and_blank(pictures(recording.frames, map_box(page)), begun)
            restyles.append(painted)
            blanks.append(blank)
            sent.append(recording.sent)
        frame = map_frame(page) if kind == "atlas" else None
        for turn in range(3):
            if frame:
                frame.evaluate(MARKED)
            begun, said = clicked(recording, box, turn)
            clicks.append(said)
            if frame:
                marked.append(frame.evaluate("markedAt") - begun)
        context.close()
    seen = {"selected_ms": rounded(marked)} if marked else {}
    return {
        "restyle_ms": round(statistics.median(restyles)),
        "bytes": round(statistics.median(sent)),
        "blank_ms": round(statistics.median(blanks)),
        "first_paint_ms": rounded(firsts),
        "click_ms": rounded([ms for ms in clicks if ms is not None]),
        **seen,
    }


# Notes when the ward that is chosen is on screen with its ring.
MARKED = """() => { window.markedAt = 0; const { layer } = atlas; delete layer.mark;
const own = layer.mark;
layer.mark = function (hovered, selected) { const other = selected !== this.selected;
  own.call(this, hovered, selected);
  if (other) requestAnimationFrame(() => setTimeout(() => { window.markedAt ||= Date.now(); })); };
}"""
# Notes how long the scripts of each frame take.
TIMED = """() => { window.spent = []; const ask = requestAnimationFrame;
window.requestAnimationFrame = (act) => ask((time) => { const begun = performance.now();
  act(time); spent.push(performance.now() - begun); }); }"""
STEPS = 120


def dragged(browser: Browser, address: str) -> dict:
    """Drag a weight over all England: script time a frame, and bytes sent and asked for."""
    page = browser.new_page(viewport={"width": 1560, "height": 1130})
    recording = Recording(page)
    page.goto(f"{address}?kind=weights&area=england&height=965")
    frame = map_frame(page)
    recording.until_quiet(20)
    width, height = frame.evaluate("[atlas.map.getSize().x, atlas.map.getSize().y]")
    slider = frame.locator(".atlas-weights input").first.bounding_box()
    assert slider
    middle = slider["y"] + slider["height"] / 2
    page.mouse.move(slider["x"] + 0.4 * slider["width"], middle)
    recording.until_quiet(20)  # what a score is made of is fetched when a hand comes near
    frame.evaluate(TIMED)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.mouse.down()
    recording.start()
    for step in range(STEPS):
        share = 0.4 + 0.5 * np.sin(step / 12) * step / STEPS
        page.mouse.move(slider["x"] + share * slider["width"], middle)
        recording.wait(0.03)
    sent, spent = recording.sent, frame.evaluate("spent")
    page.mouse.up()
    page.close()
    assert not asked, asked
    assert len(spent) > STEPS / 2, f"only {len(spent)} frames were drawn"
    return {
        "frame_ms": round(statistics.median(spent), 1),
        "frame_p95_ms": round(float(np.percentile(spent, 95)), 1),
        "bytes": sent,
        "frames": len(spent),
        "map": f"{width} × {height}",
    }


# Notes how long after a press the first new colours are on screen.
PRESSED = """() => { window.times = []; let pressed = 0; const { layer } = atlas;
const own = layer.restyle;
top.document.addEventListener('pointerup', () => { pressed = Date.now(); }, true);
layer.restyle = function (...given) { own.apply(this, given);
  const note = () => { if (pressed) times.push(Date.now() - pressed); pressed = 0; };
  requestAnimationFrame(() => setTimeout(note)); }; }"""
MEASURES = ("Second library", "IMD score", "Slow lines", "Aged 75 and over", "Nearest library")


def measure_changed(browser: Browser, address: str) -> int:
    """Milliseconds from the choice of another measure of England's wards to its colours, median."""
    labels = [each.label for short in MEASURES for each in measures() if each.short == short]
    page = browser.new_page(viewport={"width": 1560, "height": 1130})
    page.goto(f"{address}map")
    page.locator(".atlas-foot").wait_for(timeout=120_000)
    page.wait_for_timeout(8000)  # the page may put its map anew while it is still being built
    frame = map_frame(page)
    box = page.get_by_role("combobox", name="Measure")
    box.hover()
    frame.evaluate(PRESSED)
    for label in labels:
        page.wait_for_timeout(3000)
        box.fill(label)
        page.wait_for_timeout(500)
        page.get_by_role("option", name=label).first.click()
    page.wait_for_timeout(3000)
    times = frame.evaluate("times")
    page.close()
    assert len(times) >= len(labels), times
    return round(statistics.median(times))


def rounded(times: list[float]) -> int | None:
    return round(statistics.median(times)) if times else None


def clicked(recording: Recording, box: dict, turn: int) -> tuple[float, float | None]:
    """When a ward was clicked (ms of the epoch), and how many ms later the page had its code.

    None where it had not after 8 s.
    """
    page = recording.page
    page.evaluate(
        """() => { const text = () => (document.body.innerText.match(/chosen (\\S+)/) || [])[1];
        window.before = text(); window.changed = 0;
        const look = () => { if (text() !== window.before) window.changed = Date.now();
          else requestAnimationFrame(look); }; look(); }"""
    )
    # Three places in the middle of the area: Greater Manchester's wards, or the Midlands.
    dx, dy = ((0, 0), (45, 30), (-40, 25))[turn]
    page.mouse.move(box["x"] + box["width"] / 2 + dx, box["y"] + 300 + dy)
    recording.wait(0.4)
    begun = time.time() * 1000
    page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + 300 + dy)
    for _ in range(160):
        recording.wait(0.05)
        changed = page.evaluate("window.changed")
        if changed:
            recording.wait(0.9)
            return begun, changed - begun
    return begun, None


def table(results: dict) -> str:
    lines = [
        "| | | key press to painted map | sent per move | blank | first paint | click to ward |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for area in AREAS:
        title = area.replace("_", " ").title()
        for kind in results[area]:
            row = results[area][kind]
            click = "no answer" if row["click_ms"] is None else f"{row['click_ms']:,} ms"
            if "selected_ms" in row:
                click = f"{row['selected_ms']:,} ms on the map, {click} in words"
            first = row["first_paint_ms"]
            painted = "not caught" if first is None else f"{first:,} ms"
            sent = f"{row['bytes'] / 1000:,.1f} kB"
            lines.append(
                f"| {title} | {NAMES[kind]} | {row['restyle_ms']:,} ms | {sent}"
                f" | {row['blank_ms']:,} ms | {painted} | {click} |"
            )
    return "\n".join(lines)


def write_table(results: dict) -> None:
    """Put the table into README.md, where it has the two markers."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    begin, end = MARKERS
    if begin in text and end in text:
        pattern = re.escape(begin) + r".*?" + re.escape(end)
        fresh = f"{begin}\n{table(results)}\n{end}"
        readme.write_text(re.sub(pattern, lambda _: fresh, text, flags=re.S), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--moves", type=int, default=5, help="moves of the slider (default 5)")
    parser.add_argument("--visits", type=int, default=3, help="fresh visitors (default 3)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--areas", nargs="+", choices=AREAS, default=AREAS)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("bench-map needs Chromium (Debian: apt-get install chromium)")
    results: dict = {area: {} for area in AREAS}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(HERE / "map_app.py", Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for kind in options.kinds:  # once each, so that no one pays for the server's first reading
            page = browser.new_page()
            page.goto(f"{address}?kind={kind}&area={options.areas[0]}")
            page.locator("iframe, .js-plotly-plot").first.wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            page.close()
        for area in options.areas:
            for kind in options.kinds:
                results[area][kind] = measure(
                    browser, address, kind, area, options.moves, options.visits
                )
                print(area, kind, results[area][kind], flush=True)
        if "atlas" in options.kinds and "england" in options.areas:
            results["england"]["atlas"]["drag"] = dragged(browser, address)
            with served_atlas() as server:
                results["england"]["atlas"]["measure_ms"] = measure_changed(browser, server.address)
            print("drag and measure", results["england"]["atlas"], flush=True)
        browser.close()
    figures = json.dumps(results, indent=1) + "\n"
    (HERE / "map.json").write_text(figures, encoding="utf-8")
    whole = set(options.kinds) == set(KINDS) and set(options.areas) == set(AREAS)
    if whole:
        (MEASURED / "map.json").write_text(figures, encoding="utf-8")
        write_table(results)
    print(table(results))


if __name__ == "__main__":
    main()
