"""ONS lookups, centroids and boundaries. Boundaries come back in EPSG:27700, metres."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pyogrio.errors import DataSourceError

from pipelines.readers.fields import ReadError, coded, normalised, numbers, pick, read_text_csv

BRITISH_NATIONAL_GRID = "EPSG:27700"


def read_lsoa_to_ward(path: Path, year: str = "24") -> pd.DataFrame:
    """Read the best-fit lookup: ``lsoa_code, lsoa_name, ward_code, authority_code``, English.

    ``year`` is the edition of the wards, as in the published column names.
    """
    wanted = {
        "lsoa_code": "LSOA21CD",
        "lsoa_name": "LSOA21NM",
        "ward_code": f"WD{year}CD",
        "authority_code": f"LAD{year}CD",
    }
    return coded(pick(read_text_csv(path), wanted, path), "lsoa_code", "E01", path)


def read_ward_names(path: Path, year: str) -> pd.DataFrame:
    """Read the best-fit lookup of another edition: ``lsoa_code, ward_code, ward_name,
    authority_code``, English."""
    wanted = {
        "lsoa_code": "LSOA21CD",
        "ward_code": f"WD{year}CD",
        "ward_name": f"WD{year}NM",
        "authority_code": f"LAD{year}CD",
    }
    return coded(pick(read_text_csv(path), wanted, path), "lsoa_code", "E01", path)


def read_lsoa_to_msoa(path: Path) -> pd.DataFrame:
    """Read the exact lookup: ``lsoa_code, msoa_code``, English.

    Either the LSOA lookup or ONS's output-area lookup (which repeats each LSOA) will do.
    """
    wanted = {"lsoa_code": "LSOA21CD", "msoa_code": "MSOA21CD"}
    table = pick(read_text_csv(path), wanted, path).drop_duplicates()
    return coded(table, "lsoa_code", "E01", path)


def read_msoas(path: Path) -> pd.DataFrame:
    """Read the middle layer areas of the exact lookup: ``msoa_code, msoa_name``, English."""
    table = pick(read_text_csv(path), {"msoa_code": "MSOA21CD", "msoa_name": "MSOA21NM"}, path)
    return coded(table.drop_duplicates(), "msoa_code", "E02", path)


def read_rural_urban(path: Path) -> pd.DataFrame:
    """Read the rural-urban classification: ``lsoa_code, rural_urban`` (the class in words)."""
    wanted = {"lsoa_code": "lsoa21_code", "rural_urban": "classification"}
    return coded(pick(read_text_csv(path), wanted, path), "lsoa_code", "E01", path)


def read_oa_to_lsoa(path: Path) -> pd.DataFrame:
    """Read the exact lookup: ``output_area, lsoa_code``, English."""
    wanted = {"output_area": "OA21CD", "lsoa_code": "LSOA21CD"}
    return coded(pick(read_text_csv(path), wanted, path), "output_area", "E00", path)


def read_wards(path: Path, year: str = "24") -> pd.DataFrame:
    """Read the ward hierarchy: ward, authority, county, region codes and names, English, by ward.

    County code and name are "" where the file names the council itself instead of a county.

    ``year`` is the edition of the wards, as in the published column names.
    """
    wanted = {
        "ward_code": f"WD{year}CD",
        "ward_name": f"WD{year}NM",
        "authority_code": f"LAD{year}CD",
        "authority_name": f"LAD{year}NM",
        "county_code": f"CTYUA{year}CD",
        "county_name": f"CTYUA{year}NM",
        "region_code": f"RGN{year}CD",
        "region_name": f"RGN{year}NM",
    }
    table = pick(read_text_csv(path), wanted, path)
    table = table.apply(lambda column: column.str.strip())
    in_county = table["county_code"].str.startswith("E10")
    county = ["county_code", "county_name"]
    table[county] = table[county].where(in_county, "")
    return coded(table, "ward_code", "E05", path)


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
    return coded(
        table.assign(combined_authority_name=names, authority_code=codes),
        "authority_code",
        "E0",
        path,
    )


def read_centroids(path: Path) -> pd.DataFrame:
    """Read population-weighted centroids: ``lsoa_code, easting, northing`` (EPSG:27700)."""
    wanted = {"lsoa_code": "LSOA21CD", "easting": "x", "northing": "y"}
    table = coded(pick(read_text_csv(path), wanted, path), "lsoa_code", "E01", path)
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
    headers = {normalised(str(header)): header for header in raw.columns}
    if normalised(code) not in headers or normalised(name) not in headers:
        raise ReadError(f"{path.name}: no property {code} or {name}; it has {list(raw.columns)}.")
    table = gpd.GeoDataFrame(
        {
            "code": raw[headers[normalised(code)]].astype(str),
            "name": raw[headers[normalised(name)]].astype(str),
        },
        geometry=raw.geometry,
        crs=raw.crs,
    )
    table = table[table["code"].str.startswith(prefix)]
    if table.empty or table.geometry.isna().any() or table.geometry.is_empty.any():
        raise ReadError(f"{path.name}: no areas {prefix}…, or some without an outline.")
    table = table.to_crs(BRITISH_NATIONAL_GRID)
    if table["code"].duplicated().any():
        table = table.dissolve("code", as_index=False)
    return table.sort_values("code", ignore_index=True)[["code", "name", "geometry"]]
