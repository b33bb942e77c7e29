"""Files with one fault each, as people bring them: what the command says of each is right."""

import json
from pathlib import Path

import pytest

from atlas.cli import main
from atlas.uploads.check_file import Surroundings, check_file, choices_from
from tests.atlas.uploads.files import csv
from views.your_data.open_file import surroundings

ENGLAND = "E92000001"
HULME, DEANSGATE, PICCADILLY = "E05011368", "E05011361", "E05011376"


@pytest.fixture(scope="module")
def around() -> Surroundings:
    return surroundings()


def said(
    around: Surroundings, kind: str, *lines: str, choose: tuple[str, ...] = (), place: str = ENGLAND
) -> dict:
    choices = choices_from(choose)
    return check_file(csv(*lines), kind, choices, place, lambda: around)  # type: ignore[arg-type]


def roles(found: dict) -> dict[str, str]:
    return {column["heading"]: column["role"] for column in found["columns"]}


def rows(found: dict) -> list[tuple]:
    """What is known of each row beside its number."""
    return [tuple(value for key, value in row.items() if key != "row") for row in found["rows"]]


PLACES = {
    "an ordinary heading": (
        ("Library name,Address 1,Postcode", "Test Library,1 The Street,M15 5AZ"),
        [("Test Library", HULME)],
    ),
    "the venue before its organisation": (
        ("Organisation,Venue,Postcode", "Age UK,St Marys Hall,M15 5AZ", "Age UK,Town Hall,M1 1AD"),
        [("St Marys Hall", HULME), ("Town Hall", DEANSGATE)],
    ),
    "a long cell that is not read": (
        ("name,postcode,notes", f"Hall,M15 5AZ,{'x ' * 400}", "Hub,M1 1AD,ok"),
        [("Hall", HULME), ("Hub", DEANSGATE)],
    ),
    "fifty-one columns": (
        (f"name,postcode,{','.join(f'c{n}' for n in range(49))}", f"Hall,M15 5AZ{',' * 49}"),
        [("Hall", HULME)],
    ),
    "bad coordinates beside a good postcode": (
        (
            "name,postcode,lon,lat",
            "Hall,M15 5AZ,0,0",
            "Hub,M15 5AZ,NA,NA",
            "Room,M1 1AD,-2.2337,",
            'Shop,M1 1AD,"-2,2337","53,4774"',
        ),
        [("Hall", HULME), ("Hub", HULME), ("Room", DEANSGATE), ("Shop", PICCADILLY)],
    ),
    "long opening hours": (
        ("name,postcode,opening hours", f'Hall,M15 5AZ,"{"Monday 9am to 5pm; " * 12}"'),
        [("Hall", HULME, ("Monday 9am to 5pm; " * 12).strip())],
    ),
    "staffed hours in words": (
        (
            "name,postcode,staffed hours a week",
            "Hall,M15 5AZ,37.5",
            "Hub,M1 1AD,37 hours",
            "Room,M1 1AD,37:30",
            "Shop,M1 1AD,n/a",
        ),
        [("Hall", HULME), ("Hub", DEANSGATE), ("Room", DEANSGATE), ("Shop", DEANSGATE)],
    ),
    "blanks written as words": (
        (
            "name,postcode,opening times",
            "Hall,M15 5AZ,NA",
            "Hub,M1 1AD,Not known",
            "Room,M1 1AD,N/A",
            "Shop,M1 1AD,-",
        ),
        [("Hall", HULME), ("Hub", DEANSGATE), ("Room", DEANSGATE), ("Shop", DEANSGATE)],
    ),
    "a title above the headings": (
        ("Community venues in Exampleshire", "", "Name,Postcode", "Hall,M15 5AZ"),
        [("Hall", HULME)],
    ),
    "a postcode inside an address": (
        ("name,address", 'Hall,"1 High Street, Manchester M15 5AZ"'),
        [("Hall", HULME)],
    ),
}


