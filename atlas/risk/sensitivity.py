"""What a ward's place depends on: Sobol shares of the variance of its rank over the tests.

The first-order share of a factor is how much of the variance would go if that choice alone were
fixed; the total share counts what it does together with others as well. Two samples of choices
are drawn, and each factor in turn is taken from the second into the first (Saltelli's design).
The shares by the standard weights are worked out when a snapshot is built, and lie in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.risk.index import Index
from atlas.risk.robustness import FACTORS, Choices, drawn_choices, mixed, plan_from, run

SAMPLES = 256
FILE = "sensitivity.csv"
# Shares are published in hundredths: with so few samples no more is known.
DECIMALS = 2


@dataclass(frozen=True)
class Sensitivity:
    """Each factor's shares of every row's variance of rank.

    ``variance`` is that of the rank; ``first`` and ``total`` are shares of it, by factor. Missing
    (NaN) where there is no score, and shares where the rank does not vary.
    """

    variance: Floats
    first: Mapping[str, Floats]
    total: Mapping[str, Floats]

    def shares(self, rows: Bools) -> dict[str, tuple[float, float]]:
        """Return each factor's first-order and total share of the variance over some rows."""
        variance = self.variance[rows]
        whole = float(np.nansum(variance)) or float("nan")
        return {
            name: (
                float(np.nansum(self.first[name][rows] * variance) / whole),
                float(np.nansum(self.total[name][rows] * variance) / whole),
            )
            for name in self.first
        }

    def most(self, row: int) -> list[tuple[str, float, float]]:
        """Return the factors with their first-order and total shares for one row, by the total."""
        found = [(n, float(self.first[n][row]), float(part[row])) for n, part in self.total.items()]
        known = [line for line in found if not np.isnan(line[2])]
        return sorted(known, key=lambda line: (-line[2], line[0]))


def sensitivity(index: Index, samples: int = SAMPLES) -> Sensitivity:
    """Work out the shares; for England as many draws as twice the tests, some seconds."""
    method, weighting = index.peers.method, index.weighting
    one, other = (
        drawn_choices(weighting, method, samples, method.tests.seed + step) for step in (2, 3)
    )

    def ranks(choices: Choices) -> Floats:
        return run(index, plan_from(choices, weighting, method)).rank.astype(float)

    here, there = ranks(one), ranks(other)
    both = np.concatenate([here, there])
    middle, variance = both.mean(axis=0), both.var(axis=0)
    whole = np.where(variance > 0, variance, np.nan)
    first, total = {}, {}
    for name in FACTORS:
        swapped = ranks(mixed(one, other, [name]))
        first[name] = index.spread(((there - middle) * (swapped - here)).mean(axis=0) / whole)
        total[name] = index.spread(((here - swapped) ** 2).mean(axis=0) / 2 / whole)
    return Sensitivity(index.spread(variance), first, total)


def sensitivity_table(found: Sensitivity, codes: npt.NDArray[np.object_]) -> pd.DataFrame:
    """Return the table that a snapshot holds, a row for each of the ward codes: ``ward_code``,
    ``variance`` (of the rank, whole), and ``first`` and ``total`` of each factor, rounded.
    """
    shares = {
        f"{kind} {name}": np.round(values, DECIMALS) + 0.0
        for kind, parts in (("first", found.first), ("total", found.total))
        for name, values in parts.items()
    }
    return pd.DataFrame({"ward_code": codes, "variance": np.round(found.variance), **shares})


def read_sensitivity(path: Path, codes: npt.NDArray[np.object_]) -> Sensitivity:
    """Return what :func:`sensitivity_table` wrote to a CSV, in the order of the ward codes."""
    table = pd.read_csv(path).set_index("ward_code").reindex(codes)

    def parts(kind: str) -> dict[str, Floats]:
        return {name: table[f"{kind} {name}"].to_numpy(dtype=float) for name in FACTORS}

    return Sensitivity(table["variance"].to_numpy(dtype=float), parts("first"), parts("total"))
