"""Numbers worked out again from the tables that their traces name, as any reader could."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from atlas.briefing.numbers import OWN_LIST, PUBLISHED
from atlas.briefing.provenance import Term, Trace, total
from atlas.risk.index import index_table
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer

# The key column of each table that a number can come from.
KEYS = {
    "wards": "ward_code",
    "lsoas": "lsoa_code",
    PUBLISHED: "ward_code",
}


def traced_tables(scorer: Scorer, asked: RiskRequest | None = None) -> dict[str, pd.DataFrame]:
    """Return the tables that traces name, under the names that the datastore gives them: wards,
    small areas, and the index compared with England with the pockets inside each ward.
    """
    lists = {PUBLISHED: RiskRequest()} | ({OWN_LIST: asked} if asked else {})
    return {
        "wards": scorer.snapshot.wards,
        "lsoas": scorer.snapshot.lsoas,
        **{
            name: pd.concat([index_table(scorer.index(w)), scorer.pockets(w).by_ward], axis=1)
            for name, w in lists.items()
        },
    }


def recompute(trace: Trace, tables: Mapping[str, pd.DataFrame]) -> float:
    """Work a number out again from the tables; NaN where nothing is known.

    Raises ``KeyError`` where a table, a column or a row does not exist.
    """
    values = [_worked_out(term, tables[term.table]) for term in trace.terms]
    if len(values) == 1:
        return values[0]
    first, second = values
    if trace.joined in ("plus", "less"):
        return first + second if trace.joined == "plus" else first - second
    share = first / second if second else float("nan")
    return 1 - share if trace.joined == "rest" else share


def _worked_out(term: Term, table: pd.DataFrame) -> float:
    rows = table.set_index(KEYS.get(term.table, "ward_code"), drop=False).loc[list(term.keys)]
    if term.how == "count":
        return float(rows[term.column].notna().sum())
    values = rows[term.column].to_numpy(dtype=float)
    if term.how == "mean":
        weights = rows[term.weight].to_numpy(dtype=float)
        known = ~np.isnan(values) & ~np.isnan(weights) & (weights > 0)
        return float(np.average(values[known], weights=weights[known])) if known.any() else np.nan
    if term.how == "value" and len(values) != 1:
        raise KeyError(f"a value needs one row, not {len(values)}")
    return total(values * np.array(term.parts) if term.parts else values)
