"""What is taken out of a brought file: the columns that have a role, in the reader's choices."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Literal

from atlas.text.postcode_text import postcodes_in
from atlas.uploads.reading.cell_shapes import PATTERNS, WORDS, code_in, period_of, shape_of, simple
from atlas.uploads.reading.content import kind_of
from atlas.uploads.reading.delimited import read_delimited
from atlas.uploads.reading.heading_row import table_of
from atlas.uploads.reading.numbers import UNITS, UnitKey, read_figures, read_number, unit_of
from atlas.uploads.reading.personal_data import refuse_people
from atlas.uploads.reading.roles import Kind, Role, Roles, figure_columns, guessed_roles
from atlas.uploads.reading.table import (
    Problem,
    RefusedError,
    Row,
    Sheet,
    Table,
    fault,
    named,
    note,
    quoted,
    refusal,
    refused,
)
from atlas.uploads.reading.workbook import read_workbook

PREVIEW = 5
_SHOWN = 60
# The options of each column that tells rows apart, with their rows, and the one chosen, if any.
Told = dict[str, tuple[tuple[tuple[str, int], ...], str | None]]
_WORDS, _FORMS = WORDS["figures"], PATTERNS["tables"]
_POSTCODES = (simple(WORDS["places"]["postcode"]["heading"]), *WORDS["places"]["postcode"]["also"])


@dataclass(frozen=True)
class Choices:
    """What the reader says about a file; what is not said is guessed.

    ``heading_row`` is a row number, 0 for a file without headings. ``roles``, ``units`` and
    ``values`` (of the columns that tell rows apart) are by heading.
    """

    sheet: str = ""
    heading_row: int | None = None
    roles: Roles = field(default_factory=dict)
    units: Mapping[str, UnitKey] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnRead:
    """One column: its role, the first cells, and for a figure its unit ("" must be asked).

    A filter has ``options`` (text, rows) and the one ``chosen``, None where it must be asked.
    """

    heading: str
    role: Role
    sample: Sequence[str] = ()
    unit: UnitKey | Literal[""] = ""
    options: Sequence[tuple[str, int]] = ()
    chosen: str | None = ""


@dataclass(frozen=True)
class Extract:
    """What a file gives in the reader's choices: only the columns that have a role.

    ``rows`` are row numbers and ``cells`` texts by heading, row by row; ``values`` the figures in
    the unit as written, None where there is none.
    ``total`` counts the file's rows and ``others`` those that a filter leaves out. ``problem``
    says why nothing can be taken yet.
    """

    kind: Kind
    sheet: str = ""
    sheets: Sequence[str] = ()
    heading_row: int = 0
    columns: Sequence[ColumnRead] = ()
    rows: Sequence[int] = ()
    cells: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Sequence[float | None] = ()
    notes: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    problem: str = ""
    total: int = 0
    others: int = 0

    def of(self, role: Role) -> list[ColumnRead]:
        """Return the columns of a role, in order."""
        return [column for column in self.columns if column.role == role]

    def table(self) -> Table:
        """Return the rows and columns that were taken, as a table."""
        rows = zip(self.rows, *self.cells.values(), strict=True)
        return Table(
            tuple(self.cells),
            tuple(Row(number, tuple(cells)) for number, *cells in rows),
            tuple(self.notes),
            tuple(self.problems),
            self.heading_row,
        )

    def texts(self, role: Role) -> Sequence[str]:
        """Return the cells of the column of a role, blanks where there is none."""
        columns = self.of(role)
        return self.cells[columns[0].heading] if columns else ("",) * len(self.rows)


def is_total(option: str) -> bool:
    """Tell whether an option of a column that tells rows apart stands for all of them."""
    return simple(option) in _WORDS["totals"] or bool(_FORMS.total.match(option))


def read_sheet(data: bytes, sheet: str = "", kind: Kind = "template") -> Sheet:
    """Return the cells of a file. Raises :class:`RefusedError` where it is no table."""
    written = kind_of(data)
    return read_delimited(data) if written == "csv" else read_workbook(data, written, kind, sheet)


def extract(data: bytes, kind: Kind, choices: Choices) -> Extract:
    """Read a file in the reader's choices. Raises :class:`RefusedError` where it cannot be read.

    What only a choice is missing for is said in ``problem`` instead.
    """
    sheet = read_sheet(data, choices.sheet, kind)
    if kind == "postcodes":
        return _postcode_rows(sheet, choices)
    table = table_of(sheet, choices.heading_row)
    if unknown := [heading for heading in choices.roles if heading not in table.headings]:
        raise refusal("no_column", column=quoted(unknown[0]), headings=named(table.headings))
    found = _read(sheet, table, kind)
    if kind == "template":
        ignored: dict[str, Role] = dict.fromkeys(table.headings, "ignore")
        found = replace(found, columns=_columns(table, ignored))
        return _with_rows(found, table, table.rows, table.headings)
    roles = guessed_roles(table, kind, choices.roles)
    refuse_people(table, roles, kind)
    if kind == "figures":
        # The row that names a council may be hidden, or one that cannot be read.
        if not sheet.hidden and not table.problems:
            table = _with_councils(table, roles)
            found = replace(found, notes=table.notes)
        return _with_figures(found, table, roles, choices, sheet.semicolons)
    found = replace(found, columns=_columns(table, roles))
    return _with_rows(found, table, table.rows, _used(roles))


def _read(sheet: Sheet, table: Table, kind: Kind) -> Extract:
    return Extract(
        kind=kind,
        sheet=sheet.name,
        sheets=sheet.sheets,
        heading_row=table.heading_row,
        notes=table.notes,
        problems=table.problems,
        total=len(table.rows) + len(table.problems),
    )


def _columns(
    table: Table, roles: Roles, told: Told | None = None, unit: UnitKey | None = None
) -> tuple[ColumnRead, ...]:
    found = []
    for at, heading in enumerate(table.headings):
        sample = tuple(row.cells[at][:_SHOWN] for row in table.rows[:PREVIEW])
        options, chosen = (told or {}).get(heading, ((), ""))
        of_figure = (roles[heading] == "figure" and unit) or ""
        found.append(ColumnRead(heading, roles[heading], sample, of_figure, options, chosen))
    return tuple(found)


def _used(roles: Roles) -> list[str]:
    return [h for h, role in roles.items() if role not in ("ignore", "filter", "figure")]


def _with_rows(
    found: Extract, table: Table, rows: Sequence[Row], headings: Sequence[str]
) -> Extract:
    at = {heading: table.headings.index(heading) for heading in headings}
    cells = {heading: tuple(row.cells[n] for row in rows) for heading, n in at.items()}
    for column in found.of("area_code"):
        # The code alone, of cells such as “E01000001 : City of London 001A”.
        given = cells[column.heading]
        cells[column.heading] = tuple(code_in(cell) or cell.upper() for cell in given)
    return replace(found, rows=tuple(row.number for row in rows), cells=cells)


# --- figures ----------------------------------------------------------------------------------


def _with_councils(table: Table, roles: Roles) -> Table:
    """Fill in the council that a pivot table writes only beside the first of its wards."""
    at = {roles[heading]: n for n, heading in enumerate(table.headings)}
    if not {"council", "area_name"} <= at.keys() or at.keys() & {"area_code", "postcode"}:
        return table
    given = [row.cells[at["council"]] for row in table.rows]
    named = [council for council in given if council]
    # Elsewhere it may be written only where two wards are called the same.
    heads = given[0] and len(named) < len(given) and len(set(named)) == len(named)
    names = table.column(table.headings[at["area_name"]])
    if not heads or any(shape_of(name) in ("lsoa name", "msoa name") for name in names):
        return table
    n = at["council"]
    filled: Iterable[str] = accumulate(given, lambda above, cell: cell or above)
    rows = tuple(
        Row(row.number, (*row.cells[:n], council, *row.cells[n + 1 :]))
        for row, council in zip(table.rows, filled, strict=True)
    )
    said = note("going_on", columns=quoted(table.headings[n]))
    return replace(table, rows=rows, notes=(*table.notes, said))


def _with_figures(
    found: Extract, table: Table, roles: dict[str, Role], choices: Choices, semicolons: bool
) -> Extract:
    rows, told = _filtered(table, roles, choices.values)
    heading = next((heading for heading, role in roles.items() if role == "figure"), "")
    at = table.headings.index(heading) if heading else -1
    cells = [row.cells[at] for row in rows]
    selected = [chosen or "" for _, chosen in told.values()]
    unit = choices.units.get(heading) or unit_of(heading, cells, selected, table, semicolons)
    columns = _columns(table, roles, told, unit)
    notes = [*found.notes, *_chosen_notes(columns, choices.values)]
    notes += _passed_over(table, roles, rows, heading)
    found = replace(found, columns=columns, notes=notes, others=len(table.rows) - len(rows))
    found = _with_rows(found, table, rows, _used(roles))
    if not heading:
        beside = named([column.heading for column in columns if column.role == "ignore"])
        said = f" The columns beside the areas are: {beside}." if beside else ""
        return replace(found, problem=refused("no_figures", others=said))
    if asked := next((c for c in columns if c.chosen is None), None):
        column, options = quoted(asked.heading), named([o or "blank" for o, _ in asked.options])
        return replace(found, problem=refused("which_option", column=column, options=options))
    if not unit:
        either = {key: UNITS[key].words for key in ("percentage", "share")}
        return replace(found, problem=refused("which_unit", column=quoted(heading), **either))
    slipped = _slipped(table, rows, at)
    read = read_figures(found.rows, cells, heading, unit, semicolons)
    values = zip(found.rows, read.values, strict=True)
    problems = [*(p for p in read.problems if p.row not in slipped), *slipped.values()]
    return replace(
        found,
        values=tuple(None if row in slipped else value for row, value in values),
        notes=(*found.notes, *read.notes),
        problems=(*found.problems, *problems),
        problem=read.problem,
    )


def _filtered(table: Table, roles: Roles, chosen: Mapping[str, str]) -> tuple[list[Row], Told]:
    """Return the rows that the filters let through, and each filter's options and choice."""
    rows = list(table.rows)
    told: Told = {}
    headings = [heading for heading in table.headings if roles[heading] == "filter"]
    # Periods last: the latest of what was chosen, rather than the latest of anything.
    for heading in sorted(headings, key=lambda each: simple(each) in _WORDS["times"]):
        at = table.headings.index(heading)
        options = Counter(row.cells[at] for row in rows)
        wanted = chosen.get(heading)
        if wanted is None or wanted not in options:
            wanted = _default(heading, list(options))
        told[heading] = (tuple(options.items()), wanted)
        rows = [row for row in rows if wanted is None or row.cells[at] == wanted]
    return rows, told


