"""England's places as the Atlas names them: regions, counties, authorities, wards and others.

What a place holds comes from the ward table, so a place exists exactly when it has wards.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from atlas.arrays import Bools
from atlas.places.areas import declared_areas

Kind = Literal[
    "country", "region", "combined authority", "county", "future council", "authority", "ward"
]

ENGLAND = "E92000001"

# How a reader hears each kind named.
KIND_WORDS: dict[Kind, str] = {kind: kind for kind in get_args(Kind)} | {
    "future council": "council to come",
    "authority": "council",
}
# Those that the ward table names, in columns such as "combined_authority_code".
_LEVELS: tuple[Kind, ...] = ("region", "combined authority", "county", "authority")


@dataclass(frozen=True)
class Place:
    """One place.

    ``label`` tells apart places that share a name, and says what is not in force yet: "North East
    (region)", "Greater Essex (proposed)". ``standing`` says whether a declared area is in force.
    """

    code: str
    name: str
    kind: Kind
    label: str
    standing: str = ""

    @property
    def labelled_with_kind(self) -> str:
        """The label with the kind of place behind it: "Kent · county"; a ward has its council."""
        kind = KIND_WORDS[self.kind]
        plain = self.label.removesuffix(f" ({kind})")
        return self.label if self.kind == "ward" else f"{plain} · {kind}"


def natural(name: str) -> str:
    """Return an official name as people say it: "Bristol, City of" -> "Bristol"."""
    start, comma, end = name.rpartition(", ")
    said = start if comma and end.endswith(" of") else name.replace("St. ", "St ")
    return "Hull" if said == "Kingston upon Hull" else said


class Places:
    """Every place with its wards, its parents and its children, from the ward table (one row per
    ward, any order). Positions are row numbers of that table.
    """

    def __init__(self, wards: pd.DataFrame) -> None:
        self._wards = wards
        self._count = len(wards)
        self._positions: dict[str, np.ndarray] = {ENGLAND: np.arange(self._count)}
        self._places = {ENGLAND: Place(ENGLAND, "England", "country", "England")}
        self._parents: dict[Kind, np.ndarray] = {}
        for kind in _LEVELS:
            self._add_level(kind)
        self._add_areas_without_a_level()
        self._label_twins()
        # What holds a place never changes, and a profile asks for it once for each measure.
        self._holders: dict[str, tuple[Place, ...]] = {}
        self._ward_codes, self._ward_names, self._authority_names = (
            wards[name].to_numpy(dtype=object)
            for name in ("ward_code", "ward_name", "authority_name")
        )
        self._ward_row = {code: row for row, code in enumerate(self._ward_codes)}

    def _add_level(self, kind: Kind) -> None:
        prefix = kind.replace(" ", "_")
        self._parents[kind] = self._wards[f"{prefix}_code"].to_numpy(dtype=object, copy=True)
        for code, rows in self._wards.groupby(f"{prefix}_code").indices.items():
            if code:
                name = natural(str(self._wards[f"{prefix}_name"].iloc[rows[0]]))
                declared = declared_areas().get(str(code))
                standing = declared.standing if declared else ""
                self._places[str(code)] = Place(str(code), name, kind, name, standing)
                self._positions[str(code)] = np.sort(np.asarray(rows))

    def _add_areas_without_a_level(self) -> None:
        """Add the declared areas that no column names, where all their councils have wards."""
        councils = self._parents["authority"]
        for code, area in declared_areas().items():
            inside = np.isin(councils, area.councils)
            if not area.councils or set(councils[inside]) < set(area.councils):
                continue
            label = f"{area.name} ({area.note})" if area.note else area.name
            self._places[code] = Place(code, area.name, area.kind, label, area.standing)
            self._positions[code] = np.flatnonzero(inside)
            if area.kind == "combined authority" and area.status == "in force":
                self._parents["combined authority"][inside] = code

    def _label_twins(self) -> None:
        names = pd.Series([place.name for place in self._places.values()])
        shared = set(names[names.duplicated()])
        for code, place in self._places.items():
            if place.name in shared and place.label == place.name:
                label = f"{place.name} ({KIND_WORDS[place.kind]})"
                self._places[code] = replace(place, label=label)

    def __contains__(self, code: object) -> bool:
        return code in self._places or code in self._ward_row

    def __getitem__(self, code: str) -> Place:
        """Return one place, a ward with its council: 'Castle, Bedford'. Raises ``KeyError``."""
        if code in self._places:
            return self._places[code]
        row = self._ward_row[code]
        name = str(self._ward_names[row])
        council = natural(str(self._authority_names[row]))
        return Place(code, name, "ward", f"{name}, {council}")

    def areas(self) -> list[Place]:
        """Return every place that is not a ward: England, regions, counties, authorities, ..."""
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

    def inside(self, *codes: str) -> Bools:
        """Return which rows of the ward table lie in one of some places. Raises ``KeyError``."""
        marked = np.zeros(self._count, dtype=bool)
        for code in codes:
            marked[self.positions(code)] = True
        return marked

    def wards(self, code: str) -> list[str]:
        """Return the codes of a place's wards, in the order of the table. Raises ``KeyError``."""
        return list(self._ward_codes[self.positions(code)])

    def within(self, inner: str, outer: str) -> bool:
        """Tell whether every ward of ``inner`` is a ward of ``outer``."""
        return bool(np.isin(self.positions(inner), self.positions(outer)).all())

    def trail(self, code: str) -> list[Place]:
        """Return the way down to a place: England, ..., the place itself.

        An authority hangs below its county, and that below its combined authority, or below its
        region where it has none: the bodies that act, not the statistical ladder.
        """
        place = self[code]
        if place.kind in ("country", "region", "combined authority"):
            return [self[ENGLAND], *([] if code == ENGLAND else [place])]
        row = self.positions(code)[0]
        upper = self._parents["combined authority"][row] or self._parents["region"][row]
        above = [ENGLAND, upper, self._parents["county"][row]]
        if place.kind == "ward":
            above.append(self._parents["authority"][row])
        return [*(self[step] for step in above if step and step != code), place]

    def containing(self, code: str) -> list[Place]:
        """Return every area that holds the place, smallest kind first and England last.

        Unlike :meth:`trail` this gives both the combined authority and the region. An area
        above the ward does not contain itself, and what is not in force yet contains nothing.
        """
        if code not in self._holders:
            row = self.positions(code)[0]
            found = [self._parents[kind][row] for kind in reversed(_LEVELS)] + [ENGLAND]
            holders = [c for c in found if c and c != code and self.within(code, c)]
            self._holders[code] = tuple(self._places[c] for c in holders)
        return list(self._holders[code])

    def children(self, code: str) -> list[Place]:
        """Return the next places down, by name.

        England's are its combined authorities, counties, regions and councils to come; an
        authority's are its wards; every other area's are its authorities.
        """
        kind, rows = self[code].kind, self.positions(code)
        if kind == "country":
            kinds = ("combined authority", "county", "region", "future council")
            upper = [p for p in self._places.values() if p.kind in kinds]
            return sorted(upper, key=lambda p: (kinds.index(p.kind), p.name))
        if kind == "ward":
            return []
        below = self._ward_codes if kind == "authority" else self._parents["authority"]
        return sorted((self[c] for c in set(below[rows])), key=lambda p: (p.name, p.code))
