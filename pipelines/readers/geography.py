"""ONS lookups, centroids and boundaries. Boundaries come back in EPSG:27700, metres."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyogrio.errors import DataSourceError

from pipelines.readers.fields import ReadError, coded, numbers, pick, read_coded, read_text_csv

BRITISH_NATIONAL_GRID = "EPSG:27700"


def read_lsoa_to_ward(path: Path, year: str = "24") -> pd.DataFrame:
    """Read the best-fit lookup: ``lsoa_code, lsoa_name, ward_code, authority_code``, English.

    ``year`` is the edition of the wards, as in the published column names.
    """
    wards = {"ward_code": f"WD{year}CD", "authority_code": f"LAD{year}CD"}
    return read_coded(path, {"lsoa_code": "LSOA21CD", "lsoa_name": "LSOA21NM", **wards}, "E01")


def read_ward_names(path: Path, year: str) -> pd.DataFrame:
    """Read the best-fit lookup of another edition: ``lsoa_code, ward_code, ward_name``, English."""
    wards = {"ward_code": f"WD{year}CD", "ward_name": f"WD{year}NM"}
    return read_coded(path, {"lsoa_code": "LSOA21CD", **wards}, "E01")


def read_lsoa_to_msoa(path: Path) -> pd.DataFrame:
    """Read ``lsoa_code, msoa_code``, English, of the LSOA or the output-area lookup of ONS."""
    wanted = {"lsoa_code": "LSOA21CD", "msoa_code": "MSOA21CD"}
    table = pick(read_text_csv(path), wanted, path).drop_duplicates()
    return coded(table, "lsoa_code", "E01", path)


def read_msoas(path: Path) -> pd.DataFrame:
    """Read the middle layer areas of the exact lookup: ``msoa_code, msoa_name``, English."""
    table = pick(read_text_csv(path), {"msoa_code": "MSOA21CD", "msoa_name": "MSOA21NM"}, path)
    return coded(table.drop_duplicates(), "msoa_code", "E02", path)


def read_rural_urban(path: Path) -> pd.DataFrame:
    """Read the rural-urban classification: ``lsoa_code, rural_urban`` (the class in words)."""
    return read_coded(path, {"lsoa_code": "lsoa21_code", "rural_urban": "classification"}, "E01")


def read_oa_to_lsoa(path: Path) -> pd.DataFrame:
    """Read the exact lookup: ``output_area, lsoa_code``, English."""
    return read_coded(path, {"output_area": "OA21CD", "lsoa_code": "LSOA21CD"}, "E00")


def read_wards(path: Path, year: str = "24") -> pd.DataFrame:
    """Read the ward hierarchy: ward, authority, county, region codes and names, English, by ward.

    County code and name are "" where the file names the council itself instead of a county.
    ``year`` is the edition of the wards, as in the published column names.
    """
    levels = {"ward": "WD", "authority": "LAD", "county": "CTYUA", "region": "RGN"}
    wanted = {
        f"{level}_{part}": f"{published}{year}{ending}"
        for level, published in levels.items()
        for part, ending in (("code", "CD"), ("name", "NM"))
    }
    table = read_coded(path, wanted, "E05").apply(lambda column: column.str.strip())
    county = ["county_code", "county_name"]
    table[county] = table[county].where(table["county_code"].str.startswith("E10"), "")
    return table


def read_combined_authorities(path: Path, recoded: Mapping[str, str]) -> pd.DataFrame:
    """Read membership: ``authority_code``, ``combined_authority_code`` and ``_name``.

    ``recoded`` brings the file's authority codes, which are of 2025, to the wards' edition.
    """
    wanted = {
        "authority_code": "LAD25CD",
        "combined_authority_code": "CAUTH25CD",
        "combined_authority_name": "CAUTH25NM",
    }
    table = pick(read_text_csv(path), wanted, path)
    # ONS's names can carry stray spaces.
    names = table["combined_authority_name"].str.split().str.join(" ")
    codes = table["authority_code"].replace(dict(recoded))
    table = table.assign(combined_authority_name=names, authority_code=codes)
    return coded(table, "authority_code", "E0", path)


def read_centroids(path: Path) -> pd.DataFrame:
    """Read population-weighted centroids: ``lsoa_code, easting, northing`` (EPSG:27700)."""
    wanted = {"lsoa_code": "LSOA21CD", "easting": "x", "northing": "y"}
    table = read_coded(path, wanted, "E01")
    # In degrees both would be below 60; in metres no English easting is below 80 km.
    table = numbers(table, ["easting"], path, least=80_000, most=660_000)
    return numbers(table, ["northing"], path, least=5_000, most=660_000)


def read_boundaries(path: Path, code: str, name: str, prefix: str) -> gpd.GeoDataFrame:
    """Read a boundary file published in WGS84.

    Returns ``code, name, geometry`` (EPSG:27700) with one row per code, sorted; parts of one area
    that stand on several rows are merged. Raises :class:`ReadError`.
    """
    try:
        raw = gpd.read_file(path)
    except DataSourceError as error:
        raise ReadError(
            f"{path.name} is not a readable GeoJSON file. Download it again."
        ) from error
    if raw.crs is None or not raw.crs.is_geographic:
        raise ReadError(f"{path.name}: expected longitude and latitude, found {raw.crs}.")
    named = pick(raw, {"code": code, "name": name}, path).astype(str)
    table = gpd.GeoDataFrame(named, geometry=raw.geometry, crs=raw.crs)
    table = table[table["code"].str.startswith(prefix)]
    if table.empty or table.geometry.isna().any() or table.geometry.is_empty.any():
        raise ReadError(f"{path.name}: no areas {prefix}…, or some without an outline.")
    table = table.to_crs(BRITISH_NATIONAL_GRID)
    if table["code"].duplicated().any():
        table = table.dissolve("code", as_index=False)
    return table.sort_values("code", ignore_index=True)[["code", "name", "geometry"]]
