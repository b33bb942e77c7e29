"""What stands beside the figures of wards in files of its own: councils, walking, ended wards."""

from functools import partial, reduce
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import year_of
from atlas.risk.index import index_of, peers
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.risk.request import STANDARD
from atlas.risk.sensitivity import sensitivity, sensitivity_table
from atlas.snapshot.snapshot import read_csv
from pipelines import distances
from pipelines.built import Built, Folder
from pipelines.readers import census, councils, geography
from pipelines.readers.walking import MINUTES, read_walking_areas

COUNCIL_FIGURES = {
    "ofcom_gigabit": "council_gigabit_rate",
    "ofcom_below_30": "council_below_30_rate",
    "ofcom_4g": "council_4g_rate",
    "ofcom_5g": "council_5g_rate",
}
# Of residents of small areas whose walks are known: those within a mile are mostly within 30
# minutes' walk, and hardly anybody beyond two miles is.
_LEAST_OF_NEAR = 0.7


def tables(folder: Folder, built: Built) -> dict[str, pd.DataFrame]:
    """Return what stands beside the figures of wards, by file name, where its files are there.

    ``councils.csv``: newer figures by council, and councils that are alike.
    ``walking_lsoas.parquet`` and ``walking_wards.csv``: of another licence, so never joined to the
    tables of small areas and wards. ``lookup_lsoa_2011.parquet`` and ``lookup_msoa.parquet``:
    areas in which figures are published that are neither small areas nor wards.
    """
    found = {"lookup_msoa.parquet": geography.read_msoas(folder.file("lsoa_to_msoa"))}
    if folder.has("lsoa_changes"):
        changes = census.read_lsoa_changes(folder.file("lsoa_changes"))
        ended = ~changes["lsoa11_code"].isin(built.lsoas["lsoa_code"])
        order = ["lsoa11_code", "lsoa_code"]
        found["lookup_lsoa_2011.parquet"] = changes[ended].sort_values(order, ignore_index=True)
    of_councils = councils_context(folder)
    if of_councils is not None:
        codes = built.wards[["authority_code"]].drop_duplicates().sort_values("authority_code")
        found["councils.csv"] = codes.merge(of_councils, on="authority_code", how="left")
    if folder.has("walking_areas"):
        areas = read_walking_areas(folder.file("walking_areas"))
        homes = distances.homes_by_row(built.lsoas, built.postcodes)
        lsoas = distances.walking_shares(built.lsoas, homes, built.venues, areas)
        found["walking_lsoas.parquet"] = lsoas
        found["walking_wards.csv"] = distances.of_wards(
            lsoas, built.lsoas, built.wards["ward_code"]
        )
    return found


def what_places_depend_on(folder: Path) -> pd.DataFrame:
    """Return what wards' places depend on by the standard weights, from the tables just written.

    As :func:`atlas.risk.sensitivity.sensitivity_table`: from the declared seed, so that the same
    tables give the same rows. Some seconds for England.
    """
    wards, councils = read_csv(folder / "wards.csv", "wards"), folder / "councils.csv"
    method = declared_method()
    group = peers(wards, councils=read_csv(councils, "councils") if councils.exists() else None)
    index = index_of(group, weighting_of(method.presets[STANDARD], method))
    return sensitivity_table(sensitivity(index), group.codes)


def councils_context(folder: Folder) -> pd.DataFrame | None:
    """Read what there is on councils as a whole; None where no file is there."""
    recoded = folder.vintage.recoded
    read = [
        councils.read_figure(folder.file(key), name, folder.vintage.sources[key].as_at, recoded)
        for key, name in COUNCIL_FIGURES.items()
        if folder.has(key)
    ]
    if folder.has("similar_councils"):
        read.append(councils.read_similar(folder.file("similar_councils"), recoded))
    merged = partial(pd.merge, on="authority_code", how="outer", validate="one_to_one")
    return reduce(merged, read) if read else None


def council_faults(built: Built) -> list[str]:
    """Either no council has a figure of a kind, or every one has."""
    table = built.beside.get("councils.csv")
    if table is None:
        return []
    return [
        f"{int(table[name].isna().sum())} councils have no {name}, such as "
        f"{table['authority_code'][table[name].isna()].iloc[0]}"
        for name in table.columns[table.isna().any()]
    ]


def walking_faults(built: Built) -> list[str]:
    """Longer walks reach no fewer, walks agree with straight lines, and nobody is lost."""
    if "walking_wards.csv" not in built.beside:
        return []
    lsoas = built.beside["walking_lsoas.parquet"].set_index("lsoa_code")
    rows = built.lsoas.drop_duplicates("lsoa_code").set_index("lsoa_code").reindex(lsoas.index)
    names = [f"walk_{minutes}_rate" for minutes in MINUTES]
    found = [
        f"{longer} is below {shorter}"
        for shorter, longer in pairwise(names)
        if (lsoas[longer] < lsoas[shorter] - 1e-12).any()
    ]
    farthest = lsoas[names[-1]]
    if (farthest.notna() & rows["near_library_people"].isna()).any():
        found.append("walking time is known where libraries were not reported")
    near = farthest[rows["near_library_rate"] == 1].dropna()
    if len(near) and near.mean() < _LEAST_OF_NEAR:
        found.append(
            f"only {near.mean():.0%} of residents near a library are within 30 minutes' walk of "
            "one: are the walking areas in other units?"
        )
    return found + _not_conserved(built, lsoas, rows, names)


def _not_conserved(
    built: Built, lsoas: pd.DataFrame, rows: pd.DataFrame, names: list[str]
) -> list[str]:
    wards = built.beside["walking_wards.csv"].set_index("ward_code")
    once = built.wards.drop_duplicates("ward_code").set_index("ward_code")
    people = once["population"].reindex(wards.index)
    found = []
    for name in names:
        counted = rows["ward_code"].map(wards[name]).notna()
        total = float((lsoas[name] * rows["population"])[counted].sum())
        if abs(float((wards[name] * people).sum()) - total) > 1e-6 * max(total, 1):
            found.append(f"{name} of wards does not conserve that of small areas")
    return found


WARDS_BEFORE = "lsoa_to_ward_before"


def ended_wards(path: Path, built: Built, used: dict[str, Source]) -> pd.DataFrame:
    """Compare the earlier best-fit lookup at ``path`` with the wards that are built now.

    Returns one row per ended ward and successor: ``ended_code, ended_name, ended_in`` (the new
    edition), ``ward_code`` (the successor), ``share`` (of the ended ward's residents, by the
    population of the small areas that fitted it best), the largest first. A ward that no small
    area fitted best is not in the lookup, so nothing can be said of it.
    """
    before = geography.read_ward_names(path, year_of(used[WARDS_BEFORE]))
    now = set(built.wards["ward_code"])
    gone = before[~before["ward_code"].isin(now)]
    people = built.lsoas[["lsoa_code", "ward_code", "population"]]
    joined = gone.merge(people, on="lsoa_code", suffixes=("_before", ""))
    keys = ["ward_code_before", "ward_name"]
    sums = joined.groupby([*keys, "ward_code"], as_index=False)["population"].sum()
    total = sums.groupby("ward_code_before")["population"].transform("sum")
    columns: dict[str, Any] = {
        "ended_code": sums["ward_code_before"],
        "ended_name": sums["ward_name"],
        "ended_in": used["ward_hierarchy"].vintage,
        "ward_code": sums["ward_code"],
        "share": (sums["population"] / total).round(4),
    }
    return pd.DataFrame(columns).sort_values(
        ["ended_code", "share", "ward_code"], ascending=[True, False, True], ignore_index=True
    )
