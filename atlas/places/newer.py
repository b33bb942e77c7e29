"""Newer figures of councils beside older ones of wards: where the wards' are out of date."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.catalogue.columns import declared_columns
from atlas.places.area_figures import figure
from atlas.places.places import natural
from atlas.text.numbers import percent

# Ward measures that the newer figure of councils speaks to.
OUTDATED = ("gigabit_unavailable_rate", "superfast_unavailable_rate")
MOST_POINTS = 0.10
_THEN = "January 2024"
_NOW = "January 2026"


@dataclass(frozen=True)
class Moved:
    """A council whose share of premises that can get gigabit broadband has moved: 0 to 1."""

    name: str
    then: float
    now: float


def moved(wards: pd.DataFrame, councils: pd.DataFrame) -> tuple[Moved, ...]:
    """Return the councils of some wards that have moved by more than ten points, most first.

    ``wards`` are rows of the ward table, whole councils or not: the older figure is that of the
    wards given. ``councils`` is the snapshot's table; one without a figure has not moved.
    """
    column = declared_columns()["gigabit_unavailable_rate"]
    newer = councils.set_index("authority_code")["council_gigabit_rate"]
    found = []
    for code, part in wards.groupby("authority_code"):
        then, now = 1 - figure(part, column), newer.get(code, np.nan)
        if abs(now - then) > MOST_POINTS:
            found.append(Moved(natural(str(part["authority_name"].iloc[0])), then, float(now)))
    return tuple(sorted(found, key=lambda each: (-abs(each.now - each.then), each.name)))


def outdated_sentence(found: tuple[Moved, ...], of: int) -> str:
    """Say which of the ``of`` councils have outdated ward figures, and by how much; "" for none."""
    if not found:
        return ""
    first = found[0]
    change = (
        f"in {first.name}, {percent(first.then)} of premises could get gigabit broadband in "
        f"{_THEN} and {percent(first.now)} in {_NOW} (Ofcom, for the whole council)"
    )
    if of == 1:
        return f"The figures of wards are out of date: {change}."
    have = f"{len(found):,} of {of:,} councils have" if found[1:] else f"One of {of:,} councils has"
    return (
        f"The figures of wards are out of date: {have} moved by more than 10 points since. Most of "
        f"all {change}."
    )


def context_sentence(council: str, line: pd.Series) -> str:
    """Say what is known of a council's coverage in January 2026; ``line`` is its row."""
    gigabit, slow, fourth, fifth = (
        percent(float(line[f"council_{name}_rate"])) for name in ("gigabit", "below_30", "4g", "5g")
    )
    return (
        f"{council} as a whole, {_NOW}: {gigabit} of premises can get gigabit broadband and {slow} "
        f"cannot get 30 Mbit/s; 4G covers {fourth} and 5G {fifth} (Ofcom, by council, never by "
        "ward)."
    )
