"""A visitor's places: kept where they can be, and each row that is not says why."""

import io
from csv import writer
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.places.postcodes import PostcodeHit
from atlas.places.ward_at_point import WardOutlines, degrees_of, grid_of
from atlas.snapshot.snapshot import load
from atlas.uploads.reading.cell_shapes import WORDS, simple
from atlas.uploads.reading.extract import Choices, extract
from atlas.uploads.reading.table import RefusedError
from atlas.uploads.report import Report
from atlas.uploads.venues import VENUE_COLUMNS, Ground, unread_words, venues_report
from tests.atlas.uploads.files import csv
from tests.hostile_text import HOSTILE

HULME = PostcodeHit("M15 5AZ", "E05011368", 383525.0, 396775.0)
TODAY = date(2026, 11, 24)


def find(postcode: str) -> PostcodeHit | None:
    return HULME if postcode == "M155AZ" else None


def ward_at(easting: float, northing: float) -> str:
    return "E05011368" if abs(easting - 383525) < 50_000 and northing > 350_000 else ""


GROUND = Ground(find, ward_at, TODAY)


def report(*lines: str, **roles: str) -> Report:
    read = extract(csv(*lines), "places", Choices(roles=roles))  # type: ignore[arg-type]
    return venues_report(read, GROUND)


def test_every_column_of_the_template_is_read() -> None:
    heads = ",".join(column["heading"] for column in VENUE_COLUMNS.values())
    row = ",".join(column["example"] for column in VENUE_COLUMNS.values())
    assert "example" in report(heads, row).problems[0].what
    found = report(heads, row.replace("Example Community", "Hulme"))
    assert found.problems == () and unread_words(found.read) == [] and not found.refused
    venue = found.venues[0]
    assert (venue.name, venue.kind, venue.postcode) == (
        "Hulme Hub",
        "community centre",
        "M15 5AZ",
    )
    assert (venue.easting, venue.northing, venue.ward_code) == (383525.0, 396775.0, "E05011368")
    assert venue.origin == "yours" and venue.staffed_hours == 30
    assert venue.hours == (("Opening", "Monday to Friday 10am to 4pm"),)
    assert venue.note("wifi") == "yes" and venue.note("checked on") == "2026-05-01"


def test_blank_is_not_known_rather_than_no() -> None:
    venue = report("name,postcode,wifi,hours a week", "Hall,M15 5AZ,,").venues[0]
    assert venue.notes == () and np.isnan(venue.staffed_hours)
    assert report("name,postcode,wifi", "Hall,M15 5AZ,N").venues[0].note("wifi") == "no"


@pytest.mark.parametrize(
    ("heads", "pair", "said"),
    [
        ("longitude,latitude", "-2.2496,53.4673", ""),
        ("lat,lon", "53.4673,-2.2496", ""),
        ("longitude,latitude", "53.4673,-2.2496", "wrong way round"),
        ("easting,northing", "-2.2496,53.4673", "degrees, not metres"),
        ("longitude,latitude", "383525,396775", "metres of the National Grid"),
        ("easting,northing", "383525,396775", ""),
        ("lat,lon", "N53.4673,W2.2496", ""),
        ("position", '"N53.4673, W2.2496"', ""),
        ("grid reference", "SJ 8352 9677", ""),
        ("os grid ref", "SJ8352596775", ""),
    ],
)
def test_a_place_is_found_however_its_coordinates_are_written(
    heads: str, pair: str, said: str
) -> None:
    found = report(f"name,{heads}", f"Hall,{pair}")
    venue = found.venues[0]
    assert abs(venue.easting - 383525) < 60 and abs(venue.northing - 396775) < 60
    assert bool(found.problems) == bool(said)
    assert all(said in problem.what and problem.kept for problem in found.problems[:1])


