"""Choose the few columns of a table of gains that together gain most, with proof where possible.

Row ``i`` is a group of people, column ``j`` a candidate site, and the entry what the group gains
if the site is opened. A group takes its best open site, so the objective is the sum over rows of
the largest entry among the chosen columns. With one value in each row this is the maximal
covering location problem (Church and ReVelle 1974); with savings of distance it is the p-median
problem (Hakimi 1964) given the places that exist. HiGHS solves it, through scipy; a Lagrangian
bound first drops the candidates that can be in no better answer.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from atlas.arrays import Floats, Ints
from atlas.planning.cover_reductions import layers, merged, undominated

Method = Literal["greedy", "bounded", "proven"]
Progress = Callable[[float, float, float], None]

_ROUNDS = 300  # of the Lagrangian bound; beyond it the bound hardly moves
_PATIENCE = 12  # rounds without a better bound before the steps are halved
_TINY = 1e-7  # of the total: nearer than this a bound is the total, written in floating point
_LOOK = 0.1  # seconds between two reports while HiGHS works


@dataclass(frozen=True)
class Solution:
    """The chosen columns, the one that adds most first, and how good they can be shown to be.

    ``added`` is what each adds to those before it; no choice of as many columns can have more than
    ``bound``. ``method`` is ``proven`` where ``total`` is the most there is, ``bounded`` where the
    bound still lies higher, ``greedy`` where only the bound of the quick answer is known.
    """

    chosen: tuple[int, ...]
    added: tuple[float, ...]
    total: float
    bound: float
    method: Method
    seconds: float

    @property
    def gap(self) -> float:
        """How much more than ``total`` there could be, as a share of ``bound``; 0 when proven."""
        return 0.0 if self.method == "proven" else (self.bound - self.total) / self.bound


class Gains:
    """A table of gains, never below zero: rows are ``groups`` of people, columns ``candidates``."""

    def __init__(self, table: sparse.sparray) -> None:
        self.by_candidate = sparse.csc_array(table, dtype=float)
        self.by_candidate.eliminate_zeros()
        self.by_candidate.sort_indices()
        if self.by_candidate.nnz and not self.by_candidate.data.min() > 0:
            raise ValueError("a gain may not be negative or unknown")
        self.by_group = sparse.csr_array(self.by_candidate)
        self.groups, self.candidates = map(int, self.by_candidate.shape)
        counts = np.diff(self.by_candidate.indptr)
        # The column of every stored entry, in the order of by_candidate.data.
        self._column = np.repeat(np.arange(self.candidates), counts)

    def above(self, taken: Floats) -> Floats:
        """Return what every candidate would add to groups that already gain ``taken``."""
        more = np.maximum(self.by_candidate.data - taken[self.by_candidate.indices], 0.0)
        sums = np.bincount(self._column, weights=more, minlength=self.candidates)
        return sums.astype(np.float64)

    def taken(self, chosen: Sequence[int]) -> Floats:
        """Return what every group gains from its best chosen candidate."""
        best = np.zeros(self.groups)
        for column in chosen:
            part = slice(self.by_candidate.indptr[column], self.by_candidate.indptr[column + 1])
            rows = self.by_candidate.indices[part]
            best[rows] = np.maximum(best[rows], self.by_candidate.data[part])
        return best

    def total(self, chosen: Sequence[int]) -> float:
        """Return the objective: what all groups gain together."""
        return float(self.taken(chosen).sum())

    def only(self, kept: Ints) -> "Gains":
        """Return the table of some candidates, in the order given."""
        return Gains(self.by_candidate[:, kept])

    def proves(self, bound: float, total: float) -> bool:
        """Tell whether a bound leaves no room for a better total."""
        return bound - total < _TINY * max(total, 1.0)


def greedy_up_to(gains: Gains, most: int) -> tuple[Solution, ...]:
    """Take the candidate that adds most, again and again: answers for 1, 2, ... ``most`` sites.

    No total is below 63% of the best one. The bound of each is what the best remaining candidates
    would add, after some step of the longest run, if they did not overlap: the least of all steps.
    """
    start = time.perf_counter()
    chosen: list[int] = []
    taken = np.zeros(gains.groups)
    bounds = np.full(most + 1, np.inf)
    while True:
        more = gains.above(taken)
        highest = np.zeros(most + 1)
        top = np.sort(more)[::-1][:most]
        highest[1 : len(top) + 1] = top
        bounds = np.minimum(bounds, taken.sum() + np.cumsum(highest))
        if len(chosen) == most or not more.size or not more.max() > 0:
            break
        chosen.append(int(more.argmax()))
        taken = np.maximum(taken, gains.taken(chosen[-1:]))
    seconds = time.perf_counter() - start
    return tuple(
        _judged(gains, chosen[:sites], float(bounds[sites]), "greedy", seconds)
        for sites in range(1, most + 1)
    )


def best(
    gains: Gains,
    sites: int,
    seconds: float = 10.0,
    progress: Progress = lambda *told: None,
    known: Sequence[int] = (),
) -> Solution:
    """Return the best choice of at most ``sites`` candidates, or the best found in the time given.

    Never worse than the greedy one, nor than the choice ``known``. ``progress`` is told the share
    of the work done, the best total and the bound so far. Raises ``ValueError`` for less than one
    site.
    """
    if sites < 1:
        raise ValueError("at least one site must be asked for")
    start = time.perf_counter()
    first = greedy_up_to(gains, sites)[-1]
    search = _Search(gains, sites, start + seconds, progress, list(first.chosen), first.total)
    search.bound = first.bound
    search.offer(list(known)[:sites])
    search.offer(_swapped(gains, search.chosen))
    if search.is_open:
        kept = _tightened(search)
        if search.is_open:
            _solved(search, kept)
    return _judged(gains, search.chosen, search.bound, "bounded", time.perf_counter() - start)


def best_each(
    gains: Gains, most: int, seconds: float = 10.0, progress: Progress = lambda *told: None
) -> Iterator[Solution]:
    """Yield the best answers for 1, 2, ... ``most`` sites, each as :func:`best` gives it.

    ``seconds`` are for all of them together. Totals never fall as sites are added. Best answers
    need not hold one another: the best two sites can leave out the best one.
    """
    start = time.perf_counter()
    before: tuple[int, ...] = ()
    for sites in range(1, most + 1):
        left = start + seconds - time.perf_counter()

        def told(done: float, total: float, bound: float, sites: int = sites) -> None:
            progress((sites - 1 + done) / most, total, bound)

        found = best(gains, sites, left / (most + 1 - sites), told, before)
        before = found.chosen
        yield found


@dataclass
class _Search:
    """One search: what it is for, how long it may take, and the best that it has found."""

    gains: Gains
    sites: int
    deadline: float
    progress: Progress
    chosen: list[int]
    total: float
    bound: float = np.inf

    def offer(self, chosen: list[int]) -> None:
        """Keep a choice if it is better than the best so far."""
        total = self.gains.total(chosen)
        if total > self.total:
            self.chosen, self.total = chosen, total

    @property
    def is_open(self) -> bool:
        """Whether there is time left, and room for a better choice."""
        proven = self.gains.proves(self.bound, self.total)
        return not proven and time.perf_counter() < self.deadline


def _judged(
    gains: Gains, chosen: Sequence[int], bound: float, method: Method, seconds: float
) -> Solution:
    """Put a choice in the order of what each site adds, without those that add nothing, and say
    how good it is: ``proven`` where the bound leaves no room, else ``method``.
    """
    mine = gains.only(np.array(chosen, dtype=np.int64))
    order: list[int] = []
    added: list[float] = []
    taken = np.zeros(gains.groups)
    while len(chosen) and (more := mine.above(taken)).max() > 0:
        column = int(more.argmax())
        order.append(chosen[column])
        added.append(float(more[column]))
        taken = np.maximum(taken, mine.taken([column]))
    total = float(taken.sum())
    if gains.proves(bound, total):
        return Solution(tuple(order), tuple(added), total, total, "proven", seconds)
    return Solution(tuple(order), tuple(added), total, bound, method, seconds)


def _swapped(gains: Gains, chosen: list[int]) -> list[int]:
    """Exchange one site at a time while that gains anything."""
    best_total = gains.total(chosen)
    improved = True
    while improved:
        improved = False
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            taken = gains.taken(others)
            more = gains.above(taken)
            total = float(taken.sum() + more.max())
            if total > best_total * (1 + 1e-12):
                chosen = [*others[:place], int(more.argmax()), *others[place:]]
                best_total, improved = total, True
    return chosen


def _tightened(search: _Search) -> Ints:
    """Lower the bound by Lagrangian relaxation; return the candidates that may still matter.

    The rule that a group takes one site is priced at ``price`` a group instead of kept. Then
    each candidate is worth what exceeds the prices, the best ``sites`` of them are taken, and
    prices plus worths bound every answer (Cornuejols, Fisher and Nemhauser 1977). A candidate
    whose worth is so low that taking it would bring the bound down to the best total found
    cannot be in a better answer.
    """
    gains, sites = search.gains, min(search.sites, search.gains.candidates)
    price = gains.taken(search.chosen)
    highest = gains.by_group.max(axis=1).toarray()
    kept = np.ones(gains.candidates, dtype=bool)
    pace, idle = 1.0, 0
    for turn in range(_ROUNDS):
        worth = gains.above(price)
        top = np.argpartition(-worth, sites - 1)[:sites]
        value = float(price.sum() + worth[top].sum())
        idle += 1
        if value < search.bound:
            search.bound, idle = value, 0
        search.offer([int(column) for column in top if worth[column] > 0])
        # What the bound would be with this candidate in place of the last of the best.
        with_it = value - float(worth[top].min()) + worth
        with_it[top] = value
        kept &= with_it - search.total >= _TINY * max(search.total, 1.0)
        search.progress(0.5 * (turn + 1) / _ROUNDS, search.total, search.bound)
        if not search.is_open or pace < 0.005:
            break
        if idle >= _PATIENCE:
            pace, idle = pace / 2, 0
        taken = gains.by_candidate[:, top]
        wanted = taken.indices[taken.data > price[taken.indices]]
        slope = 1.0 - np.bincount(wanted, minlength=gains.groups)
        slope[(price <= 0) & (slope > 0)] = 0.0
        steep = float(slope @ slope)
        if not steep > 0:
            break
        price = np.clip(price - pace * (value - search.total) / steep * slope, 0.0, highest)
    return np.flatnonzero(kept)


def _solved(search: _Search, kept: Ints) -> None:
    """Let HiGHS find the best choice of the kept candidates, or prove that there is no better.

    Runs in a thread of its own, because HiGHS tells nothing while it works and cannot be
    interrupted: where ``progress`` raises, the thread ends at its own time limit.
    """
    weights, covers = layers(search.gains.only(kept).by_group)
    columns = undominated(covers)
    weights, covers = merged(weights, covers[:, columns])
    kept = kept[columns]
    groups, sites = covers.shape
    if not groups:
        # Every candidate was dropped: no better answer is left.
        search.bound = search.total
        return
    # Variables: one for each candidate (opened or not), one for each group (served or not).
    served = sparse.hstack([-covers, sparse.eye_array(groups)], format="csr")
    opened = sparse.csr_array(np.concatenate([np.ones(sites), np.zeros(groups)])[None, :])
    seconds = max(search.deadline - time.perf_counter(), _LOOK)
    # Weights that sum to 10,000 keep the solver's own tolerances far below one person.
    scale = max(float(weights.sum()), 1e-9) / 1e4
    pool = ThreadPoolExecutor(1, thread_name_prefix="sites")
    running = pool.submit(
        milp,
        -np.concatenate([np.zeros(sites), weights / scale]),
        integrality=np.concatenate([np.ones(sites), np.zeros(groups)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(served, -np.inf, 0),
            LinearConstraint(opened, -np.inf, search.sites),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    pool.shutdown(wait=False)
    begun = time.perf_counter()
    while not wait([running], timeout=_LOOK).done:
        passed = (time.perf_counter() - begun) / seconds
        search.progress(0.5 + 0.5 * min(passed, 1.0), search.total, search.bound)
    result = running.result()
    if result.x is not None:
        search.offer([int(column) for column in kept[result.x[:sites] > 0.5]])
    limit = getattr(result, "mip_dual_bound", None)
    if result.status == 0:
        search.bound = min(search.bound, search.total)
    elif limit is not None and np.isfinite(limit):
        # Candidates that were dropped can do no better than the best total found.
        search.bound = min(search.bound, max(-limit * scale, search.total))
