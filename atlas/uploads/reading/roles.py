"""What the columns of a brought table are: guessed, and changed by the reader."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast, get_args

from atlas.uploads.reading.cell_shapes import (
    PATTERNS,
    WORDS,
    code_in,
    is_blank,
    period_of,
    shape_of,
    simple,
)
from atlas.uploads.reading.numbers import counts, read_number, says_what, style_of
from atlas.uploads.reading.table import Table

Kind = Literal["figures", "places", "postcodes", "template"]
Role = Literal[
    "name", "postcode", "area_code", "area_name", "council", "latitude", "longitude", "easting",
    "northing", "opening_hours", "staffed_hours", "closed", "figure", "filter", "ignore",
    "type", "address", "wifi", "devices", "training", "accessibility", "source", "checked_on",
]  # fmt: skip
Roles = Mapping[str, Role]
ROLES: tuple[Role, ...] = get_args(Role)
# Words about a place that stand beside it and change nothing.
DETAILS: tuple[Role, ...] = ROLES[ROLES.index("type") :]
AREA_ROLES: tuple[Role, ...] = ("area_code", "postcode", "area_name")
# Of which a table has one column; an address may have several lines, and each day its hours.
_MANY = ("filter", "ignore", "opening_hours", "address", "closed")
SINGLE = tuple(role for role in ROLES if role not in _MANY)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Shapes that name areas, the finest first, and the role of a column of each.
_FINEST: Roles = WORDS["finest"]
_SAMPLE = 800
# A code in a column under another heading: how many of its cells must have the shape.
_MOST = 0.8
_AREAS, _FIGURES, _NAMES = WORDS["areas"], WORDS["figures"], WORDS["name_words"]
_CLOSED, _HOURS = WORDS["closed_words"], WORDS["places"]["opening_hours"]
_FORMS = PATTERNS["roles"]
_PLACE_HEADINGS: dict[str, Role] = {
    text: cast(Role, key)
    for key, entry in WORDS["places"].items()
    for text in (simple(entry["heading"]), *entry["also"])
}
# How often the values of a column that tells rows apart come back, and how many there may be.
_REPEATED = 0.5
MOST_OPTIONS = 500
_DAY_FORMS = {
    form: day for day in DAYS for form in (day, f"{day}s", day[:3], day[:4])
} | dict.fromkeys(("weekday", "weekdays", "weekend", "weekends"), "several")
_YES_NO = frozenset({"yes", "no", "y", "n", "true", "false", "1", "0", "open", "closed", "o", "c"})
# Words of headings about when: “Days/times”, “Open until”, “When is it open?”.
_WHEN = _HOURS["about"].union(*map(str.split, _HOURS["sessions"] | _HOURS["also"]))


@dataclass(frozen=True)
class Profile:
    """What a column looks like in a sample of its rows: cells that are not blank, and shapes."""

    heading: str
    cells: tuple[str, ...]
    shapes: Mapping[str, int]
    numbers: int
    values: tuple[float, ...]

    @cached_property
    def told(self) -> str:
        """The heading as headings are compared."""
        return simple(self.heading)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of the heading."""
        return frozenset(self.told.split())

    @property
    def filled(self) -> int:
        """How many cells of the sample are not blank."""
        return len(self.cells)

    def mostly(self, *shapes: str) -> bool:
        """Tell whether most cells have one of these shapes."""
        found = sum(self.shapes.get(shape, 0) for shape in shapes)
        return found > 0 and found >= _MOST * self.filled

    def numeric(self) -> bool:
        """Tell whether at least half of the cells are numbers."""
        return self.numbers > 0 and self.numbers >= 0.5 * self.filled


