"""How much each part of the index really counts, and the weights that give an intended influence.

A nominal weight says how much a component was meant to count. How much it does count also depends
on how it varies and on what it varies with. The influence of a component is its share of the
score's variance over wards, weighted by residents: weight x covariance of component and score, over
the variance of the score. The shares sum to one; one that runs against the others can be negative.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Floats
from atlas.risk.index import Index, Peers, Weighting, choose, index_of
from atlas.risk.method import Method, Preset, Scaling

ROUNDS = 1000
CLOSE = 1e-13


def covariance(columns: list[Floats], people: Floats) -> Floats:
    """Return the columns' covariances weighted by ``people``, over rows where all are known."""
    data = np.vstack(columns)
    known = ~(np.isnan(data).any(axis=0) | np.isnan(people))
    if not people[known].sum() > 0:
        return np.zeros((len(columns), len(columns)))
    return np.atleast_2d(np.cov(data[:, known], aweights=people[known], ddof=0))


def shares(weights: Floats, matrix: Floats) -> Floats:
    """Return weight x covariance with the sum, over its variance; NaN where that is nothing."""
    with_sum = (matrix * weights).sum(axis=1)
    variance = float((weights * with_sum).sum())
    return weights * with_sum / variance if variance > 0 else np.full(len(weights), np.nan)


def effective_influence(index: Index) -> dict[str, float]:
    """Return each weighted component's share of the score's variance over residents."""
    names = list(index.parts)
    matrix = covariance([index.parts[name] for name in names], index.peers.people)
    found = shares(np.array([index.weighting.weight[name] for name in names]), matrix)
    return dict(zip(names, found.tolist(), strict=True))


def indicator_influence(index: Index) -> dict[str, float]:
    """Return each indicator's share of the score's variance: its component's, divided by the shares
    in the variance of the component's mean. They sum to one.
    """
    group, weighting = index.peers, index.weighting
    result: dict[str, float] = {}
    for component, influence in effective_influence(index).items():
        counted = group.method.counted(component, weighting.inner)
        columns = [group.scaled(name, weighting.scaling) for name in counted]
        found = shares(np.array(list(counted.values())), covariance(columns, group.people))
        result |= dict(zip(counted, (influence * found).tolist(), strict=True))
    return result


def weights_for(intended: Floats, matrix: Floats) -> Floats:
    """Return the nominal weights, summing to one, whose influence is the ``intended`` one.

    ``intended`` is positive and sums to one; ``matrix`` is the covariance of the components. The
    weights minimise half the variance of the sum less each intended share times the logarithm of
    its weight, a convex problem; each round solves one weight exactly. Raises ``ValueError`` where
    a component does not vary or no weighting is found.
    """
    spread = np.sqrt(np.diag(matrix))
    if not (len(intended) and (spread > 0).all() and (intended > 0).all()):
        raise ValueError("influence can only be set for components that vary, each above 0")
    weights = np.sqrt(intended) / spread
    for _ in range(ROUNDS):
        before = weights.copy()
        for k, own in enumerate(np.diag(matrix)):
            others = float((matrix[k] * weights).sum() - own * weights[k])
            weights[k] = (-others + np.sqrt(others**2 + 4 * own * intended[k])) / (2 * own)
        if np.abs(weights - before).max() <= CLOSE * weights.max():
            return weights / weights.sum()
    raise ValueError("no weights give this influence")


def weighting_for_influence(
    group: Peers,
    influence: Mapping[str, float],
    inner: Mapping[str, float] | None = None,
    scaling: Scaling = "exponential",
) -> Weighting:
    """Return the weighting whose components have the intended influence within ``group``.

    ``influence`` is by component on any scale; what is 0 or left out gets no weight. Raises
    ``ValueError`` as :func:`weights_for` and :func:`atlas.risk.index.choose` do.
    """
    wanted = {key: influence[key] for key in group.method.components if influence.get(key, 0) > 0}
    trial = choose(wanted, inner, scaling, method=group.method)
    parts = index_of(group, trial).parts
    matrix = covariance(list(parts.values()), group.people)
    intended = np.array([wanted[key] for key in parts]) / sum(wanted.values())
    exact = weights_for(intended, matrix)
    return choose(dict(zip(parts, exact, strict=True)), inner, scaling, method=group.method)


def weighting_of(preset: Preset, method: Method) -> Weighting:
    """Return the weighting that a preset stands for."""
    return choose(preset.weights, scaling=preset.scaling, preset=preset.key, method=method)


def indicator_correlations(group: Peers) -> pd.DataFrame:
    """Return Spearman's correlation of each two indicators where the base's areas know both."""
    frame = pd.DataFrame({name: group.values[name] for name in group.method.indicators})
    return frame.corr(method="spearman")


def component_correlations(index: Index) -> pd.DataFrame:
    """Return Spearman's correlation of every pair of components over the base's areas."""
    return pd.DataFrame(dict(index.components)).round(SAME).corr(method="spearman")


def overlap(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Return the share of the areas in either list that is in both (1 where both are empty)."""
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0


def compare_weightings(
    group: Peers, weightings: Mapping[str, Weighting], share: float
) -> pd.DataFrame:
    """Return by ``choice`` how many areas are in the highest-risk ``share`` (``listed``), the
    ``residents`` in them, and the ``overlap`` with the first choice's.
    """
    lists = {name: index_of(group, each).in_highest(share) for name, each in weightings.items()}
    first = next(iter(lists.values()))
    rows = [
        (name, int(listed.sum()), float(np.nansum(group.people[listed])), overlap(first, listed))
        for name, listed in lists.items()
    ]
    return pd.DataFrame(rows, columns=["choice", "listed", "residents", "overlap"])
