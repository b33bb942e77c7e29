import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.declarations import DeclarationError
from atlas.risk import method
from atlas.risk.index import (
    choose,
    component_mean,
    component_scores,
    exponential,
    index_of,
    index_table,
    min_max,
    peers,
    population_percentile,
    transformed,
    z_scores,
)
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.snapshot.snapshot import load
from tests.toys.index import INDICATORS, full, ladder, table, tables, weightings

EQUAL = {"money_and_skills": 1.0, "age_and_health": 1.0, "home_connection": 1.0}
NAN = float("nan")


def score(frame: pd.DataFrame, weights: dict[str, float] | None = None) -> np.ndarray:
    return index_of(peers(frame), choose(weights or EQUAL)).score


def test_a_percentile_is_the_share_of_residents_where_the_value_is_strictly_lower() -> None:
    # 10,000 residents; the two wards at 0.2 share the place after the first 1,000.
    values = np.array([0.3, 0.2, 0.1, 0.2, 0.5])
    people = np.array([2000.0, 3000.0, 1000.0, 2000.0, 2000.0])
    assert population_percentile(values, people).tolist() == [60, 10, 0, 10, 80]


def test_a_missing_value_has_no_percentile_and_its_residents_are_not_counted() -> None:
    values, people = np.array([0.3, NAN, 0.1]), np.array([1000.0, 9000.0, 1000.0])
    assert np.array_equal(population_percentile(values, people), [50, NAN, 0], equal_nan=True)


def test_all_wards_with_nothing_unserved_score_zero() -> None:
    values, people = np.array([0.0, 0.0, 0.0, 0.4]), np.full(4, 500.0)
    assert population_percentile(values, people).tolist() == [0, 0, 0, 75]


@pytest.mark.parametrize("people", [[0.0, 0.0], [NAN, NAN]])
def test_without_residents_there_are_no_percentiles(people: list[float]) -> None:
    assert np.isnan(population_percentile(np.array([0.1, 0.2]), np.array(people))).all()


def test_components_are_the_weighted_mean_of_percentiles_ranked_again() -> None:
    # Five equal wards. Age: 75+ counts 2, 65-74 counts 1, disabled 2.
    frame = table(
        [100.0] * 5,
        age_75_plus_rate=[0.5, 0.4, 0.3, 0.2, 0.1],
        age_65_74_rate=[0.1, 0.2, 0.3, 0.4, 0.5],
        disabled_rate=[0.3, 0.5, 0.1, 0.2, 0.4],
    )
    group, weighting = peers(frame), choose({"age_and_health": 1})
    # Percentiles 80 60 40 20 0; 0 20 40 60 80; 40 80 0 20 60.
    expected = [(160 + 0 + 80) / 5, (120 + 20 + 160) / 5, (80 + 40) / 5, (40 + 60 + 40) / 5, 40]
    assert component_mean(group, "age_and_health", weighting) == pytest.approx(expected)
    ranked = component_scores(group, weighting)["age_and_health"]
    assert ranked.tolist() == [60, 80, 0, 20, 40]


@given(tables(), st.lists(st.tuples(weightings(), weightings()), min_size=2, max_size=4))
def test_what_was_scored_before_changes_no_score(
    frame: pd.DataFrame, asked: list[tuple[dict[str, float], dict[str, float]]]
) -> None:
    group = peers(frame)
    for weights, others in asked:
        inner = dict(zip(INDICATORS, [0.5 + w for w in others.values()] * 9, strict=False))
        chosen = choose(weights, inner)
        np.testing.assert_array_equal(
            index_of(group, chosen).score, index_of(peers(frame), chosen).score
        )


def test_ranks_are_transformed_as_the_indices_of_deprivation_do() -> None:
    """Their formula and constant; at 90 their text says that half of the range is left."""
    found = exponential(np.array([0.0, 50.0, 90.0, 99.0, 100.0]), 23)
    assert found == pytest.approx([0, 15.65, 50.42, 86.96, 100], abs=0.01)
    assert transformed(np.array([0.0, 90.0, 100.0, NAN]), "exponential", 23).tolist()[:3] == [
        *(0, 33047, 65535)
    ]
    assert transformed(np.array([0.0, 50.0, 100.0]), "percentile", 23).tolist() == [0, 32768, 65535]