def profiles(table: Table) -> list[Profile]:
    """Return what each column looks like, from a sample spread over the table."""
    rows = table.rows[:: max(1, len(table.rows) // _SAMPLE)]
    return [
        _profile(heading, [row.cells[at] for row in rows])
        for at, heading in enumerate(table.headings)
    ]


def _profile(heading: str, cells: Sequence[str]) -> Profile:
    filled = tuple(cell for cell in cells if not is_blank(cell))
    style = style_of(filled)[0]
    known = {c: read_number(c, style or ("comma" if "," in c else "point")) for c in set(filled)}
    read = [known[cell] for cell in filled]
    values = tuple(f.value for f in read if f.kind == "number" and f.value is not None)
    marks = Counter(found.kind for found in read)
    shapes = Counter(shape for shape in map(shape_of, filled) if shape)
    numbers = len(values) + marks["below"]
    return Profile(heading, filled, shapes, numbers + (marks["withheld"] if numbers else 0), values)


def guessed_roles(table: Table, kind: Kind, chosen: Roles | None = None) -> dict[str, Role]:
    """Return the role of each column: the reader's choice, or else the guess.

    What the reader gives a role to takes it from the column that was guessed for it.
    """
    chosen = {
        heading: role for heading, role in (chosen or {}).items() if heading in table.headings
    }
    free = [each for each in profiles(table) if each.heading not in chosen]
    if kind == "places":
        guessed = _places(free)
    elif kind == "figures":
        guessed = _figures(table, free, chosen)
    else:
        guessed = _postcodes(free)
    taken = {role for role in chosen.values() if role in SINGLE}
    if taken.intersection(AREA_ROLES) and kind == "figures":
        taken |= set(AREA_ROLES) if "area_name" not in taken else {"area_code", "postcode"}
    kept = {h: role for h, role in guessed.items() if role not in taken}
    return {h: chosen.get(h) or kept.get(h, "ignore") for h in table.headings}


def can_be_used(table: Table, kind: Kind) -> bool:
    """Tell whether a table has, by the guesses, the columns that a file of this kind needs."""
    roles = guessed_roles(table, kind)
    found = set(roles.values())
    if kind == "places":
        return "name" in found and bool(found & {"postcode", "latitude", "easting", "address"})
    if kind != "figures":
        return kind == "template" or "postcode" in found
    coded = [heading for heading, role in roles.items() if role == "area_code"]
    small = any(shape_of(cell) in _FINEST for h in coded for cell in table.column(h))
    return "figure" in found and (small or (not coded and bool(found.intersection(AREA_ROLES))))


# --- places -----------------------------------------------------------------------------------


def _places(found: Sequence[Profile]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    name = max(found, key=_as_name, default=None)
    if name and _as_name(name) > 0:
        roles[name.heading] = "name"
    _postcode_column(found, roles, ("postcode",))
    for each in found:
        role = _place_role(each)
        single = role in SINGLE and role in roles.values()
        if role and role != "name" and each.heading not in roles and not single:
            roles[each.heading] = role
    _postcode_column(found, roles)
    # Of "In use 2010?" and "In use 2022?" the latest says how things are.
    dated = [h for h, role in roles.items() if role == "closed" and _FORMS.year.search(h)]
    for heading in sorted(dated, key=_FORMS.year.findall)[:-1]:
        del roles[heading]
    hours = [heading for heading, role in roles.items() if role == "opening_hours"]
    days = [heading for heading in hours if names_days(heading)]
    for heading in hours:
        if days and heading not in days:
            del roles[heading]
    return roles


def names_days(heading: str) -> bool:
    """Tell whether a heading such as “Hours Mon-Fri” or “Weekend” names days of the week."""
    return not _DAY_FORMS.keys().isdisjoint(simple(heading).split())


def day_of(heading: str) -> str:
    """Return the one day of the week that “Monday opening times”, “Mon” or “MO” names, or ""."""
    words = simple(heading).split()
    if len(heading) == 2:
        return next((day.capitalize() for day in DAYS if [day[:2]] == words), "")
    days = {_DAY_FORMS[word] for word in words if word in _DAY_FORMS}
    return days.pop().capitalize() if len(days) == 1 and days <= set(DAYS) else ""


def _place_role(each: Profile) -> Role | None:
    role = _PLACE_HEADINGS.get(each.told) or _closed_role(each)
    # A number such as 37.50 is a time only of sessions, a day such as 31.03.2020 never.
    timed = (each.told in _HOURS["sessions"] or not each.numeric()) and not each.mostly("period")
    timed = timed and 2 * sum(map(_says_when, each.cells)) > each.filled
    if timed and each.words and each.words <= _WHEN:
        return "opening_hours"
    if names_days(each.heading):
        return "opening_hours" if each.words <= _HOURS["about"] | _DAY_FORMS.keys() else role
    if each.told in _CLOSED["notes"] and any(map(says_shut, each.cells)):
        return "closed"
    if each.mostly("coordinates"):
        # Both stand in one cell, which is read as such.
        return "latitude"
    if role in ("latitude", "longitude", "easting", "northing"):
        degrees = any(map(_FORMS.degrees.search, each.cells))
        return role if degrees or each.numeric() or len(set(each.cells)) < 3 else None
    if role in ("opening_hours", "closed"):
        return _hours_or_closed(each, role)
    if role == "postcode":
        return role if each.shapes or not each.filled else None
    if role is None and (each.mostly("council") or each.told in _AREAS["council"]):
        return "council"
    return role


def says_shut(text: str) -> bool:
    """Tell whether a text says that a place is closed, rather than when it closes."""
    return bool(_FORMS.shut.match(text))


def _says_when(cell: str) -> bool:
    return bool(day_of(cell) or names_days(cell) or _FORMS.time.search(cell))


def _closed_role(each: Profile) -> Role | None:
    """Take "Library closed date", "In use 2022?" and "Current status", by their cells too."""
    words = frozenset(word for word in each.words if not word.isdigit()) - _NAMES["places"]
    if not words <= _CLOSED["closed"] | _CLOSED["positive"] | _CLOSED["beside"]:
        return None
    closed = words & _CLOSED["closed"] and ("end" not in words or "date" in words)
    asks = words & (_CLOSED["positive"] | {"status", "state"}) and not words & {"date", "year"}
    return "closed" if closed or (asks and _says_closed(each)) else None


def _says_closed(each: Profile) -> bool:
    told = {cell.casefold().strip(" .") for cell in each.cells}
    signs = _CLOSED["signs"]
    return bool(told) and (told <= _YES_NO or any(sign in text for text in told for sign in signs))


def _hours_or_closed(each: Profile, role: Role) -> Role | None:
    """Tell opening hours, a number of hours, and whether a place is open at all."""
    told = {cell.casefold().strip(" .") for cell in each.cells}
    yes_no = bool(told) and told <= _YES_NO
    if (
        role == "closed"
        and 2 * sum(map(_says_when, each.cells)) > each.filled
        and "open" in each.words
    ):
        role = "opening_hours"
    if role == "opening_hours":
        if yes_no:
            return "closed" if "open" in each.words else None
        return "staffed_hours" if each.numeric() else role
    return role if _says_closed(each) or each.words.isdisjoint({"status", "open"}) else None


def _as_name(each: Profile) -> float:
    """Score a column as the one that names the places: 0 where it cannot be."""
    if each.told == "name":
        return 8
    if not each.filled or each.numeric() or each.shapes.get("postcode", 0) > each.filled / 2:
        return 0
    if each.mostly("ward", "lsoa", "council", "other code", "year", "period", "coordinates"):
        return 0
    spread = len(set(each.cells)) / each.filled
    named, words = "name" in each.words, each.words
    if each.told in ("location", "place"):
        # Beside a name it is a town, or a part of one.
        return 5 + spread
    if _PLACE_HEADINGS.get(each.told) == "name":
        return 6 + 3 * bool(words & _NAMES["places"]) + named + spread
    if words & _NAMES["never"] or each.told in _PLACE_HEADINGS:
        return 0
    if words & _NAMES["places"]:
        return 5 + 2 * named + spread
    if words & _NAMES["runners"]:
        return 2 + named + spread
    if named:
        return 3 + spread
    # Under no telling heading only words are names, not identifiers.
    worded = 2 * sum(not _FORMS.identifier.fullmatch(cell) for cell in each.cells) > each.filled
    return 0.5 * spread if worded and spread > 0.5 else 0


def _postcode_column(
    found: Sequence[Profile],
    roles: dict[str, Role],
    shapes: Sequence[str] = ("postcode", "postcode inside"),
) -> None:
    """Give the role postcode by what cells hold, to the column of the place itself."""
    if "postcode" in roles.values():
        return
    free = [each for each in found if roles.get(each.heading) in (None, "address", "ignore")]
    for shape in shapes:
        likely = [each for each in free if 2 * each.shapes.get(shape, 0) >= max(each.filled, 1)]
        if likely:
            roles[max(likely, key=_as_postcode).heading] = "postcode"
            return


def _as_postcode(each: Profile) -> tuple[int, int]:
    """Score a column of postcodes: where a place is, rather than who runs it or writes to it."""
    if each.words & (_NAMES["places"] | _NAMES["visited"]):
        score = 3
    elif each.words & (_NAMES["runners"] | _NAMES["elsewhere"]):
        score = 0
    else:
        score = 2 if _PLACE_HEADINGS.get(each.told) == "postcode" else 1
    return score, each.shapes.get("postcode", 0)


def _postcodes(found: Sequence[Profile]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    _postcode_column(found, roles, ("postcode",))
    headed = [e for e in found if _PLACE_HEADINGS.get(e.told) == "postcode" and e.shapes]
    roles |= {each.heading: "postcode" for each in headed[: not roles]}
    _postcode_column(found, roles)
    return roles


# --- figures ----------------------------------------------------------------------------------


def _figures(table: Table, found: Sequence[Profile], chosen: Roles) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    given = [heading for heading, role in chosen.items() if role in AREA_ROLES]
    areas = given or _area_columns(table, found, roles)
    _context(found, roles)
    free = [each for each in found if each.heading not in roles]
    told = [heading for heading, role in chosen.items() if role == "filter"]
    by_postcode = "postcode" in {*roles.values(), *chosen.values()}
    for heading in _telling_apart(table, areas, free, told, by_postcode):
        roles[heading] = "filter"
    figures = [each for each in free if each.heading not in roles and _as_figure(each) > 0]
    if figures:
        by_quarter = any(map(_FORMS.by_quarter.search, table.titles))
        roles[_likeliest(figures, by_quarter).heading] = "figure"
    return roles


def _area_columns(table: Table, found: Sequence[Profile], roles: dict[str, Role]) -> list[str]:
    """Choose the column of the finest areas, and give it its role."""
    by_kind: dict[str, Profile] = {}
    # Of two columns of codes the later edition: codes that ended are lower than those after them.
    for each in sorted(found, key=_edition, reverse=True):
        kind = next((kind for kind in _FINEST if each.mostly(kind)), "")
        headed = each.told in _AREAS["district"] or _PLACE_HEADINGS.get(each.told) == "postcode"
        if kind and (kind not in ("sector", "district") or headed):
            by_kind.setdefault(kind, each)
    order = [kind for kind in _FINEST if kind in by_kind]
    if not order:
        return _named_areas(found, roles)
    if "postcode" in by_kind and order[0] != "postcode":
        # Rows that share an area, and are told apart by nothing, are about places within it.
        cells = table.column(by_kind[order[0]].heading)
        if len(set(cells)) < len(cells) and not any(map(_named_filter, found)):
            order = ["postcode"]
    heading = by_kind[order[0]].heading
    roles[heading] = _FINEST[order[0]]
    return [heading]


def _edition(each: Profile) -> tuple[bool, str]:
    return each.told in _AREAS["edition"], max(map(code_in, each.cells), default="")


def _named_areas(found: Sequence[Profile], roles: dict[str, Role]) -> list[str]:
    """Fall back on a heading that promises codes, on wards' names, on postcodes inside a text."""
    texts = [each for each in found if not each.numeric()]
    coded = [each for each in texts if each.told in _AREAS["ward_code"]]
    called = [each for each in texts if each.told in _AREAS["area_name"]]
    named = [each for each in texts if each.words & {"ward", "wards"}]
    if any(each.told in _AREAS["council"] for each in found):
        named += called
    if not coded and not named:
        coded = [each for each in found if _mixed_codes(each)]
        _postcode_column([] if coded else found, roles)
        named = called
    # A column headed “Ward” may hold codes or names.
    coded = [each for each in coded if each not in named or each.shapes]
    if not roles and (coded or named):
        roles[(coded or named)[0].heading] = "area_code" if coded else "area_name"
    return list(roles)[:1]


def _mixed_codes(each: Profile) -> bool:
    return each.mostly(*WORDS["codes"], "other code")


def _context(found: Sequence[Profile], roles: dict[str, Role]) -> None:
    """Give councils and areas' names their roles: they go with the areas, and are no figures."""
    for each in found:
        if each.heading in roles:
            continue
        called: Role | None = "area_name" if each.told in _AREAS["area_name"] else None
        if each.told in _AREAS["council"] or each.mostly("council"):
            called = "council"
        if called and not each.numeric() and called not in roles.values():
            roles[each.heading] = called
        elif _mixed_codes(each) or each.mostly("postcode", "sector", "district"):
            roles[each.heading] = "ignore"


def _telling_apart(
    table: Table,
    areas: Sequence[str],
    free: Sequence[Profile],
    told: Sequence[str],
    by_postcode: bool,
) -> list[str]:
    """Return the columns that tell the rows of one area apart, such as a sex or a year."""
    if not areas:
        return []
    keys = list(zip(*(table.column(heading) for heading in areas), strict=True))
    repeated = len(set(keys)) < len(keys)
    filters: list[str] = []
    for each in sorted(free, key=lambda each: (not _named_filter(each), _plainly_numeric(each))):
        named, cells = _named_filter(each), table.column(each.heading)
        options = set(cells)
        many = len(options) > max(_REPEATED * len(cells), 1)
        # Remarks beside a few rows, as attributions are, tell nothing apart.
        if not named and (_plainly_numeric(each) or many or not repeated or "" in options):
            continue
        if len(options) > MOST_OPTIONS or _as_figure(each) > 2:
            continue
        days = by_postcode and each.told in _FIGURES["times"] and _are_days(options)
        if days and (many or 2 * len(cells) < len(set(keys)) * len(options)):
            # A log of what happened when: its rows are added up, not told apart.
            continue
        if each.told in _FIGURES["measures"] and len(options) > 1:
            # Rows of different measures never go together.
            found = not any(_same(cells, table.column(other)) for other in filters)
        elif len(options) == 1:
            found = named and (not each.numeric() or each.mostly("year", "period"))
        else:
            others = (table.column(other) for other in (*filters, *told))
            found = repeated and _varies(keys, cells)
            found = found and not any(_same(cells, other) for other in others)
        if found:
            filters.append(each.heading)
    return filters


def _are_days(options: Collection[str]) -> bool:
    """Tell whether all are days, and not only those on which months begin or end."""
    days = [period_of(option)[2] for option in options if not is_blank(option)]
    return all(days) and any(1 < day < 28 for day in days)


def _plainly_numeric(each: Profile) -> bool:
    """Tell whether a column holds numbers, rather than texts such as “2 bedrooms”."""
    return each.numeric() and not all(cell[-1].isalpha() for cell in each.cells)


def _named_filter(each: Profile) -> bool:
    said = each.told in _FIGURES["filters"] | _FIGURES["times"]
    return said or bool(_FORMS.categories.search(each.told))


def _varies(keys: Sequence[object], cells: Sequence[str]) -> bool:
    first: dict[object, str] = {}
    return any(first.setdefault(key, cell) != cell for key, cell in zip(keys, cells, strict=True))


def _same(cells: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether two columns tell the same rows apart, as a code and its label do."""
    pairs = set(zip(cells, others, strict=True))
    return len(pairs) == len(set(cells)) == len(set(others))


def figure_columns(table: Table) -> list[str]:
    """Return the headings of the columns that may hold figures."""
    return [each.heading for each in profiles(table) if _as_figure(each) > 0]


def _likeliest(figures: Sequence[Profile], by_quarter: bool) -> Profile:
    """Return the column of figures that is offered first: a total, the latest of a series."""

    def undated(told: str) -> str:
        quarterly = by_quarter or _FORMS.year.search(told)
        return _FORMS.dated.sub("", _FORMS.quarter.sub("", told) if quarterly else told)

    most = max(map(_as_figure, figures))
    likely = [each for each in figures if _as_figure(each) == most]
    totals = [each for each in likely if each.told in ("all", "total", "totals", "grand total")]
    first = (totals or likely)[0]
    series = [each for each in likely if undated(each.told) == undated(first.told)]
    return max(series, key=lambda each: period_of(each.heading))


def _as_figure(each: Profile) -> float:
    """Score a column as the one of figures: 0 where it is none."""
    if each.told in _FIGURES["first"] and each.numeric():
        return 3
    counted = counts(each.heading)
    if not each.numeric() or (each.mostly("year", "period") and not says_what(each.heading)):
        return 0
    # “Year ending March 2024” says when figures are of; a “Year” is none.
    dated = _FIGURES["times"] if _FORMS.dated.search(each.told) else frozenset()
    never = each.words & (_FIGURES["never"] - dated)
    identifies = never and each.words.isdisjoint({"of", "rate"})
    if identifies or each.told in _FIGURES["times"]:
        return 0
    base = each.told in _FIGURES["bases"]
    nameless = bool(_FORMS.nameless.search(each.heading)) or set(each.values) == {100.0}
    weak = bool(each.words & _FIGURES["last"]) or nameless
    if not weak and not says_what(each.heading) and _numbered(each):
        return 0
    return 1 if weak and not counted else 1.5 if base else 2


def _numbered(each: Profile) -> bool:
    """Tell whether the numbers only count the rows, or are identifiers of one length."""
    values = each.values
    if len(values) < 4 or len(set(values)) < len(values) or any(v % 1 for v in values):
        return False
    if {b - a for a, b in zip(values, values[1:], strict=False)} == {1}:
        return values[0] in (0, 1)
    lengths = {len(cell) for cell in each.cells}
    return len(values) > 9 and min(values) >= 100_000 and len(lengths) == 1
