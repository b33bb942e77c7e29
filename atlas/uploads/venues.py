"""A visitor's own places to get help: rows of a brought table become venues, or say why not."""

import hashlib
import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

import numpy as np

from atlas.access.distance import Venue
from atlas.places.postcodes import PostcodeHit
from atlas.places.ward_at_point import grid_of
from atlas.text.safe_text import plain
from atlas.uploads.areas import known_postcode
from atlas.uploads.reading.cell_shapes import PATTERNS, WORDS, coordinates_in, is_blank, simple
from atlas.uploads.reading.extract import Extract
from atlas.uploads.reading.numbers import read_number, style_of
from atlas.uploads.reading.personal_data import detail_in, is_contact
from atlas.uploads.reading.roles import DETAILS, Role, day_of, names_days, says_shut
from atlas.uploads.reading.table import Problem, fault, named, quoted, refused
from atlas.uploads.report import KeptRow, Report, all_outside, left_outside

MOST_VENUES = 2_000
UNKNOWN_KIND = "place to get help"
# The columns that a file of places may hold, as the template has them: heading, note, example.
VENUE_COLUMNS: dict[str, dict] = {
    key: each for key, each in WORDS["places"].items() if each["note"]
}

# England with its islands, a little generous: degrees (WGS 84) and metres (EPSG:27700).
LONGITUDES, LATITUDES = (-6.5, 2.1), (49.8, 55.9)
EASTINGS, NORTHINGS = (80_000.0, 660_000.0), (5_000.0, 660_000.0)
# A postcode's place is the middle of a 50 m square of addresses that may stretch for a street, or
# in the country for miles.
_APART_METRES = 3_000.0
_PAIRS: tuple[tuple[Role, Role], ...] = (("easting", "northing"), ("longitude", "latitude"))

_YES, _NO = WORDS["answers"]["yes"], WORDS["answers"]["no"]
_FORMS = PATTERNS["places"]
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d/%m/%y")
_CLOSED = tuple(WORDS["closed_words"]["begins"])
# Words of a heading that asks whether a place is open: "no" then says that it is not.
_POSITIVE = WORDS["closed_words"]["positive"]
_NOTES: tuple[Role, ...] = ("wifi", "devices", "training", "accessibility", "source", "checked_on")
_YES_OR_TEXT = ("wifi", "training", "accessibility")


FindPostcode = Callable[[str], PostcodeHit | None]
WardAt = Callable[[float, float], str]


class _RowError(Exception):
    """Why one row cannot be used: the column, what is wrong with it, and what to do."""


class _OutsideError(Exception):
    """A row lies outside the place in view."""


@dataclass(frozen=True)
class Ground:
    """What places are found with: postcodes, the ward at a point (EPSG:27700 metres), the day.

    ``wards`` are the codes of the wards of the place in view, empty for all of England, and
    ``place`` its name.
    """

    find_postcode: FindPostcode
    ward_at: WardAt
    today: date
    wards: Collection[str] = ()
    place: str = ""


@dataclass
class _Reader:
    read: Extract
    ground: Ground
    at: int = 0
    problems: list[Problem] = field(default_factory=list)

    def heading(self, role: Role) -> str:
        return self.headings.get(role, [str(WORDS["places"][role]["heading"])])[0]

    @cached_property
    def headings(self) -> dict[Role, list[str]]:
        """The headings of each role: they are asked for row by row."""
        headings: dict[Role, list[str]] = {}
        for column in self.read.columns:
            headings.setdefault(column.role, []).append(column.heading)
        return headings

    def cells(self, role: Role) -> list[tuple[str, str]]:
        """Return what stands under a role, with its heading, but nothing of no meaning."""
        given = [(h, self.read.cells[h][self.at]) for h in self.headings.get(role, ())]
        return [(heading, text) for heading, text in given if not is_blank(text)]

    def text(self, role: Role) -> str:
        """Return the texts under a role, "" where nothing is known."""
        return ", ".join(text for _, text in self.cells(role))

    def pair(self, roles: tuple[Role, Role]) -> tuple[str, str]:
        """Return two coordinates as they are written, in two cells or in one."""
        first, second = map(self.text, roles)
        return coordinates_in(first) or coordinates_in(second) or (first, second)

    @property
    def row(self) -> int:
        return self.read.rows[self.at]

    def said(self, column: str, why: str, **told: object) -> None:
        """Note what was noticed about a row that is kept all the same."""
        self.noted(column, *fault(why, **told))

    def noted(self, column: str, what: str, do: str) -> None:
        """Note the same in words that are known already."""
        self.problems.append(Problem(self.row, column, what, do, kept=True))