def _default(heading: str, options: Sequence[str]) -> str | None:
    """Return the latest period, the total or the only option; None where that must be asked."""
    timed = simple(heading) in _WORDS["times"]
    shapes = ("year", "period")
    dated = [o for o in options if shape_of(o) in shapes or (timed and period_of(o)[0])]
    if dated and (timed or len(dated) == len(options)):
        return max(dated, key=period_of)
    apply = [option for option in options if simple(option) not in _WORDS["never_options"]]
    totals = [option for option in apply if simple(option) in _WORDS["totals"]]
    parts = [option for option in apply if is_total(option)]
    if not totals and len(parts) > 1:
        return None
    first = totals or parts or [each for each in apply if simple(each) in _WORDS["first_options"]]
    return first[0] if first else apply[0] if len(apply) == 1 else None


def _chosen_notes(columns: Sequence[ColumnRead], chosen: Mapping[str, str]) -> list[str]:
    notes = []
    for column in (each for each in columns if each.role == "filter"):
        heading, wanted = quoted(column.heading, 30), chosen.get(column.heading, column.chosen)
        if wanted is not None and wanted != column.chosen:
            notes.append(note("no_option", text=quoted(wanted), column=heading))
        if len(column.options) > 1 and column.chosen is not None:
            text, options = quoted(column.chosen or "blank"), len(column.options)
            notes.append(note("told_apart", column=heading, text=text, options=options))
    return notes


