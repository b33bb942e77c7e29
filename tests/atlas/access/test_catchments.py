"""Who loses reach when a library closes: on a line that one can draw, and by closing each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atlas.access.catchments import catchments
from atlas.access.distance import (
    EVERYONE,
    Residents,
    Venue,
    library_venues,
    residents_of,
)
from atlas.access.travel import STRAIGHT
from atlas.snapshot.snapshot import Snapshot
from tests.atlas.access.test_support_score import ANN, BOB, areas


def test_on_the_line() -> None:
    # Area 1 is as near to Ann's as to Bob's; areas 2, 10 and 30 are nearest to Bob's.
    lines = catchments(areas(), [ANN, BOB]).set_index("venue_id")
    assert lines["nearest_residents"].sum() == 5000
    assert lines.loc["bob", "nearest_age_75_plus"] >= 700
    # Area 1 keeps the other library; 0 has only Ann's and 2 only Bob's within a mile.
    assert lines["loses_residents"].tolist() == [1000, 1000]
    assert lines["loses_age_75_plus"].tolist() == [100, 300]
    assert lines["next_venue"].tolist() == [1, 0]


def test_the_only_library_has_no_next() -> None:
    line = catchments(areas(), [ANN]).iloc[0]
    assert np.isnan(line["next_away"]) and line["next_venue"] == -1
    assert line["loses_residents"] == 2000


points = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=8)


@given(points, points)
def test_who_loses_reach_is_what_closing_it_takes_away(homes, sites) -> None:  # type: ignore[no-untyped-def]
    residents = Residents(
        codes=np.array([str(n) for n in range(len(homes))], dtype=object),
        ward_codes=np.array([""] * len(homes), dtype=object),
        easting=np.array([x * 1000.0 for x, _ in homes]),
        northing=np.array([y * 1000.0 for _, y in homes]),
        people={EVERYONE: np.arange(1.0, len(homes) + 1)},
    )
    venues = [Venue(str(n), "", "", x * 1000.0, y * 1000.0) for n, (x, y) in enumerate(sites)]
    lines = catchments(residents, venues)
    people = residents.people[EVERYONE]
    before = people[STRAIGHT.nearest(residents, venues)[:, 0] <= STRAIGHT.limit].sum()
    for number, lost in enumerate(lines["loses_residents"]):
        rest = venues[:number] + venues[number + 1 :]
        near = STRAIGHT.nearest(residents, rest)[:, 0] <= STRAIGHT.limit
        assert before - people[near].sum() == lost
    assert lines["nearest_residents"].sum() == people.sum()


def test_every_resident_of_england_has_one_nearest_library(snapshot: Snapshot) -> None:
    residents = residents_of(snapshot.lsoas)
    lines = catchments(residents, library_venues(snapshot.libraries))
    assert lines["nearest_residents"].sum() == residents.people[EVERYONE].sum() == 56_490_044
    assert lines["next_away"].dropna().between(0, 70_000).all()
    assert (lines["loses_residents"] <= lines["nearest_residents"]).all()
