"""Where a number comes from: rows of the published tables, and how they were put together.

A trace can be worked through again by anybody who has the tables: take the named rows, then the
named column, then the sum, the count or the weighted mean, and join two such terms if there are
two.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

How = Literal["value", "sum", "count", "mean"]
Joined = Literal["alone", "plus", "less", "share", "rest"]

_HOW_IN_WORDS: dict[How, str] = {
    "value": "the value of",
    "sum": "the sum of",
    "count": "the number of rows that have",
    "mean": "the mean of",
}


@dataclass(frozen=True)
class Term:
    """One column over some rows of one table.

    ``keys`` name the rows in the table's key column. ``rule`` says in words how they were
    chosen. ``weight`` is the column that weights a mean; ``parts`` the part of each row that a sum
    counts, where that is not the whole. Missing values are left out.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    how: How
    rule: str
    weight: str = ""
    parts: tuple[float, ...] = ()

    @property
    def words(self) -> str:
        """How the term is worked out, for a reader: "the sum of population over 38 rows"."""
        rows = f"{len(self.keys):,} row{'' if len(self.keys) == 1 else 's'}"
        weighted = f", weighted by {self.weight}," if self.weight else ""
        return f"{_HOW_IN_WORDS[self.how]} {self.column}{weighted} over {rows} of {self.table}"


@dataclass(frozen=True)
class Trace:
    """A number's origin: one term, or two of them joined.

    ``plus``: both together. ``less``: the first without the second. ``share``: the first over the
    second. ``rest``: one less the share, so 1 - first / second.
    """

    first: Term
    second: Term | None = None
    joined: Joined = "alone"

    @property
    def terms(self) -> tuple[Term, ...]:
        """The one or two terms."""
        return (self.first,) if self.second is None else (self.first, self.second)

    @property
    def words(self) -> str:
        """How the number is worked out, for a reader."""
        if self.second is None:
            return self.first.words
        join = {
            "plus": f"{self.first.words}, plus {self.second.words}",
            "less": f"{self.first.words}, less {self.second.words}",
            "share": f"{self.first.words}, divided by {self.second.words}",
            "rest": f"1 less ({self.first.words}, divided by {self.second.words})",
        }
        return join[self.joined]


@dataclass(frozen=True)
class Number:
    """A number that is shown. ``shown`` is how it stands in the text; ``value`` is unrounded."""

    name: str
    value: float
    shown: str
    trace: Trace


@dataclass(frozen=True)
class Said:
    """A text that is safe to say aloud, with every number in it."""

    text: str
    numbers: tuple[Number, ...] = ()


def total(values: npt.NDArray[np.float64]) -> float:
    """Return the sum of what is known: 0 of no rows, NaN where every row is missing."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if known.size or not values.size else float("nan")