PLACES |= {
    "a postcode in whichever line of the address": (
        (
            "name,address line 1,address line 2,address line 3",
            "Hall,1 Road,Manchester,M15 5AZ",
            "Hub,2 Road,M1 1AD,",
        ),
        [("Hall", HULME), ("Hub", DEANSGATE)],
    ),
    "hours that are a number": (
        ("name,postcode,opening hours", "Hall,M15 5AZ,37.5", "Hub,M1 1AD,20"),
        [("Hall", HULME), ("Hub", DEANSGATE)],
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_places_are_read_by_the_guesses_alone(case: str, around: Surroundings) -> None:
    lines, expected = PLACES[case]
    found = said(around, "places", *lines)
    assert rows(found) == expected and found["accepted"] == len(expected)
    assert not found["refused"] and found["problem"] is None


def test_a_closed_venue_is_not_held(around: Surroundings) -> None:
    found = said(around, "places", "name,postcode,closed", "Hall,M15 5AZ,2015")
    assert found["accepted"] == 0 and "closed in 2015" in found["refused"][0]["reason"]


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("closure date", "March 2015"),
        ("closed", "2014/15"),
        ("Status", "Inactive"),
        ("opening hours", "Permanently closed"),
        ("open", "no"),
    ],
)
def test_a_place_that_is_closed_in_any_words_is_not_held(
    head: str, cell: str, around: Surroundings
) -> None:
    found = said(around, "places", f"name,postcode,{head}", f"Hall,M15 5AZ,{cell}", "Hub,M1 1AD,")
    assert [row["name"] for row in found["rows"]] == ["Hub"] and len(found["refused"]) == 1


def test_a_place_called_closed_is_not_held(around: Surroundings) -> None:
    found = said(around, "places", "name,postcode", "Hall (closed),M15 5AZ", "Closet,M1 1AD")
    assert [row["name"] for row in found["rows"]] == ["Closet"]


FIGURES = {
    "a year is no figure": (
        ("area_code,period,value", "E05015239,2021,20.6", "E05015240,2021,17.2"),
        {"area_code": "area_code", "period": "filter", "value": "figure"},
        [("E05015239", "E05015239", 20.6), ("E05015240", "E05015240", 17.2)],
    ),
    "a long table": (
        (
            "area_code,period,measure,value",
            "E05015239,2022,Percentage,4.9",
            "E05015239,2022,Count,560",
            "E05015240,2022,Percentage,7.1",
            "E05015240,2022,Count,800",
        ),
        {"area_code": "area_code", "period": "filter", "measure": "filter", "value": "figure"},
        [("E05015239", "E05015239", 4.9), ("E05015240", "E05015240", 7.1)],
    ),
    "a median is not summed": (
        ("area_code,median_price", "E01006108,100000", "E01006105,110000"),
        {"area_code": "area_code", "median_price": "figure"},
        [("E01006108", "E05015244", 100000), ("E01006105", "E05015244", 110000)],
    ),
    "councillors are no people in a file": (
        (
            "Ward code,Ward name,Councillor,Turnout",
            "E05011355,Ancoats & Beswick,Councillor A,30.1",
            "E05011356,Ardwick,Councillor B,25.2",
        ),
        {
            "Ward code": "area_code",
            "Ward name": "area_name",
            "Councillor": "ignore",
            "Turnout": "figure",
        },
        [("E05011355", "E05011355", 30.1), ("E05011356", "E05011356", 25.2)],
    ),
    "the ward before the council": (
        ("LAD24CD,WD24CD,Figure", "E08000003,E05011355,12", "E08000003,E05011356,40"),
        {"LAD24CD": "council", "WD24CD": "area_code", "Figure": "figure"},
        [("E05011355", "E05011355", 12), ("E05011356", "E05011356", 40)],
    ),
}


