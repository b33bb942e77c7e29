"""What can be measured of a page's accessibility, in all its frames.

axe passes a page whose map has a nameless tab stop for each ward, so the names of all focusable
nodes and the tab stops themselves are looked at as well.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
MOST_STOPS_IN_MAP = 8
MOST_STOPS_TO_TABLE = 15

# Streamlit makes <main> focusable, as the target of its own skip link, and gives it no name.
STREAMLITS_NAMELESS = {"main#stMain"}
# Its box of code, with the button that copies it, takes the focus and has no name either.
STREAMLITS_CODE = "div#stCode "
# Streamlit gives the box that files are dropped on a name and the role of nothing: (rule, where).
# The parts of a date in its box are narrower than 24 pixels where the day or month is.
STREAMLITS_RULES = {
    ("presentation-role-conflict", '[data-testid="stFileUploaderDropzone"]'),
    ("target-size", '[data-testid="stDateInput"]'),
}

_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# What can be right at one width and wrong at another, where the page says the same at both.
RULES_OF_WIDTH = ("color-contrast", "scrollable-region-focusable", "target-size")
RUN_AXE = """rules => axe.run(document, {iframes: false, resultTypes: ["violations"],
    runOnly: rules}).then(found =>
    found.violations.flatMap(rule => rule.nodes.map(node =>
        [rule.id, node.target.flat().join(" "), node.html.slice(0, 160)])))"""
# The table that a page is about, or else its first; none where all are folded away.
_TABLE = """(document.querySelector("#main-table") || [...document.querySelectorAll("main table")]
    .find(e => e.checkVisibility() && !e.closest("details:not([open])"))?.parentElement)"""
HAS_TABLE = f"() => Boolean({_TABLE})"
FOCUSED = """() => {
    let at = document.activeElement, inside = false;
    const outer = at, wanted = table();
    while (at && at.tagName === "IFRAME") { at = at.contentDocument.activeElement; inside = true; }
    const past = wanted && wanted.compareDocumentPosition(outer) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [at.tagName + " " + (at.getAttribute("aria-label") || at.innerText || at.id)
        .slice(0, 60), inside, Boolean(wanted && (wanted.contains(outer) ||
        past && wanted.id !== "main-table"))]; }""".replace("table()", _TABLE)
NAMELESS_CHARTS = """() => [...document.querySelectorAll("[role=graphics-document]")]
    .filter(e => !e.getAttribute("aria-label")).length"""
# Streamlit scrolls <main>, not the document. A table may scroll in its own named, focusable box.
SIDEWAYS = """() => Math.max(0, ...[document.scrollingElement,
    document.querySelector('[data-testid="stMain"]')].map(e => e.scrollWidth - e.clientWidth))"""
# What moves when the reader has asked for less motion.
MOVING = """() => document.getAnimations().filter(each => each.playState === "running" &&
    each.effect.getComputedTiming().endTime > 100).map(each =>
    each.animationName || each.transitionProperty || "unnamed")"""


def violations(page: Page, *rules: str) -> list[tuple[str, str, str]]:
    """Return (rule, selector, markup) of what axe refuses by the named rules, or by all of WCAG 2.2
    A/AA and best practice, in the page and in each frame.
    """
    found: list[tuple[str, str, str]] = []
    for frame in page.frames:
        if not frame.evaluate("'axe' in window"):
            frame.evaluate(AXE)
        found += [tuple(each) for each in frame.evaluate(RUN_AXE, rules or _TAGS)]
    return found


def ours(page: Page, found: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the violations that are not Streamlit's own."""
    return [each for each in found if not _is_streamlits(page, each[0], each[1])]


def _is_streamlits(page: Page, rule: str, target: str) -> bool:
    within = "([target, around]) => Boolean(document.querySelector(target)?.closest(around))"
    return any(
        rule == known and page.evaluate(within, [target, around])
        for known, around in STREAMLITS_RULES
    )


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


def is_streamlits(node: str) -> bool:
    """Say whether a focusable node without a name is Streamlit's own."""
    return node in STREAMLITS_NAMELESS or node.startswith(STREAMLITS_CODE)


def _takes_focus(node: dict[str, Any]) -> bool:
    properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
    return not node["ignored"] and bool(properties.get("focusable"))


def _tag(browser: Any, node: int) -> str:
    described = browser.send("DOM.describeNode", {"backendNodeId": node})["node"]
    pairs = described.get("attributes", [])
    attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
    return f"{described['nodeName'].lower()}#{attributes.get('id', attributes.get('class', ''))}"


_SAID = re.compile(r"""^( *)- '?([a-z]+)(?: "((?:[^"\\\\]|\\\\.)*)")?[^:]*:?(?: (.*))?$""")
_RAW = re.compile(r"(?<![\d.])\d+\.\d{4,}(?![\d.])")
_FIELD = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_TOOL = re.compile(r"vega|altair|streamlit_|dataframe", re.IGNORECASE)
# Whoever works a number out again needs the names of the published columns.
_NAMES_COLUMNS = ("table", "Every number, with the published table that it comes from")
# Streamlit writes the words of a box to tick, and of a choice, beside its name.
_NAMED_BESIDE = {"checkbox", "switch", "radio"}