@pytest.mark.parametrize(
    ("row", "what", "column"),
    [
        (",M15 5AZ,,", "no name", "name"),
        ("Hall,M15,,", "not a full postcode", "postcode"),
        ("Hall,EH1 1AA,,", "is in Scotland", "postcode"),
        ("Hall,,,", "no place", ""),
        ("Hall,,0,0", "not in England", "longitude and latitude"),
        ("Hall,,west,53.4", "not a number", "longitude"),
        ("Hall,,inf,53.4", "not a number", "longitude"),
        ("Hall,,-2.2,", "blank", "latitude"),
        ("Hall,,2.0,50.0", "no ward", ""),
        ("{{ 7*7 }},M15 5AZ,,", "program", "name"),
        ("<img src=x>,M15 5AZ,,", "program", "name"),
        ("Jo jo@example.org,M15 5AZ,,", "email", "name"),
        ("Ring 0161 496 0000,M15 5AZ,,", "phone", "name"),
        ("x" * 101 + ",M15 5AZ,,", "101 characters", "name"),
    ],
)
def test_a_row_that_cannot_be_used_says_where_and_why(row: str, what: str, column: str) -> None:
    found = report("name,postcode,longitude,latitude", row, "Good,M15 5AZ,,")
    assert [venue.name for venue in found.venues] == ["Good"]
    problem = found.problems[0]
    assert (problem.row, problem.column) == (2, column)
    assert what in problem.what and problem.do and not problem.kept
    assert len(found.refused) == 1 and found.read.total == 2


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "31/02/2026", "2027-01-01", "1066-01-01"])
def test_a_day_that_is_none_is_named(day: str) -> None:
    found = report("name,postcode,checked on", f"Hall,M15 5AZ,{day}")
    assert len(found.venues) == 1 and found.venues[0].note("checked on") == ""
    assert found.problems[0].column == "checked on" and found.problems[0].kept


def test_an_old_check_is_kept_and_said() -> None:
    found = report("name,postcode,checked on", "Hall,M15 5AZ,01/05/2024")
    assert found.venues[0].note("checked on") == "2024-05-01"
    assert found.problems[0].kept and "more than a year" in found.problems[0].what


def test_the_same_place_twice_is_counted_once() -> None:
    found = report("name,postcode", "Hall,M15 5AZ", "HALL,m155az", "Other,M15 5AZ")
    assert [venue.name for venue in found.venues] == ["Hall", "Other"]
    assert found.problems[0].row == 3 and "row 2" in found.problems[0].what


def test_what_looks_like_a_formula_is_kept_as_words_and_said() -> None:
    found = report("name,postcode", '"=HYPERLINK(""http://x"")",M15 5AZ')
    assert found.venues[0].name.startswith("=HYPERLINK")
    assert found.problems[0].kept and "formula" in found.problems[0].what


@pytest.mark.parametrize(
    ("head", "words"),
    [("postcode,wifi", "“Name”"), ("postcode,remarks", "“Name”"), ("name,hours", "“Postcode”")],
)
def test_a_file_without_what_is_needed_says_what(head: str, words: str) -> None:
    found = report(head, ",".join("no" for _ in head.split(",")))
    assert words in found.problem and not found.venues


def test_a_file_about_people_is_refused() -> None:
    with pytest.raises(RefusedError, match="about people"):
        report("name,postcode,surname", "x,y,z")


def test_contact_columns_are_not_read_and_it_is_said() -> None:
    found = report("name,postcode,Email", "Hall,M15 5AZ,jo@example.org")
    assert "jo@example.org" not in repr(found.venues)
    assert any("“Email”" in note and "never read" in note for note in found.notes)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Library name,Address 1,Postcode", "A"),
        ("community_hub,town,postcode", "A"),
        ("URN,EstablishmentName,Postcode", "B"),
        ("id,stop,postcode", "B"),
        ("Organisation,Venue,Postcode", "B"),
        ("Organisation,Site name,Postcode", "B"),
        ("Charity name,Number,Postcode", "A"),
        ("Ward,Centre,Postcode", "B"),
        ("where,notes,postcode", "A"),
    ],
)
def test_the_column_of_names_is_found_under_ordinary_headings(head: str, name: str) -> None:
    assert report(head, "A,B,M15 5AZ").venues[0].name == name


