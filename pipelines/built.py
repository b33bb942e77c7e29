"""Where the publishers' files lie, and the snapshot that is made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd

from atlas.catalogue.vintages import Vintage
from pipelines.readers import geography


@dataclass(frozen=True)
class Built:
    """A snapshot about to be published, beside the source tables that it must agree with.

    ``lookup`` (``lsoa_code, ward_code, authority_code``) and ``hierarchy`` (``ward_code,
    ward_name, authority_code, region_code``) are as read. ``source_tables`` are the readers'
    tables by LSOA, each with ``lsoa_code`` and its figures. ``authority_of`` maps LSOA to
    authority as the deprivation file says it: a second opinion on the lookup. ``outlined`` are
    the wards that have a boundary. ``authority_shapes`` (``authority_code, authority_name,
    published_name, apart``) compares wards merged into authorities with the authorities' own
    outlines: ``apart`` is the area that only one of the two covers, as a share. ``postcodes`` have
    ``ward_code`` and the ``lsoa_code`` they were placed in; ``venues`` are the libraries with their
    flags as truth values. Authorities ``not_reported`` told nothing of their libraries. ``beside``
    are tables in files of their own, by file name. ``previous`` is the ward table of the last
    snapshot, if any. ``expected`` is how many areas the wards' edition is declared to have.
    """

    wards: pd.DataFrame
    lsoas: pd.DataFrame
    libraries: pd.DataFrame
    lookup: pd.DataFrame
    hierarchy: pd.DataFrame
    source_tables: Mapping[str, pd.DataFrame]
    authority_of: pd.Series
    outlined: frozenset[str]
    authority_shapes: pd.DataFrame
    postcodes: pd.DataFrame
    venues: pd.DataFrame
    not_reported: frozenset[str] = frozenset()
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    previous: pd.DataFrame | None = None
    expected: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """A folder of published files, laid out as the declarations of an edition of wards say."""

    path: Path
    vintage: Vintage

    def file(self, key: str) -> Path:
        """Return where the source ``key`` lies, or would lie."""
        return self.path / self.vintage.sources[key].file

    def has(self, key: str) -> bool:
        """Say whether the source ``key`` is declared and there."""
        return key in self.vintage.sources and self.file(key).is_file()

    def outlines(self, key: str, prefix: str) -> gpd.GeoDataFrame:
        """Read the boundaries of source ``key``: its first two columns are code and name."""
        code, name = self.vintage.sources[key].columns[:2]
        return geography.read_boundaries(self.file(key), code, name, prefix)
