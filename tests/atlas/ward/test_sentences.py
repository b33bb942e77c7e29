import math
from dataclasses import replace

import numpy as np
import pytest

from atlas.access.distance import library_venues
from atlas.catalogue.columns import declared_columns
from atlas.places.places import ENGLAND, Places
from atlas.text.numbers import about_one_in, ordinal, people, percent
from atlas.ward.profile import Standing
from atlas.ward.sentences import (
    against,
    area_sentence,
    band_words,
    brief_standing,
    count_and_rate_sentence,
    dated,
    fifth_sentence,
    fit_sentence,
    library_sentence,
    range_sentence,
    score_sentence,
    sources_of,
    standing_words,
    withheld_sentence,
)
from tests.toys.wards import toy_libraries, toy_wards

WARDS = toy_wards()
PLACES = Places(WARDS)
COLUMNS = declared_columns()
INCOME = COLUMNS["income_deprived_rate"]
ALTON, BASE = PLACES["E08000001"], PLACES[ENGLAND]


def test_an_area_sentence_names_place_figure_and_base() -> None:
    assert area_sentence(INCOME, ALTON, 0.3167, BASE, 0.19) == (
        "In Alton the share of residents who are income deprived is 32% (about one in three), "
        "against 19% in England."
    )
    assert area_sentence(INCOME, BASE, 0.2, BASE, 0.2) == (
        "In England the share of residents who are income deprived is 20% (about one in five)."
    )


def test_totals_are_counted_and_set_beside_the_whole() -> None:
    column = COLUMNS["age_75_plus_people"]
    assert area_sentence(column, ALTON, 1234, BASE, 12_340) == (
        "Alton has 1,230 residents aged 75 and over, 10% of England’s total."
    )
    libraries = COLUMNS["open_libraries"]
    assert area_sentence(libraries, ALTON, 3, ALTON, 3) == "Alton has 3 libraries."


def test_a_count_that_does_not_fit_its_rate_says_why() -> None:
    # Wembley Park grew by a quarter between the Census and mid-2022.
    said = count_and_rate_sentence(2415, 8707, 0.213531)
    assert said.startswith("The count is 28% of Census residents. The rate is of residents in mid")
    assert count_and_rate_sentence(200, 1000, 0.181) == ""
    assert count_and_rate_sentence(math.nan, 1000, 0.2) == ""


def test_withheld_counts_are_said_and_only_they() -> None:
    assert withheld_sentence(0) == ""
    assert withheld_sentence(1).startswith("The count of income-deprived residents is withheld for")
    assert "for one small area because" in withheld_sentence(1)
    assert "for 2 small areas because" in withheld_sentence(2)


def test_a_place_without_data_says_so() -> None:
    assert "No ward of Alton has data" in area_sentence(INCOME, ALTON, math.nan, BASE, 0.2)


def test_the_fifth_with_most_need_is_the_lowest_where_less_is_more_need() -> None:
    assert fifth_sentence(INCOME, BASE, 2, 3, 3004) == (
        "2 of its 3 wards are in the fifth of England with the highest figures; "
        "3,000 people live in them."
    )
    near = COLUMNS["near_library_rate"]
    assert fifth_sentence(near, BASE, 0, 3, 0) == (
        "None of its 3 wards is in the fifth of England with the lowest figures."
    )


def test_a_score_is_said_by_the_people_who_live_where_it_is_highest() -> None:
    risk = COLUMNS["risk_score"]
    assert score_sentence(risk, ALTON, BASE, 2, 7, 3004, 15_020) == (
        "2 of the 7 wards of Alton are in the fifth of England with the highest overall "
        "risk of digital exclusion. 3,000 people live in them, about one in five of the residents "
        "of Alton (20%). That is about the same as in England as a whole, where it is a fifth by "
        "definition."
    )
    of_itself = score_sentence(risk, BASE, BASE, 2, 7, 3004, 15_020)
    assert of_itself.endswith("(20%). It is a fifth by definition.")
    assert score_sentence(risk, ALTON, BASE, 0, 7, 0, 15_020).startswith("None of the 7 wards of")
    # Twice a composite score means nothing: no comparison with its average is offered.
    assert against(risk, 80, BASE, 50) == ""


