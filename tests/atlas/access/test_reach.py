"""Reach by postcode, on a small area that one can draw: half a village by the library, half not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.access.catchments import catchments
from atlas.access.distance import EVERYONE, Residents, Venue
from atlas.access.homes import Homes, homes_of
from atlas.access.next_best import next_best
from atlas.access.travel import STRAIGHT, Travel
from atlas.catalogue.near import MILE
from atlas.planning.scenario import Added, Scenario, cohort_changes, side_of, venues_after
from tests.toys.wards import code


def village(*eastings: float, postcodes: tuple[float, ...] | None = None) -> Residents:
    """One small area of 1,000 residents, its centre at 0, with homes on the line northing 0."""
    count = len(eastings)
    points = np.column_stack([eastings, np.zeros(count)]).astype(float)
    homes = Homes.in_any_order(
        np.zeros(count, dtype=int), points, np.array(postcodes or [1.0] * count)
    )
    codes = np.array(["E01000001"], dtype=object), np.array([code(1)], dtype=object)
    return Residents(*codes, np.zeros(1), np.zeros(1), {EVERYONE: np.array([1000.0])}, homes)


def library(easting: float, name: str = "V") -> Venue:
    return Venue(name, name, "library", easting, 0.0, staffed_hours=10.0)


def test_the_share_of_the_postcodes_within_a_mile_is_the_share_of_residents() -> None:
    residents = village(0, MILE, MILE + 0.01, 9000)
    reach = STRAIGHT.reach(residents, [library(0)])
    assert reach.near.tolist() == [0.5]
    assert reach.by_venue(residents.people[EVERYONE]).tolist() == [500]


def test_three_postcodes_in_one_square_weigh_three_times() -> None:
    reach = STRAIGHT.reach(village(0, 9000, postcodes=(3, 1)), [library(0)])
    assert reach.near.tolist() == [0.75] and reach.twice.tolist() == [0]


def test_all_postcodes_within_a_mile_are_exactly_everybody() -> None:
    near = STRAIGHT.reach(village(*range(0, 700, 100)), [library(0)]).near
    assert near.tolist() == [1.0]


def test_on_foot_a_small_area_stays_whole() -> None:
    residents = village(0, 9000)
    assert Travel(MILE).reach(residents, [library(0)]).near.tolist() == [0.5]
    centre = Residents(
        residents.codes, residents.ward_codes, residents.easting, residents.northing, {}, None
    )
    assert STRAIGHT.reach(centre, [library(0)]).near.tolist() == [1]


def test_closing_one_of_two_libraries_takes_reach_from_those_who_have_no_other() -> None:
    # Homes at 0 and 1,000 reach A; those at 1,000 and 3,000 reach B.
    residents, venues = village(0, 1000, 3000, 9000), [library(0, "A"), library(2500, "B")]
    served = catchments(residents, venues)
    assert served["loses_residents"].tolist() == [250, 250]
    away = next_best(residents, venues, 0)
    assert away.lose and away.residents == 250 and away.places[0].then == 2500


def test_a_scenario_counts_the_homes_that_gain_and_those_that_lose() -> None:
    residents, venues = village(0, 1000, 3000, 9000), (library(0, "A"), library(2500, "B"))
    wards = pd.DataFrame({"ward_code": [code(1)], "population": [1000.0], "risk_score": [50.0]})
    scenario = Scenario((Added("new", 9000, 0),), ("A",))
    before = side_of(wards, residents, venues)
    after = side_of(wards, residents, venues_after(scenario, venues), before.table)
    line = cohort_changes(before, after, residents, np.ones(1, dtype=bool)).iloc[0]
    assert line[["before", "after", "gained", "lost"]].tolist() == [750, 750, 250, 250]


def test_postcodes_become_homes_in_the_middle_of_their_squares() -> None:
    table = pd.DataFrame(
        {
            "lsoa_code": ["b", "a", "a", "", "a"],
            "east_50m": [4.0, 2.0, 2.0, 2.0, np.nan],
            "north_50m": [0.0, 7.0, 7.0, 7.0, np.nan],
        }
    )
    homes = homes_of(pd.Index(["a", "b"]), *(table[name] for name in table))
    assert homes.points.tolist() == [[225, 25], [125, 375]]
    assert homes.area.tolist() == [1, 0] and homes.postcodes.tolist() == [1, 2]


@given(
    st.lists(st.integers(-9000, 9000), min_size=1, max_size=12),
    st.lists(st.integers(-9000, 9000), max_size=4),
)
def test_nobody_is_lost_or_counted_twice(eastings: list[int], sites: list[int]) -> None:
    residents = village(*eastings)
    reach = STRAIGHT.reach(residents, [library(x, str(n)) for n, x in enumerate(sites)])
    people = residents.people[EVERYONE]
    assert reach.people(people).sum() == pytest.approx(1000)
    near = sum(any(abs(x - y) <= MILE for y in sites) for x in eastings)
    assert reach.near[0] == pytest.approx(near / len(eastings))
    only_one = reach.by_venue(people, reach.count == 1).sum()
    assert only_one == pytest.approx(float((people * (reach.near - reach.twice)).sum()))
