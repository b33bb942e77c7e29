"""Distances from where people live to where libraries are. All coordinates EPSG:27700, metres."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from atlas.access.distance import buildings
from atlas.catalogue.near import MILE

DOUBTFUL = 2000.0


def placed_by_postcode(libraries: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Compare each library's coordinates with its postcode's and mend what cannot be right.

    Adds ``coordinates_doubtful``: more than 2 km from the postcode's grid reference. Those rows
    take the postcode's easting and northing. ``postcodes`` has ``postcode`` (no space),
    ``easting``, ``northing``, ``ward_code``; the postcode's ward is added as ``ward_code``.
    """
    compact = libraries["postcode"].str.replace(" ", "", regex=False).str.upper()
    place = postcodes.set_index("postcode").reindex(compact)
    gap = np.hypot(
        libraries["easting"].to_numpy() - place["easting"].to_numpy(),
        libraries["northing"].to_numpy() - place["northing"].to_numpy(),
    )
    doubtful = gap > DOUBTFUL
    return libraries.assign(
        coordinates_doubtful=doubtful,
        easting=np.where(doubtful, place["easting"], libraries["easting"]),
        northing=np.where(doubtful, place["northing"], libraries["northing"]),
        ward_code=place["ward_code"].fillna("").to_numpy(),
    )


def placed_in_wards(libraries: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give a library whose postcode has no ward the ward whose outline holds its coordinates.

    ``wards`` has ``ward_code`` and outlines in EPSG:27700. Longitude and latitude are computed
    anew where the coordinates were mended.
    """
    points = gpd.GeoSeries(
        gpd.points_from_xy(libraries["easting"], libraries["northing"]),
        index=libraries.index,
        crs=wards.crs,
    )
    homeless = points[(libraries["ward_code"] == "") & libraries["easting"].notna()]
    ward = libraries["ward_code"].copy()
    ward.update(_holders(homeless, wards))
    degrees = points.to_crs("EPSG:4326")
    moved = libraries["coordinates_doubtful"]
    return libraries.assign(
        ward_code=ward,
        longitude=np.where(moved, degrees.x, libraries["longitude"]),
        latitude=np.where(moved, degrees.y, libraries["latitude"]),
    )


def postcodes_outside(postcodes: pd.DataFrame, wards: gpd.GeoDataFrame | None) -> float:
    """Return the share of postcodes that lie outside the outline of their own ward.

    ``postcodes`` has ``ward_code, easting, northing``; those without a ward or a place are not
    counted. NaN without ``wards``, or where no postcode is in one of them.
    """
    if wards is None:
        return float("nan")
    outlines = dict(zip(wards["ward_code"], wards.geometry, strict=True))
    known = postcodes[postcodes["easting"].notna() & postcodes["ward_code"].isin(outlines.keys())]
    inside = 0
    for code, part in known.groupby("ward_code"):
        shapely.prepare(outlines[code])
        inside += shapely.contains_xy(outlines[code], part["easting"], part["northing"]).sum()
    return 1 - inside / len(known) if len(known) else float("nan")


def postcodes_in_wards(postcodes: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give a postcode whose ward is of another edition the ward whose outline holds it.

    Postcodes without any ward, or outside every outline, get "". ``wards`` is as in
    :func:`placed_in_wards`.
    """
    known = postcodes["ward_code"].isin(set(wards["ward_code"])) | (postcodes["ward_code"] == "")
    if known.all():
        return postcodes
    stray = postcodes[~known]
    points = gpd.GeoSeries(
        gpd.points_from_xy(stray["easting"], stray["northing"]), index=stray.index, crs=wards.crs
    )
    ward = postcodes["ward_code"].where(known, "")
    ward.update(_holders(points[stray["easting"].notna()], wards))
    return postcodes.assign(ward_code=ward)


def _holders(points: gpd.GeoSeries, wards: gpd.GeoDataFrame) -> pd.Series:
    """The ward whose outline holds each point, for the points that one holds."""
    row, holder = wards.sindex.query(points.geometry, predicate="within")
    # Where outlines touch, the first ward by code stands.
    codes = pd.Series(wards["ward_code"].to_numpy()[holder], index=points.index[row], dtype=str)
    return codes.sort_values().groupby(level=0).first()


def distances(lsoas: pd.DataFrame, libraries: pd.DataFrame) -> pd.DataFrame:
    """Measure from each LSOA's centroid to the nearest and second nearest library.

    ``lsoas``: ``lsoa_code, easting, northing, population``. ``libraries``: ``library_id,
    postcode, easting, northing, counts_for_access``. Libraries that share a postcode share a
    building, so the second nearest is another building. Returns ``lsoa_code,
    library_distance_km, second_library_distance_km, nearest_library, near_library_people``;
    "near" is one mile in a straight line.
    """
    sites = buildings(libraries, libraries["counts_for_access"])
    tree = cKDTree(sites[["easting", "northing"]].to_numpy())
    metres, order = tree.query(lsoas[["easting", "northing"]].to_numpy(), k=2)
    return pd.DataFrame(
        {
            "lsoa_code": lsoas["lsoa_code"].to_numpy(),
            "library_distance_km": metres[:, 0] / 1000,
            "second_library_distance_km": metres[:, 1] / 1000,
            "nearest_library": sites["library_id"].to_numpy()[order[:, 0]],
            "near_library_people": np.where(metres[:, 0] <= MILE, lsoas["population"], 0.0),
        }
    )
