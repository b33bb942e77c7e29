"""The still picture of wards: shared outlines stay shared, names stay inside and apart."""

from dataclasses import replace

import numpy as np
import pytest

from atlas.maps.outlines import Outlines, outlines_of
from atlas.maps.payload import map_files
from atlas.maps.static_map import FINE, Pin, picture_of, svg
from atlas.snapshot.snapshot import DATA
from tests.hostile_text import HOSTILE

# Two unit squares side by side, the boundary between them stored once.
LEFT, RIGHT = "E05000001", "E05000002"


def two_squares() -> Outlines:
    def line(*points: tuple[float, float]) -> np.ndarray:
        return np.array(points, dtype=float)

    return Outlines(
        codes=(LEFT, RIGHT),
        authority=np.array([0, 1]),
        arcs=(
            line((100, 0), (100, 100)),
            line((100, 100), (0, 100), (0, 0), (100, 0)),
            line((100, 0), (200, 0), (200, 100), (100, 100)),
        ),
        rings=(((0, 1),), ((2, -1),)),
        labels=np.array([[50.0, 50.0], [150.0, 50.0]]),
    )


def test_squares_fit_the_picture_and_meet_without_a_gap() -> None:
    drawn = picture_of(two_squares(), {LEFT: 0, RIGHT: 4}, [], 220, 120)
    left, right = (area.rings[0] / FINE for area in drawn.areas)
    assert left.min(axis=0).tolist() == [10, 10] and right.max(axis=0).tolist() == [210, 110]
    assert left[:, 0].max() == right[:, 0].min() == 110
    # The limit of the authorities is the middle line and the outside.
    assert len(drawn.limits) == 3


def test_rings_are_closed() -> None:
    outlines = outlines_of(map_files(DATA / "map"))
    for area in (0, 1000, 6816):
        for ring in outlines.rings[area]:
            points = outlines.ring_points(ring)
            assert (points[0] == points[-1]).all() and len(points) >= 4
    assert len(outlines.codes) == 6817


@pytest.mark.parametrize("longer", ["", " & Brockham, Betchworth, Buckland, Box Hill & Headley"])
def test_names_stay_in_the_picture_and_apart(longer: str) -> None:
    marks = [(LEFT, "A long name of a ward" + longer), (RIGHT, "Another long name" + longer)]
    pins = picture_of(two_squares(), {LEFT: 0, RIGHT: 4}, marks, 420, 230).pins
    assert [pin.number for pin in pins] == [1, 2]
    assert all(pin.name.endswith("…") for pin in pins) == bool(longer)
    boxes = []
    for pin in pins:
        length = 7.1 * len(pin.label)
        start = pin.text_x - length if pin.end else pin.text_x
        assert start >= 0 and start + length <= 420
        boxes.append((start, pin.text_y - 10, start + length, pin.text_y))
    (a, b, c, d), (e, f, g, h) = boxes
    assert c <= e or g <= a or d <= f or h <= b


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_outside_cannot_leave_the_picture(name: str) -> None:
    text = svg(picture_of(two_squares(), {LEFT: -1}, [(LEFT, name)], 100, 100), name)
    assert text.count("<") == text.count(">")
    assert "<script" not in text.lower() and "onerror=" not in text.lower()


def test_no_data_is_hatched_and_the_same_input_gives_the_same_text() -> None:
    drawn = picture_of(two_squares(), {LEFT: -1, RIGHT: 2, "E05999999": 3}, [], 100, 100)
    text = svg(drawn, "two squares")
    assert 'fill="url(#none)"' in text and 'aria-label="two squares"' in text
    assert text == svg(drawn, "two squares") and len(drawn.areas) == 2
    assert picture_of(two_squares(), {}, [], 100, 100).areas == ()


def test_a_name_away_from_its_mark_carries_its_number() -> None:
    pin = Pin(3, "Hulme", 50.0, 50.0, 62.0, 54.0, False)
    assert pin.label == "Hulme"
    assert replace(pin, text_y=68.0).label == "3 Hulme"
