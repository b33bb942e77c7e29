"""A visitor's own table of figures, made into a measure by ward like any other."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atlas.arrays import Floats
from atlas.catalogue.columns import OWN, Column, Direction
from atlas.text.safe_text import plain
from atlas.uploads.area_columns import WAYS, Geography, Way, area_columns, place_rows, ways_of
from atlas.uploads.headings import recognised
from atlas.uploads.numbers import FEW, FEW_BELOW, UNITS, Figures, UnitKey, read_figures, suggested
from atlas.uploads.personal_data import detail_in, refuse_people
from atlas.uploads.reading.table import Problem, RefusedError, Table, quoted

SHORTEST, LONGEST = 3, 80
THEME = "Your own data"
# An average of small areas stands for a ward where they hold at least this share of its residents.
_COVERED = 0.5

_SUMMED = "A ward’s figure is the sum of the LSOAs that fit it best (all must be given)."
_AVERAGED = (
    "A ward’s figure is the average of the LSOAs that fit it best, weighted by residents (those "
    "given must hold at least half of the ward’s residents)."
)
_PROGRAM = re.compile(r"[<>{}]|\$\{|javascript:", re.IGNORECASE)


@dataclass(frozen=True)
class Offer:
    """What a table could become: how it names areas, and which columns hold figures.

    ``ways`` maps each way to its headings, the surest first; ``figures`` maps each heading of
    numbers to the unit that it looks like.
    """

    ways: dict[Way, tuple[str, ...]]
    figures: dict[str, UnitKey]


@dataclass(frozen=True)
class Request:
    """What the visitor says about one column: see :func:`own_measure`."""

    label: str
    heading: str
    way: Way
    unit: UnitKey
    need: Direction
    source: str = ""


@dataclass(frozen=True)
class OwnMeasure:
    """A measure of the visitor's own.

    ``values`` has one figure for each row of the ward table, NaN where there is none; it is
    read-only, and counts from 1 to 4 are not in it. ``rows`` counts the file's rows and ``used``
    those whose figure went in. ``notes`` say how it was made, ``problems`` name rows.
    """

    column: Column
    values: Floats
    rows: int
    used: int
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def wards(self) -> int:
        """How many wards have a figure."""
        return int((~np.isnan(self.values)).sum())


def offer(table: Table) -> Offer:
    """Return what a table could become.

    Raises :class:`RefusedError` where it seems to be about people, names no areas, or has no
    column of numbers.
    """
    ways = ways_of(table)
    areas = {heading for headings in ways.values() for heading in headings}
    refuse_people(table, areas | _named_areas(table))
    figures = {}
    for heading in table.headings:
        unit = None if heading in areas else suggested(table.column(heading))
        if unit:
            figures[heading] = unit
    if not figures:
        raise RefusedError(
            "No column holds figures: at least half of the cells of one column must be numbers. "
            "Add one and upload the file again. "
            f"The columns beside the areas are: {_others(table, areas)}."
        )
    return Offer(ways, figures)


def _named_areas(table: Table) -> set[str]:
    """Return headings such as WD24NM and “Area name”, under which names are no people's."""
    return set(recognised(table.headings, area_columns()).values())


def _others(table: Table, areas: set[str]) -> str:
    others = [quoted(heading, 30) for heading in table.headings if heading not in areas]
    return ", ".join(others[:12]) or "none"


def own_measure(table: Table, request: Request, areas: Geography, number: int) -> OwnMeasure:
    """Make one column of a table a measure by ward, named ``own_1``, ``own_2`` ...

    Figures of LSOAs become a ward's by adding, or by an average weighted by residents; figures
    of postcodes by adding or a plain average. Nothing missing becomes zero. Raises
    :class:`RefusedError` where the name cannot be used or no figure finds a ward.
    """
    label = _label(request.label)
    headings = ways_of(table)[request.way]
    places, problems = place_rows(table, request.way, headings, areas)
    numbered = [
        (row.number, cell)
        for row, cell in zip(table.rows, table.column(request.heading), strict=True)
    ]
    figures = read_figures(numbered, request.heading, request.unit)
    # One problem a row is enough: where a row has no area, its figure does not matter.
    lost = {problem.row for problem in problems}
    problems += [problem for problem in figures.problems if problem.row not in lost]
    numbers = [row.number for row in table.rows]
    values = np.array(figures.values)
    at = np.array(places)
    if request.way != "postcode":
        at, more = _without_contradictions(at, values, numbers, headings[0])
        problems += more
    used = (at >= 0) & ~np.isnan(values)
    by_ward, notes = _to_wards(at[used], values[used], request, areas)
    by_ward, few = _withheld(by_ward, request.unit)
    if np.isnan(by_ward).all():
        raise RefusedError(_nothing(problems))
    by_ward.flags.writeable = False
    return OwnMeasure(
        column=_column(label, request, number, by_ward),
        values=by_ward,
        rows=len(table.rows) + len(table.problems),
        used=int(used.sum()),
        notes=tuple([*notes, *_said(figures, few)]),
        problems=tuple(sorted([*table.problems, *problems], key=lambda each: each.row)),
    )


def _label(text: str) -> str:
    label = plain(text, LONGEST + 1)
    if not SHORTEST <= len(label) <= LONGEST:
        raise RefusedError(f"Give the measure a name of {SHORTEST} to {LONGEST} characters.")
    if _PROGRAM.search(label) or not any(sign.isalpha() for sign in label):
        raise RefusedError("Name the measure in plain words, without signs such as < or {.")
    if detail := detail_in(label):
        raise RefusedError(f"The name looks like {detail}. Name what the figures measure.")
    return label


