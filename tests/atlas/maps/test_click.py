"""A click on the map as a spot, and a scenario as marks: by points whose place is known."""

from dataclasses import replace

import numpy as np
import pytest

from atlas.maps.click import Spot, clicked
from atlas.places.ward_at_point import degrees_of, grid_of
from atlas.planning.scenario import Added, Scenario
from atlas.planning.scenario_marks import marks_sentence, scenario_marks
from atlas.uploads.reading.table import letters
from tests.atlas.access.test_support_score import ANN, BOB


def test_a_click_is_a_ward_and_a_point_of_the_national_grid() -> None:
    longitude, latitude = degrees_of(np.array([383_870.0]), np.array([398_010.0]))
    code, spot = clicked(f"E05011374 {longitude[0]:.5f} {latitude[0]:.5f}")
    assert code == "E05011374" and spot is not None
    assert spot.ward_code == "E05011374"
    # Five decimals of a degree are a metre.
    assert abs(spot.easting - 383_870) <= 1 and abs(spot.northing - 398_010) <= 1


def test_a_ward_chosen_by_key_has_no_point() -> None:
    assert clicked("E05011374") == ("E05011374", None)


@pytest.mark.parametrize(
    "answer",
    [None, 7, {}, "", "E05011374 1", "E05011374 1 2 3", "E05011374 a b", "E05011374 1 <b>"],
)
def test_anything_else_is_no_answer(answer: object) -> None:
    assert clicked(answer) == ("", None)


@pytest.mark.parametrize("degrees", ["nan 53", "inf inf", "0 0", "1e400 53", "400 53"])
def test_a_point_outside_england_is_no_spot(degrees: str) -> None:
    assert clicked(f"E05011374 {degrees}") == ("E05011374", None)


def test_additions_have_letters_and_closures_hollow_crosses_where_they_stand() -> None:
    scenario = Scenario((Added("Hall", 384_000, 398_000), Added("Hut", 385_000, 398_000)), ("bob",))
    bob = replace(BOB, easting=387_000.0, northing=399_000.0)
    marks = scenario_marks(scenario, (ANN, bob), Spot("E05000001", 386_000, 398_000))
    assert [(mark.text, mark.hollow) for mark in marks] == [
        ("A", False),
        ("B", False),
        ("×", True),
        ("+", True),
    ]
    assert marks[0].name == "Added: Hall" and marks[2].name == f"Closed: {BOB.name}"
    east, north = grid_of(
        np.array([mark.longitude for mark in marks]), np.array([mark.latitude for mark in marks])
    )
    assert np.round(east).tolist() == [384_000, 385_000, 387_000, 386_000]
    assert np.round(north).tolist() == [398_000, 398_000, 399_000, 398_000]


def test_an_unknown_closure_and_an_empty_scenario_have_no_mark() -> None:
    assert scenario_marks(Scenario(closed=("gone",)), (ANN,)) == ()
    assert marks_sentence(Scenario()) == ""


def test_the_sentence_says_what_letters_and_crosses_are() -> None:
    hall = Added("Hall", 384_000, 398_000)
    assert marks_sentence(Scenario((hall,))) == "On the map “After”, A is the place added."
    assert marks_sentence(Scenario((hall, hall), ("ann", "bob"))) == (
        "On the map “After”, A to B are the places added and a cross is a library closed."
    )
    assert letters(26) == "AA"
