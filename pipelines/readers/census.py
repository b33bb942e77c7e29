"""Census 2021: its bulk files from Nomis, one zip a table, and who sent theirs online (ONS)."""

from pathlib import Path

import pandas as pd

from pipelines.download.archives import open_member
from pipelines.readers.fields import ReadError, coded, numbers, pick, read_coded, read_text_csv

_AGES_65_74 = ("Age: Aged 65 to 69 years", "Age: Aged 70 to 74 years")
_AGES_75 = ("Age: Aged 75 to 79 years", "Age: Aged 80 to 84 years", "Age: Aged 85 years and over")
_DEPRIVED = tuple(
    f"Household deprivation: Household is deprived in {count} dimensions"
    for count in ("two", "three", "four")
)
_SOCIAL_RENTED = (
    "Tenure of household: Social rented: Other social rented",
    "Tenure of household: Social rented: Rents from council or Local Authority",
)


def read_age(path: Path) -> pd.DataFrame:
    """Read TS007A: ``lsoa_code, population, age_65_74_people, age_75_plus_people`` (people)."""
    return _summed(
        path,
        {
            "population": ("Age: Total",),
            "age_65_74_people": _AGES_65_74,
            "age_75_plus_people": _AGES_75,
        },
    )


def read_disability(path: Path) -> pd.DataFrame:
    """Read TS038: ``lsoa_code, disabled_people``, of the column that is its two children added."""
    return _summed(path, {"disabled_people": ("Disability: Disabled under the Equality Act",)})


def read_household_deprivation(path: Path) -> pd.DataFrame:
    """Read TS011: ``lsoa_code, deprived_households`` (two or more dimensions; households)."""
    return _summed(path, {"deprived_households": _DEPRIVED})


def read_tenure(path: Path) -> pd.DataFrame:
    """Read TS054: ``lsoa_code, households, social_rented_households`` (households)."""
    return _summed(
        path,
        {
            "households": ("Tenure of household: Total: All households",),
            "social_rented_households": _SOCIAL_RENTED,
        },
    )


def _summed(path: Path, sums: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    """Read the LSOA member of a bulk zip, each of our columns a sum of published ones.

    Returns one row per English LSOA sorted by ``lsoa_code``. Raises :class:`ReadError` for a
    missing column or a cell that is not a count.
    """
    with open_member(path, r"-lsoa\.csv$") as member:
        raw = pd.read_csv(member, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    headers = {header: header for parts in sums.values() for header in parts}
    table = pick(raw, {"lsoa_code": "geography code", **headers}, path)
    table = numbers(coded(table, "lsoa_code", "E01", path), list(headers), path)
    for name, parts in sums.items():
        table[name] = table[list(parts)].sum(axis=1)
    return table[["lsoa_code", *sums]]


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
