"""The risk list in a real browser: its files, the link that reopens it, tiers that follow."""

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from atlas.risk.export import HOW_NOT_TO_USE, HOW_TO_USE
from atlas.snapshot.snapshot import load
from tests.browser.audit import MOVING
from tests.browser.test_journeys import weight_of

VIEW = "ward_list?place=E47000001&cut=top%3A12&order=age_75_plus&exclude=E05015030"
pytestmark = pytest.mark.browser


def opened(browser: Browser, url: str, **context: object) -> Page:
    page = browser.new_context(**context).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(60_000)
    page.goto(url)
    page.wait_for_selector(".atlas-foot")
    return page


@pytest.fixture(scope="module")
def files(browser: Browser, address: str) -> dict[str, bytes]:
    """The three files of one list, as a reader saves them, and what the page listed."""
    page = opened(browser, address + VIEW, viewport={"width": 1400, "height": 1000})
    saved = {}
    for kind, words in (
        ("Excel", "Excel"),
        ("CSV", "Download CSV"),
        ("GeoJSON", "Download GeoJSON"),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=words).click()
        saved[kind] = Path(download.value.path()).read_bytes()
    saved["page"] = json.dumps(listed(page)).encode()
    page.context.close()
    return saved


def listed(page: Page) -> list[str]:
    """The wards of the table, in order; waits while the tests of certainty draw it anew."""
    names = page.locator("#main-table tbody a")
    expect(names.first).to_be_visible()
    return names.all_inner_texts()


def rows_of(csv_file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_file.decode("utf-8-sig"))))


def test_the_csv_holds_the_list_with_version_limits_and_attribution(files: dict) -> None:
    rows = rows_of(files["CSV"])
    assert [row["ward_name"] for row in rows] == json.loads(files["page"]) and len(rows) == 12
    numbers = [int(row["cohort_age_75_plus"]) for row in rows]
    assert numbers == sorted(numbers, reverse=True)
    for row in rows:
        assert row["ward_code"].startswith("E05") and row["ward_code"] != "E05015030"
        assert row["data_version"] == load().version and row["index_version"]
        assert "Open Government Licence" in row["attribution"] and "Indicative" in row["limits"]
        assert bool(row["tier"]) == (float(row["score"]) >= 80)
        assert int(row["rank_5"]) <= int(row["median_rank"]) <= int(row["rank_95"])


def test_the_workbook_opens_on_its_data_and_ends_with_what_it_is(files: dict) -> None:
    book = openpyxl.load_workbook(io.BytesIO(files["Excel"]))
    assert book.sheetnames == ["Wards", "Councils", "Groups", "About this file"]
    readme = {
        str(line[0].value): str(line[1].value) for line in book["About this file"].iter_rows()
    }
    assert readme["Compared with"] == "England" and readme["Limit"] == "the first 12 wards"
    assert readme["Left out by hand"].endswith("(E05015030)")
    assert readme["Data version"] == load().version
    assert readme["How to use it"] == "\n".join(HOW_TO_USE)
    assert readme["How not to use it"] == "\n".join(HOW_NOT_TO_USE)
    wards = book["Wards"]
    assert wards.max_row == 13 and wards.freeze_panes == "A2"
    rows = rows_of(files["CSV"])
    assert [line[0].value for line in wards.iter_rows(min_row=2)] == [r["ward_code"] for r in rows]


def test_the_geojson_has_an_outline_for_each_ward(files: dict) -> None:
    found = json.loads(files["GeoJSON"])
    codes = [feature["properties"]["ward_code"] for feature in found["features"]]
    assert codes == [row["ward_code"] for row in rows_of(files["CSV"])]
    for feature in found["features"]:
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert "Open Government Licence" in found["about"]["Licence"]


@pytest.mark.slow
def test_the_link_in_the_files_reopens_the_exact_view(
    browser: Browser, address: str, files: dict
) -> None:
    link = rows_of(files["CSV"])[0]["link"]
    about = json.loads(files["GeoJSON"])["about"]
    assert link == about["Link"] and link.startswith(f"{address}ward_list?")
    asked = parse_qs(urlsplit(link).query)
    assert asked["cut"] == ["top:12"] and asked["exclude"] == ["E05015030"]
    again = opened(browser, link, viewport={"width": 1400, "height": 1000})
    expect(again.locator("#main-table tbody tr")).to_have_count(12)
    assert listed(again) == json.loads(files["page"])
    again.context.close()


@pytest.mark.slow
def test_a_moved_weight_answers_at_once_and_the_tiers_follow(
    browser: Browser, address: str
) -> None:
    page = opened(
        browser,
        f"{address}ward_list?place=E08000003&cut=top%3A8",
        viewport={"width": 1400, "height": 1400},
    )
    expect(page.locator("#main-table")).not_to_contain_text("being tested")
    before = page.locator(".atlas-lead").first.inner_text()
    page.locator("iframe").evaluate("frame => { frame.marked = true; }")
    weight_of(page, "Home connection").focus()
    page.keyboard.press("Home")
    page.wait_for_url(re.compile("weights="))
    expect(page.locator("#main-table")).to_contain_text("being tested")
    expect(page.locator("#main-table")).not_to_contain_text("being tested")
    assert page.locator(".atlas-lead").first.inner_text() != before
    # The same map all along: it is repainted, never started anew.
    assert page.locator("iframe").evaluate("frame => frame.marked === true")
    page.context.close()


@pytest.mark.slow
def test_nothing_fades_while_tiers_follow_for_who_wants_less_motion(
    browser: Browser, address: str
) -> None:
    page = opened(
        browser,
        f"{address}ward_list?place=E08000003&cut=top%3A9",
        viewport={"width": 1400, "height": 1400},
        reduced_motion="reduce",
    )
    expect(page.locator("#main-table")).not_to_contain_text("being tested")
    slider = weight_of(page, "Home connection")
    page.wait_for_timeout(1000)  # Streamlit unfolds by script, which no style can stop
    slider.focus()
    page.keyboard.press("End")
    moved: set[str] = set()
    for _ in range(30):
        moved |= set(page.evaluate(MOVING))
        page.wait_for_timeout(50)
    page.wait_for_url(re.compile("weights="))
    expect(page.locator("#main-table")).not_to_contain_text("being tested")
    assert moved == set()
    page.context.close()


@pytest.mark.slow
def test_on_a_phone_the_list_comes_first_and_the_controls_are_folded_away(
    browser: Browser, address: str
) -> None:
    phone = {
        "viewport": {"width": 390, "height": 844},
        "user_agent": "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like "
        "Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    }
    page = opened(browser, f"{address}ward_list?place=E08000003", **phone)
    page.wait_for_timeout(1500)
    order = (".atlas-lead", "#main-table", "iframe", ".st-key-risk_controls")
    boxes = [page.locator(selector).first.bounding_box() for selector in order]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) == len(order) and tops == sorted(tops)
    assert not page.get_by_text("Limit the list to").is_visible()
    page.get_by_text("Change this list").click()
    expect(page.get_by_text("Limit the list to")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    page.context.close()
