"""Distances from where people live to where libraries are. All coordinates EPSG:27700, metres."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from atlas.access.distance import buildings
from atlas.access.homes import Homes, homes_of
from atlas.access.reach import Reach
from atlas.arrays import Floats
from atlas.catalogue.near import LIBRARY_SERVICE, MILE
from atlas.places.postcodes import GRID
from pipelines.readers.walking import MINUTES

DOUBTFUL = 2000.0


def placed_by_postcode(libraries: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Compare each library's coordinates with its postcode's and mend what cannot be right.

    Adds ``coordinates_from``: "postcode" where the two are more than 2 km apart, and easting and
    northing are then the postcode's; "published" elsewhere, "" where there are none. Adds
    ``coordinates_doubtful``: on a library with another postcode while its own is not known, so
    that nothing can tell which is right. Such a library does not count for access. ``postcodes``
    has ``postcode`` (no space), ``easting``, ``northing``, ``ward_code``; the postcode's ward is
    added as ``ward_code``.
    """
    compact = libraries["postcode"].str.replace(" ", "", regex=False).str.upper()
    place = postcodes.set_index("postcode").reindex(compact)
    gap = np.hypot(
        libraries["easting"].to_numpy() - place["easting"].to_numpy(),
        libraries["northing"].to_numpy() - place["northing"].to_numpy(),
    )
    apart = gap > DOUBTFUL
    counted = libraries["counts_for_access"]
    spot = libraries.loc[counted, ["easting", "northing"]].round(-1).apply(tuple, axis=1)
    shared = compact[counted].groupby(spot).transform("nunique") > 1
    doubtful = shared.reindex(libraries.index, fill_value=False).to_numpy() & np.isnan(gap)
    stands = np.where(libraries["easting"].notna(), "published", "")
    return libraries.assign(
        coordinates_doubtful=doubtful,
        coordinates_from=np.where(apart, "postcode", stands),
        counts_for_access=counted & ~doubtful,
        easting=np.where(apart, place["easting"], libraries["easting"]),
        northing=np.where(apart, place["northing"], libraries["northing"]),
        ward_code=place["ward_code"].fillna("").to_numpy(),
    )


