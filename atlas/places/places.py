"""England's places as the Atlas names them: regions, combined authorities, authorities, wards.

Everything is derived from the ward table, so a place exists exactly when it has wards.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["country", "region", "combined authority", "authority", "ward"]

ENGLAND = "E92000001"

# How a reader hears each kind named.
KIND_WORDS: dict[Kind, str] = {
    "country": "country",
    "region": "region",
    "combined authority": "combined authority",
    "authority": "council",
    "ward": "ward",
}
_LEVELS: tuple[tuple[Kind, str], ...] = (
    ("region", "region"),
    ("combined authority", "combined_authority"),
    ("authority", "authority"),
)


@dataclass(frozen=True)
class Place:
    """One place. ``label`` tells apart places that share a name: 'North East (region)'."""

    code: str
    name: str
    kind: Kind
    label: str


def natural(name: str) -> str:
    """Return an official name in the order that it is said: 'Bristol, City of' -> 'City of ...'.

    Names that are not turned round stay as they are.
    """
    start, comma, end = name.rpartition(", ")
    return f"{end} {start}" if comma and end.endswith(" of") else name


class Places:
    """Every place with its wards, its parents and its children.

    Built from the ward table (one row per ward, any order). Positions are row numbers of that
    table.
    """

    def __init__(self, wards: pd.DataFrame) -> None:
        self._wards = wards
        self._count = len(wards)
        self._positions: dict[str, np.ndarray] = {ENGLAND: np.arange(self._count)}
        self._places = {ENGLAND: Place(ENGLAND, "England", "country", "England")}
        for kind, prefix in _LEVELS:
            self._add_level(kind, prefix)
        self._label_twins()
        # What holds a place never changes, and a profile asks for it once for each measure.
        self._holders: dict[str, tuple[Place, ...]] = {}
        self._ward_row = {code: row for row, code in enumerate(wards["ward_code"])}
        self._parents = {
            prefix: wards[f"{prefix}_code"].to_numpy(dtype=object) for _, prefix in _LEVELS
        }
        self._ward_names = wards["ward_name"].to_numpy(dtype=object)
        self._authority_names = wards["authority_name"].to_numpy(dtype=object)

    def _add_level(self, kind: Kind, prefix: str) -> None:
        codes = self._wards[f"{prefix}_code"]
        for code, rows in self._wards.groupby(codes, sort=True).indices.items():
            if code:
                name = natural(str(self._wards[f"{prefix}_name"].iloc[rows[0]]))
                self._places[str(code)] = Place(str(code), name, kind, name)
                self._positions[str(code)] = np.sort(np.asarray(rows))

    def _label_twins(self) -> None:
        names = pd.Series([place.name for place in self._places.values()])
        shared = set(names[names.duplicated()])
        for code, place in self._places.items():
            if place.name in shared:
                label = f"{place.name} ({KIND_WORDS[place.kind]})"
                self._places[code] = Place(code, place.name, place.kind, label)

    def __contains__(self, code: object) -> bool:
        return code in self._places or code in self._ward_row

    def __getitem__(self, code: str) -> Place:
        """Return one place. A ward is labelled with its council: 'Castle, Bedford'.

        Raises ``KeyError`` for a code that has no wards in the table.
        """
        if code in self._places:
            return self._places[code]
        row = self._ward_row[code]
        name = str(self._ward_names[row])
        council = natural(str(self._authority_names[row]))
        return Place(code, name, "ward", f"{name}, {council}")

    def areas(self) -> list[Place]:
        """Return every place that is not a ward: England, regions, combined authorities, ..."""
        return list(self._places.values())

    def is_area(self, code: str) -> bool:
        """Tell whether the code is a known place above the ward."""
        return code in self._places

    def is_ward(self, code: str) -> bool:
        """Tell whether the code is a known ward."""
        return code in self._ward_row

    def row(self, ward_code: str) -> int:
        """Return the row number of one ward in the ward table. Raises ``KeyError``."""
        return self._ward_row[ward_code]

    def positions(self, code: str) -> np.ndarray:
        """Return the row numbers of a place's wards, ascending. Raises ``KeyError``."""
        if code in self._ward_row:
            return np.array([self._ward_row[code]])
        return self._positions[code]

    def within(self, inner: str, outer: str) -> bool:
        """Tell whether every ward of ``inner`` is a ward of ``outer``."""
        return bool(np.isin(self.positions(inner), self.positions(outer)).all())

    def trail(self, code: str) -> list[Place]:
        """Return the way down to a place: England, ..., the place itself.

        An authority hangs below its combined authority, or below its region where it has none:
        the bodies that act, not the statistical ladder.
        """
        place = self[code]
        steps = [self[ENGLAND]]
        if place.kind in ("authority", "ward"):
            row = self.positions(code)[0]
            upper = self._parents["combined_authority"][row] or self._parents["region"][row]
            steps.append(self[upper])
            if place.kind == "ward":
                steps.append(self[self._parents["authority"][row]])
        return steps if code == ENGLAND else [*steps, place]

    def containing(self, code: str) -> list[Place]:
        """Return every area that holds the place, smallest kind first and England last.

        Unlike :meth:`trail` this gives both the combined authority and the region. An area
        above the ward does not contain itself.
        """
        if code not in self._holders:
            self._holders[code] = tuple(self._found_to_contain(code))
        return list(self._holders[code])

    def _found_to_contain(self, code: str) -> list[Place]:
        row = self.positions(code)[0]
        found = [
            self[self._parents[prefix][row]]
            for kind, prefix in reversed(_LEVELS)
            if self._parents[prefix][row]
        ]
        holders = [area for area in found if area.code != code and self.within(code, area.code)]
        return holders if code == ENGLAND else [*holders, self[ENGLAND]]

    def children(self, code: str) -> list[Place]:
        """Return the next places down, by name.

        England's are its combined authorities and then its regions; a region's or a combined
        authority's are its authorities; an authority's are its wards.
        """
        place = self[code]
        if place.kind == "country":
            upper = [p for p in self._places.values() if p.kind in ("combined authority", "region")]
            return sorted(upper, key=lambda p: (p.kind, p.name))
        if place.kind == "ward":
            return []
        rows = self.positions(code)
        if place.kind == "authority":
            codes = self._wards["ward_code"].to_numpy(dtype=object)[rows]
        else:
            codes = pd.unique(self._parents["authority"][rows])
        return sorted((self[c] for c in codes), key=lambda p: (p.name, p.code))
