"""What people call places: names that the Atlas declares, and those that a snapshot holds."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import Field
from pydantic.dataclasses import dataclass as declared

from atlas.catalogue.declarations import STRICT, Text, read_declaration

PLACE_NAMES = "place_names.csv"
NameKind = Literal["council", "former council", "town", "neighbourhood"]


@declared(frozen=True, config=STRICT)
class KnownAs:
    """Names that find places, best first, and the sentence that is said with what they find."""

    names: tuple[Text, ...]
    places: tuple[Text, ...]
    note: str = ""


@declared(frozen=True, config=STRICT)
class Names:
    """What ``names.toml`` declares. ``successors`` are where the people of a code are now;
    ``outside`` and ``border`` are postcode areas by country.
    """

    known_as: Annotated[tuple[KnownAs, ...], Field(validation_alias="name")]
    successors: dict[str, tuple[Text, ...]]
    outside: dict[str, tuple[Text, ...]]
    border: dict[str, tuple[Text, ...]]


@cache
def declared_names() -> Names:
    """Return the declared names and successors. Raises :class:`DeclarationError`."""
    return read_declaration(Names, __file__)


@dataclass(frozen=True)
class PlaceName:
    """A name of ``place_names.csv``. ``places`` are the codes that it leads to, best first."""

    name: str
    kind: NameKind
    places: tuple[str, ...]


def read_place_names(path: Path) -> tuple[PlaceName, ...]:
    """Read the snapshot's ``place_names.csv``; empty where a snapshot has none."""
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            PlaceName(row["name"], cast(NameKind, row["kind"]), tuple(row["places"].split()))
            for row in csv.DictReader(file)
        )
