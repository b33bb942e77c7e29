"""Weights and measures chosen at the map: the browser's classes are the server's, ward by ward."""

import gzip
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

from atlas.catalogue.columns import measures
from atlas.maps.classes import classify
from atlas.maps.live_weights import CUTS, packed_measures, packed_parts
from atlas.maps.payload import map_files, runs_of
from atlas.places.places import ENGLAND
from atlas.risk.request import RiskRequest
from tests import real_data
from tests.browser.chromium import map_frame, shown_soon
from tests.browser.site import opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.evaluate("window.Atlas = {}")
    for name in ("weights.js", "measures.js"):
        page.add_script_tag(path=ROOT / "static" / "atlas" / name)
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


@pytest.mark.parametrize("base", [ENGLAND, "E08000003"])
def test_classes_of_all_wards_by_every_measure_are_the_servers(page, base):
    scorer, files = real_data.scorer(), map_files(ROOT / "data" / "map")
    table = scorer.snapshot.wards
    wards = table.set_index("ward_code")
    inside = wards.index[scorer.places.positions(base)]
    columns = {column.label: column for column in measures()}
    sent = json.loads(gzip.decompress(packed_measures(files.ward_codes, table, columns)))
    assert [said[0] for said in sent["about"]] == list(columns)
    page.evaluate("data => { window.data = data; }", sent)
    for breaks in CUTS:
        found = page.evaluate(
            """how => data.parts.map((scores) => {
            const { classes, count } = Atlas.cutMeasure(scores, data.people, how);
            return [[...classes], count]; })""",
            {"base": runs_of(files, list(inside)), "residents": breaks == CUTS[0]},
        )
        for column, (classes, count) in zip(columns.values(), found, strict=True):
            values, people = wards[column.name].astype(float), wards["population"]
            cut = classify(values[inside], breaks, weights=people[inside])
            assert count == cut.count, column.name
            expected = cut.assign(values.reindex(files.ward_codes)).tolist()
            assert classes == expected, column.name


# Notes each colouring: the classes, whether the page's words look old, and the figure of a ward.
NOTED = """() => { window.noted = []; const { layer } = atlas; const own = layer.restyle;
const changing = () => top.document.documentElement.classList.contains('atlas-changing');
layer.restyle = function (signs, ...rest) {
  own.call(this, signs, ...rest);
  setTimeout((seen) => noted.push([seen, changing(), Atlas.figure(atlas, atlas.shown.members[0])]),
    0, [...signs].join(' ')); }; }"""


def test_another_measure_is_coloured_before_its_words_arrive(browser, address):
    page = opened(browser.new_page(), f"{address}map?place=E47000001")
    frame = map_frame(page)
    frame.evaluate(NOTED)
    box = page.get_by_role("combobox", name="Measure")
    with page.expect_response(lambda answer: "/media/" in answer.url):
        box.hover()
    box.fill("nearest library")
    page.get_by_role("option", name="Distance to the nearest library").click()
    expect(page.locator("h1")).to_contain_text("Distance to the nearest library")
    expect(page.locator(".atlas-changing")).to_have_count(0)
    first, last = frame.evaluate("[noted[0], noted.at(-1)]")
    assert first[1:] == [True, "…"]
    assert (last[0], last[1]) == (first[0], False)
    assert last[2].endswith(" km")
    page.close()


# As a drag does: the slider says that it moves, and not yet that it rests.
MOVED = """(() => { const slider = document.querySelector('.atlas-weights input');
slider.value = 52; slider.dispatchEvent(new Event('input'));
return [...atlas.layer.signs].join('') !== '%s'; })()"""


def test_a_weight_moved_recolours_at_once_and_the_words_follow(browser, address):
    page = opened(browser.new_page(), f"{address}map?place=E47000001")
    frame = map_frame(page)
    signs = "[...atlas.layer.signs].join('')"
    shown_soon(page, frame, MOVED % frame.evaluate(signs))
    moved = frame.evaluate(signs)
    assert "weights=" not in page.url
    expect(page.locator(".atlas-changing")).to_have_count(1)
    frame.get_by_role("slider", name="Money and skills").dispatch_event("change")
    expect(page.locator("h1")).to_contain_text("(own weights)")
    expect(page).to_have_url(re.compile("money_and_skills%3A52.0"))
    expect(page.locator(".atlas-changing")).to_have_count(0)
    assert frame.evaluate(signs) == moved
    page.close()


NO_WEIGHT = """(() => { const sliders = document.querySelectorAll('.atlas-weights input');
for (const slider of sliders) { slider.value = 0; slider.dispatchEvent(new Event('input')); }
sliders[0].dispatchEvent(new Event('change')); })()"""


@pytest.mark.parametrize("width", [1400, 390])
def test_sliders_lie_within_the_frame_and_no_weight_is_no_choice(browser, address, width):
    page = opened(
        browser.new_page(viewport={"width": width, "height": 900}), f"{address}map?place=E47000001"
    )
    frame = map_frame(page)
    fits = (
        "document.querySelector('.atlas-weights').getBoundingClientRect().bottom <= innerHeight + 1"
    )
    assert frame.evaluate(fits)
    values = "[...document.querySelectorAll('.atlas-weights input')].map(each => each.value)"
    signs = "[...atlas.layer.signs].join('')"
    before = frame.evaluate(values), frame.evaluate(signs)
    frame.evaluate(NO_WEIGHT)
    expect(page.locator(".atlas-changing")).to_have_count(1)
    expect(page.locator(".atlas-changing")).to_have_count(0)
    assert (frame.evaluate(values), frame.evaluate(signs)) == before
    assert "weights=" not in page.url
    page.close()
