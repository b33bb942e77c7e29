"""A visitor's own places to get help: rows of a brought table become venues, or say why not."""

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

import numpy as np

from atlas.access.distance import Venue
from atlas.places.england import EAST, NORTH
from atlas.places.postcodes import PostcodeHit, normalised, spaced
from atlas.places.ward_at_point import grid_of
from atlas.uploads.headings import BroughtColumn, declared, recognised
from atlas.uploads.personal_data import about_a_person, detail_in, is_contact
from atlas.uploads.reading.table import Problem, RefusedError, Row, Table, quoted

MOST_VENUES = 2_000
UNKNOWN_KIND = "place to get help"

# England with its islands, a little generous: degrees (WGS 84).
LONGITUDES, LATITUDES = (-6.5, 2.1), (49.8, 55.9)
# A postcode's place is the middle of a 50 m square of addresses that may stretch for a street, or
# in the country for miles.
_APART_METRES = 3_000.0

_PROGRAM = re.compile(r"<\s*[a-z/!]|\{\{|\{%|\{#|\$\{|javascript:", re.IGNORECASE)
_FORMULA = re.compile(r"[=+\-@＝＋－＠]")
_YES = {"yes", "y", "true", "1", "x", "✓", "available"}
_NO = {"no", "n", "false", "0", "none", "not available"}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d/%m/%y")
_NOTES = ("wifi", "devices", "training", "accessibility", "source", "checked_on")

FindPostcode = Callable[[str], PostcodeHit | None]
WardAt = Callable[[float, float], str]


