import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from atlas.risk.index import Weighting, choose, index_of, peers, ranks
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.risk.robustness import (
    Plan,
    any_weights_plan,
    drawn_choices,
    drawn_to_council,
    mixed,
    plan_from,
    plan_of,
    robustness_of,
    robustness_table,
    run,
    tier_of,
    usual_choices,
)
from atlas.snapshot.snapshot import load
from tests.toys.index import INDICATORS, RISK, code, ladder, table, tables, weightings

EQUAL = dict.fromkeys(declared_method().risk_components(), 1.0)
METHOD = declared_method()


def test_at_least_a_thousand_draws_are_declared() -> None:
    assert METHOD.tests.draws >= 1000


def test_a_ladder_keeps_its_order_in_every_draw() -> None:
    """All indicators agree, so no choice of weights or method can change a rank."""
    index = index_of(peers(ladder(20)), choose(EQUAL))
    result = robustness_of(index, 200)
    for places in (result.rank_5, result.median_rank, result.rank_95):
        assert places.tolist() == list(range(20, 0, -1))
    assert result.share_worst_tenth.tolist() == [0.0] * 18 + [1.0] * 2
    assert result.share_worst_fifth.tolist() == [0.0] * 16 + [1.0] * 4
    assert result.tier.tolist() == [""] * 16 + ["sure"] * 4


def varied(weighting: Weighting, draws: int, *names: str) -> Plan:
    """A plan in which the named factors alone change; the rest stays as the reader has it."""
    usual = usual_choices(weighting, METHOD, draws)
    drawn = drawn_choices(weighting, METHOD, draws, METHOD.tests.seed)
    return plan_from(mixed(usual, drawn, names), weighting, METHOD)


def test_weights_stay_within_a_quarter_and_sum_to_one() -> None:
    weighting = choose({"money_and_skills": 0.5, "age_and_health": 0.3, "home_connection": 0.2})
    plan = plan_of(weighting, METHOD, 500)
    assert np.allclose(plan.weights.sum(axis=1), 1, atol=1e-12)
    ratio = plan.weights[:, 0] / plan.weights[:, 1] / (0.5 / 0.3)
    assert 0.6 - 1e-9 <= ratio.min() < 0.7 and 1.5 < ratio.max() <= 1.25 / 0.75 + 1e-9
    assert set(plan.scaling) == {0, 1, 2, 3} and set(plan.geometric) == {True, False}


def test_each_draw_leaves_out_one_indicator_at_most() -> None:
    plan = varied(choose(EQUAL), 1000, "an indicator left out")
    out = (plan.inner == 0).sum(axis=1)
    assert set(out) == {0, 1}
    assert ((plan.inner == 0).sum(axis=0) > 50).all()
    assert (plan.inner == 0).mean(axis=0).sum() == pytest.approx(7 / 8, abs=0.05)


def test_the_only_indicator_of_a_component_is_never_left_out() -> None:
    plan = plan_of(choose({**EQUAL, "library_access": 1}), METHOD, 1000)
    assert (plan.inner[:, plan.indicators.index("library_distance_km")] > 0).all()


def test_an_alternative_takes_the_whole_weight_of_what_it_stands_for() -> None:
    plan = varied(choose(EQUAL), 400, "another indicator")
    weight = {name: plan.inner[:, at] for at, name in enumerate(plan.indicators)}
    money = ["income_deprived_rate", "deprived_households_rate", "social_rented_rate"]
    assert np.sum([weight[name] for name in money], axis=0).tolist() == [1.0] * 400
    age = weight["age_75_plus_rate"] + weight["age_65_74_rate"]
    assert set(weight["age_75_plus_rate"]) == {0.0, 2.0} and age.tolist() == [3.0] * 400
    usual = (weight["income_deprived_rate"] == 1) & (weight["age_75_plus_rate"] == 2)
    assert usual.mean() == pytest.approx(1 / 4, abs=0.06)