def _passed_over(table: Table, roles: Roles, rows: Sequence[Row], heading: str) -> list[str]:
    """Name other columns of figures, and dates that tell the rows of postcodes not apart."""
    notes = []
    if heading and (others := [h for h in figure_columns(table) if roles[h] == "ignore"]):
        column = quoted(heading, 30)
        notes.append(note("other_figures", column=column, others=named(others, 6)))
    for n, each in enumerate(table.headings if "postcode" in roles.values() else ()):
        timed = simple(each) in _WORDS["times"] and roles[each] == "ignore"
        if timed and len({row.cells[n] for row in rows}) > 1:
            notes.append(note("all_dates", column=quoted(each, 30)))
    return notes


def _slipped(table: Table, rows: Sequence[Row], at: int) -> dict[int, Problem]:
    """Return rows where a number such as 1,210 seems to have spread over two columns."""
    if at + 1 >= len(table.headings):
        return {}
    # Judged by the whole column: where most rows have a figure there it is one of its own.
    beside = [row.cells[at + 1] for row in table.rows]
    read = {cell: read_number(cell).kind for cell in beside}
    right = [cell for cell in beside if read[cell] in ("number", "unread")]
    threes = [cell for cell in right if re.fullmatch(r"\d{3}", cell, re.ASCII)]
    if not threes or (len(threes) == len(right) and 2 * len(right) > len(table.rows)):
        return {}
    if sum(read[cell] == "number" for cell in right) > len(threes):
        return {}
    found = {}
    for number, cells in rows:
        first, second = cells[at : at + 2]
        if re.fullmatch(r"-?\d{1,3}", first) and re.fullmatch(r"\d{3}", second):
            said = fault("spread_number", first=first, second=second)
            found[number] = Problem(number, table.headings[at], *said)
    return found


