"""Places side by side and wards alike, on toys that can be checked by hand and on the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns, measures
from atlas.compare.comparison import (
    Measured,
    alike,
    chosen_places,
    indicator_places,
    side_by_side,
    similar_councils,
)
from atlas.risk.request import RiskRequest
from tests import real_data

HULME, ALDGATE, MANCHESTER, LEEDS = "E05011368", "E05009289", "E08000003", "E08000035"
SCORER = real_data.scorer()
SNAPSHOT, PLACES = SCORER.snapshot, SCORER.places
INDEX = SCORER.index(RiskRequest())
CODES = list(SNAPSHOT.wards["ward_code"])


def test_unknown_repeated_and_surplus_places_are_left_out() -> None:
    found = chosen_places(PLACES, [HULME, "E99", HULME, MANCHESTER, LEEDS, ALDGATE, "E47000001"])
    assert [place.code for place in found] == [HULME, MANCHESTER, LEEDS, ALDGATE]


def test_councils_alike_are_those_of_the_publishers_file() -> None:
    found = similar_councils(SNAPSHOT.councils, MANCHESTER, 3)
    assert found["In general"] == ("E08000012", "E06000018", "E08000021")
    assert found["In who lives there"] == ("E08000026", "E08000035", "E09000008")
    # Barnsley stands in the file under its new code, E08000038; wards keep the older one.
    barnsley = similar_councils(SNAPSHOT.councils, "E08000016", 2)
    assert barnsley["In the economy"] == ("E06000047", "E08000036")
    assert similar_councils(SNAPSHOT.councils, "E12000001") == {}


def test_each_place_has_the_figure_of_its_own_page() -> None:
    income = declared_columns()["income_deprived_rate"]
    [found] = side_by_side(SNAPSHOT.wards, PLACES, [HULME, MANCHESTER], [income])
    row = SNAPSHOT.wards.set_index("ward_code").loc[HULME]
    assert found.values[0] == pytest.approx(row["income_deprived_rate"])
    assert found.values[0] < found.values[1] and found.most_need == 1


def test_totals_stand_side_by_side_only_for_places_of_one_kind() -> None:
    mixed = side_by_side(SNAPSHOT.wards, PLACES, [HULME, MANCHESTER], measures())
    assert {each.column.aggregate for each in mixed} == {"mean"}
    same = side_by_side(SNAPSHOT.wards, PLACES, [LEEDS, MANCHESTER], measures())
    assert {each.column.aggregate for each in same} == {"mean", "sum"}


def test_no_data_stays_no_data() -> None:
    income = declared_columns()["income_deprived_rate"]
    [found] = side_by_side(SNAPSHOT.wards, PLACES, [HULME, ALDGATE], [income])
    assert np.isnan(found.values[1])
    assert found.most_need is None


@pytest.mark.parametrize(
    ("name", "values", "most"),
    [
        ("income_deprived_rate", (0.2, 0.3), 1),
        ("near_library_rate", (0.2, 0.3), 0),  # fewer near a library is more need
        ("social_rented_rate", (0.2, 0.3), None),  # says nothing about need
        ("income_deprived_rate", (0.3, 0.3), None),
    ],
)
def test_most_need_follows_the_direction(
    name: str, values: tuple[float, ...], most: int | None
) -> None:
    assert Measured(declared_columns()[name], values, 0.2).most_need == most


def test_wards_alike_are_the_nearest_by_hand() -> None:
    points = np.column_stack(list(indicator_places(INDEX).values()))
    row = CODES.index(HULME)
    by_hand = np.abs(points - points[row]).mean(axis=1)
    by_hand[row] = np.inf
    found = alike(INDEX, HULME, 3)
    assert [each.code for each in found] == [CODES[at] for at in np.argsort(by_hand)[:3]]
    assert found[0].distance == pytest.approx(np.nanmin(by_hand))


@pytest.mark.slow
@given(st.sampled_from(CODES))
def test_alike_is_ordered_never_itself_and_symmetric(code: str) -> None:
    found = alike(INDEX, code, 8)
    distances = [each.distance for each in found]
    assert distances == sorted(distances)
    assert code not in [each.code for each in found]
    if found:
        back = {each.code: each.distance for each in alike(INDEX, found[0].code, len(CODES))}
        assert back[code] == pytest.approx(found[0].distance)
        assert found[0].closest in indicator_places(INDEX)


def test_a_ward_without_figures_is_like_none() -> None:
    assert alike(INDEX, ALDGATE) == []
    assert ALDGATE not in [each.code for each in alike(INDEX, HULME, len(CODES))]


def test_wards_of_the_same_council_can_be_left_out() -> None:
    own = [CODES[at] for at in PLACES.positions(MANCHESTER)]
    assert not {each.code for each in alike(INDEX, HULME, 20, own)} & set(own)