@pytest.mark.parametrize("case", FIGURES)
def test_figures_are_read_by_the_guesses_alone(case: str, around: Surroundings) -> None:
    lines, columns, expected = FIGURES[case]
    found = said(around, "figures", *lines)
    assert roles(found) == columns and rows(found) == expected
    assert found["problem"] is None and not found["refused"]
    unit = next(column["unit"] for column in found["columns"] if column["role"] == "figure")
    assert (unit in ("people", "count")) == (case == "the ward before the council")


@pytest.mark.parametrize(
    ("head", "cells", "unit", "values"),
    [
        ("residents", ("1.210", "980"), "people", [1210, 980]),
        ("rate", ("1.210", "0.98"), "score", [1.21, 0.98]),
        ("residents", ("2001", "1999"), "people", [2001, 1999]),
        ("Number", ("12", "7"), "people", [12, 7]),
        ("learners", ("1 to 4", "7"), "people", [None, 7]),
        ("online", ("10 per cent", "20.5 per cent"), "percentage", [10, 20.5]),
        ("proportion online", ("10.5", "30"), "percentage", [10.5, 30]),
        ("rank", ("1", "2"), "score", [1, 2]),
    ],
)
def test_figures_mean_what_their_heading_says(
    head: str, cells: tuple[str, str], unit: str, values: list, around: Surroundings
) -> None:
    wards = zip((HULME, DEANSGATE), cells, strict=True)
    found = said(around, "figures", f"ward code,{head}", *(f"{c},{cell}" for c, cell in wards))
    assert [row["value"] for row in found["rows"]] == values
    assert found["columns"][1] == {"heading": head, "role": "figure", "unit": unit}


@pytest.mark.parametrize("cells", [("0", "1"), ("0.2", "30")])
def test_percentages_that_may_be_shares_are_asked_for(
    cells: tuple[str, str], around: Surroundings
) -> None:
    head = "percent online" if cells[0] == "0" else "share online"
    wards = zip((HULME, DEANSGATE), cells, strict=True)
    found = said(around, "figures", f"ward code,{head}", *(f"{c},{cell}" for c, cell in wards))
    assert found["accepted"] == 0 and "Choose the unit" in found["problem"]


@pytest.mark.parametrize("heads", ["2019,2021", "Male,Total", "Rate 2019,Rate 2021"])
def test_a_total_or_the_latest_of_a_series_is_offered_first(
    heads: str, around: Surroundings
) -> None:
    found = said(around, "figures", f"ward code,{heads}", f"{HULME},7,9", f"{DEANSGATE},8,10")
    assert [row["value"] for row in found["rows"]] == [9, 10]


def test_one_choice_takes_the_other_measure_of_a_long_table(around: Surroundings) -> None:
    found = said(around, "figures", *FIGURES["a long table"][0], choose=("measure=filter:Count",))
    assert [row["value"] for row in found["rows"]] == [560, 800]


def test_small_areas_of_2011_are_taken_beside_those_of_2021(around: Surroundings) -> None:
    lines = ("LSOA code (2021),LAD code,Score", "E01005061,E08000003,54", "E01005062,E08000003,30")
    found = said(around, "figures", *lines)
    assert roles(found)["LSOA code (2021)"] == "area_code"
    assert rows(found) == [("E01005061", "E05011351", 54), ("E01005062", "E05011351", 30)]
    assert any("earlier year" in note for note in found["notes"])


def test_a_middle_layer_area_and_a_postcode_district_find_their_wards(
    around: Surroundings,
) -> None:
    found = said(around, "figures", "MSOA21CD,Score", "E02000001,54.5")
    assert found["accepted"] == 1 and found["rows"][0]["ward_code"].startswith("E05")
    for heading in ("Postcode district", "Postcode"):
        found = said(around, "figures", f"{heading},Score", "M15,54.5", "OL6,12.5")
        assert found["accepted"] == 2


