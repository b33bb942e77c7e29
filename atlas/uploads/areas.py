"""Which areas the rows of a brought table are about, and how their figures become wards'."""

import difflib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.places.names import PLACE_NAMES, PlaceName, declared_names, read_place_names
from atlas.places.places import natural
from atlas.places.postcodes import PostcodeHit, Postcodes
from atlas.snapshot.ended_wards import EndedWard
from atlas.snapshot.snapshot import Snapshot
from atlas.text.postcode_text import meant_postcodes, normalised, postcodes_in, spaced
from atlas.uploads.reading.cell_shapes import KINDS, shape_of
from atlas.uploads.reading.extract import Extract
from atlas.uploads.reading.roles import Role
from atlas.uploads.reading.table import Problem, quoted

Numbers = npt.NDArray[np.integer]
Way = Literal["ward", "lsoa", "msoa", "postcode", "district", "ward name"]
WAYS: dict[Way, str] = {
    "ward": "ward code",
    "lsoa": "LSOA code",
    "msoa": "MSOA code",
    "postcode": "postcode",
    "district": "postcode district",
    "ward name": "ward name",
}
# What the areas of one way are called, in the plural.
PLURALS: dict[Way, str] = {
    "ward": "wards",
    "lsoa": "LSOAs",
    "msoa": "MSOAs",
    "postcode": "postcodes",
    "district": "postcode districts",
    "ward name": "wards",
}
# What a code of each way is called, and how it begins.
_CODED: dict[Way, tuple[str, str]] = {
    "ward": ("ward", "E05"),
    "lsoa": ("LSOA", "E01"),
    "msoa": ("MSOA", "E02"),
}
OUTSIDE = -2
# The last code that was given before the small areas of 2021 were drawn.
_LAST_LSOA_OF_2011 = 33_768
_CODE = re.compile(r"[EWSNJKL]\d{8}")
_WORDS = {
    "output area": "a Census output area", "lsoa": "a small area (LSOA)", "ward": "a ward",
    "msoa": "a middle layer area (MSOA)", "parish": "a parish", "council": "a council",
    "county": "a county", "region": "a region", "constituency": "a constituency",
    "combined authority": "a combined authority", "country": "a country",
}  # fmt: skip
_UNSAID = frozenset(
    {"ward", "the", "borough", "council", "city", "district", "county", "metropolitan", "of",
     "royal", "london", "unitary", "authority", "mbc", "bc", "dc", "cc", "ua", "lb", "rb", "ed"}
)  # fmt: skip


@dataclass(frozen=True)
class Spread:
    """How figures of some areas become figures of others: a weight for each pair that overlaps.

    ``row`` numbers the areas given by code; ``source``, ``target`` and ``weight`` are one entry
    for each pair, ``size`` the number of targets. A count is shared out by weight, a rate is
    averaged by it.
    """

    row: Mapping[str, int]
    source: Numbers
    target: Numbers
    weight: Floats
    size: int

    def figures(self, values: Floats, adds: bool, covered: float) -> tuple[Floats, Bools]:
        """Return the targets' figures (NaN for none) and where too little of one was given.

        ``values`` are the sources' figures, NaN where there is none. A target has a figure where
        the sources given hold at least the share ``covered`` of its weight.
        """
        given = ~np.isnan(values)[self.source]
        known = np.bincount(self.target[given], self.weight[given], self.size)
        whole = np.bincount(self.target, self.weight, self.size)
        enough = (known > 0) & (known >= covered * whole * (1 - 1e-9))
        amount = values[self.source[given]] * self.weight[given]
        if adds:
            amount /= np.bincount(self.source, self.weight)[self.source[given]]
        total = np.bincount(self.target[given], amount, self.size)
        result = np.where(enough, total if adds else total / np.maximum(known, 1e-12), np.nan)
        return result, (known > 0) & ~enough

    def main_target(self) -> Numbers:
        """Return the target that holds most of each source, -1 for none."""
        order = np.lexsort((-self.weight, self.source))
        first, at = np.unique(self.source[order], return_index=True)
        found = np.full(len(self.row), -1)
        found[first] = self.target[order][at]
        return found

    def divided(self, sources: Numbers) -> float:
        """Return the share of these sources' weight that lies outside their main target."""
        among = np.isin(self.source, sources)
        whole = self.weight[among].sum()
        main = self.main_target()[self.source[among]] == self.target[among]
        return float(self.weight[among][~main].sum() / whole) if whole else 0.0


