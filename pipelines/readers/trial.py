"""Reading a file on trial, before it may replace a good one.

A page of HTML, half a file, a renamed column, a code that stands twice, a suppression mark in a
number column: the readers already refuse all of these, so a download is read once on arrival.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from pipelines.readers import broadband, census, deprivation, geography, libraries, postcodes

_NO_MSOA = pd.DataFrame({"lsoa_code": pd.Series(dtype=str), "msoa_code": pd.Series(dtype=str)})


def _outlines(code: str, name: str, prefix: str) -> Callable[[Path], object]:
    return lambda path: geography.read_boundaries(path, code, name, prefix)


TRIALS: dict[str, Callable[[Path], object]] = {
    "ward_boundaries": _outlines("WD24CD", "WD24NM", "E05"),
    "ward_boundaries_fine": _outlines("WD24CD", "WD24NM", "E05"),
    "ward_boundaries_greater_manchester": _outlines("WD23CD", "WD23NM", "E05"),
    "authority_boundaries": _outlines("LAD24CD", "LAD24NM", "E0"),
    "lsoa_boundaries": _outlines("LSOA21CD", "LSOA21NM", "E01"),
    "lsoa_to_ward": geography.read_lsoa_to_ward,
    "ward_hierarchy": geography.read_wards,
    "combined_authorities": geography.read_combined_authorities,
    "lsoa_centroids": geography.read_centroids,
    "lsoa_to_msoa": geography.read_lsoa_to_msoa,
    "output_area_to_lsoa": geography.read_oa_to_lsoa,
    "deprivation": deprivation.read_scores,
    "deprivation_indicators": deprivation.read_indicators,
    "census_age": census.read_age,
    "census_disability": census.read_disability,
    "census_household_deprivation": census.read_household_deprivation,
    "census_tenure": census.read_tenure,
    "broadband_output_areas": broadband.read_output_area_counts,
    "broadband_msoa": lambda path: broadband.read_msoa(path, _NO_MSOA),
    "libraries": libraries.read_libraries,
    "postcodes": postcodes.read_postcodes,
}
