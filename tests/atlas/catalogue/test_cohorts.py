import numpy as np
import pandas as pd
import pytest

from atlas.catalogue.cohorts import (
    Cohort,
    cohort_table,
    counted_cohorts,
    declared_cohorts,
    headcounts,
)
from atlas.catalogue.declarations import DeclarationError
from atlas.snapshot.snapshot import load
from tests.toys.wards import toy_wards

ENTRY = """
[old]
label = "Old"
unit = "people"
honesty = "exact"
count = "age_75_plus_people"
note = "n"
"""


def cohort(key: str) -> Cohort:
    return declared_cohorts()[key]


def test_a_published_count_is_taken_as_it_is() -> None:
    counts = headcounts(toy_wards(), cohort("income_deprived"))
    assert counts[:3].tolist() == [400, 600, 900] and np.isnan(counts[7])


def test_residents_at_risk_are_two_published_counts_added_up() -> None:
    wards = load().wards
    number = wards["income_deprived_people"] + wards["age_75_plus_people"]
    assert np.array_equal(headcounts(wards, cohort("at_risk")), number, equal_nan=True)
    assert "counts twice" in cohort("at_risk").note and cohort("at_risk").honesty == "proxy"


def test_residents_far_from_a_library_are_all_less_the_near_ones() -> None:
    counts = headcounts(toy_wards(), cohort("far_from_library"))
    assert counts[:7].tolist() == [0, 0, 1500, 2000, 0, 2000, 3000] and np.isnan(counts[7])


def test_a_share_of_homes_becomes_households_and_a_missing_share_stays_missing() -> None:
    counts = headcounts(toy_wards(), cohort("no_superfast"))
    assert counts[:5].tolist() == [0, 0, 150, 400, 0] and np.isnan(counts[5:]).all()


def test_low_skills_has_no_headcount_and_never_gets_one() -> None:
    assert not cohort("low_skills").counted
    with pytest.raises(ValueError, match="rate only"):
        headcounts(toy_wards(), cohort("low_skills"))


def test_the_table_sums_the_chosen_wards_and_counts_those_without_a_figure() -> None:
    rows = np.array([True] * 2 + [False] * 3 + [True] + [False] * 2)
    lines = cohort_table(toy_wards(), rows).set_index("cohort")
    assert lines.loc["income_deprived", "number"] == 1100
    assert lines.loc["income_deprived", "share"] == pytest.approx(1100 / 2930)
    assert lines.loc["no_superfast", "unknown_wards"] == 1
    assert np.isnan(lines.loc["no_device", "number"])
    kinds = {"exact", "to the nearest five", "proxy", "not measurable locally"}
    assert set(lines["honesty"]) == kinds
    assert lines.loc["income_deprived", "honesty"] == "to the nearest five"


def test_cohorts_of_all_wards_are_englands_totals() -> None:
    wards = load().wards
    lines = cohort_table(wards, np.ones(len(wards), dtype=bool)).dropna(subset=["number"])
    assert (lines["number"] == lines["england"]).all()
    assert set(lines["cohort"]) == {c.key for c in counted_cohorts()}
    totals = lines.set_index("cohort")["number"]
    assert totals["age_75_plus"] == wards["age_75_plus_people"].sum()
    assert (totals < wards["population"].sum()).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('note = "n"', 'note = "n"\nnotes = "n"', "old.notes: there is no such field"),
        ('label = "Old"', "", "old.label: this field is missing"),
        ('"exact"', '"roughly"', "old.honesty: Input should be 'exact'"),
        ('"exact"', '"not measurable locally"', "disagree"),
        ('"age_75_plus_people"', '"age_76_plus_people"', "no column 'age_76_plus_people'"),
    ],
)
def test_a_faulty_declaration_is_refused(old: str, new: str, message: str) -> None:
    assert declared_cohorts(ENTRY)["old"].counted
    with pytest.raises(DeclarationError, match=message):
        declared_cohorts(ENTRY.replace(old, new))


def test_wards_are_not_changed_by_counting() -> None:
    before = toy_wards()
    after = toy_wards()
    for each in counted_cohorts():
        headcounts(after, each)
    pd.testing.assert_frame_equal(before, after)
