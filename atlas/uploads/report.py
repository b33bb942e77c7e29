"""What becomes of a brought file, told before anything is added: the page and the command read it.

One tree: what was read (:class:`Extract`), the rows that are kept, those that are not with the
reason, and what they make.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from atlas.access.distance import Venue
from atlas.arrays import Floats
from atlas.text.lists import counted
from atlas.uploads.reading.extract import Extract
from atlas.uploads.reading.roles import DETAILS
from atlas.uploads.reading.table import Problem, named, refused


class KeptRow(NamedTuple):
    """One row that is kept: its number, what it is about, and its figure in the unit as written.

    ``code`` is an area's code or a postcode, ``name`` a place's or a ward's name; ``value`` is
    None where a count is withheld and for places.
    """

    row: int
    ward_code: str
    code: str = ""
    name: str = ""
    value: float | None = None
    opening_hours: str = ""


@dataclass(frozen=True)
class Report:
    """What would be taken. ``problem`` says why nothing can be, "" where something can.

    ``wards`` are ward figures in the Atlas's own unit (NaN for none) of a file of figures,
    ``venues`` the places of a file of places. ``notes`` say how both were made, and ``examples``
    what a few rows will become.
    """

    read: Extract
    kept: Sequence[KeptRow] = ()
    problems: tuple[Problem, ...] = ()
    notes: Sequence[str] = ()
    examples: tuple[str, ...] = ()
    problem: str = ""
    wards: Floats = field(default_factory=lambda: np.array([]), repr=False)
    venues: tuple[Venue, ...] = ()

    @property
    def refused(self) -> list[Problem]:
        """The rows that are not kept, with the reason."""
        return [problem for problem in self.problems if not problem.kept]


def as_json(report: Report) -> dict[str, object]:
    """Return a report as ``atlas check-file`` prints it."""
    read = report.read
    refused = [{"row": p.row, "reason": _reason(p)} for p in report.refused]
    noticed = [f"Row {p.row:,}, {_reason(p)}" for p in report.problems if p.kept]
    told = dict.fromkeys(DETAILS, "ignore")
    details = [column.heading for column in read.columns if column.role in DETAILS]
    if details:
        noticed.append(f"Kept as words about the place: {named(details)}.")
    return {
        "kind": read.kind,
        "sheet": read.sheet or None,
        "heading_row": read.heading_row or None,
        "columns": [
            {"heading": c.heading, "role": told.get(c.role, c.role), "unit": c.unit or None}
            for c in read.columns
        ],
        "accepted": len(report.kept),
        "rows": [_row(each, read.kind) for each in report.kept],
        "refused": refused,
        "notes": [*report.notes, *noticed],
        "problem": report.problem or None,
    }


def _row(row: KeptRow, kind: str) -> dict[str, object]:
    said: dict[str, object] = {"row": row.row}
    if kind == "places" or not row.code:
        said["name"] = row.name
    else:
        said["code"] = row.code
    said["ward_code"] = row.ward_code
    if kind == "figures":
        said["value"] = row.value
    if row.opening_hours:
        said["opening_hours"] = row.opening_hours
    return said


def _reason(problem: Problem) -> str:
    where = f"{problem.column}:" if problem.column else ""
    return " ".join(part for part in (where, problem.what, problem.do) if part)


def left_outside(number: int, place: str) -> list[str]:
    """Say how many rows are outside the place in view; nothing for none."""
    rows = counted(number, "row is", "rows are")
    return [f"{rows} outside {place or 'the place in view'} and not kept."] if number else []


def all_outside(what: str, place: str) -> str:
    """Say that every row or place is outside the place in view."""
    return refused("all_outside", what=what, place=place or "the place in view")
