"""A visitor's own figures, made into a measure by ward like any other."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.catalogue.columns import OWN, Aggregate, Column, Direction, Unit
from atlas.text.lists import counted
from atlas.text.safe_text import plain
from atlas.uploads.areas import (
    OUTSIDE,
    WAYS,
    Geography,
    Numbers,
    PlacedRows,
    Spread,
    placed,
    way_of,
)
from atlas.uploads.reading.cell_shapes import WORDS, simple
from atlas.uploads.reading.extract import Extract, is_total
from atlas.uploads.reading.numbers import FEW, FEW_BELOW, UNITS, WITHHELD, UnitKey, counted_in
from atlas.uploads.reading.personal_data import detail_in
from atlas.uploads.reading.table import Problem, RefusedError, fault, named, note, refused
from atlas.uploads.report import KeptRow, Report, all_outside, left_outside

SHORTEST, LONGEST = 3, 80
THEME = "Your own data"
# An average of small areas stands for a ward where they hold at least this share of its residents.
_COVERED = 0.5
# A count needs all LSOAs of a ward, and so much of it where areas overlap several wards.
_NEARLY_ALL = 0.9
_EXAMPLES = 3
_PROGRAM = re.compile(r"[<>{}]|\$\{|javascript:", re.IGNORECASE)
# Units that are shown with a decimal.
_FINE: tuple[UnitKey, ...] = ("score", "km", "hours")


@dataclass(frozen=True)
class Description:
    """What the visitor says about the figures that they add: see :func:`own_measure`."""

    label: str
    need: Direction
    source: str = ""


@dataclass(frozen=True)
class OwnMeasure:
    """A measure of the visitor's own.

    ``values`` has one figure for each row of the ward table, NaN where there is none; it is
    read-only, and counts of people from 1 to 4 are not in it. ``rows`` counts the file's rows and
    ``used`` those that are kept. ``notes`` say how it was made, ``problems`` name rows.
    """

    column: Column
    values: Floats
    rows: int
    used: int
    notes: Sequence[str]
    problems: tuple[Problem, ...]

    @property
    def wards(self) -> int:
        """How many wards have a figure."""
        return int((~np.isnan(self.values)).sum())


def figures_report(read: Extract, areas: Geography, inside: Bools, place: str = "") -> Report:
    """Return what a file of figures would become; ``inside`` marks the wards of the place in view.

    ``place`` is its name. Figures of small areas become a ward's by adding, or by an average
    weighted by residents or households; figures of postcodes by adding or a plain average.
    Nothing missing becomes zero. Raises nothing: what is missing is said in the report.
    """
    way = way_of(read)
    if way is None:
        councils = "A ward’s figure cannot be made of its council’s. " if read.of("council") else ""
        headings = named([column.heading for column in read.columns])
        problem = refused("no_areas", councils=councils, headings=headings)
        return Report(read, problem=problem, notes=read.notes)
    at = placed(read, way, areas, inside)
    problems = [*read.problems, *at.problems]
    if read.problem:
        return Report(read, problems=tuple(problems), notes=read.notes, problem=read.problem)
    column = read.of("figure")[0]
    unit = column.unit or "score"
    values = np.array(read.values, dtype=float)
    lost = [problem.row for problem in problems if not problem.kept]
    used = (at.at >= 0) & ~np.isnan(values) & ~np.isin(read.rows, lost)
    if way != "postcode":
        used, more = _without_contradictions(at, values, used, read)
        problems += more
    weights = areas.by_households if _of_households(read) else areas
    made = _to_wards(at, values, used, unit, weights)
    lacking = used & made.short[at.ward] & UNITS[unit].adds
    for rows, said in ((lacking, _incomplete), (made.unused, _replaced)):
        for row in map(int, np.flatnonzero(rows)):
            problems.append(Problem(read.rows[row], at.heading, *said(at, row, areas)))
    used &= ~lacking & ~made.unused
    # Counts of people from 1 to 4 are not told.
    low = (made.values > 0) & (made.values < FEW_BELOW) & (unit in WITHHELD)
    by_ward = np.where(low, FEW, made.values)
    kept = _KeptRows(read, at, values, np.flatnonzero(used), unit, areas)
    outside, problems = int((at.at == OUTSIDE).sum()), _one_a_row(problems)
    notes = [*read.notes, *left_outside(outside, place), *_divided(at, used, weights), *made.notes]
    if low.any():
        wards = counted(int(low.sum()), "ward has", "wards have")
        notes.append(note(f"few_{unit}", wards=wards, below=FEW_BELOW, few=FEW))
    return Report(
        read=read,
        kept=kept,
        problems=tuple(problems),
        notes=notes,
        examples=tuple(_examples(kept, by_ward, unit, areas)),
        problem="" if kept else _nothing(problems, outside, place),
        wards=by_ward,
    )


def _without_contradictions(
    at: PlacedRows, values: Floats, used: Bools, read: Extract
) -> tuple[Bools, list[Problem]]:
    """Return the rows used without those that repeat an area, and say so.

    An area given twice with one figure counts once; with two different figures it counts not at
    all, because nobody can tell which is right.
    """
    first: dict[tuple[int, bool], int] = {}
    problems = []
    kept = used.copy()
    areas = pd.DataFrame({"at": at.at, "earlier": at.earlier})[used]
    for row in areas.index[areas.duplicated(keep=False)]:
        start = first.setdefault((int(at.at[row]), bool(at.earlier[row])), row)
        if start == row:
            continue
        kept[row] = False
        why = "repeated" if values[row] == values[start] else "contradicts"
        if why == "contradicts":
            problems.append(Problem(read.rows[start], at.heading, *fault("contradicted")))
            kept[start] = False
        problems.append(Problem(read.rows[row], at.heading, *fault(why, first=read.rows[start])))
    return kept, problems


@dataclass
class _WardFigures:
    """Figures by ward (NaN for none), how they were made, and what they could not be made of.

    ``short`` marks wards of which the file lacks some areas, ``unused`` rows of an earlier year
    that were of no use.
    """

    values: Floats
    notes: list[str]
    short: Bools
    unused: Bools


def _to_wards(
    at: PlacedRows, values: Floats, used: Bools, unit: UnitKey, areas: Geography
) -> _WardFigures:
    """Make ward figures of the rows used, in the Atlas's own unit."""
    adds, count = UNITS[unit].adds, len(areas.wards)
    figure = values / 100 if unit == "percentage" else values
    none = np.zeros(count, dtype=np.bool_), np.zeros(len(used), dtype=np.bool_)
    now, earlier = used & ~at.earlier, np.flatnonzero(used & at.earlier)
    if at.way == "postcode":
        total = np.bincount(at.at[now], weights=figure[now], minlength=count)
        number = np.bincount(at.at[now], minlength=count)
        result = np.where(number > 0, total if adds else total / np.maximum(number, 1), np.nan)
        return _WardFigures(result, [_how(at, adds)], *none)
    spread = areas.spread(at.way)
    given = np.full(len(spread.row) if spread else count, np.nan)
    given[at.at[now]] = figure[now]
    made = _WardFigures(given, [_how(at, adds, areas.weighted_by)], *none)
    if len(earlier):
        old = areas.from_2011 if spread else areas.from_ended
        made.values, unused = _with_earlier(given, old, at.at[earlier], figure[earlier], adds)
        made.unused[earlier[unused]] = True
        taken = len(earlier) - int(unused.sum())
        made.notes.append(note("earlier", areas=taken))
    if spread:
        covered = (1.0 if at.way == "lsoa" else _NEARLY_ALL) if adds else _COVERED
        made.values, made.short = spread.figures(made.values, adds, covered)
        if made.short.any() and not adds:
            wards = counted(int(made.short.sum()), "ward has", "wards have")
            made.notes.append(note("too_little", wards=wards, areas=at.called.many))
    return made


