"""How far a ward's place depends on choices: the same index made in a thousand other ways.

Each draw changes every weight by up to a quarter, picks a scaling and a kind of mean, and leaves
one indicator out or none. A second run keeps the method and draws any component weights at all.
This is sensitivity to choices, not the probability of being right.
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Bools, Floats
from atlas.risk.index import Index, Peers, Weighting, min_max, population_percentile, z_scores
from atlas.risk.method import Method, Scaling

BATCH = 50
STEPS = 10**SAME  # a value is told from another by its ninth decimal
AREA_BITS = 16
VARIED = ("weights", "scaling", "mean", "left out")
LOW, HIGH = 0.05, 0.95
TENTH, FIFTH = 0.1, 0.2

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Plan:
    """What each draw does. One row per draw.

    ``weights``: component weights, rows summing to one. ``inner``: indicator weights, 0 for one
    left out. ``scaling``: position in ``scalings``. ``geometric``: kind of mean.
    ``same_components``: whether inner weights and scaling are the same in every draw.
    """

    components: tuple[str, ...]
    indicators: tuple[str, ...]
    scalings: tuple[Scaling, ...]
    weights: Floats
    inner: Floats
    scaling: npt.NDArray[np.intp]
    geometric: Bools
    same_components: bool


def plan_of(
    weighting: Weighting,
    method: Method,
    draws: int | None = None,
    vary: Collection[str] = VARIED,
) -> Plan:
    """Draw the main run from the declared seed.

    ``vary`` names what changes from draw to draw: any of ``weights``, ``scaling``, ``mean`` and
    ``left out``; the rest stays as the reader chose it, with an arithmetic mean.
    """
    draws, rng = draws or method.tests.draws, np.random.default_rng(method.tests.seed)
    plan = _unvaried(weighting, method, draws)
    low, high = 1 - method.tests.spread, 1 + method.tests.spread
    # Everything is drawn, used or not, so that leaving one out does not change the others.
    weights = plan.weights * rng.uniform(low, high, plan.weights.shape)
    inner = plan.inner * rng.uniform(low, high, plan.inner.shape)
    scaling = rng.integers(len(method.tests.scalings), size=draws)
    geometric = rng.integers(len(method.tests.means), size=draws) == 1
    left_out = rng.integers(len(plan.indicators) + 1, size=draws)
    if "weights" not in vary:
        weights, inner = plan.weights, plan.inner.copy()
    if "left out" in vary:
        _leave_out(inner, left_out, plan, method)
    return replace(
        plan,
        weights=weights / weights.sum(axis=1, keepdims=True),
        inner=inner,
        scalings=method.tests.scalings,
        scaling=scaling if "scaling" in vary else _usual_scaling(weighting, method, draws),
        geometric=geometric if "mean" in vary else plan.geometric,
        same_components=False,
    )


def _usual_scaling(weighting: Weighting, method: Method, draws: int) -> npt.NDArray[np.intp]:
    return np.full(draws, method.tests.scalings.index(weighting.scaling), dtype=np.intp)


def _unvaried(weighting: Weighting, method: Method, draws: int) -> Plan:
    components = tuple(weighting.weight)
    inner = {
        key: weight
        for key, weight in weighting.inner
        if weight > 0 and method.indicators[key].component in components
    }
    return Plan(
        components=components,
        indicators=tuple(inner),
        scalings=(weighting.scaling,),
        weights=np.tile(list(weighting.weight.values()), (draws, 1)),
        inner=np.tile(list(inner.values()), (draws, 1)),
        scaling=np.zeros(draws, dtype=np.intp),
        geometric=np.zeros(draws, dtype=bool),
        same_components=True,
    )


def _leave_out(inner: Floats, left_out: npt.NDArray[np.intp], plan: Plan, method: Method) -> None:
    # A number one past the last indicator leaves none out, as likely as each one. An indicator
    # that is alone in its component stays, or the component would have nothing to say.
    homes = [method.indicators[name].component for name in plan.indicators]
    for row, column in enumerate(left_out):
        if column < len(homes) and homes.count(homes[column]) > 1:
            inner[row, column] = 0.0


def any_weights_plan(weighting: Weighting, method: Method, draws: int | None = None) -> Plan:
    """Draw the second run: any component weights, everything else as the reader chose it."""
    draws, rng = draws or method.tests.draws, np.random.default_rng(method.tests.seed + 1)
    weights = rng.dirichlet(np.ones(len(weighting.weight)), draws)
    return replace(_unvaried(weighting, method, draws), weights=weights)


@dataclass(frozen=True)
class Draws:
    """Every draw's outcome for the scored areas, in the rows of ``rows``.

    ``rank``: draws x areas, 1 the highest risk. ``tenth`` and ``fifth``: the share of draws in
    which the area is in the base's highest-risk tenth and fifth of residents.
    """

    rows: npt.NDArray[np.intp]
    rank: npt.NDArray[np.uint16]
    tenth: Floats
    fifth: Floats


def run(index: Index, plan: Plan, progress: Progress | None = None) -> Draws:
    """Carry out a plan for the scored areas of an index (at most 65,535).

    The same plan gives the same result to the bit, however many processors share the work.
    ``progress`` is told the share done, from this thread.
    """
    rows = np.flatnonzero(index.scored)
    if not len(rows):
        nobody = np.zeros(0)
        return Draws(rows, np.zeros((len(plan.scaling), 0), dtype=np.uint16), nobody, nobody)
    areas = _Areas(index.peers, rows, plan)
    starts = range(0, len(plan.scaling), BATCH)
    rank = np.zeros((len(plan.scaling), len(rows)), dtype=np.uint16)
    tenth = np.zeros(len(rows), dtype=np.int64)
    fifth = np.zeros(len(rows), dtype=np.int64)
    with ThreadPoolExecutor(2) as pool:
        batches = pool.map(lambda start: areas.batch(slice(start, start + BATCH)), starts)
        for start, (ranks, in_tenth, in_fifth) in zip(starts, batches, strict=True):
            rank[start : start + BATCH] = ranks
            tenth += in_tenth
            fifth += in_fifth
            if progress:
                progress(min(1.0, (start + BATCH) / len(plan.scaling)))
    draws = max(len(plan.scaling), 1)
    return Draws(rows, rank, tenth / draws, fifth / draws)


class _Areas:
    """The scored areas' indicators in every scaling, complete: no gap is left."""

    def __init__(self, group: Peers, rows: npt.NDArray[np.intp], plan: Plan) -> None:
        self.plan = plan
        self.people = group.people[rows]
        self.total = self.people.sum()
        homes = [group.method.indicators[name].component for name in plan.indicators]
        self.members = [
            [i for i, home in enumerate(homes) if home == component]
            for component in plan.components
        ]
        self.scaled = [
            self._filled(
                np.vstack([self._on(scaling, group.values[n][rows]) for n in plan.indicators])
            )
            for scaling in plan.scalings
        ]

    def _on(self, scaling: Scaling, values: Floats) -> Floats:
        if scaling == "percentile":
            return population_percentile(values, self.people)
        return min_max(values) if scaling == "min-max" else z_scores(values, self.people)

    def _filled(self, matrix: Floats) -> Floats:
        # Where an indicator is missing its known partners stand in, as they do in the score.
        result = matrix.copy()
        usual = self.plan.inner.max(axis=0)
        for members in self.members:
            part = matrix[members]
            known = ~np.isnan(part)
            weight = np.where(known, usual[members][:, None], 0.0)
            mean = (weight * np.nan_to_num(part)).sum(axis=0) / weight.sum(axis=0)
            result[members] = np.where(known, part, mean)
        return result

    def batch(
        self, draws: slice
    ) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return ranks, and how many draws put each area in the highest-risk tenth and fifth."""
        score = np.empty((len(self.plan.scaling[draws]), len(self.people)))
        for kind, scaling in enumerate(self.plan.scalings):
            chosen = np.flatnonzero(self.plan.scaling[draws] == kind)
            if len(chosen):
                score[chosen] = self._scores(chosen + draws.start, kind, scaling)
        place, rank = self._places_and_ranks(score)
        in_tenth = (place >= 100 * (1 - TENTH) - 1e-9).sum(axis=0)
        in_fifth = (place >= 100 * (1 - FIFTH) - 1e-9).sum(axis=0)
        return rank, in_tenth, in_fifth

    def _scores(self, rows: npt.NDArray[np.intp], kind: int, scaling: Scaling) -> Floats:
        geometric = self.plan.geometric[rows][:, None]
        score = np.zeros((len(rows), len(self.people)))
        for k, members in enumerate(self.members):
            # Components that are the same in every draw are made once and shared out.
            made = rows[:1] if self.plan.same_components else rows
            component = self._respread(self._mean(made, kind, members), scaling)
            # A geometric mean needs numbers above 0; its logarithm gives the same order.
            component = np.where(geometric, np.log(_above_zero(component, scaling)), component)
            score += self.plan.weights[rows, k][:, None] * component
        return score

    def _mean(self, rows: npt.NDArray[np.intp], kind: int, members: list[int]) -> Floats:
        # Plain sums, not matrix products: those may add in an order that differs by machine.
        inner = self.plan.inner[rows]
        total = np.zeros((len(rows), len(self.people)))
        for member in members:
            total += inner[:, member][:, None] * self.scaled[kind][member]
        return total / inner[:, members].sum(axis=1, keepdims=True)

    def _respread(self, mean: Floats, scaling: Scaling) -> Floats:
        """Give every component the same spread, in the manner of the scaling."""
        if scaling == "percentile":
            return self._places(mean)
        if scaling == "min-max":
            low, high = mean.min(axis=1, keepdims=True), mean.max(axis=1, keepdims=True)
            return (mean - low) * 100 / np.where(high > low, high - low, 1.0)
        share = self.people / self.people.sum()
        away = mean - (mean * share).sum(axis=1, keepdims=True)
        deviation = np.sqrt((away**2 * share).sum(axis=1, keepdims=True))
        return away / np.where(deviation > 0, deviation, 1.0)

    def _sorted(self, values: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return each row's areas in ascending order, and the values in that order.

        Whole numbers that carry the area in their last bits sort several times faster than an
        indirect sort of the values, and to the same end on every machine.
        """
        keys = np.rint(values * STEPS).astype(np.int64)
        keys = (keys << AREA_BITS) | np.arange(values.shape[1])
        keys.sort(axis=1)
        return keys & ((1 << AREA_BITS) - 1), keys >> AREA_BITS

    def _below(
        self, area: npt.NDArray[np.int64], ordered: npt.NDArray[np.int64]
    ) -> tuple[Floats, Bools]:
        """Return the residents at strictly lower values, and where a new value starts."""
        people = self.people[area]
        starts = np.ones(ordered.shape, dtype=bool)
        starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        counted = np.cumsum(people, axis=1) - people
        return np.maximum.accumulate(np.where(starts, counted, 0.0), axis=1), starts

    def _places(self, values: Floats) -> Floats:
        """Return the population percentile of every value within its row."""
        area, ordered = self._sorted(values)
        below, _ = self._below(area, ordered)
        return _unsorted(100 * below / self.total, area)

    def _places_and_ranks(self, values: Floats) -> tuple[Floats, npt.NDArray[np.uint16]]:
        """Return population percentiles and ranks (1 the highest) of each row of ``values``."""
        area, ordered = self._sorted(values)
        below, starts = self._below(area, ordered)
        count = ordered.shape[1]
        # Equal values share the better rank: that of the last of them in ascending order.
        ends = np.ones(ordered.shape, dtype=bool)
        ends[:, :-1] = starts[:, 1:]
        last = np.where(ends, np.arange(count), count - 1)
        last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
        rank = (count - last).astype(np.uint16)
        return _unsorted(100 * below / self.total, area), _unsorted(rank, area)


