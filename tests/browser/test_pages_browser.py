"""The pages in a real browser: the picker, the map, the phone, the printer, the address bar."""

import re

import pytest
from playwright.sync_api import BrowserContext, Frame, Page, Position, expect

from tests.browser.chromium import map_frame
from tests.servers import ROOT

KEY = ".st-key-legend_narrow"
WIDE, PHONE = (1400, 900), (390, 844)
# Hulme; two without figures; one with as much on its sheet as any.
PRINTED = (("E05011368", 2), ("E05009880", 1), ("E05010102", 1), ("E05014197", 2))
pytestmark = pytest.mark.browser


def opened(visitor: BrowserContext, url: str, size: tuple[int, int] = WIDE) -> Page:
    page = visitor.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_default_timeout(30_000)
    page.goto(url)
    page.wait_for_selector(".atlas-foot")
    return page


@pytest.mark.slow
def test_a_postcode_opens_its_ward_and_back_returns(visitor: BrowserContext, address: str) -> None:
    page = opened(visitor, f"{address}map")
    page.get_by_label("Find a place").locator("visible=true").first.fill("m15 5az")
    page.wait_for_url(re.compile("ward=E05"))
    expect(page.locator(".atlas-card-title")).to_contain_text("Manchester")
    expect(page.get_by_label("Find a place").locator("visible=true").first).to_have_value("")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("wards of England")
    page.close()


@pytest.mark.slow
def test_a_misspelt_name_is_found_and_the_breadcrumb_climbs(
    visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor, f"{address}map")
    page.get_by_label("Find a place").locator("visible=true").first.fill("Hullme")
    page.locator(".st-key-search_results a").filter(has_text="Hulme, Manchester").click()
    page.wait_for_url(re.compile("ward=E05011368"))
    page.locator(".st-key-breadcrumb a").filter(has_text="Greater Manchester").click()
    page.wait_for_url(re.compile(r"\?place=E47000001$"))
    expect(page.locator("h1")).to_contain_text("wards of Greater Manchester")
    page.close()


@pytest.mark.slow
def test_another_page_of_the_menu_keeps_place_and_measure(
    visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor, f"{address}map?place=E47000001&measure=library_distance_km")
    page.locator(".st-key-doors").get_by_text("Ward list").click()
    expect(page.locator("h1")).to_contain_text("Ward list, Greater Manchester")
    assert "measure=library_distance_km" in page.url and "place=E47000001" in page.url
    page.close()


def test_a_click_on_the_map_opens_a_card_and_its_profile(
    visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor, f"{address}map?place=E08000003")
    frame = map_frame(page)
    frame.wait_for_function("atlas.map.getZoom() > 9")
    # On the map's own frame: the page above it may still grow and move it.
    frame.locator("#map_div").click(position=middle_of_a_ward(frame))
    card = page.locator(".atlas-card-title")
    expect(card).to_be_visible()
    page.wait_for_url(re.compile("ward=E05"), wait_until="commit")
    # The next is marked at once; until its words are there, those of the one before are grey.
    other, marked = frame.evaluate(
        """() => { const { shown, selected, layer, content } = atlas;
        const other = shown.members.find((ward) => ward !== selected);
        Atlas.choose(other);
        const grey = top.document.documentElement.classList.contains('atlas-choosing');
        return [content.codes[other], layer.selected === other && grey]; }"""
    )
    assert marked
    page.wait_for_url(re.compile(f"ward={other}"), wait_until="commit")
    expect(page.locator(".atlas-choosing")).to_have_count(0)
    name = card.inner_text().split("\n")[0].strip()
    page.get_by_role("link", name="Open this ward").click()
    expect(page).to_have_title(re.compile(f"^{re.escape(name)}.* My area"))
    page.close()


def middle_of_a_ward(frame: Frame) -> Position:
    """Where in the map's frame the ward lies that is nearest to the middle of what is shown."""
    x, y = frame.evaluate(
        """() => { const { map, outlines, shown } = atlas; const middle = map.getSize().divideBy(2);
        const at = (ward) => map.latLngToContainerPoint(Atlas.toLatLng(
          outlines.places[2 * ward], outlines.places[2 * ward + 1]));
        const far = (ward) => at(ward).distanceTo(middle);
        const near = shown.members.reduce((a, b) => (far(a) < far(b) ? a : b));
        return [at(near).x, at(near).y]; }"""
    )
    return {"x": x, "y": y}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "order"),
    [
        (
            "place=E08000003",
            (".atlas-lead", ".st-key-legend_narrow", "iframe", ".st-key-most_need"),
        ),
        ("ward=E05011368", (".atlas-lead", ".st-key-ward_card", ".st-key-legend_narrow", "iframe")),
    ],
)
def test_on_a_phone_the_map_and_its_key_come_first_and_before_them_a_chosen_ward(
    visitor: BrowserContext, address: str, query: str, order: list[str]
) -> None:
    page = opened(visitor, f"{address}map?{query}", PHONE)
    map_frame(page)
    boxes = {each: page.locator(each).first.bounding_box() for each in order}
    tops = [box["y"] for box in boxes.values() if box]
    assert len(tops) == 4 and tops == sorted(tops)
    key, drawn = boxes[KEY], boxes["iframe"]
    assert key and drawn
    assert key["y"] + key["height"] <= drawn["y"]
    # Where no card stands above it, the map begins on the first screen.
    if "ward" not in query:
        assert drawn["y"] + 150 <= PHONE[1]
    page.close()


@pytest.mark.slow
def test_the_table_says_what_the_list_says_and_links_to_profiles(
    visitor: BrowserContext, address: str
) -> None:
    page = opened(visitor, f"{address}map?place=E08000003")
    table = page.locator("table.atlas-table").filter(has_text="Map class")
    first = table.locator("tbody tr").first
    listed = page.locator(".st-key-most_need button").first
    name, value = (listed.locator(tag).inner_text() for tag in ("strong", "em"))
    expect(first.locator("th")).to_have_text(name)
    expect(first).to_contain_text(value)
    first.locator("a").click()
    expect(page.locator("h1")).to_have_text(f"{name}, Manchester")
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize(("ward", "pages"), PRINTED)
def test_my_area_prints_on_one_page_and_with_measures_on_two(
    visitor: BrowserContext, address: str, ward: str, pages: int
) -> None:
    page = opened(visitor, f"{address}my_area?ward={ward}")
    assert _printed_pages(page) == 1
    for theme in page.locator(".atlas-themes summary").all()[:1]:
        theme.click()
    assert _printed_pages(page) == pages
    page.close()


def _printed_pages(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.slow
def test_each_icon_of_the_font_is_one_sign(visitor: BrowserContext, address: str) -> None:
    page = opened(visitor, f"{address}map")
    names = (ROOT / "static/vendor/fonts/icons.txt").read_text().split()
    wide = page.evaluate(
        """(names) => document.fonts.ready.then(() => names.filter((name) => {
          const sign = document.createElement('span');
          sign.style.font = "40px 'Material Symbols Rounded'";
          sign.textContent = name;
          document.body.append(sign);
          const { width } = sign.getBoundingClientRect();
          sign.remove();
          return Math.abs(width - 40) > 0.5; }))""",
        names,
    )
    assert wide == [] and len(names) > 70
    page.close()
