"""Where people live and where help is: distances and who is within reach.

All coordinates are EPSG:27700 metres and distances straight lines. How far it is to a place is
measured from the population-weighted centre of each small area (LSOA); who lives within a mile of
it from the postcodes, over which a small area's residents are spread evenly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from atlas.access.homes import Homes, homes_in
from atlas.arrays import Floats, Ints
from atlas.catalogue.cohorts import counted_cohorts, measured
from atlas.catalogue.near import LIBRARY_SERVICE
from atlas.snapshot.snapshot import Snapshot

SAME_BUILDING = 50.0  # metres
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERYONE = "residents"

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

    ``staffed_hours`` and ``open_hours`` a week are NaN where not known. ``hours`` are (day, band
    or clock times) as published; ``notes`` are (heading, text) pairs such as ("wifi", "yes").
    Texts are outside text.
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
    open_hours: float = float("nan")
    origin: Literal["library", "yours", "what if"] = "library"
    hours: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def hours_a_week(self) -> float:
        """The staffed hours a week, or the opening hours where those are not stated."""
        return self.open_hours if np.isnan(self.staffed_hours) else self.staffed_hours

    def note(self, heading: str) -> str:
        """Return the note under a heading, "" where there is none."""
        return dict(self.notes).get(heading, "")


@dataclass(frozen=True)
class Residents:
    """Where people live: one row for each LSOA.

    ``codes`` and ``ward_codes`` are texts; ``easting`` and ``northing`` EPSG:27700 metres of
    population-weighted centres. ``people`` has a count by cohort key, and everyone under
    ``"residents"``; NaN = not known. Households stand under the keys of household cohorts.
    ``postcodes`` says where inside the areas they live; without it, all live at the centre.
    """

    codes: Texts
    ward_codes: Texts
    easting: Floats
    northing: Floats
    people: Mapping[str, Floats]
    postcodes: Homes | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def points(self) -> Floats:
        """The centres as an (n, 2) array, EPSG:27700 metres."""
        return np.column_stack([self.easting, self.northing])

    @cached_property
    def centres(self) -> Homes:
        """All residents of each area at its centre."""
        rows = np.arange(len(self))
        return Homes.in_any_order(rows, self.points, np.ones(len(self)))

    def only(self, rows: Ints) -> "Residents":
        """Return some of the areas, each once, in the order of ``rows``."""
        homes = self.postcodes
        if homes is not None:
            now = np.full(len(self), -1, dtype=np.int64)
            now[rows] = np.arange(len(rows))
            kept = now[homes.area] >= 0
            homes = Homes(now[homes.area[kept]], homes.points[kept], homes.postcodes[kept])
        people = {key: values[rows] for key, values in self.people.items()}
        east, north = self.easting[rows], self.northing[rows]
        return Residents(self.codes[rows], self.ward_codes[rows], east, north, people, homes)


def buildings(libraries: pd.DataFrame, counted: pd.Series) -> pd.DataFrame:
    """Return one row for each building of the ``counted`` libraries, by ``library_id``.

    Libraries of one postcode, up to 50 m apart, share a building; the one that is staffed longest
    stands for it. Libraries without coordinates are left out.
    """
    kept = libraries[counted & libraries["easting"].notna()]
    order = ["staffed_hours_per_week", "library_id"]
    longest = kept.sort_values(order, ascending=[False, True])
    first = longest.groupby("postcode")[["easting", "northing"]].transform("first")
    apart = np.hypot(*(longest[["easting", "northing"]] - first).to_numpy(dtype=float).T)
    alone = ~longest["postcode"].duplicated() | (apart > SAME_BUILDING)
    return longest[alone].sort_values("library_id", ignore_index=True)


def library_venues(libraries: pd.DataFrame, service_only: bool = False) -> tuple[Venue, ...]:
    """Return the libraries that count as help as venues, one for each building, by id."""
    counted = libraries["counts_for_access"] == "true"
    if service_only:
        counted &= libraries["library_class"] == LIBRARY_SERVICE
    return tuple(_venue(row) for _, row in buildings(libraries, counted).iterrows())


def _venue(service: pd.Series) -> Venue:
    bands = ((day, str(service[f"hours_{day.lower()}"])) for day in DAYS)
    notes = {
        "service": str(service["authority_name"]),
        "run by": str(service["operation"]),
        "shares its building with": str(service.get("co_located", "")),
    }
    return Venue(
        venue_id=str(service["library_id"]),
        name=str(service["library_name"]),
        kind=_KINDS.get(str(service["library_type"]), "library"),
        easting=float(service["easting"]),
        northing=float(service["northing"]),
        ward_code=str(service["ward_code"]),
        postcode=str(service["postcode"]),
        address=str(service["address"]),
        # 0 says that the service's own staff does not work there, not that nobody does.
        staffed_hours=float(service["staffed_hours_per_week"]) or float("nan"),
        open_hours=float(service["hours_per_week"]),
        hours=tuple((day, band) for day, band in bands if band),
        notes=tuple((heading, text) for heading, text in notes.items() if text),
    )


def residents_of(lsoas: pd.DataFrame, postcodes: Homes | None = None) -> Residents:
    """Return where people live, from the snapshot's table of small areas.

    ``people`` has every counted cohort whose columns small areas have, not rounded; cohorts that
    are themselves made of distances to libraries are left out.
    """
    people = {EVERYONE: lsoas["population"].to_numpy(dtype=float)}
    for cohort in counted_cohorts():
        if set(cohort.columns) <= set(lsoas.columns) - _CIRCULAR:
            people[cohort.key] = measured(lsoas, cohort)
    codes, wards = (lsoas[name].to_numpy(dtype=object) for name in ("lsoa_code", "ward_code"))
    east, north = (lsoas[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    return Residents(codes, wards, east, north, people, postcodes)


def residents_in(snapshot: Snapshot) -> Residents:
    """Return where people live by postcode, but for areas whose libraries are not reported."""
    known = snapshot.lsoas["near_library_people"].notna().to_numpy()
    return residents_of(snapshot.lsoas, homes_in(snapshot)).only(np.flatnonzero(known))


def nearest_to(points: Floats, here: tuple[float, float], count: int) -> list[tuple[int, float]]:
    """Return rows of and metres to the ``count`` nearest of (n, 2) points (EPSG:27700)."""
    metres = np.hypot(*(points - np.array(here)).T)
    return [(int(n), float(metres[n])) for n in np.argsort(metres, kind="stable")[:count]]


def points_of(venues: Sequence[Venue]) -> Floats:
    """Return the venues' places as an (n, 2) array, EPSG:27700 metres."""
    return np.array([(v.easting, v.northing) for v in venues], dtype=float).reshape(-1, 2)


def ward_of(venue: Venue, residents: Residents) -> str:
    """Return the code of a venue's ward, or of the nearest small area's; "" without small areas."""
    if venue.ward_code or not len(residents):
        return venue.ward_code
    away = np.hypot(residents.easting - venue.easting, residents.northing - venue.northing)
    return str(residents.ward_codes[int(np.argmin(away))])


def nearest(residents: Residents, venues: Sequence[Venue], k: int = 2) -> tuple[Floats, Ints]:
    """Return the ``k`` nearest venues of each LSOA, nearest first.

    Two arrays of shape (n, k): distances in metres and positions in ``venues``; infinite and -1
    where there are fewer venues than ``k``. ``k`` is at least 1.
    """
    metres, index = cKDTree(points_of(venues)).query(residents.points, k=range(1, k + 1))
    return metres, np.where(np.isinf(metres), -1, index)
