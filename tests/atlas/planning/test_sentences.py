"""What chosen sites mean in words: sayable, never more than is known."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from atlas.access.distance import Venue
from atlas.access.travel import STRAIGHT, Travel, Walking
from atlas.places.notices import Notices
from atlas.places.places import Place
from atlas.planning.maximal_cover import Solution
from atlas.planning.sentences import (
    paying_sentence,
    plan_sentence,
    proof_sentence,
    ward_sentence,
    way,
)
from atlas.planning.site_url import SiteRequest, request_from
from atlas.planning.sites import SitePlan

TOWN = Place("E08000001", "Alton", "authority", "Alton")
WARD = Place("E05000001", "Castle", "ward", "Castle, Alton")


def solution(total: float = 600.0, bound: float = 600.0, method: Any = "proven") -> Solution:
    return Solution((0, 1), (400.0, total - 400), total, bound, method, 0.1)


def plan(**more: Any) -> SitePlan:
    corner = Venue("E01000001", "Alton 001A", "neighbourhood", 0, 0, "E05000001")
    usual = SitePlan(
        place_code=TOWN.code,
        cohort="residents",
        sites=2,
        objective="reach",
        travel=STRAIGHT,
        picks=(corner, corner),
        solution=solution(),
        people=10_000,
        reached=8_800,
        newly_by_ward={"E05000001": 450.0, "E05000002": 150.0},
        unknown=0,
        mean_before=1400.0,
        mean_after=1235.0,
        candidates=7,
    )
    return replace(usual, **more)


def walked() -> Travel:
    none = np.zeros(0, dtype=np.int64)
    names = np.zeros(0, dtype=object)
    return Travel(20, Walking("walks.csv", names, names, none, none, np.zeros(0)), "walks.csv")


def test_the_reach_is_said_with_its_share_of_those_beyond_it() -> None:
    assert plan_sentence(plan(), TOWN) == (
        "Two new places could bring 600 more residents of Alton within a mile of help. "
        "That is about one in two (50%) of the 1,200 who live farther away today."
    )
    elders = plan_sentence(plan(cohort="age_75_plus", travel=walked()), TOWN)
    assert "600 more residents aged 75 and over of Alton within 20 minutes’ walk of" in elders


def test_fewer_sites_than_asked_for_are_explained() -> None:
    assert plan_sentence(plan(sites=5), TOWN).endswith(
        "More than two would bring nobody else within reach."
    )


def test_the_distance_is_said_before_and_after() -> None:
    assert plan_sentence(plan(objective="distance"), TOWN) == (
        "Two new places could shorten the way to the nearest help from 1.40 km to "
        "1.24 km on average for 10,000 residents of Alton. 600 of them would newly be within a "
        "mile."
    )
    assert way(walked(), 14.26) == "14.3 minutes" and way(STRAIGHT, float("inf")) == "no data"


def test_nothing_to_choose_says_why() -> None:
    nothing = plan(picks=(), newly_by_ward={})
    assert "None of the 7 candidates would bring anybody new within reach" in plan_sentence(
        nothing, TOWN
    )
    assert "1,200 residents of Alton live more than a mile" in plan_sentence(nothing, TOWN)
    near = plan_sentence(replace(nothing, reached=10_000), TOWN)
    assert near.startswith("All 10,000 residents of Alton live within a mile of help")
    nearly = plan_sentence(replace(nothing, reached=9_998), TOWN)
    assert nearly.startswith("Almost all residents of Alton live within a mile of help")
    assert "No residents are counted" in plan_sentence(replace(nothing, people=0, reached=0), TOWN)


def test_proof_never_promises_too_much() -> None:
    assert proof_sentence(solution(), 2) == (
        "Proven: no other choice of two sites among the candidates does better."
    )
    assert proof_sentence(solution(), 1).startswith("Proven: no other choice of site among")
    quick = proof_sentence(solution(600, 612.1, "greedy"), 2)
    assert "Not yet proven (found step by step)" in quick and "at most 2.1%" in quick
    assert "best found so far" in proof_sentence(solution(600, 700, "bounded"), 2)


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        ([100, 180, 250], "The first place adds 100 people, the third still 70."),
        (
            [1000, 1600, 2000, 2300],
            "The first place adds 1,000 people; from the third on each adds less than half of "
            "that. The fourth adds 300.",
        ),
        ([500, 500, 500], "One new place adds 500 people; a second would add nothing."),
        (
            [100, 160, 160],
            "The first place adds 100 people, the second still 60. More than two add nothing.",
        ),
        ([0, 0], ""),
    ],
)
def test_the_curve_in_words(totals: list[float], words: str) -> None:
    assert paying_sentence(totals, "people") == words
    saved = words.replace("add", "save").replace("people", "kilometres")
    assert paying_sentence(totals, "kilometres", "save") == saved


def test_a_wards_best_site_says_who_gains() -> None:
    one = plan(place_code=WARD.code, sites=1)
    assert ward_sentence(one, WARD, TOWN, "near postcode AL1 1AA") == (
        "Within Castle a new place would reach most near postcode AL1 1AA: 600 more residents of "
        "Alton within a mile of help; 450 of them in Castle."
    )
    assert ward_sentence(
        replace(one, newly_by_ward={WARD.code: 600.0}), WARD, TOWN, "at Hall"
    ).endswith("all of them in Castle.")
    assert ward_sentence(
        replace(one, newly_by_ward={"E05000002": 600.0}), WARD, TOWN, "at Hall"
    ).endswith("none of them in Castle itself.")
    assert ward_sentence(replace(one, picks=()), WARD, TOWN, "") == (
        "A new place in Castle would bring no more residents of Alton within a mile of help."
    )


def test_a_group_of_two_counts_says_that_some_count_twice() -> None:
    said = ward_sentence(plan(cohort="at_risk", place_code=WARD.code, sites=1), WARD, TOWN, "here")
    assert "600 more residents at risk (income deprived, or 75 and over) of Alton" in said
    assert "450 of them in Castle. Two counts added up: a person who is both counts twice" in said


COHORTS = ("residents", "at_risk", "age_75_plus")


@pytest.mark.parametrize(
    "request_",
    [
        SiteRequest("E47000001"),
        SiteRequest("E47000001", "age_75_plus", 3, "distance", ("closed library",)),
        SiteRequest("E47000001", kinds=("neighbourhood", "yours")),
    ],
)
def test_a_request_survives_its_address(request_: SiteRequest) -> None:
    notices = Notices()
    assert request_from(request_.query(), "E47000001", COHORTS, notices) == request_
    assert notices.sentences == []


def test_what_an_address_says_wrongly_is_left_out_with_a_word() -> None:
    notices = Notices()
    wrong = {"group": "wealth", "sites": "99", "aim": "<b>", "sort": "castles.closed"}
    found = request_from(wrong, "E47000001", COHORTS, notices)
    assert found == SiteRequest("E47000001", kinds=("closed library",))
    assert len(notices.sentences) == 4 and "<b>" not in " ".join(notices.sentences)
    assert SiteRequest().query() == {}