@dataclass(frozen=True)
class VenueReport:
    """What became of a file. ``venues`` are in its order; ``problems`` by row.

    ``rows`` counts the file's rows; ``unread`` are headings that were not read.
    """

    venues: tuple[Venue, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    unread: tuple[str, ...]
    rows: int

    @property
    def left_out(self) -> int:
        """How many rows did not become a venue."""
        return self.rows - len(self.venues)


class _RowError(Exception):
    """Why one row cannot be used."""

    def __init__(self, column: str, what: str, do: str) -> None:
        super().__init__(what)
        self.column, self.what, self.do = column, what, do


@cache
def venue_columns() -> dict[str, BroughtColumn]:
    """Return the columns that a file of places may hold."""
    return declared("venue_columns")


@dataclass
class _Reader:
    named: dict[str, str]
    at: dict[str, int]
    find_postcode: FindPostcode
    ward_at: WardAt
    today: date
    problems: list[Problem] = field(default_factory=list)

    def heading(self, key: str) -> str:
        return self.named.get(key, venue_columns()[key].heading)


def read_venues(
    table: Table, find_postcode: FindPostcode, ward_at: WardAt, today: date
) -> VenueReport:
    """Return the venues of a table and what was wrong, row by row.

    ``find_postcode`` looks a postcode up, ``ward_at`` gives the ward code at EPSG:27700 metres
    ("" outside England's wards). Raises :class:`RefusedError` where no column holds names or
    places, or the file holds details about people.
    """
    named = recognised(table.headings, venue_columns())
    _refuse_file(table, named)
    reader = _Reader(
        named=named,
        at={key: table.headings.index(heading) for key, heading in named.items()},
        find_postcode=find_postcode,
        ward_at=ward_at,
        today=today,
        problems=list(table.problems),
    )
    venues: dict[str, Venue] = {}
    first: dict[str, int] = {}
    for row in table.rows:
        try:
            venue = _venue(row, reader)
        except _RowError as error:
            reader.problems.append(Problem(row.number, error.column, error.what, error.do))
            continue
        if venue.venue_id in venues:
            reader.problems.append(_repeated(row, first[venue.venue_id]))
            continue
        venues[venue.venue_id] = venue
        first[venue.venue_id] = row.number
    unread = tuple(heading for heading in table.headings if heading not in named.values())
    return VenueReport(
        venues=tuple(venues.values()),
        problems=tuple(sorted(reader.problems, key=lambda problem: problem.row)),
        notes=table.notes,
        unread=unread,
        rows=len(table.rows) + len(table.problems),
    )


def _refuse_file(table: Table, named: dict[str, str]) -> None:
    if "name" not in named:
        raise RefusedError(
            "No column holds the names of the places. Head one column “Name”, as in the "
            "template, and upload the file again. "
            f"The headings found are: {', '.join(quoted(h, 30) for h in table.headings[:12])}."
        )
    pairs = ({"postcode"}, {"longitude", "latitude"}, {"easting", "northing"})
    if not any(pair <= set(named) for pair in pairs):
        raise RefusedError(
            "No column says where the places are. Add a column “Postcode”, or two columns "
            "“Longitude” and “Latitude”, or “Easting” and “Northing”."
        )
    for heading in table.headings:
        if heading not in named.values() and about_a_person(heading):
            raise RefusedError(
                f"The column {quoted(heading)} seems to be about people. Places only, please: "
                "delete that column and upload the file again. Nothing of the file was kept."
            )
    if len(table.rows) > MOST_VENUES:
        raise RefusedError(
            f"The file has {len(table.rows):,} places; at most {MOST_VENUES:,} can be held. Keep "
            "those of your own area and upload it again."
        )


def unread_words(unread: tuple[str, ...]) -> str:
    """Say which columns were not read, "" for none."""
    if not unread:
        return ""
    names = ", ".join(quoted(heading, 30) for heading in unread)
    contact = any(is_contact(heading) for heading in unread)
    more = " Contact details are never read: the Atlas has no place for them." if contact else ""
    return f"Columns that were not read: {names}.{more}"


def _venue(row: Row, reader: _Reader) -> Venue:
    texts = {key: row.cells[at] for key, at in reader.at.items()}
    name = texts.get("name", "")
    if not name:
        raise _RowError(reader.heading("name"), "The place has no name.", "Give it one.")
    if name == venue_columns()["name"].example:
        raise _RowError(reader.heading("name"), "This is the template’s example.", "Delete it.")
    for key, column in venue_columns().items():
        if key in texts and texts[key]:
            _check_text(key, column, texts[key], row, reader)
    postcode, easting, northing, ward_code = _place(texts, row, reader)
    day = _day(texts.get("checked_on", ""), row, reader)
    notes = {key: _said(key, texts.get(key, "")) for key in _NOTES} | {"checked_on": day}
    hours = texts.get("hours", "")
    return Venue(
        venue_id=_identity(name, easting, northing),
        name=name,
        kind=texts.get("type", "").lower() or UNKNOWN_KIND,
        easting=easting,
        northing=northing,
        ward_code=ward_code,
        postcode=postcode,
        address=texts.get("address", ""),
        staffed_hours=_staffed_hours(texts.get("staffed_hours", ""), reader),
        origin="yours",
        hours=(("Opening", hours),) if hours else (),
        notes=tuple((key.replace("_", " "), text) for key, text in notes.items() if text),
    )


def _identity(name: str, easting: float, northing: float) -> str:
    told = f"{name.casefold()}|{easting:.0f}|{northing:.0f}"
    return f"yours-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def _repeated(row: Row, first: int) -> Problem:
    return Problem(
        row.number,
        "",
        f"The same place as in row {first:,}.",
        "It is counted once; delete one of the two rows.",
    )


def _check_text(key: str, column: BroughtColumn, text: str, row: Row, reader: _Reader) -> None:
    heading = reader.heading(key)
    if column.longest and len(text) > column.longest:
        raise _RowError(
            heading,
            f"It holds {len(text)} characters; {column.longest} fit.",
            "Shorten it.",
        )
    if not column.longest:
        return
    if _PROGRAM.search(text):
        raise _RowError(
            heading,
            "It holds signs of a web page or a program rather than words (such as < or {{).",
            "Write it in plain words.",
        )
    if key != "postcode" and (detail := detail_in(text)):
        raise _RowError(
            heading,
            f"It looks like {detail}.",
            "Leave out how to reach a person; the place is enough.",
        )
    if _FORMULA.match(text):
        reader.problems.append(
            Problem(
                row.number,
                heading,
                f"It begins with “{text[0]}”, as a formula does.",
                "It is kept as plain words and never calculated; take the sign out if it is "
                "not meant.",
                kept=True,
            )
        )


def _said(key: str, text: str) -> str:
    """Return 'yes' and 'no' for the ways in which people say so; other words as they are."""
    if venue_columns()[key].kind == "yes or text":
        simple = text.casefold().strip(" .!")
        return "yes" if simple in _YES else "no" if simple in _NO else text
    return text


def _staffed_hours(text: str, reader: _Reader) -> float:
    if not text:
        return float("nan")
    hours = _number(text)
    if hours is None or not 0 <= hours <= 168:
        raise _RowError(
            reader.heading("staffed_hours"),
            f"{quoted(text, 20)} is not a number of hours from 0 to 168.",
            "Write the hours of a week as a number, or leave it blank.",
        )
    return hours


def _number(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,18})?", text, re.ASCII):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _day(text: str, row: Row, reader: _Reader) -> str:
    if not text:
        return ""
    day = _parsed_day(text)
    heading = reader.heading("checked_on")
    if day is None:
        raise _RowError(
            heading,
            f"{quoted(text, 20)} is not a day that can be read.",
            "Write it as 2026-05-01 or 01/05/2026, or leave it blank.",
        )
    if day > reader.today:
        raise _RowError(
            heading, f"{day.isoformat()} is still to come.", "Give the day of the last check."
        )
    if (reader.today - day).days > 366:
        reader.problems.append(
            Problem(
                row.number,
                heading,
                f"Last checked on {day.isoformat()}, more than a year ago.",
                "It is kept; check that the place is still there.",
                kept=True,
            )
        )
    return day.isoformat()


