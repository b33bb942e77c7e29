import io
import json
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

import numpy as np
import openpyxl
import pandas as pd
import pytest

from atlas.catalogue.cohorts import declared_cohorts
from atlas.files.spreadsheets import Sheet, to_csv, to_xlsx
from atlas.places.notices import Notices
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.risk.export import export_fields, export_rows, readme, to_geojson
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer
from atlas.uploads.postcode_list import listed_postcodes
from atlas.ward_list.evidence_paragraph import evidence_paragraph
from atlas.ward_list.postcode_check import look_up
from atlas.ward_list.risk_list import ListRequest, build, request_from
from tests import real_data

SNAPSHOT = real_data.snapshot()
WARDS = SNAPSHOT.wards
PLACES = Places(WARDS)
MADE = Scorer(SNAPSHOT, PLACES).made(RiskRequest(), 100)
GM = "E47000001"
REQUEST = ListRequest(area=GM, cut="top", limit=12)
LIST = build(REQUEST, WARDS, PLACES, MADE.index, MADE.robustness, MADE.pockets)
LINK = f"https://atlas.example/ward_list?{urlencode(REQUEST.query())}"


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return export_rows(MADE, LIST.rows, LINK)


def test_a_row_holds_all_that_an_officer_is_asked(rows: pd.DataFrame) -> None:
    asked = {
        *("ward_code", "ward_name", "authority_name", "combined_authority_name", "boundaries"),
        *("population", "tier", "band", "median_rank", "rank_5", "rank_95", "share_worst_tenth"),
        *("driver_1", "driver_2", "driver_3", "pockets_tenth", "pocket_people_tenth"),
        *("extent_tenth", "cohort_income_deprived", "cohort_far_from_library"),
        *("near_library_rate", "nearest_library_name", "fit", "missing", "index_version"),
        *("data_version", "link", "rank", "need", "limits", "attribution"),
    }
    assert asked <= set(rows.columns)
    assert [field.name for field in export_fields(MADE)] == list(rows.columns)
    assert rows["ward_code"].tolist() == LIST.table["ward_code"].tolist()
    assert rows["driver_1"].str.contains(r"\(England ").all()
    assert (rows["data_version"] == SNAPSHOT.version).all()


def test_cohorts_carry_their_honesty_in_the_heading() -> None:
    headings = {field.name: field.heading for field in export_fields(MADE)}
    assert headings["cohort_disabled"].endswith("[exact]")
    assert headings["cohort_no_gigabit"].endswith("[proxy]")
    assert "cohort_low_skills" not in headings


def test_a_file_reopens_to_the_same_list(rows: pd.DataFrame) -> None:
    query = dict(parse_qsl(rows["link"][0].split("?")[1]))
    again = request_from(query, PLACES, Notices(), MADE.index.peers)
    assert again == REQUEST
    assert build(again, WARDS, PLACES, MADE.index, MADE.robustness, MADE.pockets).rows == LIST.rows


def test_a_ward_without_data_is_missing_never_zero() -> None:
    blank = int(np.flatnonzero(WARDS["population"].isna())[0])
    row = export_rows(MADE, [blank], LINK).iloc[0]
    empty = ["population", "score", "band", "median_rank", "pockets_tenth", "cohort_disabled"]
    assert row[empty].isna().all() and row["tier"] == "" and row["driver_1"] == ""
    assert "no figure for" in row["missing"]


def test_withheld_counts_are_flagged() -> None:
    row = int(np.flatnonzero(WARDS["income_suppressed_areas"] > 0)[0])
    assert "withheld" in export_rows(MADE, [row], LINK)["missing"][0]


def test_the_workbook_says_how_and_how_not_to_use_it(rows: pd.DataFrame) -> None:
    about = readme(MADE, "Wards", {"Area": "Greater Manchester"}, LINK)
    data = to_xlsx([Sheet("Wards", export_fields(MADE), rows)], about, datetime(2025, 1, 1))
    book = openpyxl.load_workbook(io.BytesIO(data))
    text = " ".join(str(c.value) for line in book["About this file"].iter_rows() for c in line)
    for part in (
        "Do not set targets",
        "Compared with England",
        MADE.snapshot.version,
        LINK,
        "Licence",
    ):
        assert part in text
    assert book["Wards"].max_row == 13
    parsed = pd.read_csv(io.BytesIO(to_csv(rows, export_fields(MADE))))
    assert parsed["median_rank"].tolist() == rows["median_rank"].tolist()


def test_geojson_has_outlines_and_nulls_for_what_is_missing(rows: pd.DataFrame) -> None:
    blank = int(np.flatnonzero(WARDS["population"].isna())[0])
    some = export_rows(MADE, [*LIST.rows[:2], blank], LINK)
    found = json.loads(to_geojson(some, SNAPSHOT.path("boundaries_wards.geojson"), {"a": "b"}))
    first, _, last = found["features"]
    assert first["geometry"]["type"] in ("Polygon", "MultiPolygon")
    assert first["properties"]["ward_code"] == rows["ward_code"][0]
    assert last["properties"]["score"] is None and found["about"] == {"a": "b"}


def test_the_evidence_paragraph_names_base_source_version_licence_and_limits() -> None:
    text = evidence_paragraph(MADE, LIST, PLACES, [declared_cohorts()["age_75_plus"]], LINK)
    for part in (
        "12 wards of Greater Manchester",
        "compared with England",
        "Residents aged 75 and over there: ",
        "Open Government Licence v3.0",
        f"data version {SNAPSHOT.version}",
        "does not count people who are digitally excluded",
        LINK,
    ):
        assert part in text
    assert "worst" not in text and "nan" not in text


def test_evidence_of_an_empty_list_claims_nothing() -> None:
    nothing = ListRequest(area=GM, cut="people", limit=1)
    empty = build(nothing, WARDS, PLACES, MADE.index, MADE.robustness, MADE.pockets)
    text = evidence_paragraph(MADE, empty, PLACES, [], LINK)
    assert text == "No ward of Greater Manchester meets the chosen conditions."


POSTCODES = Postcodes.load(SNAPSHOT.path("postcodes.parquet"))


def test_postcodes_find_wards_with_tier_and_drivers() -> None:
    lines = enumerate(["M1 1AD", "M1 1AD", "hello", "OX1 1BX"], start=1)
    hits = [hit for _, hit in listed_postcodes(lines, POSTCODES.find).found]
    result = look_up(hits, PLACES, WARDS, MADE.index, MADE.robustness)
    assert result.found["authority_name"].tolist() == ["Manchester", "Oxford"]
    assert 1 <= result.found["band"][0] <= 10
    assert (result.found["tier"] != "").tolist() == (result.found["band"] >= 9).tolist()
    # Central Oxford's ward has no small area: found, but without a band.
    assert np.isnan(result.found["band"][1]) and result.found["tier"][1] == ""
    assert result.by_ward["postcodes"].sum() == 2


def test_no_postcode_gives_an_empty_table() -> None:
    assert look_up([], PLACES, WARDS, MADE.index, MADE.robustness).found.empty
