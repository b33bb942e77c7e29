"""Which areas the rows of a brought table are about, and how their figures become wards'."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from atlas.arrays import Bools, Floats
from atlas.places.names import PLACE_NAMES, PlaceName, declared_names, read_place_names
from atlas.places.places import natural
from atlas.places.postcodes import PostcodeHit, Postcodes
from atlas.places.search import not_in_use
from atlas.snapshot.ended_wards import EndedWard
from atlas.snapshot.snapshot import Snapshot, no_rows
from atlas.text.postcode_text import meant_postcodes, normalised, postcodes_in, spaced
from atlas.uploads.reading.cell_shapes import KINDS, PATTERNS, WORDS, code_in, shape_of
from atlas.uploads.reading.extract import Extract
from atlas.uploads.reading.roles import AREA_ROLES
from atlas.uploads.reading.table import Problem, fault, quoted

Numbers = npt.NDArray[np.integer]
Way = Literal["ward", "lsoa", "msoa", "postcode", "sector", "district", "ward name"]


class WayWords(NamedTuple):
    """How areas of one way are called: one, several, what names them, how its codes begin.

    ``spread`` is the property of :class:`Geography` that makes them wards. ``like`` is a part of a
    postcode, which is no code; such parts are weighted by their postcodes.
    """

    one: str
    many: str
    by: str
    start: str = ""
    spread: str = ""
    like: str = ""


WAYS = {way: WayWords(**words) for way, words in WORDS["ways"].items()}
OUTSIDE = -2
# The last code that was given before the small areas of 2021 were drawn.
_LAST_LSOA_OF_2011 = "E01033768"
_UNSAID = WORDS["areas"]["unsaid"]
_FORMS = PATTERNS["areas"]
_UNSAID_OF_COUNCILS = _UNSAID | WORDS["areas"]["unsaid_of_councils"]


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

    @classmethod
    def of(cls, codes: object, targets: object, weights: object, size: int) -> "Spread":
        """Return the spread of pairs given as columns; a missing target is no pair."""
        pairs = pd.DataFrame({"code": codes, "target": targets, "weight": weights}).dropna()
        pairs = pairs.groupby(["code", "target"], sort=False)["weight"].sum().reset_index()
        source, names = pd.factorize(pairs["code"])
        row = {str(code): at for at, code in enumerate(names)}
        target, weight = pairs["target"].to_numpy(dtype=int), pairs["weight"].to_numpy(dtype=float)
        return cls(row, source, target, weight, size)

    def figures(self, values: Floats, adds: bool, covered: float) -> tuple[Floats, Bools]:
        """Return the targets' figures (NaN for none) and where too little of one was given.

        ``values`` are the sources' figures, NaN where there is none. A target has a figure where
        the sources given hold at least the share ``covered`` of its weight; a count is raised to
        the whole of it.
        """
        given = ~np.isnan(values)[self.source]
        known = np.bincount(self.target[given], self.weight[given], self.size)
        whole = np.bincount(self.target, self.weight, self.size)
        enough = (known > 0) & (known >= covered * whole * (1 - 1e-9))
        amount = values[self.source[given]] * self.weight[given]
        if adds:
            amount /= np.bincount(self.source, self.weight)[self.source[given]]
        total = np.bincount(self.target[given], amount, self.size) / np.maximum(known, 1e-12)
        return np.where(enough, total * whole if adds else total, np.nan), (known > 0) & ~enough

    @cached_property
    def main_target(self) -> Numbers:
        """The target that holds most of each source."""
        order = np.lexsort((-self.weight, self.source))
        return self.target[order][np.unique(self.source[order], return_index=True)[1]]

    def divided(self, sources: Numbers) -> float:
        """Return the share of these sources' weight that lies outside their main target."""
        among = np.isin(self.source, sources)
        main = self.main_target[self.source[among]] == self.target[among]
        return 1 - float(self.weight[among][main].sum() / self.weight[among].sum())


