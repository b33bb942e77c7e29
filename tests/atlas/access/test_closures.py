"""Closures as reported: on a record of a few rows, and facts of the published one."""

import numpy as np
import pandas as pd

from atlas.access.closures import (
    closures_by_fifth,
    closures_by_service,
    closures_by_year,
    deprivation_fifths,
    library_record,
)
from atlas.snapshot.snapshot import Snapshot
from tests.toys.wards import code, toy_libraries, toy_wards


def wards() -> pd.DataFrame:
    # Seven wards of 1,000 to 4,000 residents; deprivation falls from ward 1 to ward 7.
    return toy_wards().assign(imd_score=[70.0, 60, 50, 40, 30, 20, 10, np.nan])


def libraries() -> pd.DataFrame:
    """Three open libraries; "shut" closed in 2015 310 m from one, "old" in 2009, one is a van."""
    table = toy_libraries().assign(
        library_type="static library",
        year_closed=[np.nan, np.nan, np.nan, 2015.0, np.nan],
        open=["true", "true", "true", "false", "false"],
    )
    shut = table[table["library_id"] == "shut"]
    more = [
        shut.assign(library_id="old", year_closed=2009.0),
        shut.assign(library_id="van", library_type="mobile library"),
        shut.assign(library_id="lone", easting=6000.0, ward_code=code(7), year_closed=2017.0),
        shut.assign(library_id="lost", easting=np.nan, northing=np.nan, ward_code=code(8)),
    ]
    return pd.concat([table, *more], ignore_index=True)


def test_the_record_holds_what_one_can_walk_into_since_2010() -> None:
    record = library_record(libraries(), wards()).set_index("library_id")
    assert sorted(record.index) == ["far", "kiosk", "lone", "lost", "near", "shut", "third"]
    assert record["state"].to_dict() == {
        "near": "open",
        "far": "open",
        "third": "open",
        "shut": "closed",
        "lone": "closed",
        "lost": "closed",
        "kiosk": "not reported",
    }
    assert record.loc["shut", "nearest_open_km"] == np.hypot(10, 300) / 1000
    assert record.loc["lone", "nearest_open_km"] == 2.0
    assert np.isnan(record.loc["lost", "nearest_open_km"])
    assert record.loc["shut", "fifth"] == 0 and record.loc["lone", "fifth"] == 4
    assert np.isnan(record.loc["lost", "fifth"])


def test_tallies_count_each_library_once() -> None:
    record = library_record(libraries(), wards())
    service = closures_by_service(record).iloc[0]
    assert service.to_dict() == {
        "authority_name": "Alton",
        "on_record": 7,
        "open": 3,
        "closed": 3,
        "share_closed": 3 / 7,
        "another_near": 1,
        "not_reported": 1,
    }
    fifths = closures_by_fifth(record, wards()).set_index("fifth")
    assert fifths["on_record"].sum() == 7 and fifths.loc[-1, "closed"] == 1
    assert fifths.loc[4, "closed"] == 1 and fifths.loc[4, "another_near"] == 0
    assert fifths["residents"].sum() == 16_000
    # A fifth is England's: the area's only two wards are not spread over five of their own.
    north = closures_by_fifth(record, wards(), np.array([0, 1])).set_index("fifth")
    assert north["residents"].drop(-1).to_dict() == {0: 3000, 1: 0, 2: 0, 3: 0, 4: 0}
    assert closures_by_year(record).to_dict() == {
        **dict.fromkeys(range(2010, 2018), 0),
        2015: 2,
        2017: 1,
    }


def test_an_empty_record_has_empty_tallies() -> None:
    record = library_record(libraries(), wards()).iloc[:0]
    assert closures_by_service(record).empty
    assert closures_by_fifth(record, wards())["on_record"].tolist() == [0] * 5


def test_fifths_of_england_hold_a_fifth_of_its_residents(snapshot: Snapshot) -> None:
    fifths = deprivation_fifths(snapshot.wards)
    people = snapshot.wards["population"].to_numpy()
    shares = [people[fifths == n].sum() / np.nansum(people) for n in range(5)]
    assert np.allclose(shares, 0.2, atol=0.002)
    record = library_record(snapshot.libraries, snapshot.wards)
    assert (record["state"] == "closed").sum() == 346
    assert closures_by_year(record).sum() == 346
    by_fifth = closures_by_fifth(record, snapshot.wards)
    assert by_fifth["closed"].sum() == 346
    # The most deprived fifth has lost the largest share, the least deprived the smallest.
    share = by_fifth.set_index("fifth")["share_closed"].drop(-1)
    assert (share.idxmax(), share.idxmin()) == (0, 4)
