"""The targeting list: wards of an area in order of one measure, cut where the reader says.

The order is always the measure's own: highest first, or lowest first where a lower value means
more need. Wards with equal values are ordered by ward code, so that two runs agree.
"""

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column
from atlas.places.view_url import ListSettings

IDENTITY = (
    "ward_code",
    "ward_name",
    "authority_code",
    "authority_name",
    "combined_authority_name",
    "region_name",
)


def ranked(
    wards: pd.DataFrame, column: Column, settings: ListSettings, rows: np.ndarray | None = None
) -> pd.DataFrame:
    """Return the wards that pass the filters, in order, with running totals of residents.

    ``rows`` are the row numbers of the area's wards (all by default). Wards without a value are
    left out. Columns: ``place_in_list`` (1, 2, ...), the ward's names and codes, the measure,
    ``population``, ``fit``, ``people_so_far`` (residents of this and all wards above) and
    ``chosen`` (whether the cut takes it).
    """
    keep = list(dict.fromkeys([*IDENTITY, column.name, "population", "fit"]))
    table = (wards if rows is None else wards.iloc[rows])[keep]
    table = table[_passes(table, column, settings)]
    table = table.iloc[in_order(table, column.name, highest_first=column.need != "less")]
    table = table.reset_index(drop=True)
    table.insert(0, "place_in_list", np.arange(1, len(table) + 1))
    table["people_so_far"] = table["population"].fillna(0).cumsum()
    table["chosen"] = np.arange(len(table)) < cut_off(table, settings)
    return table


def in_order(table: pd.DataFrame, name: str, *, highest_first: bool) -> np.ndarray:
    """Return the row numbers of a table of wards in order of one number, equal ones by ward code.

    Rows without a value come last. Sorting two keys in pandas makes categories of both, at ten
    times the cost.
    """
    by_code = np.argsort(table["ward_code"].to_numpy(dtype=object), kind="stable")
    values = table[name].to_numpy(dtype=float)[by_code]
    return by_code[np.argsort(-values if highest_first else values, kind="stable")]


def _passes(table: pd.DataFrame, column: Column, settings: ListSettings) -> pd.Series:
    values = table[column.name]
    passes = values.notna() & table["fit"].isin(settings.fits)
    passes &= table["population"].fillna(0) >= settings.people
    if settings.authorities:
        passes &= table["authority_code"].isin(settings.authorities)
    if settings.limit is not None:
        reached = values <= settings.limit if column.need == "less" else values >= settings.limit
        passes &= reached
    return passes


def cut_off(table: pd.DataFrame, settings: ListSettings) -> int:
    """Return how many wards of a ranked table the cut takes.

    With ``until`` residents it is the fewest wards from the top that reach that many, or all of
    them where even they do not.
    """
    if not settings.until:
        return min(settings.top, len(table))
    reached = np.searchsorted(table["people_so_far"].to_numpy(), settings.until, side="left")
    return min(int(reached) + 1, len(table))


def by_authority(table: pd.DataFrame, wards: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return how the chosen wards fall among the area's authorities.

    ``table`` is a ranked table; ``rows`` are the area's wards in ``wards``. Columns:
    ``authority_code, authority_name, listed`` (wards chosen), ``wards`` (all of its wards in the
    area), ``residents_listed``, ``residents``, ``share_of_residents`` (listed out of its own),
    ``share_of_list`` (of all residents in chosen wards), ``share_of_area``. Authorities without
    a chosen ward are in it, with 0. Most residents listed first.
    """
    names, people = (wards[n].to_numpy()[rows] for n in ("authority_name", "population"))
    group, codes = pd.factorize(wards["authority_code"].to_numpy(dtype=object)[rows], sort=True)
    _, first = np.unique(group, return_index=True)
    number = {code: at for at, code in enumerate(codes)}
    chosen = table[table["chosen"]]
    part = np.array([number[code] for code in chosen["authority_code"]], dtype=int)
    listed = chosen["population"].fillna(0).to_numpy(dtype=float)
    joined = pd.DataFrame(
        {
            "authority_code": codes,
            "authority_name": names[first],
            "wards": np.bincount(group, minlength=len(codes)),
            "residents": np.bincount(group, np.nan_to_num(people), minlength=len(codes)),
            "listed": np.bincount(part, minlength=len(codes)),
            "residents_listed": np.bincount(part, listed, minlength=len(codes)),
        }
    )
    joined["share_of_residents"] = _share(joined["residents_listed"], joined["residents"])
    joined["share_of_list"] = _share(joined["residents_listed"], joined["residents_listed"].sum())
    joined["share_of_area"] = _share(joined["residents"], joined["residents"].sum())
    order = ["residents_listed", "authority_code"]
    return joined.sort_values(order, ascending=[False, True]).reset_index(drop=True)


def _share(part: pd.Series, whole: pd.Series | float) -> pd.Series:
    # An authority without residents in the data has no share, rather than a share of nothing.
    return part.div(whole).where(lambda share: np.isfinite(share))


def left_out(
    wards: pd.DataFrame, column: Column, settings: ListSettings, rows: np.ndarray
) -> dict[str, int]:
    """Return how many of the area's wards the list leaves out, by reason in plain words.

    Each ward is counted once, under the first reason that applies.
    """
    area = wards.iloc[rows]
    left = pd.Series(True, index=area.index)
    counts = {}
    for reason, test in _reasons(area, column, settings):
        struck = left & test
        if struck.any():
            counts[reason] = int(struck.sum())
        left &= ~test
    return counts


def _reasons(
    area: pd.DataFrame, column: Column, settings: ListSettings
) -> list[tuple[str, pd.Series]]:
    other = pd.Series(False, index=area.index)
    if settings.authorities:
        other = ~area["authority_code"].isin(settings.authorities)
    return [
        ("in councils not chosen", other),
        ("without data for this measure", area[column.name].isna()),
        ("with a weaker fit than chosen", ~area["fit"].isin(settings.fits)),
        ("with fewer residents than chosen", area["population"].fillna(0) < settings.people),
        ("not reaching the chosen value", ~_passes(area, column, settings)),
    ]
