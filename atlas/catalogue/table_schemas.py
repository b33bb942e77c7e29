"""What each table of the open datastore holds: its columns, types, units, bounds and keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from atlas.catalogue.columns import Unit, declared_columns
from atlas.text.texts import texts

Format = Literal["csv", "parquet", "gpkg", "geojson"]
Kind = Literal["string", "integer", "number", "boolean"]

_VALUES = texts(__file__)
_COUNTED = ("people", "households", "count", "km", "hours", "metres")
# Numbers that are places on the Earth: they may be below zero.
_SIGNED = ("longitude", "latitude")


@dataclass(frozen=True)
class Entry:
    """One column of a datastore table: what the codebook says of it.

    ``kind`` is its Frictionless type. ``need`` is the direction in words, "" where it says
    nothing about need. ``sources`` are keys of ``sources.toml``.
    """

    name: str
    title: str
    description: str
    unit: str
    kind: Kind
    need: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of the datastore.

    ``frame`` makes its rows: declared columns in order, missing as null, and for a table with
    outlines or points a ``geometry`` in EPSG:4326. ``links`` are (column, table) pairs: the
    column's values are keys of that table. ``leaves_out`` says why a format is not offered.
    """

    name: str
    title: str
    description: str
    entries: tuple[Entry, ...]
    formats: tuple[Format, ...]
    frame: Callable[[], pd.DataFrame]
    key: str
    links: tuple[tuple[str, str], ...] = ()
    leaves_out: str = ""
    sources: tuple[str, ...] = ()

    def file(self, format_: Format) -> str:
        """Return the name of the file of one format, such as ``wards.csv``."""
        return f"{self.name}.{format_}"

    def is_placed(self, format_: Format) -> bool:
        """Tell whether the file of one format holds outlines or points.

        A table with a CSV has them in its geographic formats only; Parquet stays a plain table.
        """
        plain = ("csv", "parquet") if "csv" in self.formats else ("csv",)
        return "gpkg" in self.formats and format_ not in plain


def entry_of(name: str) -> Entry:
    """Return the codebook entry of a declared column. Raises ``KeyError``."""
    column = declared_columns()[name]
    kind = "boolean" if name in _VALUES["yes_or_no"] else kind_of(column.unit, column.decimals)
    told = name, column.label, column.definition, column.unit, kind
    return Entry(*told, column.direction_in_words, column.sources)


def kind_of(unit: Unit, decimals: int = 0) -> Kind:
    """Return the Frictionless type of a unit kept with so many decimals."""
    if unit in ("code", "text"):
        return "string"
    if unit in ("people", "households", "count") and not decimals:
        return "integer"
    return "number"


def schema(table: Table) -> dict[str, Any]:
    """Return a table's Frictionless schema: types, units, directions, constraints, keys."""
    keys = [
        {"fields": [column], "reference": {"resource": f"{other}.csv", "fields": [column]}}
        for column, other in table.links
    ]
    return {
        "fields": [_field(entry, entry.name == table.key) for entry in table.entries],
        "missingValues": [""],
        "primaryKey": [table.key],
        **({"foreignKeys": keys} if keys else {}),
    }


def _field(entry: Entry, is_key: bool) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True, "unique": True} if is_key else {}
    for name, said in (("pattern", _VALUES["patterns"]), ("enum", _VALUES["choices"])):
        if entry.name in said:
            constraints[name] = said[entry.name]
    if entry.unit == "share":
        constraints |= {"minimum": 0, "maximum": 1}
    elif entry.unit in _COUNTED and entry.name not in _SIGNED:
        constraints["minimum"] = 0
    field: dict[str, Any] = {
        "name": entry.name,
        "type": entry.kind,
        "title": entry.title,
        "description": entry.description,
        "unit": entry.unit,
    }
    if entry.kind == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    if entry.need:
        field["direction"] = entry.need
    if entry.sources:
        field["sources"] = list(entry.sources)
    return field | ({"constraints": constraints} if constraints else {})


def as_declared(frame: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """Return the declared columns with the declared types; missing and blank become null."""
    return pd.DataFrame({entry.name: _column(frame[entry.name], entry) for entry in entries})


def _column(values: pd.Series, entry: Entry) -> pd.Series:
    if entry.kind == "string":
        return values.astype(object).where(values.notna() & (values != ""), None)
    if entry.kind == "boolean":
        return values.map({"true": True, "false": False}).astype("boolean")
    numbers = values.astype(float)
    return numbers if entry.kind == "number" else numbers.astype("Int64")
