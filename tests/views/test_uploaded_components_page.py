"""The risk list with a measure that the visitor brought, opened through app.py."""

import io
import json
import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from atlas.files.spreadsheets import Sheet, to_csv, to_xlsx
from atlas.risk.export import export_fields, export_rows, readme, to_geojson
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer
from atlas.risk.uploaded_components import names_own_part, part_key, turned
from atlas.ward_list.evidence_paragraph import evidence_paragraph
from atlas.ward_list.risk_list import ListRequest, build
from tests.views.test_own_data_page import PAGE, figures, manchester, wards_of
from tests.views.test_pages import MANCHESTER, fine, gone_on, html, opened
from views.cached import risk
from views.session.snapshot import atlas

LIST, MAP = "ward_list", "map"


@cache
def lines() -> list[str]:
    """A file with a rate for each ward of Manchester."""
    return ["ward code,rate", *(f"{c},{n}.5" for n, c in enumerate(wards_of(MANCHESTER)))]


@pytest.fixture(scope="module", autouse=True)
def _the_standard_list_is_tested() -> None:
    risk.tested(RiskRequest())


def listed(weight: int | None = None) -> AppTest:
    """A visit to Manchester's risk list with a measure of its wards, and its weight."""
    app = figures(opened(PAGE), *lines(), label="Course *places*")
    gone_on(app, LIST, place=MANCHESTER)
    if weight is not None:
        own_slider(app).set_value(weight).run()
    fine(app)
    return app


def own_slider(app: AppTest) -> Any:
    return next(s for s in app.slider if str(s.key).startswith("risk_own_part_"))


def test_an_own_measure_is_offered_without_weight() -> None:
    app = listed()
    assert own_slider(app).value == 0
    assert own_slider(app).label.endswith("(your own)")
    assert (
        html(app).split("<p class='atlas-lead'")[1]
        == html(opened(LIST, place=MANCHESTER)).split("<p class='atlas-lead'")[1]
    )


def test_a_weighted_measure_is_named_with_all_that_it_is_not() -> None:
    app = listed(100)
    said = html(app)
    assert "Your own measure counts in this list: “Course *places*” (weight " in said
    assert "brought by the reader, not published, not checked" in said
    assert "another visitor does not have your figures" in said
    assert re.search(r"[\d,]+ wards have no score, because your figures do not cover them", said)
    assert "among the 32 wards of England that have one" in said
    assert "published parts alone" in said
    # A fifth of 32 wards must not be called a fifth of England.
    assert "highest fifth of the 32 wards of England with own figures" in said
    assert "highest fifth of England" not in said.split("atlas-own-counts")[0]
    turn = app.selectbox(key="risk_turn_own_1")
    turn.select("less").run()
    fine(app)
    assert "lower = more risk" in html(app)


def test_another_visitor_sees_nothing_of_it_and_nothing_is_shared() -> None:
    app = listed(100)
    address = {
        name: given if isinstance(given, str) else given[0]
        for name, given in app.query_params.items()
    }
    assert "own_part_" in address["weights"]
    for kept in (risk._indexes, risk._pockets, risk._tests):
        assert not any(names_own_part(asked) for _, asked in kept.held)
    other = opened(LIST, **address)
    assert not other.exception and not other.error
    assert any("published weights are shown" in box.value for box in other.warning)
    assert "Course" not in html(other)
    assert other.selectbox(key="risk_preset").value == "standard"


def test_the_map_scores_by_the_own_measure_and_says_so() -> None:
    app = listed(100)
    gone_on(app, MAP, measure="risk_score")
    fine(app)
    assert "own weights, with your own measure" in html(app) + app.title[0].value
    # Only the wards of the file have a score: they are no fifth of England's.
    lead = next(b.proto.body for b in app.get("html") if "atlas-lead" in b.proto.body[:40])
    assert f"the fifth of the {len(lines()) - 1} wards of England with own figures" in lead


