"""The ward map in a real browser: new values, areas, clicks, keys, and nothing from elsewhere."""

import base64
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from atlas.text.safe_text import plain
from tests.browser.chromium import context_of, map_frame, shown_soon
from tests.browser.map_server import served
from tests.hostile_text import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(HERE / "map_page.py", tmp_path_factory.mktemp("map")) as url:
        yield url


class Visits:
    """Pages of one visitor; whatever left the origin or failed in a script is noted."""

    def __init__(self, context, address):
        self.context, self.address = context, address
        self.faults, self.read = [], {}
        context.on("request", self._note)

    def _note(self, request):
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(request.url)

    def page(self, query="", size=(1280, 1100), **media):
        page = self.context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(**media)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.address + query)
        return page, map_frame(page)


@pytest.fixture(scope="module")
def visits(browser, address):
    with browser.new_context() as context:
        yield Visits(context, address)


@pytest.fixture
def visit(visits):
    """Opens the test page; afterwards nothing may have left the origin or failed in a script."""
    pages = []

    def opened(query="", **settings):
        page, frame = visits.page(query, **settings)
        pages.append(page)
        return page, frame

    yield opened
    for page in pages:
        page.close()
    assert visits.faults == []


@pytest.fixture
def seen(visits):
    """Opens a page once for all tests that only look at it; they must leave it as it was."""

    def opened(query=""):
        if query not in visits.read:
            visits.read[query] = visits.page(query)
        return visits.read[query]

    yield opened
    assert visits.faults == []


def text_of(page: Page) -> str:
    return page.inner_text("body")


def await_text(page: Page, text: str) -> None:
    page.get_by_text(text, exact=True).first.wait_for(timeout=8000)


def centre_of(page, frame, ward):
    """Where a ward's label point is on the page."""
    at = frame.evaluate(
        """ward => { const [x, y] = atlas.outlines.places.slice(2 * ward, 2 * ward + 2);
        const p = atlas.map.latLngToContainerPoint(Atlas.toLatLng(x, y));
        return [p.x, p.y]; }""",
        ward,
    )
    box = page.locator("iframe").bounding_box()
    return box["x"] + at[0], box["y"] + at[1]


