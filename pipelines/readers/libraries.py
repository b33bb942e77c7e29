"""Public libraries in England: Arts Council England's dataset, enhanced by Libraries Hacked."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from atlas.catalogue.near import COMMUNITY_RUN, LIBRARY_SERVICE, UNSTAFFED, WALK_IN
from pipelines.readers.fields import ReadError, numbers, pick, read_text_csv

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LEAST_HOURS = 2.0  # a week that a community library must be open to count
_OPERATION = {
    "": "",
    "LA": "council",
    "LAU": "council unstaffed",
    "C": "commissioned",
    "CR": "community",
    "ICL": "independent",
}
_CO_LOCATED = (
    "archives",
    "arts centre",
    "care home or hostel",
    "catering, bars or pub",
    "civic",
    "community",
    "faith buildings",
    "health",
    "hotel",
    "industrial or business",
    "library",
    "museum",
    "retail",
    "schools or colleges",
    "universities or higher education",
    "other",
)
# "Email or website" holds some people's own addresses. It is never read.
_WANTED = {
    "authority_name": "Reporting service",
    "authority_code": "Reporting service code",
    "library_name": "Name",
    "library_type": "Type",
    "address_1": "Address 1",
    "address_2": "Address 2",
    "address_3": "Address 3",
    "postcode": "Postcode",
    "easting": "Easting",
    "northing": "Northing",
    "longitude": "Longitude",
    "latitude": "Latitude",
    "operation": "Operation in 2023",
    "year_opened": "Year opened",
    "year_closed": "Year closed",
    **{f"hours_{day}": f"{day.title()} opening times" for day in DAYS},
    "hours_per_week": "Hours open per week",
    "staffed_hours_per_week": "Staffed hours per week",
    **{f"co_located_{kind}": f"Co-located {kind}" for kind in _CO_LOCATED},
}
# Councils that were reorganised in 2023 report the same buildings under both names; the county
# council's rows are the old ones.
_REORGANISED = {
    "North Yorkshire County Council": "North Yorkshire Council",
    "Somerset County Council": "Somerset Council",
}


def read_libraries(path: Path) -> pd.DataFrame:
    """Read every library since 2010, one row each, sorted by ``library_id``.

    ``easting, northing`` are EPSG:27700 metres and ``longitude, latitude`` EPSG:4326 degrees, NaN
    where unpublished (mobile libraries). ``open``: it was operating in 2023 and has no year of
    closure. ``library_class`` sorts those that are open and that one can walk into (see
    :func:`_classes`); ``counts_for_access`` are the first two. ``hours_known``: staffed hours are
    reported. Rows that repeat a building under a council that no longer exists are dropped.
    Raises :class:`ReadError`.
    """
    table = pick(read_text_csv(path), _WANTED, path)
    # Eight cells hold line breaks; a published table of one row a line should not.
    table = table.apply(lambda column: column.str.split().str.join(" "))
    table = numbers(table, ["longitude"], path, least=-6.5, most=2.1, blank=True)
    table = numbers(table, ["latitude"], path, least=49.8, most=55.9, blank=True)
    table = numbers(table, ["easting"], path, most=660_000, blank=True)
    table = numbers(table, ["northing"], path, most=660_000, blank=True)
    table = numbers(table, ["hours_per_week", "staffed_hours_per_week"], path, most=168, blank=True)
    table = numbers(table, ["year_opened", "year_closed"], path, least=1000, most=2100, blank=True)
    table = table.assign(
        library_type=table["library_type"].str.casefold(),
        operation=_operation(table["operation"], path),
        address=_joined(table, ["address_1", "address_2", "address_3"]),
        co_located=_shared_with(table),
    )
    table = _without_old_councils(table)
    table = table.assign(**_access(table), library_id=_identifiers(table))
    return table.sort_values("library_id", ignore_index=True)


def _operation(codes: pd.Series, path: Path) -> pd.Series:
    unknown = sorted(set(codes) - set(_OPERATION))
    if unknown:
        raise ReadError(
            f"{path.name}: 'Operation in 2023' has unknown codes {unknown[:5]}. "
            "Add their meaning to pipelines/readers/libraries.py."
        )
    return codes.map(_OPERATION)


def _joined(table: pd.DataFrame, names: list[str]) -> pd.Series:
    return table[names].apply(lambda row: ", ".join(part for part in row if part), axis=1)


def _shared_with(table: pd.DataFrame) -> pd.Series:
    marks = pd.DataFrame({k: table[f"co_located_{k}"].str.casefold() == "x" for k in _CO_LOCATED})
    return marks.apply(lambda row: "; ".join(kind for kind in _CO_LOCATED if row[kind]), axis=1)


def _without_old_councils(table: pd.DataFrame) -> pd.DataFrame:
    successor = table["authority_name"].map(_REORGANISED)
    new = set(zip(table["authority_name"], table["library_name"], table["postcode"], strict=True))
    old = zip(successor, table["library_name"], table["postcode"], strict=True)
    return table[~np.array([row in new for row in old])].reset_index(drop=True)


def _access(table: pd.DataFrame) -> dict[str, pd.Series]:
    is_open = (table["operation"] != "") & table["year_closed"].isna()
    classes = _classes(table).where(is_open & table["library_type"].isin(WALK_IN), "")
    return {
        "open": is_open,
        "library_class": classes,
        "counts_for_access": classes.isin([LIBRARY_SERVICE, COMMUNITY_RUN]),
        # Services write 0 where their own staff does not work: volunteers may.
        "hours_known": table["staffed_hours_per_week"] > 0,
    }


def _classes(table: pd.DataFrame) -> pd.Series:
    """Sort libraries by who opens the door: the service's staff, a community, or nobody known."""
    # 0 staffed hours say that nobody works there. A blank says only that nobody told the hours of
    # a library that its council reports as run with staff: Middlesbrough's central one is such.
    staffed = table["staffed_hours_per_week"] != 0
    service = table["operation"].isin(["council", "commissioned"]) & staffed
    community = table["operation"].isin(["community", "independent"])
    community &= table["hours_per_week"] >= LEAST_HOURS
    return pd.Series(
        np.select([service, community], [LIBRARY_SERVICE, COMMUNITY_RUN], UNSTAFFED),
        index=table.index,
    )


def _identifiers(table: pd.DataFrame) -> pd.Series:
    """Return a stable id per row: a hash of what names the building, counted where repeated."""
    name = ["authority_code", "library_name", "library_type", "postcode", "address"]
    keys = table[name].agg("|".join, axis=1)
    repeat = keys.groupby(keys).cumcount().astype(str)
    digests = (keys + "|" + repeat).map(lambda key: hashlib.sha256(key.encode()).hexdigest()[:10])
    if digests.duplicated().any():
        raise ReadError("two libraries have the same identifier; lengthen the hash")
    return "L" + digests
