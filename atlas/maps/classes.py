"""Cutting values into map classes, by a named rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

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
NO_CLASS = -1
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
        if self.count == 5:
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
    values: pd.Series, method: Method = "quantiles", k: int = 5, weights: pd.Series | None = None
) -> Classes:
    """Cut values into at most ``k`` classes; missing values take no part.

    Equal values are always in one class, and a higher value never in a lower one. ``weights``
    (same index; residents) are needed for "population fifths" and must not be negative. Raises
    ``ValueError`` for an unknown method, ``k`` outside 1 to 9, or weights that are missing.
    """
    if method not in METHODS:
        raise ValueError(f"unknown way to class: {method!r}")
    if not 1 <= k <= 9:
        raise ValueError(f"a map can show 1 to 9 classes, not {k}")
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
    upper = _upper_bounds(distinct, mass, method, k)
    return Classes(method, float(distinct[0]), tuple(float(bound) for bound in upper))


def _upper_bounds(distinct: Numbers, mass: Numbers, method: Method, k: int) -> Sequence[float]:
    if method == "equal":
        return _present(distinct, np.linspace(distinct[0], distinct[-1], k + 1)[1:])
    if method == "jenks":
        return distinct[_natural_ends(distinct, mass, min(k, len(distinct)))].tolist()
    reached = np.cumsum(mass)
    # The value with which a share of the whole is first reached, as a table's cut-off would be.
    ends = np.searchsorted(reached, reached[-1] * np.arange(1, k + 1) / k * (1 - 1e-12))
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
    weight = np.add.reduceat(mass, first)
    total = np.add.reduceat(mass * (distinct - distinct[0]), first)
    squares = np.add.reduceat(mass * (distinct - distinct[0]) ** 2, first)
    sums = [np.concatenate([[0.0], np.cumsum(part)]) for part in (weight, total, squares)]
    size = len(last)

    def spread(starts: npt.NDArray[np.intp], end: int) -> Numbers:
        w, t, s = (part[end + 1] - part[starts] for part in sums)
        return cast(Numbers, s - t * t / np.maximum(w, 1e-300))

    everything = np.arange(size)
    best = np.array([spread(everything[:1], end)[0] for end in range(size)])
    starts = np.zeros((k, size), dtype=np.intp)
    for number in range(1, k):
        longer = np.full(size, np.inf)
        for end in range(number, size):
            options = everything[number : end + 1]
            costs = best[options - 1] + spread(options, end)
            chosen = int(np.argmin(costs))
            longer[end], starts[number, end] = costs[chosen], options[chosen]
        best = longer
    ends = [size - 1]
    for number in range(k - 1, 0, -1):
        ends.append(int(starts[number, ends[-1]]) - 1)
    return last[ends[::-1]]


def _group_ends(mass: Numbers) -> npt.NDArray[np.intp]:
    if len(mass) <= _GROUPS:
        return np.arange(len(mass))
    reached = np.cumsum(mass)
    return np.unique(
        np.searchsorted(reached, reached[-1] * np.arange(1, _GROUPS + 1) / _GROUPS * (1 - 1e-12))
    )
