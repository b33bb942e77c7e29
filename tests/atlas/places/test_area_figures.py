import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns, measures
from atlas.places.area_figures import count_of, figure
from atlas.places.places import Places
from tests.toys.wards import toy_wards

WARDS = toy_wards()
PLACES = Places(WARDS)
COLUMNS = declared_columns()


def test_a_share_is_the_mean_of_wards_by_their_residents() -> None:
    # Alton: (0.40 x 1000 + 0.30 x 2000 + 0.30 x 3000) / 6000 = 1900 / 6000
    rows = PLACES.positions("E08000001")
    assert figure(WARDS, COLUMNS["income_deprived_rate"], rows) == pytest.approx(1900 / 6000)


def test_people_add_up() -> None:
    rows = PLACES.positions("E08000001")
    assert figure(WARDS, COLUMNS["income_deprived_people"], rows) == pytest.approx(1900)
    assert figure(WARDS, COLUMNS["population"]) == 16_000


def test_wards_without_data_are_left_out_and_never_count_as_zero() -> None:
    # Park & Elm and Quay have no connection figure: the South has none, and England's mean is
    # that of the five wards that have.
    connection = COLUMNS["superfast_unavailable_rate"]
    assert math.isnan(figure(WARDS, connection, PLACES.positions("E12000002")))
    five = WARDS.iloc[:5]
    assert figure(WARDS, connection) == pytest.approx(
        (five["superfast_unavailable_rate"] * five["households"]).sum() / five["households"].sum()
    )
    assert math.isnan(figure(WARDS, COLUMNS["population"], PLACES.positions("E09000004")))


def test_a_name_does_not_add_up() -> None:
    with pytest.raises(ValueError, match="not declared to add up"):
        figure(WARDS, COLUMNS["ward_name"])


def test_every_measure_can_be_put_together() -> None:
    for column in measures():
        figure(WARDS, column)


def test_a_share_knows_its_count() -> None:
    income, skills = COLUMNS["income_deprived_rate"], COLUMNS["low_skills_rate"]
    households = COLUMNS["deprived_households_rate"]
    assert count_of(income) is COLUMNS["income_deprived_people"]
    assert count_of(households) is COLUMNS["deprived_households"]
    assert count_of(skills) is None
    assert count_of(COLUMNS["imd_score"]) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_a_mean_lies_between_its_wards_and_ignores_their_order(
    given: list[tuple[float, int]],
) -> None:
    frame = pd.DataFrame(given, columns=["income_deprived_rate", "population"], dtype=float)
    column = COLUMNS["income_deprived_rate"]
    mean = figure(frame, column)
    rates = frame["income_deprived_rate"]
    assert rates.min() - 1e-12 <= mean <= rates.max() + 1e-12
    assert figure(frame, column, np.arange(len(frame))[::-1]) == pytest.approx(mean, abs=1e-12)
