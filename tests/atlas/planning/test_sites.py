"""Where the next places go: on a street that can be checked by eye, and in the real data."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from atlas.access.distance import Residents, Venue, library_venues, residents_in, residents_of
from atlas.access.homes import Homes
from atlas.access.travel import Travel
from atlas.catalogue.cohorts import AT_RISK
from atlas.catalogue.near import MILE
from atlas.places.places import ENGLAND, Places
from atlas.planning.maximal_cover import Solution, best
from atlas.planning.sites import (
    KINDS,
    Kind,
    NoSitesError,
    SitePlan,
    candidates_in,
    distance_gains,
    reach_gains,
    site_problem,
)
from atlas.snapshot.snapshot import Snapshot

GM = "E47000001"
INF = float("inf")


def street(*metres: float) -> np.ndarray:
    """Points along a straight street, metres from its start."""
    return np.column_stack([np.array(metres, dtype=float), np.zeros(len(metres))])


# Six groups of homes along a street, and five corners where a place could open.
HOMES = street(0, 100, 1000, 1100, 2000, 5000)
PEOPLE = np.array([30.0, 20, 10, 40, 25, 60])
CORNERS = street(50, 1050, 1950, 4950, 9000)
NONE = street()


def street_of(homes: np.ndarray) -> Residents:
    codes = np.array([str(n) for n in range(len(homes))], dtype=object)
    return Residents(codes, codes, homes[:, 0], homes[:, 1], {})


def places_at(corners: np.ndarray) -> list[Venue]:
    return [Venue(str(n), "", "", float(x), float(y)) for n, (x, y) in enumerate(corners)]


def most_reached(
    homes: np.ndarray,
    people: np.ndarray,
    corners: np.ndarray,
    sites: int,
    libraries: np.ndarray = NONE,
) -> Solution:
    """The best sites where a place within 100 metres is near."""
    residents, rule = street_of(homes), Travel(100)
    today = rule.reach(residents, places_at(libraries))
    return best(reach_gains(residents, people, places_at(corners), today, rule), sites)


def most_saved(
    homes: np.ndarray, people: np.ndarray, corners: np.ndarray, nearest: np.ndarray
) -> Solution:
    return best(distance_gains(street_of(homes), people, places_at(corners), nearest), 1)


def test_the_most_people_within_reach_of_one_two_and_three_sites() -> None:
    # Within 100 m: corner 0 reaches 50 people, 1 reaches 50, 2 reaches 25, 3 reaches 60, 4 nobody.
    one = most_reached(HOMES, PEOPLE, CORNERS, 1)
    assert (one.chosen, one.total) == ((3,), 60)
    three = most_reached(HOMES, PEOPLE, CORNERS, 3)
    assert three.chosen == (3, 0, 1) and three.added == (60, 50, 50) and three.total == 160
    five = most_reached(HOMES, PEOPLE, CORNERS, 5)
    assert len(five.chosen) == 4 and five.total == PEOPLE.sum() and five.method == "proven"


def test_whoever_is_within_reach_already_is_not_counted_again() -> None:
    # The last group has a library 80 m away.
    found = most_reached(HOMES, PEOPLE, CORNERS, 3, libraries=street(5080))
    assert found.chosen == (0, 1, 2) and found.total == 125
    # At the very limit counts as reached; a hair beyond it does not.
    seven = np.array([7.0])
    assert most_reached(street(0), seven, street(100), 1).total == 7
    beyond = most_reached(street(0), seven, street(100.001), 1)
    assert beyond.total == 0 and beyond.chosen == ()
    assert most_reached(street(0), seven, street(10), 1, libraries=street(100)).total == 0


def test_a_site_gains_the_part_of_a_small_area_whose_postcodes_it_reaches() -> None:
    # Area 0 has 40 people at four postcodes: at 0 m (a library stands there), at 300 m, and two
    # at 500 m. Area 1 has 9 at one postcode, at 350 m. Its centre, 0 m, is near the library.
    homes = Homes.in_any_order(
        np.array([0, 0, 0, 1]), street(0, 300, 500, 350), np.array([1.0, 1, 2, 1])
    )
    residents = replace(street_of(street(0, 350)), postcodes=homes)
    people, rule = np.array([40.0, 9.0]), Travel(100)
    today = rule.reach(residents, places_at(street(0)))
    gains = reach_gains(residents, people, places_at(street(330, 500, 0)), today, rule)
    assert [gains.total([n]) for n in range(3)] == [10 + 9, 20, 0]
    assert gains.total([0, 1]) == 39 and best(gains, 1).chosen == (1,)


def test_the_shortest_way_saves_metres_for_people() -> None:
    near = np.array([3000.0, 2900, 2000, 1900, 1000, 2000])  # a library at 3,000 m
    found = most_saved(HOMES, PEOPLE, CORNERS, near)
    # Corner 0 saves 2,950 x 30, 2,850 x 20, 1,050 x 10 and 850 x 40 metres.
    # Corner 1 saves 1,950 x 30, 1,950 x 20, 1,950 x 10, 1,850 x 40 and 50 x 25.
    # Corner 3 saves 1,950 x 60.
    assert (found.chosen, found.total) == ((1,), 192_250)
    assert 2950 * 30 + 2850 * 20 + 1050 * 10 + 850 * 40 == 190_000 < found.total


def test_the_p_median_without_any_place_yet_is_the_shortest_way_for_all() -> None:
    homes, people = street(0, 10, 100), np.array([1.0, 1, 1])
    found = most_saved(homes, people, street(0, 50, 100), np.full(3, INF))
    # Mean distances: 110, 140 and 190 metres in all; the farthest candidate is 100 m away.
    assert found.chosen == (0,) and found.total == 3 * 100 - 110


def test_missing_people_count_as_nobody_and_lengths_must_agree() -> None:
    unknown = PEOPLE.copy()
    unknown[5] = np.nan
    assert most_reached(HOMES, unknown, CORNERS, 5).total == 125
    with pytest.raises(ValueError, match="same length"):
        most_saved(HOMES, PEOPLE[:3], CORNERS, np.full(6, INF))


@pytest.fixture(scope="module")
def england(snapshot: Snapshot) -> tuple[Snapshot, Places, Residents, tuple[Venue, ...]]:
    places = Places(snapshot.wards)
    return snapshot, places, residents_of(snapshot.lsoas), library_venues(snapshot.libraries)


England = tuple[Snapshot, Places, Residents, tuple[Venue, ...]]


def best_sites(
    place: str,
    cohort: str,
    sites: int,
    snapshot: Snapshot,
    places: Places,
    residents: Residents,
    venues: Sequence[Venue],
    kinds: Sequence[Kind] = tuple(KINDS),
) -> SitePlan:
    options = candidates_in(places.wards(place), snapshot.lsoas, snapshot.libraries, kinds)
    problem = site_problem(place, cohort, places, residents, venues, options)
    return problem.plan(sites, best(problem.gains, sites))


@pytest.fixture(scope="module")
def by_postcode(england: England) -> England:
    return (*england[:2], residents_in(england[0]), england[3])


def test_sites_of_greater_manchester_add_people_who_are_really_beyond_a_mile(
    by_postcode: England,
) -> None:
    snapshot, places, residents, venues = by_postcode
    plan = best_sites(GM, "residents", 3, *by_postcode)
    assert plan.solution.method == "proven" and len(plan.picks) == 3
    wards = snapshot.wards["ward_code"].to_numpy()[places.positions(GM)]
    lsoas = snapshot.lsoas[snapshot.lsoas["ward_code"].isin(wards)]
    assert plan.people == lsoas["population"].sum()
    assert plan.reached == pytest.approx(lsoas["near_library_people"].sum(), abs=50)
    # Worked out anew from the file of postcodes, each in the middle of its square of 50 metres.
    homes = pd.read_parquet(
        snapshot.path("postcodes.parquet"), columns=["lsoa_code", "east_50m", "north_50m"]
    ).dropna()
    homes = homes[homes["lsoa_code"].isin(lsoas["lsoa_code"])]
    each = lsoas.set_index("lsoa_code")["population"] / homes["lsoa_code"].value_counts()
    people = each.reindex(homes["lsoa_code"]).to_numpy()
    points = homes[["east_50m", "north_50m"]].to_numpy(dtype=float) * 50 + 25
    near = cKDTree([(v.easting, v.northing) for v in venues]).query(points)[0] <= MILE
    wards_of = lsoas.set_index("lsoa_code")["ward_code"].reindex(homes["lsoa_code"])
    assert plan.beyond == pytest.approx(people[~near].sum())
    by_ward: dict[str, float] = {}
    for pick, added in zip(plan.picks, plan.solution.added, strict=True):
        metres = np.hypot(points[:, 0] - pick.easting, points[:, 1] - pick.northing)
        new = (metres <= MILE) & ~near
        assert people[new].sum() == pytest.approx(added)
        near |= new
        for ward, number in pd.Series(people[new]).groupby(wards_of.to_numpy()[new]).sum().items():
            by_ward[str(ward)] = by_ward.get(str(ward), 0.0) + number
    assert plan.newly_reached == pytest.approx(plan.solution.total)
    assert dict(plan.newly_by_ward) == pytest.approx(by_ward)
    assert plan.mean_after < plan.mean_before


def test_a_ward_that_libraries_reach_in_part_can_gain_where_its_centres_are_near(
    by_postcode: England, england: England
) -> None:
    # Lydiard and Freshbrook, Swindon: no centre that a place could reach is beyond a mile today.
    ward = "E05008961"
    assert not best_sites(ward, AT_RISK, 1, *england).picks
    plan = best_sites(ward, AT_RISK, 1, *by_postcode)
    assert plan.newly_by_ward[ward] == pytest.approx(71.9, abs=0.1)
    assert plan.newly_reached == pytest.approx(504.0, abs=0.1)


def test_a_library_beyond_the_border_counts_but_residents_there_do_not(england: England) -> None:
    snapshot, places, residents, venues = england
    plan = best_sites("E08000007", "residents", 1, *england)  # Stockport
    wards = snapshot.wards["ward_code"].to_numpy()[places.positions("E08000007")]
    inside = tuple(venue for venue in venues if venue.ward_code in set(wards))
    alone = best_sites("E08000007", "residents", 1, snapshot, places, residents, inside)
    assert plan.reached > alone.reached and plan.people == alone.people


def test_a_ward_offers_its_own_sites_for_the_residents_of_its_council(england: England) -> None:
    snapshot, places, residents, venues = england
    northumberland = snapshot.lsoas[snapshot.lsoas["authority_code"] == "E06000057"]
    ward = northumberland.loc[northumberland["library_distance_km"].idxmax(), "ward_code"]
    plan = best_sites(ward, "residents", 1, *england)
    council = places.trail(ward)[-2].code
    rows = snapshot.lsoas["ward_code"].isin(
        snapshot.wards["ward_code"].to_numpy()[places.positions(council)]
    )
    assert plan.people == snapshot.lsoas["population"][rows].sum()
    assert {pick.ward_code for pick in plan.picks} == {ward}


def test_candidates_are_of_the_kinds_asked_and_no_place_that_counts_already(
    england: England,
) -> None:
    snapshot, places, _, venues = england
    wards = list(snapshot.wards["ward_code"].to_numpy()[places.positions(GM)])
    tables = snapshot.lsoas, snapshot.libraries
    mine = Venue("own-1", "Hall", "hall", 380000, 400000, wards[0], origin="yours")
    abroad = replace(mine, venue_id="own-2", ward_code="E05000001")
    found = candidates_in(wards, *tables, tuple(KINDS), (mine, abroad))
    by_kind = {kind: [c for c in found if c.kind == kind] for kind in KINDS}
    assert len(by_kind["neighbourhood"]) == snapshot.lsoas["ward_code"].isin(wards).sum()
    assert [c.venue_id for c in by_kind["yours"]] == ["own-1"]
    libraries = snapshot.libraries.set_index("library_id")
    for kind, is_open in (("unstaffed library", "true"), ("closed library", "false")):
        rows = libraries.loc[[c.venue_id for c in by_kind[kind]]]
        assert len(rows) and (rows["open"] == is_open).all()
        assert (rows["counts_for_access"] == "false").all()
        assert rows["library_type"].str.startswith("static").all()
    assert not {c.venue_id for c in found} & {v.venue_id for v in venues}
    only = candidates_in(wards, *tables, ("closed library",))
    assert {c.kind for c in only} == {"closed library"}


def test_what_cannot_be_answered_says_what_to_ask(england: England) -> None:
    snapshot, places, residents, venues = england
    ward_codes = snapshot.wards["ward_code"].to_numpy(dtype=object)
    asked = places, residents, venues
    with pytest.raises(NoSitesError, match="another kind"):
        site_problem(GM, "residents", *asked, ())
    options = candidates_in(ward_codes, snapshot.lsoas, snapshot.libraries, ("closed library",))
    with pytest.raises(NoSitesError, match="no headcount"):
        site_problem(GM, "no_device", *asked, options)
    empty = snapshot.wards["ward_code"][snapshot.wards["small_areas"] == 0]
    assert len(empty)
    nobody = replace(residents, ward_codes=np.full(len(residents), "", dtype=object))
    with pytest.raises(NoSitesError, match="nobody"):
        site_problem(GM, "residents", places, nobody, venues, options)


def test_withheld_counts_stay_unknown(england: England) -> None:
    plan = best_sites(GM, "income_deprived", 1, *england)
    snapshot, places, _, _ = england
    wards = snapshot.wards["ward_code"].to_numpy()[places.positions(GM)]
    missing = snapshot.lsoas["income_deprived_people"][snapshot.lsoas["ward_code"].isin(wards)]
    assert plan.unknown == missing.isna().sum()


def test_a_table_without_an_end_is_refused() -> None:
    codes = np.array([str(n) for n in range(6000)], dtype=object)
    line = np.arange(6000.0)
    people = Residents(codes, codes, line, line, {})
    venues = [Venue(str(n), "", "", float(n), 0.0) for n in range(6000)]
    with pytest.raises(NoSitesError, match="smaller area"):
        distance_gains(people, np.ones(6000), venues, np.full(6000, INF))


def test_reach_of_all_england_is_the_published_one(england: England) -> None:
    plan = best_sites(ENGLAND, "residents", 1, *england, kinds=("closed library",))
    lsoas = england[0].lsoas
    centres = lsoas["population"][lsoas["library_distance_km"] * 1000 <= MILE].sum()
    assert plan.reached == pytest.approx(centres, rel=1e-4)
