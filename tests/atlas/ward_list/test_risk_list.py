import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from atlas.catalogue.cohorts import counted_cohorts
from atlas.catalogue.columns import Column
from atlas.places.comparison_base import UnknownPlaceError, base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, Places
from atlas.risk.method import declared_method
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import robustness_of
from atlas.risk.scorer import Scorer
from atlas.risk.uploaded_components import part_key
from atlas.uploads.figures import OwnMeasure
from atlas.ward_list.contrasting_wards import contrasting
from atlas.ward_list.risk_list import (
    BY_POCKETS,
    SETTINGS,
    ListRequest,
    RiskList,
    base_covers,
    build,
    by_authority,
    conditions_said,
    list_measures,
    orders,
    rate_against_people,
    request_from,
    written_number,
)
from tests import real_data

SNAPSHOT = real_data.snapshot()
WARDS = SNAPSHOT.wards
PLACES = Places(WARDS)
SCORER = Scorer(SNAPSHOT, PLACES)
INDEX = SCORER.index(RiskRequest())
POCKETS = SCORER.pockets(RiskRequest())
TESTS = robustness_of(INDEX, 100)
GM, MANCHESTER, LONDON = "E47000001", "E08000003", "E12000007"
AREAS = [ENGLAND, GM, MANCHESTER, LONDON, "E06000053"]
MEASURES = list_measures(declared_method())
CODES = list(WARDS["ward_code"].iloc[::500])


def listed(**asked: object) -> RiskList:
    request = ListRequest(**asked)  # type: ignore[arg-type]
    return build(request, WARDS, PLACES, INDEX, TESTS, POCKETS)


def test_the_usual_list_is_the_ten_wards_of_the_place_at_highest_risk() -> None:
    result = listed(area=MANCHESTER)
    rows = PLACES.positions(MANCHESTER)
    best = rows[np.argsort(-INDEX.total[rows], kind="stable")[:10]]
    assert list(result.rows) == best.tolist()
    assert (result.table["rank"] == INDEX.rank[best]).all()


@pytest.mark.slow
def test_every_place_opens_a_list_with_its_standing_in_england() -> None:
    """No council, authority or region opens an empty list, unless nothing is known of its wards."""
    for place in PLACES.areas():
        rows = PLACES.positions(place.code)
        result = build(ListRequest(area=place.code), WARDS, PLACES, INDEX, TESTS, POCKETS)
        assert len(result.rows) == min(10, int(INDEX.scored[rows].sum())) > 0, place.label
        assert result.table["rank"].between(1, 6784).all()


def test_a_share_lists_the_bases_highest_tenth_in_order_of_risk() -> None:
    result = listed(cut="share", limit=0.1)
    assert set(result.rows) == set(np.flatnonzero(INDEX.in_highest(0.1)))
    assert result.table["score"].is_monotonic_decreasing
    assert result.residents == result.table["residents"].sum()
    assert result.table["cumulative_residents"].iloc[-1] == result.residents
    assert result.table["cumulative_share"].iloc[-1] == pytest.approx(0.1, abs=0.001)


def test_an_area_inside_the_base_keeps_the_bases_bands() -> None:
    result = listed(area=GM, cut="share", limit=0.2)
    assert set(result.rows) <= set(PLACES.positions(GM))
    assert (result.table["band"] >= 9).all()


def test_the_top_wards_and_as_many_as_a_budget_of_people_allows() -> None:
    assert len(listed(area=GM, cut="top", limit=7).rows) == 7
    some = listed(area=GM, cut="people", limit=60_000)
    more = listed(area=GM, cut="top", limit=len(some.rows) + 1)
    assert some.residents <= 60_000 < more.residents
    assert listed(area=GM, cut="people", limit=10).rows == ()


def test_an_order_by_people_counts_them() -> None:
    result = listed(area=GM, cut="top", limit=10, order="age_75_plus")
    assert result.table["number"].is_monotonic_decreasing
    row = result.rows[0]
    assert result.table["number"][0] == WARDS["age_75_plus_people"][row]
    pockets = listed(cut="top", limit=5, order=BY_POCKETS)
    assert pockets.table["number"][0] == POCKETS.by_ward["pocket_people_fifth"].max()


