"""Cutting values into map classes, by a named rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Method = Literal["quantiles", "population fifths", "jenks", "equal"]
# Each rule, and how a legend names it.
METHODS: dict[Method, str] = {
    "quantiles": "Equal numbers of wards in each class",
    "population fifths": "Equal numbers of residents in each class",
    "jenks": "Natural breaks (Jenks)",
    "equal": "Equal steps",
}
MOST, NO_CLASS = 5, -1
# Natural breaks are sought among at most this many groups of neighbouring values.
_GROUPS = 1000
_FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")
_FIVE = ("lowest", "low", "middle", "high", "highest")

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Classes:
    """Classes from low to high. A value is in the first class whose upper bound it does not pass.

    ``lowest`` is the least value seen and ``bounds`` are the upper bounds of the classes, in the
    values' own unit; the last one is the greatest value seen. ``bounds`` is empty where there
    was no value at all.
    """

    method: Method
    lowest: float
    bounds: tuple[float, ...]

    @property
    def count(self) -> int:
        """How many classes there are: fewer than asked for where few values differ."""
        return len(self.bounds)

    @property
    def labels(self) -> tuple[str, ...]:
        """A word or two for each class, from low to high."""
        words = _FIFTHS if self.method in ("quantiles", "population fifths") else _FIVE
        if self.count == MOST:
            return words
        return tuple(f"class {number + 1} of {self.count}" for number in range(self.count))

    def assign(self, values: pd.Series) -> pd.Series:
        """The class of each value from 0, ``-1`` where it is missing; same index as ``values``.

        A value beyond the bounds (another area's or year's) is in the first or the last class.
        """
        numbers = values.to_numpy(dtype=float, na_value=np.nan)
        found = np.searchsorted(np.array(self.bounds), numbers, side="left")
        numbered = np.where(np.isnan(numbers), NO_CLASS, np.minimum(found, self.count - 1))
        return pd.Series(numbered.astype(int), index=values.index)


def classify(
    values: pd.Series, method: Method = "quantiles", weights: pd.Series | None = None
) -> Classes:
    """Cut values into at most :data:`MOST` classes; missing values take no part.

    Equal values are always in one class, and a higher value never in a lower one. ``weights``
    (same index; residents) are needed for "population fifths" and must not be negative. Raises
    ``ValueError`` where they are missing.
    """
    if method == "population fifths" and weights is None:
        raise ValueError("population fifths need the residents of each ward")
    known = values.dropna()
    if not len(known):
        return Classes(method, np.nan, ())
    distinct, position = np.unique(known.to_numpy(dtype=float), return_inverse=True)
    if weights is None or method != "population fifths":
        mass = np.bincount(position).astype(float)
    else:
        mass = np.bincount(position, weights.reindex(known.index).fillna(0).to_numpy(dtype=float))
    upper = _upper_bounds(distinct, mass, method)
    return Classes(method, float(distinct[0]), tuple(float(bound) for bound in upper))


def _upper_bounds(distinct: Numbers, mass: Numbers, method: Method) -> Sequence[float]:
    if method == "equal":
        return _present(distinct, np.linspace(distinct[0], distinct[-1], MOST + 1)[1:])
    if method == "jenks":
        return distinct[_natural_ends(distinct, mass, min(MOST, len(distinct)))].tolist()
    reached = np.cumsum(mass)
    # The value with which a share of the whole is first reached, as a table's cut-off would be.
    ends = np.searchsorted(reached, reached[-1] * np.arange(1, MOST + 1) / MOST * (1 - 1e-12))
    return distinct[np.unique(np.append(ends[:-1], len(distinct) - 1))].tolist()


def _present(distinct: Numbers, bounds: Numbers) -> list[float]:
    """The bounds of steps that hold a value, the last one exactly the greatest value."""
    bounds[-1] = distinct[-1]
    used = np.unique(np.searchsorted(bounds, distinct, side="left"))
    return [float(bounds[step]) for step in used]


def _natural_ends(distinct: Numbers, mass: Numbers, k: int) -> npt.NDArray[np.intp]:
    """Positions of the last value of each class, with least squared distance from class means.

    Fisher's exact dynamic programme, over groups of neighbouring values where there are many.
    """
    last = _group_ends(mass)
    first = np.append(0, last[:-1] + 1)
    moved = distinct - distinct[0]
    sums = (
        np.concatenate([[0.0], np.cumsum(np.add.reduceat(part, first))])
        for part in (mass, mass * moved, mass * moved**2)
    )
    # Of the groups from each (row) to each (column).
    weight, total, squares = (part[None, 1:] - part[:-1, None] for part in sums)
    spread = squares - total**2 / np.where(weight > 0, weight, 1.0)
    spread[np.tri(len(last), k=-1, dtype=bool)] = np.inf
    best, starts = spread[0], []
    for _ in range(1, k):
        options = best[:-1, None] + spread[1:]
        starts.append(options.argmin(axis=0) + 1)
        best = options.min(axis=0)
    ends = [len(last) - 1]
    for start in reversed(starts):
        ends.append(int(start[ends[-1]]) - 1)
    return last[ends[::-1]]


def _group_ends(mass: Numbers) -> npt.NDArray[np.intp]:
    if len(mass) <= _GROUPS:
        return np.arange(len(mass))
    reached = np.cumsum(mass)
    return np.unique(
        np.searchsorted(reached, reached[-1] * np.arange(1, _GROUPS + 1) / _GROUPS * (1 - 1e-12))
    )
