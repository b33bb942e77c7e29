"""Numbers about wards taken together, each with the rows it comes from."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from atlas.arrays import Bools, Floats
from atlas.briefing.provenance import Number, Term, Trace, total
from atlas.catalogue.columns import Column, declared_columns, shown
from atlas.places.area_figures import figure
from atlas.risk.index import Index
from atlas.risk.pockets import Pockets
from atlas.risk.reasons import driver_points
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer
from atlas.text.numbers import people, percent

FIFTH = 0.2
IN_FIFTH = "band 9 or 10 in risk_index"

Rows = npt.NDArray[np.intp]


class PlaceNumbers:
    """One snapshot's wards, ready to be counted with an origin.

    Rows are row numbers of the ward table. ``rule`` says in words which wards they are. Risk is
    the standard index compared with England.
    """

    def __init__(self, scorer: Scorer) -> None:
        self.wards = scorer.snapshot.wards
        self.version = scorer.snapshot.version
        self.places = scorer.places
        self.index: Index = scorer.index(RiskRequest())
        self.pockets: Pockets = scorer.pockets(RiskRequest())
        self.in_fifth: Bools = self.index.in_highest(FIFTH)
        self.codes = self.wards["ward_code"].to_numpy(dtype=object)

    @cached_property
    def points(self) -> dict[str, Floats]:
        """Each indicator's pull on every ward's score."""
        return driver_points(self.index)

    @property
    def every_row(self) -> Rows:
        """All wards of England."""
        return np.arange(len(self.wards))

    def values(self, column: str) -> Floats:
        """Return a column of the ward table."""
        return self.wards[column].to_numpy(dtype=float)

    def over(self, rows: Rows, column: str, rule: str) -> Term:
        """Return the sum of a column over wards, as a term of a trace."""
        return Term("wards", tuple(self.codes[rows]), column, "sum", rule)

    def sum(self, rows: Rows, column: str, rule: str, name: str) -> Number:
        """Return a sum; people and households are shown to the nearest ten."""
        value = total(self.values(column)[rows])
        counted = declared_columns()[column].unit in ("people", "households")
        written = people(value) if counted or np.isnan(value) else f"{value:,.0f}"
        return Number(name, value, written, Trace(self.over(rows, column, rule)))

    def residents(self, rows: Rows, rule: str, name: str) -> Number:
        """Return the residents of wards."""
        return self.sum(rows, "population", rule, name)

    def mean(self, rows: Rows, column: Column, rule: str, name: str) -> Number:
        """Return the mean of a column that is declared as a weighted mean."""
        value = figure(self.wards, column, rows)
        term = Term("wards", tuple(self.codes[rows]), column.name, "mean", rule, column.weight)
        return Number(name, value, shown(column, value), Trace(term))

    def value(self, row: int, column: Column, name: str) -> Number:
        """Return one ward's own figure."""
        value = float(self.wards[column.name].iloc[row])
        rule = f"the ward {self.wards['ward_name'].iloc[row]}"
        term = Term("wards", (str(self.codes[row]),), column.name, "value", rule)
        return Number(name, value, shown(column, value), Trace(term))

    def count(self, rows: Rows, rule: str, name: str) -> Number:
        """Return how many wards there are."""
        term = Term("wards", tuple(self.codes[rows]), "ward_code", "count", rule)
        return Number(name, float(len(rows)), f"{len(rows):,}", Trace(term))

    def beyond(self, rows: Rows, rule: str, name: str) -> Number:
        """Return residents more than a mile from an open, staffed library."""
        whole = self.over(rows, "population", rule)
        near = self.over(rows, "near_library_people", rule)
        value = total(self.values("population")[rows])
        value -= total(self.values("near_library_people")[rows])
        return Number(name, value, people(value), Trace(whole, near, "less"))

    def beyond_share(self, rows: Rows, rule: str, name: str) -> Number:
        """Return the share of residents more than a mile from an open, staffed library."""
        near = self.over(rows, "near_library_people", rule)
        whole = self.over(rows, "population", rule)
        near_people = total(self.values("near_library_people")[rows])
        everyone = total(self.values("population")[rows])
        value = 1 - near_people / everyone if everyone else float("nan")
        return Number(name, value, percent(value), Trace(near, whole, "rest"))


def share_of(part: Number, whole: Number, name: str) -> Number:
    """Return one number's share of another; NaN where the whole is nothing."""
    value = part.value / whole.value if whole.value else float("nan")
    return Number(name, value, percent(value), Trace(part.trace.first, whole.trace.first, "share"))