Numbers = TypeVar("Numbers", Floats, npt.NDArray[np.uint16])


def _unsorted(values: Numbers, area: npt.NDArray[np.int64]) -> Numbers:
    result = np.empty_like(values)
    result[np.arange(len(area))[:, None], area] = values
    return result


def _above_zero(component: Floats, scaling: Scaling) -> Floats:
    # 1 to 100 for percentiles and min-max; z-scores become 50 + 10 z, which stays above 1 up to
    # nearly five standard deviations below the mean.
    if scaling == "z-score":
        return np.maximum(50 + 10 * component, 1.0)
    return 1 + 0.99 * component


def tier_of(share: float, method: Method) -> str:
    """Return the name of a share of draws, or "" where it is missing."""
    if np.isnan(share):
        return ""
    return next(tier.key for tier in method.tiers if share >= tier.least - 1e-12)


@dataclass(frozen=True)
class Robustness:
    """What the draws say of every row of the index; missing (NaN) where there is no score.

    ``tier`` names ``share_worst_tenth`` in words, ``tier_fifth`` the fifth. ``any_tenth`` and
    ``any_fifth`` come from the run with any weights at all.
    """

    draws: int
    median_rank: Floats
    rank_5: Floats
    rank_95: Floats
    share_worst_tenth: Floats
    share_worst_fifth: Floats
    any_tenth: Floats
    any_fifth: Floats
    tier: npt.NDArray[np.object_]
    tier_fifth: npt.NDArray[np.object_]

    def tier_for(self, share: float) -> npt.NDArray[np.object_]:
        """Return the tiers that belong to a list of the highest-risk tenth, or of more."""
        return self.tier if share <= TENTH else self.tier_fifth


