"""Awkward files that officers really have: each gives the right numbers, or asks."""

import pytest

from atlas.uploads.check_file import Surroundings, check_file, choices_from
from atlas.uploads.reading.extract import Choices
from tests.atlas.uploads.files import csv, written
from tests.atlas.uploads.test_check_file import HULME, around, roles, said

__all__ = ["around"]
ARDWICK = "E05011351"


def values(found: dict) -> list[tuple[str, object]]:
    return [(row["ward_code"], row["value"]) for row in found["rows"]]


@pytest.mark.parametrize(
    ("head", "cells", "expected"),
    [
        ("Claimants", ("1’234", "15'678"), (1234, 15678)),
        # A remark with a full stop says nothing of decimals.
        ("Learners", ('"1,210"', "c. 300"), (1210,)),
        ("Mean distance (km)", ('"12,345"', '"3,210"'), (12.345, 3.21)),
        ("% offline", ('"12,345"', '"9,125"'), (12.345, 9.125)),
        ("Growth", ("150%", "-3%"), (150, -3)),
        ("Average income", ('"21,210"', '"32,400"'), (21210, 32400)),
        ("Laptops per pupil", ("0.2", "0.4"), (0.2, 0.4)),
        ("IMD Rank", ("2001", "1999"), (2001, 1999)),
        ("IMD Rank", ("1st", "12th"), (1, 12)),
        ("Average income", ('"21,210"', "n.a."), (21210,)),
        ("Grant", ("£2.3 million", "£500 thousand"), (2_300_000, 500_000)),
        ("Grant", ("£0.3bn", "-£1.1M"), (300_000_000, -1_100_000)),
        ("Grant", ('"£1,500k"', "€20"), ()),
        ("Residents", ("3 million people", "2 millions"), (3_000_000, 2_000_000)),
        # Metres, and texts that say two figures.
        ("Height", ("3 m", "20"), (20,)),
        ("Grant", ("1 million 200", "£20"), (20,)),
        ("Grant", ("£1m to £2m", "£20"), (20,)),
    ],
)
def test_a_column_is_read_in_one_style(
    head: str, cells: tuple[str, str], expected: tuple, around: Surroundings
) -> None:
    wards = zip((ARDWICK, HULME), cells, strict=True)
    found = said(around, "figures", f"Ward code,{head}", *(f"{c},{cell}" for c, cell in wards))
    assert tuple(row["value"] for row in found["rows"]) == expected


@pytest.mark.parametrize(
    ("head", "cells", "unit"),
    [
        ("Distance", ("3 km", "2 km"), "km"),
        ("Travel time", ("10 mins", "12 mins"), "score"),
        ("Supported", ("12 people", "20"), "people"),
        ("Supported", ("11 people", "1 person"), "people"),
        ("Supported", ("1 child", "12 children"), "people"),
        ("Supported", ("1 library", "2 libraries"), "count"),
        ("Supported", ("12 laptops", "3 laptops"), "count"),
        ("Score", ("0.5", "0.7"), "score"),
        ("Age: Total", ("1500", "1600"), "people"),
        ("Age: Aged 65 and over", ("150", "160"), "people"),
        ("Mean age", ("40", "41"), "score"),
    ],
)
def test_the_words_say_what_the_figures_are(
    head: str, cells: tuple[str, str], unit: str, around: Surroundings
) -> None:
    wards = zip((ARDWICK, HULME), cells, strict=True)
    found = said(around, "figures", f"Ward code,{head}", *(f"{c},{cell}" for c, cell in wards))
    assert found["accepted"] == 2 and found["columns"][1]["unit"] == unit


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (("Ward code,Distance", f"{ARDWICK},3 km", f"{HULME},2 miles"), "row 3: “2 miles”"),
        (("Ward code,Grant", f"{ARDWICK},£30", f"{HULME},€20"), "row 3: “€20”"),
        (("Ward code,Measure,V", f"{ARDWICK},Rate,3", f"{HULME},Count,200"), "“Rate”, “Count”"),
    ],
)
def test_figures_of_different_units_never_go_together(
    lines: tuple[str, ...], named: str, around: Surroundings
) -> None:
    found = said(around, "figures", *lines)
    assert found["accepted"] == 0 and named in found["problem"]