def venues_report(read: Extract, ground: Ground) -> Report:
    """Return the venues of a file and what was wrong, row by row. Raises nothing."""
    if problem := _missing(read):
        return Report(read, notes=read.notes, problem=problem)
    reader = _Reader(read, ground, problems=list(read.problems))
    found: dict[str, tuple[int, Venue]] = {}
    outside = 0
    for at in range(len(read.rows)):
        if len(found) > MOST_VENUES:
            break
        reader.at = at
        before = len(reader.problems)
        try:
            venue = _venue(reader)
        except _OutsideError:
            outside += 1
            del reader.problems[before:]
        except _RowError as error:
            reader.problems.append(Problem(reader.row, *error.args))
        else:
            first, same = found.setdefault(venue.venue_id, (reader.row, venue))
            if first != reader.row:
                found[venue.venue_id] = first, _with_hours(same, venue, first, reader)
    problem = _problem(len(found), outside, ground)
    kept = [_kept(row, venue) for row, venue in found.values()]
    venues = [venue for _, venue in found.values()]
    return Report(
        read=read,
        kept=() if problem else tuple(kept),
        problems=tuple(sorted(reader.problems, key=lambda each: each.row)),
        notes=(*read.notes, *left_outside(outside, ground.place), *unread_words(read)),
        examples=tuple(map(_example, kept[:3], venues)),
        problem=problem,
        venues=() if problem else tuple(venues),
    )


def _with_hours(same: Venue, again: Venue, first: int, reader: _Reader) -> Venue:
    """Return a place with the opening hours that another row gives, as of another session."""
    hours = dict(same.hours)
    for day, text in again.hours:
        if text not in hours.get(day, ""):
            hours[day] = f"{hours[day]}; {text}" if day in hours else text
    if hours != dict(same.hours):
        reader.said("", "other_hours", first=first)
    else:
        reader.problems.append(Problem(reader.row, "", *fault("same_place", first=first)))
    return replace(same, hours=tuple(hours.items()))


def _kept(row: int, venue: Venue) -> KeptRow:
    hours = [text if day == "Opening" else f"{day}: {text}" for day, text in venue.hours]
    return KeptRow(row, venue.ward_code, name=venue.name, opening_hours="; ".join(hours))


def _missing(read: Extract) -> str:
    if not read.of("name"):
        return refused("no_names", headings=named([column.heading for column in read.columns]))
    whole = any(read.of(a) and read.of(b) for a, b in _PAIRS)
    whole |= any(coordinates_in(t) for pair in _PAIRS for role in pair for t in read.texts(role))
    return "" if read.of("postcode") or whole else refused("no_whereabouts")


def _problem(number: int, outside: int, ground: Ground) -> str:
    if number > MOST_VENUES:
        return refused("too_many_places", most=MOST_VENUES)
    if not number and outside:
        return all_outside("place", ground.place)
    return "" if number else refused("no_place")


def _example(row: KeptRow, venue: Venue) -> str:
    hours = f"; open {row.opening_hours}" if row.opening_hours else "; opening hours not known"
    where = venue.postcode or "by coordinates"
    kind = f" ({venue.kind})" if venue.kind != UNKNOWN_KIND else ""
    said = plain(f"Row {row.row:,} becomes {venue.name}{kind}, {where}{hours}", 240)
    return said if said.endswith("…") else f"{said}."


