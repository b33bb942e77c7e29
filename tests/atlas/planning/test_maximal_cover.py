"""The choice of sites: equal to trying everything, never below greedy, proved or said not to be."""

from itertools import combinations
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from atlas.planning.cover_reductions import layers, merged, undominated
from atlas.planning.maximal_cover import Gains, best, best_each, greedy_up_to


def gains(rows: Any) -> Gains:
    return Gains(sparse.csr_array(np.array(rows, dtype=float)))


def everything_tried(table: Gains, sites: int) -> float:
    """The best total, found by trying every choice."""
    several = min(sites, table.candidates)
    return max(table.total(choice) for choice in combinations(range(table.candidates), several))


@st.composite
def tables(draw: st.DrawFn) -> Gains:
    """Small tables of both kinds: one value in each row (reach), or many (distance)."""
    groups, candidates = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    if draw(st.booleans()):
        people = draw(st.lists(st.integers(0, 9), min_size=groups, max_size=groups))
        near = draw(
            st.lists(st.booleans(), min_size=groups * candidates, max_size=groups * candidates)
        )
        table = np.array(people)[:, None] * np.array(near).reshape(groups, candidates)
        return gains(table)
    numbers = st.one_of(st.just(0.0), st.floats(0.01, 50), st.integers(1, 5).map(float))
    values = draw(st.lists(numbers, min_size=groups * candidates, max_size=groups * candidates))
    return gains(np.array(values).reshape(groups, candidates))


@given(tables(), st.integers(1, 5))
@settings(max_examples=300)
def test_the_best_answer_equals_trying_everything(table: Gains, sites: int) -> None:
    found = best(table, sites)
    assert found.total == pytest.approx(everything_tried(table, sites), rel=1e-6, abs=1e-9)
    assert found.method == "proven" and found.gap == 0 and found.bound == found.total
    assert found.total == pytest.approx(table.total(found.chosen))


@given(tables(), st.integers(1, 5))
@settings(max_examples=150)
def test_greedy_lies_between_63_percent_and_the_best_and_its_bound_above(
    table: Gains, sites: int
) -> None:
    quick, most = greedy_up_to(table, sites)[-1], everything_tried(table, sites)
    assert quick.total <= most + 1e-9
    assert quick.total >= (1 - 1 / np.e) * most - 1e-9
    assert quick.bound >= most - 1e-6 * max(most, 1)
    assert best(table, sites).total >= quick.total - 1e-9


@pytest.mark.slow
@given(tables())
@settings(max_examples=150)
def test_more_sites_never_reach_fewer(table: Gains) -> None:
    for answers in (tuple(best_each(table, 5)), greedy_up_to(table, 5)):
        totals = [answer.total for answer in answers]
        assert totals == sorted(totals)
        for sites, answer in enumerate(answers, 1):
            assert len(answer.chosen) <= sites
            assert answer.bound >= everything_tried(table, sites) - 1e-6
            assert answer.bound >= answer.total


@given(tables(), st.integers(1, 5))
def test_what_each_adds_makes_up_the_total_and_falls(table: Gains, sites: int) -> None:
    found = best(table, sites)
    assert sum(found.added) == pytest.approx(found.total)
    assert list(found.added) == sorted(found.added, reverse=True)
    assert all(more > 0 for more in found.added)
    # A site's share is what it adds to those named before it: nobody is counted twice.
    before = 0.0
    for number, more in enumerate(found.added, 1):
        total = table.total(found.chosen[:number])
        assert total - before == pytest.approx(more)
        before = total


@given(tables(), st.integers(1, 4))
@settings(max_examples=150)
def test_the_reductions_keep_every_total_and_the_best_choice(table: Gains, sites: int) -> None:
    weights, covers = layers(table.by_group)
    for choice in combinations(range(table.candidates), min(sites, table.candidates)):
        served = covers[:, list(choice)].sum(axis=1) > 0
        assert weights[served].sum() == pytest.approx(table.total(choice))
    columns = undominated(covers)
    fewer, smaller = merged(weights, covers[:, columns])
    assert fewer.sum() == pytest.approx(weights.sum())
    most = everything_tried(table, sites)
    reduced = max(
        (
            fewer[smaller[:, list(choice)].sum(axis=1) > 0].sum()
            for choice in combinations(range(columns.size), min(sites, columns.size))
        ),
        default=0.0,
    )
    assert reduced == pytest.approx(most)