def test_texts_with_numbers_still_tell_rows_apart(around: Surroundings) -> None:
    lines = [f"{c},{n} bedrooms,{n}0" for c in (ARDWICK, HULME) for n in (2, 3)]
    found = said(around, "figures", "Ward code,Bedrooms,Observation", *lines)
    assert roles(found)["Bedrooms"] == "filter" and "2 bedrooms" in found["problem"]


def test_a_council_among_wards_is_said_to_be_one(around: Surroundings) -> None:
    found = said(around, "figures", "Ward,Learners", "Ardwick,12", "Manchester,30")
    assert "“Manchester” is a council, not a ward." in found["refused"][0]["reason"]


@pytest.mark.parametrize(
    "lines",
    [
        ("Ward code;Average income", f"{ARDWICK};21,210", f"{HULME};32,400"),
        ("Ward code,Learners", f"{ARDWICK},1.210", f'{HULME},"1,210"'),
    ],
)
def test_a_comma_that_may_mean_two_things_is_asked_about(
    lines: tuple[str, ...], around: Surroundings
) -> None:
    found = said(around, "figures", *lines)
    assert found["accepted"] == 0 and "row 2" in found["problem"]


def test_marks_are_said_with_their_rows(around: Surroundings) -> None:
    found = said(around, "figures", "Ward code,Claimants", f"{ARDWICK},*", f"{HULME},985r")
    assert values(found) == [(HULME, 985)]
    assert any("“*”" in note and "Row 2" in note for note in found["notes"])
    assert any("“r”" in note and "Row 3" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("heads", "row", "heading"),
    [
        ("n,Base,% offline,95% lower", "50,400,12.5,9.0", "% offline"),
        ("Population,Number of LSOAs,Digital exclusion score", "18889,10,7.1", "Digital"),
        ("Population", "18889", "Population"),
        ("Dec 2023,Jan 2024", "12,13", "Jan 2024"),
        ("Rank,Population", "3,18889", "Population"),
        ("Learners 2023/24,Learners 2024/25", "12,13", "Learners 2024/25"),
        ("number,%,number,%", "16178,100,9000,55.6", "number (column B)"),
    ],
)
def test_what_rates_are_of_is_not_offered_first(
    heads: str, row: str, heading: str, around: Surroundings
) -> None:
    found = said(around, "figures", f"Ward code,{heads}", f"{HULME},{row}", f"{ARDWICK},{row}")
    told = next(each for each, role in roles(found).items() if role == "figure")
    assert told.startswith(heading)


TWO_ROWS = (
    ("Ward code,Ward name,2024,", ",,%,Number", f"{ARDWICK},Ardwick,12,1300"),
    ("Ward code,Ward name,2024,2024", ",,%,Number", f"{ARDWICK},Ardwick,12,1300"),
)


def test_a_title_of_two_cells_is_no_heading(around: Surroundings) -> None:
    lines = (",Learners,Manchester", ",Ward code,Learners", f",{ARDWICK},12", f",{HULME},13")
    found = said(around, "figures", *lines)
    assert list(roles(found)) == ["Ward code", "Learners"] and found["heading_row"] == 2


@pytest.mark.parametrize("lines", TWO_ROWS)
@pytest.mark.parametrize("heading_row", [None, 1, 2])
def test_a_second_row_of_headings_belongs_to_the_first(
    lines: tuple[str, ...], heading_row: int | None, around: Surroundings
) -> None:
    choices = Choices(heading_row=heading_row, units={"2024: %": "percentage"})
    found = check_file(csv(*lines), "figures", choices, "E92000001", lambda: around)
    assert list(roles(found)) == ["Ward code", "Ward name", "2024: %", "2024: Number"]
    assert values(found) == [(ARDWICK, 12)] and found["heading_row"] == 2
    assert found["refused"] == [] and found["columns"][2]["unit"] == "percentage"