def test_filters_apply_before_the_cut() -> None:
    fifth = {"cut": "share", "limit": 0.2}
    assert set(listed(tier="sure", **fifth).table["tier"]) == {"sure"}
    assert set(listed(tier="fairly sure", **fifth).table["tier"]) == {"sure", "fairly sure"}
    money = listed(area=GM, need="money_and_skills", cut="top", limit=500)
    places = INDEX.components["money_and_skills"][PLACES.positions(GM)]
    assert len(money.rows) == int((places >= 80).sum())
    assert money.table["need"].str.contains("money and skills").all()
    both = listed(area=GM, councils=(MANCHESTER,), reaching=(("age_75_plus_rate", 0.05),))
    chosen = WARDS.iloc[list(both.rows)]
    assert set(chosen["authority_code"]) == {MANCHESTER} and len(chosen)
    assert (chosen["age_75_plus_rate"] >= 0.05).all()
    far = listed(area=GM, cut="top", limit=500, reaching=(("near_library_rate", 0.5),))
    assert (WARDS["near_library_rate"].iloc[list(far.rows)] <= 0.5).all()
    good = listed(cut="top", limit=30, fit="good")
    assert len(good.rows) == 30 and (WARDS["fit"].iloc[list(good.rows)] == "good").all()
    inside = listed(area=LONDON, cut="top", limit=10, pockets_only=True)
    assert (POCKETS.by_ward["pockets_tenth"].iloc[list(inside.rows)] > 0).all()


def test_wards_named_by_hand_are_added_or_left_out_and_marked() -> None:
    usual = listed(area=MANCHESTER, cut="top", limit=3)
    first = str(usual.table["ward_code"][0])
    last = str(
        WARDS["ward_code"][
            PLACES.positions(MANCHESTER)[np.argmin(INDEX.score[PLACES.positions(MANCHESTER)])]
        ]
    )
    changed = listed(area=MANCHESTER, cut="top", limit=3, include=(last,), exclude=(first,))
    assert first not in set(changed.table["ward_code"])
    assert changed.table["ward_code"].iloc[-1] == last and len(changed.rows) == 4
    assert (
        listed(area=GM, cut="top", limit=3, include=(CODES[0],)).rows
        == listed(area=GM, cut="top", limit=3).rows
    )


def test_a_ward_without_data_cannot_be_listed_even_by_hand() -> None:
    blank = str(WARDS["ward_code"][WARDS["population"].isna()].iloc[0])
    assert blank not in set(listed(include=(blank,)).table["ward_code"])


def test_subtotals_by_authority_add_up_to_the_list_and_the_area() -> None:
    result = listed(area=GM, cut="share", limit=0.2)
    lines = by_authority(result, WARDS, PLACES)
    assert len(lines) == 10
    assert lines["listed"].sum() == len(result.rows)
    assert lines["listed_residents"].sum() == result.residents
    assert lines["residents"].sum() == result.area_residents
    assert lines["share_of_list"].sum() == pytest.approx(1)
    assert lines["share_of_area"].sum() == pytest.approx(1)


def test_lists_by_rate_and_by_people_share_a_whole_number_of_wards() -> None:
    oldham = {"area": "E08000004", "cut": "top", "limit": 10}
    result, by_people = listed(**oldham), listed(**oldham, order="pocket_people")
    both = len(set(result.rows) & set(by_people.rows))
    assert both == 8 and rate_against_people(result, INDEX, PLACES, POCKETS) == 0.8


def test_contrasting_wards_start_with_the_highest_risk_and_differ() -> None:
    points = {"a": np.array([9.0, 8, 0, 9]), "b": np.array([9.0, 9, 0, 0])}
    codes = ["A", "B", "C", "D"]
    assert contrasting(points, codes, [0, 1, 2, 3], 3) == [0, 2, 3]
    assert contrasting(points, codes, [1, 0], 5) == [1, 0]
    assert contrasting(points, codes, [], 3) == [] == contrasting(points, codes, [0], 0)
    result = listed(cut="share", limit=0.1, spread=5)
    assert len(result.rows) == 5 and result.rows[0] == listed().rows[0]


def test_a_tier_cannot_be_asked_for_without_the_tests() -> None:
    with pytest.raises(ValueError, match="robustness"):
        build(ListRequest(tier="sure"), WARDS, PLACES, INDEX, None, POCKETS)
    untested = build(ListRequest(), WARDS, PLACES, INDEX, None, POCKETS)
    assert set(untested.table["tier"]) == {""}


def test_a_base_names_its_places_and_takes_their_wards() -> None:
    base = base_of(PLACES, [MANCHESTER, "E08000006", MANCHESTER])
    assert base.label == "Manchester and Salford"
    assert base.residents == "residents of Manchester and Salford"
    inside = PLACES.inside(*base.codes)
    assert set(WARDS["authority_name"][inside]) == {"Manchester", "Salford"}
    assert base_of(PLACES, []).is_england and base_of(PLACES, [MANCHESTER, ENGLAND]).is_england
    assert base_of(PLACES, [GM, LONDON, "E12000001", "E12000002"]).label.endswith("2 more places")
    with pytest.raises(UnknownPlaceError, match="E99999999"):
        base_of(PLACES, ["E99999999"])


