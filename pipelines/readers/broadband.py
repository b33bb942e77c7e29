"""Broadband availability: Ofcom's output areas, or the House of Commons Library's MSOAs.

Both end in the same table by LSOA, so nothing after this module knows which was at hand:
``lsoa_code, superfast_unavailable_rate, gigabit_unavailable_rate, slow_lines_rate`` (shares).
"""

from pathlib import Path

import pandas as pd

from pipelines.download.archives import open_member
from pipelines.readers.fields import ReadError, coded, numbers, pick, read_sheet

# Residential premises where Ofcom gives them, else all premises; r1 and r01 are both in use.
_RESIDENTIAL = r"\d{6}_fixed_oa_res_coverage_r0?\d+\.csv$"
_ALL_PREMISES = r"\d{6}_fixed_oa_coverage_r0?\d+\.csv$"
_COUNTS = ["premises", "superfast", "gigabit"]
_PREMISES = {
    "output_area": "output_area",
    "premises": "All Premises",
    "superfast": "Number of premises with SFBB availability",
    "gigabit": "Number of premises with Gigabit availability",
}


def read_msoa(path: Path, lsoa_to_msoa: pd.DataFrame) -> pd.DataFrame:
    """Read the Commons Library workbook: each LSOA takes the shares of its MSOA.

    ``lsoa_to_msoa`` has ``lsoa_code, msoa_code``. Raises :class:`ReadError` where an MSOA of the
    lookup is not in the workbook.
    """
    sheet = read_sheet(path, "Sub-constituency data", "Area code")
    table = pick(
        sheet,
        {
            "msoa_code": "Area code",
            "superfast": "Superfast availability",
            "gigabit": "Gigabit availability",
            "slow_lines_rate": "Receiving under 10 Mbps",
        },
        path,
    )
    table = coded(table, "msoa_code", "E02", path)
    table = numbers(table, ["superfast", "gigabit", "slow_lines_rate"], path, most=1)
    joined = lsoa_to_msoa.merge(table, on="msoa_code", how="left", validate="many_to_one")
    absent = joined.loc[joined["superfast"].isna(), "msoa_code"].unique()
    if len(absent):
        raise ReadError(
            f"{path.name} has no row for {len(absent)} MSOAs, first {list(absent[:3])}. "
            "Check that it uses MSOA 2021 codes."
        )
    return pd.DataFrame(
        {
            "lsoa_code": joined["lsoa_code"],
            "superfast_unavailable_rate": 1 - joined["superfast"],
            "gigabit_unavailable_rate": 1 - joined["gigabit"],
            "slow_lines_rate": joined["slow_lines_rate"],
        }
    )


def read_output_areas(path: Path, oa_to_lsoa: pd.DataFrame) -> pd.DataFrame:
    """Read Ofcom's coverage zip (nested or not): counts summed to LSOAs, then divided.

    ``oa_to_lsoa`` has ``output_area, lsoa_code``. An output area without a row has no
    residential premises: it adds nothing. An LSOA without any is missing, not zero.
    """
    table = read_output_area_counts(path)
    joined = table.merge(oa_to_lsoa, on="output_area", how="left", validate="one_to_one")
    unknown = joined.loc[joined["lsoa_code"].isna(), "output_area"]
    if len(unknown):
        raise ReadError(
            f"{path.name}: {len(unknown)} output areas are not in the 2021 lookup, first "
            f"{list(unknown[:3])}. Check that both use Census 2021 output areas."
        )
    sums = joined.groupby("lsoa_code")[_COUNTS].sum().reindex(sorted(set(oa_to_lsoa["lsoa_code"])))
    premises = sums["premises"].where(sums["premises"] > 0)
    return pd.DataFrame(
        {
            "superfast_unavailable_rate": 1 - sums["superfast"] / premises,
            "gigabit_unavailable_rate": 1 - sums["gigabit"] / premises,
            "slow_lines_rate": float("nan"),
        }
    ).reset_index(names="lsoa_code")


def read_output_area_counts(path: Path) -> pd.DataFrame:
    """Read Ofcom's counts by English output area: premises, superfast and gigabit premises."""
    table = coded(pick(_raw_output_areas(path), _PREMISES, path), "output_area", "E00", path)
    table = numbers(table, _COUNTS, path, blank=True)
    # A count that Ofcom left blank makes that area's premises unknown, so it is left out whole.
    table = table.dropna(subset=_COUNTS)
    over = table[(table["superfast"] > table["premises"]) | (table["gigabit"] > table["premises"])]
    if len(over):
        raise ReadError(
            f"{path.name}: {len(over)} output areas have more served premises than premises, "
            f"first {list(over['output_area'][:3])}. Download the file again."
        )
    return table


def _raw_output_areas(path: Path) -> pd.DataFrame:
    try:
        member = open_member(path, _RESIDENTIAL)
    except LookupError:
        member = open_member(path, _ALL_PREMISES)
    with member:
        return pd.read_csv(member, dtype=str, keep_default_na=False, encoding="utf-8-sig")