def test_small_wards_are_drawn_towards_their_council_by_the_declared_rule() -> None:
    """One small area: half its own, half the council's; three: three quarters its own."""
    frame = table([100.0, 300.0, 100.0], income_deprived_rate=[0.1, 0.3, 0.9])
    frame = frame.assign(authority_code=["A", "A", "B"], small_areas=[1.0, 3.0, np.nan])
    group = peers(frame)
    # The council's mean is 0.25; the third ward's table does not say what it rests on.
    found = drawn_to_council(group.values["income_deprived_rate"], group)
    assert found == pytest.approx([0.175, 0.2875, 0.9])


def test_broadband_moves_in_proportion_to_the_council_where_that_is_known() -> None:
    """Council A lacked 20% and lacks 10% today, so its wards are halved; of B nothing is known."""
    frame = table([100.0, 100.0, 100.0], gigabit_unavailable_rate=[0.1, 0.3, 0.5])
    frame = frame.assign(authority_code=["A", "A", "B"])
    councils = pd.DataFrame({"authority_code": ["A"], "council_gigabit_rate": [0.9]})
    group = peers(frame, councils=councils)
    assert group.newer["gigabit_unavailable_rate"] == pytest.approx([0.05, 0.15, 0.5])
    assert "superfast_unavailable_rate" not in group.newer and peers(frame).newer == {}


def test_a_draw_of_newer_broadband_uses_it() -> None:
    frame = random_wards(30).assign(authority_code="A")
    rates = np.full(30, 0.4)
    rates[0] = 0.8
    frame = frame.assign(superfast_unavailable_rate=rates, gigabit_unavailable_rate=rates)
    frame["authority_code"] = ["A", *["B"] * 29]
    councils = pd.DataFrame({"authority_code": ["A"], "council_gigabit_rate": [1.0]})
    councils["council_below_30_rate"] = 0.0
    weighting = choose({"home_connection": 1})
    plan = varied(weighting, 100, "broadband of councils today")
    rank = run(index_of(peers(frame, councils=councils), weighting), plan).rank[:, 0]
    assert set(rank[plan.newer]) == {30} and set(rank[~plan.newer]) == {1}


def test_the_geometric_mean_is_of_what_is_left_to_100() -> None:
    """One ward high on one part alone, one middling on all: the first must not be made up for."""
    rising = [n / 20 for n in range(20)]
    frame = table(
        [100.0] * 20,
        **dict.fromkeys(["income_deprived_rate", "low_skills_rate"], [*rising[:19], 0.95]),
        **dict.fromkeys(RISK[2:], [*rising[:19], 0.32]),
    )
    weighting = choose(EQUAL, scaling="percentile")
    index = index_of(peers(frame), weighting)
    plan = varied(weighting, 200, "kind of mean")
    rank = run(index, plan).rank[:, 19]
    assert set(rank[plan.geometric]) < set(range(1, int(index.rank[19])))
    assert set(rank[~plan.geometric]) == {int(index.rank[19])}


def test_places_among_some_are_counted_among_them_alone() -> None:
    frame = ladder(20)
    frame.loc[3, ["population", *INDICATORS]] = np.nan
    result = robustness_of(index_of(peers(frame), choose(EQUAL)), 50)
    low, high = result.places_among(np.array([19, 2, 11]))
    assert low.tolist() == high.tolist() == [1, 3, 2]


def test_what_is_not_varied_stays_as_chosen() -> None:
    weighting = choose(EQUAL)
    index = index_of(peers(random_wards(40)), weighting)
    still = run(index, varied(weighting, 20))
    assert (still.rank == index.rank[index.scored]).all()
    weights = varied(weighting, 20, "weights")
    assert not (weights.geometric.any() or weights.small_wards.any()) and set(weights.scaling) == {
        0
    }
    assert (weights.inner > 0).all()


def test_any_weights_means_any() -> None:
    plan = any_weights_plan(choose(EQUAL), METHOD, 1000)
    assert np.allclose(plan.weights.sum(axis=1), 1)
    assert plan.weights.min() < 0.01 and plan.weights.max() > 0.9