def test_a_pivot_table_names_its_areas_once_a_block(around: Surroundings) -> None:
    lines = (
        "Ward,Council,Sex,Learners",
        *("Ardwick,Manchester,Female,50", ",,Male,40"),
        *("Hulme,Manchester,Female,30", ",,Male,20"),
    )
    asked = said(around, "figures", *lines)
    assert asked["accepted"] == 0 and "“Female”, “Male”" in asked["problem"]
    found = said(around, "figures", *lines, choose=("Sex=filter:Male",))
    assert values(found) == [(ARDWICK, 40), (HULME, 20)]


def test_a_row_that_lacks_its_code_is_no_part_of_the_row_above(around: Surroundings) -> None:
    lines = ("Ward code,Ward,Learners", f"{ARDWICK},Ardwick,50", ",Hulme,40")
    found = said(around, "figures", *lines)
    assert values(found) == [(ARDWICK, 50)] and found["refused"][0]["row"] == 3
    more = (*lines, "E05011355,Charlestown,60", ",Clayton & Openshaw,70")
    assert len(said(around, "figures", *more)["refused"]) == 2


def test_merged_cells_stand_for_all_their_rows(around: Surroundings) -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("Data")  # type: ignore[attr-defined]
        sheet.write_row(0, 0, ("Venue", "Postcode", "Day", "Time"))
        sheet.merge_range(1, 0, 2, 0, "Hulme Hub")
        sheet.merge_range(1, 1, 2, 1, "M15 5AZ")
        sheet.write_row(1, 2, ("Monday", "10am-12pm"))
        sheet.write_row(2, 2, ("Friday", "2pm-4pm"))
        sheet.write_row(3, 0, ("Library", "M1 1AD", "Tuesday", "9am-5pm"))

    found = check_file(written(write), "places", choices_from([]), "E92000001", lambda: around)
    assert [(row["name"], row["opening_hours"]) for row in found["rows"]] == [
        ("Hulme Hub", "Monday: 10am-12pm; Friday: 2pm-4pm"),
        ("Library", "Tuesday: 9am-5pm"),
    ]


def test_small_areas_are_found_by_their_names(around: Surroundings) -> None:
    lsoas = around.areas.lsoas
    named = lsoas[lsoas["ward_code"] == ARDWICK]["lsoa_name"]
    lines = ("LSOA name,Residents supported", *(f"{name},{n}" for n, name in enumerate(named, 10)))
    found = said(around, "figures", *lines)
    assert found["accepted"] == len(named) and roles(found)["LSOA name"] == "area_name"
    assert {row["ward_code"] for row in found["rows"]} == {ARDWICK}
    assert all(row["code"].startswith("E01") for row in found["rows"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Total,32", "is a total, not a ward"),
        ("Hulme,Manchster,32", "Did you mean “Manchester”?"),
    ],
)
def test_a_row_that_is_no_ward_says_what_it_is(row: str, words: str, around: Surroundings) -> None:
    by_code = "Ward code,Learners" if row.startswith("Total") else "Ward,Council,Learners"
    good = f"{ARDWICK},12" if row.startswith("Total") else "Ardwick,Manchester,12"
    found = said(around, "figures", by_code, good, row)
    assert found["accepted"] == 1 and words in found["refused"][0]["reason"]


def test_a_list_of_people_is_refused_by_their_numbers(around: Surroundings) -> None:
    found = said(around, "figures", "Member ref,Postcode,Age", "1001,M15 5AZ,72")
    assert found["accepted"] == 0 and "about people" in found["problem"]


@pytest.mark.parametrize(
    ("head", "first", "second"),
    [
        ("Coordinates", '"53.4631, -2.2486"', '"53.4605,-2.2203"'),
        ("geo_point_2d", '"[-2.2486, 53.4631]"', '"[-2.2203, 53.4605]"'),
        ("the_geom", "POINT (-2.2486 53.4631)", "POINT (-2.2203 53.4605)"),
        ("lat,long", "53.4631° N,2.2486° W", '"53,4605","-2,2203"'),
        ("lat,long", "53.4631N,2.2486W", "53.4605,-2.2203"),
        ("lat,long", "53.4631°,-2.2486°", "53.4605 °,-2.2203 °"),
        ("Coordinates", '"53.4631°,-2.2486°"', '"53.4605°, -2.2203°"'),
        ("Location", '"383500, 396500"', '"385380, 396200"'),
    ],
)
def test_coordinates_are_read_however_they_are_written(
    head: str, first: str, second: str, around: Surroundings
) -> None:
    found = said(around, "places", f"Name,{head}", f"Hall,{first}", f"Hub,{second}")
    assert [row["ward_code"] for row in found["rows"]] == [HULME, ARDWICK]
    assert not found["notes"] or head == "Location"


