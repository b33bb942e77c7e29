"""ONS's Digital Propensity Index: who sent the Census of 2021 online, on small areas of 2011."""

from pathlib import Path

import pandas as pd

from pipelines.readers.fields import ReadError, numbers, pick, read_coded, read_text_csv


def read_lsoa_changes(path: Path) -> pd.DataFrame:
    """Read the exact lookup of small areas: ``lsoa11_code, lsoa_code``, English, by both.

    An area of 2011 that was split stands once for each of its parts, one of 2021 that was merged
    once for each of its members. Raises :class:`ReadError`.
    """
    table = pick(read_text_csv(path), {"lsoa11_code": "LSOA11CD", "lsoa_code": "LSOA21CD"}, path)
    table = table[table["lsoa_code"].str.startswith("E01")]
    if table.empty or table.duplicated().any():
        raise ReadError(f"{path.name}: no English small areas, or a pair that stands twice.")
    return table.sort_values(["lsoa_code", "lsoa11_code"], ignore_index=True)


def read_index(path: Path) -> pd.DataFrame:
    """Read the index as published: ``lsoa11_code`` and ``online``, per cent. Raises
    :class:`ReadError`."""
    table = read_coded(path, {"lsoa11_code": "LSOAcode", "online": "Score"}, "E01")
    return numbers(table, ["online"], path, most=100)


def read_not_online(path: Path, changes: pd.DataFrame) -> pd.DataFrame:
    """Read the index and bring it to the small areas of 2021: ``lsoa_code, not_online_rate``.

    The share of households that did not answer online. A part of a split area has its share; a
    merged or irregular area the plain mean of its members'. Raises :class:`ReadError`, also where
    an area of the lookup is not in the file.
    """
    joined = changes.merge(read_index(path), on="lsoa11_code", how="left", validate="many_to_one")
    absent = joined.loc[joined["online"].isna(), "lsoa11_code"].unique()
    if len(absent):
        raise ReadError(
            f"{path.name} has no row for {len(absent)} small areas of 2011, first "
            f"{list(absent[:3])}. Check that it uses LSOA 2011 codes."
        )
    online = joined.groupby("lsoa_code", as_index=False)["online"].mean()
    return pd.DataFrame(
        {"lsoa_code": online["lsoa_code"], "not_online_rate": 1 - online["online"] / 100}
    )