def unread_words(read: Extract) -> list[str]:
    """Say which columns were not read; nothing for none."""
    unread = [column.heading for column in read.columns if column.role == "ignore"]
    contact = any(is_contact(heading) for heading in unread)
    more = " Contact details are never read: the Atlas has no place for them." if contact else ""
    return [f"Columns that were not read: {named(unread)}.{more}"] if unread else []


def _venue(reader: _Reader) -> Venue:
    name = reader.text("name")
    heading = reader.heading("name")
    if not name:
        raise _RowError(heading, *fault("no_name"))
    if name == WORDS["places"]["name"]["example"]:
        raise _RowError(heading, *fault("example"))
    if wrong := _wrong_text(name, WORDS["places"]["name"]["longest"]):
        raise _RowError(heading, *wrong)
    _say_formula(reader, heading, name)
    postcode, easting, northing, ward_code = _place(reader)
    if reader.ground.wards and ward_code not in reader.ground.wards:
        raise _OutsideError
    hours = _opening_hours(reader)
    _refuse_closed(reader, name, hours)
    details = {role: _detail(reader, role) for role in DETAILS}
    notes = [(role.replace("_", " "), details[role]) for role in _NOTES]
    identity = f"{name.casefold()}|{easting:.0f}|{northing:.0f}".encode()
    return Venue(
        venue_id=f"yours-{hashlib.sha256(identity).hexdigest()[:8]}",
        name=name,
        kind=details["type"].lower() or UNKNOWN_KIND,
        easting=easting,
        northing=northing,
        ward_code=ward_code,
        postcode=postcode,
        address=details["address"],
        staffed_hours=_staffed_hours(reader),
        origin="yours",
        hours=hours,
        notes=tuple((key, text) for key, text in notes if text),
    )


def _wrong_text(text: str, longest: int) -> tuple[str, str] | None:
    """Return what is wrong with a text and what to do, None where it can stand on a page."""
    if len(text) > longest:
        return fault("long_text", length=len(text), longest=longest)
    if _FORMS.program.search(text):
        return fault("program")
    detail = detail_in(text)
    return fault("detail", detail=detail) if detail else None


def _say_formula(reader: _Reader, heading: str, text: str) -> None:
    if _FORMS.formula.match(text):
        reader.said(heading, "formula", sign=text[0])


def _words(reader: _Reader, heading: str, text: str, longest: int) -> str:
    """Return a text beside the place, "" where it cannot stand on a page, which is then said."""
    if wrong := _wrong_text(text, longest):
        reader.noted(heading, f"{wrong[0]} This cell was left out.", wrong[1])
        return ""
    _say_formula(reader, heading, text)
    return text


def _detail(reader: _Reader, role: Role) -> str:
    text = reader.text(role)
    if role == "checked_on":
        return _day(text, reader)
    if not text:
        return ""
    text = _words(reader, reader.heading(role), text, WORDS["places"][role]["longest"])
    if role in _YES_OR_TEXT:
        simply = text.casefold().strip(" .!")
        return "yes" if simply in _YES else "no" if simply in _NO else text
    return text


def _opening_hours(reader: _Reader) -> tuple[tuple[str, str], ...]:
    longest = WORDS["places"]["opening_hours"]["longest"]
    found: dict[str, list[str]] = {}
    sessions = []
    for heading, written in reader.cells("opening_hours"):
        if not (text := _words(reader, heading, written, longest)):
            continue
        day, text = day_of(heading), _FORMS.seconds.sub("", text)
        if not day and names_days(heading):
            text = f"{_FORMS.about_hours.sub('', heading).strip()} {text}"
        elif not day and day_of(text) and " " not in text:
            # The day of a session, whose times stand in other columns.
            sessions.append(day_of(text))
            continue
        found.setdefault(day or "Opening", []).append(text)
    if not found and sessions:
        return (("Opening", sessions[0]),)
    label = {"Opening": sessions[0]} if sessions else {}
    return tuple((label.get(day, day), _joined(texts)) for day, texts in found.items())