def test_every_file_says_what_was_brought() -> None:
    shared, request = atlas(), ListRequest(area=MANCHESTER, cut="top", limit=5)
    [own] = listed().session_state["yours"].measures
    codes = tuple(shared.snapshot.wards["ward_code"])
    maker = Scorer(shared.snapshot, shared.places, [own], codes)
    asked = RiskRequest(
        weights=(("money_and_skills", 50.0), (part_key(own), 50.0)), base=(MANCHESTER,)
    )
    made, request = maker.made(asked, 20), replace(request, risk=asked)
    assert np.array_equal(
        made.pockets.areas.score,
        maker.pockets(RiskRequest(weights=(("money_and_skills", 1.0),))).areas.score,
        equal_nan=True,
    )
    result = build(request, made.wards, shared.places, made.index, made.robustness, made.pockets)
    frame, fields = export_rows(made, result.rows, "https://atlas.example/"), export_fields(made)
    about = readme(made, "Risk list", {}, "https://atlas.example/")
    phrase = "“Course *places*” (weight 50.0%, higher = more risk): brought by the reader"
    assert phrase in about["Measures of the reader"]
    assert frame["limits"].str.contains(phrase, regex=False).all()
    assert (frame["index_version"] == "2.0 with the reader’s own measures").all()
    assert phrase in to_csv(frame, fields).decode("utf-8-sig")
    book = openpyxl.load_workbook(
        io.BytesIO(to_xlsx([Sheet("Wards", fields, frame)], about, datetime(2026, 1, 1)))
    )
    cells = [str(c.value) for sheet in book for row in sheet.iter_rows() for c in row]
    assert any(phrase in text for text in cells)
    boundaries = shared.snapshot.path("boundaries_wards.geojson")
    assert (
        phrase
        in json.loads(to_geojson(frame, boundaries, about))["about"]["Measures of the reader"]
    )
    text = evidence_paragraph(made, result, shared.places, [], "")
    assert phrase in text and "published parts alone" in text
    plain = readme(Scorer(shared.snapshot, shared.places).made(RiskRequest(), 20), "t", {}, "")
    assert "Measures of the reader" not in plain


def test_a_count_below_five_stays_withheld_in_files_and_reasons() -> None:
    shared = atlas()
    [own] = figures(opened(PAGE), *manchester()).session_state["yours"].measures
    assert own.column.unit == "people" and np.isclose(own.values, 2.5).sum() == 4
    own = turned(own, "less")
    codes = tuple(shared.snapshot.wards["ward_code"])
    asked = RiskRequest(weights=((part_key(own), 1.0),), base=(MANCHESTER,))
    made = Scorer(shared.snapshot, shared.places, [own], codes).made(asked, 20)
    request = ListRequest(area=MANCHESTER, cut="top", limit=6, risk=asked)
    result = build(request, made.wards, shared.places, made.index, made.robustness, made.pockets)
    frame = export_rows(made, result.rows, "https://atlas.example/")
    said = frame[[name for name in frame if name.startswith("driver_")]].to_numpy().ravel()
    ours = [text for text in said if "Learners" in str(text)]
    assert sum("fewer than 5" in text for text in ours) == 4
    assert not any(re.search(r"\b2\.5\b", text) for text in ours)


def test_compare_says_what_the_own_measure_covers() -> None:
    app = listed()
    gone_on(app, "compare", **{"with": "E08000006"})
    fine(app)
    said = html(app)
    assert "wards with a figure, 32 of 32 in Manchester; 0 of 20 in Salford" in said
    assert said.count("Course *places*<br>") == 1
    assert "mean weighted by residents" in said and "not published, not checked" in said
    assert "Your own data: brought" not in html(opened("compare"))


def test_the_briefing_has_own_figures_below_its_screen_and_shares_nothing() -> None:
    app = listed()
    gone_on(app, "briefing")
    fine(app)
    said = html(app)
    assert "Six questions" in said.split("Your own figures</h2>")[0]
    below = said.split("Your own figures</h2>")[1]
    assert "not traceable to the Atlas’s tables" in below
    assert "32 of the 32 wards of Manchester have a figure. The highest is 31.5, in " in below
    assert "Your own figures" not in html(opened("briefing", place=MANCHESTER))
