"""A reader's own measure as a part of the index: a toy England of five wards, by hand."""

import numpy as np
import pandas as pd
import pytest

from atlas.catalogue.columns import Column
from atlas.places.notices import Notices
from atlas.places.places import Places
from atlas.risk.index import Index, choose, index_of, peers, population_percentile, why_unscored
from atlas.risk.influence import effective_influence
from atlas.risk.method import Scaling, declared_method
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import robustness_of
from atlas.risk.uploaded_components import (
    own_words,
    part_key,
    published_only,
    turned,
    with_own_figures,
    with_own_parts,
    without_own_figure,
)
from atlas.uploads.figures import OwnMeasure
from tests.toys.index import code, ladder

NAN = float("nan")
WARDS = ladder(5)
CODES = list(WARDS["ward_code"])


def measure(*values: float, label: str = "Learners") -> OwnMeasure:
    column = Column(
        name="own_1",
        label=label,
        short=label,
        unit="score",
        need="more",
        definition="d",
        sources=(),
        tables=(),
        theme="Your own data",
        measure=True,
        aggregate="mean",
        weight="population",
        credit="your own file",
    )
    return OwnMeasure(column, np.array(values), len(values), len(values), (), ())


OWN = measure(30, 10, 50, 20, 40)
GAPS = measure(30, NAN, 50, 20, 40)


def scored(own: OwnMeasure, weights: dict[str, float], scaling: Scaling = "exponential") -> Index:
    method = with_own_parts(declared_method(), [own])
    group = peers(with_own_figures(WARDS, [own], CODES), method=method)
    return index_of(group, choose(weights, scaling=scaling, method=method))


def test_weight_on_the_own_measure_alone_gives_its_percentile_ranks() -> None:
    index = scored(OWN, {part_key(OWN): 1.0})
    assert index.score.tolist() == [40, 0, 80, 20, 60]
    assert index.rank.tolist() == [3, 5, 1, 4, 2]


def test_the_other_direction_turns_the_ranks_round() -> None:
    index = scored(turned(OWN, "less"), {part_key(OWN): 1.0})
    assert index.score.tolist() == [40, 80, 0, 60, 20]
    assert "lower = more risk" in own_words(index)[0]


def test_without_weight_the_published_scores_hold_to_the_bit() -> None:
    weights = {"money_and_skills": 2.0, "age_and_health": 1.0}
    published = index_of(peers(WARDS), choose(weights))
    index = scored(OWN, weights)
    assert index.score.tobytes() == published.score.tobytes()
    assert own_words(index) == []


def test_half_the_weight_counts_half() -> None:
    # Wards rise in steps of 20 on the published part: 0, 20, 40, 60, 80.
    index = scored(OWN, {"money_and_skills": 1.0, part_key(OWN): 1.0}, "percentile")
    assert (index.total / 655_350).tolist() == [20, 10, 60, 40, 70]
    assert sum(effective_influence(index).values()) == pytest.approx(1)


def test_a_ward_without_the_figure_has_no_score_and_is_counted() -> None:
    index = scored(GAPS, {"money_and_skills": 1.0, part_key(GAPS): 1.0})
    assert np.isnan(index.score[1]) and index.scored.sum() == 4
    assert without_own_figure(index) == 1
    assert why_unscored(index, 1) == (
        "too little is known about “Learners”: no figure for “Learners”"
    )
    # Its percentile is among the four that have a figure.
    assert index.components[part_key(GAPS)][[0, 2, 3, 4]].tolist() == [25, 75, 0, 50]


def test_a_ward_that_was_without_a_score_anyway_is_not_laid_at_the_measures_door() -> None:
    bare = WARDS.assign(income_deprived_rate=[1, NAN, 3, 4, 5], low_skills_rate=[1, NAN, 3, 4, 5])
    method = with_own_parts(declared_method(), [GAPS])
    group = peers(with_own_figures(bare, [GAPS], CODES), method=method)
    index = index_of(group, choose({"money_and_skills": 1, part_key(GAPS): 1}, method=method))
    assert without_own_figure(index) == 0


def test_figures_follow_the_ward_codes_not_the_rows() -> None:
    own = with_own_figures(WARDS, [measure(1, 2)], [code(4), code(2)])["own_1"]
    assert own.isna().tolist() == [True, False, True, False, True]
    assert own.iloc[3] == 1 and own.iloc[1] == 2
    assert with_own_figures(WARDS, [], []) is WARDS


def test_the_tests_vary_the_own_part_like_any_other() -> None:
    index = scored(GAPS, {"money_and_skills": 1.0, part_key(GAPS): 1.0})
    drawn = robustness_of(index, 50)
    assert np.isnan(drawn.median_rank[1]) and drawn.median_rank[[0, 2, 3, 4]].min() == 1
    mean = population_percentile(index.score, index.peers.people)
    assert np.nanargmax(mean) == np.nanargmin(drawn.median_rank)


def test_links_name_the_measure_by_its_figures_not_by_its_number() -> None:
    other = measure(30, 10, 50, 20, 41)
    assert part_key(OWN) == part_key(turned(OWN, "less")) != part_key(other)


def test_a_link_with_a_measure_that_is_not_here_opens_with_the_published_weights() -> None:
    frame = WARDS.assign(
        authority_code="E06000001",
        authority_name="A",
        combined_authority_code="",
        combined_authority_name="",
        region_code="E12000001",
        region_name="R",
        county_code="",
        county_name="",
    )
    places = Places(pd.DataFrame(frame))
    query = {"weights": f"money_and_skills:10.0,{part_key(OWN)}:20.0"}
    notices = Notices()
    assert risk_request_from(query, places, notices, peers(WARDS)) == RiskRequest()
    assert "published weights are shown" in notices.sentences[0]
    there = Notices()
    method = with_own_parts(declared_method(), [OWN])
    group = peers(with_own_figures(WARDS, [OWN], list(WARDS["ward_code"])), method=method)
    asked = risk_request_from(query, places, there, group)
    assert dict(asked.weights) == {"money_and_skills": 10, part_key(OWN): 20}
    assert asked.query()["weights"] == query["weights"] and not there.sentences
    assert published_only(asked).weights == (("money_and_skills", 10.0),)
    alone = RiskRequest(weights=((part_key(OWN), 1.0),))
    assert published_only(alone) == RiskRequest()
