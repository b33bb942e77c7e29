"""Where the next places to get help would reach most people, or shorten the way most.

Which candidates, who counts, and what is there already. The choice itself is made by
:mod:`atlas.planning.maximal_cover`. All coordinates EPSG:27700 metres.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from atlas.access.distance import Residents, Venue
from atlas.access.reach import Reach
from atlas.access.travel import STRAIGHT, Travel
from atlas.arrays import Floats
from atlas.places.places import Places
from atlas.planning.cover_reductions import merged
from atlas.planning.maximal_cover import Gains, Solution, best_each, greedy_up_to

Objective = Literal["reach", "distance"]
Kind = Literal["neighbourhood", "unstaffed library", "closed library", "yours"]

OBJECTIVES: dict[Objective, str] = {
    "reach": "Bring the most people within reach",
    "distance": "Shorten the way to the nearest place most",
}
KINDS: dict[Kind, str] = {
    "neighbourhood": "Centres of small areas",
    "unstaffed library": "Libraries unstaffed, or hours not stated",
    "closed library": "Libraries closed since 2010",
    "yours": "Your own places",
}
MOST_SITES = 10
_MOST_PAIRS = 20_000_000


class NoSitesError(ValueError):
    """Sites cannot be chosen for what was asked; the message says what to ask instead."""


@dataclass(frozen=True)
class SitePlan:
    """The chosen sites of one place, and how much they change.

    ``picks`` are the chosen candidates in the order of ``solution.added``. People are those of
    the cohort who live in the place: ``people`` in all, ``reached`` of them within reach today.
    ``newly_by_ward`` has those who newly come within reach by ward code, where there are any.
    ``unknown`` small areas have no figure and count nobody. ``mean_before`` and ``mean_after``
    are the mean distance to the nearest place (metres or minutes, people-weighted, over those
    from where one can be reached at all).
    """

    place_code: str
    cohort: str
    sites: int
    objective: Objective
    travel: Travel
    picks: tuple[Venue, ...]
    solution: Solution
    people: float
    reached: float
    newly_by_ward: Mapping[str, float]
    unknown: int
    mean_before: float
    mean_after: float
    candidates: int

    @property
    def newly_reached(self) -> float:
        """How many people come within reach who are not today."""
        return sum(self.newly_by_ward.values())

    @property
    def beyond(self) -> float:
        """How many people are not within reach today."""
        return self.people - self.reached


def reach_gains(
    residents: Residents, weights: Floats, venues: Sequence[Venue], reach: Reach, travel: Travel
) -> Gains:
    """Return whom each candidate would newly bring within reach, by groups of homes."""
    people = reach.people(weights)
    near = travel.reach(residents, venues, (reach.count == 0) & (people > 0))
    shape = (len(reach.homes), len(venues))
    pairs = (np.ones(near.home.size), (near.home, near.venue))
    people, covers = merged(people, sparse.csr_array(pairs, shape=shape))
    return Gains(covers * people[:, None])


def distance_gains(
    residents: Residents,
    weights: Floats,
    venues: Sequence[Venue],
    nearest: Floats,
    travel: Travel = STRAIGHT,
) -> Gains:
    """Return the metres (or minutes) times people that each candidate venue would save each LSOA.

    ``nearest`` (n,) is how far the nearest existing place is, in the unit of ``travel``, infinite
    where there is none: then distances count from the farthest candidate. Raises
    :class:`NoSitesError` where the table would be too large to work with.
    """
    if not len(residents) == weights.size == nearest.size:
        raise ValueError("residents, weights and nearest must have the same length")
    counted = np.nan_to_num(weights)
    limits = np.where(counted > 0, nearest, -1.0)
    if len(residents) * len(venues) > _MOST_PAIRS and np.isinf(limits).any():
        raise NoSitesError("there is no place at all to measure from: choose a smaller area")
    row, venue, distance = travel.pairs(residents, venues, limits)
    farthest = float(distance.max()) if distance.size else 0.0
    value = counted[row] * (np.where(np.isinf(limits), farthest, limits)[row] - distance)
    shape = (len(residents), len(venues))
    return Gains(sparse.coo_array((np.maximum(value, 0.0), (row, venue)), shape=shape))


def candidates_in(
    wards_inside: Sequence[str],
    lsoas: pd.DataFrame,
    libraries: pd.DataFrame,
    kinds: Sequence[Kind],
    own: Sequence[Venue] = (),
) -> tuple[Venue, ...]:
    """Return the candidates of the given kinds in the given wards, existing buildings first.

    A candidate is an existing building, or only a neighbourhood, of a kind of :data:`KINDS`.
    ``lsoas`` and ``libraries`` are the snapshot's tables; ``own`` are a visitor's places. Of
    libraries only static ones: a mobile library, an archive or a prison library is no site.
    """
    inside = set(wards_inside)
    lsoas, libraries = (each[each["ward_code"].isin(inside)] for each in (lsoas, libraries))
    libraries = libraries.sort_values("library_id")
    static = libraries["library_type"].str.startswith("static") & libraries["easting"].notna()
    is_open = libraries["open"] == "true"
    idle = is_open & (libraries["counts_for_access"] != "true")
    placed = ["easting", "northing", "ward_code"]
    library = libraries[["library_id", "library_name", *placed]]
    mine = [each for each in own if each.ward_code in inside]
    rows: dict[Kind, Iterable[Any]] = {
        "unstaffed library": library[static & idle].itertuples(index=False),
        "closed library": library[static & ~is_open].itertuples(index=False),
        "yours": [(v.venue_id, v.name, v.easting, v.northing, v.ward_code) for v in mine],
        "neighbourhood": lsoas[["lsoa_code", "small_area_name", *placed]].itertuples(index=False),
    }
    return tuple(
        Venue(key, name, kind, *place)
        for kind in rows
        if kind in kinds
        for key, name, *place in rows[kind]
    )


def candidates_near(
    easting: float, northing: float, metres: float, lsoas: pd.DataFrame, libraries: pd.DataFrame
) -> tuple[Venue, ...]:
    """Return the candidates up to ``metres`` from a point (EPSG:27700), buildings first."""
    near_lsoas, near_libraries = (
        table[np.hypot(table["easting"] - easting, table["northing"] - northing) <= metres]
        for table in (lsoas, libraries)
    )
    inside = {*near_lsoas["ward_code"], *near_libraries["ward_code"]}
    published = [kind for kind in KINDS if kind != "yours"]
    return candidates_in(sorted(inside), near_lsoas, near_libraries, published)


@dataclass(frozen=True)
class SiteProblem:
    """One question: whose reach counts, which candidates there are, what each would gain."""

    place_code: str
    cohort: str
    objective: Objective
    travel: Travel
    candidates: tuple[Venue, ...]
    residents: Residents
    weights: Floats
    nearest: Floats
    gains: Gains
    reach: Reach

    def at_once(self, most: int = MOST_SITES) -> tuple[Solution, ...]:
        """Return good answers for 1, 2, ... ``most`` sites, in milliseconds."""
        return greedy_up_to(self.gains, most)

    def plan(self, sites: int, solution: Solution) -> SitePlan:
        """Say what a solution for at most ``sites`` sites changes."""
        people = np.nan_to_num(self.weights)
        picks = tuple(self.candidates[at] for at in solution.chosen)
        after = np.minimum(self.nearest, self.travel.nearest(self.residents, picks)[:, 0])
        newly = self.travel.reach(self.residents, picks, self.reach.count == 0).near
        found = pd.Series(people * np.nan_to_num(newly))
        by_ward = found.groupby(self.residents.ward_codes.astype(str)).sum()
        return SitePlan(
            place_code=self.place_code,
            cohort=self.cohort,
            sites=sites,
            objective=self.objective,
            travel=self.travel,
            picks=picks,
            solution=solution,
            people=float(people.sum()),
            reached=float(np.nansum(people * self.reach.near)),
            newly_by_ward={str(code): float(n) for code, n in by_ward[by_ward > 0].items()},
            unknown=int(np.isnan(self.weights).sum()),
            mean_before=_mean(self.nearest, people),
            mean_after=_mean(after, people),
            candidates=len(self.candidates),
        )


def prove_each(gains: Gains, seconds: float, told: Callable[[Any], None]) -> None:
    """Tell the best answers for 1, 2, ... sites and, between them, how far it is: for a worker."""
    for found in best_each(gains, MOST_SITES, seconds, lambda *far: told(far)):
        told(found)


def _mean(distance: Floats, people: Floats) -> float:
    known = np.isfinite(distance) & (people > 0)
    if not known.any():
        return float("nan")
    return float(np.average(distance[known], weights=people[known]))


def site_problem(
    place_code: str,
    cohort: str,
    places: Places,
    residents: Residents,
    venues: Sequence[Venue],
    candidates: Sequence[Venue],
    travel: Travel = STRAIGHT,
    objective: Objective = "reach",
    wards_inside: Sequence[str] | None = None,
) -> SiteProblem:
    """Return the question of where to put places in one area, for one cohort.

    Residents of the area count; those just beyond its border do not. Existing ``venues`` count
    wherever they are. For a single ward the residents of its whole council count, because a place
    serves its neighbours too. ``wards_inside`` are the wards whose residents count instead, such as
    of several areas together. Raises :class:`NoSitesError` where the cohort has no headcount,
    nobody lives there, or there is no candidate.
    """
    if cohort not in residents.people:
        raise NoSitesError(f"there is no headcount of '{cohort}' by small area")
    if wards_inside is None:
        counted_in = places.trail(place_code)[-2].code if places.is_ward(place_code) else place_code
        wards_inside = places.wards(counted_in)
    inside = pd.Index(residents.ward_codes, dtype=object).isin(wards_inside)
    if not inside.any():
        raise NoSitesError("no small area fits the wards of this place, so nobody can be counted")
    if not candidates:
        raise NoSitesError("there is no candidate of these kinds here: choose another kind")
    here = residents.only(np.flatnonzero(inside))
    weights, nearest = here.people[cohort], travel.nearest(here, venues)[:, 0]
    reach = travel.reach(here, venues)
    if objective == "reach":
        gains = reach_gains(here, weights, candidates, reach, travel)
    else:
        gains = distance_gains(here, weights, candidates, nearest, travel)
    about = (place_code, cohort, objective, travel, tuple(candidates), here, weights, nearest)
    return SiteProblem(*about, gains, reach)
