"""Walking times in place of straight lines: a file read strictly, and reach measured by it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.access.distance import EVERYONE, Residents, Venue
from atlas.access.distance import nearest as straight_nearest
from atlas.access.travel import STRAIGHT, Travel, Walking, WalkingFileError, read_walking, travel_by
from atlas.catalogue.near import MILE
from atlas.planning.sites import reach_gains

CODES = ["E01000001", "E01000002", "E01000003"]
INF = float("inf")


def written(folder: Path, text: str, name: str = "walks.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def homes() -> Residents:
    """Three small areas on a street, 1,000 m apart, with 100, 200 and 300 residents."""
    codes = np.array(CODES, dtype=object)
    people = {EVERYONE: np.array([100.0, 200, 300])}
    return Residents(codes, codes, np.array([0.0, 1000, 2000]), np.zeros(3), people)


def venue(key: str, easting: float) -> Venue:
    return Venue(key, key, "library", easting, 0.0)


def walks(*entries: tuple[str, str, float]) -> Walking:
    ids = sorted({key for _, key, _ in entries})
    return Walking(
        "walks.csv",
        np.array(CODES, dtype=object),
        np.array(ids, dtype=object),
        np.array([CODES.index(code) for code, _, _ in entries], dtype=np.int64),
        np.array([ids.index(key) for _, key, _ in entries], dtype=np.int64),
        np.array([minutes for _, _, minutes in entries], dtype=float),
    )


def test_a_file_is_read_whole_and_in_its_order(tmp_path: Path) -> None:
    text = "lsoa_code,venue_id,minutes\nE01000002,L1,12.5\nE01000001,L1,0\nE01000003,L2,20\n"
    found = read_walking(written(tmp_path, text), CODES)
    assert found.lsoa.tolist() == [1, 0, 2] and found.minutes.tolist() == [12.5, 0, 20]
    assert [found.venue_ids[n] for n in found.venue] == ["L1", "L1", "L2"]
    assert found.name == "walks.csv"


def test_parquet_and_csv_say_the_same_and_other_columns_are_ignored(tmp_path: Path) -> None:
    text = "minutes,venue_id,lsoa_code,route\n7,L1,E01000001,a\n9,L2,E01000003,b\n"
    frame = pd.DataFrame(
        {"lsoa_code": ["E01000001", "E01000003"], "venue_id": ["L1", "L2"], "minutes": [7.0, 9]}
    )
    frame.to_parquet(tmp_path / "walks.parquet")
    one = read_walking(written(tmp_path, "\ufeff" + text), CODES)
    other = read_walking(tmp_path / "walks.parquet", CODES)
    for part in ("lsoa", "venue", "minutes", "venue_ids"):
        assert getattr(one, part).tolist() == getattr(other, part).tolist()


GOOD = "lsoa_code,venue_id,minutes\nE01000001,L1,3\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a whole CSV"),
        ("lsoa_code,minutes\nE01000001,3\n", "has no column venue_id"),
        ("lsoa_code,venue_id,minutes\n", "from 1 to"),
        (GOOD + "W01000001,L1,3\n", "line 3: lsoa_code ‘W01000001’ is not a small area"),
        (GOOD + "E01000002,L1,soon\n", "line 3: minutes ‘soon’ must be a number"),
        (GOOD + "E01000002,L1,-1\n", "line 3: minutes ‘-1’ must be"),
        (GOOD + "E01000002,L1,inf\n", "line 3: minutes ‘inf’ must be"),
        (GOOD + "E01000002,L1,\n", "line 3: minutes ‘’ must be"),
        (GOOD + "E01000002,L1,1441\nE01000003,L1,1e9\n", r"line 3: minutes .*\(2 such rows\)"),
        (GOOD + "E01000002, ,4\n", "line 3: venue_id ‘ ’ is blank"),
        (GOOD + "E01000001,L1,4\n", "line 3: venue_id ‘L1’ comes twice"),
        (GOOD + 'E01000002,"L1,4\n', "not a whole CSV"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(WalkingFileError, match=words):
        read_walking(written(tmp_path, text), CODES)


def test_files_that_are_no_table_are_refused(tmp_path: Path) -> None:
    (tmp_path / "walks.parquet").write_bytes(b"PAR1 not really")
    (tmp_path / "latin.csv").write_bytes(GOOD.encode() + "E01000002,Café,4\n".encode("latin-1"))
    for name, words in (
        ("walks.parquet", "not a whole CSV or Parquet"),
        ("latin.csv", "UTF-8"),
        ("absent.csv", "cannot be read"),
        ("walks.xlsx", "must end in .csv or .parquet"),
    ):
        with pytest.raises(WalkingFileError, match=words):
            read_walking(tmp_path / name, CODES)


def test_without_a_file_the_rule_is_the_straight_mile(tmp_path: Path) -> None:
    assert travel_by(None, CODES) is STRAIGHT
    assert STRAIGHT.within == "within a mile" and STRAIGHT.measured == "Straight lines"
    assert STRAIGHT.beyond == "more than a mile"
    assert Travel(800).within == "within 800 metres"
    walked = travel_by(written(tmp_path, GOOD), CODES)
    assert walked.within == "within 20 minutes’ walk" and walked.unit == "minutes"
    assert walked.measured == "Walking times of walks.csv"


def test_minutes_decide_where_a_river_makes_a_short_line_long() -> None:
    libraries = [venue("L1", 100), venue("L2", 2500)]
    # Straight lines put the second area within a mile of both; on foot it reaches neither.
    river = walks(("E01000001", "L1", 2), ("E01000002", "L1", 45), ("E01000003", "L2", 8))
    on_foot = Travel(20, river)
    assert on_foot.nearest(homes(), libraries, 2).tolist() == [[2, INF], [45, INF], [8, INF]]
    row, place, minutes = on_foot.pairs(homes(), libraries, np.full(3, 20.0))
    assert (row.tolist(), place.tolist(), minutes.tolist()) == ([0, 2], [0, 1], [2, 8])


def test_a_place_that_the_file_does_not_name_is_a_straight_line_a_mile_as_twenty_minutes() -> None:
    on_foot = Travel(20, walks(("E01000001", "L1", 2)))
    new = venue("what if", 1000 + MILE)
    assert on_foot.nearest(homes(), [new])[:, 0] == pytest.approx(
        [20 * (1000 + MILE) / MILE, 20, 20 * (MILE - 1000) / MILE]
    )
    row, place, _ = on_foot.pairs(homes(), [venue("L1", 0), new], np.full(3, 20.0))
    assert list(zip(row.tolist(), place.tolist(), strict=True)) == [(0, 0), (1, 1), (2, 1)]


def test_two_services_in_one_building_share_its_walks() -> None:
    on_foot = Travel(20, walks(("E01000001", "L1", 2), ("E01000002", "L1", 9)))
    row, place, _ = on_foot.pairs(homes(), [venue("L1", 0), venue("L1", 0)], np.full(3, 20.0))
    assert list(zip(row.tolist(), place.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_sites_follow_the_walk() -> None:
    # L1 is open; candidate C would bring in the second area on foot, the third only by a crow.
    on_foot = Travel(20, walks(("E01000001", "L1", 2), ("E01000002", "C", 15)))
    candidates = [venue("C", 1500)]
    people = homes().people[EVERYONE]
    for rule, gained in ((on_foot, 200), (STRAIGHT, 300)):
        today = rule.reach(homes(), [venue("L1", 0)])
        assert reach_gains(homes(), people, candidates, today, rule).total([0]) == gained


@given(
    st.lists(st.integers(0, 6000), min_size=1, max_size=12),
    st.integers(1, 3),
    st.integers(1, 5000),
)
def test_straight_travel_is_the_straight_line_of_reach(
    eastings: list[int], k: int, limit: int
) -> None:
    places = [venue(str(n), easting) for n, easting in enumerate(eastings)]
    metres, _ = straight_nearest(homes(), places, k)
    assert STRAIGHT.nearest(homes(), places, k).tolist() == metres.tolist()
    row, place, away = STRAIGHT.pairs(homes(), places, np.full(3, float(limit)))
    expected = [
        (area, at, abs(home - easting))
        for area, home in enumerate([0, 1000, 2000])
        for at, easting in enumerate(eastings)
        if abs(home - easting) <= limit
    ]
    assert list(zip(row.tolist(), place.tolist(), away.tolist(), strict=True)) == expected


@given(st.lists(st.integers(0, 60), min_size=9, max_size=9), st.integers(1, 4))
def test_on_foot_the_nearest_are_the_smallest_times(minutes: list[int], k: int) -> None:
    entries = [
        (code, f"L{n}", float(minutes[area * 3 + n]))
        for area, code in enumerate(CODES)
        for n in range(3)
    ]
    found = Travel(20, walks(*entries)).nearest(homes(), [venue(f"L{n}", 0) for n in range(3)], k)
    for area in range(3):
        times = sorted(minutes[area * 3 : area * 3 + 3])[:k]
        assert found[area].tolist() == times + [INF] * (k - len(times))
    places = [venue("L0", 0), venue("new", 500), venue("L1", 0), venue("L2", 0)]
    away, at = Travel(20, walks(*entries)).nearest_places(homes(), places, k)
    straight = [abs(home - 500) * 20 / MILE for home in (0, 1000, 2000)]
    for area in range(3):
        times = dict(zip((0, 2, 3), minutes[area * 3 : area * 3 + 3], strict=True))
        times[1] = straight[area]
        assert away[area].tolist() == pytest.approx(sorted(times.values())[:k])
        assert [times[n] for n in at[area].tolist()] == pytest.approx(away[area].tolist())
        assert len(set(at[area].tolist())) == k


def test_where_no_walk_is_known_there_is_no_nearest() -> None:
    on_foot = Travel(20, walks(("E01000001", "L1", 5.0)))
    away, at = on_foot.nearest_places(homes(), [venue("L1", 0)], 2)
    assert away.tolist() == [[5, INF], [INF, INF], [INF, INF]]
    assert at.tolist() == [[0, -1], [-1, -1], [-1, -1]]
