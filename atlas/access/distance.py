"""Where people live and where help is: distances and who is within reach.

All coordinates are EPSG:27700 metres; distances are straight lines from the population-weighted
centre of each small area (LSOA), so all residents of one count as near or all as far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from atlas.arrays import Floats
from atlas.catalogue.cohorts import counted_cohorts, measured

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERYONE = "residents"

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

_KINDS = {
    "static library": "library",
    "static local history library": "local history library",
}
# Cohorts that are made of who is within reach already would be counted in a circle.
_CIRCULAR = {"near_library_people", "near_library_rate"}


@dataclass(frozen=True)
class Venue:
    """A place to get help. ``easting`` and ``northing`` are EPSG:27700 metres.

    ``staffed_hours`` a week is NaN where not known. ``hours`` are (day, band or clock times) as
    published; ``notes`` are (heading, text) pairs such as ("wifi", "yes"). Texts are outside text.
    """

    venue_id: str
    name: str
    kind: str
    easting: float
    northing: float
    ward_code: str = ""
    postcode: str = ""
    address: str = ""
    staffed_hours: float = float("nan")
    origin: Literal["library", "yours", "what if"] = "library"
    hours: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def note(self, heading: str) -> str:
        """Return the note under a heading, "" where there is none."""
        return dict(self.notes).get(heading, "")


@dataclass(frozen=True)
class Residents:
    """Where people live: one row for each LSOA.

    ``codes`` and ``ward_codes`` are texts; ``easting`` and ``northing`` EPSG:27700 metres of
    population-weighted centres. ``people`` has a count by cohort key, and everyone under
    ``"residents"``; NaN = not known. Households stand under the keys of household cohorts.
    """

    codes: Texts
    ward_codes: Texts
    easting: Floats
    northing: Floats
    people: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def points(self) -> Floats:
        """The centres as an (n, 2) array, EPSG:27700 metres."""
        return np.column_stack([self.easting, self.northing])


def buildings(libraries: pd.DataFrame, counted: pd.Series) -> pd.DataFrame:
    """Return one row for each building of the ``counted`` libraries, by ``library_id``.

    Libraries that share a postcode share a building; the first by id stands for it. Libraries
    without coordinates are left out.
    """
    kept = libraries[counted & libraries["easting"].notna()]
    return kept.sort_values("library_id").drop_duplicates("postcode", ignore_index=True)


def library_venues(libraries: pd.DataFrame) -> tuple[Venue, ...]:
    """Return the open, staffed libraries as venues: one for each building, sorted by id.

    ``libraries`` is the snapshot's table. Where two services share a building, the one that is
    staffed longest gives name and hours, and the first by id the identifier and the place.
    """
    counted = libraries["counts_for_access"] == "true"
    order = ["staffed_hours_per_week", "library_id"]
    longest = (
        libraries[counted]
        .sort_values(order, ascending=[False, True])
        .drop_duplicates("postcode")
        .set_index("postcode")
    )
    places = buildings(libraries, counted)
    return tuple(
        _venue(place, service)
        for (_, place), (_, service) in zip(
            places.iterrows(), longest.loc[places["postcode"]].iterrows(), strict=True
        )
    )


def _venue(place: pd.Series, service: pd.Series) -> Venue:
    bands = ((day, str(service[f"hours_{day.lower()}"])) for day in DAYS)
    notes = {
        "service": str(service["authority_name"]),
        "run by": str(service["operation"]),
        "shares its building with": str(service.get("co_located", "")),
    }
    return Venue(
        venue_id=str(place["library_id"]),
        name=str(service["library_name"]),
        kind=_KINDS.get(str(service["library_type"]), "library"),
        easting=float(place["easting"]),
        northing=float(place["northing"]),
        ward_code=str(place["ward_code"]),
        postcode=str(place["postcode"]),
        address=str(service["address"]),
        staffed_hours=float(service["staffed_hours_per_week"]),
        hours=tuple((day, band) for day, band in bands if band),
        notes=tuple((heading, text) for heading, text in notes.items() if text),
    )


def residents_of(lsoas: pd.DataFrame) -> Residents:
    """Return where people live, from the snapshot's table of small areas.

    ``people`` has every counted cohort whose columns small areas have, not rounded; cohorts that
    are themselves made of distances to libraries are left out.
    """
    people = {EVERYONE: lsoas["population"].to_numpy(dtype=float)}
    for cohort in counted_cohorts():
        if set(cohort.columns) <= set(lsoas.columns) - _CIRCULAR:
            people[cohort.key] = measured(lsoas, cohort)
    return Residents(
        codes=lsoas["lsoa_code"].to_numpy(dtype=object),
        ward_codes=lsoas["ward_code"].to_numpy(dtype=object),
        easting=lsoas["easting"].to_numpy(dtype=float),
        northing=lsoas["northing"].to_numpy(dtype=float),
        people=people,
    )


def points_of(venues: Sequence[Venue]) -> Floats:
    """Return the venues' places as an (n, 2) array, EPSG:27700 metres."""
    return np.array([(v.easting, v.northing) for v in venues], dtype=float).reshape(-1, 2)


def ward_of(venue: Venue, residents: Residents) -> str:
    """Return the code of a venue's ward: its own, or that of the nearest small area.

    "" where there are no small areas.
    """
    if venue.ward_code or not len(residents):
        return venue.ward_code
    away = np.hypot(residents.easting - venue.easting, residents.northing - venue.northing)
    return str(residents.ward_codes[int(np.argmin(away))])


def nearest(residents: Residents, venues: Sequence[Venue], k: int = 2) -> tuple[Floats, Ints]:
    """Return the ``k`` nearest venues of each LSOA, nearest first.

    Two arrays of shape (n, k): distances in metres and positions in ``venues``; infinite and -1
    where there are fewer venues than ``k``. ``k`` is at least 1.
    """
    metres = np.full((len(residents), k), np.inf)
    index = np.full((len(residents), k), -1, dtype=np.int64)
    there = min(k, len(venues))
    if there and len(residents):
        found, order = cKDTree(points_of(venues)).query(residents.points, k=range(1, there + 1))
        metres[:, :there], index[:, :there] = found, order
    return metres, index
