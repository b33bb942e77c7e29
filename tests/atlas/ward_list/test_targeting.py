import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns
from atlas.places.places import Places
from atlas.places.view_url import ListSettings
from atlas.ward_list.targeting import by_authority, left_out, ranked
from tests.toys.wards import code, toy_wards

WARDS = toy_wards()
PLACES = Places(WARDS)
INCOME = declared_columns()["income_deprived_rate"]
NEAR = declared_columns()["near_library_rate"]
NORTH = PLACES.positions("E47000001")


def codes(table: pd.DataFrame) -> list[str]:
    return list(table["ward_code"])


def test_highest_first_ties_by_code_and_wards_without_data_left_out() -> None:
    table = ranked(WARDS, INCOME, ListSettings())
    assert codes(table) == [code(n) for n in (1, 2, 3, 4, 5, 6, 7)]
    assert list(table["place_in_list"]) == [1, 2, 3, 4, 5, 6, 7]


def test_lowest_first_where_less_means_more_need() -> None:
    assert codes(ranked(WARDS, NEAR, ListSettings()))[:2] == [code(6), code(7)]


def test_people_add_up_down_the_list() -> None:
    table = ranked(WARDS, INCOME, ListSettings(top=2), NORTH)
    assert list(table["people_so_far"]) == [1000, 3000, 6000, 10_000, 11_000]
    assert list(table["chosen"]) == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("until", "wards"), [(1, 1), (1000, 1), (1001, 2), (6000, 3), (11_000, 5), (99_999, 5)]
)
def test_the_fewest_wards_that_reach_that_many_people(until: int, wards: int) -> None:
    table = ranked(WARDS, INCOME, ListSettings(until=until), NORTH)
    assert table["chosen"].sum() == wards


def test_filters_say_which_wards_they_leave_out() -> None:
    settings = ListSettings(authorities=("E08000001",), limit=0.3, people=2000, fits=("good",))
    assert codes(ranked(WARDS, INCOME, settings)) == [code(3)]
    assert left_out(WARDS, INCOME, settings, PLACES.positions("E92000001")) == {
        "in councils not chosen": 5,
        "with a weaker fit than chosen": 2,
    }
    assert left_out(WARDS, INCOME, ListSettings(), PLACES.positions("E12000002")) == {
        "without data for this measure": 1
    }


def test_a_limit_is_a_ceiling_where_less_means_more_need() -> None:
    table = ranked(WARDS, NEAR, ListSettings(limit=0.5))
    assert set(codes(table)) == {code(n) for n in (3, 4, 6, 7)}


def test_subtotals_show_every_authority_and_add_up() -> None:
    table = ranked(WARDS, INCOME, ListSettings(top=2), NORTH)
    shares = by_authority(table, WARDS, NORTH).set_index("authority_name")
    assert shares.loc["Alton", "listed"] == 2
    assert shares.loc["Alton", "wards"] == 3
    assert shares.loc["Alton", "residents_listed"] == 3000
    assert shares.loc["Alton", "share_of_residents"] == pytest.approx(0.5)
    assert shares.loc["Alton", "share_of_area"] == pytest.approx(6 / 11)
    assert shares.loc["Brigg", "listed"] == 0
    assert shares["share_of_list"].sum() == pytest.approx(1)


def test_an_authority_without_residents_has_no_share() -> None:
    rows = PLACES.positions("E09000004")
    shares = by_authority(ranked(WARDS, INCOME, ListSettings(), rows), WARDS, rows)
    assert np.isnan(shares.loc[0, "share_of_residents"])


def test_the_ward_table_is_not_changed() -> None:
    before = WARDS.copy(deep=True)
    ranked(WARDS, INCOME, ListSettings())
    pd.testing.assert_frame_equal(WARDS, before)


@given(st.permutations(range(8)), st.integers(1, 8))
def test_the_order_of_the_table_does_not_matter(order: list[int], top: int) -> None:
    shuffled = WARDS.iloc[order]
    table = ranked(shuffled, INCOME, ListSettings(top=top))
    assert codes(table) == codes(ranked(WARDS, INCOME, ListSettings(top=top)))


@given(
    top=st.integers(1, 9),
    people=st.integers(0, 4000),
    limit=st.none() | st.sampled_from([0.05, 0.3]),
)
def test_every_ward_is_listed_or_left_out_for_a_reason(
    top: int, people: int, limit: float | None
) -> None:
    settings = ListSettings(top=top, people=people, limit=limit)
    everywhere = PLACES.positions("E92000001")
    listed = len(ranked(WARDS, INCOME, settings))
    assert listed + sum(left_out(WARDS, INCOME, settings, everywhere).values()) == 8
