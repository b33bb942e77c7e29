"""English Indices of Deprivation 2025: file 7 (scores) and file 8 (underlying indicators)."""

from pathlib import Path

import pandas as pd

from pipelines.readers.fields import coded, numbers, pick, read_coded, read_sheet

_LSOA = "LSOA code (2021)"
_SCORES = {
    "lsoa_code": _LSOA,
    "authority_code": "Local Authority District code (2024)",
    "imd_score": "Index of Multiple Deprivation (IMD) Score",
    "income_deprived_rate": "Income Score (rate)",
    "low_skills_rate": "Adult Skills Sub-domain Score",
}
_INCOME = {"lsoa_code": _LSOA, "income_deprived_people": "Income Domain numerator"}
_BARRIERS = {
    "lsoa_code": _LSOA,
    "digital_connectivity_score": "Digital Connectivity (Broadband download and upload speeds)",
    "transport_connectivity_score": "Connectivity Score",
}


def read_scores(path: Path) -> pd.DataFrame:
    """Read file 7.

    Returns one row per English LSOA, sorted by ``lsoa_code``: ``authority_code``, ``imd_score``
    (0-100), ``income_deprived_rate`` and ``low_skills_rate`` (shares, 0-1). No value may be
    missing. Raises :class:`ReadError`.
    """
    table = numbers(read_coded(path, _SCORES, "E01"), ["imd_score"], path, most=100)
    return numbers(table, ["income_deprived_rate", "low_skills_rate"], path, most=1)


def read_indicators(path: Path) -> pd.DataFrame:
    """Read file 8.

    Returns one row per English LSOA, sorted by ``lsoa_code``: ``income_deprived_people`` (a
    count; NaN where the publisher withheld it), ``digital_connectivity_score`` (standardised,
    higher = slower broadband) and ``transport_connectivity_score`` (0-100, higher = better
    connected). Raises :class:`ReadError`.
    """
    people = _sheet(path, "IoD25 Income Domain", _INCOME)
    people = numbers(people, ["income_deprived_people"], path, blank=True)
    scores = _sheet(path, "IoD25 Barriers Domain", _BARRIERS)
    scores = numbers(scores, ["digital_connectivity_score"], path, least=-20, most=20)
    scores = numbers(scores, ["transport_connectivity_score"], path, most=100)
    return people.merge(scores, on="lsoa_code", how="outer", validate="one_to_one")


def _sheet(path: Path, sheet: str, wanted: dict[str, str]) -> pd.DataFrame:
    return coded(pick(read_sheet(path, sheet, _LSOA), wanted, path), "lsoa_code", "E01", path)