def test_one_low_part_hardly_cancels_a_high_one() -> None:
    """Ten wards: the last is highest on money and lowest on age, the sixth in the middle."""
    rising = [n / 10 for n in range(10)]
    turned = [0.85, *rising[1:9], 0.0]
    frame = table(
        [100.0] * 10,
        **dict.fromkeys(["income_deprived_rate", "low_skills_rate"], rising),
        **dict.fromkeys(["age_75_plus_rate", "age_65_74_rate", "disabled_rate"], turned),
    )
    both = {"money_and_skills": 1.0, "age_and_health": 1.0}
    plain = index_of(peers(frame), choose(both, scaling="percentile"))
    steep = index_of(peers(frame), choose(both))
    assert plain.score[9] < plain.score[5] and steep.score[9] > steep.score[5]


def test_what_orders_wards_is_a_sum_of_whole_numbers() -> None:
    index = index_of(peers(ladder(20)), choose({"money_and_skills": 1, "age_and_health": 2}))
    assert dict(index.weighting.weights) == {
        **dict.fromkeys(declared_method().components, 0),
        "money_and_skills": 333,
        "age_and_health": 667,
    }
    parts = index.parts
    expected = 333 * parts["money_and_skills"] + 667 * parts["age_and_health"]
    assert index.total.tolist() == expected.tolist() == np.rint(index.total).tolist()


def test_wards_with_equal_sums_share_the_lower_score_and_the_better_rank() -> None:
    frame = full([100.0, 300.0, 100.0, 500.0], [[0.1] * 8, [0.3] * 8, [0.3] * 8, [0.5] * 8])
    index = index_of(peers(frame), choose(EQUAL))
    assert index.score.tolist() == [0, 10, 10, 50]
    assert index.rank.tolist() == [4, 2, 2, 1]


def test_a_score_is_never_cut_up_to_a_bound() -> None:
    people = [79_999_990.0, 1_000_000.0, 19_000_010.0]
    index = index_of(peers(full(people, [[0.1] * 8, [0.2] * 8, [0.3] * 8])), choose(EQUAL))
    assert index.score[1] == pytest.approx(79.99999) and not index.in_highest(0.2)[1]
    assert index.cut_score.tolist() == [0, 79.9999, 80.9999]


