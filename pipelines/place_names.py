"""Names by which people look for places, each with the areas or wards that it leads to."""

import re
from collections.abc import Set

import geopandas as gpd
import pandas as pd
import shapely

from atlas.places.names import declared_names
from atlas.places.places import natural

COLUMNS = ("name", "kind", "places")
# A town's point may lie on a pier or in a harbour, this far (metres) from the nearest ward.
_NEAR = 500


def council_names(councils: pd.DataFrame, known: Set[str]) -> pd.DataFrame:
    """Return every name of each council: the usual ones of today's, the official one of others.

    ``councils`` is as the reader of council names returns it and ``known`` are the codes that the
    snapshot has. A council that is no more leads to its declared successors; one without is left
    out.
    """
    successors = declared_names().successors
    rows = []
    for row in councils.to_dict("records"):
        code = str(row["code"])
        places = (code,) if code in known else successors.get(code, ())
        # The Greater London Authority is there today, but leads to its region.
        kind = "council" if code in known or code.startswith("E61") else "former council"
        if places and set(places) <= known:
            named = _names_of(*(str(row[key]) for key in ("official", "usual", "others")))
            rows += [(name, kind, " ".join(places)) for name in named]
    return pd.DataFrame(rows, columns=COLUMNS)


def _names_of(official: str, usual: str, others: str) -> list[str]:
    # A comma of a name's own has a space after it, one between two names has none.
    found = [official, usual, *re.split(r",(?! )", others)]
    # Of two ways to write a name the one with capital letters is kept.
    named: dict[str, str] = {}
    for name in sorted(filter(None, map(str.strip, found)), key=str.islower):
        named.setdefault(name.casefold(), name)
    return list(named.values())


def town_names(towns: pd.DataFrame, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return each town with the ward that holds its point, largest first.

    ``towns`` is as its reader returns it; ``wards`` has ``ward_code`` and ``authority_name`` and
    is in EPSG:27700. A town that bears its council's name
    is left out: the council is what people mean.
    """
    points = gpd.GeoSeries.from_xy(towns["longitude"], towns["latitude"], crs="EPSG:4326")
    tree = shapely.STRtree(wards.geometry.to_numpy())
    rows, nearest = tree.query_nearest(
        points.to_crs(wards.crs).to_numpy(), max_distance=_NEAR, all_matches=False
    )
    ward = wards.iloc[nearest]
    table = pd.DataFrame(
        {
            "name": towns["name"].to_numpy()[rows],
            "kind": "town",
            "places": ward["ward_code"].to_numpy(),
        }
    )
    official = ward["authority_name"].str.partition(", ")[0].to_numpy()
    usual = [natural(name) for name in ward["authority_name"]]
    is_council = (table["name"] == official) | (table["name"] == usual)
    return table[~is_council].drop_duplicates(ignore_index=True)


def neighbourhood_names(neighbourhoods: pd.DataFrame, lsoas: pd.DataFrame) -> pd.DataFrame:
    """Return each neighbourhood with its wards, the one with most of its residents first.

    ``neighbourhoods`` has ``msoa_code, neighbourhood``; ``lsoas`` has ``msoa_code, ward_code,
    population``.
    """
    people = lsoas.groupby(["msoa_code", "ward_code"])["population"].sum().reset_index()
    ordered = people.sort_values(by=["population", "ward_code"], ascending=[False, True])
    wards = ordered.groupby("msoa_code")["ward_code"].agg(" ".join)
    named = neighbourhoods.set_index("msoa_code")["neighbourhood"].loc[wards.index]
    return pd.DataFrame({"name": named, "kind": "neighbourhood", "places": wards}).reset_index(
        drop=True
    )


def small_area_names(lsoas: pd.DataFrame, neighbourhoods: pd.DataFrame) -> pd.Series:
    """Return what people call each small area: "Moss Side West, part D".

    ``lsoas`` has ``lsoa_name`` and ``msoa_code``; the part is the letter of the published name
    ("Manchester 024D"). A small area whose neighbourhood has no name keeps its published one.
    """
    named = lsoas["msoa_code"].map(neighbourhoods.set_index("msoa_code")["neighbourhood"])
    said = named + ", part " + lsoas["lsoa_name"].str.extract(r"([A-Z])$")[0]
    return said.fillna(lsoas["lsoa_name"])