def test_a_count_by_district_needs_nearly_all_of_a_ward(around: Surroundings) -> None:
    lines = ("outcode,members", "M15,540", "M16,300", "M1,200")
    found = said(around, "figures", *lines)
    # All but a few of Hulme's postcodes begin with M15 or M16; Piccadilly has others.
    assert [row["ward_code"] for row in found["rows"]][0] == HULME
    assert "Piccadilly" in found["refused"][0]["reason"]


def test_official_council_names_are_understood(around: Surroundings) -> None:
    found = said(
        around,
        "figures",
        "Ward,Council,Members",
        "Hyde Park,Leeds City Council,12",
        "Armley,Leeds City Council,40",
    )
    assert rows(found) == [("Armley", "E05011385", 40)]
    # There is no such ward: the one that has the name in its own is suggested, not assumed.
    assert "Headingley & Hyde Park" in found["refused"][0]["reason"]


def test_one_small_area_of_a_ward_says_what_is_missing(around: Surroundings) -> None:
    found = said(around, "figures", "LSOA code,Members", "E01033653,4")
    assert found["accepted"] == 0
    assert "one of 7 LSOAs of the ward Piccadilly" in found["problem"]


@pytest.mark.parametrize(
    ("ward", "council"),
    [
        ("Hulme (Manchester)", ""),
        ("Hulme Ward", "Manchester City Council"),
        ("hulme", "E08000003"),
        ("Ancoats and Beswick", "Manchester"),
        ("Hulme - Manchester", ""),
        ("Manchester: Hulme", ""),
        ("Hulme [Manchester City Council]", ""),
        ("Ward of Ardwick", "Manchester"),
        ("Hulme, Manchester, Greater Manchester", ""),
        ("Ardwick; Manchester", ""),
    ],
)
def test_wards_are_found_in_any_words(ward: str, council: str, around: Surroundings) -> None:
    found = said(around, "figures", "Ward,Council,Members", f'"{ward}",{council},12')
    assert found["accepted"] == 1


@pytest.mark.parametrize(
    "council",
    [
        "London Borough of Barnet",
        "Barnet London Borough Council",
        "Barnet",
        "LB Barnet",
        "Barnet LBC",
    ],
)
def test_councils_are_found_by_official_and_short_names(council: str, around: Surroundings) -> None:
    assert around.areas.council_code(council) == "E09000003"


@pytest.mark.parametrize(
    ("council", "code"),
    [
        ("Stockton", "E06000004"),
        ("LB Richmond", "E09000027"),
        ("Basingstoke", "E07000084"),
        ("Newcastle", ""),
        ("Derbyshire", ""),
        ("Surrey", ""),
    ],
)
def test_a_short_name_finds_the_one_council_that_it_can_mean(
    council: str, code: str, around: Surroundings
) -> None:
    assert around.areas.council_code(council) == code


def test_council_figures_are_said_to_be_of_no_ward(around: Surroundings) -> None:
    found = said(around, "figures", "Local authority,residents", "Manchester,54")
    assert found["accepted"] == 0 and "cannot be made of its council’s" in found["problem"]


@pytest.mark.parametrize(
    ("postcode", "words"),
    [
        ("M1 1AA", "It has ended, or is newer"),
        ("CF10 1EP", "is in Wales"),
        ("MI5 5AZ", "Did you mean M15 5AZ?"),
    ],
)
def test_a_postcode_that_is_none_says_what_it_is(
    postcode: str, words: str, around: Surroundings
) -> None:
    found = said(around, "places", "name,postcode", f"Hall,{postcode}")
    assert found["accepted"] == 0 and words in found["refused"][0]["reason"]


def test_no_two_councils_share_what_is_left_of_their_names(around: Surroundings) -> None:
    wards = around.areas.wards
    for code, name in zip(wards["authority_code"], wards["authority_name"], strict=True):
        assert around.areas.council_code(name) == code