def test_a_base_of_ones_own_is_the_base_that_scores_compare_with() -> None:
    asked = RiskRequest(base=(MANCHESTER, "E08000006"))
    index = SCORER.index(asked)
    assert index.scored.sum() == 32 + 20
    assert not base_covers(ListRequest(area=GM, risk=asked), PLACES)
    assert base_covers(ListRequest(area=MANCHESTER, risk=asked), PLACES)


PAIRS = st.dictionaries(
    st.sampled_from(declared_method().risk_components()), st.floats(0.001, 999), min_size=1
).map(lambda d: tuple((k, d[k]) for k in declared_method().components if k in d))
INNER = st.dictionaries(
    st.sampled_from(list(declared_method().indicators)), st.floats(0.001, 999), max_size=3
).map(lambda d: tuple((k, d[k]) for k in declared_method().indicators if k in d))
REQUESTS = st.builds(
    RiskRequest,
    preset=st.sampled_from(list(declared_method().presets)),
    weights=st.one_of(st.just(()), PAIRS),
    influence=st.one_of(st.just(()), PAIRS),
    inner=INNER,
    base=st.lists(st.sampled_from(AREAS[1:]), max_size=3, unique=True).map(
        lambda codes: tuple(sorted(codes)) or (ENGLAND,)
    ),
)
CUTS = st.one_of(
    st.floats(0.001, 1).map(lambda share: ("share", share)),
    st.integers(1, 6817).map(lambda n: ("top", float(n))),
    st.integers(1, 10**7).map(lambda n: ("people", float(n))),
)


@given(
    REQUESTS,
    CUTS,
    st.sampled_from(AREAS),
    st.sampled_from(list(orders(MEASURES))),
    st.sampled_from(["", *(tier.key for tier in declared_method().tiers)]),
    st.sampled_from(["", "weak", "fair", "good"]),
    st.booleans(),
    st.integers(0, 50),
    st.sets(st.sampled_from(CODES)),
    st.sampled_from(["", *declared_method().risk_components()]),
    st.sets(st.sampled_from([MANCHESTER, "E06000053"])),
    st.dictionaries(st.sampled_from(["age_75_plus_rate", "imd_score"]), st.integers(-9, 9)),
    st.sampled_from(["", *SETTINGS]),
)
def test_every_request_reopens_as_it_was(
    asked: RiskRequest,
    cut: tuple,
    area: str,
    order: str,
    tier: str,
    fit: str,
    pockets: bool,
    spread: int,
    codes: set[str],
    need: str,
    councils: set[str],
    reaching: dict[str, float],
    setting: str,
) -> None:
    names = tuple(sorted(codes))
    request = ListRequest(
        area,
        asked,
        cut[0],
        cut[1],
        order,
        tier,
        fit,
        pockets,
        spread,
        names[::2],
        names[1::2],
        need,
        tuple(sorted(councils)),
        tuple((name, float(value)) for name, value in reaching.items()),
        setting,
    )
    notices = Notices()
    assert request_from(request.query(), PLACES, notices, SCORER.england) == request
    assert notices.sentences == []


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *ListRequest().query(),
                "place",
                "cut",
                "order",
                "tier",
                "rests",
                "spread",
                "include",
                "exclude",
                "need",
                "councils",
                "reaching",
                "preset",
                "weights",
                "influence",
                "inner",
                "against",
            ]
        ),
        st.text(max_size=60),
    )
)
def test_whatever_a_link_says_a_list_is_built_and_the_reader_told(query: dict[str, str]) -> None:
    notices = Notices()
    request = request_from(query, PLACES, notices, SCORER.england)
    assert request.area in PLACES and request.limit > 0
    risk_request_from(query, PLACES, notices, SCORER.england).weighting(SCORER.england)
    if request == ListRequest() and any(
        query.get(key) for key in ("preset", "weights", "against", "order", "tier", "cut")
    ):
        assert notices.sentences or query.get("preset") == "standard"


def test_weights_that_make_no_score_fall_back_with_a_notice() -> None:
    notices = Notices()
    query = {"weights": "money_and_skills:0", "against": GM}
    assert risk_request_from(query, PLACES, notices, SCORER.england) == RiskRequest(base=(GM,))
    assert "make no score" in notices.sentences[0]