@dataclass(frozen=True, eq=False)
class Geography:
    """The areas of one snapshot: its tables ``wards`` and ``lsoas``, and its postcodes.

    ``ended`` are wards of older editions, by code. ``lsoas_2011`` has the small areas of 2011 that
    are none of 2021 (``LSOA11CD, LSOA21CD``) and ``msoas`` the middle layer areas (``MSOA21CD,
    MSOA21NM``), by the exact lookups of the Office for National Statistics: they never change.
    ``council_names`` are names that find councils, and ``districts_of`` counts the postcodes of
    each district by ward.
    """

    wards: pd.DataFrame
    lsoas: pd.DataFrame
    find_postcode: Callable[[str], PostcodeHit | None]
    ended: Mapping[str, EndedWard]
    council_names: Iterable[PlaceName] = ()
    districts_of: Callable[[], Iterable[tuple[str, str, int]]] = tuple
    lsoas_2011: pd.DataFrame = field(default_factory=lambda: _lookup("lsoas_of_2011"))
    msoa_names: pd.DataFrame = field(default_factory=lambda: _lookup("msoas"))

    @classmethod
    def of(cls, snapshot: Snapshot, postcodes: Postcodes) -> "Geography":
        """Return the areas of a snapshot."""
        return cls(
            snapshot.wards,
            snapshot.lsoas,
            postcodes.find,
            snapshot.ended,
            read_place_names(snapshot.path(PLACE_NAMES)),
            postcodes.by_district,
        )

    @cached_property
    def ward_row(self) -> dict[str, int]:
        """The row of each ward code."""
        return {code: row for row, code in enumerate(self.wards["ward_code"])}

    @cached_property
    def newest_ward(self) -> int:
        """The number of the newest ward code."""
        return max(int(code[3:]) for code in self.ward_row)

    @cached_property
    def _council_by_name(self) -> dict[str, str]:
        pairs = zip(self.wards["authority_code"], self.wards["authority_name"], strict=True)
        councils = [each for each in self.council_names if each.kind.endswith("council")]
        names = [(each.name, each.places) for each in councils]
        names += declared_names().successors.items()
        names += [(n, known.places) for known in declared_names().known_as for n in known.names]
        found = {compared(name): places[0] for name, places in names if len(places) == 1}
        for code, name in dict(pairs).items():
            for written in (code, name, natural(name)):
                found[_council_key(written)] = code
        return found

    def council_code(self, text: str) -> str:
        """Return the code of the council that a text names, "" for none."""
        known = self._council_by_name
        return known.get(_council_key(text), "") or known.get(compared(text), "")

    @cached_property
    def ward_by_name(self) -> dict[str, list[int]]:
        """The rows of the wards of each name as it is compared."""
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self.wards["ward_name"]):
            found.setdefault(compared(name), []).append(row)
        return found

    @cached_property
    def to_wards(self) -> Spread:
        """How small areas (LSOAs) become wards: each wholly the ward that fits it best."""
        ward = self.lsoas["ward_code"].map(self.ward_row).fillna(-1).to_numpy(dtype=int)
        people = self.lsoas["population"].fillna(0).clip(lower=1).to_numpy(dtype=float)
        source = np.flatnonzero(ward >= 0)
        row = {code: at for at, code in enumerate(self.lsoas["lsoa_code"])}
        return Spread(row, source, ward[source], people[source], len(self.wards))

    @cached_property
    def from_2011(self) -> Spread:
        """How changed small areas of 2011 become those of 2021: by residents, merged ones alike."""
        return self._of_lsoas(self.lsoas_2011["LSOA11CD"], self.lsoas_2011["LSOA21CD"])

    @cached_property
    def msoas(self) -> Spread:
        """How middle layer areas (MSOAs) become wards: by the residents of their LSOAs."""
        # A small area is called as its middle layer area, with a letter after it.
        code = dict(zip(self.msoa_names["MSOA21NM"], self.msoa_names["MSOA21CD"], strict=True))
        codes = self.lsoas["lsoa_name"].str[:-1].map(code)
        within = self._of_lsoas(codes.dropna(), self.lsoas["lsoa_code"][codes.notna()])
        ward = np.full(len(self.lsoas), -1)
        ward[self.to_wards.source] = self.to_wards.target
        kept = ward[within.target] >= 0
        return Spread(
            within.row,
            within.source[kept],
            ward[within.target[kept]],
            within.weight[kept],
            len(self.wards),
        )

    def _of_lsoas(self, codes: pd.Series, lsoas: pd.Series) -> Spread:
        """Return areas that are made of whole LSOAs, or that LSOAs are made of, by pairs."""
        known = lsoas.isin(self.to_wards.row)
        row = {str(code): at for at, code in enumerate(codes[known].drop_duplicates())}
        target = lsoas[known].map(self.to_wards.row).to_numpy(dtype=int)
        people = self.lsoas["population"].fillna(0).clip(lower=1).to_numpy(dtype=float)
        parts = np.bincount(target, minlength=len(self.lsoas))
        source = codes[known].map(row).to_numpy(dtype=int)
        return Spread(row, source, target, people[target] / parts[target], len(self.lsoas))

    @cached_property
    def districts(self) -> Spread:
        """How postcode districts become wards: by the number of their postcodes."""
        found = [each for each in self.districts_of() if each[1] in self.ward_row]
        row = {district: at for at, district in enumerate(dict.fromkeys(d for d, _, _ in found))}
        pairs = [(row[d], self.ward_row[ward], float(number)) for d, ward, number in found]
        return _spread(row, pairs, len(self.wards))

    @cached_property
    def from_ended(self) -> Spread:
        """How wards that ended become wards: by the share of their residents."""
        row = {code: at for at, code in enumerate(self.ended)}
        pairs = [
            (row[code], self.ward_row[ward], share)
            for code, each in self.ended.items()
            for ward, share in each.successors
            if ward in self.ward_row
        ]
        return _spread(row, pairs, len(self.wards))


