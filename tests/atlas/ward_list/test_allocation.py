import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ward_list.allocation import divide, side_by_side

CODES = ["A", "B", "C"]


def test_largest_remainders_get_the_units_left_over() -> None:
    # Quotas 3.5, 3.5 and 0 of 7: the first code takes the odd one.
    assert divide(7, [1, 1, 0], CODES) == [4, 3, 0]
    # Quotas 5.0, 3.33 and 1.67 of 10.
    assert divide(10, [3, 2, 1], CODES) == [5, 3, 2]


def test_ties_go_by_code_whatever_the_order_of_rows() -> None:
    assert divide(1, [1, 1], ["B", "A"]) == [0, 1]


@given(
    st.integers(0, 10**7),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any),
)
def test_the_total_is_conserved_and_each_share_is_within_one_unit(
    total: int, weights: list[int]
) -> None:
    shares = divide(total, weights, [str(k).zfill(3) for k in range(len(weights))])
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1
        assert share >= 0 and (weight > 0 or share == 0)


@given(st.integers(0, 10**6), st.lists(st.floats(0.01, 1e5), min_size=2, max_size=12))
def test_more_weight_never_gets_less(total: int, weights: list[float]) -> None:
    shares = divide(total, weights, [str(k).zfill(3) for k in range(len(weights))])
    ordered = [share for _, share in sorted(zip(weights, shares, strict=True))]
    assert all(a <= b + 1 for a, b in zip(ordered, ordered[1:], strict=False))


@pytest.mark.parametrize(
    ("total", "weights"),
    [(-1, [1.0]), (5, [0.0, 0.0]), (5, [float("nan")]), (5, [-1.0, 2.0]), (5, [float("inf")])],
)
def test_what_cannot_be_divided_is_refused(total: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="divide|known"):
        divide(total, weights, CODES[: len(weights)])


def test_nothing_among_nobody_is_nothing() -> None:
    assert divide(0, [0.0, 0.0], ["A", "B"]) == [0, 0]


def test_the_rules_side_by_side_and_a_missing_figure_gets_no_share() -> None:
    table = side_by_side(100, CODES, [1000, 3000, float("nan")], [300, 100, 100])
    assert table["equal"].tolist() == [34, 33, 33]
    assert table["people"].iloc[:2].tolist() == [25, 75] and table["people"].isna()[2]
    assert table["need"].tolist() == [60, 20, 20]
    assert table[["equal", "people", "need"]].sum().tolist() == [100, 100, 100]


def test_a_rule_without_any_figure_gives_nothing_at_all() -> None:
    assert side_by_side(5, CODES, [0, 0, 0], [1, 1, 1])["people"].isna().all()
