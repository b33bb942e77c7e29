"""What the columns of a brought table are: guessed, and changed by the reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from atlas.uploads.reading.cell_shapes import WORDS, is_blank, shape_of, simple
from atlas.uploads.reading.numbers import read_number, style_of
from atlas.uploads.reading.table import Table

Kind = Literal["figures", "places", "postcodes", "template"]
Role = Literal[
    "name", "postcode", "area_code", "area_name", "council", "latitude", "longitude", "easting",
    "northing", "opening_hours", "staffed_hours", "closed", "figure", "filter", "ignore",
    "type", "address", "wifi", "devices", "training", "accessibility", "source", "checked_on",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
# Words about a place that stand beside it and change nothing.
DETAILS: tuple[Role, ...] = ROLES[ROLES.index("type") :]
AREA_ROLES: tuple[Role, ...] = ("area_code", "postcode", "area_name")
# Of which a table has one column; days of the week may share the opening hours.
_SINGLE = tuple(role for role in ROLES if role not in ("filter", "ignore", "opening_hours"))

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FINEST = ("lsoa", "ward", "postcode", "msoa", "district")
_SAMPLE = 800
# A code in a column under another heading: how many of its cells must have the shape.
_MOST = 0.8
_AREAS = {key: frozenset(words) for key, words in WORDS["areas"].items()}
_FIGURES = {key: frozenset(words) for key, words in WORDS["figures"].items()}
_COUNTED = frozenset().union(*(WORDS["units"][key] for key in ("people", "households", "things")))
_NAMES = {key: frozenset(words) for key, words in WORDS["name_words"].items()}
_PLACE_HEADINGS: dict[str, Role] = {
    text: cast(Role, key)
    for key, entry in WORDS["places"].items()
    for text in (simple(entry["heading"]), *entry["also"])
}
# How often the values of a column that tells rows apart come back, and how many there may be.
_REPEATED = 0.5
MOST_OPTIONS = 500


@dataclass(frozen=True)
class Profile:
    """What a column looks like in a sample of its rows."""

    heading: str
    cells: tuple[str, ...]
    shapes: Mapping[str, int]
    numbers: int
    values: tuple[float, ...]

    @property
    def words(self) -> list[str]:
        """The words of the heading, compared."""
        return simple(self.heading).split()

    @property
    def filled(self) -> int:
        """How many cells of the sample are not blank."""
        return len(self.cells)

    @property
    def distinct(self) -> int:
        """How many different texts there are."""
        return len(set(self.cells))

    def mostly(self, *shapes: str) -> bool:
        """Tell whether most cells have one of these shapes."""
        found = sum(self.shapes.get(shape, 0) for shape in shapes)
        return found > 0 and found >= _MOST * self.filled

    def numeric(self) -> bool:
        """Tell whether at least half of the cells are numbers."""
        return self.numbers > 0 and self.numbers >= 0.5 * self.filled

    def says(self, texts: frozenset[str]) -> bool:
        """Tell whether the heading is one of these."""
        return simple(self.heading) in texts


def profiles(table: Table) -> list[Profile]:
    """Return what each column looks like, from a sample spread over the table."""
    step = max(1, len(table.rows) // _SAMPLE)
    rows = table.rows[::step]
    return [
        _profile(heading, [row.cells[at] for row in rows])
        for at, heading in enumerate(table.headings)
    ]


def _profile(heading: str, cells: Sequence[str]) -> Profile:
    filled = tuple(cell for cell in cells if not is_blank(cell))
    style = style_of(filled)[0] or "point"
    read = [read_number(cell, style) for cell in filled]
    values = tuple(
        found.value for found in read if found.kind == "number" and found.value is not None
    )
    marks = sum(found.kind in ("withheld", "below") for found in read)
    shapes = Counter(shape for shape in map(shape_of, filled) if shape)
    counted = len(values) + (marks if values else 0)
    return Profile(heading, filled, shapes, counted, values)


def guessed_roles(
    table: Table, kind: Kind, chosen: Mapping[str, Role] | None = None
) -> dict[str, Role]:
    """Return the role of each column: the reader's choice, or else the guess.

    What the reader gives a role to takes it from the column that was guessed for it.
    """
    chosen = {
        heading: role for heading, role in (chosen or {}).items() if heading in table.headings
    }
    found = profiles(table)
    free = [each for each in found if each.heading not in chosen]
    if kind == "places":
        guessed = _places(free)
    elif kind == "figures":
        guessed = _figures(table, free, chosen)
    else:
        guessed = _postcodes(free)
    taken = {role for role in chosen.values() if role in _SINGLE}
    if taken.intersection(AREA_ROLES) and kind == "figures":
        taken |= set(AREA_ROLES) if "area_name" not in taken else {"area_code", "postcode"}
    roles: dict[str, Role] = {}
    for heading in table.headings:
        role = guessed.get(heading, "ignore")
        roles[heading] = chosen.get(heading, "ignore" if role in taken else role)
    return roles


# --- places -----------------------------------------------------------------------------------


def _places(found: Sequence[Profile]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    names = sorted(found, key=_as_name, reverse=True)
    if names and _as_name(names[0]) > 0:
        roles[names[0].heading] = "name"
    for each in found:
        role = _place_role(each)
        if role and role != "name" and each.heading not in roles:
            single = role in _SINGLE and role in roles.values()
            if not single:
                roles[each.heading] = role
    _postcode_column(found, roles)
    days = [h for h, role in roles.items() if role == "opening_hours" and day_of(h)]
    for heading, role in list(roles.items()):
        if role == "opening_hours" and (day_of(heading) == "") == bool(days):
            del roles[heading]
    return roles


def day_of(heading: str) -> str:
    """Return the day of the week that a heading such as “Monday opening times” names, or ""."""
    for word in simple(heading).split():
        day = next((day for day in DAYS if word in (day, day[:3], day[:4], f"{day}s")), "")
        if day:
            return day.capitalize()
    return ""


def _place_role(each: Profile) -> Role | None:
    told = simple(each.heading)
    if day_of(each.heading) and _about_hours(each):
        return "opening_hours"
    role = _PLACE_HEADINGS.get(told)
    if role in ("latitude", "longitude", "easting", "northing"):
        return role if each.numeric() or not each.filled or each.distinct < 3 else None
    if role == "opening_hours" or role == "closed":
        return _hours_or_closed(each, role)
    if role == "postcode":
        return role if each.shapes or not each.filled else None
    if role is None and each.mostly("council") or each.says(_AREAS["council"]):
        return "council"
    return role


def _about_hours(each: Profile) -> bool:
    words = set(each.words) - {day_of(each.heading).casefold(), day_of(each.heading).casefold()[:3]}
    return words <= {"opening", "times", "hours", "open", "time", "am", "pm", "opens", "closes"}


def _hours_or_closed(each: Profile, role: Role) -> Role | None:
    """Tell opening hours from a column that says whether a place is open at all."""
    told = {cell.casefold().strip(" .") for cell in each.cells}
    yes_no = bool(told) and told <= _YES_NO
    if role == "opening_hours":
        return "closed" if yes_no and "open" in each.words else None if yes_no else role
    if "status" not in each.words and "open" not in each.words:
        return role
    says = any("clos" in text or "open" in text for text in told)
    return role if yes_no or says else None


_YES_NO = frozenset({"yes", "no", "y", "n", "true", "false", "1", "0", "open", "closed"})


def _as_name(each: Profile) -> float:
    """Score a column as the one that names the places: 0 where it cannot be."""
    told = simple(each.heading)
    words = set(each.words)
    if told == "name":
        return 8
    if not each.filled or each.numeric() or each.shapes.get("postcode", 0) > each.filled / 2:
        return 0
    if each.mostly("ward", "lsoa", "council", "other code", "year", "period"):
        return 0
    spread = each.distinct / each.filled
    if _PLACE_HEADINGS.get(told) == "name":
        return 6 + 3 * bool(words & _NAMES["places"]) + ("name" in words) + spread
    if words & _NAMES["never"] or told in _PLACE_HEADINGS:
        return 0
    if words & _NAMES["places"]:
        return 5 + 2 * ("name" in words) + spread
    if words & _NAMES["runners"]:
        return 2 + ("name" in words) + spread
    return 3 + spread if "name" in words else 0.5 * spread if spread > 0.5 else 0


def _postcode_column(found: Sequence[Profile], roles: dict[str, Role]) -> None:
    """Give the role postcode by what cells hold, where no heading says so."""
    if "postcode" in roles.values():
        return
    free = [each for each in found if roles.get(each.heading) in (None, "address", "ignore")]
    for shape in ("postcode", "postcode inside"):
        likely = [each for each in free if 2 * each.shapes.get(shape, 0) >= max(each.filled, 1)]
        if likely:
            roles[max(likely, key=lambda each: each.shapes[shape]).heading] = "postcode"
            return


def _postcodes(found: Sequence[Profile]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    for each in found:
        if _PLACE_HEADINGS.get(simple(each.heading)) == "postcode" and each.shapes and not roles:
            roles[each.heading] = "postcode"
    _postcode_column(found, roles)
    return roles


# --- figures ----------------------------------------------------------------------------------


def _figures(table: Table, found: Sequence[Profile], chosen: Mapping[str, Role]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    given = [heading for heading, role in chosen.items() if role in AREA_ROLES]
    areas = given or _area_columns(table, found, roles)
    _context(found, roles)
    free = [each for each in found if each.heading not in roles]
    told = [heading for heading, role in chosen.items() if role == "filter"]
    for heading in _telling_apart(table, areas, free, told):
        roles[heading] = "filter"
    figures = [each for each in free if each.heading not in roles and _as_figure(each) > 0]
    if figures:
        roles[max(figures, key=_as_figure).heading] = "figure"
    return roles


def _area_columns(table: Table, found: Sequence[Profile], roles: dict[str, Role]) -> list[str]:
    """Choose the column of the finest areas, and give it its role."""
    by_kind: dict[str, list[Profile]] = {}
    for each in found:
        kind = next((kind for kind in _FINEST if each.mostly(kind)), "")
        if kind == "district" and not each.says(_AREAS["district"]):
            kind = ""
        if kind:
            by_kind.setdefault(kind, []).append(each)
    order = [kind for kind in _FINEST if kind in by_kind]
    if order and "postcode" in by_kind and order[0] != "postcode":
        # Rows that share an area, and are told apart by nothing, are about places within it.
        cells = table.column(by_kind[order[0]][0].heading)
        if len(set(cells)) < len(cells) and not any(map(_named_filter, found)):
            order = ["postcode"]
    if order:
        column = by_kind[order[0]][0]
        roles[column.heading] = "postcode" if order[0] in ("postcode", "district") else "area_code"
        return [column.heading]
    return _named_areas(found, roles)


def _named_areas(found: Sequence[Profile], roles: dict[str, Role]) -> list[str]:
    """Fall back on a heading that promises codes, on wards' names, on postcodes inside a text."""
    texts = [each for each in found if not each.numeric()]
    coded = [each for each in texts if each.says(_AREAS["ward_code"])]
    named = [each for each in texts if "ward" in each.words or "wards" in each.words]
    if any(each.says(_AREAS["council"]) for each in found):
        named += [each for each in texts if each.says(_AREAS["area_name"])]
    if not coded and not named:
        coded = [each for each in found if _mixed_codes(each)]
        _postcode_column([] if coded else found, roles)
        named = [each for each in texts if each.says(_AREAS["area_name"])]
    # A column headed “Ward” may hold codes or names.
    coded = [each for each in coded if each not in named or each.shapes]
    if coded and not roles:
        roles[coded[0].heading] = "area_code"
    elif named and not roles:
        roles[named[0].heading] = "area_name"
    return list(roles)[:1]


