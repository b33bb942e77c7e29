"""Wards of an area in order of one measure.

The order is always the measure's own: highest first, or lowest first where a lower value means
more need. Wards with equal values are ordered by ward code, so that two runs agree.
"""

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column

IDENTITY = (
    *("ward_code", "ward_name", "authority_code", "authority_name"),
    *("combined_authority_name", "region_name"),
)


def ranked(wards: pd.DataFrame, column: Column, rows: np.ndarray | None = None) -> pd.DataFrame:
    """Return the wards (of ``rows``, by default all) that have a value, in order.

    Columns: ``place_in_list``, names and codes, the measure, ``population``, ``fit``.
    """
    keep = list(dict.fromkeys([*IDENTITY, column.name, "population", "fit"]))
    table = wards[keep] if rows is None else wards[keep].iloc[rows]
    order = in_order(table, column.name, highest_first=column.need != "less")
    # Those without a value come last.
    table = table.iloc[order[: table[column.name].count()]].reset_index(drop=True)
    table.insert(0, "place_in_list", np.arange(1, len(table) + 1))
    return table


def in_order(table: pd.DataFrame, name: str, *, highest_first: bool) -> np.ndarray:
    """Return the row numbers of a table of wards in order of one number, equal ones by ward code.

    Rows without a value come last. Sorting two keys in pandas makes categories of both, at ten
    times the cost.
    """
    by_code = np.argsort(table["ward_code"].to_numpy(dtype=object), kind="stable")
    values = table[name].to_numpy(dtype=float)[by_code]
    return by_code[np.argsort(-values if highest_first else values, kind="stable")]
