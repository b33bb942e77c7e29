"""Every page against WCAG 2.2 A/AA and axe's best practice, in all frames, wide and on a phone.

axe passes a page whose map has a nameless tab stop for each ward, so the names of all focusable
nodes and the tab stops themselves are looked at as well. What is Streamlit's own and cannot be
mended from here is listed with its reason; a line of that list that is no longer needed fails.
"""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PAGES = {
    "ward_map": "",
    "ward_profile": "ward_profile?ward=E05011368",
    "risk_list": "risk_list?place=E47000001",
    "targeting_list": "targeting_list?place=E47000001",
    "postcodes": "postcodes",
    "sources": "sources",
    "method": "method",
}
WITH_MAP = {"ward_map", "risk_list"}
WITH_TABLE = {"ward_map", "risk_list", "targeting_list"}
WIDTHS = (1280, 390)
MOST_STOPS_IN_MAP = 8
MOST_STOPS_TO_TABLE = 15

# Streamlit's own navigation, seen on a narrow screen once the reader opens the sidebar: its
# <ul> holds the sections' <div>s, and so its <li>s have no list. (rule, inside which element)
STREAMLITS_SIDEBAR = {
    ("list", '[data-testid="stSidebarNavItems"]'),
    ("listitem", '[data-testid="stSidebarNavItems"]'),
}
# Streamlit makes <main> focusable, as the target of its own skip link, and gives it no name.
STREAMLITS_NAMELESS = {"main#stMain"}

RUN_AXE = """() => axe.run(document, {iframes: false, resultTypes: ["violations"], runOnly:
    ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(found =>
    found.violations.flatMap(rule => rule.nodes.map(node =>
        [rule.id, node.target.flat().join(" "), node.html.slice(0, 160)])))"""
FOCUSED = """() => {
    let at = document.activeElement, inside = false;
    while (at && at.tagName === "IFRAME") { at = at.contentDocument.activeElement; inside = true; }
    return [at.tagName + " " + (at.getAttribute("aria-label") || at.innerText || at.id)
        .slice(0, 60), inside, Boolean(at.closest("#main-table"))]; }"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
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


@pytest.fixture(scope="module")
def browser(chromium: str, address: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        yield started
        started.close()


@pytest.fixture(scope="module", params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    size: int = request.param
    return size


@pytest.fixture(scope="module", params=list(PAGES))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def page(browser: Browser, address: str, width: int, name: str) -> Iterator[Page]:
    """One page at one width, drawn to the end; the tests of this file share it in turn."""
    opened = browser.new_page(viewport={"width": width, "height": 900})
    opened.set_default_timeout(60_000)
    opened.goto(address + PAGES[name])
    opened.wait_for_selector(".atlas-foot")
    opened.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    if name in WITH_MAP:
        map_frame(opened).wait_for_function("window.wardsReady === true")
    yield opened
    opened.close()


def map_frame(page: Page) -> Frame:
    element = page.wait_for_selector("iframe[title*='Map of'], iframe[title*='st_folium']")
    frame = element.content_frame() if element else None
    assert frame is not None
    return frame


def violations(page: Page) -> list[tuple[str, str, str]]:
    """Return (rule, selector, markup) of what axe refuses, in the page and in each frame."""
    found: list[tuple[str, str, str]] = []
    for frame in page.frames:
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE)
        found += [tuple(each) for each in frame.evaluate(RUN_AXE)]
    return found


def test_the_gate_covers_the_whole_site_map() -> None:
    scripts = {
        path.stem
        for section in ("explore", "decide", "data")
        for path in (ROOT / "pages" / section).glob("*.py")
        if path.name != "__init__.py"
    }
    assert scripts == set(PAGES)


def test_axe_finds_nothing_in_any_frame(page: Page, name: str) -> None:
    assert len(page.frames) == (2 if name in WITH_MAP else 1)
    assert violations(page) == []


def test_whatever_takes_the_focus_has_a_name(page: Page) -> None:
    nameless = nameless_nodes(page)
    assert set(nameless) == STREAMLITS_NAMELESS, "more, or a line of the list no longer needed"


def nameless_nodes(page: Page) -> list[str]:
    """Return the focusable nodes without a name, as ``tag#id``, of all frames."""
    browser = page.context.new_cdp_session(page)
    frames = [browser.send("Page.getFrameTree")["frameTree"]]
    found: list[str] = []
    while frames:
        tree = frames.pop()
        frames += tree.get("childFrames", [])
        asked = {"frameId": tree["frame"]["id"]}
        for node in browser.send("Accessibility.getFullAXTree", asked)["nodes"]:
            if _takes_focus(node) and not node.get("name", {}).get("value", "").strip():
                # Chromium counts the document itself as focusable; its name is the title.
                found.append(_tag(browser, node["backendDOMNodeId"]))
    browser.detach()
    return found