@pytest.mark.parametrize(
    ("query", "weight"),
    [
        ({"weights": "means_and_skills:3,age_and_disability:1"}, {"money_and_skills": 0.75}),
        ({"influence": "means_and_skills:3"}, {"money_and_skills": 1}),
        ({"preset": "equal"}, {"money_and_skills": 0.419}),
    ],
)
def test_a_link_of_version_0_1_opens_its_percentiles_and_says_so(
    query: dict[str, str], weight: dict[str, float]
) -> None:
    notices = Notices()
    asked = risk_request_from(query, PLACES, notices, SCORER.england)
    weighting = asked.weighting(SCORER.england)
    assert asked.preset == "version_0_1" and weighting.scaling == "percentile"
    assert weight.items() <= weighting.weight.items()
    assert "Percentiles, as in version 0.1" in notices.sentences[0]


@pytest.mark.parametrize("number", [-0.5, 1001.0, float("inf"), float("nan")])
def test_a_weight_that_no_slider_has_makes_no_request(number: float) -> None:
    with pytest.raises(ValidationError):
        RiskRequest(weights=(("money_and_skills", number),))


def test_a_request_stands_for_weights() -> None:
    england = SCORER.england
    own = RiskRequest(weights=(("money_and_skills", 3.0), ("home_connection", 1.0)))
    assert own.weighting(england).weight == {"money_and_skills": 0.75, "home_connection": 0.25}
    wanted = RiskRequest(influence=(("money_and_skills", 1.0), ("home_connection", 1.0)))
    assert set(wanted.weighting(england).weight) == {"money_and_skills", "home_connection"}
    inner = RiskRequest(inner=(("age_65_74_rate", 0.0),)).weighting(england)
    assert dict(inner.inner)["age_65_74_rate"] == 0
    assert inner.weight == RiskRequest().weighting(england).weight
    assert RiskRequest(preset="min_max").weighting(england).scaling == "min-max"


def test_any_measure_can_order_a_list_with_most_need_first() -> None:
    """A share within a mile of a library is a need where it is low."""
    for name, sign in (("age_75_plus_rate", -1), ("near_library_rate", 1)):
        result = listed(area=GM, order=name)
        values = WARDS[name].to_numpy()[PLACES.positions(GM)]
        assert result.table["number"].tolist() == sorted(values, key=lambda v: v * sign)[:10]
    assert written_number("age_75_plus_rate", 0.0912, MEASURES) == "9.1%"
    assert written_number(BY_POCKETS, 1234.0, MEASURES) == "1,234"


def test_a_readers_own_measure_orders_and_limits_a_list_without_weight() -> None:
    codes = [str(code) for code in WARDS["ward_code"].iloc[PLACES.positions(MANCHESTER)]]
    column = Column(
        name="own_1",
        label="Lessons",
        short="Lessons",
        unit="count",
        need="less",
        definition="x",
        sources=(),
        tables=(),
        credit="you",
    )
    own = OwnMeasure(column, np.arange(len(codes), dtype=float), 1, 1, (), ())
    scorer = Scorer(SNAPSHOT, PLACES, [own], codes)
    measures = list_measures(scorer.method)
    key = part_key(own)
    request = ListRequest(area=GM, order=key, reaching=((key, 3.0),))
    result = build(request, scorer.wards, PLACES, INDEX, None, POCKETS, measures)
    assert result.table["ward_code"].tolist() == codes[:4]
    assert conditions_said(request, measures) == ["Lessons: at most 3"]
    notices = Notices()
    reopened = request_from(request.query(), PLACES, notices, SCORER.england)
    assert reopened == ListRequest(area=GM) and len(notices.sentences) == 2


def test_rural_wards_and_urban_ones_are_told_apart_where_the_data_does() -> None:
    classes = np.where(np.arange(len(WARDS)) % 2, "Smaller rural: nearer", "Urban: nearer")
    wards = WARDS.assign(rural_urban=classes)

    def found(setting: str) -> set[int]:
        request = ListRequest(area=MANCHESTER, setting=setting, limit=99)
        return set(build(request, wards, PLACES, INDEX, None, POCKETS).rows)

    rural, urban = found("rural"), found("urban")
    assert rural and all(row % 2 for row in rural) and not rural & urban
    assert rural | urban == found("")


def test_every_counted_cohort_and_every_measure_can_order_a_list() -> None:
    assert {c.key for c in counted_cohorts()} <= set(orders({}))
    assert not set(orders({})) & set(MEASURES)
    assert set(orders(MEASURES)) == {*orders({}), *MEASURES}
