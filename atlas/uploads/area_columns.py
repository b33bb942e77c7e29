"""Which areas the rows of a brought table are about: by code, by postcode, or by name."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import pandas as pd

from atlas.places.places import natural
from atlas.places.postcodes import PostcodeHit, normalised, spaced
from atlas.snapshot.ended_wards import EndedWard
from atlas.uploads.headings import BroughtColumn, declared, recognised
from atlas.uploads.reading.table import Problem, RefusedError, Table, quoted

Way = Literal["ward_code", "lsoa_code", "postcode", "ward_name"]
WAYS: dict[Way, str] = {
    "ward_code": "Ward code",
    "lsoa_code": "LSOA code",
    "postcode": "Postcode",
    "ward_name": "Ward name and council",
}
# The last code that was given before the small areas of 2021 were drawn.
_LAST_LSOA_OF_2011 = 33_768
_CODE = re.compile(r"[EWSNJKL]\d{8}")
# A code in a column under another heading: how many of its cells must have the shape.
_MOST = 0.8
_OTHER_AREAS = {
    "E00": "a Census output area",
    "E02": "a middle layer area (MSOA)",
    "E04": "a parish",
    "E06": "a council",
    "E07": "a council",
    "E08": "a council",
    "E09": "a council",
    "E10": "a county",
    "E12": "a region",
    "E14": "a constituency",
    "E47": "a combined authority",
}


@dataclass(frozen=True)
class Geography:
    """The areas of one snapshot: its tables ``wards`` and ``lsoas``, and its postcodes.

    ``ended`` are wards of older editions, by code.
    """

    wards: pd.DataFrame
    lsoas: pd.DataFrame
    find_postcode: Callable[[str], PostcodeHit | None]
    ended: Mapping[str, EndedWard]

    @cached_property
    def ward_row(self) -> dict[str, int]:
        """The row of each ward code."""
        return {code: row for row, code in enumerate(self.wards["ward_code"])}

    @cached_property
    def lsoa_row(self) -> dict[str, int]:
        """The row of each LSOA code."""
        return {code: row for row, code in enumerate(self.lsoas["lsoa_code"])}

    @cached_property
    def newest_ward(self) -> int:
        """The number of the newest ward code."""
        return max(int(code[3:]) for code in self.ward_row)

    @cached_property
    def council_code(self) -> dict[str, str]:
        """The code of each council, by its code and by its names as they are compared."""
        pairs = zip(self.wards["authority_code"], self.wards["authority_name"], strict=True)
        found: dict[str, str] = {}
        for code, name in dict(pairs).items():
            for written in (code, name, natural(name), " ".join(reversed(name.split(", ")))):
                found[_compared(written)] = code
        return found

    @cached_property
    def ward_by_name(self) -> dict[tuple[str, str], list[int]]:
        """The rows of the wards of each council code and name as it is compared."""
        found: dict[tuple[str, str], list[int]] = {}
        pairs = zip(self.wards["authority_code"], self.wards["ward_name"], strict=True)
        for row, (council, name) in enumerate(pairs):
            found.setdefault((council, _compared(name)), []).append(row)
        return found


@cache
def area_columns() -> dict[str, BroughtColumn]:
    """Return the ways in which a table may name its areas."""
    return declared("area_columns")


def _compared(name: str) -> str:
    """Return a name without what people write in different ways: 'St. Ann's Ward' = 'st anns'."""
    text = name.casefold().replace("&", " and ").replace("’", "").replace("'", "")
    words = re.sub(r"[\W_]+", " ", text).split()
    kept = [word for word in words if word not in ("ward", "the", "borough", "council")]
    return " ".join("st" if word == "saint" else word for word in kept or words)


def ways_of(table: Table) -> dict[Way, tuple[str, ...]]:
    """Return how the table names its areas: {way: the headings that do}, the surest first.

    A column of codes counts as what its codes are, whatever its heading. Raises
    :class:`RefusedError` where it names none.
    """
    named = recognised(table.headings, area_columns())
    found: dict[Way, tuple[str, ...]] = {}
    for heading in table.headings:
        way = _by_cells(table.column(heading))
        if way and way not in found:
            found[way] = (heading,)
    taken = {heading for headings in found.values() for heading in headings}
    # A column headed “Ward” may hold codes or names.
    name = next(
        (named[k] for k in ("ward_name", "ward_code") if k in named and named[k] not in taken), ""
    )
    if name and "authority" in named and named["authority"] != name:
        found["ward_name"] = (name, named["authority"])
    ordered = {way: found[way] for way in WAYS if way in found}
    if not ordered:
        raise RefusedError(_no_way(table, bool(name)))
    return ordered


def _by_cells(cells: Sequence[str]) -> Way | None:
    filled = [cell for cell in cells if cell]
    if not filled:
        return None
    starts = Counter(cell[:3].upper() for cell in filled if _CODE.fullmatch(cell.upper()))
    if sum(starts.values()) >= _MOST * len(filled):
        return "lsoa_code" if starts.most_common(1)[0][0] in ("E01", "W01") else "ward_code"
    postcodes = sum(normalised(cell) is not None for cell in filled)
    return "postcode" if postcodes >= _MOST * len(filled) else None