def _spread(row: Mapping[str, int], pairs: Sequence[tuple[int, int, float]], size: int) -> Spread:
    source, target, weight = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Spread(
        row, np.array(source, dtype=int), np.array(target, dtype=int), np.array(weight), size
    )


def _lookup(name: str) -> pd.DataFrame:
    return pd.read_csv(Path(__file__).with_name(f"{name}.csv"), dtype=str)


def compared(name: str, unsaid: Collection[str] = ("ward", "the", "ed")) -> str:
    """Return a name without what people write in different ways.

    >>> compared("St. Ann's Ward"), compared("Saint Anns")
    ('st anns', 'st anns')
    """
    text = name.casefold().replace("&", " and ").replace("’", "").replace("'", "")
    words = re.sub(r"[\W_]+", " ", text).split()
    kept = [word for word in words if word not in unsaid]
    return " ".join("st" if word == "saint" else word for word in kept or words)


def _council_key(name: str) -> str:
    """Return a council's name without the kind of council that it is."""
    return compared(name, _UNSAID)


# --- the areas of the rows --------------------------------------------------------------------

_Said = tuple[str, str]


@dataclass(frozen=True)
class PlacedRows:
    """The areas of the rows of a table.

    ``at`` is each row's area (a row of the way's :class:`Spread`, or of the ward table), -1 where
    it has none and :data:`OUTSIDE` where it is outside the place in view. ``ward`` is the row of
    the ward that holds it, or most of it. ``earlier`` marks areas of an earlier year, numbered in
    their own spread. ``codes`` are the areas as they are written.
    """

    way: Way
    at: Numbers
    ward: Numbers
    earlier: Bools
    codes: tuple[str, ...]
    problems: tuple[Problem, ...]


def way_of(found: Extract) -> Way | None:
    """Return how a table names its areas, None where it does not."""
    if found.of("area_code"):
        starts = Counter(code[:3] for code in found.texts("area_code"))
        kinds = Counter[str]()
        for start, number in starts.items():
            kinds[KINDS.get(start, "")] += number
        most: Way = "ward"
        for way in _CODED:
            most = way if kinds[way] > kinds[most] else most
        return most
    if found.of("postcode"):
        shapes = Counter(map(shape_of, found.texts("postcode")))
        return "district" if shapes["district"] > shapes["postcode"] else "postcode"
    return "ward name" if found.of("area_name") else None


