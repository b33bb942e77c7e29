"""What a briefing says, on the real snapshot: every number is worked out again from its rows."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from atlas.access.distance import library_venues, residents_in
from atlas.briefing.area import area_of, declared_words, group_name
from atlas.briefing.briefing import Briefing, Maker
from atlas.briefing.fairness import AT_MOST, fairness_of
from atlas.briefing.next_sites import next_sites
from atlas.briefing.numbers import weights_said
from atlas.briefing.provenance import (
    Term,
    Trace,
)
from atlas.catalogue.cohorts import AT_RISK
from atlas.places.comparison_base import UnknownPlaceError
from atlas.places.places import Places
from atlas.planning.sites import KINDS, candidates_in, site_problem
from atlas.risk.request import RiskRequest
from tests import real_data
from tests.atlas.briefing.recomputed import KEYS, recompute, traced_tables
from tests.sampling import sampled
from tests.toys.wards import code, toy_wards

GM, WM, NORTH_EAST = "E47000001", "E47000007", "E47000014"
CORNWALL, LONDON, HACKNEY = "E06000052", "E12000007", "E09000012"
FIVE = (GM, WM, NORTH_EAST, CORNWALL, LONDON)
SCILLY, CITY, LANCASHIRE, DEVON = "E06000053", "E09000001", "E47000018", "E47000015"


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker(real_data.scorer())


@pytest.fixture(scope="module")
def tables(maker: Maker) -> dict[str, pd.DataFrame]:
    return traced_tables(maker.scorer)


def same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (
        math.isnan(one) and math.isnan(other)
    )


@pytest.mark.parametrize("place", sampled([*FIVE, SCILLY, CITY, LANCASHIRE, "E92000001"], 3))
def test_every_number_traces_to_rows_and_comes_out_the_same(
    maker: Maker, tables: dict[str, pd.DataFrame], place: str
) -> None:
    numbers = maker.briefing([place]).numbers()
    assert len(numbers) > 60
    for number in numbers:
        assert same(recompute(number.trace, tables), number.value), number.name
        for term in number.trace.terms:
            assert term.column in tables[term.table] and term.rule
            known = set(tables[term.table][KEYS[term.table]])
            assert set(term.keys) <= known


@pytest.mark.parametrize("place", [*FIVE, SCILLY, CITY])
def test_the_rules_that_chose_the_rows_hold(
    maker: Maker, tables: dict[str, pd.DataFrame], place: str
) -> None:
    """Which wards are targeted and which hide pockets, found again from the tables."""
    made = maker.briefing([place])
    risk = tables["risk_index"].set_index("ward_code")
    wards = tables["wards"].set_index("ward_code")
    inside = set(wards.index[maker.numbers.places.positions(place)])
    targeted = inside & set(risk.index[risk["band"].fillna(0) >= 9])
    first = made.headlines[0].large.trace.first
    assert set(first.keys) == targeted or (first.column == "score" and not targeted)
    hiding = (inside - targeted) & set(risk.index[risk["pockets_tenth"] > 0])
    assert set(made.headlines[2].large.trace.first.keys) == hiding or not hiding


def digits(text: str) -> list[str]:
    return re.findall(r"\d[\d,.]*\d%?|\d%?", text)


@pytest.mark.parametrize("place", [*FIVE, SCILLY, CITY, LANCASHIRE])
def test_no_text_has_a_figure_without_an_origin(maker: Maker, place: str) -> None:
    made = maker.briefing([place])
    for said in made.texts():
        # Dates, the ages in a group's name and "one in 25" are not figures of their own.
        plain = re.sub(
            r"December 2023|Census 2021|aged \d+ (or over|to \d+)|one in \d+", "", said.text
        )
        shown = {number.shown for number in said.numbers}
        assert set(digits(plain)) <= {d for text in shown for d in digits(text)}, said.text
        assert all(number.shown in said.text for number in said.numbers), said.text


def test_the_facts_of_greater_manchester(maker: Maker) -> None:
    made = maker.briefing([GM])
    assert made.title == "Greater Manchester: risk of digital exclusion"
    assert made.about == "Mayor’s briefing · 10 councils, 215 wards"
    targeted, beyond, hidden = made.headlines
    assert targeted.large.shown == "571,420" and "live in 37 wards" in targeted.said.text
    assert "That is about the same as in England as a whole" in targeted.said.text
    assert beyond.large.shown == "1 in 7" and "393,680 residents" in beyond.said.text
    assert "(December 2023; England 26%)" in beyond.said.text
    assert hidden.large.shown == "114,450" and "71 small areas" in hidden.said.text
    assert [ward.number for ward in made.wards] == [1, 2, 3, 4, 5]
    assert "21 March 2021" in made.base_and_date


def test_a_briefing_has_the_weights_that_are_asked_for(maker: Maker) -> None:
    """By money alone other wards come first, and every number still traces."""
    asked = RiskRequest(weights=(("money_and_skills", 1.0),))
    made = Maker(maker.scorer, asked).briefing([GM])
    assert made.about.endswith("215 wards · Own weights: money and skills 100%")
    assert made.base_and_date.endswith("Own weights: money and skills 100%.")
    standard = maker.briefing([GM])
    assert [w.code for w in made.wards] != [w.code for w in standard.wards]
    assert not standard.weights
    assert made.headlines[0].large.value > standard.headlines[0].large.value
    tables = traced_tables(maker.scorer, asked)
    for number in made.numbers():
        assert same(recompute(number.trace, tables), number.value), number.name


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (RiskRequest(), ""),
        (RiskRequest(base=("E12000001",)), ""),
        (RiskRequest("people_only"), "People only: money and skills 46%, age and health 54%"),
        (
            RiskRequest("version_0_1", weights=(("age_and_health", 2.0),)),
            "Own weights (percentile): age and health 100%",
        ),
    ],
)
def test_weights_are_said(maker: Maker, asked: RiskRequest, words: str) -> None:
    assert weights_said(asked, maker.scorer.index(asked)) == words


def test_the_kinds_of_briefing(maker: Maker) -> None:
    def kind(*codes: str) -> str:
        return area_of(maker.numbers.places, codes).kind

    assert kind(GM) == kind(LONDON) == "Mayor’s briefing"
    assert kind(LANCASHIRE) == kind(DEVON) == "Regional briefing"
    assert kind("E12000009") == "Regional briefing"
    assert kind(CORNWALL) == "Council briefing" and kind() == "National briefing"
    assert kind(CORNWALL, SCILLY) == "Briefing on several places"
    mayors = [
        p
        for p in maker.numbers.places.areas()
        if p.kind == "combined authority" and kind(p.code) == "Mayor’s briefing"
    ]
    assert len(mayors) == 16
    assert kind("cheshire-and-warrington") == kind("sussex-and-brighton") == "Mayor’s briefing"
    assert kind("greater-essex") == "Regional briefing (proposed)"
    assert kind("east-surrey") == "Council briefing (from 1 April 2027)"
    assert kind("E10000016") == "County briefing"


def test_names_are_said_as_people_say_them(maker: Maker) -> None:
    midlands = area_of(maker.numbers.places, [WM])
    assert (midlands.name, midlands.said) == ("West Midlands", "the West Midlands")
    assert midlands.whose == "the West Midlands’"
    assert area_of(maker.numbers.places, [LONDON]).said == "Greater London"
    names = {place.name for place in maker.numbers.places.areas()} | {"Greater London"}
    assert declared_words().with_article <= names


def test_a_selection_counts_each_ward_once_and_drops_what_lies_inside(maker: Maker) -> None:
    both = area_of(maker.numbers.places, [CORNWALL, SCILLY, CORNWALL])
    assert len(both.rows) == 92 and both.said == "Cornwall and Isles of Scilly"
    assert area_of(maker.numbers.places, [GM, "E08000003"]).codes == (GM,)
    with pytest.raises(UnknownPlaceError):
        area_of(maker.numbers.places, ["E99999999"])


def test_several_places_together_bear_the_name_that_the_reader_gives_them(maker: Maker) -> None:
    made = maker.briefing([CORNWALL, SCILLY], name="Far South West")
    assert made.title == "Far South West: risk of digital exclusion"
    assert area_of(maker.numbers.places, [CORNWALL], "Far South West").name == "Cornwall"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  The  Wash & Fens (3) ", "The Wash & Fens (3)"),
        ("<b>Bold</b> **x** [a](b)", "b Bold b x a (b)"),
        ("St Ann’s-on-Sea", "St Ann’s-on-Sea"),
        ("x" * 99, "x" * 60),
        ("\u202e\n_", ""),
    ],
)
def test_only_words_may_name_a_group(given: str, kept: str) -> None:
    assert group_name(given) == kept


def test_a_place_with_nothing_far_or_hidden_says_what_it_has_in_place_of_none(
    maker: Maker,
) -> None:
    """Hackney: everybody lives near a library, and no pocket lies outside its listed ward."""
    made = maker.briefing([HACKNEY])
    _, near, need = made.headlines
    assert (near.large.shown, near.large.value) == ("100%", 1.0)
    assert near.caption == "of residents live within a mile of a library"
    assert near.said.text.endswith("live within a mile of a library (December 2023; England 74%).")
    money = made.jobs[0]
    assert need.large == money.residents and need.large.value > 0
    assert need.caption.endswith("money and skills")
    assert "no small area in England’s highest-risk tenth outside" in need.said.text
    cornwall = maker.briefing([CORNWALL]).headlines[1]
    assert cornwall.large.shown.endswith("%") and cornwall.caption.startswith("of residents live")


def test_a_place_without_target_wards_says_so(maker: Maker) -> None:
    made = maker.briefing([CITY])
    first = made.headlines[0]
    assert "No ward of the City of London" in first.said.text
    assert 0 < first.large.value < 80 and first.large.shown.endswith("%")
    assert made.about.endswith("25 wards (20 without data)")
    assert all(ward.standing == "below the highest fifth" for ward in made.wards)
    assert "All residents of the City of London live within a mile" in made.headlines[1].said.text
    assert made.lacking == ()


def test_there_are_two_different_jobs_each_with_its_own_wards(
    maker: Maker, tables: dict[str, pd.DataFrame]
) -> None:
    money, age = maker.briefing([GM]).jobs
    assert (money.need, age.need) == ("Money and skills", "Age and health")
    risk = tables["risk_index"].set_index("ward_code")
    inside = risk.loc[maker.numbers.codes[maker.numbers.places.positions(GM)]]
    for job, key in ((money, "money_and_skills"), (age, "age_and_health")):
        high = inside[inside[key] >= 80]
        living, share, count = job.said.numbers
        people = tables["wards"].set_index("ward_code")["population"]
        assert living.value == people[high.index].sum() and count.value == len(high)
        assert math.isclose(share.value, living.value / people[inside.index].sum())
        assert str(high[key].idxmax()) in living.trace.first.keys and job.helps


def test_a_place_without_a_high_need_says_where_its_highest_ward_stands(maker: Maker) -> None:
    money, _ = maker.briefing([SCILLY]).jobs
    assert "No ward is in England’s highest fifth. The highest is" in money.said.text
    assert 0 < money.said.numbers[0].value < 80


@pytest.mark.slow
def test_no_briefing_is_led_by_zero(maker: Maker) -> None:
    for place in maker.numbers.places.areas():
        first = maker.briefing([place.code]).headlines[0]
        assert first.large.value > 0 and first.large.shown != "0", place.label


def test_tiers_come_with_the_tests_and_not_before(maker: Maker) -> None:
    from atlas.risk.robustness import robustness_of

    assert all(w.standing == "in the highest fifth" for w in maker.briefing([GM]).wards)
    tested = maker.briefing([GM], robustness_of(maker.numbers.index, 20))
    assert tested.tested and all(ward.tier for ward in tested.wards)
    assert all(ward.standing == f"highest fifth; {ward.tier}" for ward in tested.wards)


def test_shares_add_up_and_the_picture_has_at_most_ten_bars(maker: Maker) -> None:
    for place in (*FIVE, "E92000001", "E12000008"):
        compared = maker.briefing([place]).fairness
        whole = (*compared.brief(), *([compared.rest] if compared.rest else []))
        for lines in (compared.lines, whole):
            assert math.isclose(sum(line.share_area.value for line in lines), 1.0)
            assert math.isclose(sum(line.share_target.value for line in lines), 1.0)
        assert 0 < len(compared.brief()) <= AT_MOST


def test_a_council_stands_among_its_neighbours(maker: Maker) -> None:
    compared = maker.briefing([CORNWALL]).fairness
    assert compared.among == "South West"
    assert [line.name for line in compared.brief() if line.own] == ["Cornwall"]
    small = maker.briefing([SCILLY]).fairness
    assert [line.name for line in small.brief() if line.own] == ["Isles of Scilly"]
    assert "Isles of Scilly has" in small.said.text


def test_fairness_by_hand() -> None:
    """Northshire: Alton 6,000 residents with 1,000 targeted, Brigg 5,000 with 4,000."""
    wards = toy_wards()
    targeted = np.array([True, False, False, True, False, False, False, False])
    places = Places(wards)
    made = fairness_of(wards, places, targeted, area_of(places, ["E47000001"]))
    brigg, alton = made.lines
    assert (brigg.name, alton.name) == ("Brigg", "Alton")
    assert math.isclose(brigg.share_area.value, 5 / 11)
    assert math.isclose(brigg.share_target.value, 4 / 5)
    assert brigg.targeted.shown == "4,000" and alton.residents.shown == "6,000"
    assert "Brigg has 45% of Northshire’s residents but 80%" in made.said.text
    nothing = fairness_of(wards, places, ~targeted & False, area_of(places, ["E47000001"]))
    assert not nothing.comparable and "nothing to share out" in nothing.said.text


def test_traces_recompute_by_hand() -> None:
    wards = {"wards": toy_wards()}
    first = Term("wards", (code(1), code(2)), "population", "sum", "two")
    near = Term("wards", (code(2), code(3)), "near_library_people", "sum", "two")
    assert recompute(Trace(first), wards) == 3000
    assert recompute(Trace(first, near, "less"), wards) == 3000 - 3500
    assert recompute(Trace(near, first, "share"), wards) == 3500 / 3000
    assert math.isclose(recompute(Trace(near, first, "rest"), wards), 1 - 3500 / 3000)
    rate = "income_deprived_rate"
    mean = Term("wards", (code(1), code(2), code(8)), rate, "mean", "three", "population")
    assert math.isclose(recompute(Trace(mean), wards), (0.4 * 1000 + 0.3 * 2000) / 3000)
    assert math.isnan(recompute(Trace(Term("wards", (code(8),), rate, "value", "one")), wards))
    assert recompute(Trace(Term("wards", (), "population", "sum", "none")), wards) == 0
    count = Term("wards", (code(7), code(8)), "population", "count", "two")
    assert recompute(Trace(count), wards) == 1
    with pytest.raises(KeyError):
        recompute(Trace(Term("wards", ("E05999999",), "population", "sum", "?")), wards)
    assert Trace(first, near, "less").words == (
        "the sum of population over 2 rows of wards, less "
        "the sum of near_library_people over 2 rows of wards"
    )


def test_the_questions_are_the_six_that_were_reported() -> None:
    questions = declared_words().questions
    assert len(questions) == 6
    assert [q.report.publisher for q in questions] == ["UKAuthority"] * 5 + ["Computer Weekly"]
    assert [q.quoted for q in questions] == [True] * 5 + [False]
    assert all(q.unknown and q.ask.startswith("Ask ") for q in questions)
    assert len(declared_words().limits) == 2


def test_no_briefing_says_what_must_not_be_said_of_areas(maker: Maker) -> None:
    def all_words(made: Briefing) -> str:
        said = [text.text for text in made.texts()]
        said += [f"{limit.title} {limit.text} {limit.ask}" for limit in made.limits]
        said += [h.caption for h in made.headlines] + [made.title, made.about]
        return " ".join(said).lower()

    for place in FIVE:
        for word in ("worst", "left behind", "digitally excluded", "no-go"):
            assert word not in all_words(maker.briefing([place]))


# In Stoke-on-Trent the areas that two of the places reach overlap: nobody may be counted twice.
@pytest.mark.parametrize("place", [CORNWALL, "E06000021"])
def test_next_places_add_up_and_trace_to_small_areas(
    maker: Maker, tables: dict[str, pd.DataFrame], place: str
) -> None:
    snapshot, places = maker.scorer.snapshot, maker.numbers.places
    inside = places.wards(place)
    options = candidates_in(inside, snapshot.lsoas, snapshot.libraries, tuple(KINDS))
    today = residents_in(snapshot), library_venues(snapshot.libraries)
    problem = site_problem(place, AT_RISK, places, *today, options)
    found = next_sites(problem, maker.numbers, lambda plan: [p.name for p in plan.picks])
    assert [site.number for site in found] == [1, 2, 3]
    assert found[0].added.value > found[1].added.value > found[2].added.value
    for site in found:
        assert same(recompute(site.added.trace, tables), site.added.value)
        assert same(recompute(site.risk.trace, tables), site.risk.value)
    together = problem.plan(3, problem.at_once(3)[-1]).newly_reached
    assert same(sum(site.added.value for site in found), together)
    parts: dict[str, float] = {}
    for term in (site.added.trace.first for site in found):
        for key, part in zip(term.keys, term.parts, strict=True):
            parts[key] = parts.get(key, 0.0) + part
    assert max(parts.values()) <= 1 + 1e-9
