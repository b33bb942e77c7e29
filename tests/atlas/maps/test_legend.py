"""The legend tells what the map shows: bounds, wards, residents, and what is missing."""

import pandas as pd

from atlas.maps.classes import classify
from atlas.maps.legend import legend
from atlas.maps.palette import colours
from views.kit.legend import legend_html

CODES = [f"E0500000{n}" for n in range(6)]
VALUES = pd.Series([0.1, 0.2, 0.3, 0.4, 0.5, None], index=CODES)
RESIDENTS = pd.Series([100.0, 200, 300, 400, 500, 60], index=CODES)


def described(values=VALUES, residents=RESIDENTS, classes=None, title="Rate"):
    return legend(
        values,
        residents,
        classes or classify(VALUES),
        title=title,
        direction="higher = more need",
        say=lambda value: f"{value:.0%}",
    )


def test_rows_run_from_the_highest_class_to_the_lowest():
    rows = described().rows
    assert [row.bounds for row in rows] == [
        "over 40%",
        "over 30%, up to 40%",
        "over 20%, up to 30%",
        "over 10%, up to 20%",
        "up to 10%",
    ]
    assert [(row.wards, row.residents) for row in rows] == [
        (1, 500),
        (1, 400),
        (1, 300),
        (1, 200),
        (1, 100),
    ]
    assert rows[0].colour == colours(5)[4]


def test_wards_without_data_are_counted_apart():
    assert (described().no_data.wards, described().no_data.residents) == (1, 60)


def test_bounds_stay_put_when_the_area_changes():
    part = CODES[:2]
    whole, area = described(), described(VALUES[part], RESIDENTS[part])
    assert [row.bounds for row in area.rows] == [row.bounds for row in whole.rows]
    assert [row.wards for row in area.rows] == [0, 0, 0, 1, 1]
    assert (area.lowest, area.highest) == ("10%", "50%")


def test_bars_hold_each_known_ward_once():
    assert sum(bar.wards for bar in described().bars) == 5


def test_one_value_everywhere_needs_no_bars():
    same = pd.Series(0.3, index=CODES)
    found = described(same, classes=classify(same))
    assert [row.bounds for row in found.rows] == ["30%"]
    assert found.bars == ()


def test_nothing_known_is_all_no_data():
    empty = pd.Series(float("nan"), index=CODES)
    found = described(empty, classes=classify(empty))
    assert found.rows == ()
    assert found.no_data.wards == 6


def test_html_shows_a_hostile_title_as_text():
    markup = legend_html(described(title="<img src=x onerror=alert(1)>{{7*7}}"))
    assert "<img src=x" not in markup
    assert "{{" not in markup
    assert "&#60;img src&#61;x" in markup