@dataclass(frozen=True, eq=False)
class Geography:
    """The areas of one snapshot: its tables ``wards`` and ``lsoas``, and its postcodes.

    ``ended`` are wards of older editions, by code. ``wards_of`` finds the wards of many postcodes
    at once; where it finds none ``find_postcode`` says why. ``lsoas_2011`` has the small areas of
    2011 that are none of 2021 (``lsoa11_code, lsoa_code``) and ``msoa_names`` the middle layer
    areas (``msoa_code, msoa_name``), by the exact lookups of the Office for National Statistics.
    ``council_names`` are names that find councils, and ``districts_of`` counts the postcodes of
    each district (or, if asked so, sector) by ward.
    """

    wards: pd.DataFrame
    lsoas: pd.DataFrame
    find_postcode: Callable[[str], PostcodeHit | None]
    ended: Mapping[str, EndedWard]
    wards_of: Callable[[Sequence[str]], Sequence[str | None]] = lambda many: [None] * len(many)
    council_names: Iterable[PlaceName] = ()
    districts_of: Callable[[bool], Iterable[tuple[str, str, int]]] = lambda _: ()
    lsoas_2011: pd.DataFrame = field(default_factory=lambda: no_rows("lookup_lsoa_2011"))
    msoa_names: pd.DataFrame = field(default_factory=lambda: no_rows("lookup_msoa"))
    weighted_by: Literal["residents", "households"] = "residents"

    @classmethod
    def of(cls, snapshot: Snapshot, postcodes: Postcodes) -> "Geography":
        """Return the areas of a snapshot."""
        return cls(
            snapshot.wards,
            snapshot.lsoas,
            postcodes.find,
            snapshot.ended,
            postcodes.wards_of,
            read_place_names(snapshot.path(PLACE_NAMES)),
            postcodes.by_district,
            snapshot.lookup("lookup_lsoa_2011"),
            snapshot.lookup("lookup_msoa"),
        )

    def spread(self, way: Way) -> Spread | None:
        """Return how the areas of a way become wards, None where they are wards already."""
        spread: Spread | None = getattr(self, WAYS[way].spread) if WAYS[way].spread else None
        return spread

    @cached_property
    def by_households(self) -> "Geography":
        """The same areas, with their households in place of their residents as weights."""
        lsoas = self.lsoas.assign(population=self.lsoas["households"])
        return replace(self, lsoas=lsoas, weighted_by="households")

    @cached_property
    def ward_row(self) -> dict[str, int]:
        """The row of each ward code."""
        return {code: row for row, code in enumerate(self.wards["ward_code"])}

    @cached_property
    def newest_ward(self) -> str:
        """The newest ward code: codes are numbered as they are given."""
        return max(self.ward_row)

    @cached_property
    def _council_by_name(self) -> dict[str, str]:
        councils = dict(
            zip(self.wards["authority_code"], self.wards["authority_name"], strict=True)
        )
        keys = {_council_key(natural(name)): code for code, name in councils.items()}
        short = [(cut[1], key) for key in keys if (cut := _FORMS.short_form.match(key))]
        once = Counter(name for name, _ in short)
        found = {name: keys[key] for name, key in short if once[name] == 1}
        called = [each for each in self.council_names if each.kind.endswith("council")]
        names = [(each.name, each.places) for each in called]
        names += declared_names().successors.items()
        names += [(n, known.places) for known in declared_names().known_as for n in known.names]
        found |= {compared(n): codes[0] for n, codes in names if len(codes) == 1}
        found = {name: code for name, code in found.items() if code in councils}
        for code, name in councils.items():
            found |= {_council_key(written): code for written in (code, name, natural(name))}
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
    def _people(self) -> pd.Series:
        return self.lsoas["population"].fillna(0).clip(lower=1)

    @cached_property
    def to_wards(self) -> Spread:
        """How small areas (LSOAs) become wards: each wholly the ward that fits it best."""
        return self._of_small_areas(self.lsoas["lsoa_code"])

    @cached_property
    def from_2011(self) -> Spread:
        """How changed small areas of 2011 become those of 2021: by residents, merged ones alike."""
        code = self.lsoas_2011["lsoa_code"]
        people = code.map(dict(zip(self.lsoas["lsoa_code"], self._people, strict=True)))
        target = code.map(self.to_wards.row)
        parts = code.map(code.value_counts())
        return Spread.of(
            self.lsoas_2011["lsoa11_code"], target, people / parts, len(self.to_wards.row)
        )

    @cached_property
    def msoas(self) -> Spread:
        """How middle layer areas (MSOAs) become wards: by the residents of their LSOAs."""
        # A small area is called as its middle layer area, with a letter after it.
        code = dict(zip(self.msoa_names["msoa_name"], self.msoa_names["msoa_code"], strict=True))
        return self._of_small_areas(self.lsoas["lsoa_name"].str[:-1].map(code))

    def _of_small_areas(self, codes: pd.Series) -> Spread:
        ward = self.lsoas["ward_code"].map(self.ward_row)
        return Spread.of(codes, ward, self._people, len(self.wards))

    @cached_property
    def small_area_by_name(self) -> dict[str, str]:
        """The codes of small and middle layer areas by their names, such as Manchester 054C."""
        names = pd.concat([self.lsoas["lsoa_name"], self.msoa_names["msoa_name"]])
        codes = pd.concat([self.lsoas["lsoa_code"], self.msoa_names["msoa_code"]])
        return dict(zip(map(compared, names), codes, strict=True))

    @cached_property
    def districts(self) -> Spread:
        """How postcode districts become wards: by the number of their postcodes."""
        return self._of_wards(self.districts_of(False))

    @cached_property
    def sectors(self) -> Spread:
        """How postcode sectors become wards: by the number of their postcodes."""
        return self._of_wards(self.districts_of(True))

    @cached_property
    def from_ended(self) -> Spread:
        """How wards that ended become wards: by the share of their residents."""
        return self._of_wards(
            (code, *pair) for code, each in self.ended.items() for pair in each.successors
        )

    def _of_wards(self, pairs: Iterable[tuple[str, str, float]]) -> Spread:
        found = pd.DataFrame(pairs, columns=["code", "ward", "weight"])
        ward = found["ward"].map(self.ward_row)
        return Spread.of(found["code"], ward, found["weight"], len(self.wards))


