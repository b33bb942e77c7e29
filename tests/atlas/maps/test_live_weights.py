"""Weights beside the map: what the browser is sent, and what it may answer."""

import gzip
import json

import numpy as np
import pytest

from atlas.maps.click import weights_in
from atlas.maps.live_weights import packed_parts


def test_parts_travel_in_the_order_of_the_outlines_and_missing_stays_missing():
    parts = {"one": np.array([7.0, np.nan, 65535.0]), "two": np.array([0.0, 1.0, 2.0])}
    people = np.array([10.0, np.nan, 30.0])
    order, codes = ["C", "X", "A", "B"], np.array(["A", "B", "C"], dtype=object)
    sent = packed_parts(order, codes, parts, people)
    assert json.loads(gzip.decompress(sent)) == {
        "parts": [[65535, -1, 7, -1], [2, -1, 0, 1]],
        "people": [30, -1, 10, -1],
    }
    assert sent == packed_parts(order, codes, parts, people)


def test_weights_are_read_from_the_answer():
    assert weights_in("weights 40 0 100") == (40, 0, 100)


@pytest.mark.parametrize(
    "answer",
    [None, 5, "", "weights", "weights 40 -1", "weights 101", "weights 4 ５", "weights 1.5",
     "E05000001 -2.24400 53.47900", "weights 40 46 14\n", "weights  40", "x weights 40"],
)  # fmt: skip
def test_anything_else_is_no_weights(answer):
    assert weights_in(answer) == ()
