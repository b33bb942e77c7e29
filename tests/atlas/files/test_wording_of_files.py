"""The files that visitors take away: risk of areas, never of people; whose data it is; limits."""

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from atlas.briefing.briefing import Maker
from atlas.briefing.offline_page import pack_page
from atlas.briefing.powerpoint import powerpoint
from atlas.briefing.slides import Stamp
from atlas.catalogue.sources import declared_sources
from atlas.datastore.datastore import DESCRIPTOR
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.risk.request import RiskRequest
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import batch, document
from tests import real_data
from tests.atlas.briefing.test_briefing import CORNWALL, GM
from tests.atlas.briefing.test_powerpoint import STYLE, drawn
from tests.atlas.ward.test_sheet import MANCHESTER, codes_of
from tests.views.test_wording import faults

PACKS = ("powerpoint of Cornwall", "powerpoint of Greater Manchester", "paper of Cornwall")
SHEETS = ("sheets of Manchester", "zip of Manchester")


def text_of_html(page: str) -> str:
    without = re.sub(r"<(style|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", without))


def text_of_slides(data: bytes) -> str:
    said: list[str] = []
    for page in Presentation(io.BytesIO(data)).slides:
        said += _texts(page.shapes)
        said.append(page.notes_slide.notes_text_frame.text)
    return "\n\n".join(said)


def _texts(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        yield shape._element.xpath(".//p:cNvPr")[0].get("descr") or ""
        if shape.has_text_frame:
            yield shape.text_frame.text
        if shape.shape_type == 6:
            yield from _texts(shape.shapes)
        if getattr(shape, "has_table", False) and shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    scorer = real_data.scorer()
    places = scorer.places
    found = {}
    for name, place in (("Cornwall", CORNWALL), ("Greater Manchester", GM)):
        made = Maker(scorer).briefing([place])
        stamp = Stamp("The team", date(2026, 5, 4), made.version)
        slides = powerpoint(made, stamp, drawn(made))
        found[f"powerpoint of {name}"] = text_of_slides(slides)
        paper = pack_page(made, stamp, drawn(made), STYLE).decode()
        found[f"paper of {name}"] = text_of_html(paper)
    whole = scorer.made(RiskRequest(), draws=50)
    sheets = Sheets.of(scorer, whole.robustness)
    codes = codes_of(sheets, MANCHESTER)[:6]
    page = document("Sheets", [sheets.sheet(code) for code in codes]).decode()
    found["sheets of Manchester"] = text_of_html(page)
    with zipfile.ZipFile(io.BytesIO(batch(sheets, places[MANCHESTER], codes))) as packed:
        pages = [text_of_html(packed.read(name).decode()) for name in packed.namelist()]
    assert len(pages) == len(codes) + 2
    found["zip of Manchester"] = "\n\n".join(pages)
    return found


@pytest.mark.parametrize("name", [*PACKS, *SHEETS])
def test_no_file_says_what_is_never_said(files: dict[str, str], name: str) -> None:
    assert len(files[name]) > 5000
    assert faults(files[name]) == []


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_carries_attribution_and_limits(files: dict[str, str], name: str) -> None:
    said = files[name]
    # A pack lists the files behind its numbers by name, as a reader would look them up.
    sources = declared_sources().values()
    behind = [each for each in sources if f"{each.publisher}: {each.title}" in said]
    assert {"deprivation", "libraries"} <= {source.key for source in behind}
    for line in (*(source.attribution for source in behind), *HOW_NOT_TO_USE):
        assert line in said


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_names_who_publishes_its_figures_and_what_it_is_not(
    files: dict[str, str], name: str
) -> None:
    sheets = files[name].split("Is something wrong?")[1:]
    # In the zip each sheet stands twice: by itself, and among all of them.
    assert len(sheets) == {"sheets of Manchester": 6, "zip of Manchester": 12}[name]
    for said in sheets:
        for publisher in ("Ministry of Housing", "Office for National Statistics", "Ofcom"):
            assert publisher in said
        assert "Arts Council England" in said and "Open Government Licence v3.0" in said
        assert "Contains OS data and Royal Mail data ©" in said
        assert "not about any person or home" in said


def test_the_datastore_describes_itself_in_the_same_words(datastore: Path) -> None:
    package = json.loads((datastore / DESCRIPTOR).read_text(encoding="utf-8"))
    said = list(_strings(package))
    assert len(said) > 1000
    assert [fault for text in said for fault in faults(text)] == []


def test_each_file_of_the_datastore_names_the_sources_of_its_figures(datastore: Path) -> None:
    package = json.loads((datastore / DESCRIPTOR).read_text(encoding="utf-8"))
    lines = set(real_data.snapshot().attributions)
    for resource in package["resources"]:
        credited = {source["attribution"] for source in resource["sources"]}
        assert credited and credited <= lines, resource["name"]


def _strings(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _strings(each)
    elif isinstance(found, str):
        yield found
