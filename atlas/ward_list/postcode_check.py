"""A pasted list of postcodes: which wards they are in, and what the index says of those.

Nothing is stored and nothing leaves the machine: text in, table out.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.catalogue.columns import declared_columns
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes, normalised, spaced
from atlas.risk.index import Index
from atlas.risk.reasons import driver_points, main_drivers
from atlas.risk.robustness import Robustness

MOST = 1000
LONGEST = 40_000
SHOWN = 20
_BREAKS = re.compile(r"[,;\n\r\t|\"]+")


@dataclass(frozen=True)
class Pasted:
    """What a pasted text held.

    ``found``: one row per postcode with a ward, in the order pasted: ``postcode, ward_code,
    ward_name, authority_name, residents, band, tier, drivers``. ``by_ward`` counts postcodes by
    ward. ``unmatched`` are postcodes that the snapshot does not have or gives no English ward;
    ``unreadable`` are the entries that are no postcodes (cut short). ``repeated`` counts
    repetitions; ``left_over`` counts entries beyond the limit.
    """

    found: pd.DataFrame
    by_ward: pd.DataFrame
    unmatched: tuple[str, ...]
    unreadable: tuple[str, ...]
    repeated: int
    left_over: int


def entries(text: str) -> list[str]:
    """Return the entries of a pasted text: split at line ends, commas, semicolons and tabs.

    A line of several postcodes separated by spaces alone is split into them.
    """
    parts: list[str] = []
    for part in _BREAKS.split(text[:LONGEST]):
        words = part.split()
        whole = [word for word in words if normalised(word)]
        parts += whole if len(whole) == len(words) else _pairs(words)
    return parts


def _pairs(words: list[str]) -> list[str]:
    pairs = [f"{a} {b}" for a, b in zip(words[::2], words[1::2], strict=False)]
    if len(words) % 2 == 0 and all(normalised(pair) for pair in pairs):
        return pairs
    return [" ".join(words)]


def look_up(
    text: str,
    postcodes: Postcodes,
    places: Places,
    wards: pd.DataFrame,
    index: Index,
    robustness: Robustness | None = None,
) -> Pasted:
    """Find up to 1,000 pasted postcodes in the snapshot. Raises nothing for any text."""
    given = entries(text)
    kept, repeated, unreadable = _distinct(given[:MOST])
    hits = [postcodes.find(postcode) for postcode in kept]
    rows, matched, unmatched = [], [], []
    for postcode, hit in zip(kept, hits, strict=True):
        if hit and places.is_ward(hit.ward_code):
            matched.append(hit.postcode)
            rows.append(places.row(hit.ward_code))
        else:
            unmatched.append(spaced(postcode))
    found = _found(matched, rows, wards, index, robustness)
    keys = ["ward_code", "ward_name", "authority_name", "band", "tier", "drivers"]
    counted = found.groupby(keys, dropna=False, sort=False).size().rename("postcodes")
    return Pasted(
        found=found,
        by_ward=counted.reset_index().sort_values(
            ["postcodes", "ward_code"], ascending=[False, True], ignore_index=True
        ),
        unmatched=tuple(unmatched),
        unreadable=tuple(unreadable),
        repeated=repeated,
        left_over=max(len(given) - MOST, 0),
    )


def _distinct(given: list[str]) -> tuple[list[str], int, list[str]]:
    kept: dict[str, None] = {}
    unreadable = []
    repeated = 0
    for entry in given:
        postcode = normalised(entry)
        if postcode is None:
            unreadable.append(entry[:SHOWN])
        elif postcode in kept:
            repeated += 1
        else:
            kept[postcode] = None
    return list(kept), repeated, unreadable


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
