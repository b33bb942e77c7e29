"""Newer figures of councils, on two made-up ones and on the published data."""

import pandas as pd
import pytest

from atlas.places.newer import moved, outdated_sentence
from atlas.snapshot.snapshot import Snapshot

WARDS = pd.DataFrame(
    {
        "authority_code": ["a", "a", "b"],
        "authority_name": ["Ayton", "Ayton", "Beeton"],
        "gigabit_unavailable_rate": [0.5, 0.9, 0.2],
        "households": [100.0, 300.0, 50.0],
    }
)
COUNCILS = pd.DataFrame({"authority_code": ["a", "b"], "council_gigabit_rate": [0.55, 0.85]})


def test_a_council_that_moved_by_more_than_ten_points_is_named_with_both_figures() -> None:
    # Ayton: (0.5 x 100 + 0.1 x 300) / 400 = 20% then; 55% now. Beeton moved by 5 points.
    found = moved(WARDS, COUNCILS)
    assert [(each.name, each.then, each.now) for each in found] == [
        ("Ayton", pytest.approx(0.2), 0.55)
    ]
    said = outdated_sentence(found, 2)
    assert "One of 2 councils has moved" in said and "20% of premises" in said and "55%" in said
    assert outdated_sentence((), 2) == ""


def test_a_council_without_a_newer_figure_has_not_moved() -> None:
    assert moved(WARDS, COUNCILS.iloc[1:]) == ()


def test_115_councils_have_moved_since_january_2024(snapshot: Snapshot) -> None:
    found = moved(snapshot.wards, snapshot.councils)
    assert len(found) == 115 and found[0].name == "High Peak"
    assert (round(found[0].then, 2), round(found[0].now, 2)) == (0.20, 0.85)
