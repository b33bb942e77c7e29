"""Numbers in brought tables: read as they are meant, or refused with the reason."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from atlas.catalogue.columns import Aggregate, Unit
from atlas.uploads.reading.table import Problem, quoted

# A count from 1 to 4 could point to people: it is never kept, and this stands for it in totals.
FEW_BELOW = 5
FEW = 2.5

UnitKey = Literal["percentage", "share", "people", "households", "count", "score", "km", "hours"]


@dataclass(frozen=True)
class OwnUnit:
    """A unit that a visitor may choose: its words, and how a measure of it is handled.

    ``lowest`` and ``highest`` bound a figure as written; ``scale`` turns it into the Atlas's own
    unit; ``aggregate`` is how a larger area's figure is made from its parts.
    """

    words: str
    unit: Unit
    aggregate: Aggregate
    lowest: float
    highest: float
    scale: float = 1.0
    decimals: int = 0


UNITS: dict[UnitKey, OwnUnit] = {
    "percentage": OwnUnit("Percentage, 0 to 100", "share", "mean", 0, 100, 0.01),
    "share": OwnUnit("Share, 0 to 1", "share", "mean", 0, 1),
    "people": OwnUnit("Number of people", "people", "sum", 0, 1e8),
    "households": OwnUnit("Number of households", "households", "sum", 0, 1e8),
    "count": OwnUnit("Number of other things", "count", "sum", 0, 1e9),
    "score": OwnUnit("Score or average", "score", "mean", -1e9, 1e9, decimals=1),
    "km": OwnUnit("Distance in kilometres", "km", "mean", 0, 1e4, decimals=1),
    "hours": OwnUnit("Hours", "hours", "mean", 0, 1e5, decimals=1),
}

_NUMBER = re.compile(
    r"[+-]?(\d{1,15}(\.\d{1,18})?|\.\d{1,18})(e[+-]?\d{1,2})?", re.IGNORECASE | re.ASCII
)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([, ]\d{3})+(\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_FEW = re.compile(r"(<|fewer than|less than|under)\s*5", re.IGNORECASE)
_NOTHING = {
    "", "-", "–", "—", ".", "..", "...", ":", "*", "**", "c", "x", "z", "[c]", "[x]", "[z]", "[u]",
    "n/a", "na", "null", "none", "no data", "not available", "suppressed", "withheld", "#n/a",
}  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The figures of a column, a NaN where there is none. ``blank`` counts cells without one."""

    values: tuple[float, ...]
    problems: tuple[Problem, ...]
    blank: int
    few: int


def suggested(cells: Sequence[str]) -> UnitKey | None:
    """Return the unit that a column's cells look like; None where few of them are numbers."""
    filled = [cell for cell in cells if cell.casefold() not in _NOTHING]
    parsed = [_parsed(cell) for cell in filled]
    numbers = [found[0] for found in parsed if isinstance(found, tuple)]
    if not filled or len(numbers) < 0.5 * len(filled):
        return None
    if any(isinstance(found, tuple) and found[1] for found in parsed):
        return "percentage"
    whole = all(number.is_integer() for number in numbers)
    if not whole and all(0 <= number <= 1 for number in numbers):
        return "share"
    return "count" if whole and min(numbers) >= 0 else "score"


def read_figures(numbered: Sequence[tuple[int, str]], heading: str, unit_key: UnitKey) -> Figures:
    """Read the cells of one column, given with their row numbers, in the unit chosen.

    Values are in the Atlas's own unit (a percentage becomes a share). A count that is given as
    "fewer than 5" becomes the figure that stands for it.
    """
    unit = UNITS[unit_key]
    values, problems = [], []
    blank = few = 0
    for row, cell in numbered:
        value = float("nan")
        if cell.casefold() in _NOTHING:
            blank += 1
        elif _FEW.fullmatch(cell) and unit.aggregate == "sum":
            few += 1
            value = FEW
        else:
            found = _figure(cell, unit)
            if isinstance(found, float):
                value = found
            else:
                problems.append(Problem(row, heading, *found))
        values.append(value)
    return Figures(tuple(values), tuple(problems), blank, few)


def _figure(cell: str, unit: OwnUnit) -> float | tuple[str, str]:
    found = _parsed(cell)
    if isinstance(found, str):
        return f"{quoted(cell, 20)} is not a number that can be read.", found
    number, percent = found
    scale = unit.scale
    if percent:
        if unit.unit != "share":
            return (
                f"{quoted(cell, 20)} is a percentage, but the measure is not.",
                "Choose the unit “Percentage”, or take the sign out.",
            )
        number, scale = (number, 0.01) if unit.scale != 1 else (number / 100, 1.0)
    if not unit.lowest <= number <= unit.highest:
        return (
            f"{quoted(cell, 20)} is outside {unit.lowest:g} to {unit.highest:g}.",
            f"Check it: the unit chosen is “{unit.words}”.",
        )
    return number * scale


def _parsed(cell: str) -> tuple[float, bool] | str:
    """Return the number of a cell and whether it has a percent sign; or what to do about it."""
    text = cell.strip()
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    if _THOUSANDS.fullmatch(text):
        text = re.sub("[, ]", "", text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if math.isfinite(number):
            return number, percent
    if _DECIMAL_COMMA.fullmatch(text):
        return "Write it with a decimal point (12.5), not a comma."
    if text.casefold().lstrip("+-") in ("nan", "inf", "infinity"):
        return "Leave the cell blank where there is no figure."
    if text.startswith("#"):
        return "It is a spreadsheet’s error: mend the formula and save again."
    if re.match(r"[£$€]", text):
        return "Take the currency sign out."
    return "Write a plain number such as 1003 or 12.5, or leave it blank."
