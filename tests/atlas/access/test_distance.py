"""Distances and reach, on a line of small areas that one can draw, and on the published data."""

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
    nearest,
    nearest_to,
    residents_in,
    residents_of,
    ward_of,
)
from atlas.access.travel import STRAIGHT, Travel
from atlas.catalogue.cohorts import declared_cohorts, headcounts
from atlas.catalogue.near import MILE
from atlas.snapshot.snapshot import Snapshot
from tests.toys.wards import code, toy_libraries, toy_lsoas


def line_of(*eastings: float, people: float = 100.0) -> Residents:
    """Small areas on the line northing 0, each with the same number of residents."""
    count = len(eastings)
    return Residents(
        codes=np.array([f"E0100000{n}" for n in range(count)], dtype=object),
        ward_codes=np.array([code(1)] * count, dtype=object),
        easting=np.array(eastings, dtype=float),
        northing=np.zeros(count),
        people={EVERYONE: np.full(count, people)},
    )


def at(easting: float, northing: float = 0.0, name: str = "V") -> Venue:
    return Venue(name, name, "library", easting, northing)


def near(areas: Residents, *venues: Venue, metres: float = MILE) -> np.ndarray:
    return Travel(metres).nearest(areas, venues)[:, 0] <= metres


def test_a_mile_is_within_a_mile_and_a_millimetre_more_is_not() -> None:
    areas = line_of(0, MILE, MILE + 0.001, 5000)
    assert near(areas, at(0)).tolist() == [True, True, False, False]
    assert near(areas, at(0), at(5000)).tolist() == [True, True, False, True]
    assert near(areas, at(0), metres=5000).all()


def test_nearest_and_second_nearest_are_those_that_one_sees() -> None:
    metres, index = nearest(line_of(0, 1000, 4000), [at(0), at(1500), at(9000)])
    assert metres.tolist() == [[0, 1500], [500, 1000], [2500, 4000]]
    assert index.tolist() == [[0, 1], [1, 0], [1, 0]]


def test_fewer_venues_than_asked_for_are_infinitely_far() -> None:
    metres, index = nearest(line_of(0, 3), [at(4)], 2)
    assert metres.tolist() == [[4, np.inf], [1, np.inf]] and index.tolist() == [[0, -1], [0, -1]]
    metres, index = nearest(line_of(0), [], 2)
    assert np.isinf(metres).all() and (index == -1).all()
    assert not near(line_of(0)).any()


def test_a_venue_without_a_ward_is_in_the_ward_of_the_nearest_small_area() -> None:
    areas = line_of(0, 1000)
    areas.ward_codes[1] = code(2)
    assert ward_of(at(700), areas) == code(2)
    assert ward_of(Venue("v", "V", "", 700, 0, ward_code=code(7)), areas) == code(7)
    assert ward_of(at(700), line_of()) == ""


places = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


@given(places, places, st.integers(0, 12))
def test_reach_is_what_comparing_every_pair_gives(homes, sites, metres) -> None:  # type: ignore[no-untyped-def]
    areas = line_of(*(x for x, _ in homes))
    areas = Residents(
        areas.codes,
        areas.ward_codes,
        areas.easting,
        np.array([float(y) for _, y in homes]),
        areas.people,
    )
    venues = [at(x, y) for x, y in sites]
    apart = [[np.hypot(x - v.easting, y - v.northing) for v in venues] for x, y in homes]
    assert near(areas, *venues, metres=metres).tolist() == [min(row) <= metres for row in apart]
    assert np.allclose(nearest(areas, venues, 1)[0][:, 0], np.min(apart, axis=1))


def test_only_open_staffed_libraries_are_venues_and_what_is_not_known_stays_so() -> None:
    venues = library_venues(toy_libraries())
    assert [venue.venue_id for venue in venues] == ["far", "near", "third"]
    far, near, _ = venues
    assert np.isnan(far.staffed_hours) and near.staffed_hours == 30.5
    assert near.note("run by") == "council" and near.note("wifi") == ""
    assert near.hours[0] == ("Monday", "AM & PM (continuous)") and near.kind == "library"


def test_two_services_in_one_building_are_one_venue_with_the_longer_hours() -> None:
    table = toy_libraries()
    archive = table[table["library_id"] == "near"].assign(
        library_id="archive", library_name="Archive", staffed_hours_per_week=8.0
    )
    venues = library_venues(pd.concat([table, archive], ignore_index=True))
    assert [venue.venue_id for venue in venues] == ["far", "near", "third"]
    assert (venues[1].name, venues[1].staffed_hours) == ("Near Library", 30.5)


def test_a_museum_round_the_corner_does_not_stand_in_for_the_library_of_its_postcode() -> None:
    table = toy_libraries()
    museum = table[table["library_id"] == "near"].assign(
        library_id="museum", library_name="Museum", staffed_hours_per_week=8.0, easting=150.0
    )
    venues = library_venues(pd.concat([table, museum], ignore_index=True))
    names = {venue.venue_id: (venue.name, venue.easting) for venue in venues}
    assert names["near"] == ("Near Library", 0.0) and names["museum"] == ("Museum", 150.0)


def test_a_community_library_counts_with_hours_unknown_and_can_be_left_out() -> None:
    table = toy_libraries().assign(library_class="library service")
    table.loc[1, ["library_class", "staffed_hours_per_week"]] = ["community-run", 0.0]
    venues = {venue.venue_id: venue for venue in library_venues(table)}
    assert np.isnan(venues["far"].staffed_hours)
    assert "far" not in {venue.venue_id for venue in library_venues(table, service_only=True)}


def test_residents_have_the_cohorts_that_small_areas_have() -> None:
    people = residents_of(toy_lsoas()).people
    assert people[EVERYONE].tolist() == [1000, 1000, 3000]
    assert set(people) == {EVERYONE, "households"}


def test_the_published_distances_come_out_again(snapshot: Snapshot) -> None:
    residents, venues = residents_in(snapshot), library_venues(snapshot.libraries)
    metres, _ = nearest(residents, venues)
    lsoas = snapshot.lsoas.set_index("lsoa_code").loc[residents.codes]
    published = lsoas[["library_distance_km", "second_library_distance_km"]].to_numpy()
    assert np.allclose(metres / 1000, published, atol=2e-4)  # both rounded to 0.1 m
    near = residents.people[EVERYONE] * STRAIGHT.reach(residents, venues).near
    assert np.allclose(near, lsoas["near_library_people"], atol=0.51)  # published to the unit


@pytest.mark.parametrize("key", ["income_deprived", "disabled", "no_superfast"])
def test_cohorts_of_small_areas_add_up_to_those_of_wards(snapshot: Snapshot, key: str) -> None:
    people = residents_of(snapshot.lsoas).people
    wards = np.nansum(headcounts(snapshot.wards, declared_cohorts()[key]))
    assert np.nansum(people[key]) == pytest.approx(wards, rel=1e-4)
    assert "far_from_library" not in people


def test_the_nearest_points_come_first_and_ties_in_their_order() -> None:
    points = np.array([[3.0, 4.0], [0.0, 1.0], [0.0, -1.0], [9.0, 9.0]])
    assert nearest_to(points, (0.0, 0.0), 3) == [(1, 1.0), (2, 1.0), (0, 5.0)]
