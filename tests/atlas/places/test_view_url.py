from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.places.places import ENGLAND, Places
from atlas.places.view_url import (
    BREAKS,
    View,
    moved,
    parse,
    query,
    serialised,
)
from tests.toys.wards import code, toy_wards

PLACES = Places(toy_wards())
MEASURES = ("risk_score", "income_deprived_rate", "library_distance_km")
AREAS = [area.code for area in PLACES.areas()]


def test_an_empty_address_is_england_without_complaint() -> None:
    assert parse({}, PLACES, MEASURES) == (View(), ())


def test_a_whole_link_opens_what_it_says() -> None:
    given = {"place": "E47000001", "ward": code(2), "measure": "library_distance_km"}
    view, problems = parse(given | {"base": "E12000001", "breaks": "jenks"}, PLACES, MEASURES)
    assert view == View("E47000001", code(2), "library_distance_km", "E12000001", "jenks")
    assert problems == ()


def test_a_ward_alone_opens_its_council() -> None:
    view, problems = parse({"ward": code(4)}, PLACES, MEASURES)
    assert (view.place, view.ward, problems) == ("E08000002", code(4), ())
    assert parse({"place": code(4)}, PLACES, MEASURES)[0] == view


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"place": "E99999999"}, "a place that the Atlas does not know (“E99999999”)"),
        ({"ward": "E05999999"}, "a ward that the Atlas does not know (“E05999999”)"),
        ({"measure": "shoe_size"}, "a measure that the Atlas does not have (“shoe_size”)"),
        ({"base": "M1 1AD"}, "compares with a place that the Atlas does not know"),
    ],
)
def test_a_bad_link_says_so_and_falls_back(bad: dict[str, str], says: str) -> None:
    view, problems = parse(bad, PLACES, MEASURES)
    assert view == View()
    assert len(problems) == 1 and says in problems[0]


def test_a_ward_of_another_place_opens_its_own_council() -> None:
    view, problems = parse({"place": "E08000001", "ward": code(4)}, PLACES, MEASURES)
    assert view.place == "E08000002"
    assert problems == ("Castle, Brigg is not in Alton, so its own council is shown.",)


def test_what_a_link_holds_is_not_repeated_as_markup() -> None:
    _, problems = parse({"place": "<img src=x>[a](http://b){{7*7}}"}, PLACES, MEASURES)
    assert not set("<>[](){}/") & set(problems[0].replace("(“", "").replace("”)", ""))


def test_moving_keeps_the_ward_where_it_lies_in_the_new_place() -> None:
    view = View("E08000001", code(2), "library_distance_km", "E12000001")
    assert moved(view, PLACES, "E47000001").ward == code(2)
    assert moved(view, PLACES, "E12000002").ward == ""
    assert moved(view, PLACES, ENGLAND).measure == "library_distance_km"


@given(
    place=st.sampled_from(AREAS),
    measure=st.sampled_from(MEASURES),
    base=st.sampled_from(AREAS),
    breaks=st.sampled_from(BREAKS),
    data=st.data(),
)
def test_a_link_opens_the_view_that_made_it(
    place: str, measure: str, base: str, breaks: str, data: st.DataObject
) -> None:
    wards = [code(row + 1) for row in PLACES.positions(place)]
    view = View(place, data.draw(st.sampled_from(["", *wards])), measure, base, breaks)
    link = dict(parse_qsl(query(view)[1:]))
    assert parse(link, PLACES, MEASURES) == (view, ())


@given(st.dictionaries(st.sampled_from(list(serialised(View("a", "b", "c", "d", "e")))), st.text()))
def test_no_address_can_break_a_page(params: dict[str, str]) -> None:
    view, _ = parse(params, PLACES, MEASURES)
    assert PLACES.is_area(view.place) and PLACES.is_area(view.base) and view.measure in MEASURES
