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
    points = driver_points(index)
    short = {name: declared_columns()[name].short.removesuffix(" (share)") for name in points}
    drivers = {
        row: "; ".join(short[name] for name in main_drivers(index, row, points))
        for row in set(rows)
    }
    tiers = robustness.tier[rows] if robustness else np.full(len(rows), "", dtype=object)
    texts = {
        "postcode": [hit.postcode for hit in known],
        "tier": tiers,
        "drivers": [drivers[row] for row in rows],
    }
    part = wards[["ward_code", "ward_name", "authority_name", "population"]].iloc[rows]
    found = part.reset_index(drop=True).rename(columns={"population": "residents"})
    found = found.assign(
        band=index.band[rows], **{name: pd.Series(t, dtype="str") for name, t in texts.items()}
    )
    keys = ["ward_code", "ward_name", "authority_name", "band", "tier", "drivers"]
    counted = found.groupby(keys, dropna=False, sort=False).size().rename("postcodes")
    ordered = counted.reset_index().sort_values(
        ["postcodes", "ward_code"], ascending=[False, True], ignore_index=True
    )
    return WardsOfPostcodes(found, ordered)