@pytest.mark.parametrize(
    ("cell", "held"),
    [("2015", False), ("yes", False), ("2027-01-01", True), ("no", True), ("", True), ("NA", True)],
)
def test_a_closed_place_is_not_held(cell: str, held: bool) -> None:
    found = report("name,postcode,closed", f"Hall,M15 5AZ,{cell}", "Hub,M15 5AZ,")
    assert [venue.name for venue in found.venues] == (["Hall", "Hub"] if held else ["Hub"])


@pytest.mark.parametrize(
    ("heading", "held", "closed"),
    [
        ("Library Closed Date", "", "2012"),
        ("Year of closure", "", "2012"),
        ("Venue closed (Y/N)", "N", "Y"),
        ("Current status", "Open", "Permanently closed"),
        ("Site status", "Open (closed on Mondays)", "Under repair, closed until 2030"),
        ("Opening status", "OPERATIONAL", "CLOSED_PERMANENTLY"),
        ("Status", "active", "defunct"),
        ("Status", "In use", "Vacant"),
        ("Active", "Yes", "No"),
        ("Operational", "true", "false"),
        ("In use 2022?", "Y", "N"),
        ("In operation", "Yes", "No"),
        ("End date", "", "2012-03-31"),
        ("Closure date", "31/12/60", "31/12/19"),
        ("Open/Closed", "O", "C"),
        ("Status", "Active, not closed", "Building closed in 2019"),
        ("Status", "Operational – closed bank holidays", "Previously open, now closed"),
        ("Status", "Partially open, closed for lunch", "Under repair - closed for refurbishment"),
        ("Open", "Yes, closed over Christmas", "Library permanently closed"),
        ("Closed", "No", "Yes - permanently closed"),
        ("Status", "Reopened (was closed)", "Open until 2019, now closed"),
        ("Status", "Now open (was closed)", "Moved (site closed)"),
        ("Status", "Trading; closed Aug", "Sold; closed since March"),
    ],
)
def test_whether_a_place_is_closed_is_told_by_its_heading_and_cells(
    heading: str, held: str, closed: str
) -> None:
    lines = (f"name,postcode,{heading}", f'Hall,M15 5AZ,"{held}"', f'Hub,M15 5AZ,"{closed}"')
    for found in (report(*lines), report(*lines, **{heading: "closed"})):
        assert [each.name for each in found.kept] == ["Hall"] and len(found.refused) == 1


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        ("Closed for lunch", "Yes"),
        ("Status date", "2012-03-31"),
        ("State", "England"),
        ("In use 2010?,In use 2022?", "No,Yes"),
    ],
)
def test_what_only_sounds_like_closed_keeps_the_place(headings: str, cells: str) -> None:
    assert report(f"name,postcode,{headings}", f"Hall,M15 5AZ,{cells}").kept


def test_open_yes_or_no_says_whether_a_place_is_open_and_not_when() -> None:
    found = report("name,postcode,open", "Hall,M15 5AZ,yes", "Hub,M15 5AZ,no")
    assert [(venue.name, venue.hours) for venue in found.venues] == [("Hall", ())]
    status = report("name,postcode,EstablishmentStatus", "A,M15 5AZ,Open", "B,M15 5AZ,Closed")
    assert [venue.name for venue in status.venues] == ["A"]


def test_a_good_postcode_keeps_its_row_and_what_is_bad_beside_it_is_named() -> None:
    found = report(
        "name,postcode,lon,lat,staffed hours",
        "Hall,M15 5AZ,0,0,lots",
        'Shop,M15 5AZ,"-2,2496","53,4673",37:30',
        "Hub,M15 5AZ,-2.2496,53.9,37 hours",
    )
    assert [venue.staffed_hours for venue in found.venues][1:] == [37.5, 37]
    assert [problem.row for problem in found.problems] == [2, 2, 4]
    assert all(problem.kept for problem in found.problems)
    assert "km apart" in found.problems[2].what


