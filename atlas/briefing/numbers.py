"""Numbers about wards taken together, each with the rows it comes from."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from atlas.arrays import Bools, Floats
from atlas.briefing.provenance import Number, Term, Trace, total
from atlas.catalogue.columns import Column, declared_columns, shown
from atlas.places.area_figures import figure
from atlas.places.places import natural
from atlas.risk.index import Index
from atlas.risk.needs import need_places
from atlas.risk.pockets import Pockets
from atlas.risk.reasons import driver_points
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer
from atlas.text.numbers import people, percent

FIFTH = 0.2
# The published table of risk by the standard weights, and what stands for it with others.
PUBLISHED, OWN_LIST = "risk_index", "a ward list with these weights"

Rows = npt.NDArray[np.intp]


class PlaceNumbers:
    """One snapshot's wards, ready to be counted with an origin.

    Rows are row numbers of the ward table. ``rule`` says in words which wards they are. Risk is
    the index with the weights that are ``asked``, compared with England; ``table`` names where
    its rows stand.
    """

    def __init__(self, scorer: Scorer, asked: RiskRequest | None = None) -> None:
        asked = asked or RiskRequest()
        self.wards = scorer.snapshot.wards
        self.version = scorer.snapshot.version
        self.places = scorer.places
        self.index: Index = scorer.index(asked)
        self.pockets: Pockets = scorer.pockets(asked)
        self.weights = weights_said(asked, self.index)
        self.table = OWN_LIST if self.weights else PUBLISHED
        # Needs depend on the weights inside the parts alone.
        self.needs = need_places(self.index)
        self.needs_table = OWN_LIST if asked.inner else PUBLISHED
        self.in_fifth: Bools = self.index.in_highest(FIFTH)
        self.codes = self.wards["ward_code"].to_numpy(dtype=object)

    @property
    def in_fifth_said(self) -> str:
        """How target wards are told from others, in words."""
        return f"band 9 or 10 in {self.table}"

    def named(self, row: int) -> tuple[str, str, str]:
        """Return a ward's code, its name, and its council's."""
        ward = self.wards.iloc[row]
        return str(ward["ward_code"]), str(ward["ward_name"]), natural(str(ward["authority_name"]))

    def score(self, row: int) -> Number:
        """Return one ward's score: its whole part is shown."""
        name = self.wards["ward_name"].iloc[row]
        value = round(float(self.index.score[row]), 6)
        term = Term(self.table, (str(self.codes[row]),), "score", "value", f"the ward {name}")
        shown = "no data" if np.isnan(value) else f"{int(value)}"
        return Number(f"Score of {name}", value, shown, Trace(term))

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

    def sum(self, rows: Rows, column: str, rule: str, name: str) -> Number:
        """Return a sum; people and households are shown to the nearest ten."""
        value = total(self.values(column)[rows])
        counted = declared_columns()[column].unit in ("people", "households")
        term = Term("wards", tuple(self.codes[rows]), column, "sum", rule)
        written = people(value) if counted or np.isnan(value) else f"{value:,.0f}"
        return Number(name, value, written, Trace(term))

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
        """Return residents more than a mile from a library, where libraries are known."""
        near, whole = self._near_and_all(rows, rule, name)
        value = whole.value - near.value
        return Number(
            name, value, people(value), Trace(whole.trace.first, near.trace.first, "less")
        )

    def beyond_share(self, rows: Rows, rule: str, name: str) -> Number:
        """Return the share of residents more than a mile from a library, where those are known."""
        near, whole = self._near_and_all(rows, rule, name)
        value = 1 - near.value / whole.value if whole.value else float("nan")
        return Number(
            name, value, percent(value), Trace(near.trace.first, whole.trace.first, "rest")
        )

    def _near_and_all(self, rows: Rows, rule: str, name: str) -> tuple[Number, Number]:
        """Residents near a library, and all, of the wards whose service reported its libraries."""
        rows = rows[~np.isnan(self.values("near_library_people")[rows])]
        return self.sum(rows, "near_library_people", rule, name), self.residents(rows, rule, name)


def weights_said(asked: RiskRequest, index: Index) -> str:
    """Say which weights an index has: "" for the standard ones."""
    if asked == RiskRequest(base=asked.base):
        return ""
    method, inner = index.peers.method, " and other weights inside the parts" if asked.inner else ""
    name = "Own weights" if asked.is_own else method.presets[asked.preset].label
    if asked.is_own and index.weighting.scaling != "exponential":
        name += f" ({index.weighting.scaling})"
    parts = (
        f"{method.components[key].label.lower()} {weight:.0%}"
        for key, weight in index.weighting.weight.items()
    )
    return f"{name}: {', '.join(parts)}{inner}"


def share_of(part: Number, whole: Number, name: str) -> Number:
    """Return one number's share of another; NaN where the whole is nothing."""
    value = part.value / whole.value if whole.value else float("nan")
    return Number(name, value, percent(value), Trace(part.trace.first, whole.trace.first, "share"))
