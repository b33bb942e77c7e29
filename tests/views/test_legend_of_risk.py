"""The legend of risk says fifths of England's residents in numbers that can be said aloud."""

import pandas as pd

from atlas.maps.classes import classify
from atlas.maps.legend import legend
from atlas.places.view_url import DEFAULT_MEASURE
from tests import real_data
from views.map.page import said_of_residents


def described(method: str):
    wards = real_data.scorer().snapshot.wards
    values = pd.Series(wards[DEFAULT_MEASURE].to_numpy(), index=wards["ward_code"], dtype=float)
    people = pd.Series(wards["population"].to_numpy(), index=values.index)
    classes = classify(values, method, weights=people)  # type: ignore[arg-type]
    drawn = legend(values, people, classes, title="Risk", direction="", say=lambda v: f"{v:.0f}")
    return values, classes, said_of_residents(drawn)


def test_each_class_of_risk_holds_just_the_scores_that_its_words_say():
    values, classes, drawn = described("population fifths")
    assert [row.bounds for row in drawn.rows][0] == "80 and over"
    assert [row.bounds for row in drawn.rows][-1] == "under 20"
    known = values.dropna()
    assert (classes.assign(known) == (known // 20).clip(upper=4).astype(int)).all()


def test_another_cut_keeps_its_own_bounds():
    _, _, drawn = described("jenks")
    assert drawn.rows[0].bounds.startswith("over ")
