"""Figures of areas, made from the figures of their wards.

How a column is put together is declared beside it: a sum, or a mean weighted by residents or
households. Wards without data are left out of both sides; nothing missing becomes zero.
"""

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column, declared_columns


def figure(wards: pd.DataFrame, column: Column, rows: np.ndarray | None = None) -> float:
    """Return one area's figure from its wards, NaN where none of them has data.

    ``wards`` is the ward table and ``rows`` the row numbers of the area's wards (all of them by
    default). Sums are people, households or counts; means keep the column's own unit. Raises
    ``ValueError`` for a column that is not declared to add up.
    """
    if column.aggregate == "none":
        raise ValueError(f"column '{column.name}' is not declared to add up over wards")
    names = [column.name, column.weight] if column.aggregate == "mean" else [column.name]
    values, *weights = (
        wards[name].to_numpy(dtype=float)[slice(None) if rows is None else rows] for name in names
    )
    known = ~np.isnan(values) & np.all([weight > 0 for weight in weights], axis=0)
    if not known.any():
        return float("nan")
    if weights:
        return float(np.average(values[known], weights=weights[0][known]))
    return float(values[known].sum())


def count_of(column: Column) -> Column | None:
    """Return the published count that a share is a share of, None where there is none."""
    if column.unit != "share":
        return None
    stem = column.name.removesuffix("_rate")
    names = (f"{stem}_people", f"{stem}_households", stem)
    return next((declared_columns()[n] for n in names if n in declared_columns()), None)
