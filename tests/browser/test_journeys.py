"""Journeys of readers from the first page, with their clicks counted, wide and on a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.site import drawn, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDE, PHONE = (1400, 900), (390, 844)


def weight_of(page: Page, part: str) -> Locator:
    """Open the sliders of the weights; a click in the midst of a redrawing may be lost."""
    slider = page.get_by_role("slider", name=part)
    for _ in range(4):
        page.get_by_text("Set weights or influence").click()
        page.wait_for_timeout(2_500)
        if slider.is_visible():
            break
    return slider


class Reader:
    """A reader with a page, whose clicks are counted; typing a place is none."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, target: Locator) -> None:
        target.locator("visible=true").first.click()
        self.clicks += 1
        self.page.wait_for_timeout(300)

    def find(self, words: str) -> None:
        self.page.get_by_label("Postcode, town, ward or council").first.fill(words)

    def choose(self, name: str) -> None:
        self.click(self.page.locator(".st-key-start_search_results a", has_text=name))
        drawn(self.page)

    def door(self, name: str) -> None:
        if self.page.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
            self.click(self.page.get_by_role("button", name="Menu"))
        self.click(self.page.get_by_role("link", name=name, exact=True))
        expect(self.page).to_have_title(re.compile(name))
        drawn(self.page)

    def takes(self, button: str) -> str:
        wanted = self.page.get_by_role("button", name=button)
        wanted.wait_for(timeout=60_000)
        with self.page.expect_download(timeout=60_000) as taken:
            self.click(wanted)
        return taken.value.suggested_filename


@pytest.fixture(params=[WIDE, PHONE], ids=["1400", "390"])
def reader(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Reader]:
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    yield Reader(opened(page, address))
    page.close()


def test_twenty_wards_of_lancashire_to_excel(reader: Reader) -> None:
    reader.find("Lancashire county")
    reader.choose("Lancashire")
    reader.door("Ward list")
    number = reader.page.get_by_label("Number of wards").last
    number.fill("20")
    number.press("Enter")
    reader.page.wait_for_url(re.compile("top%3A20"))
    drawn(reader.page)
    assert reader.takes("Excel").endswith(".xlsx")
    assert reader.clicks <= 5


def test_older_and_far_from_help_in_leeds(reader: Reader) -> None:
    reader.find("Leeds")
    reader.choose("Leeds")
    reader.door("Ward list")
    reader.click(reader.page.get_by_label("List for"))
    reader.page.keyboard.type("Older and far")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile("reaching="))
    drawn(reader.page)
    expect(reader.page.locator("#main-table")).to_contain_text("Leeds")
    assert reader.clicks <= 6


def test_a_colleague_opens_the_list_in_which_age_counts_double(
    reader: Reader, browser: Browser
) -> None:
    reader.find("Leeds")
    reader.choose("Leeds")
    reader.door("Ward list")
    wards = reader.page.locator("#main-table tbody th, #main-table tbody a")
    standard = wards.all_inner_texts()
    age = weight_of(reader.page, "Age and health")
    reader.clicks += 1
    age.press("End")  # 100 in place of 46: more than double
    reader.page.wait_for_url(re.compile("weights=.*age_and_health%3A100"))
    drawn(reader.page)
    mine = wards.all_inner_texts()
    assert mine and mine != standard and reader.clicks <= 5
    colleague = browser.new_page(viewport=reader.page.viewport_size)
    opened(colleague, reader.page.url)
    assert colleague.locator("#main-table tbody th, #main-table tbody a").all_inner_texts() == mine
    colleague.close()


def test_a_closing_library_to_its_equality_table(reader: Reader) -> None:
    reader.find("Manchester")
    reader.choose("Manchester")
    reader.door("Help nearby")
    reader.click(reader.page.get_by_role("radio", name="What if"))
    expect(reader.page).to_have_title(re.compile("What if"))
    drawn(reader.page)
    reader.click(reader.page.get_by_label("Library to close"))
    reader.page.keyboard.type("Brooklands")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile("scenario="))
    table = reader.page.get_by_role("table", name=re.compile("Residents and households of Manch"))
    expect(table).to_contain_text("Disabled residents")
    expect(table).to_contain_text("not in the data")
    assert reader.clicks <= 5


def test_a_postcode_to_a_plain_answer_on_the_first_screen(reader: Reader) -> None:
    reader.find("M15 5AZ")
    expect(reader.page).to_have_title("Hulme, Manchester · My area · Digital Inclusion Atlas")
    answer = reader.page.get_by_text("Hulme has less risk of digital exclusion than most places")
    expect(answer).to_be_in_viewport()
    assert reader.clicks == 0


def test_a_briefing_on_hampshire_and_the_solent_as_slides(reader: Reader) -> None:
    reader.find("Hampshire and the Solent")
    reader.choose("Hampshire and the Solent")
    reader.door("Briefing")
    expect(reader.page.locator("h1")).to_contain_text("Hampshire and the Solent")
    assert reader.takes("PowerPoint").endswith(".pptx")
    assert reader.clicks <= 4


ROUND = ("Map", "Ward list", "Help nearby", "Compare", "Briefing", "Your data", "Data and method")


def test_back_returns_through_every_page_with_its_place(reader: Reader) -> None:
    page = reader.page
    trail: list[tuple[str, str]] = []
    entries = page.evaluate("history.length")

    def moved(title: str) -> None:
        expect(page).to_have_title(re.compile(title))
        drawn(page)
        trail.append((page.url, page.title()))

    def found(label: str, words: str, title: str) -> None:
        page.get_by_label(label).locator("visible=true").first.fill(words)
        moved(title)

    moved("^Start")
    for postcode, ward in (("M15 5AZ", "Hulme"), ("LS6 3HN", "Headingley"), ("M15 5AZ", "Hulme")):
        found("Postcode, town, ward or council", postcode, f"^{ward}.* · My area · ")
        for name in ROUND:
            reader.door(name)
            moved(f"^{ward}.* · {name} · ")
        reader.door("Start")
        moved("^Start")
    reader.door("Help nearby")
    moved("^Hulme.* · Help nearby · ")
    reader.click(page.get_by_role("radio", name="What if"))
    moved("^Hulme.* · What if · ")
    found("Find a place", "M1 1AD", "^Deansgate.* · What if · ")
    assert len(trail) == 31
    assert page.evaluate("history.length") == entries + 30
    for url, title in reversed(trail[:-1]):
        page.go_back()
        expect(page).to_have_title(title)
        # A page that is left before it is drawn may still hold the choices of the one before.
        drawn(page)
        expect(page).to_have_url(url)


def test_two_quick_presses_of_back_do_not_return_to_the_ward_just_left(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
    opened(page, f"{address}my_area?place=E08000003&ward=E05011368")
    first = page.url
    for postcode, ward in (("M1 1AD", "Deansgate"), ("M20 2RN", "Didsbury West")):
        page.get_by_label("Find a place").locator("visible=true").first.fill(postcode)
        expect(page).to_have_title(re.compile(f"^{ward}"))
        drawn(page)
    # The second press comes while the page of the first is being made.
    page.evaluate("() => { history.back(); setTimeout(() => history.back(), 200); }")
    expect(page).to_have_title(re.compile("^Hulme"))
    drawn(page)
    expect(page).to_have_url(first)
    page.close()