def compared(name: str, unsaid: Collection[str] = _UNSAID) -> str:
    """Return a name without what people write in different ways.

    >>> compared("St. Ann's Ward"), compared("Saint Anns")
    ('st anns', 'st anns')
    """
    text = re.sub("[’']", "", _FORMS.note.sub("", name.casefold()).replace("&", " and "))
    words = re.sub(r"[\W_]+", " ", text).split()
    kept = [word for word in words if word not in unsaid]
    return " ".join("st" if word == "saint" else word for word in kept or words)


def _council_key(name: str) -> str:
    """Return a council's name without the kind of council that it is."""
    return compared(name, _UNSAID_OF_COUNCILS)


# --- the areas of the rows --------------------------------------------------------------------


class Found(NamedTuple):
    """The area of one row, as :class:`PlacedRows` has them."""

    at: int
    ward: int
    code: str
    earlier: bool = False


_Said = tuple[str, str]


@dataclass(frozen=True)
class PlacedRows:
    """The areas of the rows of a table.

    ``heading`` is that of the column which names them. ``at`` is each row's area (a row of the
    way's :class:`Spread`, or of the ward table), -1 where it has none and :data:`OUTSIDE` where it
    is outside the place in view. ``ward`` is the row of the ward that holds it, or most of it.
    ``earlier`` marks areas of an earlier year, numbered in their own spread. ``codes`` are the
    areas as they are written.
    """

    way: Way
    heading: str
    at: Numbers
    ward: Numbers
    earlier: Bools
    codes: Sequence[str]
    problems: tuple[Problem, ...]

    @property
    def called(self) -> WayWords:
        """What the areas are called."""
        return WAYS[self.way]