def test_a_bad_postcode_of_a_place_kept_by_its_coordinates_is_named() -> None:
    found = report("name,postcode,easting,northing", "Hall,M99 9ZZ,383525,396775")
    assert found.kept and found.problems[0].column == "postcode" and found.problems[0].kept
    assert "This cell was left out." in found.problems[0].what


def test_the_days_of_a_week_become_opening_hours() -> None:
    found = report("name,postcode,Monday opening times,Sat", "Hall,M15 5AZ,9 to 5,closed")
    assert found.venues[0].hours == (("Monday", "9 to 5"), ("Saturday", "closed"))
    assert found.kept[0].opening_hours == "Monday: 9 to 5; Saturday: closed"


@pytest.mark.parametrize(
    "text", ["1 High Street, M15 5AZ", "(m15 5az)", "M155AZ.", "Flat A1 2nd floor, M15-5AZ"]
)
def test_a_postcode_is_read_whatever_stands_around_it(text: str) -> None:
    assert report("name,address", f'Hall,"{text}"').venues[0].postcode == "M15 5AZ"


@pytest.mark.parametrize("text", ["MI5 5AZ", "Ml5 5AZ".replace("l", "I"), "M15 SAZ"])
def test_a_slip_is_suggested_and_never_assumed(text: str) -> None:
    found = report("name,postcode", f"Hall,{text}", "Hub,M15 5AZ")
    assert [venue.name for venue in found.venues] == ["Hub"]
    assert ("Did you mean M15 5AZ" in found.problems[0].do) == ("I" in text)


def test_places_outside_the_place_in_view_are_counted_and_not_kept() -> None:
    read = extract(csv("name,postcode", "Hall,M15 5AZ"), "places", Choices())
    found = venues_report(read, Ground(find, ward_at, TODAY, {"E05000001"}, "Alton"))
    assert not found.venues and "outside Alton" in found.problem


@given(
    st.sampled_from([t for t in HOSTILE if "\0" not in t]),
    st.sampled_from(["name", "type", "opening hours", "source"]),
)
def test_hostile_words_never_raise_and_never_stay_hidden(text: str, key: str) -> None:
    cells = {"name": "Hall", "postcode": "M15 5AZ", "type": "", "opening hours": "", "source": ""}
    cells[key] = text.encode(errors="replace").decode()
    buffer = io.StringIO()
    writer(buffer).writerows([list(cells), list(cells.values())])
    found = venues_report(extract(buffer.getvalue().encode(), "places", Choices()), GROUND)
    assert "{{" not in repr(found.venues) and "<img" not in repr(found.venues)


@pytest.mark.slow
def test_outlines_and_grid_agree_with_the_published_libraries() -> None:
    snapshot = load()
    placed = snapshot.libraries.dropna(subset=["easting", "longitude"]).iloc[::37]
    east, north = grid_of(placed["longitude"].to_numpy(), placed["latitude"].to_numpy())
    metres = np.hypot(east - placed["easting"], north - placed["northing"])
    assert metres.max() < 10
    back, _ = degrees_of(east, north)
    assert np.abs(back - placed["longitude"]).max() < 1e-6
    outlines = WardOutlines(snapshot.path("boundaries_wards.geojson"))
    known = placed[placed["ward_code"].str.startswith("E05")]
    found = [outlines.find(x, y) for x, y in zip(known["easting"], known["northing"], strict=True)]
    # Simplified outlines put a few at a boundary next door.
    assert np.mean(np.array(found) == known["ward_code"].to_numpy()) > 0.97
    assert outlines.find(200_000, 640_000) == ""  # Glasgow's side of the Clyde


def test_no_heading_is_claimed_by_two_columns_of_places() -> None:
    claimed = [
        text
        for entry in WORDS["places"].values()
        for text in (simple(entry["heading"]), *entry["also"])
    ]
    assert len(set(claimed)) == len(claimed) and all(simple(text) == text for text in claimed)
