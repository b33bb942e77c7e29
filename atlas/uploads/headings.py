"""What brought tables may hold: columns by the headings that people give them."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from atlas.catalogue.sources import DeclarationError

_FOLDER = Path(__file__).parent
KINDS = ("text", "yes or text", "hours", "number", "day", "code")


@dataclass(frozen=True)
class BroughtColumn:
    """One column that is read, as ``venue_columns.toml`` and ``area_columns.toml`` describe it."""

    key: str
    heading: str
    kind: str
    note: str
    also: tuple[str, ...] = ()
    longest: int = 0
    example: str = ""
    shape: str = ""


def parse(text: str) -> dict[str, BroughtColumn]:
    """Read declarations from TOML text, by key.

    Raises :class:`DeclarationError` for an unknown or missing field, an unknown kind, a text
    without a length, or a heading that two columns claim.
    """
    known = {field.name for field in fields(BroughtColumn)}
    columns: dict[str, BroughtColumn] = {}
    claimed: dict[str, str] = {}
    for key, entry in tomllib.loads(text).items():
        if unknown := set(entry) - known:
            raise DeclarationError(f"column '{key}' has unknown fields: {sorted(unknown)}")
        try:
            column = BroughtColumn(key=key, **{**entry, "also": tuple(entry.get("also", ()))})
        except TypeError as error:
            raise DeclarationError(f"column '{key}': {error}") from error
        if column.kind not in KINDS or ("text" in column.kind) != bool(column.longest):
            raise DeclarationError(f"column '{key}': unknown kind, or a text without a length")
        for heading in (column.heading, *column.also):
            other = claimed.setdefault(simple(heading), key)
            if other != key:
                raise DeclarationError(f"'{heading}' is claimed by '{other}' and '{key}'")
        columns[key] = column
    return columns


def declared(name: str) -> dict[str, BroughtColumn]:
    """Return the columns of one declaration: ``venue_columns`` or ``area_columns``."""
    return parse((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def simple(heading: str) -> str:
    """Return a heading without what does not matter: case, brackets, hyphens, underscores."""
    return " ".join(re.sub(r"[\W_]+", " ", heading.casefold()).split())


def recognised(headings: Sequence[str], columns: Mapping[str, BroughtColumn]) -> dict[str, str]:
    """Return which heading stands for which declared column: {key: heading as given}.

    Where two headings mean the same column, the first one counts.
    """
    keys = {
        simple(name): key
        for key, column in columns.items()
        for name in (column.heading, *column.also)
    }
    found: dict[str, str] = {}
    for heading in headings:
        key = keys.get(simple(heading))
        if key and key not in found:
            found[key] = heading
    return found