def test_the_range_names_the_ward_with_most_need() -> None:
    assert range_sentence(INCOME, 0.01, 0.4, "Castle, Alton", 7, 1) == (
        "Its 7 wards range from 1.0% to 40%; the highest is Castle, Alton (40%). "
        "One ward has no data."
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.19, "about one in five"),
        (0.5, "about one in two"),
        (0.66, "about two in three"),
        (0.021, "about one in 50"),
        (0.56, ""),
        (0.0, ""),
        (math.nan, ""),
    ],
)
def test_shares_are_said_aloud_only_where_a_plain_fraction_is_close(
    share: float, words: str
) -> None:
    assert about_one_in(share) == words


def test_ordinals() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 21, 102, 112)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "21st",
        "102nd",
        "112th",
    ]


def stand(rank: int, ties: int, of: int) -> Standing:
    others = max(of - 1, 1)
    above = rank - 1
    return Standing(ALTON, rank, ties, of, (of - above - ties - 1) / others, above / others, 0.0)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (stand(1, 0, 32), "highest of 32 wards in Alton"),
        (stand(4, 0, 32), "4th highest of 32 wards in Alton"),
        (stand(30, 0, 32), "3rd lowest of 32 wards in Alton"),
        (stand(31, 1, 32), "joint lowest of 32 wards in Alton"),
        (stand(2, 1, 32), "joint 2nd highest of 32 wards in Alton"),
        (stand(1, 0, 1), "the only ward in Alton"),
        (stand(2, 0, 6784), "higher than 99% of 6,784 wards in Alton"),
        (stand(5000, 0, 6784), "lower than 73% of 6,784 wards in Alton"),
    ],
)
def test_standings_in_words_never_claim_more_than_is_so(place: Standing, words: str) -> None:
    assert standing_words(place) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.61, "more than three times"),
        (0.36, "about three times"),
        (0.25, "about twice"),
        (0.16, "above"),
        (0.121, "much the same as"),
        (0.10, "below"),
        (0.06, "about half of"),
        (0.02, "well below"),
    ],
)
def test_a_ward_is_set_against_its_base(value: float, words: str) -> None:
    assert against(INCOME, value, BASE, 0.12) == f"{words} England’s 12%"


def test_totals_and_missing_figures_are_not_set_against_anything() -> None:
    assert against(COLUMNS["disabled_people"], 10, BASE, 100) == ""
    assert against(INCOME, math.nan, BASE, 0.1) == ""
    # A score can be negative; no ratio is made of it.
    assert against(COLUMNS["digital_connectivity_score"], -0.5, BASE, 0.1).startswith("below")


def test_fit_and_libraries_in_words() -> None:
    assert "single small area" in fit_sentence("weak", 1)
    assert "nothing is published" in fit_sentence("none", 0)
    assert "are based on 5 small areas" in fit_sentence("good", 5)
    far, near, _ = library_venues(toy_libraries())
    assert library_sentence(near, 300, inside=True) == (
        "in the ward, 30.5 staffed hours a week, run by the council"
    )
    assert library_sentence(far, 4_000, inside=False) == (
        "2.5 miles away, open 8 hours a week, run by the community with council support"
    )
    silent = replace(far, open_hours=math.nan)
    assert library_sentence(silent, 4_000, inside=False).startswith("2.5 miles away, run by")
    assert band_words("PM Only") == "afternoon"
    assert band_words("Some [New] Band") == "some new band"


def test_people_are_rounded_in_sentences() -> None:
    assert people(823_446) == "823,450"
    assert people(np.nan) == "no data"


def test_only_sources_that_were_used_are_named() -> None:
    broadband = COLUMNS["superfast_unavailable_rate"]
    used = ["broadband_msoa", "census_tenure"]
    assert [source.key for source in sources_of(broadband, used)] == used
    assert dated(broadband, used).startswith("House of Commons Library")
    assert dated(broadband, []) == "source not recorded"
    score = COLUMNS["risk_score"]
    assert dated(score, score.sources) == "Digital Inclusion Atlas, from sources dated 2021 to 2025"


def test_a_standing_in_a_few_words() -> None:
    assert brief_standing(stand(4, 0, 32)) == "4th highest of 32"
    assert brief_standing(stand(5000, 0, 6784)) == "lower than 73%"
    assert brief_standing(stand(1, 0, 6784)) == "highest of 6,784"
    assert brief_standing(stand(1, 0, 1)) == "the only ward"


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0%"),
        (0.0002, "under 0.1%"),
        (0.0006, "0.1%"),
        (0.0994, "9.9%"),
        (0.0997, "10%"),
        (0.304, "30%"),
    ],
)
def test_a_small_share_is_never_said_to_be_none(share: float, said: str) -> None:
    assert percent(share) == said