def _without_contradictions(
    at: np.ndarray, values: Floats, numbers: Sequence[int], heading: str
) -> tuple[np.ndarray, list[Problem]]:
    """Return the areas with rows taken out that repeat an area, and say so.

    An area given twice with one figure counts once; with two different figures it counts not at
    all, because nobody can tell which is right.
    """
    first: dict[int, int] = {}
    torn: set[int] = set()
    problems = []
    kept = at.copy()
    for row, area in enumerate(at):
        if area < 0:
            continue
        if area not in first:
            first[area] = row
            continue
        kept[row] = -1
        start = first[area]
        same = values[row] == values[start] or (
            math.isnan(values[row]) and math.isnan(values[start])
        )
        if same:
            what, do = "gives the same figure again", "It is counted once; delete one of the rows."
        else:
            torn.add(area)
            what, do = "gives another figure", "Neither is used; keep the row that is right."
        said = f"The same area as in row {numbers[start]:,}; it {what}."
        problems.append(Problem(numbers[row], heading, said, do))
    kept[np.isin(kept, list(torn))] = -1
    return kept, problems


def _to_wards(
    at: np.ndarray, values: Floats, request: Request, areas: Geography
) -> tuple[Floats, list[str]]:
    """Return ward figures (NaN where there is none) and how they were made."""
    adds = UNITS[request.unit].aggregate == "sum"
    count = len(areas.wards)
    if request.way in ("ward_code", "ward_name"):
        result = np.full(count, np.nan)
        result[at] = values
        return result, ["The figures are the wards’ own, as the file gives them."]
    if request.way == "postcode":
        total = np.bincount(at, weights=values, minlength=count)
        number = np.bincount(at, minlength=count).astype(float)
        how = "sum" if adds else "plain average"
        said = (
            f"A ward’s figure is the {how} of the rows whose postcode is in it. A ward without "
            "any such row has no figure, rather than zero."
        )
        result = np.where(number > 0, total if adds else total / np.maximum(number, 1), np.nan)
        return result, [said]
    return _from_lsoas(at, values, adds, areas)


def _from_lsoas(
    at: np.ndarray, values: Floats, adds: bool, areas: Geography
) -> tuple[Floats, list[str]]:
    ward = areas.lsoas["ward_code"].map(areas.ward_row).fillna(-1).to_numpy(dtype=int)
    people = areas.lsoas["population"].fillna(0).to_numpy(dtype=float)
    # Where all must be given each LSOA counts alike; in an average each as its residents.
    weight = np.ones(len(ward)) if adds else people
    given, figure = np.zeros(len(ward)), np.zeros(len(ward))
    given[at], figure[at] = 1.0, values

    def by_ward(amounts: Floats) -> Floats:
        inside = ward >= 0
        found: Floats = np.bincount(
            ward[inside], weights=amounts[inside], minlength=len(areas.wards)
        ).astype(float)
        return found

    known, everything = by_ward(weight * given), by_ward(weight)
    enough = (known > 0) & (known >= (1.0 if adds else _COVERED) * everything)
    total = by_ward(figure * weight * given)
    result = np.where(enough, total if adds else total / np.maximum(known, 1e-9), np.nan)
    notes = [_SUMMED if adds else _AVERAGED]
    left = int(((known > 0) & ~enough).sum())
    if left:
        wards = "1 ward has" if left == 1 else f"{left:,} wards have"
        notes.append(f"{wards} no figure, because too few of their LSOAs are in the file.")
    return result, notes


def _withheld(values: Floats, unit: UnitKey) -> tuple[Floats, int]:
    """Return the figures with counts from 1 to 4 replaced, and how many there were."""
    if UNITS[unit].aggregate != "sum":
        return values, 0
    low = (values > 0) & (values < FEW_BELOW)
    return np.where(low, FEW, values), int(low.sum())


def _said(figures: Figures, few: int) -> list[str]:
    notes = []
    if figures.blank:
        cells = "1 cell holds" if figures.blank == 1 else f"{figures.blank:,} cells hold"
        notes.append(f"{cells} no figure (blank, or a mark such as *): no data, not zero.")
    if few:
        wards = "1 ward has" if few == 1 else f"{few:,} wards have"
        notes.append(
            f"{wards} a count from 1 to 4. It is shown as “fewer than {FEW_BELOW}” everywhere, in "
            f"files too, and taken as {FEW:g} in totals."
        )
    return notes


def _nothing(problems: Sequence[Problem]) -> str:
    first = f" Row {problems[0].row:,}: {problems[0].what} {problems[0].do}" if problems else ""
    return (
        f"No ward gets a figure from this column, so there is nothing to show.{first} Check that "
        "the areas are wards, LSOAs or postcodes in England."
    )


def _column(label: str, request: Request, number: int, values: Floats) -> Column:
    unit = UNITS[request.unit]
    source = plain(request.source, LONGEST)
    source = "" if _PROGRAM.search(source) or detail_in(source) else source
    credit = f"your own file{f' ({source})' if source else ''}"
    known = values[~np.isnan(values)]
    shown = unit.decimals if (known != np.round(known)).any() else 0
    return Column(
        name=f"{OWN}{number}",
        label=label,
        short=label,
        unit=unit.unit,
        need=request.need,
        definition=(
            f"From {credit}, by {WAYS[request.way].lower()}; held for this visit only. The Atlas "
            "has not checked it."
        ),
        sources=(),
        tables=(),
        theme=THEME,
        measure=True,
        aggregate=unit.aggregate,
        weight="population" if unit.aggregate == "mean" else "",
        decimals=6,
        shown=shown,
        floor=FEW_BELOW if unit.aggregate == "sum" else 0,
        credit=credit,
    )
