"""From small areas to wards: sum counts, then divide; weight scores; leave gaps as gaps."""

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column, columns_of, rates

FIT = ("none", "weak", "fair")  # by number of LSOAs; "good" from three on


def one_row_per_lsoa(lookup: pd.DataFrame, tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put tables keyed by ``lsoa_code`` side by side on the rows of the best-fit ``lookup``.

    Every row of the lookup is kept; a table without it leaves NaN, which the checks then report.
    Rows of a table that the lookup lacks are dropped here and reported by the checks, which
    compare each table's totals with the result.
    """
    joined = lookup
    for table in tables:
        fresh = [name for name in table.columns if name == "lsoa_code" or name not in joined]
        joined = joined.merge(table[fresh], on="lsoa_code", how="left", validate="one_to_one")
    return joined.sort_values("lsoa_code", ignore_index=True)


def with_rates(table: pd.DataFrame) -> pd.DataFrame:
    """Add the rates that are one count over another; no one to count gives no rate."""
    return table.assign(
        **{
            rate.name: table[rate.count] / table[rate.total].where(table[rate.total] > 0)
            for rate in rates()
        }
    )


def wards_from_lsoas(wards: pd.DataFrame, lsoas: pd.DataFrame) -> pd.DataFrame:
    """Aggregate small areas to wards.

    ``wards``: one row per ward, sorted by ``ward_code``. ``lsoas``: one row per LSOA with
    ``ward_code``, counts, and scores. Returns ``wards`` with every column that both tables
    declare, plus ``small_areas`` and ``fit``. A ward without an LSOA keeps its row with all
    measures missing.
    """
    grouped = lsoas.groupby("ward_code")
    result = wards.set_index("ward_code")
    result["small_areas"] = grouped.size().reindex(result.index, fill_value=0)
    result["fit"] = [FIT[n] if n < len(FIT) else "good" for n in result["small_areas"]]
    for column in _shared_columns():
        if column.aggregate == "sum":
            result[column.name] = grouped[column.name].sum(min_count=1)
        elif not column.count:
            result[column.name] = weighted_mean(lsoas, column.name, column.weight)
    return with_rates(result.reset_index())


def weighted_mean(lsoas: pd.DataFrame, value: str, weight: str) -> pd.Series:
    """Return the mean of ``value`` weighted by ``weight`` per ward, over the areas that have it."""
    known = lsoas[lsoas[value].notna()]
    total = known[weight].groupby(known["ward_code"]).sum()
    product = (known[value] * known[weight]).groupby(known["ward_code"]).sum()
    return product / total.where(total > 0)


def with_library_counts(wards: pd.DataFrame, libraries: pd.DataFrame) -> pd.DataFrame:
    """Add ``open_libraries`` and ``library_hours_per_week`` for wards that have data.

    ``libraries`` are all published libraries with ``ward_code`` and ``counts_for_access``. A ward
    without a library has 0 of both; a ward whose libraries all keep silent on hours has none
    known, so missing.
    """
    counted = libraries[libraries["counts_for_access"]].groupby("ward_code")
    number = counted.size().reindex(wards["ward_code"], fill_value=0).to_numpy(dtype=float)
    hours = counted["staffed_hours_per_week"].sum(min_count=1).reindex(wards["ward_code"])
    hours_known = np.where(number == 0, 0.0, hours.to_numpy())
    has_data = (wards["small_areas"] > 0).to_numpy()
    return wards.assign(
        open_libraries=np.where(has_data, number, np.nan),
        library_hours_per_week=np.where(has_data, hours_known, np.nan),
    )


def _shared_columns() -> list[Column]:
    in_lsoas = {column.name for column in columns_of("lsoas")}
    return [c for c in columns_of("wards") if c.name in in_lsoas and c.aggregate != "none"]
