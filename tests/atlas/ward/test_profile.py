import math

import numpy as np
import pytest

from atlas.catalogue.columns import declared_columns
from atlas.places.places import Places
from atlas.ward.profile import Standings, need_below, standing, ward_point
from tests.toys.wards import code, toy_lsoas, toy_wards

WARDS = toy_wards()
PLACES = Places(WARDS)
STANDINGS = Standings(WARDS, PLACES)
INCOME = declared_columns()["income_deprived_rate"]
NEAR = declared_columns()["near_library_rate"]


def test_a_ward_stands_in_every_area_that_holds_it() -> None:
    found = STANDINGS.line(code(2), INCOME)
    assert [s.area.name for s in found.standings] == ["Alton", "Northshire", "North", "England"]
    alton, england = found.standings[0], found.standings[-1]
    # Of 0.40, 0.30, 0.30: second, level with another.
    assert (alton.rank, alton.ties, alton.of) == (2, 1, 3)
    assert (alton.below, alton.above) == (0.0, 0.5)
    assert alton.figure == pytest.approx(1900 / 6000)
    # The ward without data is not counted: seven, of which six are others.
    assert (england.rank, england.of) == (2, 7)
    assert england.below == pytest.approx(4 / 6)


def test_a_ward_without_data_has_no_standing() -> None:
    found = STANDINGS.line(code(8), INCOME)
    assert math.isnan(found.value) and found.standings == ()
    assert math.isnan(need_below(found))


def test_an_area_with_one_ward_does_not_divide_by_nothing() -> None:
    alone = standing(np.array([0.4, np.nan]), 0.4, PLACES["E09000004"], 0.4)
    assert (alone.rank, alone.of, alone.below) == (1, 1, 0)


def test_need_points_the_other_way_for_measures_where_less_is_more_need() -> None:
    assert need_below(STANDINGS.line(code(6), NEAR)) == pytest.approx(5 / 6)
    assert need_below(STANDINGS.line(code(1), NEAR)) == 0


def test_the_point_of_a_ward_is_where_its_residents_are() -> None:
    # 1,000 people at 1 km and 3,000 at 2 km.
    assert ward_point(toy_lsoas(), code(2)) == (1750.0, 0.0)
    assert ward_point(toy_lsoas(), code(8)) is None


def test_an_unknown_ward_is_refused() -> None:
    with pytest.raises(KeyError):
        STANDINGS.line("E05999999", INCOME)
