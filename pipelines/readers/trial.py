"""Reading a file on trial, before it may replace a good one.

A page of HTML, half a file, a renamed column, a code that stands twice, a suppression mark in a
number column: the readers already refuse all of these, so a download is read once on arrival.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import year_of
from pipelines.readers import (
    broadband,
    councils,
    geography,
    libraries,
    name_lists,
    postcodes,
    reader_of,
    uptake,
)
from pipelines.readers.walking import read_walking_areas

_NO_MSOA = pd.DataFrame({"lsoa_code": pd.Series(dtype=str), "msoa_code": pd.Series(dtype=str)})

Trial = Callable[[Path], object]


def _outlines(prefix: str, path: Path, source: Source) -> object:
    code, name = source.columns[:2]
    return geography.read_boundaries(path, code, name, prefix)


def _of_year(read: Callable[[Path, str], object], path: Path, source: Source) -> object:
    return read(path, year_of(source))


def _council_figure(path: Path, source: Source) -> object:
    return councils.read_figure(path, "share", source.as_at, {})


# Files that the build reads by itself; the others name their reader.
_BY_PATH: dict[str, Trial] = {
    "combined_authorities": lambda path: geography.read_combined_authorities(path, {}),
    "lsoa_to_msoa": geography.read_lsoa_to_msoa,
    "output_area_to_lsoa": geography.read_oa_to_lsoa,
    "broadband_output_areas": broadband.read_output_area_counts,
    "broadband_msoa": lambda path: broadband.read_msoa(path, _NO_MSOA),
    "libraries": libraries.read_libraries,
    "digital_propensity": uptake.read_index,
    "lsoa_changes": uptake.read_lsoa_changes,
    "similar_councils": lambda path: councils.read_similar(path, {}),
    "walking_areas": read_walking_areas,
    "postcodes": postcodes.read_postcodes,
    "council_names": name_lists.read_council_names,
    "towns": name_lists.read_towns,
    "neighbourhood_names": name_lists.read_neighbourhoods,
}
_BY_DECLARATION: dict[str, Callable[[Path, Source], object]] = {
    "ward_boundaries": partial(_outlines, "E05"),
    "ward_boundaries_fine": partial(_outlines, "E05"),
    "authority_boundaries": partial(_outlines, "E0"),
    "lsoa_boundaries": partial(_outlines, "E01"),
    "lsoa_boundaries_fine": partial(_outlines, "E01"),
    "lsoa_to_ward": partial(_of_year, geography.read_lsoa_to_ward),
    "lsoa_to_ward_before": partial(_of_year, geography.read_ward_names),
    "ward_hierarchy": partial(_of_year, geography.read_wards),
    **{key: _council_figure for key in ("ofcom_gigabit", "ofcom_below_30", "ofcom_4g", "ofcom_5g")},
}


def trial_of(source: Source) -> Trial | None:
    """Return what reads a file of this source on trial, or None where nothing does."""
    if source.reader:
        return reader_of(source)
    declared = _BY_DECLARATION.get(source.key)
    return (lambda path: declared(path, source)) if declared else _BY_PATH.get(source.key)