def _mixed_codes(each: Profile) -> bool:
    return each.mostly(
        "lsoa", "ward", "msoa", "council", "county", "region", "country", "other code",
        "combined authority", "parish", "output area", "constituency",
    )  # fmt: skip


def _context(found: Sequence[Profile], roles: dict[str, Role]) -> None:
    """Give councils and areas' names their roles: they go with the areas, and are no figures."""
    for each in found:
        if each.heading in roles:
            continue
        council = each.says(_AREAS["council"]) or each.mostly("council")
        if council and "council" not in roles.values() and not each.numeric():
            roles[each.heading] = "council"
        elif (
            each.says(_AREAS["area_name"])
            and not each.numeric()
            and "area_name" not in roles.values()
        ):
            roles[each.heading] = "area_name"
        elif _mixed_codes(each) or each.mostly("postcode", "district"):
            roles[each.heading] = "ignore"


def _telling_apart(
    table: Table, areas: Sequence[str], free: Sequence[Profile], told: Sequence[str]
) -> list[str]:
    """Return the columns that tell the rows of one area apart, such as a sex or a year."""
    if not areas:
        return []
    keys = list(zip(*(table.column(heading) for heading in areas), strict=True))
    repeated = len(set(keys)) < len(keys)
    filters: list[str] = []
    known = sorted(free, key=lambda each: not _named_filter(each))
    for each in known:
        cells = table.column(each.heading)
        options = set(cells)
        if not _named_filter(each) and (
            each.numeric() or len(options) > max(_REPEATED * len(cells), 1) or not repeated
        ):
            continue
        if len(options) > MOST_OPTIONS or _as_figure(each) > 2:
            continue
        if repeated and len(options) > 1 and _varies(keys, cells):
            if not any(_same(cells, table.column(other)) for other in (*filters, *told)):
                filters.append(each.heading)
        elif len(options) == 1 and _named_filter(each) and _categorical(each):
            filters.append(each.heading)
    return filters


