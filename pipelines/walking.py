"""The share of residents within so many minutes' walk of a library, by postcode."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from atlas.access.distance import buildings
from atlas.access.homes import Homes
from atlas.access.reach import Reach
from atlas.catalogue.near import MILE
from pipelines.readers.walking import MINUTES

SAME_PLACE = 100.0  # metres between a library and the place that its walking area starts from
UNKNOWN_WITHIN = 2 * MILE


def walking_shares(
    lsoas: pd.DataFrame, homes: Homes, libraries: pd.DataFrame, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return ``lsoa_code`` and ``walk_10_rate``, ``walk_20_rate``, ``walk_30_rate`` (0 to 1).

    ``homes`` are by row of ``lsoas``; ``libraries`` as built; ``areas`` as
    :func:`pipelines.readers.walking.read_walking_areas` gives them. Only areas of libraries that
    count are used. Not known (NaN) for a small area where a library that counts and has no area
    lies within two miles of a home, and where no library was reported.
    """
    count = len(lsoas)
    sites = buildings(libraries, libraries["counts_for_access"])[["easting", "northing"]]
    starts = areas.loc[areas["minutes"] == MINUTES[-1], ["file", "easting", "northing"]]
    away, nearest = cKDTree(starts[["easting", "northing"]]).query(sites)
    used = set(starts["file"].to_numpy()[nearest[away <= SAME_PLACE]])
    without = sites[away > SAME_PLACE].to_numpy(dtype=float)
    reach = Reach(homes, count, len(without), *homes.within(without, UNKNOWN_WITHIN))
    unknown = (reach.near > 0) | lsoas["near_library_people"].isna().to_numpy()
    table = {"lsoa_code": lsoas["lsoa_code"].to_numpy()}
    inside = np.zeros(len(homes), dtype=bool)
    points = shapely.STRtree(shapely.points(homes.points))
    for minutes in MINUTES:
        # Areas are generalised one by one: who is inside a shorter walk is inside a longer one.
        shapes = areas[(areas["minutes"] == minutes) & areas["file"].isin(used)].geometry.to_numpy()
        shapely.prepare(shapes)
        inside[points.query(shapes, "intersects")[1]] = True
        near = reach.share(inside)
        table[f"walk_{minutes}_rate"] = np.where(unknown, np.nan, near)
    return pd.DataFrame(table)


def of_wards(shares: pd.DataFrame, lsoas: pd.DataFrame, ward_codes: pd.Series) -> pd.DataFrame:
    """Return ``ward_code`` and the shares of wards' residents, in the order of ``ward_codes``.

    Not known where a small area's share is not: a part would not stand for the whole.
    """
    joined = shares.merge(lsoas[["lsoa_code", "ward_code", "population"]], on="lsoa_code")
    names = [f"walk_{minutes}_rate" for minutes in MINUTES]
    people = joined[names].mul(joined["population"], axis=0)
    sums = people.groupby(joined["ward_code"]).sum(min_count=1)
    gaps = joined[names].isna().groupby(joined["ward_code"]).any()
    total = joined.groupby("ward_code")["population"].sum()
    rates = sums.div(total, axis=0).where(~gaps)
    return rates.reindex(ward_codes.to_numpy()).rename_axis("ward_code").reset_index()