def way_of(found: Extract) -> Way | None:
    """Return how a table names its areas, None where it does not."""
    if found.of("area_code"):
        kinds = Counter(KINDS.get(code[:3], "") for code in found.texts("area_code"))
        coded: tuple[Way, ...] = ("ward", "lsoa", "msoa")
        return max(coded, key=lambda way: kinds[way])
    if found.of("postcode"):
        shapes = Counter(map(shape_of, found.texts("postcode")))
        written: tuple[Way, ...] = ("postcode", "sector", "district")
        return max(written, key=lambda way: shapes[way])
    if not found.of("area_name"):
        return None
    named = Counter(map(shape_of, found.texts("area_name")))
    small: Way = "lsoa" if named["lsoa name"] >= named["msoa name"] else "msoa"
    return small if 2 * named[f"{small} name"] > len(found.rows) else "ward name"


def placed(found: Extract, way: Way, areas: Geography, inside: Bools) -> PlacedRows:
    """Return the area of each row; ``inside`` marks the wards of the place in view."""
    role = next(role for role in AREA_ROLES if found.of(role))
    heading = found.of(role)[0].heading
    finder = _Finder(areas, way, inside)
    cells, councils = found.texts(role), found.texts("council")
    codes = list(cells)
    known_codes: Sequence[Any] = cells
    # Not every row of a long table is looked at: but a ward's code among names is a fault to name.
    if way == "ward name":
        known_codes = [""] * len(cells)
    elif way == "postcode":
        bare = [normalised(cell) or "" for cell in cells]
        codes, known_codes = [spaced(each) for each in bare], areas.wards_of(bare)
    found_at = pd.Series(known_codes, dtype=object).map(finder.row)
    at: Numbers = found_at.fillna(-1).to_numpy(dtype=np.int64, copy=True)
    ward, earlier = at.copy(), np.zeros(len(at), dtype=np.bool_)
    ward[at >= 0] = finder.main[at[at >= 0]]
    known: dict[tuple[str, str], Found | _Said] = {}
    problems = []
    for n in map(int, np.flatnonzero(at < 0)):
        # What is written alike is looked up once.
        key = cells[n], councils[n] if way == "ward name" else ""
        if key not in known:
            known[key] = finder.find(*key)
        answer = known[key]
        if isinstance(answer, Found):
            at[n], ward[n], codes[n], earlier[n] = answer
        else:
            problems.append(Problem(found.rows[n], heading, *answer))
    at[(at >= 0) & ~inside[ward]] = OUTSIDE
    return PlacedRows(way, heading, at, ward, earlier, codes, tuple(problems))


class _Finder:
    """Finds the area that a cell names."""

    def __init__(self, areas: Geography, way: Way, inside: Bools) -> None:
        self.areas, self.way, self.inside = areas, way, inside
        spread = areas.spread(way)
        self.row = spread.row if spread else areas.ward_row
        self.main = spread.main_target if spread else np.arange(len(areas.wards))

    def find(self, cell: str, council: str) -> Found | _Said:
        called = WAYS[self.way]
        if not cell:
            return fault("no_area", by=called.by)
        if compared(cell) in WORDS["areas"]["totals"]:
            return fault("total", cell=quoted(cell), one=called.one)
        if self.way == "ward name":
            return self._named(cell, council)
        if self.way == "postcode":
            return self._postcode(cell)
        code = self.areas.small_area_by_name.get(compared(cell), cell.upper())
        if (row := self.row.get(code)) is not None:
            return Found(row, int(self.main[row]), code)
        if called.like:
            return fault("no_part", cell=quoted(cell, 12), one=called.one, like=called.like)
        old = {"lsoa": self.areas.from_2011, "ward": self.areas.from_ended}.get(self.way)
        if old and (row := old.row.get(code)) is not None:
            # An area of an earlier year, by the published lookups of the snapshot.
            return Found(row, int(self.main[old.main_target[row]]), code, True)
        return _no_code(code, self.way, self.areas.newest_ward)

    def _postcode(self, cell: str) -> Found | _Said:
        hit = known_postcode(cell, self.areas.find_postcode)
        if isinstance(hit, tuple):
            return hit
        row = self.areas.ward_row.get(hit.ward_code, -1)
        if row < 0:
            return fault("postcode_without_ward", postcode=hit.postcode)
        return Found(row, row, hit.postcode)

    def _named(self, name: str, council: str) -> Found | _Said:
        if not council:
            name, council = self._apart(name)
        rows = self.areas.ward_by_name.get(compared(name), [])
        code = self.areas.council_code(council)
        if council and not code:
            likely = _likely(council, self.areas.wards["authority_name"].unique().tolist())
            meant = f" Did you mean {quoted(natural(likely))}?" if likely else ""
            return fault("no_council", council=quoted(council), meant=meant)
        if code:
            rows = [row for row in rows if self.areas.wards["authority_code"].iat[row] == code]
        elif not self.inside.all():
            rows = [row for row in rows if self.inside[row]]
        if len(rows) == 1:
            return Found(rows[0], rows[0], name)
        if rows:
            return fault("wards_alike", name=quoted(name))
        return self._no_name(name, code)

    def _apart(self, text: str) -> tuple[str, str]:
        """Return ward and council of “Hulme (Manchester)”, or the other way round."""
        parts = [part for part in _FORMS.between_names.split(text) if part]
        for at, holder in enumerate(parts):
            if len(parts) > 1 and self.areas.council_code(holder):
                others = parts[:at] + parts[at + 1 :]
                known = [each for each in others if compared(each) in self.areas.ward_by_name]
                return (known or others)[0], holder
        return text, ""

    def _no_name(self, name: str, council: str) -> _Said:
        if not council and self.areas.council_code(name):
            return fault("is_council", name=quoted(name))
        wards = self.areas.wards
        among = wards[wards["authority_code"] == council] if council else wards[self.inside]
        holder = natural(str(among["authority_name"].iloc[0])) if council else "The place in view"
        likely = _likely(name, among["ward_name"].tolist())
        meant = f" Did you mean {quoted(likely)}?" if likely else ""
        return fault("no_ward", holder=holder, name=quoted(name), meant=meant)