def test_new_values_repaint_in_place(visit):
    page, frame = visit("?place=E47000001")
    frame.evaluate("window.sameFrame = true; atlas.map.setZoom(12, {animate: false})")
    before = frame.evaluate("[...atlas.layer.signs].join()")
    layers = frame.evaluate("Object.keys(atlas.map._layers)")
    page.locator("[data-testid=stSlider] input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    shown_soon(page, frame, f"[...atlas.layer.signs].join() !== '{before}'")
    assert frame.evaluate(
        "[window.sameFrame, atlas.map.getZoom(), Object.keys(atlas.map._layers)]"
    ) == [True, 12, layers]


def test_from_near_the_council_shown_has_fine_outlines_each_file_fetched_once(visit):
    page, frame = visit("?place=E08000003")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    frame.evaluate("atlas.map.setZoom(12, {animate: false})")
    shown_soon(page, frame, "atlas.shown.members.every(ward => atlas.layer.detail.has(ward))")
    frame.evaluate("atlas.map.setZoom(12.5, {animate: false})")
    shown_soon(page, frame, "atlas.layer.fine.length === atlas.layer.asked.size")
    fine = [url for url in asked if "wards-detail" in url]
    assert len(fine) == len(set(fine)) < 12
    assert frame.evaluate("atlas.layer.wardAt({lat: 53.4628, lng: -2.2497}) >= 0")


def test_another_area_is_flown_to_without_new_outlines(visit):
    page, frame = visit()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    england = frame.evaluate("atlas.map.getZoom()")
    page.locator("[data-testid=stSelectbox] input").first.click()
    page.get_by_role("option", name="E47000001").click()
    shown_soon(page, frame, f"atlas.map.getZoom() > {england} + 2")
    assert frame.evaluate("atlas.shown.members.length") == 215
    assert not [url for url in asked if "/wards-" in url and "detail" not in url]


def test_a_click_gives_the_ward_code_each_time(visit):
    page, frame = visit("?place=E47000001")
    ward = frame.evaluate("atlas.shown.members[100]")
    code = frame.evaluate("ward => atlas.content.codes[ward]", ward)
    for clicks in (1, 2, 3):
        page.mouse.click(*centre_of(page, frame, ward))
        await_text(page, f"ward {code} clicks {clicks}")
    page.locator("[data-testid=stSlider] input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(800)
    assert f"ward {code} clicks 3" in text_of(page)  # no click is read twice


def test_opening_the_map_starts_no_second_run(seen):
    page, _ = seen()
    page.wait_for_timeout(700)
    assert "runs 1" in text_of(page)


def test_a_click_beside_the_area_chooses_nothing(visit):
    page, frame = visit("?place=E08000003")
    box = page.locator("iframe").bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + box["height"] - 80)
    page.wait_for_timeout(600)
    assert "ward None clicks 0" in text_of(page)


def test_arrow_keys_reach_wards_and_enter_chooses(visit):
    page, frame = visit("?place=E08000003")
    frame.locator(".atlas-keys").focus()
    page.keyboard.press("ArrowRight")
    first = frame.evaluate("atlas.hovered")
    page.keyboard.press("ArrowRight")
    second = frame.evaluate("atlas.hovered")
    places = frame.evaluate("[...atlas.outlines.places]")
    assert places[2 * second] > places[2 * first]
    name = frame.evaluate("ward => atlas.content.names[ward]", second)
    assert frame.locator("[role=status]").inner_text().startswith(f"{name}, Manchester. ")
    page.keyboard.press("Enter")
    code = frame.evaluate("ward => atlas.content.codes[ward]", second)
    await_text(page, f"ward {code} clicks 1")


def test_the_chosen_ward_is_said_aloud(visit):
    page, frame = visit("?place=E08000003")
    ward = frame.evaluate("atlas.shown.members[3]")
    page.mouse.click(*centre_of(page, frame, ward))
    name = frame.evaluate("ward => atlas.content.names[ward]", ward)
    shown_soon(page, frame, "document.querySelector('[role=status]').textContent !== ''")
    assert frame.locator("[role=status]").inner_text().startswith(f"Chosen: {name}, Manchester. ")


def test_councils_and_combined_authorities_have_outlines_of_their_own(seen):
    _, frame = seen()
    kinds = frame.evaluate(
        """() => { const { sides } = atlas.outlines; const kinds = {};
        const name = (ward) => atlas.content.authorities[atlas.content.authority[ward]];
        for (let arc = 0; arc < sides.length / 2; arc++) {
          const [one, other] = [sides[2 * arc], sides[2 * arc + 1]];
          const kind = atlas.layer.borderOf(one, other);
          const apart = other < 0 ? "sea" : name(one)[1] + " | " + name(other)[1];
          (kinds[kind] = kinds[kind] || new Set()).add(apart);
        }
        return Object.fromEntries(Object.entries(kinds).map(([k, v]) => [k, [...v]])); }"""
    )
    between = {kind: [set(pair.split(" | ")) for pair in pairs] for kind, pairs in kinds.items()}
    assert {"Manchester", "Salford"} in between["council"]
    assert {"Wigan", "Warrington"} in between["combined"]  # Warrington has no combined authority
    assert {"Rochdale", "Calderdale"} in between["combined"]
    assert all(len(pair) == 1 for pair in between["ward"])
    assert kinds["coast"] == ["sea"]


def test_in_forced_colours_borders_are_the_readers_own_colours(visit):
    _, frame = visit("?place=E08000003", forced_colors="active")
    used = frame.evaluate(
        """() => { const used = []; const own = CanvasRenderingContext2D.prototype;
        const stroke = own.stroke;
        own.stroke = function (...given) {
          used.push(this.strokeStyle);
          stroke.apply(this, given); };
        atlas.layer._drawBorders();
        own.stroke = stroke;
        const probe = document.createElement("canvas").getContext("2d");
        const seen = ["Canvas", "CanvasText"].map((name) => {
          probe.strokeStyle = name; return probe.strokeStyle; });
        return [seen.every((colour) => used.includes(colour)), used.includes("#3a434d")]; }"""
    )
    assert used == [True, False]


def test_each_wards_pixels_say_which_ward_it_is(seen):
    _, frame = seen("?place=E47000001")
    members, read = frame.evaluate(
        """() => { const { outlines, layer, shown } = atlas;
        const at = (ward) => Atlas.toLatLng(...outlines.places.subarray(2 * ward, 2 * ward + 2));
        return [shown.members, shown.members.map((ward) => layer.wardAt(at(ward)))]; }"""
    )
    assert len(members) == 215
    assert read == members
    # Wigan's neighbour outside the area is drawn as ground.
    assert frame.evaluate("atlas.layer.wardAt({lat: 53.56, lng: -2.78})") == -1


def test_every_ward_can_be_reached_by_arrow_keys(seen):
    _, frame = seen("?place=E47000001")
    reached = frame.evaluate(
        """() => { const open = [atlas.shown.members[0]]; const seen = new Set(open);
        while (open.length) { const from = open.pop();
          for (const way of [[0,-1],[0,1],[-1,0],[1,0]]) {
            const next = Atlas.neighbour(atlas, from, way);
            if (!seen.has(next)) { seen.add(next); open.push(next); } } }
        return [seen.size, atlas.shown.members.length]; }"""
    )
    assert reached[0] == reached[1]


def test_the_map_is_a_named_region_with_few_tab_stops(seen):
    page, frame = seen()
    assert page.locator("iframe").get_attribute("title").startswith("Map of E92000001 by ward")
    region = frame.locator("#map_div[role=region]")
    assert region.get_attribute("aria-label") == page.locator("iframe").get_attribute("title")
    nameless = frame.evaluate(
        """[...document.querySelectorAll('a[href], button, [tabindex="0"], input')]
        .map(e => e.getAttribute('aria-label') || e.textContent.trim())"""
    )
    assert all(nameless)
    assert len(nameless) <= 8


def test_figures_on_the_map_are_those_of_the_table(seen):
    _, frame = seen()
    import pandas as pd

    from atlas.catalogue.columns import declared_columns, shown

    wards = pd.read_csv(HERE.parents[1] / "data" / "wards.csv").set_index("ward_code")
    column = declared_columns()["income_deprived_rate"]
    said = frame.evaluate("atlas.shown.members.map(w => Atlas.figure(atlas, w))")
    codes = frame.evaluate("atlas.content.codes")
    expected = [shown(column, value) for value in wards["income_deprived_rate"].reindex(codes)]
    assert said == [{"10.0%": "10%"}.get(text, text) for text in expected]


def test_the_view_is_kept_when_the_page_is_opened_again(visit):
    page, frame = visit("?place=E47000001")
    frame.evaluate("atlas.map.setView([53.5, -2.2], 13, {animate: false})")
    page.wait_for_timeout(200)
    page.reload()
    assert map_frame(page).evaluate("atlas.map.getZoom()") == 13


def test_reduced_motion_goes_there_at_once(visit):
    page, frame = visit(reduced_motion="reduce")
    assert frame.evaluate("Atlas.moves()") is False


def test_libraries_and_pockets_are_drawn(visit):
    page, frame = visit("?place=E08000003&layers=libraries,pockets,labels,outlines")
    shown_soon(page, frame, "(atlas.dots || []).length > 5")
    held = frame.evaluate("atlas.dots.map(d => d.libraries.length).reduce((a, b) => a + b)")
    assert held > 20
    line = frame.evaluate("Atlas.dotLines({libraries: [atlas.dots[0].libraries[0]]})[0]")
    assert line[0] == "strong"


def test_marks_are_drawn_where_they_are_and_say_their_name(visit):
    import pandas as pd

    from atlas.maps.payload import MapView, Mark, map_files, pack

    page, frame = visit()
    files = map_files(HERE.parents[1] / "data" / "map")
    values = pd.Series(0.5, index=list(files.ward_codes))
    marks = [Mark("1", "Hulme, near postcode M15 5RE", -2.25, 53.46), Mark("2", "Bury", -2.3, 53.6)]
    packed = pack(MapView(files, values, values * 0, label="Reach", unit="share", marks=marks))
    frame.evaluate(
        "([classes, figures, settings]) => Atlas.show(classes, figures, settings, atlas.files)",
        [packed.classes, packed.figures, packed.settings],
    )
    shown_soon(page, frame, "(atlas.marks || []).length === 2")
    found = frame.evaluate("Atlas.dotLines(Atlas.dotAt(atlas, {lat: 53.46, lng: -2.25}))")
    assert found == [["strong", "1"], ["span", "Hulme, near postcode M15 5RE"]]
    assert frame.evaluate("Atlas.dotAt(atlas, {lat: 52, lng: -1})") is None


def test_on_a_phone_the_map_fits(visit):
    page, frame = visit(size=(390, 844))
    assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert frame.evaluate("atlas.layer._canvases[0].width") > 300


def test_map_files_cannot_be_left_by_a_path(seen, address):
    page, frame = seen()
    served_at = frame.evaluate("new URL(atlas.files, location.href).pathname").strip("/")
    status = lambda path: page.request.get(f"{address}{served_at}/{path}").status  # noqa: E731
    assert status("index.json") == 200
    for path in ("..%2fwards.csv", "%2e%2e/wards.csv", "....//wards.csv", "%2fetc%2fpasswd"):
        assert status(path) in (400, 404)


HOSTILE_SINKS = """({texts}) => {
  // Each place where the map shows outside text, with each text in turn; what a reader then sees.
  window.ran = [];
  window.owned = () => ran.push('x');
  top.owned = window.owned;
  const results = [];
  const note = (sink, index, seen) => results.push([sink, index, seen]);
  const content = atlas.content;
  texts.forEach((text, index) => {
    content.names[0] = text;
    content.authorities[content.authority[0]][1] = text;
    atlas.shown.label = text;
    atlas.shown.placeName = text;
    atlas.shown.attribution = text;
    atlas.shown.classLabels = Array(5).fill(text);
    Atlas.refresh(atlas);
    Atlas.fillTip(atlas, 0);
    const tip = document.querySelector('.atlas-tip');
    note('tip ward', index, tip.querySelector('strong').textContent);
    note('tip authority', index, tip.querySelectorAll('span')[0].textContent);
    note('tip label', index, tip.querySelectorAll('span')[1].textContent);
    note('tip class', index, tip.querySelectorAll('span')[2].textContent);
    note('attribution', index, document.querySelector('.atlas-attribution').textContent);
    const title = window.frameElement.title;
    note('frame title', index, title === `Map of ${text} by ward: ${text}` ? text : title);
    const region = document.querySelector('#map_div').getAttribute('aria-label');
    note('region label', index, region === title ? text : region);
    Atlas.say(Atlas.describe(atlas, 0));
    const said = document.querySelector('[role=status]').textContent;
    note('announcement', index, said.startsWith(`${text}, ${text}. ${text}: `) ? text : said);
    Atlas.tipLines(Atlas.dotLines({libraries: [
      {name: text, runBy: text, hours: 3, days: [text, '', '', '', '', '', '']}]}));
    note('library name', index, tip.querySelector('strong').textContent);
    const run = 'Library, run by: ';
    note('library run by', index, tip.querySelectorAll('span')[0].textContent.slice(run.length));
    note('library hours', index, tip.querySelectorAll('span')[1].textContent.slice(4));
    atlas.map.setView(Atlas.toLatLng(atlas.outlines.places[0], atlas.outlines.places[1]), 13,
      {animate: false});
    atlas.layer._draw();
    note('drawn name', index, text);
    Atlas.show(...window.packedViews[index]);
    note('packed label', index, atlas.shown.label);
    note('packed class', index, atlas.shown.classLabels[0]);
    note('packed place', index, atlas.shown.placeName);
  });
  return results;
}"""


def test_hostile_text_runs_nowhere_and_reads_exactly(visit):
    import pandas as pd

    from atlas.maps.payload import MapView, map_files, pack

    page, frame = visit()
    files = map_files(HERE.parents[1] / "data" / "map")
    values = pd.Series(0.5, index=list(files.ward_codes))
    served_at = frame.evaluate("atlas.files")
    views = []
    for text in HOSTILE:
        packed = pack(
            MapView(files, values, values * 0, label=text, unit="share", place_name=text,
                    class_labels=(text,) * 5)
        )  # fmt: skip
        views.append([packed.classes, packed.figures, packed.settings, served_at])
        sent = json.loads(base64.urlsafe_b64decode(packed.settings))
        assert sent["label"] == plain(text)
    frame.evaluate("views => { window.packedViews = views; }", views)
    texts = [plain(text) for text in HOSTILE]
    results = frame.evaluate(HOSTILE_SINKS, {"texts": texts})
    page.wait_for_timeout(500)
    assert frame.evaluate("window.ran") == []
    assert len({sink for sink, _, _ in results}) >= 13
    assert len(results) == 15 * len(HOSTILE)
    wrong = [(sink, texts[at], seen) for sink, at, seen in results if seen != texts[at]]
    assert wrong == []


def test_raw_hostile_text_in_a_tooltip_is_still_only_text(visit):
    # Even text that never went through the cleaning cannot become markup.
    _, frame = visit()
    frame.evaluate(
        """texts => { window.ran = []; window.owned = () => ran.push(1);
        for (const text of texts) { Atlas.tipLines([['strong', text]]); } }""",
        [text.encode("utf-8", "replace").decode() for text in HOSTILE],
    )
    assert frame.evaluate("document.querySelectorAll('.atlas-tip strong *').length") == 0
    assert frame.evaluate("ran.length") == 0


def test_the_picture_has_title_map_and_legend_at_print_quality(seen):
    _, frame = seen("?place=E47000001")
    width, height, dark = frame.evaluate(
        """() => { const page = Atlas.picture(atlas, new Date(2026, 10, 24));
        const pixels = page.getContext("2d").getImageData(0, 0, page.width, page.height).data;
        let dark = 0;
        for (let at = 0; at < pixels.length; at += 4) dark += pixels[at] < 20;
        return [page.width, page.height, dark / (page.width * page.height)]; }"""
    )
    assert width >= 3000
    assert height > 2000
    assert 0.01 < dark < 0.6


def test_the_picture_is_offered_as_a_file(seen):
    page, frame = seen("?place=E47000001")
    with page.expect_download() as saved:
        frame.get_by_role("button", name="Save the map as a picture").click()
    assert saved.value.suggested_filename == "e47000001-income-deprived-residents.png"


def test_the_saved_page_works_alone_and_asks_nobody(browser, tmp_path):
    import pandas as pd

    from atlas.maps.classes import classify
    from atlas.maps.legend import legend
    from atlas.maps.offline_page import Beside
    from atlas.maps.payload import MapView, map_files
    from views.kit.legend import legend_html
    from views.kit.ward_map import saved_map

    files = map_files(HERE.parents[1] / "data" / "map")
    values = pd.Series(range(len(files.ward_codes)), index=list(files.ward_codes), dtype=float)
    classes = classify(values)
    hostile = "</script><script>document.title='owned'</script>{{7*7}}${1}"
    drawn = legend(values, values, classes, title=hostile, direction="", say=lambda v: f"{v:.0f}")
    view = MapView(files, values, classes.assign(values), hostile, "people", place_name="England",
                   class_labels=classes.labels, attribution=hostile)  # fmt: skip
    about = {"Data version": hostile, "Link": "https://atlas.example.org/map?place=E92000001"}
    beside = Beside(hostile, legend_html(drawn), "<table></table>", about)
    (tmp_path / "map.html").write_bytes(saved_map(view, beside))
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_function("window.wardsReady === true")
    assert page.title() == f"England, by ward: {hostile}"
    assert page.locator("h1").inner_text() == f"England, by ward: {hostile}"
    assert page.evaluate("Atlas.figure(atlas, 1000)") == "1,000"
    assert page.locator("dd a").get_attribute("href") == about["Link"]
    keys = page.locator(".atlas-key").evaluate_all("all => all.map(e => e.clientWidth > 9)")
    assert keys and all(keys)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
    assert [url for url in asked if not url.startswith("file:")] == []
    assert len(asked) == 1
    page.close()


def test_a_basemap_is_asked_for_only_where_it_is_set(browser, address):
    strays = []
    context = context_of(browser, address, strays)
    page = context.new_page()
    page.goto(address)
    frame = map_frame(page)
    assert strays == []
    frame.evaluate(
        """() => { const settings = {...atlas.shown, basemap:
          ["https://tiles.example/{z}/{x}/{y}.png", "© Tiles"]};
        for (const name of ["signs", "order", "members", "bytes"]) delete settings[name];
        const bytes = new TextEncoder().encode(JSON.stringify(settings));
        const text = btoa(String.fromCharCode(...bytes));
        Atlas.show("x".repeat(6817), "", text, atlas.files); }"""
    )
    page.wait_for_timeout(500)
    assert strays and all(url.startswith("https://tiles.example/") for url in strays)
    assert "© Tiles" in frame.locator(".atlas-attribution").inner_text()
    context.close()


def test_the_wheel_scrolls_the_page_and_with_ctrl_zooms_the_map(visit):
    page, frame = visit(size=(900, 500))
    zoom = "() => window.atlas.map.getZoom()"
    page.locator("iframe").hover()
    before = frame.evaluate(zoom)
    page.mouse.wheel(0, 120)
    page.wait_for_timeout(400)
    assert frame.evaluate(zoom) == before
    assert page.locator('[data-testid="stMain"]').evaluate("main => main.scrollTop") > 0
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    shown_soon(page, frame, f"() => window.atlas.map.getZoom() > {before}")