def robustness_of(
    index: Index, draws: int | None = None, progress: Progress | None = None
) -> Robustness:
    """Run both plans over an index. All England takes about two seconds on two cores."""
    method = index.peers.method
    main = run(index, plan_of(index.weighting, method, draws), progress)
    free = run(index, any_weights_plan(index.weighting, method, draws))

    def spread(values: Floats) -> Floats:
        full = np.full(len(index.score), np.nan)
        full[main.rows] = values
        return full

    low, middle, high = _order_statistics(main.rank)
    tenth, fifth = spread(main.tenth), spread(main.fifth)
    return Robustness(
        draws=len(main.rank),
        median_rank=spread(middle),
        rank_5=spread(low),
        rank_95=spread(high),
        share_worst_tenth=tenth,
        share_worst_fifth=fifth,
        any_tenth=spread(free.tenth),
        any_fifth=spread(free.fifth),
        tier=np.array([tier_of(s, method) for s in tenth], dtype=object),
        tier_fifth=np.array([tier_of(s, method) for s in fifth], dtype=object),
    )


def _order_statistics(rank: npt.NDArray[np.uint16]) -> tuple[Floats, Floats, Floats]:
    # The smallest rank that at least 5%, 50%, 95% of draws do not exceed: always a rank that was
    # drawn, never half of one.
    picks = [max(int(np.ceil(share * len(rank) - 1e-9)) - 1, 0) for share in (LOW, 0.5, HIGH)]
    ordered = np.sort(rank, axis=0)
    low, middle, high = (ordered[pick].astype(float) for pick in picks)
    return low, middle, high


def robustness_table(index: Index, result: Robustness) -> pd.DataFrame:
    """Return the draws' columns in the rows of the index, blank where there is no score."""
    return pd.DataFrame(
        {
            "tier": result.tier,
            "median_rank": pd.Series(result.median_rank).astype("Int64"),
            "rank_5": pd.Series(result.rank_5).astype("Int64"),
            "rank_95": pd.Series(result.rank_95).astype("Int64"),
            "share_worst_tenth": np.round(result.share_worst_tenth, 4),
            "share_worst_fifth": np.round(result.share_worst_fifth, 4),
        }
    )
