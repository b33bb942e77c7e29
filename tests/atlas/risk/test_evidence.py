import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from atlas.places.places import Places
from atlas.risk.evidence import (
    OUTCOME,
    agreement_table,
    calibration,
    crossed,
    evidence_of,
    grid,
    has_outcome,
    misses,
    overlap,
    spearman,
    tried,
)
from atlas.risk.index import choose, index_of, peers
from atlas.risk.method import declared_method
from atlas.risk.robustness import robustness_of
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import load
from tests.toys.index import ladder

METHOD = declared_method()
NAN = float("nan")
TEN = np.arange(10.0)
EQUAL_WARDS = np.full(10, 100.0)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    # Ranks 2.5, 1, 2.5 against 3, 1, 2: 1.5 over the root of 1.5 times 2.
    found = spearman(np.array([3.0, 1.0, 3.0]), np.array([3.0, 1.0, 2.0]))
    assert found == pytest.approx(1.5 / 3**0.5)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=5, max_size=30))
def test_the_rank_correlation_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    if len(set(one)) > 1 and len(set(other)) > 1:
        assert spearman(one, other) == pytest.approx(spearmanr(one, other).statistic)


def test_a_gap_on_either_side_leaves_the_row_out() -> None:
    assert spearman(np.array([1.0, 2, NAN, 4]), np.array([1.0, 2, 0, NAN])) != 0
    assert np.isnan(spearman(np.array([1.0, 2, NAN]), np.array([1.0, 2, 3])))


def test_overlap_is_the_share_of_a_list_that_is_also_in_the_other() -> None:
    """Ten equal wards; the fifth of one holds wards 8 and 9, of the other wards 9 and 0."""
    other = np.array([8.5, 0, 1, 2, 3, 4, 5, 6, 7, 9])
    assert overlap(TEN, other, EQUAL_WARDS, 0.2) == 0.5
    assert overlap(TEN, TEN, EQUAL_WARDS, 0.1) == 1


def test_regions_are_compared_within_themselves() -> None:
    wards = pd.DataFrame(
        {
            OUTCOME: [*range(5), *range(4, -1, -1)],
            "population": 100.0,
            "region_name": ["North"] * 5 + ["South"] * 5,
        }
    )
    lines = agreement_table({"Score": np.array([*range(5), *range(5)], dtype=float)}, wards)
    assert lines["area"].tolist() == ["England", "North", "South"]
    assert lines["rho"].tolist()[1:] == pytest.approx([1, -1])


def test_what_is_chosen_without_a_region_is_tested_inside_it() -> None:
    """A fits the North, B the South: each region gets the other one's choice."""
    regions = np.array(["North"] * 10 + ["South"] * 10, dtype=object)
    outcome, people = np.concatenate([TEN, TEN]), np.full(20, 100.0)
    totals = {"A": np.concatenate([TEN, -TEN]), "B": np.concatenate([-TEN, TEN])}
    found = crossed(totals, outcome, people, regions)
    assert found.chosen == {"North": "B", "South": "A"}
    assert spearman(found.pooled, outcome) < -0.9


def test_of_equal_candidates_the_simplest_is_taken() -> None:
    regions = np.array(["North", "South"] * 10, dtype=object)
    outcome, people = np.arange(20.0), np.full(20, 100.0)
    nearly = outcome.copy()
    nearly[[4, 6]] = nearly[[6, 4]]
    found = crossed({"simple": nearly, "other": outcome}, outcome, people, regions)
    assert set(found.chosen.values()) == {"simple"}
    found = crossed({"simple": -outcome, "other": outcome}, outcome, people, regions)
    assert set(found.chosen.values()) == {"other"}


def test_the_wards_most_missed_and_overstated_come_first_with_a_reason() -> None:
    frame = ladder(10)
    outcome = [0.09, *[n / 100 for n in range(1, 9)], 0.0]
    wards = frame.assign(**{OUTCOME: outcome}, small_areas=[1.0] + [5.0] * 9)
    index = index_of(peers(wards), choose(dict.fromkeys(METHOD.risk_components(), 1)))
    lines = misses(index, wards, 1)
    assert lines["ward_code"].tolist() == [index.peers.codes[0], index.peers.codes[9]]
    assert lines["kind"].tolist() == ["missed", "overstated"]
    assert lines["reason"][0] == "its figures are those of one small area"
    assert lines["reason"][1].startswith("high on money and skills (90)")


def test_tiers_are_calibrated_by_households() -> None:
    frame = ladder(20)
    frame[OUTCOME] = [0.02] * 16 + [0.1] * 4
    index = index_of(peers(frame), choose(dict.fromkeys(METHOD.risk_components(), 1)))
    lines = calibration(index, robustness_of(index, 50), frame).set_index("tier")
    assert lines.loc["sure", "wards"] == 4
    assert lines.loc["sure", OUTCOME] == pytest.approx(0.1)
    assert lines.loc["below the highest fifth", OUTCOME] == pytest.approx(0.02)


def test_a_candidate_with_another_indicator_is_scored_by_it() -> None:
    frame = ladder(10)
    frame["deprived_households_rate"] = frame["income_deprived_rate"].to_numpy()[::-1]
    frame["social_rented_rate"] = frame["income_deprived_rate"]
    found = tried(peers(frame))
    by_take = {each.take: found[each.label] for each in METHOD.candidates}
    assert by_take["social_rented_rate"].score.tolist() == by_take[""].score.tolist()
    assert by_take["deprived_households_rate"].total[9] < by_take[""].total[9]


def test_the_grid_holds_the_preset_as_observed() -> None:
    weightings = [made.weights for made in grid(METHOD).values()]
    assert len(set(weightings)) == 66
    observed = choose(METHOD.presets["observed_2021"].weights, method=METHOD)
    assert observed.weights in weightings


def test_a_snapshot_without_the_outcome_is_known() -> None:
    assert not has_outcome(ladder(3)) and not has_outcome(ladder(3).assign(**{OUTCOME: NAN}))


@pytest.mark.slow
def test_the_declared_score_agrees_with_2021_as_it_must() -> None:
    snapshot = load()
    scorer = Scorer(snapshot, Places(snapshot.wards))
    found = evidence_of(scorer)
    england = found.agreements[found.agreements["area"] == "England"].iloc[0]
    assert england["rho"] >= 0.75 and england["overlap_tenth"] >= 0.54
    assert found.pooled["standard"]["rho"] >= 0.74
    assert found.candidates["within"].iloc[0]
    by_part = found.agreements.set_index(["measure", "area"])["rho"]
    assert by_part["Age and health", "London"] > 0.6 > by_part["Money and skills", "London"]
