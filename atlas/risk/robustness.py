"""How far a ward's place depends on choices: the same index made in a thousand other ways.

A draw changes each weight by up to a quarter, and may change scaling, mean, indicators, the figures
of small wards and broadband. A second run draws any component weights at all. This is sensitivity
to choices, not the probability of being right.
"""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Bools, Floats, Ints
from atlas.risk.index import (
    FIFTH,
    TENTH,
    WHOLE,
    Index,
    Peers,
    Weighting,
    council_means,
    scaled,
    transformed,
)
from atlas.risk.method import RANKED, Method, Scaling

BATCH = 50
STEPS = 10**SAME  # a value is told from another by its ninth decimal
AREA_BITS = 16
LOW, HIGH = 0.05, 0.95
# What of the draws goes into files: fields of :class:`Robustness`.
RANKS, SHARES = ("median_rank", "rank_5", "rank_95"), ("share_worst_tenth", "share_worst_fifth")

Progress = Callable[[float], object]
Integers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Choices:
    """What is chosen in each draw, one row per draw.

    ``weights`` and ``inner`` multiply component and indicator weights. ``scaling``, ``left_out``
    and ``alternative`` are positions in the method's lists; one past the last is none.
    """

    weights: Floats
    inner: Floats
    scaling: Integers
    geometric: Bools
    left_out: Integers
    alternative: Integers
    small_wards: Bools
    newer: Bools


# What is varied, in plain words, and the choices that belong to it.
FACTORS = {
    "weights": ("weights", "inner"),
    "scaling": ("scaling",),
    "kind of mean": ("geometric",),
    "an indicator left out": ("left_out",),
    "another indicator": ("alternative",),
    "small wards": ("small_wards",),
    "broadband of councils today": ("newer",),
}


@dataclass(frozen=True)
class Plan(Choices):
    """The choices as they are carried out: here ``weights`` and ``inner`` are the weights.

    Rows of ``weights`` sum to one; ``inner`` is 0 for an indicator left out. ``scaling`` is a
    position in ``scalings``. ``same_components``: every draw has the same ``inner`` and scaling.
    """

    components: tuple[str, ...]
    indicators: tuple[str, ...]
    scalings: tuple[Scaling, ...]
    same_components: bool = False


def plan_of(weighting: Weighting, method: Method, draws: int | None = None) -> Plan:
    """Draw the main run from the declared seed."""
    drawn = drawn_choices(weighting, method, draws or method.tests.draws, method.tests.seed)
    return plan_from(drawn, weighting, method)


def mixed(one: Choices, other: Choices, names: Collection[str]) -> Choices:
    """Return ``one`` with what belongs to the named factors taken from ``other``."""
    taken = {field: getattr(other, field) for name in names for field in FACTORS[name]}
    return replace(one, **taken)


def _weighted(weighting: Weighting, method: Method) -> dict[str, float]:
    return {
        key: weight
        for key, weight in weighting.inner
        if weight > 0 and method.indicators[key].component in weighting.weight
    }


def usual_choices(weighting: Weighting, method: Method, draws: int) -> Choices:
    """Return choices that leave everything as the reader has it."""
    count = len(_weighted(weighting, method))
    return Choices(
        weights=np.ones((draws, len(weighting.weight))),
        inner=np.ones((draws, count)),
        scaling=np.full(draws, method.tests.scalings.index(weighting.scaling), dtype=np.intp),
        geometric=np.zeros(draws, dtype=bool),
        left_out=np.full(draws, count, dtype=np.intp),
        alternative=np.full(draws, len(method.alternatives), dtype=np.intp),
        small_wards=np.zeros(draws, dtype=bool),
        newer=np.zeros(draws, dtype=bool),
    )


def drawn_choices(weighting: Weighting, method: Method, draws: int, seed: int) -> Choices:
    """Draw choices of every kind, each of its options as likely as the others."""
    rng, count = np.random.default_rng(seed), len(_weighted(weighting, method))
    low, high = 1 - method.tests.spread, 1 + method.tests.spread
    return Choices(
        weights=rng.uniform(low, high, (draws, len(weighting.weight))),
        inner=rng.uniform(low, high, (draws, count)),
        scaling=rng.integers(len(method.tests.scalings), size=draws),
        geometric=rng.integers(len(method.tests.means), size=draws) == 1,
        left_out=rng.integers(count + 1, size=draws),
        alternative=rng.integers(len(method.alternatives) + 1, size=draws),
        small_wards=rng.integers(2, size=draws) == 1,
        newer=rng.integers(2, size=draws) == 1,
    )


