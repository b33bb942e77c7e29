"""Weights moved beside the map: the browser's classes are the server's, for every ward."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from atlas.maps.classes import classify
from atlas.maps.live_weights import CUTS, packed_parts
from atlas.maps.payload import map_files, runs_of
from atlas.places.places import ENGLAND
from atlas.risk.request import RiskRequest
from tests import real_data

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.evaluate("window.Atlas = {}")
    page.add_script_tag(path=ROOT / "static" / "atlas" / "weights.js")
    yield page
    page.close()


def weightings(count):
    """Three weights from 0 to 100 as sliders give them, few of them at zero, and not all."""
    drawn = np.random.default_rng(17).integers(0, 101, (count, 3))
    drawn[::10, 0] = 0
    drawn[::25, 1] = 0
    return [row for row in drawn.tolist() if sum(row)]


@pytest.mark.parametrize(
    ("preset", "base", "breaks", "count"),
    [
        ("standard", ENGLAND, CUTS[0], 200),
        ("standard", "E12000007", CUTS[0], 20),
        ("version_0_1", ENGLAND, CUTS[1], 20),
    ],
)
def test_classes_and_scores_of_all_wards_are_the_servers(page, preset, base, breaks, count):
    scorer = real_data.scorer()
    files = map_files(ROOT / "data" / "map")
    wards = scorer.snapshot.wards
    codes, residents = wards["ward_code"], wards["population"]
    keys = list(scorer.presets["standard"].weight)
    even = RiskRequest(preset, weights=tuple((key, 1.0) for key in keys))
    sent = packed_parts(
        files.ward_codes, scorer.england.codes, scorer.index(even).parts, scorer.england.people
    )
    inside = scorer.places.positions(base)
    settings = {
        "base": runs_of(files, list(codes.iloc[inside])),
        "residents": breaks == CUTS[0],
    }
    page.evaluate(
        "([data, settings]) => { window.data = data; window.settings = settings; }",
        [json.loads(gzip.decompress(sent)), settings],
    )
    for weights in weightings(count):
        own = tuple((key, float(w)) for key, w in zip(keys, weights, strict=True) if w)
        scores = pd.Series(scorer.index(RiskRequest(preset, weights=own)).cut_score, index=codes)
        people = pd.Series(residents.to_numpy(), index=codes)
        cut = classify(scores.iloc[inside], breaks, weights=people.iloc[inside])
        found = page.evaluate(
            """weights => { const found = Atlas.classesBy(data, weights, settings);
            const scores = [...found.scores].map(s => Number.isNaN(s) ? null : s);
            return [[...found.classes], scores]; }""",
            weights,
        )
        order = list(files.ward_codes)
        assert found[0] == cut.assign(scores).reindex(order).tolist(), weights
        expected = scores.reindex(order)
        assert found[1] == [None if np.isnan(score) else score for score in expected], weights