def plainly_solved(table: Gains, sites: int) -> float:
    """The best total by HiGHS alone, without a bound or a reduction of ours."""
    weights, covers = layers(table.by_group)
    groups, candidates = covers.shape
    served = sparse.hstack([-covers, sparse.eye_array(groups)], format="csr")
    opened = sparse.csr_array(np.concatenate([np.ones(candidates), np.zeros(groups)])[None, :])
    result = milp(
        -np.concatenate([np.zeros(candidates), weights]),
        integrality=np.concatenate([np.ones(candidates), np.zeros(groups)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(served, -np.inf, 0),
            LinearConstraint(opened, -np.inf, sites),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return float(-result.fun)


@pytest.mark.parametrize("seed", range(6))
def test_on_larger_maps_it_equals_the_solver_alone(seed: int) -> None:
    chance = np.random.default_rng(seed)
    people, places = chance.random((150, 2)), chance.random((60, 2))
    away = np.hypot(*(people[:, None, :] - places[None, :, :]).transpose(2, 0, 1))
    weight = chance.integers(1, 100, 150)
    reach = gains(weight[:, None] * (away < 0.12))
    saved = gains(weight[:, None] * np.maximum(0.3 - away, 0))
    for table in (reach, saved):
        found = best(table, 8)
        assert found.method == "proven"
        assert found.total == pytest.approx(plainly_solved(table, 8), rel=1e-6)


def test_greedy_can_be_beaten_and_says_so_by_its_bound() -> None:
    # The middle serves 6 and looks best; then either end adds only 2. The two ends serve all 10.
    table = gains([[2, 0, 0], [3, 3, 0], [0, 3, 3], [0, 0, 2]])
    quick = greedy_up_to(table, 2)[-1]
    assert quick.total == 8 and quick.method == "greedy" and quick.bound >= 10
    assert best(table, 2).total == 10
    # Exchanging one site for another finds it even where there is no time for proof.
    assert best(table, 2, seconds=0).total == 10


def test_nobody_to_reach_gives_no_site() -> None:
    for table in (gains([[0, 0], [0, 0]]), Gains(sparse.csr_array((0, 3))), gains([[]])):
        found = best(table, 3)
        assert found.chosen == () and found.total == 0 and found.method == "proven"
        assert found.gap == 0


def test_sites_that_would_add_nothing_are_not_named() -> None:
    found = best(gains([[4, 4, 0], [0, 0, 1]]), 3)
    assert found.chosen == (0, 2) and found.added == (4, 1)


def test_a_gain_below_zero_or_unknown_is_refused() -> None:
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="negative or unknown"):
            gains([[1.0, wrong]])
    with pytest.raises(ValueError, match="at least one site"):
        best(gains([[1.0]]), 0)


def large() -> Gains:
    chance = np.random.default_rng(3)
    return gains(chance.random((300, 200)) * (chance.random((300, 200)) < 0.1))


def test_what_progress_raises_stops_a_solver_that_is_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_work, released = Event(), Event()

    def endless(*_: object, **__: object) -> None:
        at_work.set()
        released.wait(60)

    def told(*_: float) -> None:
        if at_work.is_set():
            raise InterruptedError

    monkeypatch.setattr("atlas.planning.maximal_cover.milp", endless)
    with pytest.raises(InterruptedError):
        best(gains(knot()), 2, 600, told)
    assert at_work.is_set() and not released.is_set()
    released.set()


def knot() -> list[list[int]]:
    """Seven groups, each served by three of seven sites (the Fano plane): no bound is tight."""
    lines = ((0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5))
    return [[int(site in line) for site in range(7)] for line in lines]


def test_time_that_is_up_still_gives_an_answer_and_an_honest_bound() -> None:
    table = large()
    found = best(table, 10, seconds=0)
    assert found.method == "bounded" and 0 < found.gap < 1
    assert found.bound > found.total >= greedy_up_to(table, 10)[-1].total


@pytest.mark.slow
def test_progress_rises_and_the_bound_falls() -> None:
    told: list[tuple[float, float, float]] = []
    assert len(list(best_each(large(), 3, 5.0, lambda *now: told.append(now)))) == 3
    assert told and all(0 <= done <= 1 for done, _, _ in told)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert all(total <= bound + 1e-9 for _, total, bound in told)
