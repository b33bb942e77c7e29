"""What if: on the line of `test_support`, where every effect can be counted by hand.

Areas with 1,000 residents each at 0, 1, 2, 10 and 30 km; Ann's Library at 0, Bob's at 2.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.access.distance import (
    EVERYONE,
    Residents,
    Venue,
    library_venues,
    residents_in,
    residents_of,
)
from atlas.access.travel import STRAIGHT
from atlas.planning.scenario import (
    Added,
    Alternatives,
    Scenario,
    alternatives,
    cohort_changes,
    far_from,
    side_of,
    venues_after,
    ward_changes,
)
from atlas.planning.scenario_json import LARGEST, ScenarioError, clean_name, from_json, to_json
from atlas.planning.sentences import spot_sentence
from atlas.planning.sites import candidates_near
from atlas.risk.index import index_of, peers
from atlas.risk.influence import weighting_of
from atlas.snapshot.snapshot import Snapshot
from tests import real_data
from tests.atlas.access.test_support_score import ANN, BOB, areas, wards

ALL = np.ones(5, dtype=bool)
LIBRARIES = (ANN, BOB)
HALL = Added("Village hall", 10_000, 0, 15.0, weekend=True)


def sides(scenario: Scenario):  # type: ignore[no-untyped-def]
    before = side_of(wards(), areas(), LIBRARIES)
    after = side_of(wards(), areas(), venues_after(scenario, LIBRARIES), before.table)
    return before, after


def changes(scenario: Scenario) -> pd.DataFrame:
    return cohort_changes(*sides(scenario), areas(), ALL).set_index("cohort")


def test_a_new_place_brings_in_those_near_it() -> None:
    line = changes(Scenario((HALL,))).loc[EVERYONE]
    assert line.to_dict() == {
        "total": 5000,
        "before": 3000,
        "after": 4000,
        "gained": 1000,
        "lost": 0,
        "twice_before": 1000,
        "twice_after": 1000,
    }


def test_closing_one_library_takes_out_only_those_without_another() -> None:
    lines = changes(Scenario(closed=("bob",)))
    assert lines.loc[EVERYONE, ["gained", "lost", "twice_after"]].tolist() == [0, 1000, 0]
    assert lines.loc["age_75_plus", "lost"] == 300


def test_several_changes_at_once_are_counted_once() -> None:
    both = Scenario((HALL, replace(HALL, name="Next door")), ("ann", "bob"))
    line = changes(both).loc[EVERYONE]
    assert line[["gained", "lost", "after"]].tolist() == [1000, 3000, 1000]
    assert line["twice_after"] == 1000


def test_the_wards_that_change_are_listed_and_no_other() -> None:
    before, after = sides(Scenario((HALL,)))
    table = ward_changes(before, after, np.arange(4))
    # Ward 3's 1,000 residents have 20 km to go in place of 28: support changes, reach does not.
    assert table["ward_code"].tolist() == ["E05000002", "E05000003"]
    assert table["near_people_after"].tolist() == [2000, 0]
    row = table.iloc[0]
    assert (row["near_people_before"], row["near_people_after"]) == (1000, 2000)
    assert bool(row["moved"]) and row["grid_cell_after"] < row["grid_cell_before"]
    assert ward_changes(before, after, np.array([0, 3])).empty
    assert ward_changes(before, before, np.arange(4)).empty


def test_risk_does_not_move(snapshot: Snapshot) -> None:
    ready = peers(snapshot.wards)
    risk = index_of(ready, weighting_of(ready.method.presets["standard"], ready.method)).score
    table = snapshot.wards.assign(risk_score=risk)
    residents, venues = residents_of(snapshot.lsoas), library_venues(snapshot.libraries)
    far = snapshot.lsoas.loc[snapshot.lsoas["library_distance_km"].idxmax()]
    new = Added("New", round(far["easting"]), round(far["northing"]), 40.0, True, True)
    before = side_of(table, residents, venues)
    scenario = Scenario((new,), tuple(venue.venue_id for venue in venues[:40]))
    after = side_of(table, residents, venues_after(scenario, venues), before.table)
    assert after.table["risk_level"].equals(before.table["risk_level"])
    moved = ward_changes(before, after, np.arange(len(table)))
    assert len(moved) > 20
    # Only support moves a ward, so a cell keeps its row of the grid.
    assert (moved["grid_cell_before"] // 3 == moved["grid_cell_after"] // 3).all()
    # And no indicator of the standard score is about libraries.
    assert not [
        key
        for name in dict(weighting_of(ready.method.presets["standard"], ready.method).weight)
        for key in (i.key for i in ready.method.indicators_of(name))
        if "library" in key
    ]


def test_what_one_place_adds_to_the_others() -> None:
    near = Added("Near Bob's", 2_000, 0)
    scenario = Scenario((HALL, near, replace(HALL, name="Twin")))
    reached = alternatives(1, scenario, LIBRARIES, areas(), ())
    assert (reached.within, reached.here) == (2000, 0)
    # The twin next door leaves the hall nothing that is new.
    assert alternatives(0, scenario, LIBRARIES, areas(), ()).here == 0
    assert alternatives(0, Scenario((HALL,)), LIBRARIES, areas(), ()).here == 1000


def around() -> tuple[Residents, tuple[Venue, ...]]:
    """Small areas a to d at 0, 3, 3.5 and 9 km, and a closed library at 3.2 km."""
    east = [0.0, 3000, 3500, 9000]
    residents = Residents(
        codes=np.array(list("abcd"), dtype=object),
        ward_codes=np.array([""] * 4, dtype=object),
        easting=np.array(east),
        northing=np.zeros(4),
        people={EVERYONE: np.array([100.0, 300, 200, 5000])},
    )
    centres = [Venue(c, c, "neighbourhood", x, 0.0) for c, x in zip("abcd", east, strict=True)]
    return residents, (Venue("old", "Old", "closed library", 3200.0, 0.0), *centres)


def test_alternatives_are_the_spots_that_reach_more() -> None:
    residents, (_, *centres) = around()
    scenario = Scenario((Added("Here", 0, 0),))
    found = alternatives(0, scenario, (), residents, centres)
    # b reaches b and c; c is within 800 m of b, so a is next; d is too far away to stand in.
    assert [(each.candidate.name, each.newly, each.metres) for each in found.best] == [
        ("b", 500.0, 3000.0),
        ("a", 100.0, 0.0),
    ]
    assert (found.here, found.spots, found.better, found.building) == (100.0, 3, True, None)
    covered = Venue("v", "V", "library", 3200, 0)
    rest = alternatives(0, scenario, (covered,), residents, centres)
    assert [each.candidate.name for each in rest.best] == ["a"] and not rest.better


def test_a_closed_library_stands_in_before_a_centre_that_reaches_as_many() -> None:
    residents, candidates = around()
    found = alternatives(0, Scenario((Added("Here", 0, 0),)), (), residents, candidates)
    assert [each.candidate.name for each in found.best] == ["Old", "a"]
    assert found.building == found.best[0] and (found.spots, found.best[0].newly) == (4, 500.0)
    # From beside it, the place reaches what the best candidate does: none is better.
    beside = alternatives(0, Scenario((Added("Here", 3300, 0),)), (), residents, candidates)
    assert (beside.here, beside.best[0].newly, beside.better) == (500.0, 500.0, False)
    nobody = alternatives(0, Scenario((Added("Far", 90_000, 0),)), (), residents, candidates)
    assert nobody == Alternatives(0.0, 0.0, 0, (), None)


def test_the_sentence_compares_the_spot_with_the_best_around_it() -> None:
    residents, candidates = around()

    def said(east: int, tried: Sequence[Venue]) -> str:
        scenario = Scenario((Added("Here", east, 0),))
        return spot_sentence(alternatives(0, scenario, (), residents, tried), STRAIGHT)

    spot = "This spot brings 100 residents newly within a mile of help"
    assert said(0, candidates) == (
        f"{spot}; the best of 4 tried up to 5 km away, the closed Old, would bring 500."
    )
    # The building is named too where a neighbourhood reaches more.
    shed = Venue("shed", "Shed", "unstaffed library", 4900.0, 0.0)
    assert said(0, (shed, *candidates[1:])) == (
        f"{spot}; the best of 4 tried up to 5 km away, the centre of small area b, would bring "
        "500. The best existing building, Shed (unstaffed, or hours not stated), would bring 200."
    )
    assert said(3300, candidates).endswith(
        "None of the 4 other spots tried up to 5 km away would bring more."
    )
    assert said(90_000, candidates).startswith("This spot brings nobody newly within a mile")


def test_candidates_around_a_spot_are_the_published_ones_within_its_circle(
    snapshot: Snapshot,
) -> None:
    found = candidates_near(383_600, 396_700, 5_000, snapshot.lsoas, snapshot.libraries)
    assert {each.kind for each in found} == {"neighbourhood", "closed library"} | {
        each.kind for each in found if each.kind == "unstaffed library"
    }
    for each in found:
        assert np.hypot(each.easting - 383_600, each.northing - 396_700) <= 5_000
    lsoas = snapshot.lsoas
    near = np.hypot(lsoas["easting"] - 383_600, lsoas["northing"] - 396_700) <= 5_000
    assert [each.kind for each in found].count("neighbourhood") == near.sum() > 100
    assert not {each.venue_id for each in found} & {
        venue.venue_id for venue in library_venues(snapshot.libraries)
    }


def test_scilly_is_in_england_though_its_libraries_are_not_known() -> None:
    hall, snapshot = Scenario((Added("Hall", 90_325, 10_525),)), real_data.snapshot()
    assert not far_from(hall, snapshot.lsoas[["easting", "northing"]].to_numpy())[0]
    assert far_from(hall, residents_in(snapshot).points)[0]


def test_a_place_in_the_sea_is_far_from_england() -> None:
    scenario = Scenario((HALL, Added("Sea", 200_000, 600_000)))
    assert far_from(scenario, areas().points).tolist() == [False, True]
    assert far_from(Scenario(), areas().points).tolist() == []


def test_changes_are_taken_back_one_by_one() -> None:
    scenario = Scenario((HALL,)).with_closed("ann").with_closed("bob").with_closed("ann")
    assert len(scenario) == 3
    assert scenario.without(0) == Scenario(closed=("ann", "bob"))
    assert scenario.without(2) == Scenario((HALL,), ("ann",))


names = st.text(max_size=100).map(clean_name)
hours = st.one_of(st.none(), st.integers(0, 1680).map(lambda n: n / 10))
added = st.builds(
    Added,
    names,
    st.integers(80_000, 660_000),
    st.integers(5_000, 660_000),
    hours,
    st.booleans(),
    st.booleans(),
)
ids = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
scenarios = st.builds(
    Scenario,
    st.lists(added, max_size=9).map(tuple),
    st.lists(ids, max_size=9, unique=True).map(tuple),
)


@given(scenarios, st.sampled_from([None, 1]))
def test_a_saved_scenario_reopens_identically(scenario: Scenario, indent: int | None) -> None:
    text = to_json(scenario, indent)
    assert from_json(text) == scenario == from_json(text.encode())
    assert to_json(from_json(text), indent) == text


def edited(old: str, new: str) -> str:
    text = to_json(Scenario((Added("Hall", 384_000, 398_000, 10.0),), ("Labc",)))
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe{}", "not text in UTF-8"),
        (b"PK\x03\x04", "not JSON"),
        ("[" * 60_000, "not JSON"),
        ("[]", "not a scenario"),
        ('{"type": "FeatureCollection"}', "not a scenario"),
        ("x" * (LARGEST + 1), "at most 65,536"),
        (edited('"version": 1', '"version": 2'), "version 1"),
        (edited('"version": 1', '"version": true'), "version 1"),
        (edited('"closed"', '"shut"'), "1 entries that are not known"),
        (edited('"Labc"', '"../../etc/passwd"'), "not an identifier"),
        (edited('"Labc"', "7"), "not an identifier"),
        (edited('"added": [', '"added": [[],'), "not written as a place"),
        (edited('"name": "Hall"', '"name": 5'), "not text"),
        (edited('"name": "Hall"', '"name": "a", "name": "b"'), "twice"),
        (edited('"name": "Hall"', '"colour": "red"'), "not known"),
        (edited("384000", "-2.24"), "not in England"),
        (edited("384000", '"384000"'), "not a number"),
        (edited("384000", "true"), "not a number"),
        (edited("384000", "NaN"), "is none"),
        (edited("384000", "1e999"), "not in England"),
        (edited("384000", "9" * 401), "not in England"),
        (edited("10.0", "9" * 401), "from 0 to 168"),
        (edited("384000", "9" * 5000), "not JSON"),
        (edited("10.0", "-1"), "from 0 to 168"),
        (edited("10.0", "169"), "from 0 to 168"),
        (edited("false", '"yes"'), "true or false"),
        (edited('"Labc"', ", ".join(f'"L{n}"' for n in range(50))), "51 changes"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(data: bytes | str, words: str) -> None:
    with pytest.raises(ScenarioError, match="^[^<>{}]+$") as caught:
        from_json(data)
    assert words in str(caught.value)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_nothing_else_than_a_reason_comes_of_any_bytes(data: bytes | str) -> None:
    with pytest.raises(ScenarioError):
        from_json(data)


def test_names_lose_what_cannot_be_seen() -> None:
    assert clean_name("St\u202e Ann\u200b's\n Hall\x07") == "St Ann's Hall"
    assert clean_name(" \u200b ") == "New place"
    assert len(clean_name("x" * 500)) == 80