def _with_earlier(
    result: Floats, spread: Spread, rows: Numbers, figure: Floats, adds: bool
) -> tuple[Floats, Bools]:
    """Fill areas that have no figure of their own from areas of an earlier year.

    Returns their figures, and which of the earlier areas were of no use: the file has the areas
    that took their place, or lacks others that they share them with.
    """
    given = np.full(len(spread.row), np.nan)
    given[rows] = figure
    found, _ = spread.figures(given, adds, 1.0)
    filled = np.isnan(result) & ~np.isnan(found)
    used = np.unique(spread.source[filled[spread.target]])
    return np.where(filled, found, result), ~np.isin(rows, used)


def _how(at: PlacedRows, adds: bool, weight: str = "residents") -> str:
    if at.way in ("ward", "ward name"):
        return note("own_figures")
    if at.way == "postcode":
        return note("by_postcode", made="sum" if adds else "plain average")
    if adds and at.way == "lsoa":
        return note("summed")
    weight = "postcodes" if at.called.like else weight
    why = "shared_out" if adds else "averaged"
    return note(why, areas=at.called.many, weight=weight, share=_NEARLY_ALL)


def _of_households(read: Extract) -> bool:
    """Tell whether the figures count households or are shares of them: these are their weights."""
    column = read.of("figure")[0]
    words = " ".join([*(each.chosen or "" for each in read.of("filter")), column.heading])
    share = column.unit in ("percentage", "share")
    return column.unit == "households" or (share and counted_in(words) == "households")