def heard_faults(page: Page, names: bool = True) -> list[str]:
    """Return what nobody should hear: raw decimals, names of fields and of tools, one text twice
    in a row, and a chart without words. ``names`` is False on a page about the names of fields.

    Neighbouring cells of a table may be equal.
    """
    found = ["a chart without words"] * page.evaluate(NAMELESS_CHARTS)
    before = ("", "")
    for role, said, above in _heard(page.locator("body").aria_snapshot()):
        within = {role for role, _ in above}
        if role != "code":
            raw = [_RAW, _TOOL, *([_FIELD] if names and _NAMES_COLUMNS not in above else [])]
            found += [f"{role}: {said[:90]}" for each in raw if each.search(said)]
        beside = before[0] in _NAMED_BESIDE or role == "caption" or "row" in within
        again = said == before[1] and said not in {text for _, text in above}
        if again and len(said) > 3 and not beside:
            found.append(f"twice: {said[:90]}")
        before = (role, said)
    return found


def _heard(tree: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Yield (role, text, what it is within) of a page's accessibility tree in turn, without
    addresses of pages.
    """
    path: list[tuple[int, str, str]] = []
    for line in tree.splitlines():
        match = _SAID.match(line)
        if match is None or line.lstrip().startswith("- /"):
            continue
        said = re.sub(r"https?://\S+", "", match[3] or match[4] or "").strip("\"' ")
        depth = len(match[1])
        path = [each for each in path if each[0] < depth]
        if said:
            yield match[2], said, [each[1:] for each in path]
        path.append((depth, match[2], said))


def from_the_top(page: Page) -> None:
    """Put the focus before everything, as on a page just opened."""
    page.evaluate(
        """() => { const { body } = document;
        body.tabIndex = -1; body.focus(); body.removeAttribute("tabindex"); body.blur();
        window.focus(); window.getSelection().setPosition(body, 0); }"""
    )


def stops_to_table(page: Page, most: int = MOST_STOPS_TO_TABLE) -> list[tuple[str, bool]]:
    """Press Tab from the top, and Enter on the link to the table, until the table has the focus.

    A page without a main table counts up to its first one, or what comes after it. Return each
    stop as (what it is, whether it is inside the map).
    """
    from_the_top(page)
    stops: list[tuple[str, bool]] = []
    while len(stops) < most:
        page.keyboard.press("Tab")
        what, inside, at_table = page.evaluate(FOCUSED)
        stops.append((what, inside))
        if at_table:
            return stops
        if what.startswith("A Go to the table"):
            page.keyboard.press("Enter")
            for _ in range(40):
                what, inside, at_table = page.evaluate(FOCUSED)
                if at_table:
                    return [*stops, (what, inside)]
                page.wait_for_timeout(50)
    raise AssertionError(f"the table was not reached: {stops}")


def stops_in_map(page: Page) -> list[str]:
    """Press Tab through the map's frame; return its stops, at most one more than allowed."""
    frame = page.locator("iframe").first.element_handle().content_frame()
    assert frame is not None
    frame.evaluate("document.body.focus()")
    page.locator("iframe").first.focus()
    inside: list[str] = []
    for _ in range(MOST_STOPS_IN_MAP + 2):
        page.keyboard.press("Tab")
        what, within, _ = page.evaluate(FOCUSED)
        if not within:
            break
        inside.append(what)
    return inside


def structure_faults(page: Page) -> list[str]:
    """Return what is wrong with headings, tables, pictures and sideways scroll, in words."""
    found = []
    levels = page.evaluate(
        """() => [...document.querySelectorAll("main h1, main h2, main h3, main h4, main h5")]
            .filter(e => e.checkVisibility()).map(e => Number(e.tagName[1]))"""
    )
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} headings of the first level")
    jumps = [(a, b) for a, b in zip(levels, levels[1:], strict=False) if b > a + 1]
    if jumps:
        found.append(f"headings skip from level {jumps[0][0]} to {jumps[0][1]}")
    bare = page.evaluate(
        """() => [...document.querySelectorAll("main table")].filter(table =>
            !table.caption?.textContent.trim() || !table.querySelector("th[scope]"))
            .map(table => table.outerHTML.slice(0, 120))"""
    )
    found += [f"a table without caption or scope: {text}" for text in bare]
    silent = page.evaluate(
        """() => [...document.querySelectorAll("main svg[role=img], main canvas, main img")]
            .filter(e => e.checkVisibility() && !e.closest("[aria-hidden=true]") &&
                !(e.getAttribute("aria-label") || e.getAttribute("alt") ||
                  e.closest("[role=img][aria-label], figure, [role=graphics-document]") ||
                  e.querySelector("title"))).map(e => e.outerHTML.slice(0, 80))"""
    )
    found += [f"a picture without text: {markup}" for markup in silent]
    over = page.evaluate(SIDEWAYS)
    if over > 1:
        found.append(f"{over} pixels to scroll sideways")
    return found