def placed(found: Extract, way: Way, areas: Geography, inside: Bools) -> PlacedRows:
    """Return the area of each row; ``inside`` marks the wards of the place in view."""
    role: Role = "area_name" if way == "ward name" else "postcode"
    role = "area_code" if way in _CODED else role
    heading = found.of(role)[0].heading
    place = _Places(areas, way, inside)
    answers: list[_Found] = []
    problems = []
    cells = zip(found.rows, found.texts(role), found.texts("council"), strict=True)
    for row, cell, council in cells:
        answer = place.find(cell, council)
        if len(answer) == 2:
            problems.append(Problem(row, heading, *answer))
            answer = (-1, -1, False, cell)
        elif not inside[answer[1]]:
            answer = (OUTSIDE, *answer[1:])
        answers.append(answer)
    return PlacedRows(
        way=way,
        at=np.array([answer[0] for answer in answers], dtype=int),
        ward=np.array([answer[1] for answer in answers], dtype=int),
        earlier=np.array([answer[2] for answer in answers], dtype=np.bool_),
        codes=tuple(answer[3] for answer in answers),
        problems=tuple(problems),
    )


_Found = tuple[int, int, bool, str]


class _Places:
    """Finds the area that a cell names; what was found once is not looked up again."""

    def __init__(self, areas: Geography, way: Way, inside: Bools) -> None:
        self.areas, self.way, self.inside = areas, way, inside
        self.known: dict[tuple[str, str], _Found | _Said] = {}
        self.of_spread = {
            "lsoa": lambda: areas.to_wards,
            "msoa": lambda: areas.msoas,
            "district": lambda: areas.districts,
        }.get(way)
        self.main = self.of_spread().main_target() if self.of_spread else np.array([])

    def find(self, cell: str, council: str) -> _Found | _Said:
        key = (cell, council if self.way == "ward name" else "")
        if key not in self.known:
            self.known[key] = self._find(cell, council)
        return self.known[key]

    def _find(self, cell: str, council: str) -> _Found | _Said:
        if self.way == "ward name":
            return self._named(cell, council)
        if self.way == "postcode":
            return self._postcode(cell)
        if self.way == "district":
            return self._district(cell)
        code = cell
        if self.of_spread:
            row = self.of_spread().row.get(code)
            if row is not None and self.main[row] >= 0:
                return row, int(self.main[row]), False, code
        if self.way == "ward" and code in self.areas.ward_row:
            row = self.areas.ward_row[code]
            return row, row, False, code
        return self._earlier(code) or self._no_code(code)

    def _earlier(self, code: str) -> _Found | None:
        """Find an area of an earlier year by the published lookups of the snapshot."""
        if self.way == "lsoa" and (row := self.areas.from_2011.row.get(code)) is not None:
            lsoa = int(self.areas.from_2011.main_target()[row])
            return row, int(self.main[lsoa]), True, code
        if self.way == "ward" and (row := self.areas.from_ended.row.get(code)) is not None:
            ward = int(self.areas.from_ended.main_target()[row])
            return (row, ward, True, code) if ward >= 0 else None
        return None

    def _no_code(self, code: str) -> _Said:
        what, start = {"ward": ("ward", "E05"), "lsoa": ("LSOA", "E01")}.get(
            self.way, ("MSOA", "E02")
        )
        if not code:
            return "No area is named.", "Fill it in, or delete the row."
        if not _CODE.fullmatch(code):
            return (
                f"{quoted(code, 20)} is not a GSS code.",
                f"A {what} code is {start} and six figures.",
            )
        if code[0] != "E":
            return f"{code} is not in England.", "The Atlas covers England only; delete the row."
        if not code.startswith(start):
            other = _WORDS.get(KINDS.get(code[:3], ""), "an area of another kind")
            return (
                f"{code} is {other}, not {_article(what)}.",
                f"A {what} code is {start} and six figures.",
            )
        return self._older(code, what)

    def _older(self, code: str, what: str) -> _Said:
        if what == "ward":
            newer = int(code[3:]) > self.areas.newest_ward
            when = "newer than May 2024" if newer else "of an older year"
            return (
                f"{code} is a ward {when}, and not one of May 2024.",
                "Use ward codes of May 2024 (WD24CD), or give the figures by LSOA.",
            )
        if what == "LSOA" and int(code[3:]) <= _LAST_LSOA_OF_2011:
            return (
                f"{code} is an LSOA of 2011 that was split or merged for 2021.",
                "Use LSOAs of 2021 (LSOA21CD); the ONS publishes which became which.",
            )
        use = f"Check it against the list of {what}21CD codes."
        return f"{code} is not {_article(what)} of 2021.", use

    def _postcode(self, cell: str) -> _Found | _Said:
        if not cell:
            return "No postcode is given.", "Fill it in, or delete the row."
        hit = known_postcode(cell, self.areas.find_postcode)
        if isinstance(hit, tuple):
            return hit
        row = self.areas.ward_row.get(hit.ward_code, -1)
        if row < 0:
            return f"{hit.postcode} is in no ward of England.", "Delete the row."
        return row, row, False, hit.postcode

    def _district(self, cell: str) -> _Found | _Said:
        code = cell.upper().strip()
        row = self.areas.districts.row.get(code)
        if row is None:
            return (
                f"{quoted(cell, 12)} is not a postcode district in England.",
                "Write it like M15.",
            )
        return row, int(self.main[row]), False, code

    def _named(self, name: str, council: str) -> _Found | _Said:
        if not name:
            return "No ward is named.", "Fill it in, or delete the row."
        name, council = _with_council(name, council, self.areas)
        rows = self.areas.ward_by_name.get(compared(name), [])
        if council:
            code = self.areas.council_code(council)
            if not code:
                return (
                    f"{quoted(council)} is not a council of May 2024.",
                    "Write the council’s full name or its GSS code.",
                )
            rows = [row for row in rows if self.areas.wards["authority_code"].iat[row] == code]
        elif not self.inside.all():
            rows = [row for row in rows if self.inside[row]]
        if len(rows) == 1:
            return rows[0], rows[0], False, name
        if len(rows) > 1:
            return (
                f"More than one ward is called {quoted(name)}.",
                "Add a column with the council, or use ward codes.",
            )
        return self._no_name(name, council)

    def _no_name(self, name: str, council: str) -> _Said:
        where = self.areas.wards["authority_code"] == self.areas.council_code(council)
        among = self.areas.wards[where] if council else self.areas.wards[self.inside]
        holder = natural(str(among["authority_name"].iloc[0])) if council else "The place in view"
        if compared(name) in ("total", "england", "all wards", "all"):
            return f"{quoted(name)} is a total, not a ward.", "It is not needed; delete the row."
        likely = _likely(name, among["ward_name"].tolist())
        meant = f" Did you mean {quoted(likely)}?" if likely else ""
        return (
            f"{holder} has no ward {quoted(name)} of May 2024.{meant}",
            "Check the name, or use the ward code.",
        )