def _incomplete(at: PlacedRows, row: int, areas: Geography) -> tuple[str, str]:
    name = areas.wards["ward_name"].iat[at.ward[row]]
    whole, many = int((areas.to_wards.target == at.ward[row]).sum()), at.called.many
    part = f"one of {whole} LSOAs of" if at.way == "lsoa" and not at.earlier[row] else "part of"
    return fault("incomplete", code=at.codes[row], part=part, ward=name, many=many)


def _replaced(at: PlacedRows, row: int, areas: Geography) -> tuple[str, str]:
    code = at.codes[row]
    if code not in areas.ended:
        return fault("replaced_lsoa", code=code)
    ward = areas.ended[code]
    known = [areas.ward_row[each] for each, _ in ward.successors if each in areas.ward_row]
    wards = ", ".join(areas.wards["ward_name"].iloc[known])
    return fault("replaced_ward", code=code, name=ward.name, ended=ward.ended_in, wards=wards)


@dataclass(frozen=True)
class _KeptRows(Sequence[KeptRow]):
    """The rows that are kept, each made when it is asked for: few ever are, of many thousands."""

    read: Extract
    at: PlacedRows
    values: Floats
    rows: Numbers
    unit: UnitKey
    areas: Geography

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        row = self.rows[place]
        return KeptRow(
            row=self.read.rows[row],
            ward_code=str(self.areas.wards["ward_code"].iat[self.at.ward[row]]),
            value=_told(float(self.values[row]), self.unit),
            **{"name" if self.at.way == "ward name" else "code": self.at.codes[row]},
        )


def _told(value: float, unit: UnitKey) -> float | None:
    """Return a figure as it may be told: a small count of people is not."""
    if unit in WITHHELD and 0 < value < FEW_BELOW:
        return None
    return int(value) if value.is_integer() else value


def _one_a_row(problems: Sequence[Problem]) -> list[Problem]:
    """Return one reason for each row that is not kept, in order, and all that is noticed else."""
    first: dict[int, Problem] = {}
    for problem in problems:
        if not problem.kept:
            first.setdefault(problem.row, problem)
    return sorted([*first.values(), *(p for p in problems if p.kept)], key=lambda p: p.row)


def _divided(at: PlacedRows, used: Bools, areas: Geography) -> list[str]:
    spread = areas.spread(at.way)
    if spread is None or at.way == "lsoa" or not used.any():
        return []
    share = spread.divided(np.unique(at.at[used]))
    weight = "postcodes" if at.called.like else areas.weighted_by
    many = at.called.many
    areas_named = many[0].upper() + many[1:]
    return [note("divided", areas=areas_named, share=share, weight=weight)]


def _nothing(problems: Sequence[Problem], outside: int, place: str) -> str:
    if outside and not problems:
        return all_outside("row", place)
    first = next((p for p in problems if not p.kept), None)
    said = (
        f"Row {first.row:,}: {first.what} {first.do}"
        if first
        else "The areas must be wards, LSOAs, MSOAs or postcodes in England: choose their column."
    )
    return refused("no_ward", said=said)


