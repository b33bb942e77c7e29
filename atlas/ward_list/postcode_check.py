"""A list of postcodes: which wards they are in, and what the index says of those.

Nothing is stored and nothing leaves the machine: text in, table out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.catalogue.columns import declared_columns
from atlas.places.places import Places
from atlas.places.postcodes import PostcodeHit
from atlas.risk.index import Index
from atlas.risk.reasons import driver_points, main_drivers
from atlas.risk.robustness import Robustness


@dataclass(frozen=True)
class WardsOfPostcodes:
    """What the index says of the wards of postcodes.

    ``found``: one row per postcode with a ward, in their order: ``postcode, ward_code, ward_name,
    authority_name, residents, band, tier, drivers``. ``by_ward`` counts postcodes by ward.
    """

    found: pd.DataFrame
    by_ward: pd.DataFrame


def look_up(
    hits: Sequence[PostcodeHit],
    places: Places,
    wards: pd.DataFrame,
    index: Index,
    robustness: Robustness | None = None,
) -> WardsOfPostcodes:
    """Return the wards of postcodes with what the index says of them. Raises nothing."""
    known = [hit for hit in hits if places.is_ward(hit.ward_code)]
    rows = [places.row(hit.ward_code) for hit in known]
    found = _found([hit.postcode for hit in known], rows, wards, index, robustness)
    keys = ["ward_code", "ward_name", "authority_name", "band", "tier", "drivers"]
    counted = found.groupby(keys, dropna=False, sort=False).size().rename("postcodes")
    ordered = counted.reset_index().sort_values(
        ["postcodes", "ward_code"], ascending=[False, True], ignore_index=True
    )
    return WardsOfPostcodes(found, ordered)


def _found(
    matched: list[str],
    rows: list[int],
    wards: pd.DataFrame,
    index: Index,
    robustness: Robustness | None,
) -> pd.DataFrame:
    points = driver_points(index)
    short = {name: declared_columns()[name].short.removesuffix(" (share)") for name in points}
    drivers = {
        row: "; ".join(short[name] for name in main_drivers(index, row, points))
        for row in set(rows)
    }
    part = wards.iloc[rows].reset_index(drop=True)
    tiers = robustness.tier[rows] if robustness else np.full(len(rows), "", dtype=object)
    return pd.DataFrame(
        {
            "postcode": pd.Series(matched, dtype="str"),
            "ward_code": part["ward_code"],
            "ward_name": part["ward_name"],
            "authority_name": part["authority_name"],
            "residents": part["population"],
            "band": index.band[rows],
            "tier": pd.Series(tiers, dtype="str"),
            "drivers": pd.Series([drivers[row] for row in rows], dtype="str"),
        }
    )