def _no_code(code: str, way: Way, newest_ward: str) -> _Said:
    """Say why a code is none of an area of this way, and what to do."""
    called = WAYS[way]._asdict()
    if code_in(code) != code:
        return fault("no_code", code=quoted(code, 20), **called)
    if code[0] != "E":
        return fault("abroad", code=code)
    if not code.startswith(WAYS[way].start):
        kind = KINDS.get(code[:3], "area of another kind")
        other = WAYS[kind].one if kind in WAYS else f"a{'n' * (kind[0] in 'ao')} {kind}"
        why = "output_area" if code.startswith("E00") else "other_area"
        return fault(why, code=code, other=other, **called)
    if way == "ward":
        when = "newer than May 2024" if code > newest_ward else "of an older year"
        return fault("other_ward", code=code, when=when)
    if way == "lsoa" and code <= _LAST_LSOA_OF_2011:
        return fault("lsoa_2011", code=code)
    return fault("unknown_code", code=code, **called)


def _likely(name: str, among: Sequence[str]) -> str:
    """Return the name that a reader may have meant, "" where none is close or several are."""
    wanted = compared(name)
    inside = [each for each in among if f" {wanted} " in f" {compared(each)} "]
    if inside:
        return inside[0] if len(inside) == 1 else ""
    close = process.extractOne(
        wanted, among, scorer=fuzz.token_sort_ratio, processor=compared, score_cutoff=80
    )
    return close[0] if close else ""


def known_postcode(text: str, find: Callable[[str], PostcodeHit | None]) -> PostcodeHit | _Said:
    """Return where the postcode in a text is, or what is wrong with it and what to do.

    The text may hold an address around it; of several the last that exists counts.
    """
    whole = normalised(text)
    written = [whole] if whole else postcodes_in(text)
    for postcode in reversed(written):
        if (hit := find(postcode)) and hit.ward_code:
            return hit
    meant = [each for each in meant_postcodes(text) if (hit := find(each)) and hit.ward_code]
    advice = f"Did you mean {spaced(meant[0])}? Correct it in the file." if meant else ""
    if not written:
        return f"{quoted(text, 30)} is not a full postcode.", advice or "Write it like M15 5AZ."
    what = not_in_use(written[-1])
    ended = " It has ended, or is newer." if "in use" in what else ""
    return f"{what}{ended}", advice or "Check it, or delete the row."
