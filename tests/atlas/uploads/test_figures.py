"""A visitor's figures: the right wards, nothing missing made zero, nobody in the file."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.columns import declared_columns, measures, shown
from atlas.places.postcodes import PostcodeHit
from atlas.snapshot.ended_wards import EndedWard
from atlas.uploads.areas import Geography
from atlas.uploads.figures import (
    Description,
    OwnMeasure,
    figures_report,
    own_measure,
    suggested_name,
)
from atlas.uploads.reading.extract import Choices, Extract, extract
from atlas.uploads.reading.numbers import FEW, guessed_unit, read_figures
from atlas.uploads.reading.personal_data import detail_in
from atlas.uploads.reading.table import RefusedError
from atlas.uploads.report import Report
from tests.atlas.uploads.files import csv
from tests.toys.wards import code, toy_lsoas, toy_wards

ENDED = EndedWard("E05000009", "Old Town", "May 2024", ((code(1), 0.7), (code(2), 0.3)))


def find(postcode: str) -> PostcodeHit | None:
    return PostcodeHit("M15 5AZ", code(2), 100.0, 100.0) if postcode == "M155AZ" else None


AREAS = Geography(toy_wards(), toy_lsoas(), find, {ENDED.code: ENDED})


EVERYWHERE = np.ones(len(AREAS.wards), dtype=bool)


def read(*lines: str, unit: str = "", **roles: str) -> Extract:
    data = csv(*lines)
    found = extract(data, "figures", Choices(roles=roles))  # type: ignore[arg-type]
    if not unit:
        return found
    heading = found.of("figure")[0].heading
    choices = Choices(roles=roles, units={heading: unit})  # type: ignore[arg-type, dict-item]
    return extract(data, "figures", choices)


def report(*lines: str, unit: str = "", **roles: str) -> Report:
    return figures_report(read(*lines, unit=unit, **roles), AREAS, EVERYWHERE, "England")


def made(*lines: str, unit: str = "people", label: str = "Learners") -> OwnMeasure:
    return own_measure(report(*lines, unit=unit), Description(label, "more"), 1)


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
    measure = made("ward name,council,value", "Castle,Alton,9", *rows)
    wards = AREAS.wards
    found = dict(zip(wards["ward_code"], measure.values, strict=True))
    assert found[code(1)] == 9 and found[code(6)] == 6 and found[code(4)] == 8


def test_a_code_among_names_of_wards_is_a_fault_that_is_named() -> None:
    found = report("ward name,council,value", "Castle,Alton,9", f"{code(6)},Calder,6")
    assert [problem.row for problem in found.problems] == [3]


def test_small_areas_add_up_or_are_averaged_by_residents() -> None:
    rows = ["LSOA21CD,v", "E01000001,10", "E01000002,20", "E01000003,40"]
    assert first(made(*rows), 2) == [10, 60]
    # Ward 2: 1,000 residents at 20 and 3,000 at 40.
    assert first(made(*rows, unit="score"), 2) == [10, 35]


def test_percentages_of_households_are_weighted_by_households() -> None:
    found = made(
        "LSOA21CD,% of households offline", "E01000002,20", "E01000003,40", unit="percentage"
    )
    # Ward 2: 600 households at 20 and 1,400 at 40.
    assert found.values[1] == pytest.approx(0.34) and found.column.weight == "households"
    assert any("weighted by households" in note for note in found.notes)


def test_a_ward_without_all_its_small_areas_has_no_sum() -> None:
    rows = ["LSOA21CD,v", "E01000001,10", "E01000003,40"]
    measure = made(*rows)
    assert measure.values[0] == 10 and np.isnan(measure.values[1])
    assert measure.problems[0].row == 3 and "one of 2 LSOAs" in measure.problems[0].what
    # The one that is given holds three quarters of the residents, enough for an average.
    assert first(made(*rows, unit="score"), 2) == [10, 40]
    few = made("LSOA21CD,v", "E01000001,10", "E01000002,20", unit="score")
    assert np.isnan(few.values[1])


def test_postcodes_add_up_within_their_ward_and_others_stay_unknown() -> None:
    rows = ["postcode,v", "M15 5AZ,10", "m155az,20", "ZZ1 1ZZ,5"]
    measure = made(*rows)
    assert measure.values[1] == 30 and measure.wards == 1
    assert measure.problems[0].row == 4
    assert made(*rows, unit="score").values[1] == 15


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
        ("", "No ward code"),
    ],
)
def test_a_code_of_another_kind_or_year_is_recognised(area: str, what: str) -> None:
    known = [f"{code(number)},{10 * number}" for number in range(1, 8)]
    problem = made("ward code,v", f"{area},5", *known).problems[0]
    assert problem.row == 2 and what in problem.what and problem.do


def test_a_ward_that_ended_is_shared_out_among_those_of_today() -> None:
    found = report("ward code,v", f"{ENDED.code},100", f"{code(3)},7")
    assert found.wards[:3].tolist() == [70, 30, 7]
    assert found.kept[0].ward_code == code(1)
    rate = report("ward code,median", f"{ENDED.code},10.5", f"{code(2)},7.5")
    assert rate.wards[:2].tolist() == [10.5, 7.5]


def test_small_areas_of_2011_are_turned_into_those_of_2021() -> None:
    pairs = [("E01000900", "E01000002"), ("E01000900", "E01000003"), ("E01000901", "E01000001")]
    lookup = pd.DataFrame(pairs, columns=["lsoa11_code", "lsoa_code"])
    areas = replace(AREAS, lsoas_2011=lookup)
    lines = ("LSOA11CD,residents", "E01000900,40", "E01000901,8")
    found = figures_report(read(*lines), areas, EVERYWHERE)
    # Split: 1,000 and 3,000 residents, both in ward 2. Renumbered: handed on.
    assert found.wards[:2].tolist() == [8, 40] and len(found.kept) == 2
    rate = figures_report(read(*lines, unit="score"), areas, EVERYWHERE)
    assert rate.wards[:2].tolist() == [8, 40]


def test_middle_layer_areas_are_shared_out_and_the_share_is_said() -> None:
    lsoas = toy_lsoas()
    lsoas["lsoa_name"] = ["Alton 001A", "Alton 001B", "Alton 002A"]
    names = pd.DataFrame({"msoa_code": ["E02000001"], "msoa_name": ["Alton 001"]})
    areas = replace(AREAS, lsoas=lsoas, msoa_names=names)
    found = figures_report(read("MSOA21CD,v", "E02000001,10", unit="score"), areas, EVERYWHERE)
    # Half of its residents live in ward 1; the half in ward 2 is all that is known of that.
    assert found.wards[:2].tolist() == [10, 10]
    assert any("50% of their residents lie in another ward" in note for note in found.notes)


@pytest.mark.parametrize(
    ("heading", "one", "other"),
    [("postcode district", "M15", "M16"), ("postcode sector", "M15 5", "M15 6")],
)
def test_parts_of_postcodes_are_shared_out_by_their_postcodes(
    heading: str, one: str, other: str
) -> None:
    of = [(one, code(1), 30), (one, code(2), 10), (other, code(2), 30)]
    areas = replace(AREAS, districts_of=lambda sector: of if sector == (" " in one) else ())
    lines = (f"{heading},members", f"{one},40", f"{other},60")
    found = figures_report(read(*lines), areas, EVERYWHERE)
    assert found.wards[:2].tolist() == [30, 70]
    assert any("14% of their postcodes" in note for note in found.notes)


def test_a_column_of_small_counts_alone_is_taken_as_such() -> None:
    found = report("ward code,learners", f"{code(1)},<5", f"{code(2)},<5")
    assert found.wards[:2].tolist() == [FEW, FEW]
    assert all(row.value is None for row in found.kept)


def test_a_figure_whose_multiple_is_not_read_is_left_out_and_named() -> None:
    cells = ("3 dozen", "$1tn", "2 lakh")
    lines = [f"{code(n)},{cell}" for n, cell in enumerate((*cells, "7", "8", "9", "10"), start=1)]
    found = report("ward code,laptops", *lines)
    assert [row.value for row in found.kept] == [7, 8, 9, 10]
    told = [problem.what for problem in found.refused]
    assert all(cell in what for cell, what in zip(cells, told, strict=True))


def test_output_areas_are_named_with_what_to_use_instead() -> None:
    found = report("OA21CD,residents", "E00000001,12", "E00000003,15")
    assert not found.kept and "Census output area" in found.problem
    assert "LSOA codes (E01…)" in found.problem


def test_small_areas_of_2011_are_recognised() -> None:
    rows = ["code,v", "E01000001,10", "E01033768,3", "E01039999,4"]
    problems = made(*rows).problems
    assert "2011" in problems[0].what and "2011" not in problems[1].what


def test_a_ward_given_twice_counts_once_or_not_at_all() -> None:
    rows = ["ward code,v", f"{code(1)},7", f"{code(1)},7", f"{code(2)},8", f"{code(2)},9"]
    measure = made(*rows, f"{code(3)},6")
    assert measure.values[0] == 7 and np.isnan(measure.values[1]) and measure.values[2] == 6
    assert [problem.row for problem in measure.problems] == [3, 4, 5]
    assert "row 4" in measure.problems[2].what and "another figure" in measure.problems[2].what


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
    assert np.isnan(measure.values[0]) and any("“<5”" in note for note in measure.notes)


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        ("1,003", "count", 1003),
        ("1 003", "count", 1003),
        ("34%", "percentage", 34),
        ("34", "percentage", 34),
        ("34%", "share", 0.34),
        ("0.34", "share", 0.34),
        ("1e3", "count", 1000),
        ("-2.5", "score", -2.5),
        ("12,5", "score", 12.5),
        ("£5", "score", 5),
        ("inf", "count", None),
        ("1e999", "score", None),
        ("101", "percentage", None),
        ("-1", "people", None),
        ("34%", "count", None),
        ("#REF!", "score", None),
        ("=1+1", "score", None),
        ("٣", "count", None),
    ],
)
def test_numbers_are_read_as_written_or_named(cell: str, unit: str, value: float | None) -> None:
    found = read_figures([5], [cell], "v", unit)  # type: ignore[arg-type]
    assert found.values[0] == value
    if value is None:
        assert found.problems[0].row == 5 and found.problems[0].do


@pytest.mark.parametrize(
    ("words", "values", "percent", "unit"),
    [
        ("value", [1, 2], True, "percentage"),
        ("% without a car", [10.5, 20], False, "percentage"),
        ("percentage", [0.2, 0.4], False, None),
        ("figure", [0.1, 0.9], False, "share"),
        ("members", [3, 2500], False, "people"),
        ("Number of households", [3, 25], False, "households"),
        ("Laptops given to residents", [3, 2], False, "count"),
        ("Residents with laptops", [3, 2], False, "people"),
        ("median price", [100000, 110000], False, "score"),
        ("IMD decile", [1, 10], False, "score"),
        ("rank", [1, 2], False, "score"),
        ("average age", [41, 39], False, "score"),
        ("change", [-1.5, 7], False, "score"),
        ("distance km", [1.5, 7], False, "km"),
        ("v", [12, 40], False, "people"),
        ("Superfast coverage", [12, 40], False, "score"),
        ("People at risk", [12, 40], False, "people"),
        # One decimal or negative number makes no score of a count; decimals below 100 may be rates.
        ("Learners", [3, 2, 12.5], False, "people"),
        ("Learners", [3, 2, -12], False, "people"),
        ("Residents not online (modelled)", [110.5, 111.5], False, "people"),
        ("Residents not online", [10.5, 11.5, 12], False, "score"),
        ("Change in learners", [3, -12], False, "score"),
        # What is measured of those who are counted.
        ("Household income", [25000, 26000], False, "score"),
        ("Budget £", [25000, 26000], False, "score"),
        ("Learners £", [250, 260], False, "score"),
        ("Pupil premium funding", [3, 25], False, "score"),
        ("Walking time (min) to libraries", [3, 25], False, "score"),
        ("Years of good health", [60, 61], False, "score"),
        ("Resident satisfaction", [60, 61], False, "score"),
        ("Population growth", [3, 4], False, "score"),
        ("Child poverty", [20, 21], False, "score"),
        ("Children in poverty", [20, 21], False, "people"),
        ("Economically active: In employment", [20, 21], False, "people"),
        ("People claiming income support", [3, 21], False, "people"),
        ("Income deprived people", [3, 21], False, "people"),
        ("Low income households", [3, 21], False, "households"),
        # An impossible cell makes no score of a percentage; a change may be beyond 100.
        ("Percentage offline", [12, 8, 1200], False, "percentage"),
        ("% change", [12, 8, -3], False, "score"),
        # The last word counts: who has things, and what people have.
        ("Device recipients", [3, 12], False, "people"),
        ("Individuals receiving devices", [3, 12], False, "people"),
        ("School meals eligible", [3, 12], False, "people"),
        ("Children's centres", [3, 12], False, "count"),
        ("Older people's clubs", [3, 12], False, "count"),
        ("Care homes", [3, 12], False, "count"),
        ("Employers", [3, 12], False, "count"),
    ],
)
def test_the_unit_is_guessed_from_words_and_numbers(
    words: str, values: list[float], percent: bool, unit: str | None
) -> None:
    assert guessed_unit(words, [float(value) for value in values], percent) == unit


@pytest.mark.parametrize(
    ("head", "row", "areas"),
    [
        ("WD24CD,v", "E05000001,7", ["WD24CD"]),
        ("where,v", "E01000001,7", ["where"]),
        ("LAD24CD,WD24CD,v", "E08000003,E05000001,7", ["WD24CD"]),
        ("LSOA code,Ward code,v", "E01000001,E05000001,7", ["LSOA code"]),
        ("ward,lad24nm,v", "Castle,Alton,7", ["ward"]),
        ("ward,council,p,v", "Castle,Alton,M15 5AZ,7", ["p"]),
        ("name,address,v", "Hall,1 High Street M15 5AZ,7", ["address"]),
    ],
)
def test_the_finest_areas_are_found_by_what_cells_hold(
    head: str, row: str, areas: list[str]
) -> None:
    found = read(head, row)
    roles = {column.heading: column.role for column in found.columns}
    taken = ("area_code", "postcode", "area_name")
    named = [h for h in areas if roles[h] in taken]
    others = [
        h for h, role in roles.items() if role in ("area_code", "postcode") and h not in areas
    ]
    assert named == areas and not others


@pytest.mark.parametrize(
    ("head", "row", "figure"),
    [
        ("ward code,year,value", "E05000001,2021,20.6", "value"),
        ("ward code,id,date,n", "E05000001,1234567,2021-03-01,20", "n"),
        ("ward code,easting,northing,rate", "E05000001,383525,396775,20", "rate"),
        ("ward code,rank,claimants", "E05000001,1,20", "claimants"),
        ("ward code,lower CI,upper CI,value", "E05000001,1,3,2", "value"),
        ("ward code,UPRN,visits", "E05000001,100011223344,2", "visits"),
    ],
)
def test_years_identifiers_and_coordinates_are_not_taken_for_figures(
    head: str, row: str, figure: str
) -> None:
    assert read(head, row).of("figure")[0].heading == figure


def test_a_long_table_is_taken_by_its_latest_period_and_its_totals() -> None:
    lines = ["area_code,period,sex,value"]
    for year in (2021, 2022):
        lines += [f"{code(1)},{year},{sex},{n + year}" for n, sex in enumerate(("F", "M", "All"))]
    found = read(*lines)
    assert {c.heading: c.chosen for c in found.of("filter")} == {"period": "2022", "sex": "All"}
    assert found.values == (2024,) and found.others == 5
    chosen = extract(csv(*lines), "figures", Choices(values={"sex": "F", "period": "2021"}))
    assert chosen.values == (2021,)


@pytest.mark.parametrize(
    "periods",
    [
        ("15/02/2024", "01/03/2024"),
        ("Dec-23", "Mar-24"),
        ("2022/23", "2023/24"),
        ("Q4 2023", "Q1 2024"),
        ("2023-11", "2024-02"),
        ("Oct-Dec 2023", "Jan-Mar 2024"),
        ("September 2023", "January 2024"),
    ],
)
def test_the_latest_period_is_taken_however_it_is_written(periods: tuple[str, str]) -> None:
    for order in (periods, periods[::-1]):
        found = read("ward code,period,value", *(f"{code(1)},{text},7" for text in order))
        assert found.of("filter")[0].chosen == periods[1]


def test_a_census_category_is_a_filter_even_of_one_area() -> None:
    head = "code,Age (3 categories) Code,Age (3 categories),Observation"
    found = read(
        head, *(f"{code(1)},{n},{age},{n}0" for n, age in ((1, "0 to 15"), (2, "16 and over")))
    )
    assert [c.heading for c in found.of("filter")] == ["Age (3 categories)"]


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("Does not apply", "Disabled", "Not disabled"), None),
        (("Female", "Male"), None),
        (("Not applicable", "Disabled"), "Disabled"),
        (("Does not apply", "Disabled", "Total"), "Total"),
    ],
)
def test_a_filter_without_a_total_is_asked_for(
    options: tuple[str, ...], chosen: str | None
) -> None:
    lines = ("code,Disability (3 categories),Observation", *(f"{code(1)},{o},10" for o in options))
    found = read(*lines)
    assert found.of("filter")[0].chosen == chosen and ("Choose" in found.problem) == (not chosen)
    assert len(found.values) == (1 if chosen else 0)
    told = Choices(values={"Disability (3 categories)": options[1]})
    assert extract(csv(*lines), "figures", told).values == (10,)


def test_a_percentage_beyond_the_whole_is_taken_as_a_score_after_one_choice() -> None:
    rows = ("ward code,Online", f"{code(1)},150%", f"{code(2)},-3%")
    assert "change in per cent" in report(*rows).problem
    assert first(made(*rows, unit="score"), 2) == [150, -3]


def test_the_later_of_two_columns_of_codes_is_taken() -> None:
    found = read("WD18CD,Ward code now,Learners", f"E05000000,{code(1)},12")
    assert [c.heading for c in found.of("area_code")] == ["Ward code now"]


def test_outlines_in_a_column_that_nobody_reads_are_passed_over() -> None:
    outline = f'"POLYGON(({", ".join(["-2.249612 53.467301"] * 6_000)}))"'
    assert read("ward code,members,geometry", f"{code(1)},7,{outline}").values == (7,)


def test_remarks_beside_a_few_rows_tell_none_apart() -> None:
    lines = ["postcode,members,attribution", "M15 5AZ,7,Data of the council", "M15 5AZ,8,"]
    found = read(*lines)
    assert not found.of("filter") and found.values == (7, 8)


def test_the_reader_decides_and_what_was_guessed_steps_back() -> None:
    lines = ("ward code,a,b", f"{code(1)},7,9")
    found = read(*lines, b="figure")
    assert {c.heading: c.role for c in found.columns} == {
        "ward code": "area_code",
        "a": "ignore",
        "b": "figure",
    }
    with pytest.raises(RefusedError, match="no column “z”"):
        read(*lines, z="figure")


def test_rows_outside_the_place_in_view_are_counted_and_not_kept() -> None:
    inside = EVERYWHERE.copy()
    inside[AREAS.ward_row[code(2)]] = False
    found = figures_report(
        read("ward code,v", f"{code(1)},7", f"{code(2)},9"), AREAS, inside, "Alton"
    )
    assert [row.code for row in found.kept] == [code(1)]
    assert "1 row is outside Alton and not kept." in found.notes and not found.refused


def test_a_file_without_areas_or_figures_says_what_to_choose() -> None:
    assert "which areas" in report("x,v", "y,1").problem
    assert "No column holds figures" in report("ward code,v", f"{code(1)},high").problem


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
        ("postcode,name,hours", "M15 5AZ,Sarah Brown,1", "name of a person"),
        ("postcode,street,v", "M15 5AZ,Mill Lane,1", ""),
    ],
)
def test_a_table_about_people_is_refused_without_repeating_them(
    head: str, cells: str, words: str
) -> None:
    if not words:
        assert read(head, cells).of("figure")
        return
    with pytest.raises(RefusedError) as caught:
        read(head, cells)
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
    wards = [f"{code(n)},William Booth,{n}" for n in (1, 2, 3)]
    assert read("ward code,WD24NM,v", *wards).values == (1, 2, 3)
    held = [f"{code(n)},Jane Brown,{n}" for n in (1, 2, 3)]
    assert read("ward code,Councillor,turnout", *held).values == (1, 2, 3)


@pytest.mark.parametrize(
    "label", ["", "ab", "x" * 81, "<b>Learners", "{{ 7*7 }}", "123 456", "a@b.org"]
)
def test_a_name_that_cannot_stand_on_a_page_is_refused(label: str) -> None:
    with pytest.raises(RefusedError):
        made("ward code,v", f"{code(1)},7", label=label)


def test_a_column_that_finds_no_ward_is_refused_with_its_first_problem() -> None:
    found = report("ward code,v", "E05999999,7")
    assert not found.kept and "Row 2: E05999999" in found.problem
    with pytest.raises(RefusedError, match="E05999999"):
        own_measure(found, Description("Learners", "more"), 1)


def test_the_measure_says_whose_it_is() -> None:
    told = Description("Learners", "more", "Adult learning, 2024")
    found = report("ward code,v", f"{code(1)},7")
    column = own_measure(found, told, 1, "learners.csv, brought on 28 November 2026").column
    assert column.credit == (
        "your own file (Adult learning, 2024, learners.csv, brought on 28 November 2026)"
    )
    assert "not checked it" in column.definition


def test_the_file_names_figures_whose_columns_say_little() -> None:
    rows = [f"{code(1)},2022,{kind},{n}" for n, kind in enumerate(("Count", "Percentage"))]
    found = read("ward code,period,measure,value", *rows)
    assert suggested_name(found, "offline.csv") == "offline, 2022, Percentage"
    named = read("ward code,period,measure,value", f"{code(1)},2022,Claimants,7")
    assert suggested_name(named, "offline.csv") == "2022, Claimants"
