import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns
from atlas.places.places import Places
from atlas.ward_list.by_measure import ranked
from tests.toys.wards import code, toy_wards

WARDS = toy_wards()
PLACES = Places(WARDS)
INCOME = declared_columns()["income_deprived_rate"]
NEAR = declared_columns()["near_library_rate"]
NORTH = PLACES.positions("E47000001")


def codes(table: pd.DataFrame) -> list[str]:
    return list(table["ward_code"])


def test_highest_first_ties_by_code_and_wards_without_data_left_out() -> None:
    table = ranked(WARDS, INCOME)
    assert codes(table) == [code(n) for n in (1, 2, 3, 4, 5, 6, 7)]
    assert list(table["place_in_list"]) == [1, 2, 3, 4, 5, 6, 7]


def test_lowest_first_where_less_means_more_need() -> None:
    assert codes(ranked(WARDS, NEAR))[:2] == [code(6), code(7)]


def test_the_ward_table_is_not_changed() -> None:
    before = WARDS.copy(deep=True)
    ranked(WARDS, INCOME)
    pd.testing.assert_frame_equal(WARDS, before)


@given(st.permutations(range(8)))
def test_the_order_of_the_table_does_not_matter(order: list[int]) -> None:
    assert codes(ranked(WARDS.iloc[order], INCOME)) == codes(ranked(WARDS, INCOME))
