"""A snapshot about to be published, and what it must agree with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


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
