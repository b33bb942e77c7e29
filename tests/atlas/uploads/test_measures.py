"""A visitor's figures: the right wards, nothing missing made zero, nobody in the file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns, measures, shown
from atlas.places.postcodes import PostcodeHit
from atlas.snapshot.ended_wards import EndedWard
from atlas.uploads.area_columns import Geography, ways_of
from atlas.uploads.measures import OwnMeasure, Request, offer, own_measure
from atlas.uploads.numbers import FEW, read_figures, suggested
from atlas.uploads.personal_data import detail_in
from atlas.uploads.reading.child import read
from atlas.uploads.reading.table import RefusedError, Row, Table
from tests.atlas.uploads.files import csv
from tests.toys.wards import code, toy_lsoas, toy_wards

ENDED = EndedWard("E05000009", "Old Town", "May 2024", ((code(1), 0.7), (code(2), 0.3)))


def find(postcode: str) -> PostcodeHit | None:
    return PostcodeHit("M15 5AZ", code(2), 100.0, 100.0) if postcode == "M155AZ" else None


AREAS = Geography(toy_wards(), toy_lsoas(), find, {ENDED.code: ENDED})


def table(*lines: str) -> Table:
    return read(csv(*lines))


def made(*lines: str, unit: str = "count", way: str = "ward_code", **more: str) -> OwnMeasure:
    given = table(*lines)
    request = Request(
        label=more.get("label", "Learners"),
        heading=given.headings[-1],
        way=way,  # type: ignore[arg-type]
        unit=unit,  # type: ignore[arg-type]
        need="more",
    )
    return own_measure(given, request, AREAS, 1)


def first(measure: OwnMeasure, count: int = 3) -> list[float]:
    return [float(value) for value in measure.values[:count]]


def test_figures_by_ward_code_are_the_wards_own() -> None:
    measure = made("ward code,value", f"{code(2)},7", f'{code(1)},"1,003"', f"{code(3)},")
    assert first(measure)[:2] == [1003, 7] and np.isnan(measure.values[2:]).all()
    assert (measure.rows, measure.used, measure.wards) == (3, 2, 2)
    assert measure.column.name == "own_1" and measure.column.aggregate == "sum"
    assert any("no data, not zero" in note for note in measure.notes)


def test_no_measure_of_a_visitor_joins_the_declared_ones() -> None:
    before = [column.name for column in measures()]
    made("ward code,value", f"{code(1)},7")
    assert [column.name for column in measures()] == before
    assert "own_1" not in declared_columns()


def test_wards_are_found_by_name_and_council_however_they_are_written() -> None:
    rows = ["Park and Elm,Calder,6", "CASTLE,E08000002,8"]
    measure = made("ward name,council,value", "Castle,Alton,9", *rows, way="ward_name")
    wards = AREAS.wards
    found = dict(zip(wards["ward_code"], measure.values, strict=True))
    assert found[code(1)] == 9 and found[code(6)] == 6 and found[code(4)] == 8


def test_small_areas_add_up_or_are_averaged_by_residents() -> None:
    rows = ["LSOA21CD,v", "E01000001,10", "E01000002,20", "E01000003,40"]
    assert first(made(*rows, way="lsoa_code"), 2) == [10, 60]
    # Ward 2: 1,000 residents at 20 and 3,000 at 40.
    assert first(made(*rows, way="lsoa_code", unit="score"), 2) == [10, 35]


def test_a_ward_without_all_its_small_areas_has_no_sum() -> None:
    rows = ["LSOA21CD,v", "E01000001,10", "E01000003,40"]
    measure = made(*rows, way="lsoa_code")
    assert measure.values[0] == 10 and np.isnan(measure.values[1])
    assert any("1 ward has no figure" in note for note in measure.notes)
    # The one that is given holds three quarters of the residents, enough for an average.
    assert first(made(*rows, way="lsoa_code", unit="score"), 2) == [10, 40]
    few = made("LSOA21CD,v", "E01000001,10", "E01000002,20", way="lsoa_code", unit="score")
    assert np.isnan(few.values[1])


def test_postcodes_add_up_within_their_ward_and_others_stay_unknown() -> None:
    rows = ["postcode,v", "M15 5AZ,10", "m155az,20", "ZZ1 1ZZ,5"]
    measure = made(*rows, way="postcode")
    assert measure.values[1] == 30 and measure.wards == 1
    assert measure.problems[0].row == 4
    assert made(*rows, way="postcode", unit="score").values[1] == 15


@pytest.mark.parametrize(
    ("area", "what"),
    [
        ("E05000009", "Old Town"),
        ("E05000009", "Castle"),
        ("E05000000", "older year"),
        ("E05999999", "newer than May 2024"),
        ("E08000001", "a council"),
        ("W05000001", "not in England"),
        ("hello", "not a GSS code"),
        ("", "No area"),
    ],
)
def test_a_code_of_another_kind_or_year_is_recognised(area: str, what: str) -> None:
    known = [f"{code(number)},{10 * number}" for number in range(1, 8)]
    problem = made("ward code,v", f"{area},5", *known).problems[0]
    assert problem.row == 2 and what in problem.what and problem.do


def test_small_areas_of_2011_are_recognised() -> None:
    rows = ["code,v", "E01000001,10", "E01033768,3", "E01039999,4"]
    problems = made(*rows, way="lsoa_code").problems
    assert "2011" in problems[0].what and "2011" not in problems[1].what


def test_a_ward_given_twice_counts_once_or_not_at_all() -> None:
    rows = ["ward code,v", f"{code(1)},7", f"{code(1)},7", f"{code(2)},8", f"{code(2)},9"]
    measure = made(*rows, f"{code(3)},6")
    assert measure.values[0] == 7 and np.isnan(measure.values[1]) and measure.values[2] == 6
    assert [problem.row for problem in measure.problems] == [3, 5]
    assert "row 4" in measure.problems[1].what and "another figure" in measure.problems[1].what


@given(st.lists(st.integers(0, 12), min_size=7, max_size=7))
def test_no_count_from_one_to_four_survives(counts: list[int]) -> None:
    rows = [f"{code(number)},{count}" for number, count in enumerate(counts, 1)]
    measure = made("ward code,v", *rows)
    for value, count in zip(measure.values[:7], counts, strict=True):
        assert value == (FEW if 0 < count < 5 else count)
        words = shown(measure.column, float(value))
        assert (words == "fewer than 5") == (0 < count < 5)


def test_few_as_others_write_it_is_understood_for_counts_only() -> None:
    assert first(made("ward code,v", f"{code(1)},<5", f"{code(2)},9"), 2) == [FEW, 9]
    measure = made("ward code,v", f"{code(1)},<5", f"{code(2)},9", unit="score")
    assert np.isnan(measure.values[0]) and measure.problems[0].row == 2


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("1,003", "count", 1003),
        ("1 003", "count", 1003),
        ("34%", "percentage", 0.34),
        ("34", "percentage", 0.34),
        ("34%", "share", 0.34),
        ("0.34", "share", 0.34),
        ("1e3", "count", 1000),
        ("-2.5", "score", -2.5),
        ("12,5", "score", None),
        ("nan", "score", None),
        ("inf", "count", None),
        ("1e999", "score", None),
        ("101", "percentage", None),
        ("-1", "people", None),
        ("34%", "count", None),
        ("£5", "score", None),
        ("#REF!", "score", None),
        ("=1+1", "score", None),
        ("٣", "count", None),
    ],
)
def test_numbers_are_read_as_written_or_named(cell: str, unit: str, value: float | None) -> None:
    found = read_figures([(5, cell)], "v", unit)  # type: ignore[arg-type]
    if value is None:
        assert np.isnan(found.values[0])
        assert found.problems[0].row == 5 and found.problems[0].do
    else:
        assert found.values[0] == pytest.approx(value) and not found.problems


def test_the_unit_is_suggested_from_the_cells() -> None:
    assert suggested(["1%", "2"]) == "percentage"
    assert suggested(["0.1", "0.9", ".."]) == "share"
    assert suggested(["1", "2,500"]) == "count"
    assert suggested(["-1.5", "7"]) == "score"
    assert suggested(["a", "b", "1"]) is None
    assert suggested(["", ".."]) is None


def test_columns_are_known_by_what_they_hold() -> None:
    assert list(ways_of(table("WD24CD,v", "E05000001,1"))) == ["ward_code"]
    assert list(ways_of(table("where,v", "E01000001,1"))) == ["lsoa_code"]
    assert list(ways_of(table("ward,lad24nm,v", "Castle,Alton,1"))) == ["ward_name"]
    assert list(ways_of(table("ward,council,p,v", "Castle,Alton,M15 5AZ,1"))) == [
        "postcode",
        "ward_name",
    ]
    with pytest.raises(RefusedError, match="many wards share a name"):
        ways_of(table("ward,v", "Castle,1"))
    with pytest.raises(RefusedError, match="which areas"):
        ways_of(table("x,v", "y,1"))


@pytest.mark.parametrize(
    ("head", "cells", "words"),
    [
        ("postcode,surname,v", "M15 5AZ,Smith,1", "about people"),
        ("postcode,e-mail,v", "M15 5AZ,x,1", "about people"),
        ("postcode,note,v", "M15 5AZ,jo@example.org,1", "email address"),
        ("postcode,note,v", "M15 5AZ,ring 07700 900123,1", "phone number"),
        ("postcode,note,v", "M15 5AZ,QQ 12 34 56 C,1", ""),
        ("postcode,note,v", "M15 5AZ,AB 12 34 56 C,1", "National Insurance"),
        ("postcode,note,v", "M15 5AZ,943 476 5919,1", "NHS number"),
        ("postcode,id,v", "M15 5AZ,9434765919,1", "NHS number"),
        ("postcode,who,v", "M15 5AZ,Mrs Jane Brown,1", "name of a person"),
        ("postcode,who,v", "M15 5AZ,Sarah Brown,1", "name of a person"),
        ("postcode,street,v", "M15 5AZ,Mill Lane,1", ""),
    ],
)
def test_a_table_about_people_is_refused_without_repeating_them(
    head: str, cells: str, words: str
) -> None:
    given = table(head, cells)
    if not words:
        assert offer(given).figures
        return
    with pytest.raises(RefusedError) as caught:
        offer(given)
    said = str(caught.value)
    assert words in said and "Nothing of the file was kept" in said
    assert not {"Smith", "Jane", "jo@", "07700", "943", "Sarah"} & set(
        said.replace(",", " ").split()
    )


def test_real_names_and_numbers_of_areas_are_not_taken_for_people() -> None:
    for text in (
        "0.0712345678",
        "01234",
        "E05011368",
        "M15 5AZ",
        "1,234,567",
        "St James",
        "2024-05-01",
    ):
        assert detail_in(text) == ""
    wards = "\r\n".join(f"{code(n)},William Booth,{n}" for n in (1, 2, 3))
    assert offer(table("ward code,WD24NM,v", *wards.split("\r\n"))).figures == {"v": "count"}


@pytest.mark.parametrize(
    "label", ["", "ab", "x" * 81, "<b>Learners", "{{ 7*7 }}", "123 456", "a@b.org"]
)
def test_a_name_that_cannot_stand_on_a_page_is_refused(label: str) -> None:
    with pytest.raises(RefusedError):
        made("ward code,v", f"{code(1)},7", label=label)


def test_a_column_that_finds_no_ward_is_refused_with_its_first_problem() -> None:
    with pytest.raises(RefusedError, match="Row 2: E05999999"):
        made("ward code,v", "E05999999,7")


def test_the_measure_says_whose_it_is() -> None:
    column = made("ward code,v", f"{code(1)},7").column
    assert "not checked it" in column.definition and column.credit == "your own file"
    assert Table(("a",), (Row(2, ("b",)),)).column("a") == ["b"]