def test_the_score_is_the_share_of_residents_at_lower_risk() -> None:
    index = index_of(peers(ladder(20)), choose(EQUAL))
    assert index.score == pytest.approx(np.arange(20) * 5.0)
    assert index.band.tolist() == [1 + n // 2 for n in range(20)]
    assert index.rank.tolist() == list(range(20, 0, -1))
    assert index.in_highest(0.1).tolist() == [False] * 18 + [True] * 2
    assert index.in_highest(0.2).sum() == 4


def test_a_component_needs_two_thirds_of_its_inner_weight() -> None:
    frame = ladder(4)
    frame.loc[0, "gigabit_unavailable_rate"] = NAN  # superfast alone: two thirds, enough
    frame.loc[1, "superfast_unavailable_rate"] = NAN  # gigabit alone: one third
    frame.loc[2, "age_65_74_rate"] = NAN  # four fifths, enough
    frame.loc[3, "low_skills_rate"] = NAN  # a half
    result = index_table(index_of(peers(frame), choose(EQUAL)))
    assert result["score"].notna().tolist() == [True, False, True, False]
    assert result["band"].isna().tolist() == [False, True, False, True]
    assert "home connection" in result["reason"][1] and "superfast" in result["reason"][1]
    assert "money and skills" in result["reason"][3]
    assert result["reason"][0] == ""


def test_a_missing_component_without_weight_does_not_matter() -> None:
    frame = ladder(4)
    frame["superfast_unavailable_rate"] = NAN
    assert np.isnan(score(frame)).all()
    assert not np.isnan(score(frame, {"money_and_skills": 1, "age_and_health": 1})).any()


def test_a_ward_without_small_areas_says_so() -> None:
    frame = ladder(3)
    frame.loc[1, ["population", *INDICATORS]] = NAN
    result = index_table(index_of(peers(frame), choose(EQUAL)))
    assert result["reason"].tolist()[1] == "no data: no small area fits this ward best"
    assert result["score"].isna().tolist() == [False, True, False]


def test_outside_the_base_there_is_no_score_and_inside_only_the_base_counts() -> None:
    frame = ladder(10)
    inside = np.array([False] * 5 + [True] * 5)
    index = index_of(peers(frame, inside), choose(EQUAL))
    alone = index_of(peers(frame[inside].reset_index(drop=True)), choose(EQUAL))
    assert np.isnan(index.score[:5]).all()
    assert index.score[5:].tolist() == alone.score.tolist()
    assert index_table(index)["reason"][0] == "outside the comparison base"


def test_support_is_never_inside_the_risk() -> None:
    far = ladder(6).assign(library_distance_km=[9.0, 1, 5, 3, 2, 7])
    near = far.assign(library_distance_km=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    for preset in declared_method().presets.values():
        with_library = "library_access" in preset.weights
        assert with_library == (preset.key == "libraries_too")
    assert score(far).tolist() == score(near).tolist()


@given(tables())
def test_the_preset_like_deri_is_its_rule_worked_out_by_hand(frame: pd.DataFrame) -> None:
    """Indicators scaled between lowest and highest, weighted inside, then an equal mean."""
    method, components = declared_method(), []
    for key in method.risk_components():
        total, weight = np.zeros(len(frame)), 0.0
        for indicator in method.indicators_of(key):
            x = frame[indicator.key].to_numpy()
            width = x.max() - x.min()
            total += indicator.weight * (100 * (x - x.min()) / width if width else 0 * x)
            weight += indicator.weight
        components.append(total / weight)
    index = index_of(peers(frame), weighting_of(method.presets["min_max"], method))
    # Within the rounding of whole numbers and of weights to thousandths.
    assert np.abs(index.total / 655_350 - sum(components) / 3).max() < 0.1


def test_the_min_max_preset_scales_indicators_by_lowest_and_highest_and_ranks_nothing() -> None:
    frame = full([1.0, 9.0, 5.0], [[0.1] * 8, [0.2] * 8, [0.5] * 8])
    index = index_of(peers(frame), choose(EQUAL, scaling="min-max"))
    for values in index.components.values():
        assert values == pytest.approx([0, 25, 100])
    assert index.total[2] == 65_535_000


def test_scalings_of_equal_values_are_zero_and_of_missing_ones_missing() -> None:
    same, people = np.array([0.3, 0.3, NAN]), np.ones(3)
    for scaled in (min_max(same), z_scores(same, people), population_percentile(same, people)):
        assert scaled[:2].tolist() == [0, 0] and np.isnan(scaled[2])
    assert np.isnan(z_scores(same, np.full(3, NAN))).all()


@pytest.mark.parametrize(
    ("weights", "inner"),
    [
        ({}, {}),
        ({"money_and_skills": 0}, {}),
        ({"money_and_skills": -1, "home_connection": 2}, {}),
        ({"money_and_skills": NAN}, {}),
        ({"money_and_skills": float("inf")}, {}),
        ({"wealth": 1}, {}),
        ({"money_and_skills": 1}, {"wealth": 1}),
        ({"money_and_skills": 1}, {"income_deprived_rate": 0, "low_skills_rate": 0}),
    ],
)
def test_weights_that_make_no_score_are_refused(
    weights: dict[str, float], inner: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match="weight"):
        choose(weights, inner)


@given(weightings())
def test_weights_sum_to_one(weights: dict[str, float]) -> None:
    assert abs(sum(choose(weights).weight.values()) - 1) < 1e-9


@given(tables(gaps=True), weightings())
def test_no_missing_value_becomes_zero(frame: pd.DataFrame, weights: dict[str, float]) -> None:
    weighting = choose(weights)
    group = peers(frame)
    index = index_of(group, weighting)
    for name in INDICATORS:
        assert np.array_equal(np.isnan(group.percentiles[name]), frame[name].isna())
    missing = np.zeros(len(frame), dtype=bool)
    for component in weighting.weight:
        members = declared_method().indicators_of(component)
        known = sum(frame[i.key].notna() * i.weight for i in members)
        missing |= (known < 2 / 3 * sum(i.weight for i in members) - 1e-9).to_numpy()
    assert np.array_equal(~index.scored, missing)


@given(tables(gaps=True), weightings())
def test_scores_and_places_stay_within_0_and_100(
    frame: pd.DataFrame, weights: dict[str, float]
) -> None:
    index = index_of(peers(frame), choose(weights))
    for values in (index.score, *index.components.values()):
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 100)).all()
    bands = index.band[index.scored]
    assert ((bands >= 1) & (bands <= 10)).all()


