"""Classing: whichever rule, equal values stay together and order is kept."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.maps.classes import METHODS, MOST, classify

NUMBERS = st.one_of(
    st.none(), st.sampled_from([0.0, 0.1, 0.25, 0.25, 1.0]), st.floats(-1e6, 1e6, width=32)
)


def series(values):
    return pd.Series(values, dtype=float, index=[f"E0500{n:04d}" for n in range(len(values))])


@given(
    values=st.lists(NUMBERS, max_size=60),
    method=st.sampled_from(sorted(METHODS)),
)
def test_classes_keep_order_ties_and_missing(values, method):
    frame = series(values)
    people = pd.Series(1.0, index=frame.index)
    classes = classify(frame, method, people)
    assigned = classes.assign(frame)
    assert ((assigned == -1) == frame.isna()).all()
    known = assigned[frame.notna()]
    assert set(known) == set(range(classes.count))  # no class is empty, none is beyond the last
    assert classes.count <= min(MOST, frame.nunique())
    ordered = frame.dropna().sort_values(kind="stable").index
    assert assigned[ordered].is_monotonic_increasing
    assert (assigned[ordered].groupby(frame[ordered]).nunique() == 1).all()


def test_ten_values_make_five_pairs():
    classes = classify(series(range(1, 11)), "quantiles")
    assert classes.bounds == (2, 4, 6, 8, 10)
    assert classes.labels[-1] == "highest fifth"


def test_population_fifths_count_residents_not_wards():
    # The first ward alone holds three fifths of all residents.
    residents = series([60, 10, 10, 10, 10])
    classes = classify(series([1, 2, 3, 4, 5]), "population fifths", residents)
    assert classes.bounds == (1, 3, 5)
    assert classes.labels == ("class 1 of 3", "class 2 of 3", "class 3 of 3")


def test_population_fifths_without_residents_are_refused():
    with pytest.raises(ValueError, match="residents"):
        classify(series([1, 2]), "population fifths")


def test_two_different_values_make_two_classes():
    assert classify(series([0.3, 0.3, 0.3, 0.7]), "jenks").bounds == (0.3, 0.7)


def test_equal_steps_that_hold_nothing_are_left_out():
    assert classify(series([0, 1, 100]), "equal").bounds == (20, 100)


def test_nothing_known_makes_no_class():
    classes = classify(series([None, None]))
    assert classes.count == 0
    assert list(classes.assign(series([1.0, None]))) == [-1, -1]


def test_a_value_of_another_area_beyond_the_bounds_is_in_the_end_class():
    classes = classify(series(range(1, 11)))
    assert list(classes.assign(series([-5, 999]))) == [0, 4]


@pytest.mark.parametrize("seed", range(3))
def test_natural_breaks_are_fishers_optimum(seed):
    import mapclassify  # which takes seconds, in each worker that gathers the tests

    values = np.random.default_rng(seed).gamma(2, 1, 250)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = mapclassify.FisherJenks(values, k=5).bins
    assert np.allclose(classify(series(values), "jenks").bounds, expected)