def _examples(
    kept: Sequence[KeptRow], by_ward: Floats, unit: UnitKey, areas: Geography
) -> list[str]:
    said = []
    for row in kept[:_EXAMPLES]:
        at = areas.ward_row[row.ward_code]
        figure = float(by_ward[at])
        told = "no figure yet" if math.isnan(figure) else figure_in_words(figure, unit)
        name = areas.wards["ward_name"].iat[at]
        said.append(f"Row {row.row:,} goes into the ward {name}, which gets {told}.")
    return said


def figure_in_words(value: float, unit: UnitKey) -> str:
    """Write a figure in the Atlas's own unit with its unit, as an example of what it becomes."""
    if unit in WITHHELD and 0 < value < FEW_BELOW:
        return f"“fewer than {FEW_BELOW}”"
    if unit in ("percentage", "share"):
        return f"{100 * value:.4g}%"
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"
    return f"{number} {unit}" if unit in WITHHELD else number


# --- the measure ------------------------------------------------------------------------------


def own_measure(report: Report, told: Description, number: int, brought: str = "") -> OwnMeasure:
    """Make a report of figures a measure by ward, named ``own_1``, ``own_2`` ...

    ``brought`` says which file and when, as “learners.csv, brought on 28 November 2026”. Raises
    :class:`RefusedError` where the name cannot be used or no ward has a figure.
    """
    label = _label(told.label)
    if report.problem or np.isnan(report.wards).all():
        raise RefusedError(report.problem or _nothing(report.problems, 0, ""))
    values = report.wards.copy()
    values.flags.writeable = False
    return OwnMeasure(
        column=_column(report.read, replace(told, label=label), number, values, brought),
        values=values,
        rows=report.read.total - report.read.others,
        used=len(report.kept),
        notes=report.notes,
        problems=report.problems,
    )


def suggested_name(read: Extract, file: str) -> str:
    """Return a name for the figures: their heading and what was chosen in other columns.

    The name of the ``file`` stands for a heading that says little, such as "value".
    """
    chosen = [c for c in read.of("filter") if not is_total(c.chosen or "")]
    headings = [column.heading for column in read.of("figure")]
    if not headings or simple(headings[0]) in WORDS["figures"]["first"]:
        words = WORDS["figures"]
        say_little = all(
            simple(c.heading) in words["times"] or simple(c.chosen or "") in words["first_options"]
            for c in chosen
        )
        headings = [file.rpartition(".")[0] or file] if say_little else []
    return ", ".join([*headings, *(column.chosen or "" for column in chosen)])


def _label(text: str) -> str:
    label = plain(text, LONGEST + 1)
    if not SHORTEST <= len(label) <= LONGEST:
        raise RefusedError(f"Give the measure a name of {SHORTEST} to {LONGEST} characters.")
    if _PROGRAM.search(label) or not any(sign.isalpha() for sign in label):
        raise RefusedError("Name the measure in plain words, without signs such as < or {.")
    if detail := detail_in(label):
        raise RefusedError(f"The name looks like {detail}. Name what the figures measure.")
    return label


def _column(read: Extract, told: Description, number: int, values: Floats, brought: str) -> Column:
    key = read.of("figure")[0].unit or "score"
    # The Atlas has no percentages of its own, but shares.
    unit: Unit = "share" if key == "percentage" else key
    source = plain(told.source, LONGEST)
    source = "" if _PROGRAM.search(source) or detail_in(source) else source
    about = ", ".join(part for part in (source, brought) if part)
    credit = f"your own file{f' ({about})' if about else ''}"
    known = values[~np.isnan(values)]
    way = way_of(read)
    adds = UNITS[key].adds
    aggregate: Aggregate = "sum" if adds else "mean"
    return Column(
        name=f"{OWN}{number}",
        label=told.label,
        short=told.label,
        unit=unit,
        need=told.need,
        definition=(
            f"From {credit}, by {WAYS[way].by if way else 'area'}; held for this visit only. The "
            "Atlas has not checked it."
        ),
        sources=(),
        tables=(),
        theme=THEME,
        measure=True,
        aggregate=aggregate,
        weight="" if adds else "households" if _of_households(read) else "population",
        decimals=6,
        shown=int(key in _FINE and (known != np.round(known)).any()),
        floor=FEW_BELOW if key in WITHHELD else 0,
        credit=credit,
    )
