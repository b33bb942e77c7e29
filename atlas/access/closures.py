"""Library closures since 2010, as services reported them: by service, by year, by deprivation.

The record is what library services returned to Arts Council England. A library that closed may
have moved, merged or changed hands: each closure also says how far the nearest open one is today.
"""

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from atlas.access.distance import library_venues, points_of
from atlas.access.support_score import parts_of
from atlas.arrays import Floats
from atlas.catalogue.near import WALK_IN

SINCE = 2010
# A library this near to one that closed may be the same service in another building.
MOVED_WITHIN = 800.0
FIFTHS = (
    *("most deprived fifth", "second most deprived", "middle fifth"),
    *("second least deprived", "least deprived fifth"),
)


def deprivation_fifths(wards: pd.DataFrame) -> Floats:
    """Return wards' fifths of residents by the IMD: 0 most deprived, 4 least, NaN unknown."""
    score = -wards["imd_score"].to_numpy(dtype=float)
    return parts_of(5, score, score, wards["population"].to_numpy(dtype=float))


def library_record(libraries: pd.DataFrame, wards: pd.DataFrame) -> pd.DataFrame:
    """Return every library one can walk into on record since 2010: what became of it, and where.

    Columns: ``library_id, library_name, authority_name`` (the library service), ``ward_code,
    address, postcode``; ``state``: "open", "closed" (a year is reported) or "not reported" (as
    operating, nor a year); ``year_closed`` (NaN unless closed); ``nearest_open_km`` to the nearest
    library, in a straight line (NaN for open ones and where it has no place); ``fifth`` of
    deprivation of its ward, 0 the most deprived. Libraries that closed before 2010 are left out.
    """
    walk_in = libraries["library_type"].isin(WALK_IN)
    early = libraries["year_closed"] < SINCE
    record = libraries[walk_in & ~early].copy()
    record["state"] = np.select(
        [record["year_closed"].notna(), record["open"] == "true"],
        ["closed", "open"],
        "not reported",
    )
    open_now = points_of(library_venues(libraries))
    gone = ((record["state"] != "open") & record["easting"].notna()).to_numpy()
    places = record.loc[gone, ["easting", "northing"]].to_numpy(dtype=float)
    away, _ = cKDTree(open_now).query(places)
    record.loc[gone, "nearest_open_km"] = np.where(np.isinf(away), np.nan, away / 1000)
    fifths = pd.Series(deprivation_fifths(wards), index=wards["ward_code"])
    record["fifth"] = fifths.reindex(record["ward_code"]).to_numpy()
    kept = ["library_id", "library_name", "authority_name", "ward_code", "address", "postcode"]
    kept += ["state", "year_closed", "nearest_open_km", "fifth"]
    return record[kept].reset_index(drop=True)


def _tally(record: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    state = record["state"]
    near = record["nearest_open_km"] * 1000 <= MOVED_WITHIN
    marks = {
        "on_record": state.notna(),
        **{name: state == name.replace("_", " ") for name in ("open", "closed", "not_reported")},
        "another_near": (state == "closed") & near,
    }
    return pd.DataFrame(marks).astype(int).groupby(by).sum()


def closures_by_service(record: pd.DataFrame) -> pd.DataFrame:
    """Tally the record by library service, most closures first.

    Columns: ``authority_name, on_record, open, closed, share_closed`` (closed of those on record),
    ``another_near`` (closed ones with a library within 800 m today) and ``not_reported``.
    """
    table = _tally(record, record["authority_name"]).reset_index()
    table["share_closed"] = table["closed"] / table["on_record"]
    order = ["closed", "authority_name"]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)


def closures_by_fifth(
    record: pd.DataFrame, wards: pd.DataFrame, rows: np.ndarray | None = None
) -> pd.DataFrame:
    """Tally the record by deprivation of the ward where each library stands or stood.

    ``wards`` are all of England's, of which the fifths are; ``rows`` those of an area (default:
    all). Columns: ``fifth`` (0 to 4; -1 where the ward has no figure), ``residents`` of the
    area's wards in it, and those of :func:`closures_by_service`.
    """
    tally = _tally(record, record["fifth"].fillna(-1).astype(int))
    numbers = [*range(5), *tally.index[tally.index == -1]]
    table = tally.reindex(pd.Index(numbers, name="fifth"), fill_value=0).reset_index()
    table["share_closed"] = table["closed"] / table["on_record"]
    area = slice(None) if rows is None else rows
    here = wards["population"].iloc[area].groupby(deprivation_fifths(wards)[area]).sum()
    return table.assign(residents=table["fifth"].map(here.reindex(range(5), fill_value=0.0)))


def closures_by_year(record: pd.DataFrame) -> pd.Series:
    """Return how many libraries closed in each year from 2010 to the last reported one."""
    years = record["year_closed"].dropna().astype(int)
    last = int(years.max()) if len(years) else SINCE
    return years.value_counts().reindex(range(SINCE, last + 1), fill_value=0).sort_index()