def _parsed_day(text: str) -> date | None:
    written = text.split(" ")[0] if re.match(r"\d{4}-\d\d-\d\d ", text) else text
    for form in _DAYS:
        try:
            day = datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day.year >= 1990 else None
    return None


def _place(texts: dict[str, str], row: Row, reader: _Reader) -> tuple[str, float, float, str]:
    """Return postcode, easting, northing and ward code; coordinates win over the postcode."""
    point = _coordinates(texts, row, reader)
    hit = _postcode(texts.get("postcode", ""), reader, needed=point is None)
    if point is None:
        if hit is None or hit.easting is None or hit.northing is None:
            raise _RowError(
                "", "It says no place.", "Give a postcode in England, or a pair of coordinates."
            )
        return hit.postcode, hit.easting, hit.northing, hit.ward_code
    easting, northing = point
    if hit and hit.easting is not None and hit.northing is not None:
        apart = math.hypot(easting - hit.easting, northing - hit.northing)
        if apart > _APART_METRES:
            raise _RowError(
                "",
                f"Its postcode and its coordinates are {apart / 1000:.0f} km apart.",
                "Correct one of them, or leave one blank.",
            )
    ward = reader.ward_at(easting, northing)
    if not ward:
        raise _RowError(
            "",
            "Its coordinates are in no ward of England: at sea, or in Wales or Scotland.",
            "Check them; the Atlas covers England only.",
        )
    return (hit.postcode if hit else ""), easting, northing, ward


def _postcode(text: str, reader: _Reader, needed: bool) -> PostcodeHit | None:
    if not text:
        return None
    heading = reader.heading("postcode")
    wanted = normalised(text)
    if wanted is None:
        raise _RowError(
            heading, f"{quoted(text, 12)} is not a full postcode.", "Write it like M15 5AZ."
        )
    hit = reader.find_postcode(wanted)
    # With coordinates, a postcode that is too new to be known does no harm.
    if (hit is None or not hit.ward_code) and needed:
        raise _RowError(
            heading,
            f"{spaced(wanted)} is not among England’s postcodes of May 2024.",
            "Check it, or give coordinates instead.",
        )
    return hit if hit and hit.ward_code else None


def _coordinates(texts: dict[str, str], row: Row, reader: _Reader) -> tuple[float, float] | None:
    """Return easting and northing from whichever pair is filled in; None where neither is."""
    for pair in (("easting", "northing"), ("longitude", "latitude")):
        given = [texts.get(key, "") for key in pair]
        if not any(given):
            continue
        numbers = []
        for key, text in zip(pair, given, strict=True):
            number = _number(text)
            if number is None:
                what = f"{quoted(text, 20)} is not a number." if text else "It is blank."
                raise _RowError(
                    reader.heading(key),
                    what,
                    "Give both coordinates as plain numbers, or leave both blank.",
                )
            numbers.append(number)
        return _on_grid((numbers[0], numbers[1]), pair, row, reader)
    return None


def _on_grid(
    point: tuple[float, float], pair: tuple[str, str], row: Row, reader: _Reader
) -> tuple[float, float]:
    """Return a point as metres, whichever of the two systems it is written in."""
    heading = " and ".join(reader.heading(key) for key in pair)
    metres = _inside(point, EAST, NORTH)
    degrees = _inside(point, LONGITUDES, LATITUDES)
    turned = _inside(point[::-1], LONGITUDES, LATITUDES)
    if pair[0] == "easting" and metres:
        return point
    if metres:
        _kept(
            reader,
            row,
            heading,
            "These are metres of the National Grid, not degrees.",
            "They are read as easting and northing; head the columns so.",
        )
        return point
    if degrees or turned:
        if pair[0] == "easting":
            _kept(
                reader,
                row,
                heading,
                "These are degrees, not metres of the National Grid.",
                "They are read as longitude and latitude; head the columns so.",
            )
        if turned:
            _kept(
                reader,
                row,
                heading,
                "Longitude and latitude are the wrong way round.",
                "They are read the right way; swap the two columns.",
            )
        longitude, latitude = point if degrees else point[::-1]
        east, north = grid_of(np.array([longitude]), np.array([latitude]))
        return float(east[0]), float(north[0])
    raise _RowError(
        heading,
        f"{point[0]:g}, {point[1]:g} is not in England.",
        "Give degrees (such as -2.25, 53.47) or National Grid metres (such as 383500, 396700).",
    )


def _kept(reader: _Reader, row: Row, heading: str, what: str, do: str) -> None:
    reader.problems.append(Problem(row.number, heading, what, do, kept=True))


def _inside(
    point: tuple[float, ...], first: tuple[float, float], second: tuple[float, float]
) -> bool:
    return first[0] <= point[0] <= first[1] and second[0] <= point[1] <= second[1]
