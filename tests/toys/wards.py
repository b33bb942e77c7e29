"""Eight wards that one can hold in the head, in the shape of the published table.

    England
      North (region)      Northshire (combined authority): Alton (3 wards), Brigg (2 wards)
      South (region)      Calder (2 wards), Deal (1 ward); in no combined authority

Residents are round numbers; `income_deprived_rate` falls from 0.40 by ward code, the last ward
has no small area and so no data. Two wards are called Castle.
"""

import pandas as pd

from atlas.catalogue.columns import columns_of

NAMES = ["Castle", "Hulme", "Mill Hill", "Castle", "St. Ann's", "Park & Elm", "Quay", "Temple"]
AUTHORITIES = [
    ("E08000001", "Alton", "E47000001", "Northshire", "E12000001", "North"),
    ("E08000002", "Brigg", "E47000001", "Northshire", "E12000001", "North"),
    ("E07000003", "Calder", "", "", "E12000002", "South"),
    ("E09000004", "Deal", "", "", "E12000002", "South"),
]
HOMES = [0, 0, 0, 1, 1, 2, 2, 3]
PEOPLE = [1000, 2000, 3000, 4000, 1000, 2000, 3000, 0]
RATES = [0.40, 0.30, 0.30, 0.20, 0.10, 0.05, 0.01, None]
DISTANCES = [0.5, 1.0, 2.0, 1.5, 0.2, 4.0, 3.0, None]
SMALL_AREAS = [1, 2, 3, 4, 3, 3, 3, 0]
FITS = {0: "none", 1: "weak", 2: "fair"}


def code(number: int) -> str:
    """The code of ward 1, 2, ... 8."""
    return f"E0500000{number}"


def toy_wards() -> pd.DataFrame:
    """The eight wards, with every published and every derived column."""
    known = [rate is not None for rate in RATES]
    given = {
        "ward_code": [code(i + 1) for i in range(8)],
        "ward_name": NAMES,
        "small_areas": [float(n) for n in SMALL_AREAS],
        "fit": [FITS.get(n, "good") for n in SMALL_AREAS],
        "population": [float(p) if k else None for p, k in zip(PEOPLE, known, strict=True)],
        "households": [p / 2 if k else None for p, k in zip(PEOPLE, known, strict=True)],
        "income_deprived_rate": RATES,
        "income_deprived_people": [
            None if rate is None else rate * people
            for rate, people in zip(RATES, PEOPLE, strict=True)
        ],
        "income_suppressed_areas": [1.0, 0, 0, 0, 0, 0, 0, None],
        "risk_score": [None if rate is None else rate * 200 for rate in RATES],
        "library_distance_km": DISTANCES,
        "near_library_rate": [1.0, 1.0, 0.5, 0.5, 1.0, 0.0, 0.0, None],
        "near_library_people": [1000.0, 2000, 1500, 2000, 1000, 0, 0, None],
        "open_libraries": [1.0, 0, 0, 2, 1, 0, 0, None],
        # Connection is published for the first five only, as a partial source would be.
        "superfast_unavailable_rate": [0.0, 0.0, 0.1, 0.2, 0.0, None, None, None],
    }
    for position, name in enumerate(
        (
            "authority_code",
            "authority_name",
            "combined_authority_code",
            "combined_authority_name",
            "region_code",
            "region_name",
        )
    ):
        given[name] = [AUTHORITIES[home][position] for home in HOMES]
    frame = {}
    for column in [*columns_of("wards"), *columns_of("walking_wards"), *columns_of("derived")]:
        text = column.unit in ("code", "text")
        values = given.get(column.name, [""] * 8 if text else [None] * 8)
        frame[column.name] = pd.Series(values, dtype="str" if text else "float64")
    return pd.DataFrame(frame)


def toy_lsoas() -> pd.DataFrame:
    """Small areas of wards 1 and 2 only: two of 1,000 and 3,000 residents, a kilometre apart."""
    hill = "Hill, part "
    rows = [
        ("E01000001", "Alton 001A", hill + "A", code(1), "E08000001", 0, 0, 1000, 0.40, "near"),
        ("E01000002", "Alton 001B", hill + "B", code(2), "E08000001", 1000, 0, 1000, 0.20, "near"),
        ("E01000003", "Alton 001C", hill + "C", code(2), "E08000001", 2000, 0, 3000, 0.40, "far"),
    ]
    names = [
        "lsoa_code",
        "lsoa_name",
        "small_area_name",
        "ward_code",
        "authority_code",
        "easting",
        "northing",
        "population",
        "income_deprived_rate",
        "nearest_library",
    ]
    table = pd.DataFrame(rows, columns=names).assign(library_distance_km=[0.3, 1.0, 2.0])
    table["households"] = [500.0, 600.0, 1400.0]
    return table.astype(dict.fromkeys(("easting", "northing", "population"), float))


def toy_libraries() -> pd.DataFrame:
    """Three libraries that count for access, one closed, one unstaffed."""
    frame = pd.DataFrame(
        {
            "library_id": ["near", "far", "third", "shut", "kiosk"],
            "library_name": ["Near Library", "Far Library", "Third Library", "Shut", "Kiosk"],
            "library_type": ["Static Library"] * 5,
            "authority_name": ["Alton"] * 5,
            "address": ["1 High Street", "", "", "", ""],
            "postcode": ["AA1 1AA", "AA1 1AB", "AA1 1AC", "AA1 1AD", "AA1 1AE"],
            "ward_code": [code(1), code(2), code(3), code(1), code(1)],
            "operation": ["council", "community", "council", "", "council unstaffed"],
            "easting": [0.0, 4000.0, 9000.0, 10.0, 10.0],
            "northing": [300.0, 0.0, 0.0, 0.0, 0.0],
            "counts_for_access": ["true", "true", "true", "false", "false"],
            "library_class": [*["library service"] * 3, "", "unstaffed, or hours not stated"],
            "staffed_hours_per_week": [30.5, None, 12.0, None, 0.0],
            "hours_per_week": [40.0, 8.0, 12.0, None, None],
            "hours_known": ["true", "false", "true", "false", "true"],
        }
    )
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        frame[f"hours_{day}"] = ["AM & PM (continuous)", "", "Closed", "", ""]
    return frame
