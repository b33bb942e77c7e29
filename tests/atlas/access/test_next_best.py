"""Where residents go when a place closes: six small areas and three libraries on a line.

    kilometres   0      1      3.5    7      8      20
    residents    100    200    400    800    1,600  3,200
    libraries    West at 0, Middle at 4, East at 8

A mile is 1.609 km. West is nearest for the areas at 0 and 1, Middle for 3.5, East for 7, 8 and 20.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.access.catchments import catchments
from atlas.access.distance import EVERYONE, Residents, Venue, library_venues, residents_of
from atlas.access.next_best import NOWHERE, next_best
from atlas.access.sentences import next_best_sentence
from atlas.access.travel import Travel, Walking
from atlas.snapshot.snapshot import Snapshot

WEST, MIDDLE, EAST = (
    Venue(name.lower(), name, "library", 1000.0 * x, 0.0)
    for name, x in (("West", 0), ("Middle", 4), ("East", 8))
)
LIBRARIES = (WEST, MIDDLE, EAST)


def homes(points: list[tuple[float, float]], people: list[float]) -> Residents:
    return Residents(
        codes=np.array([f"E0100000{n}" for n in range(len(points))], dtype=object),
        ward_codes=np.array([""] * len(points), dtype=object),
        easting=np.array([x * 1000.0 for x, _ in points]),
        northing=np.array([y * 1000.0 for _, y in points]),
        people={EVERYONE: np.array(people, dtype=float)},
    )


def six() -> Residents:
    line = [(0.0, 0.0), (1, 0), (3.5, 0), (7, 0), (8, 0), (20, 0)]
    return homes(line, [100, 200, 400, 800, 1600, 3200])


def test_who_loses_reach_goes_to_the_next_nearest() -> None:
    # East closes: those at 7 and 8 lose reach; those at 20 km had none and are not concerned.
    away = next_best(six(), LIBRARIES, 2)
    assert away.lose and away.residents == 2400
    (only,) = away.places
    assert (only.venue, only.residents, only.share) == (1, 2400, 1.0)
    # (800 x 1,000 m + 1,600 x 0 m) / 2,400 today; (800 x 3,000 m + 1,600 x 4,000 m) / 2,400 then.
    assert only.now == pytest.approx(333.333, abs=0.001)
    assert only.then == pytest.approx(3666.667, abs=0.001)
    assert away.first == away.places and not away.others and away.nowhere is None


def test_residents_part_to_different_places_most_first() -> None:
    # Middle serves 3.2 km (next is West) and 4.8 km (next is East).
    parted = homes([(3.2, 0), (4.8, 0)], [300, 100])
    away = next_best(parted, LIBRARIES, 1)
    assert [(each.venue, each.residents, each.share) for each in away.places] == [
        (0, 300, 0.75),
        (2, 100, 0.25),
    ]
    assert [round(each.then) for each in away.places] == [3200, 3200]
    assert [round(each.now) for each in away.places] == [800, 800]


def test_all_but_three_places_are_one_line() -> None:
    # Hub at 0 has five libraries around it, each 3 km away; one area stands 1 km towards each.
    compass = [(3, 0), (0, 3), (-3, 0), (0, -3), (2.2, 2.2)]
    around = [
        Venue(f"v{n}", f"V{n}", "library", x * 1e3, y * 1e3) for n, (x, y) in enumerate(compass)
    ]
    areas = homes([(x / 3, y / 3) for x, y in compass], [500, 400, 300, 200, 100])
    away = next_best(areas, (Venue("hub", "Hub", "library", 0.0, 0.0), *around), 0)
    assert [each.venue for each in away.first] == [1, 2, 3]
    rest = away.together(away.others)
    assert (rest.residents, rest.share) == (300, pytest.approx(0.2))
    # 200 residents 1,000 m and 100 residents 1,037 m from Hub; twice as far to the next.
    assert rest.now == pytest.approx((200 * 1000 + 100 * 1037.09) / 300, abs=0.01)
    assert rest.then == pytest.approx(2 * rest.now)


def test_where_nobody_loses_reach_all_it_is_nearest_for_count() -> None:
    # A twin 500 m from Middle leaves nobody without a place.
    twin = replace(MIDDLE, venue_id="twin", name="Twin", easting=4500.0)
    away = next_best(six(), (*LIBRARIES, twin), 1)
    assert not away.lose and away.residents == 400
    assert [(each.venue, each.then) for each in away.places] == [(3, 1000.0)]


def test_the_only_library_leaves_them_nowhere() -> None:
    away = next_best(six(), (WEST,), 0)
    assert away.lose and away.residents == 300 and away.first == ()
    assert away.nowhere is not None and away.nowhere.venue == NOWHERE
    assert away.nowhere.residents == 300 and np.isnan(away.nowhere.then)


def test_a_place_that_is_nearest_for_nobody_sends_nobody_anywhere() -> None:
    away = next_best(six(), (*LIBRARIES, Venue("far", "Far", "library", 0.0, 90_000.0)), 3)
    assert (away.lose, away.residents, away.places) == (False, 0.0, ())
    unpeopled = homes([(0, 0), (1, 0)], [0, float("nan")])
    assert next_best(unpeopled, LIBRARIES, 0).places == ()
    with pytest.raises(IndexError):
        next_best(six(), LIBRARIES, 3)


def test_walking_times_decide_where_they_are_given() -> None:
    # On foot from 0 km the East library is the nearer of the other two: there is a river.
    walking = Walking(
        "walks.csv",
        np.array(["E01000000"], dtype=object),
        np.array(["west", "middle", "east"], dtype=object),
        np.array([0, 0, 0]),
        np.array([0, 1, 2]),
        np.array([5.0, 90.0, 60.0]),
    )
    away = next_best(six(), LIBRARIES, 0, Travel(20.0, walking, "walks.csv"))
    assert [(each.venue, each.now, each.then) for each in away.places] == [(2, 5.0, 60.0)]


def test_the_sentence_names_the_place_that_is_next_for_most() -> None:
    said = next_best_sentence(EAST, next_best(six(), LIBRARIES, 2), LIBRARIES)
    assert said == (
        "For all 2,400 residents who would lose reach, the next nearest place is Middle, "
        "3.7 km away on average in place of 0.3 km."
    )
    parted = homes([(3.2, 0), (4.8, 0)], [300, 100])
    assert next_best_sentence(MIDDLE, next_best(parted, LIBRARIES, 1), LIBRARIES) == (
        "Of the 400 residents who would lose reach, 75% would have West as their next nearest "
        "place, 3.2 km away on average in place of 0.8 km."
    )
    assert next_best_sentence(WEST, next_best(six(), (WEST,), 0), (WEST,)) == (
        "The 300 residents who would lose reach would have no other place to go to."
    )


points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8)


@given(points, points)
def test_all_alternatives_together_are_the_residents_concerned(homes_at, sites) -> None:  # type: ignore[no-untyped-def]
    residents = homes(homes_at, [float(n) for n in range(1, len(homes_at) + 1)])
    venues = [Venue(str(n), "", "", x * 1000.0, y * 1000.0) for n, (x, y) in enumerate(sites)]
    lines = catchments(residents, venues)
    for at in range(len(venues)):
        away = next_best(residents, venues, at)
        lost = lines["loses_residents"].iloc[at]
        assert away.lose == (lost > 0)
        assert away.residents == (lost if away.lose else lines["nearest_residents"].iloc[at])
        assert sum(each.residents for each in away.places) == away.residents
        assert at not in [each.venue for each in away.places]
        counts = [each.residents for each in away.places]
        assert counts == sorted(counts, reverse=True)
        for each in away.places:
            assert each.venue == NOWHERE or each.now <= each.then


def test_a_library_of_manchester_sends_its_residents_where_the_record_says(
    snapshot: Snapshot,
) -> None:
    residents, venues = residents_of(snapshot.lsoas), library_venues(snapshot.libraries)
    at = next(n for n, v in enumerate(venues) if v.name == "Forum Library Wythenshawe")
    away = next_best(residents, venues, at)
    line = catchments(residents, venues).iloc[at]
    assert away.lose and round(away.residents, -1) == 37_740
    assert away.residents == line["loses_residents"] == sum(p.residents for p in away.places)
    assert len(away.first) == 3 and all(each.then > 1609 for each in away.places)