def _joined(texts: Sequence[str]) -> str:
    """Join what several columns say: a beginning and an end are one time."""
    if len(texts) == 2 and all(map(_FORMS.time.fullmatch, texts)):
        return " to ".join(texts)
    return "; ".join(texts)


def _staffed_hours(reader: _Reader) -> float:
    """Return the hours of a week, NaN where they are not known."""
    text = reader.text("staffed_hours")
    found = _FORMS.hours.fullmatch(text)
    hours = float(found[1].replace(",", ".")) + int(found[2] or 0) / 60 if found else math.inf
    if hours <= 168:
        return hours
    if text:
        reader.said(reader.heading("staffed_hours"), "no_hours", text=quoted(text, 20))
    return math.nan


def _refuse_closed(reader: _Reader, name: str, hours: Sequence[tuple[str, str]]) -> None:
    """Raise :class:`_RowError` where a place is closed, or not open yet."""
    told = [(h, _closed(h, text, reader.ground.today)) for h, text in reader.cells("closed")]
    heading, said = next((each for each in told if each[1]), ("", ""))
    if not said and hours and all(says_shut(text) for _, text in hours):
        heading, said = reader.heading("opening_hours"), "It is closed at all times."
    elif not said and (shut := _FORMS.shut_in_name.search(name)):
        heading, said = reader.heading("name"), f"It is marked {quoted(shut[0])}."
    if said:
        raise _RowError(heading, *fault("closed", said=said))


def _closed(heading: str, text: str, today: date) -> str:
    """Say that a cell marks a place as closed, or not open yet; "" where it does not."""
    told, words = text.casefold().strip(" .!"), simple(heading).split()
    if simple(heading) in WORDS["closed_words"]["notes"]:
        return f"It is marked {quoted(text, 40)}." if says_shut(text) else ""
    positive = not _POSITIVE.isdisjoint(words) and "closed" not in words
    if told in (_NO if positive else _YES):
        return "It is not open." if positive else "It is closed."
    # “Under repair, closed until 2027”, but not “Open, closed for lunch” or “Sunday closed”.
    later = not _FORMS.open.match(told) and not names_days(told)
    later = later and any(says_shut(p) or _FORMS.until.match(p) for p in _FORMS.parts.split(told))
    if told == "c" or told.startswith(_CLOSED) or later:
        return f"It is marked {quoted(text, 40)}."
    # A day that is over, or else the last year that is named, where it has begun.
    day, years = _parsed_day(text), _FORMS.year.findall(text)
    past = day <= today if day else bool(years) and int(max(years)) <= today.year
    return f"It closed in {day.year if day else years[-1]}." if past and not positive else ""


def _day(text: str, reader: _Reader) -> str:
    day, today, heading = _parsed_day(text), reader.ground.today, reader.heading("checked_on")
    if text and (day is None or day > today):
        said = "still to come" if day else "not a day that can be read"
        reader.said(heading, "no_day", text=quoted(text, 20), said=said)
        return ""
    if day and (today - day).days > 366:
        reader.said(heading, "long_ago", day=day)
    return day.isoformat() if day else ""


def _parsed_day(text: str) -> date | None:
    written = text.split(" ")[0] if re.match(r"\d{4}-\d\d-\d\d ", text) else text
    for form in _DAYS:
        try:
            day = datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day.year >= 1900 else None
    return None


# --- where it is ------------------------------------------------------------------------------