def plan_from(choices: Choices, weighting: Weighting, method: Method) -> Plan:
    """Return what is to be done in each draw of the given choices."""
    usual, draws = _weighted(weighting, method), len(choices.scaling)
    names = list(dict.fromkeys([*usual, *(a.take for a in method.alternatives)]))
    inner = np.zeros((draws, len(names)))
    inner[:, : len(usual)] = np.array(list(usual.values())) * choices.inner
    # An indicator that is alone in its component stays, or the component would have nothing to say.
    homes = [method.indicators[name].component for name in usual]
    can_go = np.array([*(homes.count(home) > 1 for home in homes), False])
    gone = np.flatnonzero(can_go[choices.left_out])
    inner[gone, choices.left_out[gone]] = 0.0
    for number, each in enumerate(method.alternatives):
        if each.instead_of in names:
            rows, old = choices.alternative == number, names.index(each.instead_of)
            inner[rows, names.index(each.take)] += inner[rows, old]
            inner[rows, old] = 0.0
    weights = np.array(list(weighting.weight.values())) * choices.weights
    used = np.flatnonzero(inner.any(axis=0))
    carried_out = {"weights": weights / weights.sum(axis=1, keepdims=True), "inner": inner[:, used]}
    return Plan(
        **{**vars(choices), **carried_out},
        components=tuple(weighting.weight),
        indicators=tuple(names[at] for at in used),
        scalings=method.tests.scalings,
    )


def any_weights_plan(weighting: Weighting, method: Method, draws: int | None = None) -> Plan:
    """Draw the second run: any component weights, everything else as the reader chose it."""
    draws, rng = draws or method.tests.draws, np.random.default_rng(method.tests.seed + 1)
    plan = plan_from(usual_choices(weighting, method, draws), weighting, method)
    weights = rng.dirichlet(np.ones(len(weighting.weight)), draws)
    return replace(plan, weights=weights, same_components=True)


def drawn_to_council(values: Floats, group: Peers) -> Floats:
    """Return an indicator with small wards drawn towards their council's mean.

    A ward of n small areas keeps n parts of its own figure and takes one part of the council's.
    Areas without a count of small areas, and missing figures, stay as they are.
    """
    mean, count = council_means(values, group.people, group.council), group.small_areas
    known = ~(np.isnan(values) | np.isnan(mean) | np.isnan(count))
    return np.where(known, (count * values + mean) / (count + 1), values)


@dataclass(frozen=True)
class Draws:
    """Every draw's outcome for the scored areas, in the order of their rows.

    ``rank``: draws x areas, 1 the highest risk. ``tenth`` and ``fifth``: the share of draws in
    which the area is in the base's highest-risk tenth and fifth of residents.
    """

    rank: npt.NDArray[np.uint16]
    tenth: Floats
    fifth: Floats


def run(index: Index, plan: Plan, progress: Progress | None = None) -> Draws:
    """Carry out a plan for the scored areas of an index (at most 65,535), the same to the bit
    however many processors share the work. ``progress`` is told the share done, from this thread.
    """
    rows = np.flatnonzero(index.scored)
    if not len(rows):
        nobody = np.zeros(0)
        return Draws(np.zeros((len(plan.scaling), 0), dtype=np.uint16), nobody, nobody)
    areas = _Areas(index.peers, rows, plan)
    starts = range(0, len(plan.scaling), BATCH)
    rank = np.zeros((len(plan.scaling), len(rows)), dtype=np.uint16)
    tenth, fifth = np.zeros((2, len(rows)), dtype=np.int64)
    with ThreadPoolExecutor(2) as pool:
        batches = pool.map(lambda start: areas.batch(slice(start, start + BATCH)), starts)
        for start, (ranks, in_tenth, in_fifth) in zip(starts, batches, strict=True):
            rank[start : start + BATCH] = ranks
            tenth += in_tenth
            fifth += in_fifth
            if progress:
                progress(min(1.0, (start + BATCH) / len(plan.scaling)))
    draws = max(len(plan.scaling), 1)
    return Draws(rank, tenth / draws, fifth / draws)


