"""Reading a file on trial, before it may replace a good one.

A page of HTML, half a file, a renamed column, a code that stands twice, a suppression mark in a
number column: the readers already refuse all of these, so a download is read once on arrival.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import year_of
from pipelines.readers import (
    broadband,
    census,
    councils,
    geography,
    libraries,
    name_lists,
    postcodes,
    reader_of,
)
from pipelines.readers.walking import read_walking_areas

_NO_MSOA = pd.DataFrame({"lsoa_code": pd.Series(dtype=str), "msoa_code": pd.Series(dtype=str)})

Trial = Callable[[Path], object]


def _outlines(prefix: str) -> Callable[[Path, Source], object]:
    def read(path: Path, source: Source) -> object:
        code, name = source.columns[:2]
        return geography.read_boundaries(path, code, name, prefix)

    return read


def _of_year(read: Callable[[Path, str], object]) -> Callable[[Path, Source], object]:
    return lambda path, source: read(path, year_of(source))


def _council_figure(path: Path, source: Source) -> object:
    return councils.read_figure(path, "share", source.as_at, {})


# Files that the build reads by itself; the others name their reader.
_TRIALS: dict[str, Callable[[Path, Source], object]] = {
    "ward_boundaries": _outlines("E05"),
    "ward_boundaries_fine": _outlines("E05"),
    "authority_boundaries": _outlines("E0"),
    "lsoa_boundaries": _outlines("E01"),
    "lsoa_boundaries_fine": _outlines("E01"),
    "lsoa_to_ward": _of_year(geography.read_lsoa_to_ward),
    "lsoa_to_ward_before": _of_year(geography.read_ward_names),
    "ward_hierarchy": _of_year(geography.read_wards),
    "combined_authorities": lambda path, _: geography.read_combined_authorities(path, {}),
    "lsoa_to_msoa": lambda path, _: geography.read_lsoa_to_msoa(path),
    "output_area_to_lsoa": lambda path, _: geography.read_oa_to_lsoa(path),
    "broadband_output_areas": lambda path, _: broadband.read_output_area_counts(path),
    "broadband_msoa": lambda path, _: broadband.read_msoa(path, _NO_MSOA),
    "libraries": lambda path, _: libraries.read_libraries(path),
    "digital_propensity": lambda path, _: census.read_index(path),
    "lsoa_changes": lambda path, _: census.read_lsoa_changes(path),
    "similar_councils": lambda path, _: councils.read_similar(path, {}),
    "walking_areas": lambda path, _: read_walking_areas(path),
    "postcodes": lambda path, _: postcodes.read_postcodes(path),
    "council_names": lambda path, _: name_lists.read_council_names(path),
    "towns": lambda path, _: name_lists.read_towns(path),
    "neighbourhood_names": lambda path, _: name_lists.read_neighbourhoods(path),
    **dict.fromkeys(("ofcom_gigabit", "ofcom_below_30", "ofcom_4g", "ofcom_5g"), _council_figure),
}


def trial_of(source: Source) -> Trial | None:
    """Return what reads a file of this source on trial, or None where nothing does."""
    if source.reader:
        return reader_of(source)
    trial = _TRIALS.get(source.key)
    return (lambda path: trial(path, source)) if trial else None
