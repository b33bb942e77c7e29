"""Walking time, on a street of four postcodes with a library at its end."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from atlas.access.homes import Homes
from pipelines.distances import of_wards, walking_shares
from tests.toys import sources as toy

EAST = (400_000.0, 400_500.0, 401_000.0, 402_000.0)


def street() -> Homes:
    """Four postcodes of the one small area a, on a line eastwards from the library."""
    points = np.column_stack([EAST, [300_000.0] * 4])
    return Homes.in_any_order(np.zeros(4, dtype=int), points, np.ones(4))


def areas(easting: float = 400_000.0) -> gpd.GeoDataFrame:
    reach = {10: 600.0, 20: 300.0, 30: 1500.0}  # a longer walk generalised to a smaller area
    shapes = [box(easting - 50, 299_000, easting + far, 301_000) for far in reach.values()]
    about = {"file": "a", "easting": easting, "northing": 300_000.0, "minutes": list(reach)}
    return gpd.GeoDataFrame(about, geometry=shapes, crs="EPSG:27700")


def shares(libraries: pd.DataFrame, walks: gpd.GeoDataFrame) -> list[float]:
    lsoas = toy.lsoa_table().iloc[:1]
    found = walking_shares(lsoas, street(), libraries, walks)
    return found.iloc[0, 1:].tolist()


def only_castle() -> pd.DataFrame:
    return toy.libraries().iloc[:1]


def test_the_share_of_postcodes_inside_grows_with_the_minutes() -> None:
    # Within 600 m two of four; who walks ten minutes walks no less in twenty; within 1,500 m three.
    assert shares(only_castle(), areas()) == [0.5, 0.5, 0.75]


def test_a_library_without_an_area_within_two_miles_makes_it_unknown() -> None:
    far = only_castle().assign(library_id="L9", postcode="", easting=402_000.0 + 3_300)
    both = pd.concat([only_castle(), far], ignore_index=True)
    assert shares(both, areas()) == [0.5, 0.5, 0.75]
    near = pd.concat([only_castle(), far.assign(easting=405_000.0)], ignore_index=True)
    assert np.isnan(shares(near, areas())).all()


def test_the_area_of_a_library_that_does_not_count_is_not_used() -> None:
    elsewhere = areas(easting=400_200.0)  # starts 200 m from the only library that counts
    assert np.isnan(shares(only_castle(), elsewhere)).all()


def test_a_ward_is_known_where_all_its_small_areas_are() -> None:
    lsoas = toy.lsoa_table()
    rates = [0.2, 0.6, np.nan, 1.0, 1.0, 0.5]
    names = ("walk_10_rate", "walk_20_rate", "walk_30_rate")
    found = pd.DataFrame({"lsoa_code": toy.LSOAS, **dict.fromkeys(names, rates)})
    wards = of_wards(found, lsoas, pd.Series(toy.WARDS))["walk_10_rate"]
    # (0.2 x 1,000 + 0.6 x 3,000) / 4,000; unknown; (1,000 + 1,000 + 0.5 x 2,000) / 4,000.
    assert wards.iloc[[0, 2]].tolist() == [0.5, 0.75] and wards.iloc[[1, 3]].isna().all()
