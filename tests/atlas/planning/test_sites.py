"""Where the next places go: on a street that can be checked by eye, and in the real data."""

from dataclasses import replace

import numpy as np
import pytest

from atlas.access.distance import Residents, Venue, library_venues, residents_of
from atlas.access.travel import Travel
from atlas.catalogue.near import MILE
from atlas.places.places import ENGLAND, Places
from atlas.planning.maximal_cover import Solution, best
from atlas.planning.sites import (
    KINDS,
    NoSitesError,
    Objective,
    best_sites,
    candidates_in,
    gains_of,
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


def choose_sites(
    homes: np.ndarray,
    people: np.ndarray,
    corners: np.ndarray,
    nearest: np.ndarray,
    sites: int,
    metres: float = MILE,
    objective: Objective = "reach",
) -> Solution:
    codes = np.array([str(n) for n in range(len(homes))], dtype=object)
    residents = Residents(codes, codes, homes[:, 0], homes[:, 1], {})
    venues = [Venue(str(n), "", "", float(x), float(y)) for n, (x, y) in enumerate(corners)]
    return best(gains_of(residents, people, venues, nearest, Travel(metres), objective), sites)


def test_the_most_people_within_reach_of_one_two_and_three_sites() -> None:
    # Within 100 m: corner 0 reaches 50 people, 1 reaches 50, 2 reaches 25, 3 reaches 60, 4 nobody.
    none = np.full(6, INF)
    one = choose_sites(HOMES, PEOPLE, CORNERS, none, 1, metres=100)
    assert (one.chosen, one.total) == ((3,), 60)
    three = choose_sites(HOMES, PEOPLE, CORNERS, none, 3, metres=100)
    assert three.chosen == (3, 0, 1) and three.added == (60, 50, 50) and three.total == 160
    five = choose_sites(HOMES, PEOPLE, CORNERS, none, 5, metres=100)
    assert len(five.chosen) == 4 and five.total == PEOPLE.sum() and five.method == "proven"


def test_whoever_is_within_reach_already_is_not_counted_again() -> None:
    near = np.array([INF, INF, INF, INF, INF, 80.0])  # the last group has a library 80 m away
    found = choose_sites(HOMES, PEOPLE, CORNERS, near, 3, metres=100)
    assert found.chosen == (0, 1, 2) and found.total == 125
    # At the very limit counts as reached; a hair beyond it does not.
    assert choose_sites(street(0), np.array([7.0]), street(100), np.array([INF]), 1, 100).total == 7
    beyond = choose_sites(street(0), np.array([7.0]), street(100.001), np.array([INF]), 1, 100)
    assert beyond.total == 0 and beyond.chosen == ()
    at_limit = choose_sites(street(0), np.array([7.0]), street(10), np.array([100.0]), 1, 100)
    assert at_limit.total == 0


def test_the_shortest_way_saves_metres_for_people() -> None:
    near = np.array([3000.0, 2900, 2000, 1900, 1000, 2000])  # a library at 3,000 m
    found = choose_sites(HOMES, PEOPLE, CORNERS, near, 1, objective="distance")
    # Corner 0 saves 2,950 x 30, 2,850 x 20, 1,050 x 10 and 850 x 40 metres.
    # Corner 1 saves 1,950 x 30, 1,950 x 20, 1,950 x 10, 1,850 x 40 and 50 x 25.
    # Corner 3 saves 1,950 x 60.
    assert (found.chosen, found.total) == ((1,), 192_250)
    assert 2950 * 30 + 2850 * 20 + 1050 * 10 + 850 * 40 == 190_000 < found.total


def test_the_p_median_without_any_place_yet_is_the_shortest_way_for_all() -> None:
    homes, people = street(0, 10, 100), np.array([1.0, 1, 1])
    none = np.full(3, INF)
    found = choose_sites(homes, people, street(0, 50, 100), none, 1, objective="distance")
    # Mean distances: 110, 140 and 190 metres in all; the farthest candidate is 100 m away.
    assert found.chosen == (0,) and found.total == 3 * 100 - 110


def test_missing_people_count_as_nobody_and_lengths_must_agree() -> None:
    unknown = PEOPLE.copy()
    unknown[5] = np.nan
    found = choose_sites(HOMES, unknown, CORNERS, np.full(6, INF), 5, metres=100)
    assert found.total == 125
    with pytest.raises(ValueError, match="same length"):
        choose_sites(HOMES, PEOPLE[:3], CORNERS, np.full(6, INF), 1)


@pytest.fixture(scope="module")
def england(snapshot: Snapshot) -> tuple[Snapshot, Places, Residents, tuple[Venue, ...]]:
    places = Places(snapshot.wards)
    return snapshot, places, residents_of(snapshot.lsoas), library_venues(snapshot.libraries)


England = tuple[Snapshot, Places, Residents, tuple[Venue, ...]]


def test_sites_of_greater_manchester_add_people_who_are_really_beyond_a_mile(
    england: England,
) -> None:
    snapshot, places, residents, venues = england
    plan = best_sites(GM, "residents", 3, *england)
    assert plan.solution.method == "proven" and len(plan.picks) == 3
    wards = snapshot.wards["ward_code"].to_numpy()[places.positions(GM)]
    lsoas = snapshot.lsoas[snapshot.lsoas["ward_code"].isin(wards)]
    far = lsoas[lsoas["library_distance_km"] > 1.609]
    assert plan.people == lsoas["population"].sum()
    assert plan.people - plan.reached == pytest.approx(far["population"].sum(), rel=0.001)
    counted = set()
    for pick, added in zip(plan.picks, plan.solution.added, strict=True):
        metres = np.hypot(far["easting"] - pick.easting, far["northing"] - pick.northing)
        reached = set(far["lsoa_code"][metres <= MILE]) - counted
        people = far.set_index("lsoa_code")["population"][sorted(reached)].sum()
        assert people == added
        counted |= reached
        assert pick.ward_code in set(wards)
    assert (
        plan.newly_reached
        == plan.solution.total
        == plan.beyond
        - (
            far["population"].sum()
            - lsoas.set_index("lsoa_code")["population"][sorted(counted)].sum()
        )
    )
    by_ward = lsoas[lsoas["lsoa_code"].isin(counted)].groupby("ward_code")["population"].sum()
    assert dict(plan.newly_by_ward) == by_ward.to_dict()
    assert plan.mean_after < plan.mean_before


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
    assert [c.candidate_id for c in by_kind["yours"]] == ["own-1"]
    libraries = snapshot.libraries.set_index("library_id")
    for kind, is_open in (("unstaffed library", "true"), ("closed library", "false")):
        rows = libraries.loc[[c.candidate_id for c in by_kind[kind]]]
        assert len(rows) and (rows["open"] == is_open).all()
        assert (rows["counts_for_access"] == "false").all()
        assert rows["library_type"].str.startswith("static").all()
    assert not {c.candidate_id for c in found} & {v.venue_id for v in venues}
    only = candidates_in(wards, *tables, ("closed library",))
    assert {c.kind for c in only} == {"closed library"}


def test_what_cannot_be_answered_says_what_to_ask(england: England) -> None:
    snapshot, places, residents, venues = england
    ward_codes = snapshot.wards["ward_code"].to_numpy(dtype=object)
    asked = places, ward_codes, residents, venues
    with pytest.raises(NoSitesError, match="another kind"):
        site_problem(GM, "residents", *asked, ())
    options = candidates_in(ward_codes, snapshot.lsoas, snapshot.libraries, ("closed library",))
    with pytest.raises(NoSitesError, match="no headcount"):
        site_problem(GM, "no_device", *asked, options)
    empty = snapshot.wards["ward_code"][snapshot.wards["small_areas"] == 0]
    assert len(empty)
    nobody = replace(residents, ward_codes=np.full(len(residents), "", dtype=object))
    with pytest.raises(NoSitesError, match="nobody"):
        site_problem(GM, "residents", places, ward_codes, nobody, venues, options)


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
        gains_of(people, np.ones(6000), venues, np.full(6000, INF), Travel(), "distance")


def test_reach_of_all_england_is_the_published_one(england: England) -> None:
    plan = best_sites(ENGLAND, "residents", 1, *england, kinds=("closed library",))
    lsoas = england[0].lsoas
    centres = lsoas["population"][lsoas["library_distance_km"] * 1000 <= MILE].sum()
    assert plan.reached == pytest.approx(centres, rel=1e-4)