def _no_way(table: Table, has_name: bool) -> str:
    if has_name:
        return (
            "The table names wards but not their councils, and many wards share a name. Add a "
            "column “Council”, or better a column “Ward code”, and upload it again."
        )
    found = ", ".join(quoted(heading, 30) for heading in table.headings[:12])
    return (
        "No column says which areas the figures are about. Add a column “Ward code” (E05…), “LSOA "
        "code” (E01…) or “Postcode”, or two columns “Ward name” and “Council”. The headings found "
        f"are: {found}."
    )


def place_rows(
    table: Table, way: Way, headings: tuple[str, ...], areas: Geography
) -> tuple[list[int], list[Problem]]:
    """Return the area of each row and what was wrong.

    Areas are row numbers of ``areas.lsoas`` for LSOA codes and of ``areas.wards`` for every
    other way; -1 where a row names none.
    """
    at = [table.headings.index(heading) for heading in headings]
    find = {
        "ward_code": _ward,
        "lsoa_code": _lsoa,
        "postcode": _postcode,
        "ward_name": _ward_by_name,
    }[way]
    rows, problems = [], []
    for row in table.rows:
        given = [row.cells[place] for place in at]
        found = find(given, areas)
        if isinstance(found, int):
            rows.append(found)
        else:
            rows.append(-1)
            problems.append(Problem(row.number, headings[0], *found))
    return rows, problems


_Said = tuple[str, str]


def _ward(given: list[str], areas: Geography) -> int | _Said:
    code = given[0].upper()
    if code in areas.ward_row:
        return areas.ward_row[code]
    if code in areas.ended:
        return _ended(areas.ended[code], areas)
    if code.startswith("E05") and _CODE.fullmatch(code):
        when = "newer than May 2024" if int(code[3:]) > areas.newest_ward else "of an older year"
        return (
            f"{code} is a ward {when}, and not one of May 2024.",
            "Use ward codes of May 2024 (WD24CD), or give the figures by LSOA.",
        )
    return _no_code(code, "ward", "E05")


def _ended(ward: EndedWard, areas: Geography) -> _Said:
    names = [
        str(areas.wards["ward_name"].iloc[areas.ward_row[code]])
        for code, _ in ward.successors
        if code in areas.ward_row
    ]
    now = f" Its residents are now in {', '.join(names)}." if names else ""
    return (
        f"{ward.code} ({ward.name}) is an older ward, which ended in {ward.ended_in}.{now}",
        "Use ward codes of May 2024 (WD24CD), or give the figures by LSOA.",
    )


def _lsoa(given: list[str], areas: Geography) -> int | _Said:
    code = given[0].upper()
    if code in areas.lsoa_row:
        return areas.lsoa_row[code]
    if code.startswith("E01") and _CODE.fullmatch(code):
        if int(code[3:]) <= _LAST_LSOA_OF_2011:
            return (
                f"{code} is an LSOA of 2011 that was split or merged for 2021.",
                "Use LSOAs of 2021 (LSOA21CD); the ONS publishes which became which.",
            )
        return f"{code} is not an LSOA of 2021.", "Check it against the list of LSOA21CD codes."
    return _no_code(code, "LSOA", "E01")


def _no_code(code: str, what: str, start: str) -> _Said:
    if not code:
        return "No area is named.", "Fill it in, or delete the row."
    if not _CODE.fullmatch(code):
        return (
            f"{quoted(code, 20)} is not a GSS code.",
            f"A {what} code is {start} and six figures.",
        )
    if code[0] != "E":
        return f"{code} is not in England.", "The Atlas covers England only; delete the row."
    other = _OTHER_AREAS.get(code[:3], "an area of another kind")
    return f"{code} is {other}, not a {what}.", f"A {what} code is {start} and six figures."


def _postcode(given: list[str], areas: Geography) -> int | _Said:
    if not given[0]:
        return "No postcode is given.", "Fill it in, or delete the row."
    wanted = normalised(given[0])
    if wanted is None:
        return f"{quoted(given[0], 12)} is not a full postcode.", "Write it like M15 5AZ."
    hit = areas.find_postcode(wanted)
    if hit is None or hit.ward_code not in areas.ward_row:
        return (
            f"{spaced(wanted)} is not among England’s postcodes of May 2024.",
            "Check it, or delete the row.",
        )
    return areas.ward_row[hit.ward_code]


def _ward_by_name(given: list[str], areas: Geography) -> int | _Said:
    name, council = given
    if not name or not council:
        return "Ward or council is blank.", "Fill in both, or delete the row."
    code = areas.council_code.get(_compared(council))
    if code is None:
        return (
            f"{quoted(council)} is not a council of May 2024.",
            "Write the council’s full name or its GSS code.",
        )
    rows = areas.ward_by_name.get((code, _compared(name)), [])
    if len(rows) == 1:
        return rows[0]
    label = natural(
        str(areas.wards.loc[areas.wards["authority_code"] == code, "authority_name"].iloc[0])
    )
    return (
        f"{label} has no ward {quoted(name)} of May 2024."
        if not rows
        else f"{label} has more than one ward {quoted(name)}.",
        "Check the name, or use the ward code.",
    )
