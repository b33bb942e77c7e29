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


def _outlines(prefix: str) -> Callable[[Source], Trial]:
    def trial(source: Source) -> Trial:
        code, name = source.columns[:2]
        return lambda path: geography.read_boundaries(path, code, name, prefix)

    return trial


def _of_year(read: Callable[[Path, str], object]) -> Callable[[Source], Trial]:
    return lambda source: lambda path: read(path, year_of(source))


def _council_figure(source: Source) -> Trial:
    return lambda path: councils.read_figure(path, "share", source.as_at, {})


def _plain(read: Trial) -> Callable[[Source], Trial]:
    return lambda source: read


# Files that the build reads by itself; the others name their reader.
TRIALS: dict[str, Callable[[Source], Trial]] = {
    "ward_boundaries": _outlines("E05"),
    "ward_boundaries_fine": _outlines("E05"),
    "authority_boundaries": _outlines("E0"),
    "lsoa_boundaries": _outlines("E01"),
    "lsoa_boundaries_fine": _outlines("E01"),
    "lsoa_to_ward": _of_year(geography.read_lsoa_to_ward),
    "lsoa_to_ward_before": _of_year(geography.read_ward_names),
    "ward_hierarchy": _of_year(geography.read_wards),
    "combined_authorities": _plain(lambda path: geography.read_combined_authorities(path, {})),
    "lsoa_to_msoa": _plain(geography.read_lsoa_to_msoa),
    "output_area_to_lsoa": _plain(geography.read_oa_to_lsoa),
    "broadband_output_areas": _plain(broadband.read_output_area_counts),
    "broadband_msoa": _plain(lambda path: broadband.read_msoa(path, _NO_MSOA)),
    "libraries": _plain(libraries.read_libraries),
    "digital_propensity": _plain(uptake.read_index),
    "lsoa_changes": _plain(uptake.read_lsoa_changes),
    "rural_urban": _plain(geography.read_rural_urban),
    "similar_councils": _plain(lambda path: councils.read_similar(path, {})),
    "walking_areas": _plain(read_walking_areas),
    **{key: _council_figure for key in ("ofcom_gigabit", "ofcom_below_30", "ofcom_4g", "ofcom_5g")},
    "postcodes": _plain(postcodes.read_postcodes),
    "council_names": _plain(name_lists.read_council_names),
    "towns": _plain(name_lists.read_towns),
    "neighbourhood_names": _plain(name_lists.read_neighbourhoods),
}


def trial_of(source: Source) -> Trial | None:
    """Return what reads a file of this source on trial, or None where nothing does."""
    if source.reader:
        return reader_of(source)
    made = TRIALS.get(source.key)
    return made(source) if made else None
