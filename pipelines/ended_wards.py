"""Which wards of the edition before have ended, and in which wards their small areas are now."""

from pathlib import Path
from typing import Any

import pandas as pd

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import year_of
from pipelines.built import Built
from pipelines.readers import geography

SOURCE = "lsoa_to_ward_before"


def ended_wards(path: Path, built: Built, used: dict[str, Source]) -> pd.DataFrame:
    """Compare the earlier best-fit lookup at ``path`` with the wards that are built now.

    Returns one row per ended ward and successor: ``ended_code, ended_name, ended_in`` (the new
    edition), ``ward_code`` (the successor), ``share`` (of the ended ward's residents, by the
    population of the small areas that fitted it best), the largest first. A ward that no small
    area fitted best is not in the lookup, so nothing can be said of it.
    """
    before = geography.read_ward_names(path, year_of(used[SOURCE]))
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
