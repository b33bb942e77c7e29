"""What brought tables may hold: columns by the headings that people give them."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, DeclarationError, keyed, read_declaration

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, config=STRICT)
class BroughtColumn:
    """One column that is read, as ``venue_columns.toml`` and ``area_columns.toml`` describe it."""

    key: str
    heading: str
    kind: Literal["text", "yes or text", "hours", "number", "day", "code"]
    note: str
    also: tuple[str, ...] = ()
    longest: int = 0
    example: str = ""
    shape: str = ""

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if ("text" in self.kind) != bool(self.longest):
            raise ValueError("a text, and nothing else, has a length in `longest`")
        return self


def parse(text: str, path: Path) -> dict[str, BroughtColumn]:
    """Read declarations from TOML text, by key; ``path`` names the file.

    Raises :class:`DeclarationError` with every fault, or for a heading that two columns claim.
    """
    columns = read_declaration(dict[str, BroughtColumn], path, keyed, text)
    claimed: dict[str, str] = {}
    for key, column in columns.items():
        for heading in (column.heading, *column.also):
            if (other := claimed.setdefault(simple(heading), key)) != key:
                raise DeclarationError(f"{path.name}: {key}: '{other}' has '{heading}' already")
    return columns


def declared(name: str) -> dict[str, BroughtColumn]:
    """Return the columns of one declaration: ``venue_columns`` or ``area_columns``."""
    path = _FOLDER / f"{name}.toml"
    return parse(path.read_text(encoding="utf-8"), path)


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