def test_a_degree_sign_alone_turns_no_longitude_west(around: Surroundings) -> None:
    lines = ("Name,lat,long", "Hall,51.7°,0.1276°", "Hub,51.7,0.1276", "Room,51.7°,0.1276° W")
    found = said(around, "places", *lines)
    hall, hub, room = (row["ward_code"] for row in found["rows"])
    assert hall == hub != room


def test_scales_are_said_with_their_rows(around: Surroundings) -> None:
    found = said(around, "figures", "Ward code,Grant", f"{ARDWICK},£3 million", f"{HULME},£500")
    assert any("“million”" in note and "Row 2." in note for note in found["notes"])


def test_sessions_are_opening_hours_of_one_place(around: Surroundings) -> None:
    found = said(
        around,
        "places",
        "Venue,Postcode,Day,Start time,End time",
        "Hulme Hub,M15 5AZ,Monday,10:00,12:00",
        "Hulme Hub,M15 5AZ,Wednesday,2pm,4pm",
        "Hulme Hub,M15 5AZ,Wednesday,2pm,4pm",
    )
    assert found["accepted"] == 1 and [each["row"] for each in found["refused"]] == [4]
    hours = "Monday: 10:00 to 12:00; Wednesday: 2pm to 4pm"
    assert found["rows"][0]["opening_hours"] == hours
    assert any("Row 3" in note and "opening hours of both" in note for note in found["notes"])


@pytest.mark.parametrize(
    "heads",
    [
        "Organisation postcode,Venue postcode",
        "Postcode,Delivery postcode",
        "Head office postcode,Postcode",
        "Correspondence postcode,Location postal code",
    ],
)
def test_of_two_postcodes_that_of_the_place_counts(heads: str, around: Surroundings) -> None:
    found = said(around, "places", f"Name,{heads}", "Hulme Hub,M1 1AD,M15 5AZ")
    assert [row["ward_code"] for row in found["rows"]] == [HULME]


@pytest.mark.parametrize(
    ("heads", "cells", "hours"),
    [
        ("Hours Mon-Fri,Hours Sat", "9-5,10-1", "Mon-Fri 9-5; Saturday: 10-1"),
        ("Monday open,Monday close", "09:00,17:00", "Monday: 09:00 to 17:00"),
        ("opens_at,closes_at,byday", "10:00,12:00,MO", "Monday: 10:00 to 12:00"),
        ("Open,Type", "Mon-Fri 9-5,library", "Mon-Fri 9-5"),
        ("When", "Mondays 10am to 12pm", "Mondays 10am to 12pm"),
    ],
)
def test_opening_hours_are_put_together(
    heads: str, cells: str, hours: str, around: Surroundings
) -> None:
    found = said(around, "places", f"Name,Postcode,{heads}", f"Hall,M15 5AZ,{cells}")
    assert found["rows"][0]["opening_hours"] == hours


@pytest.mark.parametrize(
    ("head", "cell", "kept"),
    [
        ("Notes", "Closed 2019", False),
        ("Notes", "Closed on Sundays", True),
        ("Comments", "Permanently closed", False),
        ("Status", "Opening 2027", False),
        ("Current status", "Dormant", False),
        ("Trading status", "Ceased trading", False),
        ("Opening hours", "Closed until further notice", False),
        ("Opening hours", "Closed Mondays; Tue-Fri 9-5", True),
        ("Opening hours", "Closed in August", True),
    ],
)
def test_closed_means_closed_and_no_more(
    head: str, cell: str, kept: bool, around: Surroundings
) -> None:
    found = said(around, "places", f"Name,Postcode,{head}", f"Hall,M15 5AZ,{cell}", "Hub,M1 1AD,")
    assert [row["name"] for row in found["rows"]] == ["Hall", "Hub"][not kept :]