def _named_filter(each: Profile) -> bool:
    return each.says(_FIGURES["filters"]) or each.says(_FIGURES["times"])


def _categorical(each: Profile) -> bool:
    return not each.numeric() or each.mostly("year", "period")


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


def _as_figure(each: Profile) -> float:
    """Score a column as the one of figures: 0 where it is none."""
    told, words = simple(each.heading), set(each.words)
    if told in _FIGURES["first"] and each.numeric():
        return 3
    if not each.numeric() or each.mostly("year", "period"):
        return 0
    identifies = words & _FIGURES["never"] and not words & {"of", "rate", "%"} or _numbered(each)
    if identifies or each.says(_FIGURES["times"]):
        return 0
    return 1 if words & _FIGURES["last"] else 2


def _numbered(each: Profile) -> bool:
    """Tell whether the numbers only count the rows, or are identifiers of one length."""
    values = each.values
    if not _COUNTED.isdisjoint(each.words):
        return False
    if len(values) < 4 or len(set(values)) < len(values) or any(v % 1 for v in values):
        return False
    steps = {b - a for a, b in zip(values, values[1:], strict=False)}
    return len(steps) == 1 and min(values) in (0, 1) or (
        min(values) >= 100_000 and len({len(str(int(v))) for v in values}) == 1 and len(values) > 9
        and not any("," in cell for cell in each.cells)
    )  # fmt: skip
