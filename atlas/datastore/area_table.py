"""The datastore's table of areas: regions, counties, combined authorities and councils to come."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from atlas.catalogue.table_schemas import Entry
from atlas.places.areas import declared_areas
from atlas.places.places import Places

AREA_ENTRIES = tuple(
    Entry(name, title, description, unit, "integer" if unit in ("count", "people") else "string")
    for name, title, description, unit in (
        (
            "area_code",
            "Area code",
            "GSS code, or a code of the Atlas in plain words where ONS has given none.",
            "code",
        ),
        ("area_name", "Area", "Name of the area.", "text"),
        ("kind", "Kind", "Region, combined authority, county or future council.", "text"),
        ("status", "Status", "In force, to come (the law is made) or proposed.", "text"),
        (
            "since",
            "In force from",
            "Day or month that the area came, or comes, into force; blank where no law made it or "
            "none is confirmed.",
            "text",
        ),
        ("law", "Legal source", "The Act, order or regulations that made the area.", "text"),
        (
            "mayor",
            "First mayor",
            "Month of the first mayor’s election; blank where the area has no mayor and no date.",
            "text",
        ),
        ("authority_codes", "Councils", "GSS codes of its councils, with spaces between.", "text"),
        ("wards", "Wards", "Number of wards.", "count"),
        ("residents", "Residents", "Residents of 21 March 2021: the sum of its wards.", "people"),
    )
)


def area_rows(wards: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each declared area that has wards, sorted by ``area_code``.

    ``wards`` is the ward table. The columns are those of :data:`AREA_ENTRIES`.
    """
    places, declared = Places(wards), declared_areas()
    return pd.DataFrame(
        [
            {
                "area_code": code,
                "area_name": declared[code].name,
                "kind": declared[code].kind,
                "status": declared[code].status,
                "since": declared[code].since,
                "law": declared[code].law,
                "mayor": declared[code].mayor,
                "authority_codes": " ".join(sorted(set(inside["authority_code"]))),
                "wards": len(inside),
                "residents": int(inside["population"].sum()),
            }
            for code in sorted(declared)
            if code in places
            for inside in [wards.iloc[places.positions(code)]]
        ]
    )


def area_outlines(rows: pd.DataFrame, authorities: gpd.GeoDataFrame) -> Sequence[object]:
    """Return the outline of each area in ``rows``, merged from those of its councils."""
    outlines = authorities.set_index("authority_code").geometry
    return [outlines.loc[codes.split()].union_all() for codes in rows["authority_codes"]]
