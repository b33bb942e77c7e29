import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from atlas.risk.index import choose, component_scores, index_of, peers, population_percentile
from atlas.risk.influence import (
    compare_weightings,
    component_correlations,
    covariance,
    effective_influence,
    indicator_correlations,
    indicator_influence,
    overlap,
    shares,
    weighting_for_influence,
    weighting_of,
    weights_for,
)
from atlas.risk.method import declared_method
from atlas.snapshot.snapshot import load
from tests.toys.index import ladder, table, tables, weightings

METHOD = declared_method()


def test_covariance_is_weighted_by_residents() -> None:
    # Residents 1 and 3: means 3 and 30; variance (1*9 + 3*1)/4 = 3.
    matrix = covariance([np.array([0.0, 4.0]), np.array([0.0, 40.0])], np.array([1.0, 3.0]))
    assert matrix.tolist() == [[3, 30], [30, 300]]


def test_rows_with_a_gap_do_not_enter_the_covariance() -> None:
    gap = covariance([np.array([0.0, 4.0, np.nan])], np.array([1.0, 3.0, 5.0]))
    assert gap.tolist() == [[3]]
    assert covariance([np.array([np.nan])], np.array([1.0])).tolist() == [[0]]


def test_shares_of_independent_parts_go_by_weight_times_variance() -> None:
    assert shares(np.array([0.5, 0.5]), np.diag([1.0, 3.0])).tolist() == [0.25, 0.75]


def test_shares_of_a_sum_that_does_not_vary_are_missing() -> None:
    opposite = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert np.isnan(shares(np.array([0.5, 0.5]), opposite)).all()


def test_equal_parts_have_equal_influence() -> None:
    index = index_of(
        peers(ladder(10)),
        choose(dict.fromkeys(declared_method().risk_components(), 1)),
    )
    found = effective_influence(index)
    assert list(found.values()) == pytest.approx([1 / 3] * 3, abs=0.001)
    assert sum(indicator_influence(index).values()) == pytest.approx(1)
    # 75+ and disabled weigh 2, 65-74 weighs 1, and all three are the same here.
    parts = indicator_influence(index)
    assert parts["age_75_plus_rate"] == pytest.approx(2 / 15, abs=0.001)
    assert parts["age_65_74_rate"] == pytest.approx(1 / 15, abs=0.001)


@given(tables(least=4), weightings())
def test_influence_sums_to_one(frame: pd.DataFrame, weights: dict[str, float]) -> None:
    index = index_of(peers(frame), choose(weights))
    assume(np.var(index.score) > 1e-6)
    assert sum(effective_influence(index).values()) == pytest.approx(1, abs=1e-9)
    parts = np.array(list(indicator_influence(index).values()))
    assume(not np.isnan(parts).any())
    assert parts.sum() == pytest.approx(1, abs=1e-9)


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=6, max_size=12),
    st.lists(st.integers(1, 20), min_size=3, max_size=3),
)
def test_the_weights_found_have_exactly_the_intended_influence(
    rows: list[list[int]], wanted: list[int]
) -> None:
    matrix = np.cov(np.array(rows, dtype=float).T)
    assume(np.linalg.eigvalsh(matrix)[0] > 0.3)
    intended = np.array(wanted) / sum(wanted)
    weights = weights_for(intended, matrix)
    assert weights.sum() == pytest.approx(1, abs=1e-12) and (weights > 0).all()
    assert shares(weights, matrix) == pytest.approx(intended, abs=1e-9)


@pytest.mark.parametrize(
    ("intended", "matrix"),
    [
        ([0.5, 0.5], [[1.0, 0.0], [0.0, 0.0]]),  # one does not vary
        ([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]]),  # nothing is wanted of one
        ([0.5, 0.5], [[1.0, -1.0], [-1.0, 1.0]]),  # they cancel: the sum cannot vary
        ([], np.zeros((0, 0)).tolist()),
    ],
)
def test_an_influence_that_no_weights_give_is_refused(
    intended: list[float], matrix: list[list[float]]
) -> None:
    with pytest.raises(ValueError, match="influence"):
        weights_for(np.array(intended), np.array(matrix).reshape(len(intended), len(intended)))


def test_a_component_without_intended_influence_gets_no_weight() -> None:
    rng = np.random.default_rng(2)
    names = list(declared_method().indicators)
    frame = table([100.0] * 40, **{name: rng.random(40).tolist() for name in names})
    weighting = weighting_for_influence(peers(frame), {"money_and_skills": 2, "age_and_health": 1})
    assert set(weighting.weight) == {"money_and_skills", "age_and_health"}
    assert sum(weighting.weight.values()) == pytest.approx(1, abs=1e-12)
    found = effective_influence(index_of(peers(frame), weighting))
    assert found["money_and_skills"] == pytest.approx(2 / 3, abs=0.005)


def test_overlap_is_the_wards_in_both_over_the_wards_in_either() -> None:
    one, other = np.array([True, True, False]), np.array([False, True, True])
    assert overlap(one, other) == 1 / 3
    assert overlap(~one & one, ~one & one) == 1


def test_the_standard_weights_keep_each_part_within_its_limits() -> None:
    """The declared criteria: the two main parts 30% to 60% each, home connection at least 5%."""
    england = peers(load().wards)
    found = effective_influence(index_of(england, weighting_of(METHOD.presets["standard"], METHOD)))
    assert 0.3 <= found["money_and_skills"] <= 0.6 and 0.3 <= found["age_and_health"] <= 0.6
    assert found["home_connection"] >= 0.05


def test_in_england_connection_runs_against_money_and_equal_weights_hide_poverty() -> None:
    england = peers(load().wards)
    index = index_of(england, weighting_of(METHOD.presets["equal_weights"], METHOD))
    found = effective_influence(index)
    assert found["money_and_skills"] < 0.25 < 0.35 < found["home_connection"]
    together = component_correlations(index).loc["money_and_skills", "home_connection"]
    assert together == pytest.approx(-0.34, abs=0.02)


def test_the_old_method_lists_what_it_listed() -> None:
    """Percentiles with the weights of version 0.1, worked out here without the index's own sums."""
    england = peers(load().wards)
    index = index_of(england, weighting_of(METHOD.presets["version_0_1"], METHOD))
    weights = {"money_and_skills": 0.419, "age_and_health": 0.34, "home_connection": 0.241}
    mean = sum(weight * index.components[key] for key, weight in weights.items())
    place = population_percentile(np.round(mean, 9), england.people)
    assert ((place >= 90 - 1e-9) == index.in_highest(0.1)).all()
    assert int(index.in_highest(0.1).sum()) == 876


def test_no_pair_of_indicators_in_different_components_counts_one_signal_twice() -> None:
    correlations = indicator_correlations(peers(load().wards))
    assert (np.diag(correlations) == 1).all()
    homes = {key: i.component for key, i in declared_method().indicators.items()}
    for one in homes:
        for other in homes:
            if homes[one] != homes[other]:
                assert abs(correlations.loc[one, other]) < 0.6


def test_the_choice_of_weights_is_shown_by_what_it_does_to_the_list() -> None:
    england = peers(load().wards)
    presets = declared_method().presets
    weightings = {key: weighting_of(preset, METHOD) for key, preset in presets.items()}
    lists = compare_weightings(england, weightings, 0.1).set_index("choice")
    assert lists.loc["standard", "overlap"] == 1
    assert lists.loc["version_0_1", "overlap"] < 0.6
    assert (lists["residents"] <= 0.1 * np.nansum(england.people)).all()
    assert list(component_scores(england, weightings["people_only"])) == [
        "money_and_skills",
        "age_and_health",
    ]
