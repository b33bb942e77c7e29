"""A visitor's places: kept where they can be, and each row that is not says why."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catalogue.declarations import DeclarationError
from atlas.places.postcodes import PostcodeHit
from atlas.places.ward_at_point import WardOutlines, degrees_of, grid_of
from atlas.snapshot.snapshot import load
from atlas.uploads.headings import declared, parse
from atlas.uploads.reading.child import read
from atlas.uploads.reading.table import RefusedError, Row, Table
from atlas.uploads.venues import VenueReport, read_venues, unread_words, venue_columns
from tests.atlas.uploads.files import csv
from tests.hostile_text import HOSTILE

HULME = PostcodeHit("M15 5AZ", "E05011368", 383525.0, 396775.0)
TODAY = date(2026, 11, 24)


def find(postcode: str) -> PostcodeHit | None:
    return HULME if postcode == "M155AZ" else None


def ward_at(easting: float, northing: float) -> str:
    return "E05011368" if abs(easting - 383525) < 50_000 and northing > 350_000 else ""


def report(*lines: str) -> VenueReport:
    return read_venues(read(csv(*lines)), find, ward_at, TODAY)


def test_every_column_of_the_template_is_read() -> None:
    columns = venue_columns()
    heads = ",".join(column.heading for column in columns.values())
    row = ",".join(column.example for column in columns.values())
    assert "example" in report(heads, row).problems[0].what
    found = report(heads, row.replace("Example Community", "Hulme"))
    assert found.problems == () and found.unread == () and found.left_out == 0
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
        ("Hall,EH1 1AA,,", "not among England", "postcode"),
        ("Hall,,,", "no place", ""),
        ("Hall,,0,0", "not in England", "longitude and latitude"),
        ("Hall,,nan,53.4", "not a number", "longitude"),
        ("Hall,,inf,53.4", "not a number", "longitude"),
        ("Hall,,-2.2,", "blank", "latitude"),
        ("Hall,,2.0,50.0", "no ward", ""),
        ("Hall,M15 5AZ,-2.2496,53.9", "km apart", ""),
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
    assert found.left_out == 1 and found.rows == 2


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "31/02/2026", "2027-01-01", "1066-01-01"])
def test_a_day_that_is_none_is_named(day: str) -> None:
    found = report("name,postcode,checked on", f"Hall,M15 5AZ,{day}")
    assert not found.venues and found.problems[0].column == "checked on"


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
    [
        ("postcode,hours", "“Name”"),
        ("name,hours", "“Postcode”"),
        ("name,longitude", "“Longitude”"),
        ("name,postcode,surname", "about people"),
    ],
)
def test_a_file_without_what_is_needed_says_what(head: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        report(head, ",".join("x" for _ in head.split(",")))


def test_contact_columns_are_not_read_and_it_is_said() -> None:
    found = report("name,postcode,Email", "Hall,M15 5AZ,jo@example.org")
    assert found.unread == ("Email",)
    assert "jo@example.org" not in repr(found.venues)
    assert "never read" in unread_words(found.unread)


@given(st.sampled_from(HOSTILE), st.sampled_from(["name", "type", "hours", "source"]))
def test_hostile_words_never_raise_and_never_stay_hidden(text: str, key: str) -> None:
    cells = {"name": "Hall", "postcode": "M15 5AZ", "type": "", "hours": "", "source": ""}
    cells[key] = text.encode(errors="replace").decode()
    table = Table(tuple(cells), (Row(2, tuple(cells.values())),))
    found = read_venues(table, find, ward_at, TODAY)
    assert len(found.venues) + found.left_out == 1
    assert "{{" not in repr(found.venues) and "<img" not in repr(found.venues)


def test_outlines_and_grid_agree_with_the_published_libraries() -> None:
    snapshot = load()
    placed = snapshot.libraries.dropna(subset=["easting", "longitude"]).iloc[::37]
    east, north = grid_of(placed["longitude"].to_numpy(), placed["latitude"].to_numpy())
    metres = np.hypot(east - placed["easting"], north - placed["northing"])
    assert metres.max() < 10
    back, _ = degrees_of(east, north)
    assert np.abs(back - placed["longitude"]).max() < 1e-6
    outlines = WardOutlines.load(snapshot.path("boundaries_wards.geojson"))
    known = placed[placed["ward_code"].str.startswith("E05")]
    found = [outlines.find(x, y) for x, y in zip(known["easting"], known["northing"], strict=True)]
    # Simplified outlines put a few at a boundary next door.
    assert np.mean(np.array(found) == known["ward_code"].to_numpy()) > 0.97
    assert outlines.find(200_000, 640_000) == ""  # Glasgow's side of the Clyde


def test_declarations_that_contradict_themselves_are_refused() -> None:
    good = '[a]\nheading = "A"\nkind = "number"\nnote = "n"\n'
    assert parse(good, Path("toy.toml"))["a"].heading == "A"
    for bad in (
        good + 'colour = "red"\n',
        good.replace("number", "text"),
        good + '[b]\nheading = "a"\nkind = "number"\nnote = "n"\n',
        good.replace('note = "n"\n', ""),
    ):
        with pytest.raises(DeclarationError):
            parse(bad, Path("toy.toml"))
    assert declared("area_columns")
