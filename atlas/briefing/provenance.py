"""Where a number comes from: rows of the published tables, and how they were put together.

A trace can be worked through again by anybody who has the tables: take the named rows, then the
named column, then the sum, the count or the weighted mean, and join two such terms if there are
two. :func:`recompute` does exactly that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.risk.index import index_table
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer

How = Literal["value", "sum", "count", "mean"]
Joined = Literal["alone", "less", "share", "rest"]

# The key column of each table that a number can come from.
KEYS = {
    "wards": "ward_code",
    "lsoas": "lsoa_code",
    "risk_index": "ward_code",
}
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
    chosen. ``weight`` is the column that weights a mean. Missing values are left out.
    """

    table: str
    keys: tuple[str, ...]
    column: str
    how: How
    rule: str
    weight: str = ""

    @property
    def words(self) -> str:
        """How the term is worked out, for a reader: "the sum of population over 38 rows"."""
        rows = f"{len(self.keys):,} row{'' if len(self.keys) == 1 else 's'}"
        weighted = f", weighted by {self.weight}," if self.weight else ""
        return f"{_HOW_IN_WORDS[self.how]} {self.column}{weighted} over {rows} of {self.table}"


@dataclass(frozen=True)
class Trace:
    """A number's origin: one term, or two of them joined.

    ``less``: the first without the second. ``share``: the first over the second. ``rest``: one
    less the share, so 1 - first / second.
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


def joined(*parts: Said) -> Said:
    """Return several texts as one, in order, with a space between."""
    text = " ".join(part.text for part in parts if part.text)
    return Said(text, tuple(number for part in parts for number in part.numbers))


def traced_tables(scorer: Scorer) -> dict[str, pd.DataFrame]:
    """Return the tables that traces name, under the names that the datastore gives them: wards,
    small areas, and the standard index compared with England with the pockets inside each ward.
    """
    asked = RiskRequest()
    pockets = scorer.pockets(asked).by_ward
    return {
        "wards": scorer.snapshot.wards,
        "lsoas": scorer.snapshot.lsoas,
        "risk_index": pd.concat([index_table(scorer.index(asked)), pockets], axis=1),
    }


def recompute(trace: Trace, tables: Mapping[str, pd.DataFrame]) -> float:
    """Work a number out again from the tables; NaN where nothing is known.

    Raises ``KeyError`` where a table, a column or a row does not exist.
    """
    values = [_worked_out(term, tables[term.table]) for term in trace.terms]
    if len(values) == 1:
        return values[0]
    first, second = values
    if trace.joined == "less":
        return first - second
    share = first / second if second else float("nan")
    return 1 - share if trace.joined == "rest" else share


def _worked_out(term: Term, table: pd.DataFrame) -> float:
    rows = table.set_index(KEYS[term.table], drop=False).loc[list(term.keys)]
    if term.how == "count":
        return float(rows[term.column].notna().sum())
    values = rows[term.column].to_numpy(dtype=float)
    if term.how == "mean":
        weights = rows[term.weight].to_numpy(dtype=float)
        known = ~np.isnan(values) & ~np.isnan(weights) & (weights > 0)
        return float(np.average(values[known], weights=weights[known])) if known.any() else np.nan
    if term.how == "value" and len(values) != 1:
        raise KeyError(f"a value needs one row, not {len(values)}")
    return total(values)


def total(values: npt.NDArray[np.float64]) -> float:
    """Return the sum of what is known: 0 of no rows, NaN where every row is missing."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if known.size or not values.size else float("nan")