def placed_in_wards(libraries: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give a library whose postcode has no ward the ward whose outline holds its coordinates.

    ``wards`` has ``ward_code`` and outlines in EPSG:27700. Longitude and latitude are computed
    anew where the coordinates were mended.
    """
    ward, homeless = libraries["ward_code"].copy(), libraries["ward_code"] == ""
    ward[homeless] = _holders(libraries[homeless], wards, "ward_code")
    points = gpd.GeoSeries.from_xy(libraries["easting"], libraries["northing"], crs=wards.crs)
    degrees = points.to_crs("EPSG:4326")
    moved = libraries["coordinates_from"] == "postcode"
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
    ward = postcodes["ward_code"].copy()
    ward[~known] = _holders(postcodes[~known], wards, "ward_code")
    return postcodes.assign(ward_code=ward)


def postcodes_in_small_areas(postcodes: pd.DataFrame, outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add to each postcode the small area whose outline holds it as ``lsoa_code``, "" for none.

    ``outlines`` has ``lsoa_code`` and outlines in EPSG:27700, sorted by code.
    """
    return postcodes.assign(lsoa_code=_holders(postcodes, outlines, "lsoa_code"))


def _holders(
    points: pd.DataFrame, outlines: gpd.GeoDataFrame, code: str
) -> npt.NDArray[np.object_]:
    """The code of the outline that holds each point, "" for none; on a shared line the first."""
    placed = np.flatnonzero(points["easting"].notna())
    places = shapely.points(points[["easting", "northing"]].to_numpy(dtype=float)[placed])
    shapes = outlines.geometry.to_numpy()
    shapely.prepare(shapes)
    shape, point = shapely.STRtree(places).query(shapes, predicate="intersects")
    codes = np.full(len(points), "", dtype=object)
    order = np.argsort(-shape, kind="stable")
    codes[placed[point[order]]] = outlines[code].to_numpy()[shape[order]]
    return codes


def border_with(english: pd.DataFrame, others: pd.DataFrame, wards: pd.Series) -> pd.Series:
    """Return for each ward the country that begins within two miles of it, "" for none.

    Both tables have ``easting, northing`` (EPSG:27700 metres); a ward is near Wales or Scotland
    where one of its ``english`` postcodes (``ward_code``) is near one of the ``others``
    (``country``).
    """
    there = others.dropna(subset=["easting"])
    found = pd.Series("", index=wards.to_numpy(), dtype=object)
    here = english.dropna(subset=["easting"])
    for country in sorted(set(there["country"])):
        points = there[there["country"] == country]
        tree = cKDTree(points[["easting", "northing"]])
        away, _ = tree.query(here[["easting", "northing"]], distance_upper_bound=2 * MILE)
        found.loc[found.index.isin(set(here["ward_code"][np.isfinite(away)]))] = country
    return found


def elsewhere(postcodes: pd.DataFrame, lookup: pd.DataFrame) -> pd.DataFrame:
    """Count the postcodes of each small area's outline, and those of another ward.

    Returns ``lsoa_code, postcodes, postcodes_elsewhere``. ``lookup`` has each small area's
    ``ward_code``; a postcode without a ward is not counted.
    """
    known = postcodes[(postcodes["lsoa_code"] != "") & (postcodes["ward_code"] != "")]
    home = known["lsoa_code"].map(lookup.set_index("lsoa_code")["ward_code"])
    away = (known["ward_code"] != home).groupby(known["lsoa_code"])
    counts = pd.DataFrame({"postcodes": away.size(), "postcodes_elsewhere": away.sum()})
    return counts.astype(float).rename_axis("lsoa_code").reset_index()


def not_reported(libraries: pd.DataFrame, wards: pd.DataFrame) -> set[str]:
    """Return the codes of authorities of whose libraries nothing at all was reported.

    ``wards`` has ``ward_code, authority_code, county_code``: a county's service is its districts',
    and a service may report its neighbour's libraries too (Essex does those of Southend).
    """
    services = set(libraries["authority_code"])
    reported = wards["authority_code"].isin(services) | wards["county_code"].isin(services)
    reported |= wards["ward_code"].isin(set(libraries["ward_code"]))
    return set(wards["authority_code"]) - set(wards["authority_code"][reported])


def homes_by_row(lsoas: pd.DataFrame, postcodes: pd.DataFrame) -> Homes:
    """Return the homes of postcodes, by row of ``lsoas``, as the snapshot will keep them."""
    squares = (np.floor(postcodes[name] / GRID) for name in ("easting", "northing"))
    return homes_of(pd.Index(lsoas["lsoa_code"]), postcodes["lsoa_code"], *squares)


def distances(
    lsoas: pd.DataFrame, libraries: pd.DataFrame, postcodes: pd.DataFrame, unknown: set[str]
) -> pd.DataFrame:
    """Measure how far it is from each LSOA to a library, and how many of its residents are near.

    ``lsoas``: ``lsoa_code, authority_code, easting, northing, population``, sorted. Distances are
    from its centroid to the nearest library and to the nearest in another building. "Near" is one
    mile in a straight line, by postcode: ``postcodes`` has ``lsoa_code, easting, northing``, and
    residents are spread evenly over an LSOA's postcodes. Authorities in ``unknown`` have libraries
    that nobody reported, so nothing is known. Returns ``lsoa_code, library_distance_km,
    second_library_distance_km, nearest_library, near_library_people``, and ``near_service_rate``,
    the share near a library of the library service.
    """
    counted = libraries["counts_for_access"]
    sites = buildings(libraries, counted)
    metres, order = cKDTree(_places(sites)).query(lsoas[["easting", "northing"]].to_numpy(), k=2)
    homes = homes_by_row(lsoas, postcodes)
    service = buildings(libraries, counted & (libraries["library_class"] == LIBRARY_SERVICE))
    table = pd.DataFrame(
        {
            "library_distance_km": metres[:, 0] / 1000,
            "second_library_distance_km": metres[:, 1] / 1000,
            "near_library_people": _near(homes, sites, len(lsoas)) * lsoas["population"].to_numpy(),
            "near_service_rate": _near(homes, service, len(lsoas)),
        }
    )
    known = ~lsoas["authority_code"].isin(unknown).to_numpy()
    table[~known] = np.nan
    return table.assign(
        lsoa_code=lsoas["lsoa_code"].to_numpy(),
        nearest_library=np.where(known, sites["library_id"].to_numpy()[order[:, 0]], ""),
    )


def _places(sites: pd.DataFrame) -> Floats:
    """Where libraries stand, as it will be published: whoever measures again finds the same."""
    return sites[["easting", "northing"]].round(1).to_numpy(dtype=float)


def _near(homes: Homes, sites: pd.DataFrame, count: int) -> Floats:
    """The share of the residents of each of ``count`` small areas within a mile of a site."""
    return Reach(homes, count, len(sites), *homes.within(_places(sites), MILE)).near


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