class _Areas:
    """The scored areas' indicators in every scaling, complete: no gap is left.

    ``scaled`` has one matrix for each scaling: for all figures as published, with small wards
    drawn towards their council, with broadband moved as in the council since, and with both.
    """

    def __init__(self, group: Peers, rows: npt.NDArray[np.intp], plan: Plan) -> None:
        self.plan = plan
        self.constant = group.method.exponential
        self.people = group.people[rows]
        self.total = self.people.sum()
        homes = [group.method.home(name) for name in plan.indicators]
        self.members = [
            [i for i, home in enumerate(homes) if home == component]
            for component in plan.components
        ]
        plain = [group.values[name] for name in plan.indicators]
        newer = [group.newer.get(name, group.values[name]) for name in plan.indicators]
        self.kind = plan.small_wards + 2 * plan.newer
        drawn, both = ([drawn_to_council(c, group) for c in table] for table in (plain, newer))
        tables = [plain, drawn, newer, both]
        self.scaled = [
            [
                self._filled(np.vstack([scaled(c[rows], self.people, scaling) for c in table]))
                for scaling in plan.scalings
            ]
            for table in tables
        ]

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
        for number, table in enumerate(self.scaled):
            for kind, figures in enumerate(table):
                chosen = (self.plan.scaling[draws] == kind) & (self.kind[draws] == number)
                at = np.flatnonzero(chosen)
                if len(at):
                    score[at] = self._scores(at + draws.start, figures, self.plan.scalings[kind])
        place, rank = self._places_and_ranks(score)
        in_tenth, in_fifth = (
            (place >= 100 * (1 - share) - 1e-9).sum(axis=0) for share in (TENTH, FIFTH)
        )
        return rank, in_tenth, in_fifth

    def _scores(self, rows: npt.NDArray[np.intp], figures: Floats, scaling: Scaling) -> Floats:
        geometric = self.plan.geometric[rows][:, None]
        score = np.zeros((len(rows), len(self.people)))
        for k, members in enumerate(self.members):
            # Components that are the same in every draw are made once and shared out.
            made = rows[:1] if self.plan.same_components else rows
            component = self._respread(self._mean(made, figures, members), scaling)
            # The geometric mean is of what is left to 100, so that one high risk is not made
            # up for by low ones; its logarithm gives the same order.
            rest = -np.log(_left_to_100(component, scaling)) if geometric.any() else component
            component = np.where(geometric, rest, component)
            score += self.plan.weights[rows, k][:, None] * component
        return score

    def _mean(self, rows: npt.NDArray[np.intp], figures: Floats, members: list[int]) -> Floats:
        # Plain sums, not matrix products: those may add in an order that differs by machine.
        inner = self.plan.inner[rows]
        total = np.zeros((len(rows), len(self.people)))
        for member in members:
            total += inner[:, member][:, None] * figures[member]
        return total / inner[:, members].sum(axis=1, keepdims=True)

    def _respread(self, mean: Floats, scaling: Scaling) -> Floats:
        """Give every component the same spread, in the manner of the scaling."""
        if scaling in RANKED:
            return transformed(self._places(mean), scaling, self.constant) * (100 / WHOLE)
        if scaling == "min-max":
            low, high = mean.min(axis=1, keepdims=True), mean.max(axis=1, keepdims=True)
            return (mean - low) * 100 / np.where(high > low, high - low, 1.0)
        share = self.people / self.people.sum()
        away = mean - (mean * share).sum(axis=1, keepdims=True)
        deviation = np.sqrt((away**2 * share).sum(axis=1, keepdims=True))
        return away / np.where(deviation > 0, deviation, 1.0)

    def _sorted(self, values: Floats) -> tuple[Ints, Floats, Bools]:
        """Return each row's areas in ascending order, their percentiles, and where values change.

        Whole numbers that carry the area in their last bits sort several times faster than an
        indirect sort of the values, and to the same end on every machine.
        """
        keys = np.rint(values * STEPS).astype(np.int64)
        keys = (keys << AREA_BITS) | np.arange(values.shape[1])
        keys.sort(axis=1)
        area, ordered = keys & ((1 << AREA_BITS) - 1), keys >> AREA_BITS
        people = self.people[area]
        starts = np.ones(ordered.shape, dtype=bool)
        starts[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
        counted = np.cumsum(people, axis=1) - people
        below = np.maximum.accumulate(np.where(starts, counted, 0.0), axis=1)
        return area, 100 * below / self.total, starts

    def _places(self, values: Floats) -> Floats:
        """Return the population percentile of every value within its row."""
        area, place, _ = self._sorted(values)
        return _unsorted(place, area)

    def _places_and_ranks(self, values: Floats) -> tuple[Floats, npt.NDArray[np.uint16]]:
        """Return population percentiles and ranks (1 the highest) of each row of ``values``."""
        area, place, starts = self._sorted(values)
        count = area.shape[1]
        # Equal values share the better rank: that of the last of them in ascending order.
        ends = np.ones(area.shape, dtype=bool)
        ends[:, :-1] = starts[:, 1:]
        last = np.where(ends, np.arange(count), count - 1)
        last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
        return _unsorted(place, area), _unsorted((count - last).astype(np.uint16), area)


def _unsorted(values: npt.NDArray[Any], area: Ints) -> npt.NDArray[Any]:
    result = np.empty_like(values)
    np.put_along_axis(result, area, values, axis=1)
    return result


def _left_to_100(component: Floats, scaling: Scaling) -> Floats:
    # Never below 1, so that it has a logarithm. Z-scores become 50 + 10 z, which stays below 99 up
    # to nearly five standard deviations above the mean.
    if scaling == "z-score":
        return np.maximum(50 - 10 * component, 1.0)
    return 1 + 0.99 * (100 - component)


def tier_of(share: float, method: Method) -> str:
    """Return how sure a listed ward's place is, from its share of draws; "" where missing."""
    if np.isnan(share):
        return ""
    return next(tier.key for tier in method.tiers if share >= tier.least - 1e-12)


@dataclass(frozen=True)
class Robustness:
    """What the draws say of every row of the index; missing (NaN) where there is no score.

    ``tier`` says how sure the place of each area in the highest-risk fifth is, "" for areas
    that the index does not put there. ``any_tenth`` and ``any_fifth`` come from the run with any
    weights at all. ``ranks`` has every draw's ranks of the scored areas, a row a draw.
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
    ranks: npt.NDArray[np.uint16]

    def places_among(self, rows: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return the places from which and to which 90% of draws put each of some scored ``rows``.

        Places are counted among them alone, 1 the highest risk, equal ones in order of their rows.
        """
        column = np.cumsum(~np.isnan(self.median_rank)) - 1
        order = np.argsort(self.ranks[:, column[rows]], axis=1, kind="stable")
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(1, len(rows) + 1)[None, :], axis=1)
        low, _, high = _order_statistics(place)
        return low, high