def _article(what: str) -> str:
    return f"a {what}" if what == "ward" else f"an {what}"


def _with_council(name: str, council: str, areas: Geography) -> tuple[str, str]:
    """Take a council out of a name such as “Hulme (Manchester)” or “Hulme, Manchester”."""
    if council:
        return name, council
    for found in (re.fullmatch(r"(.+?)\s*\((.+)\)", name), re.fullmatch(r"(.+),\s*([^,]+)", name)):
        if found and areas.council_code(found[2]):
            return found[1], found[2]
    return name, council


def _likely(name: str, among: Collection[str]) -> str:
    """Return the name that a reader may have meant, "" where none is close."""
    wanted = compared(name)
    by_name = {compared(each): each for each in among}
    inside = [each for each in by_name if wanted and re.search(rf"\b{re.escape(wanted)}\b", each)]
    close = inside or difflib.get_close_matches(wanted, list(by_name), 1, 0.8)
    return by_name[close[0]] if len(close) == 1 else ""


def known_postcode(text: str, find: Callable[[str], PostcodeHit | None]) -> PostcodeHit | _Said:
    """Return where the postcode in a text is, or what is wrong with it and what to do.

    The text may hold an address around it; of several the last that exists counts.
    """
    whole = normalised(text)
    written = [whole] if whole else postcodes_in(text)
    for postcode in reversed(written):
        hit = find(postcode)
        if hit is not None and hit.ward_code:
            return hit
    meant = [postcode for postcode in meant_postcodes(text) if _exists(postcode, find)]
    advice = f"Did you mean {spaced(meant[0])}? Correct it in the file." if meant else ""
    if not written:
        return f"{quoted(text, 30)} is not a full postcode.", advice or "Write it like M15 5AZ."
    return (
        f"{spaced(written[-1])} is not among England’s postcodes: it may be new, have ended, or "
        "lie elsewhere.",
        advice or "Check it, or delete the row.",
    )


def _exists(postcode: str, find: Callable[[str], PostcodeHit | None]) -> bool:
    hit = find(postcode)
    return hit is not None and bool(hit.ward_code)