def _takes_focus(node: dict[str, Any]) -> bool:
    properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
    return not node["ignored"] and bool(properties.get("focusable"))


def _tag(browser: Any, node: int) -> str:
    described = browser.send("DOM.describeNode", {"backendNodeId": node})["node"]
    pairs = described.get("attributes", [])
    attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return f"{described['nodeName'].lower()}#{attributes.get('id', attributes.get('class', ''))}"


def stops_to_table(page: Page, most: int) -> list[tuple[str, bool]]:
    """Press Tab from the top, and Enter on the link to the table, until the table has the focus.

    Return each stop as (what it is, whether it is inside the map).
    """
    page.evaluate("document.activeElement.blur()")
    page.evaluate("window.getSelection().setPosition(document.body, 0)")
    stops: list[tuple[str, bool]] = []
    while len(stops) < most:
        page.keyboard.press("Tab")
        what, inside, at_table = page.evaluate(FOCUSED)
        stops.append((what, inside))
        if at_table:
            return stops
        if what.startswith("A Go to the table"):
            page.keyboard.press("Enter")
            page.wait_for_function("location.hash === '#main-table'")
            what, inside, at_table = page.evaluate(FOCUSED)
            if at_table:
                return [*stops, (what, inside)]
    raise AssertionError(f"the table was not reached: {stops}")


def test_the_table_is_few_stops_from_the_top(page: Page, name: str) -> None:
    if name in WITH_TABLE:
        stops = stops_to_table(page, MOST_STOPS_TO_TABLE)
        assert not any(inside for _, inside in stops)
        expect(page.locator("#main-table table caption")).not_to_be_empty()


def test_the_map_is_named_and_has_a_handful_of_stops(page: Page, name: str) -> None:
    if name not in WITH_MAP:
        assert page.locator("iframe").count() == 0
        return
    assert page.locator("iframe").get_attribute("title").startswith("Map of ")
    frame = map_frame(page)
    frame.evaluate("document.body.focus()")
    page.locator("iframe").focus()
    inside: list[str] = []
    for _ in range(MOST_STOPS_IN_MAP + 2):
        page.keyboard.press("Tab")
        what, within, _ = page.evaluate(FOCUSED)
        if not within:
            break
        inside.append(what)
    assert 1 <= len(inside) <= MOST_STOPS_IN_MAP, inside


def test_an_open_sidebar_on_a_phone_has_only_what_streamlit_gave_it(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(60_000)
    page.goto(address + PAGES["sources"])
    page.wait_for_selector(".atlas-foot")
    page.get_by_role("button", name="Expand sidebar").click()
    page.wait_for_selector('[data-testid="stSidebar"][data-collapsed="false"]')
    page.wait_for_timeout(500)
    found = violations(page)
    known = {
        (rule, around)
        for rule, around in STREAMLITS_SIDEBAR
        for broken, target, _ in found
        if broken == rule and _within(page, target, around)
    }
    assert known == STREAMLITS_SIDEBAR, "a line of the list is no longer needed"
    assert [each for each in found if not _listed(page, each)] == []
    page.close()


def _listed(page: Page, violation: tuple[str, str, str]) -> bool:
    rule, target, _ = violation
    return any(rule == known and _within(page, target, at) for known, at in STREAMLITS_SIDEBAR)


def _within(page: Page, target: str, around: str) -> bool:
    inside = "([target, around]) => Boolean(document.querySelector(target)?.closest(around))"
    return bool(page.evaluate(inside, [target, around]))
