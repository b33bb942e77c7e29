"""The support axis on six small areas that one can draw, and on the published data.

The areas lie on a line, in kilometres from Ann's Library; each has 1,000 residents unless said:

    ward 1: areas at 0 and 1      ward 2: areas at 2 and 10      ward 3: area at 30
    Ann's Library at 0, 20 staffed hours, open on Saturday; Bob's Library at 2, 10 hours, evenings

A mile is 1.609 km, so areas 0 and 1 are near Ann's, areas 1 and 2 near Bob's, the rest near none.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.access import support_score
from atlas.access.distance import (
    EVERYONE,
    Residents,
    Venue,
    library_venues,
    residents_in,
)
from atlas.access.homes import Homes
from atlas.access.opening_hours import opens_evening, opens_weekend
from atlas.access.support_score import (
    HIGH_RISK_LITTLE_SUPPORT,
    cohort_reach,
    declared_support,
    grid_counts,
    hours_each,
    parts_of,
    place_among,
    support_table,
)
from atlas.access.travel import STRAIGHT, Travel, Walking
from atlas.catalogue.cohorts import declared_cohorts, headcounts
from atlas.catalogue.declarations import DeclarationError
from atlas.places.places import Places
from atlas.risk.index import population_percentile
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import Snapshot

KM = [0, 1, 2, 10, 30]
WARDS = ["E05000001", "E05000001", "E05000002", "E05000002", "E05000003"]
ANN = Venue("ann", "Ann's", "library", 0, 0, staffed_hours=20, hours=(("Saturday", "AM Only"),))
BOB = Venue("bob", "Bob's", "library", 2000, 0, staffed_hours=10, hours=(("Monday", "Eve Only"),))


def areas(people: float = 1000.0) -> Residents:
    return Residents(
        codes=np.array([f"E0100000{n}" for n in range(5)], dtype=object),
        ward_codes=np.array(WARDS, dtype=object),
        easting=np.array(KM) * 1000.0,
        northing=np.zeros(5),
        people={
            EVERYONE: np.full(5, people),
            "age_75_plus": np.array([100.0, 200, 300, 400, np.nan]),
        },
    )


def wards() -> pd.DataFrame:
    """Three wards with small areas, risk rising from the first, and one without."""
    return pd.DataFrame(
        {
            "ward_code": [f"E0500000{n}" for n in (1, 2, 3, 4)],
            "population": [2000.0, 2000, 1000, np.nan],
            "risk_score": [10.0, 50, 90, np.nan],
        }
    )


def test_the_measures_are_those_that_one_counts_by_hand() -> None:
    table = support_table(wards(), areas(), [ANN, BOB])
    assert table["near_share"].tolist()[:3] == [1.0, 0.5, 0.0]
    assert table["near_people"].tolist()[:3] == [2000, 1000, 0]
    assert table["near_age_75_plus"].tolist()[:3] == [300, 300, 0]
    assert table["all_age_75_plus"].tolist()[:3] == [300, 700, 0]
    assert table["nearest_km"].tolist()[:3] == [0.5, 4.0, 28.0]
    assert table["second_km"].tolist()[:3] == [1.5, 6.0, 30.0]
    # Ann's 20 hours are shared by areas 0 and 1, Bob's 10 by areas 1 and 2: 10 and 5 per 1,000.
    assert table["hours_per_1000"].tolist()[:3] == [12.5, 2.5, 0.0]
    assert table["weekend_share"].tolist()[:3] == [1.0, 0.0, 0.0]
    assert table["evening_share"].tolist()[:3] == [0.5, 0.5, 0.0]


def test_a_ward_without_small_areas_has_no_figure_and_no_cell() -> None:
    last = support_table(wards(), areas(), [ANN, BOB]).iloc[3].drop("ward_code")
    assert last.isna().all()


def test_high_risk_with_little_support_is_cell_eight_and_the_reverse_is_none() -> None:
    table = support_table(wards(), areas(), [ANN, BOB])
    assert table["support_third"].tolist()[:3] == [1, 0, 0]
    assert table["risk_level"].tolist()[:3] == [0, 1, 2]
    assert table["grid_cell"].tolist()[:3] == [1, 5, HIGH_RISK_LITTLE_SUPPORT]
    assert declared_support().cell_label(8) == "high risk, little support"
    assert declared_support().cell_label(0) == "low risk, most support"
    counts = grid_counts(table)
    assert counts["wards"].sum() == 4 and counts["residents"].sum() == 5000
    assert counts.set_index("cell")["wards"][-1] == 1


def test_hours_that_nobody_reported_are_not_zero() -> None:
    silent = replace(BOB, staffed_hours=float("nan"))
    residents = areas()
    venues = [ANN, silent]
    each = hours_each(residents, venues, STRAIGHT.reach(residents, venues))
    assert each[:2].tolist() == [10, 10] and np.isnan(each[2]) and each[3:].tolist() == [0, 0]
    # The area near Bob's alone is not known, so the ward's mean is that of its other area.
    assert support_table(wards(), residents, venues)["hours_per_1000"].tolist()[1] == 0.0
    # With one resident more there most of the ward is not known, and no mean stands for it.
    residents.people[EVERYONE][2] += 1
    assert np.isnan(support_table(wards(), residents, venues)["hours_per_1000"][1])
    # Opening hours stand in for staffed hours that nobody reported.
    told = [ANN, replace(silent, open_hours=10.0)]
    assert support_table(wards(), areas(), told)["hours_per_1000"].tolist()[:2] == [12.5, 2.5]


def test_a_small_area_most_of_which_is_near_unknown_hours_is_not_known() -> None:
    # Of its five postcodes three are near a place of unknown hours, two near nothing.
    metres = np.array([0.0, 0, 0, 5000, 5000])
    spread = Homes.in_any_order(
        np.zeros(5, dtype=np.int64), np.column_stack([metres, np.zeros(5)]), np.ones(5)
    )
    one = replace(areas().only(np.array([0])), postcodes=spread)
    venues = [replace(ANN, staffed_hours=float("nan"))]
    assert np.isnan(hours_each(one, venues, STRAIGHT.reach(one, venues))[0])


def test_without_any_venue_nobody_is_near_and_distances_are_missing() -> None:
    table = support_table(wards(), areas(), [])
    assert table["near_people"].tolist()[:3] == [0, 0, 0]
    assert table["nearest_km"].isna().all() and table["second_km"].isna().all()


def test_on_foot_reach_is_by_minutes_and_distances_stay_straight_lines() -> None:
    # A river: area 1 needs half an hour to either library, area 0 and 2 five minutes to theirs.
    walks = Walking(
        "walks.csv",
        areas().codes,
        np.array(["ann", "bob"], dtype=object),
        np.array([0, 1, 1, 2]),
        np.array([0, 0, 1, 1]),
        np.array([5.0, 30, 30, 5]),
    )
    table = support_table(wards(), areas(), [ANN, BOB], travel=Travel(20, walks, "walks.csv"))
    assert table["near_people"].tolist()[:3] == [1000, 1000, 0]
    assert table["nearest_km"].tolist()[:3] == [0.5, 4.0, 28.0]
    # Each library is now shared by 1,000 residents alone.
    assert table["hours_per_1000"].tolist()[:3] == [10.0, 5.0, 0.0]


def test_a_scenario_moves_only_the_wards_that_it_touches() -> None:
    before = support_table(wards(), areas(), [ANN, BOB])
    new = Venue("new", "New", "what if", 30_000, 0, staffed_hours=40)
    after = support_table(wards(), areas(), [ANN, BOB, new], before)
    same = before.iloc[[0, 3]]
    pd.testing.assert_frame_equal(after.iloc[[0, 3]], same)
    assert after["support_score"][2] > before["support_score"][2]
    assert after["risk_level"].equals(before["risk_level"])
    assert after["grid_cell"][2] < HIGH_RISK_LITTLE_SUPPORT


points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=9)


@given(points, points, st.lists(st.integers(0, 60), min_size=9, max_size=9))
def test_every_staffed_hour_is_shared_out_and_none_is_invented(homes, sites, hours) -> None:  # type: ignore[no-untyped-def]
    residents = Residents(
        codes=np.array([str(n) for n in range(len(homes))], dtype=object),
        ward_codes=np.array(["E05000001"] * len(homes), dtype=object),
        easting=np.array([x * 1000.0 for x, _ in homes]),
        northing=np.array([y * 1000.0 for _, y in homes]),
        people={EVERYONE: np.arange(1.0, len(homes) + 1) * 100},
    )
    venues = [
        Venue(str(n), "", "library", x * 1000.0, y * 1000.0, staffed_hours=float(hours[n]))
        for n, (x, y) in enumerate(sites)
    ]
    reach = STRAIGHT.reach(residents, venues)
    near = STRAIGHT.nearest(residents, venues)[:, 0] <= STRAIGHT.limit
    assert near.tolist() == (reach.near == 1).tolist()
    handed_out = (hours_each(residents, venues, reach) * residents.people[EVERYONE]).sum() / 1000
    used = sum(venues[n].staffed_hours for n in set(reach.venue.tolist()))
    assert handed_out == pytest.approx(used)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.data())
def test_a_place_among_ones_own_group_is_the_percentile_of_the_index(values, data) -> None:  # type: ignore[no-untyped-def]
    people = data.draw(st.lists(st.integers(1, 99), min_size=len(values), max_size=len(values)))
    given_, weights = np.array(values, dtype=float), np.array(people, dtype=float)
    assert np.allclose(place_among(given_, given_, weights), population_percentile(given_, weights))
    third = parts_of(3, given_, given_, weights)
    assert all(
        third[a] <= third[b]
        for a in range(len(values))
        for b in range(len(values))
        if values[a] <= values[b]
    )


@pytest.mark.parametrize(
    ("text", "evening"),
    [
        ("All Day (continuous)", True),
        ("PM & Eve (with closure)", True),
        ("Eve Only", True),
        ("AM & PM (continuous)", False),
        ("Closed", False),
        ("[Unknown]", False),
        ("Varied by Schedule", False),
        ("10:00-19:30", True),
        ("9am to 5pm", False),
        ("9am–8pm", True),
        ("10-4", False),
        ("Evergreen café 9:00-17:00", False),
        ("", False),
    ],
)
def test_an_evening_is_known_or_not_assumed(text: str, evening: bool) -> None:
    assert opens_evening(replace(ANN, hours=(("Monday", text),))) is evening


def test_a_weekend_is_a_saturday_or_a_sunday_that_is_not_closed() -> None:
    assert opens_weekend(ANN)
    assert not opens_weekend(BOB)
    assert not opens_weekend(replace(ANN, hours=(("Saturday", "Closed"), ("Sunday", "[Unknown]"))))


@pytest.mark.parametrize(
    ("text", "weekend"),
    [
        ("Mon-Fri 9-5, Sat 10-1", True),
        ("Daily 9am to 9pm", True),
        ("Mon-Fri 9-5, Saturday closed", False),
        ("Mon to Fri 9-5", False),
        ("Sunny Café, weekdays", False),
    ],
)
def test_a_week_in_one_text_is_read_for_its_weekend(text: str, weekend: bool) -> None:
    assert opens_weekend(replace(ANN, hours=(("Opening", text),))) is weekend


def test_cohorts_beyond_reach_add_up_and_what_is_not_known_is_left_out() -> None:
    residents = areas()
    near = STRAIGHT.nearest(residents, [ANN, BOB])[:, 0] <= STRAIGHT.limit
    lines = cohort_reach(residents, near, np.ones(5, dtype=bool)).set_index("cohort")
    assert lines.loc[EVERYONE].tolist() == [5000, 3000, 2000, 0.4]
    assert lines.loc["age_75_plus"].tolist() == [1000, 600, 400, 0.4]
    only = cohort_reach(residents, near, np.array([False] * 4 + [True])).set_index("cohort")
    assert np.isnan(only.loc["age_75_plus", "share_beyond"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight = 2", "weight = 0"),
        ('need = "less"', 'need = "none"'),
        ('part = "How near"\n', ""),
        ("shown = 0", "showing = 0"),
        ('"little support", ', ""),
        ("least_known =", "least ="),
    ],
)
def test_a_declaration_with_a_fault_is_refused(old: str, new: str) -> None:
    text = Path(support_score.__file__).with_suffix(".toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(DeclarationError):
        declared_support(text.replace(old, new, 1))


def test_support_of_england(snapshot: Snapshot) -> None:
    data = with_derived_columns(snapshot)
    residents, venues = residents_in(data), library_venues(data.libraries)
    table = support_table(data.wards, residents, venues)
    assert table["ward_code"].tolist() == data.wards["ward_code"].tolist()
    # What the snapshot publishes by ward comes out again.
    published = data.wards["near_library_people"]
    assert np.allclose(table["near_people"], published, atol=0.51, rtol=0, equal_nan=True)
    assert np.allclose(
        table["nearest_km"], data.wards["library_distance_km"], atol=1e-3, equal_nan=True
    )
    assert np.allclose(
        table["support_score"], data.wards["support_score"], atol=1e-4, equal_nan=True
    )
    # 33 wards that no small area fits, and the one of Scilly that one does.
    assert table["grid_cell"].isna().sum() == 34
    # Thirds of support and fifths of risk hold as many residents, to within the largest ward.
    for axis, parts in (("support_third", [1 / 3] * 3), ("risk_level", [0.2, 0.6, 0.2])):
        shares = table.groupby(axis)["residents"].sum() / table["residents"].sum()
        assert shares.to_numpy() == pytest.approx(parts, abs=0.02)
    # High risk is what it is everywhere: the highest fifth of England.
    highest = Scorer(snapshot, Places(snapshot.wards)).index(RiskRequest()).in_highest(0.2)
    assert ((table["risk_level"] == 2).to_numpy() == highest).all()
    reported = data.wards[data.wards["near_library_people"].notna()]
    older = headcounts(reported, declared_cohorts()["age_75_plus"])
    assert table["all_age_75_plus"].sum() == pytest.approx(np.nansum(older))