def random_wards(count: int, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    values = {name: np.round(rng.random(count), 2) for name in INDICATORS}
    return pd.DataFrame(values).assign(
        ward_code=[code(n) for n in range(count)],
        population=rng.integers(500, 9000, count).astype(float),
    )


@settings(max_examples=20)
@given(tables(least=3, gaps=True), weightings())
def test_the_same_seed_gives_identical_tiers(
    frame: pd.DataFrame, weights: dict[str, float]
) -> None:
    index = index_of(peers(frame), choose(weights))
    one, other = robustness_of(index, 60), robustness_of(index, 60)
    assert one.tier.tolist() == other.tier.tolist()
    assert np.array_equal(one.median_rank, other.median_rank, equal_nan=True)


@settings(max_examples=20)
@given(tables(least=3, gaps=True), weightings())
def test_a_ward_without_a_score_has_no_tier_and_intervals_hold_their_median(
    frame: pd.DataFrame, weights: dict[str, float]
) -> None:
    index = index_of(peers(frame), choose(weights))
    result = robustness_of(index, 60)
    known = index.scored
    assert (result.tier[~known] == "").all()
    for values in (result.median_rank, result.share_worst_tenth, result.any_tenth):
        assert np.array_equal(np.isnan(values), ~known)
    assert (result.rank_5[known] <= result.median_rank[known]).all()
    assert (result.median_rank[known] <= result.rank_95[known]).all()
    assert (result.share_worst_tenth[known] <= result.share_worst_fifth[known]).all()
    assert (result.rank_5[known] >= 1).all() and (result.rank_95[known] <= known.sum()).all()


def test_tiers_do_not_depend_on_the_order_of_rows() -> None:
    frame = random_wards(60)
    order = np.random.default_rng(4).permutation(60)
    there = robustness_of(index_of(peers(frame), choose(EQUAL)), 100)
    shuffled = frame.iloc[order].reset_index(drop=True)
    back = robustness_of(index_of(peers(shuffled), choose(EQUAL)), 100)
    assert back.tier.tolist() == there.tier[order].tolist()
    assert back.median_rank.tolist() == there.median_rank[order].tolist()


def test_one_draw_is_what_the_index_itself_would_give() -> None:
    """The fast ranking against the plain one: every draw of a run with weights alone."""
    frame = random_wards(50)
    weighting = choose(EQUAL)
    plan = varied(weighting, 10, "weights")
    drawn = run(index_of(peers(frame), weighting), plan)
    for row in range(10):
        inner = dict(zip(plan.indicators, plan.inner[row], strict=True))
        plain = index_of(peers(frame), choose(EQUAL, inner))
        exact = zip(plan.weights[row], plain.parts.values(), strict=True)
        total = np.round(np.sum([weight * part for weight, part in exact], axis=0) / 655.35, 9)
        assert drawn.rank[row].tolist() == ranks(total).tolist()


def test_tiers_are_named_by_their_least_share() -> None:
    named = [tier_of(share, METHOD) for share in (1, 0.95, 0.949, 0.5, 0.499, 0)]
    assert named == [
        *("sure", "sure", "fairly sure", "fairly sure", "could change"),
        "could change",
    ]
    assert tier_of(float("nan"), METHOD) == ""


def test_progress_is_told_up_to_the_end() -> None:
    told: list[float] = []
    robustness_of(index_of(peers(random_wards(10)), choose(EQUAL)), 120, told.append)
    assert told == sorted(told) and told[-1] == 1


def test_the_table_leaves_blank_what_is_not_known() -> None:
    frame = ladder(5)
    frame.loc[2, ["population", *INDICATORS]] = np.nan
    index = index_of(peers(frame), choose(EQUAL))
    lines = robustness_table(robustness_of(index, 50))
    assert lines.iloc[2, 1:].isna().all() and lines["tier"][2] == ""
    assert lines["median_rank"].dropna().tolist() == [4, 3, 2, 1]


def test_only_some_of_englands_highest_fifth_is_sure_and_mablethorpe_is() -> None:
    wards = load().wards
    england = peers(wards)
    index = index_of(england, weighting_of(METHOD.presets["standard"], METHOD))
    result = robustness_of(index)
    listed = index.in_highest(0.2)
    assert (result.tier[~listed] == "").all()
    assert 0.25 < (result.tier[listed] == "sure").mean() < 0.4
    row = int(np.flatnonzero(wards["ward_name"] == "Mablethorpe")[0])
    assert result.tier[row] == "sure"
    assert result.draws >= 1000