def robustness_of(
    index: Index, draws: int | None = None, progress: Progress | None = None
) -> Robustness:
    """Run both plans over an index. All England takes about two seconds on two cores."""
    method = index.peers.method
    main = run(index, plan_of(index.weighting, method, draws), progress)
    free = run(index, any_weights_plan(index.weighting, method, draws))
    low, middle, high = _order_statistics(main.rank)
    fifth, listed = index.spread(main.fifth), index.in_highest(FIFTH)
    return Robustness(
        draws=len(main.rank),
        median_rank=index.spread(middle),
        rank_5=index.spread(low),
        rank_95=index.spread(high),
        share_worst_tenth=index.spread(main.tenth),
        share_worst_fifth=fifth,
        any_tenth=index.spread(free.tenth),
        any_fifth=index.spread(free.fifth),
        tier=np.array(
            [tier_of(s, method) if there else "" for s, there in zip(fifth, listed, strict=True)],
            dtype=object,
        ),
        ranks=main.rank,
    )


def _order_statistics(rank: npt.NDArray[np.integer]) -> tuple[Floats, Floats, Floats]:
    # The smallest rank that at least 5%, 50%, 95% of draws do not exceed: always a rank that was
    # drawn, never half of one.
    picks = [max(int(np.ceil(share * len(rank) - 1e-9)) - 1, 0) for share in (LOW, 0.5, HIGH)]
    ordered = np.sort(rank, axis=0)
    low, middle, high = (ordered[pick].astype(float) for pick in picks)
    return low, middle, high


def robustness_table(result: Robustness) -> pd.DataFrame:
    """Return the draws' columns in the rows of the index, blank where there is no score."""
    ranks = {name: pd.Series(getattr(result, name)).astype("Int64") for name in RANKS}
    shares = {name: np.round(getattr(result, name), 4) for name in SHARES}
    return pd.DataFrame({"tier": result.tier, **ranks, **shares})
