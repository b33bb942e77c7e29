"""From small areas to wards: sum counts, then divide; weight scores; leave gaps as gaps."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from atlas.catalogue.columns import columns_of, rates

FIT = ("none", "weak", "fair")  # by number of LSOAs; "good" from three on
MOST_ELSEWHERE = 0.25  # of the postcodes of a ward whose fit is good


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


def with_absent(lsoas: pd.DataFrame) -> pd.DataFrame:
    """Add declared columns whose file is not at hand: missing, or blank for text."""
    may_be = [c for c in columns_of("lsoas") if c.unit == "text" or "lsoas" in c.may_be_missing]
    absent = {c.name: "" if c.unit == "text" else np.nan for c in may_be if c.name not in lsoas}
    return lsoas.assign(**absent)


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
    counts = grouped[["postcodes", "postcodes_elsewhere"]].sum().reindex(result.index)
    astray = counts["postcodes_elsewhere"] > MOST_ELSEWHERE * counts["postcodes"]
    # Three small areas or more are no firm ground where they stand for other wards' homes too.
    whole = result["small_areas"].where(~astray | (result["small_areas"] < len(FIT)), len(FIT) - 1)
    result["fit"] = [FIT[n] if n < len(FIT) else "good" for n in whole]
    result["rural_urban"] = _class_of_most(lsoas).reindex(result.index, fill_value="")
    shared = {column.name for column in columns_of("lsoas")}
    for column in columns_of("wards"):
        if column.name not in shared or column.aggregate == "none":
            continue
        if column.aggregate == "sum":
            result[column.name] = grouped[column.name].sum(min_count=1)
        elif not column.count:
            result[column.name] = weighted_mean(lsoas, column.name, column.weight)
    return with_rates(result.reset_index())


def _class_of_most(lsoas: pd.DataFrame) -> pd.Series:
    """The rural-urban class in which most residents of each ward live; of equals, the first."""
    people = lsoas.groupby(["ward_code", "rural_urban"])["population"].sum()
    order = people.sort_values(ascending=False, kind="stable").reset_index()
    return order.drop_duplicates("ward_code").set_index("ward_code")["rural_urban"]


def weighted_mean(lsoas: pd.DataFrame, value: str, weight: str) -> pd.Series:
    """Return the mean of ``value`` weighted by ``weight`` per ward, over the areas that have it."""
    known = lsoas[lsoas[value].notna()]
    total = known[weight].groupby(known["ward_code"]).sum()
    product = (known[value] * known[weight]).groupby(known["ward_code"]).sum()
    return product / total.where(total > 0)


def with_library_counts(
    wards: pd.DataFrame, libraries: pd.DataFrame, unknown: Collection[str] = ()
) -> pd.DataFrame:
    """Add ``open_libraries`` and ``library_hours_per_week`` for wards that have data.

    ``libraries`` are all published libraries with ``ward_code`` and ``counts_for_access``. A ward
    without a library has 0 of both; a ward whose libraries all keep silent on hours has none
    known, so missing. Authorities in ``unknown`` did not report their libraries: nothing is known.
    """
    counted = libraries[libraries["counts_for_access"]].groupby("ward_code")
    number = counted.size().reindex(wards["ward_code"], fill_value=0).to_numpy(dtype=float)
    stated = libraries["staffed_hours_per_week"].where(libraries["hours_known"])
    hours = stated[libraries["counts_for_access"]].groupby(libraries["ward_code"]).sum(min_count=1)
    hours_known = np.where(number == 0, 0.0, hours.reindex(wards["ward_code"]).to_numpy())
    has_data = ((wards["small_areas"] > 0) & ~wards["authority_code"].isin(unknown)).to_numpy()
    return wards.assign(
        open_libraries=np.where(has_data, number, np.nan),
        library_hours_per_week=np.where(has_data, hours_known, np.nan),
    )
