"""Support for the pages: residents, venues and the libraries' own figures, made once a snapshot."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.catchments import catchments
from atlas.access.closures import library_record
from atlas.access.distance import Residents, Venue, library_venues, residents_in, ward_of
from atlas.access.travel import Travel
from atlas.arrays import Bools
from atlas.places.places import ENGLAND
from atlas.planning.scenario import Side, side_of
from atlas.snapshot.snapshot import Snapshot
from views.kit.travel import travel
from views.session import uploads
from views.session.kept import Kept, kept_in_visit
from views.session.snapshot import atlas


class Support:
    """The published libraries and whom they serve, or without the community-run ones. Read-only."""

    def __init__(self, snapshot: Snapshot, by: Travel, service_only: bool = False) -> None:
        self._snapshot = snapshot
        self.by = by
        self.residents = residents_in(snapshot)
        self.libraries = library_venues(snapshot.libraries, service_only)
        self.published = side_of(snapshot.wards, self.residents, self.libraries, travel=by)

    @cached_property
    def catchments(self) -> pd.DataFrame:
        """Whom each library serves, in the order of ``libraries``."""
        return catchments(self.residents, self.libraries, self.by)

    @cached_property
    def record(self) -> pd.DataFrame:
        """Every library on record since 2010, see :func:`atlas.access.closures.library_record`."""
        return library_record(self._snapshot.libraries, self._snapshot.wards)


# Where the session keeps support with the visitor's own places.
_WITH_OWN = "support_with_own"


# By the rule of travel, which an operator's new file changes, and whether the service counts alone.
_supports: Kept[tuple[Travel, bool], Support] = Kept(4)


def support(service_only: bool = False) -> Support:
    """Return the support of this visit's snapshot by all libraries, or the service's alone."""
    by = travel()
    return _supports.get_or_make(
        (by, service_only), lambda: Support(atlas().snapshot, by, service_only)
    )


@dataclass(frozen=True)
class Now:
    """Support as this visit sees it: the libraries, and the visitor's own places where there are.

    ``served`` is :func:`atlas.access.catchments.catchments` in the order of the venues.
    """

    side: Side
    served: pd.DataFrame
    own: int

    @property
    def venues(self) -> tuple[Venue, ...]:
        """The venues that count."""
        return self.side.venues


def now(service_only: bool = False) -> Now:
    """Return support with the libraries and the visitor's own places.

    Scores are places among England's with libraries alone, so that own places show their effect.
    What has own places in it lies in the session and nowhere else.
    """
    made, own = support(service_only), uploads.own_venues()
    if not own:
        st.session_state.pop(_WITH_OWN, None)
        return Now(made.published, made.catchments, 0)

    def with_own() -> Now:
        venues, wards = (*made.libraries, *own), atlas().snapshot.wards
        side = side_of(wards, made.residents, venues, made.published.table, made.by)
        return Now(side, catchments(made.residents, venues, made.by), len(own))

    return kept_in_visit(_WITH_OWN, (made, own), with_own)


def areas_inside(residents: Residents, place: str) -> Bools:
    """Return which small areas lie in the wards of a place."""
    if place == ENGLAND:
        return np.ones(len(residents), dtype=bool)
    return np.asarray(pd.Series(residents.ward_codes).isin(atlas().places.wards(place)))


def venues_inside(venues: tuple[Venue, ...], residents: Residents, place: str) -> list[int]:
    """Return the positions of the venues that stand in the wards of a place."""
    if place == ENGLAND:
        return list(range(len(venues)))
    codes = set(atlas().places.wards(place))
    return [n for n, venue in enumerate(venues) if ward_of(venue, residents) in codes]
