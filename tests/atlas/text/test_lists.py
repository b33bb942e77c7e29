"""Names in a row, as a sentence lists them."""

import pytest

from atlas.text.lists import listed


@pytest.mark.parametrize(
    ("names", "most", "said"),
    [
        (["A"], 0, "A"),
        (["A", "B"], 0, "A and B"),
        (["A", "B", "C"], 0, "A, B and C"),
        (["A", "B", "C"], 3, "A, B and C"),
        (["A and B", "C"], 0, "A and B, and C"),
        (["A", "B", "C and D"], 0, "A, B, and C and D"),
        (["A", "B", "C", "D"], 3, "A, B and 2 more places"),
    ],
)
def test_names_are_listed_as_a_sentence_does(names: list[str], most: int, said: str) -> None:
    assert listed(names, most) == said
