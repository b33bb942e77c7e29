"""The published columns, as declared in ``columns.toml``."""

import math
import tomllib
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Literal, cast

from atlas.catalogue.sources import DeclarationError, declared_sources

_DECLARATION = Path(__file__).with_name("columns.toml")

Unit = Literal["code", "text", "people", "households", "count", "share", "score", "km", "hours"]
Direction = Literal["more", "less", "none"]
Aggregate = Literal["sum", "mean", "none"]

# What the name of a visitor's own measure begins with; it is no declared column.
OWN = "own_"

UNITS = ("code", "text", "people", "households", "count", "share", "score", "km", "hours")
# "derived" columns are in no file: the app computes them from the others when it starts.
TABLES = ("wards", "lsoas", "libraries", "derived")


@dataclass(frozen=True)
class Column:
    """One published column. The first of ``sources`` is the file that it is read from.

    ``need`` says what a higher value means: ``more`` need, ``less`` need, or ``none`` (it says
    nothing about need). ``sources`` are keys of ``sources.toml``. ``measure`` columns can be
    mapped and ranked. ``aggregate`` says how a larger area's figure is made from its wards: a
    ``sum``, or a ``mean`` weighted by the column named in ``weight``. A rate that is one published
    column over another names them in ``count`` and ``total``, and is the count's sum over the
    total's. ``may_be_missing`` are the tables whose areas may lack it. ``decimals`` is how many
    decimals the snapshot keeps; ``shown`` how many a page shows (of a share: of its percentage).

    A ``cut`` column is written cut to its decimals, not rounded, so that a value below a bound is
    never written as the bound. A visitor's own measure names no source but a ``credit`` in words.
    Its counts above 0 and below ``floor`` are withheld: only that they are fewer is said.
    """

    name: str
    label: str
    short: str
    unit: Unit
    need: Direction
    definition: str
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    theme: str = ""
    measure: bool = False
    aggregate: Aggregate = "none"
    weight: str = ""
    count: str = ""
    total: str = ""
    may_be_missing: tuple[str, ...] = ()
    decimals: int = 0
    shown: int = 0
    floor: int = 0
    credit: str = ""
    cut: bool = False

    @property
    def direction_in_words(self) -> str:
        """The direction as every legend and table header says it."""
        return {"more": "higher = more need", "less": "higher = less need", "none": ""}[self.need]


def parse(text: str) -> dict[str, Column]:
    """Read declarations from TOML text.

    Returns a dictionary from column name to :class:`Column`, in the order of the text. Raises
    :class:`DeclarationError` for an unknown or missing field, an unknown unit, table or source
    key, a weighted mean without a declared weight, or a rate without a count and a total.
    """
    known = {field.name for field in fields(Column)}
    entries = tomllib.loads(text)
    columns = {}
    for name, entry in entries.items():
        unknown = set(entry) - known
        if unknown:
            raise DeclarationError(f"column '{name}' has unknown fields: {sorted(unknown)}")
        lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
        try:
            column = Column(name=name, **{**entry, **lists})
        except TypeError as error:
            raise DeclarationError(f"column '{name}': {error}") from error
        if column.count and column.aggregate == "none":
            # Larger areas' rates are again the sum of counts over the sum of totals.
            column = replace(column, aggregate="mean", weight=column.total)
        _refuse_contradictions(column, set(entries))
        columns[name] = column
    return columns


def _refuse_contradictions(column: Column, names: set[str]) -> None:
    problems = [
        f"unknown source '{key}'" for key in column.sources if key not in declared_sources()
    ]
    tables = (*column.tables, *column.may_be_missing)
    problems += [f"unknown table '{table}'" for table in tables if table not in TABLES]
    if column.unit not in UNITS:
        problems.append(f"unknown unit '{column.unit}'")
    if column.need not in ("more", "less", "none"):
        problems.append(f"unknown direction '{column.need}'")
    if not (column.label and column.short and column.definition):
        problems.append("label, short and definition may not be empty")
    if column.aggregate == "mean" and column.weight not in names:
        problems.append("a weighted mean must name a declared weight column")
    if (column.count or column.total) and not {column.count, column.total} <= names:
        problems.append("a rate must name its declared count and total")
    elif column.count and (column.aggregate, column.weight) != ("mean", column.total):
        problems.append("a rate is averaged by its total: leave out aggregate and weight")
    if column.measure and not column.theme:
        problems.append("a measure needs a theme to be listed under")
    if problems:
        raise DeclarationError(f"column '{column.name}': " + "; ".join(problems))


@cache
def declared_columns() -> dict[str, Column]:
    """Return every published column, by name."""
    return parse(_DECLARATION.read_text(encoding="utf-8"))


def columns_of(table: str) -> list[Column]:
    """Return the columns of one table ('wards', 'lsoas' or 'libraries') in published order."""
    return [column for column in declared_columns().values() if table in column.tables]


def rates() -> list[Column]:
    """Return the columns that are one column over another (``count`` over ``total``), in order."""
    return [column for column in declared_columns().values() if column.count]


def measures() -> list[Column]:
    """Return the columns that can be mapped and ranked, in published order."""
    return [column for column in declared_columns().values() if column.measure]


def measure_named(name: str | None, default: str = "risk_score") -> Column:
    """Return the measure called ``name``, or the default one where there is no such measure."""
    column = declared_columns().get(name or "")
    return column if column and column.measure else declared_columns()[default]


def cut_off(value: float, decimals: int) -> float:
    """Return a value with the decimals that follow cut away."""
    step = 10.0**decimals
    return math.floor(value * step + 1e-9) / step


def shown_bound(column: Column, value: float) -> str:
    """Write the bound of a class of values; of a withheld count, the most that it can be."""
    if 0 < value < column.floor:
        value = column.floor - 1
    return shown(replace(column, floor=0), value)


def shown(column: Column, value: float | int | str | None) -> str:
    """Write one value as every page shows it: '34%', '1.2 km', '1,204', or 'no data'."""
    if value is None or value != value:
        return "no data"
    if column.unit in ("code", "text"):
        return str(value)
    number = cast(float, value)
    if 0 < number < column.floor:
        return f"fewer than {column.floor}"
    if column.unit == "share":
        percent = number * 100
        # Under 10% one decimal still means something; above it is noise.
        return f"{percent:.{1 if 0 < percent < 9.95 else 0}f}%"
    if column.cut:
        number = cut_off(number, column.shown)
    suffix = {"km": " km", "hours": " hours"}.get(column.unit, "")
    # Adding zero after rounding keeps a tiny negative from being written as -0.
    return f"{round(number, column.shown) + 0.0:,.{column.shown}f}{suffix}"
