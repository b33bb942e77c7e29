"""What a ward's place depends on: Sobol shares of the variance of its rank over the tests.

The first-order share of a factor is how much of the variance would go if that choice alone were
fixed; the total share counts what it does together with others as well. Two samples of choices
are drawn, and each factor in turn is taken from the second into the first (Saltelli's design).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from atlas.arrays import Bools, Floats
from atlas.risk.index import Index
from atlas.risk.robustness import FACTORS, Choices, drawn_choices, mixed, plan_from, run

SAMPLES = 256


@dataclass(frozen=True)
class Sensitivity:
    """Each factor's part of every row's variance of rank, in the rows of the index.

    ``variance`` is that of the rank; ``first`` and ``total`` are parts of it in the same unit.
    Missing (NaN) where there is no score.
    """

    variance: Floats
    first: Mapping[str, Floats]
    total: Mapping[str, Floats]

    def shares(self, rows: Bools) -> dict[str, tuple[float, float]]:
        """Return each factor's first-order and total share of the variance over some rows."""
        whole = float(np.nansum(self.variance[rows]))
        return {
            name: (
                float(np.nansum(self.first[name][rows]) / whole) if whole else float("nan"),
                float(np.nansum(self.total[name][rows]) / whole) if whole else float("nan"),
            )
            for name in self.first
        }

    def most(self, row: int) -> list[tuple[str, float]]:
        """Return the factors and their total shares for one row, the largest first."""
        if not self.variance[row] > 0:
            return []
        found = [(name, float(part[row] / self.variance[row])) for name, part in self.total.items()]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def sensitivity(index: Index, samples: int = SAMPLES) -> Sensitivity:
    """Work out the shares; for England as many draws as twice the tests, some seconds."""
    method, weighting = index.peers.method, index.weighting
    one, other = (
        drawn_choices(weighting, method, samples, method.tests.seed + step) for step in (2, 3)
    )

    def ranks(choices: Choices) -> Floats:
        return run(index, plan_from(choices, weighting, method)).rank.astype(float)

    def spread(values: Floats) -> Floats:
        full = np.full(len(index.score), np.nan)
        full[index.scored] = values
        return full

    here, there = ranks(one), ranks(other)
    first, total = {}, {}
    middle = np.concatenate([here, there]).mean(axis=0)
    for name in FACTORS:
        swapped = ranks(mixed(one, other, [name]))
        first[name] = spread(((there - middle) * (swapped - here)).mean(axis=0))
        total[name] = spread(((here - swapped) ** 2).mean(axis=0) / 2)
    return Sensitivity(spread(np.concatenate([here, there]).var(axis=0)), first, total)