@given(tables(gaps=True), weightings(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    frame: pd.DataFrame, weights: dict[str, float], random: object
) -> None:
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = frame.iloc[order].reset_index(drop=True)
    assert np.array_equal(score(shuffled, weights), score(frame, weights)[order], equal_nan=True)


@given(tables(), weightings(), st.data())
def test_a_higher_rate_never_lowers_the_sum(
    frame: pd.DataFrame, weights: dict[str, float], data: st.DataObject
) -> None:
    """The sum only: its rank may fall, as percentiles of the wards it passes fall unequally."""
    row = data.draw(st.integers(0, len(frame) - 1))
    indicator = data.draw(st.sampled_from(INDICATORS))
    raised = frame.copy()
    raised.loc[row, indicator] += data.draw(st.integers(1, 50)) / 100
    before = index_of(peers(frame), choose(weights))
    after = index_of(peers(raised), choose(weights))
    assert after.total[row] >= before.total[row]


@given(st.permutations(range(8)), st.permutations(range(8)), st.permutations(range(8)))
def test_reversing_every_indicator_reverses_percentiles(a: list, b: list, c: list) -> None:
    """Exact for wards of equal size without ties: a percentile counts whole wards below.

    The transformed score is not meant to reverse: it looks at the high end.
    """
    columns = dict(zip(INDICATORS, [a, a, b, b, b, c, c, a], strict=True))
    frame = table([1000.0] * 8, **{name: [v / 10 for v in col] for name, col in columns.items()})
    back = frame.assign(**{name: 1 - frame[name] for name in INDICATORS})
    there, again = (
        index_of(peers(each), choose(EQUAL, scaling="percentile")) for each in (frame, back)
    )
    for name in EQUAL:
        assert again.components[name] == pytest.approx(100 * 7 / 8 - there.components[name])


@given(tables())
def test_reversing_an_indicator_reverses_the_order_of_its_percentiles(frame: pd.DataFrame) -> None:
    people = frame["population"].to_numpy()
    for name in INDICATORS:
        there = population_percentile(frame[name].to_numpy(), people)
        back = population_percentile(-frame[name].to_numpy(), people)
        one, other = np.meshgrid(there, there), np.meshgrid(back, back)
        assert np.array_equal(one[0] < one[1], other[0] > other[1])


@given(tables(), st.integers(2, 5))
def test_percentiles_do_not_depend_on_the_unit(frame: pd.DataFrame, factor: int) -> None:
    scaled = frame.assign(**{name: frame[name] * factor for name in INDICATORS})
    assert score(scaled).tolist() == score(frame).tolist()


@given(tables())
def test_at_most_a_tenth_of_residents_are_in_the_highest_tenth(frame: pd.DataFrame) -> None:
    index = index_of(peers(frame), choose(EQUAL))
    listed = index.in_highest(0.1)
    highest = index.rank == 1
    rest = index.peers.people[listed & ~highest].sum()
    assert rest <= 0.1 * index.peers.people.sum() + 1e-6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("weight = 1", "weight = 1\nweigth = 2"), "rate.weigth: there is no such field"),
        (
            ('component = "money_and_skills"', 'component = "wealth"'),
            "there is no component 'wealth'",
        ),
        (("[indicator.low_skills_rate]", "[indicator.low_skill_rate]"), "not a published column"),
        (('axis = "support"', ""), "component.library_access.axis: this field is missing"),
        (("[preset.standard]", "[preset.usual]"), "called 'standard'"),
        (
            ('scaling = "min-max"', 'scaling = "logarithm"'),
            "preset.min_max.scaling: Input should be 'exponential'",
        ),
        (
            ("weights = { money_and_skills = 400,", "weights = { wealth = 400,"),
            "there is no component 'wealth'",
        ),
        (
            ("weights = { money_and_skills = 1,", "wt = { money_and_skills = 1,"),
            "preset.equal_weights.wt: there is no",
        ),
    ],
)
def test_a_faulty_declaration_is_refused(change: tuple[str, str], message: str) -> None:
    text = method._DECLARATION.read_text(encoding="utf-8")
    assert change[0] in text
    with pytest.raises(DeclarationError, match=re.escape(message)):
        declared_method(text.replace(change[0], change[1], 1))


def test_every_fault_of_a_declaration_is_said_at_once() -> None:
    text = method._DECLARATION.read_text(encoding="utf-8")
    faulty = text.replace("bands = 10", 'bands = "ten"').replace("draws = 1000\n", "")
    with pytest.raises(DeclarationError) as caught:
        declared_method(faulty.replace('axis = "support"', 'axis = "help"'))
    said = str(caught.value).splitlines()
    assert [line.split(": ")[:2] for line in said] == [
        ["index.toml", "bands"],
        ["index.toml", "component.library_access.axis"],
        ["index.toml", "tests.draws"],
    ]


def test_england_has_a_score_for_every_ward_that_has_figures() -> None:
    wards = load().wards
    index = index_of(peers(wards), choose(EQUAL))
    assert int(index.scored.sum()) == 6784
    assert np.array_equal(index.scored, wards["population"].notna())
    listed = index.in_highest(0.1)
    share = wards["population"][listed].sum() / wards["population"].sum()
    assert 0.099 < share <= 0.1