def _place(reader: _Reader) -> tuple[str, float, float, str]:
    """Return postcode, easting, northing and ward code.

    Coordinates win over a postcode that agrees with them. Where one of the two is wrong the other
    keeps the row, and what was left out is said.
    """
    hit = _postcode(reader)
    point = _point(reader, needed=isinstance(hit, tuple))
    if isinstance(hit, PostcodeHit) and point:
        apart = math.hypot(point[0] - (hit.easting or 0), point[1] - (hit.northing or 0))
        if apart > _APART_METRES:
            reader.said(_pair_heading(reader), "far_apart", apart=apart / 1000)
            point = None
    if point:
        ward = reader.ground.ward_at(*point)
        if ward:
            if isinstance(hit, tuple) and hit:
                what = f"{hit[0]} This cell was left out."
                reader.noted(reader.heading("postcode"), what, hit[1])
            return (hit.postcode if isinstance(hit, PostcodeHit) else ""), *point, ward
        if not isinstance(hit, PostcodeHit):
            raise _RowError("", *fault("at_sea"))
        reader.said(_pair_heading(reader), "at_sea_left_out")
    if isinstance(hit, PostcodeHit) and hit.easting is not None and hit.northing is not None:
        return hit.postcode, hit.easting, hit.northing, hit.ward_code
    if isinstance(hit, tuple) and hit:
        raise _RowError(reader.heading("postcode"), *hit)
    raise _RowError("", *fault("nowhere"))


def _postcode(reader: _Reader) -> PostcodeHit | tuple[str, ...]:
    """Return where the postcode is, what is wrong with it, or () where there is none."""
    wrong: tuple[str, ...] = ()
    for role in ("postcode", "address"):
        if text := reader.text(role):
            found = known_postcode(text, reader.ground.find_postcode)
            if isinstance(found, PostcodeHit):
                return found
            # An address need not hold a postcode.
            wrong = found if role == "postcode" else wrong
    return wrong


def _pair_heading(reader: _Reader) -> str:
    pair = next(pair for pair in _PAIRS if any(map(reader.text, pair)))
    return " and ".join(reader.heading(role) for role in pair if reader.read.of(role))


def _point(reader: _Reader, needed: bool) -> tuple[float, float] | None:
    """Return easting and northing from whichever pair is filled in, None where none can be read.

    ``needed`` says that no good postcode stands beside it: a wrong pair then refuses the row.
    """
    for pair in _PAIRS:
        texts = reader.pair(pair)
        if not any(texts) or not (all(texts) or all(map(reader.read.of, pair))):
            continue
        try:
            first, second = (_coordinate(reader, *each) for each in zip(pair, texts, strict=True))
            return _on_grid((first, second), pair, reader)
        except _RowError as error:
            if needed and not reader.text("postcode"):
                raise
            column, what, do = error.args
            reader.noted(column, f"{what} It was left out.", do)
    return None


def _coordinate(reader: _Reader, role: Role, text: str) -> float:
    """Read -2.2486, and “2.2486° W” or “W2.2486” too."""
    side, bare = _FORMS.bearing.search(text), _FORMS.bearing.sub("", text)
    found = read_number(bare, style_of([bare])[0] or "point")
    if found.kind != "number" or found.value is None or found.percent:
        said = f"{quoted(text, 20)} is not a number." if text else "It is blank."
        raise _RowError(reader.heading(role), *fault("no_coordinate", said=said))
    west = side and (side[1] or side[2]).casefold() in ("s", "w")
    return -abs(found.value) if west else found.value


def _on_grid(
    point: tuple[float, float], pair: tuple[Role, Role], reader: _Reader
) -> tuple[float, float]:
    """Return a point as metres, whichever of the two systems it is written in."""
    heading = _pair_heading(reader)
    degrees = _inside(point, LONGITUDES, LATITUDES)
    if _inside(point, EASTINGS, NORTHINGS):
        if pair[0] != "easting" and all(map(reader.read.of, pair)):
            reader.said(heading, "metres")
        return point
    if not degrees and not _inside(point[::-1], LONGITUDES, LATITUDES):
        raise _RowError(heading, *fault("not_england", first=point[0], second=point[1]))
    if pair[0] == "easting":
        reader.said(heading, "degrees")
    if not degrees:
        reader.said(heading, "turned")
    longitude, latitude = point if degrees else point[::-1]
    east, north = grid_of(np.array([longitude]), np.array([latitude]))
    return float(east[0]), float(north[0])


def _inside(
    point: tuple[float, ...], first: tuple[float, float], second: tuple[float, float]
) -> bool:
    return first[0] <= point[0] <= first[1] and second[0] <= point[1] <= second[1]
