"""The published columns, as declared in ``columns.toml``."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, Self, cast

from pydantic import ValidationInfo, model_validator
from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, among, keyed, read_declaration
from atlas.catalogue.sources import Source, declared_sources

Unit = Literal["code", "text", "people", "households", "count", "share", "score", "km", "hours"]
Direction = Literal["more", "less", "none"]
Aggregate = Literal["sum", "mean", "none"]
# "derived" columns are in no file: the app computes them from the others when it starts.
Table = Literal[
    "wards",
    "lsoas",
    "libraries",
    "councils",
    "walking_lsoas",
    "walking_wards",
    "lookup_lsoa_2011",
    "lookup_msoa",
    "derived",
]

# What the name of a visitor's own measure begins with; it is no declared column.
OWN = "own_"


@dataclass(frozen=True, config=STRICT)
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
    sources: tuple[Annotated[str, among(declared_sources, "there is no source '{}'")], ...]
    tables: tuple[Table, ...]
    theme: str = ""
    measure: bool = False
    aggregate: Aggregate = "none"
    weight: str = ""
    count: str = ""
    total: str = ""
    may_be_missing: tuple[Table, ...] = ()
    decimals: int = 0
    shown: int = 0
    floor: int = 0
    credit: str = ""
    cut: bool = False

    @model_validator(mode="after")
    def _agrees(self, info: ValidationInfo) -> Self:
        # A visitor's own measure is in no file, and is not tried against one.
        if info.context is None:
            return self
        names, problems = set(info.context), []
        if not (self.label and self.short and self.definition):
            problems.append("label, short and definition may not be empty")
        if self.aggregate == "mean" and self.weight not in names:
            problems.append("a weighted mean must name a declared weight column")
        if (self.count or self.total) and not {self.count, self.total} <= names:
            problems.append("a rate must name its declared count and total")
        elif self.count and (self.aggregate, self.weight) != ("mean", self.total):
            problems.append("a rate is averaged by its total: leave out aggregate and weight")
        if self.measure and not self.theme:
            problems.append("a measure needs a theme to be listed under")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def direction_in_words(self) -> str:
        """The direction as every legend and table header says it."""
        return {"more": "higher = more need", "less": "higher = less need", "none": ""}[self.need]


def _arranged(table: dict[str, Any]) -> dict[str, Any]:
    entries = keyed(table, "name")
    for entry in entries.values():
        if isinstance(entry, dict) and "count" in entry and "aggregate" not in entry:
            # Larger areas' rates are again the sum of counts over the sum of totals.
            entry |= {"aggregate": "mean", "weight": entry.get("total", "")}
    return entries


@cache
def declared_columns(text: str | None = None) -> dict[str, Column]:
    """Return columns by name, declared or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(dict[str, Column], __file__, _arranged, text)


def columns_of(table: str) -> list[Column]:
    """Return the columns of one table ('wards', 'lsoas' or 'libraries') in published order."""
    return [column for column in declared_columns().values() if table in column.tables]


def rates() -> list[Column]:
    """Return the columns that are one column over another (``count`` over ``total``), in order."""
    return [column for column in declared_columns().values() if column.count]


def behind_measures(sources: Mapping[str, Source]) -> list[Source]:
    """Return the sources that figures of wards come from; others hold names and outlines."""
    keys = {key for column in measures() for key in column.sources}
    return [source for key, source in sources.items() if key in keys]


def measures() -> list[Column]:
    """Return the columns that can be mapped and ranked, in published order."""
    return [column for column in declared_columns().values() if column.measure]


def measure_named(name: str | None) -> Column:
    """Return the measure called ``name``, or the risk score where there is no such measure."""
    column = declared_columns().get(name or "")
    return column if column and column.measure else declared_columns()["risk_score"]


def shown_bound(column: Column, value: float) -> str:
    """Write the bound of a class of values; of a withheld count, the most that it can be."""
    if 0 < value < column.floor:
        value = column.floor - 1
    return shown(replace(column, floor=0), value)


def averaged(column: Column) -> Column:
    """Return a column as a mean of wards is written: it is in no class, and so is not cut.

    >>> column = declared_columns()["risk_score"]
    >>> shown(column, 49.98), shown(averaged(column), 49.98)
    ('49', '50')
    """
    return replace(column, cut=False)


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
        step = 10.0**column.shown
        number = math.floor(number * step + 1e-9) / step
    suffix = {"km": " km", "hours": " hours"}.get(column.unit, "")
    # Adding zero after rounding keeps a tiny negative from being written as -0.
    return f"{round(number, column.shown) + 0.0:,.{column.shown}f}{suffix}"