def test_postcodes_are_read_with_text_around_them(around: Surroundings) -> None:
    found = said(
        around,
        "postcodes",
        "10 High Street, Salford M5 4WT",
        "Town Hall - M15 5AZ",
        "(M32 0TH)",
        "1. M1 1AD",
        "M1 1AD / M15 5AZ and ZZ1 1ZZ",
    )
    assert [row["code"] for row in found["rows"]] == ["M5 4WT", "M15 5AZ", "M32 0TH", "M1 1AD"]
    assert found["refused"][0]["row"] == 5 and "ZZ1 1ZZ" in found["refused"][0]["reason"]
    assert "Repeated, counted once: 2." in found["notes"]


@pytest.mark.parametrize(
    ("lines", "postcodes"),
    [
        (("Dear all,", "we met at M15 5AZ, then (M1 1AD)."), ["M15 5AZ", "M1 1AD"]),
        (("Postcodes of members, 2026", "M15 5AZ, M1 1AD"), ["M15 5AZ", "M1 1AD"]),
        (("M15", "5AZ", "M1 1AD"), ["M15 5AZ", "M1 1AD"]),
        (
            ("Name,Where,Other", "Hall,M15 5AZ,", "Hub,M1 1AD,M32 0TH"),
            ["M15 5AZ", "M1 1AD", "M32 0TH"],
        ),
    ],
)
def test_no_postcode_of_a_text_is_lost(
    lines: tuple[str, ...], postcodes: list[str], around: Surroundings
) -> None:
    assert [row["code"] for row in said(around, "postcodes", *lines)["rows"]] == postcodes


def test_a_second_column_of_postcodes_is_named(around: Surroundings) -> None:
    found = said(around, "postcodes", "Home,Venue postcode", "M15 5AZ,M1 1AD")
    assert [row["code"] for row in found["rows"]] == ["M1 1AD"]
    assert "Postcodes in other columns were not read: “Home”." in found["notes"]


def test_a_long_paste_is_counted_whole(around: Surroundings) -> None:
    lines = [f"{n}\tCentre {n}\t{n} Long Street\tM15 5AZ" for n in range(1, 801)]
    found = said(around, "postcodes", *lines)
    assert found["accepted"] == 1 and any("799" in note for note in found["notes"])


def test_the_place_in_view_keeps_its_own_rows(around: Surroundings) -> None:
    lines = ("ward code,Members", f"{HULME},12", "E05011385,40")
    found = said(around, "figures", *lines, place="E08000003")
    assert [row["code"] for row in found["rows"]] == [HULME]
    assert "1 row is outside Manchester and not kept." in found["notes"]


@pytest.mark.parametrize("setting", ["Figure", "Figure=number", "Figure=figure:metres"])
def test_a_choice_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="role|unit"):
        choices_from([setting])


def test_the_command_prints_the_report_and_says_by_its_code_whether_anything_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.csv"
    file.write_bytes(csv("LAD24CD,WD24CD,Figure", f"E08000003,{HULME},12"))
    given = ["check-file", str(file), "--as", "figures", "--place", "E08000003"]
    assert main([*given, "--set", "Figure=figure:count"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "kind": "figures",
        "sheet": None,
        "heading_row": 1,
        "columns": [
            {"heading": "LAD24CD", "role": "council", "unit": None},
            {"heading": "WD24CD", "role": "area_code", "unit": None},
            {"heading": "Figure", "role": "figure", "unit": "count"},
        ],
        "accepted": 1,
        "rows": [{"row": 2, "code": HULME, "ward_code": HULME, "value": 12}],
        "refused": [],
        "notes": ["The figures are the wards’ own, as the file gives them."],
        "problem": None,
    }
    file.write_bytes(b"%PDF-1.7")
    assert main(["check-file", str(file), "--as", "places"]) == 1
    assert "PDF" in json.loads(capsys.readouterr().out)["problem"]
    assert main([*given[:4], "--place", "Z1"]) == 2
    assert main(["check-file", str(file), "--as", "people"]) == 2
