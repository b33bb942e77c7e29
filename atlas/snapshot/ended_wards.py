"""Wards that an older link or list may name, and the wards where their residents are now."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

ENDED = "ended_wards.csv"


@dataclass(frozen=True)
class EndedWard:
    """A ward that ended. ``ended_in`` is the edition without it, as "May 2025".

    ``successors`` are (ward code, share of its residents), the largest share first.
    """

    code: str
    name: str
    ended_in: str
    successors: tuple[tuple[str, float], ...]


def read_ended(source: io.BytesIO) -> dict[str, EndedWard]:
    """Read the table that a build writes; return the ended wards by code."""
    table = pd.read_csv(source, dtype={"share": float}, keep_default_na=False)
    found = {}
    for code, rows in table.groupby("ended_code", sort=True):
        pairs = zip(rows["ward_code"], rows["share"], strict=True)
        first = rows.iloc[0]
        found[str(code)] = EndedWard(
            str(code),
            str(first["ended_name"]),
            str(first["ended_in"]),
            tuple((str(ward), float(share)) for ward, share in pairs),
        )
    return found


def came_from(ended: Mapping[str, EndedWard], ward_code: str) -> list[EndedWard]:
    """Return the ended wards of which some residents live in this ward now, by name."""
    found = [each for each in ended.values() if ward_code in dict(each.successors)]
    return sorted(found, key=lambda each: (each.name, each.code))