# --- postcodes --------------------------------------------------------------------------------


def _postcode_rows(sheet: Sheet, choices: Choices) -> Extract:
    """Return the text of each row that may hold postcodes: of one column, or of all its cells."""
    records = sheet.records
    numbers = [at for at, record in enumerate(records) if any(map(str.strip, record))]
    if not numbers:
        raise refusal("no_postcodes")
    try:
        table = table_of(sheet, choices.heading_row)
    except RefusedError:
        table = None
    roles = guessed_roles(table, "postcodes", choices.roles) if table else {}
    heading = next((h for h, role in roles.items() if role == "postcode"), "")
    above = records[: table.heading_row] if table else []
    texts = [" | ".join(cell for cell in records[at] if cell.strip()) for at in numbers]
    _join_broken(texts)
    if table and heading and above and not any(postcodes_in(" ".join(row)) for row in above):
        found = _read(sheet, table, "postcodes")
        only = {each: role if each == heading else "ignore" for each, role in roles.items()}
        found = _with_rows(
            replace(found, columns=_columns(table, only)), table, table.rows, [heading]
        )
        unread = [h for h in table.headings if h != heading and _postcodes(table.column(h))]
        if heading in choices.roles or simple(heading) in _POSTCODES:
            said = f"Postcodes in other columns were not read: {named(unread)}."
            return replace(found, notes=[*found.notes, *([said] if unread else [])])
        seen = (t for at, t in zip(numbers, texts, strict=True) if at + 1 not in sheet.hidden)
        if _postcodes(found.cells[heading]) == _postcodes(seen):
            return found
    # Titles and headings are no postcodes; a first line with a digit may be one written wrongly.
    titles = {at for at, cells in enumerate(above) if not any(map(str.isdigit, "".join(cells)))}
    lines = [(at + 1, text) for at, text in zip(numbers, texts, strict=True) if at not in titles]
    lines = [(row, text) for row, text in lines if text]
    return Extract(
        kind="postcodes",
        sheet=sheet.name,
        sheets=sheet.sheets,
        rows=tuple(row for row, _ in lines),
        cells={"": tuple(text for _, text in lines)},
        notes=sheet.notes,
        total=len(lines),
    )


def _postcodes(texts: Iterable[str]) -> Counter[str]:
    return Counter(postcode for text in texts for postcode in postcodes_in(text))


def _join_broken(texts: list[str]) -> None:
    """Put a postcode together whose two parts stand on two lines; the second is then blank."""
    for at, (first, second) in enumerate(pairwise(texts)):
        joined = f"{first} {second}"
        if not postcodes_in(first) and not postcodes_in(second) and postcodes_in(joined):
            texts[at : at + 2] = [joined, ""]
