"""Ward sheets on paper: one A4 page for each ward, nothing fetched, nothing cut off."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from atlas.risk.request import RiskRequest
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import document
from tests import real_data

pytestmark = pytest.mark.browser
# Manchester, Cornwall and the City of London: close together, far apart, without figures.
COUNCILS = ("E08000003", "E06000052", "E09000001")


@pytest.mark.slow
def test_every_sheet_prints_on_one_page(browser: Browser, tmp_path: Path) -> None:
    scorer = real_data.scorer()
    snapshot, places = scorer.snapshot, scorer.places
    sheets = replace(
        Sheets.of(scorer, scorer.made(RiskRequest(), draws=50).robustness),
        contact="Community team, Town Hall, 0161 496 0000",
        address="https://atlas.example.org/",
    )
    rows = [row for council in COUNCILS for row in places.positions(council)]
    codes = list(snapshot.wards["ward_code"].iloc[rows])
    path = tmp_path / "sheets.html"
    path.write_bytes(document("Sheets", [sheets.sheet(code) for code in codes]))
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    smallest = page.evaluate(
        """() => { const sizes = [...document.querySelectorAll(".sheet li, .sheet-lead")]
            .map(e => parseFloat(getComputedStyle(e).fontSize)); return Math.min(...sizes); }"""
    )
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == len(codes)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert smallest >= 16
