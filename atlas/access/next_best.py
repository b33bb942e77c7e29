"""Where the residents of a place that closes would go instead, and how much farther that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atlas.access.distance import EVERYONE, Residents, Venue
from atlas.access.travel import STRAIGHT, Travel

SHOWN = 3
NOWHERE = -1


@dataclass(frozen=True)
class NextBest:
    """One place that is the next nearest for some of the residents concerned.

    ``venue`` is its position among the venues, :data:`NOWHERE` for residents without any other
    place; ``share`` is of all residents concerned. ``now`` and ``then`` are how far those
    residents live from the place that closes and from this one, on average, in metres or in
    minutes on foot; ``then`` is NaN where there is no other place.
    """

    venue: int
    residents: float
    share: float
    now: float
    then: float


@dataclass(frozen=True)
class Diversion:
    """Where residents would go if a place closed.

    ``lose`` tells who is concerned: those who would lose reach, or, where nobody would, all for
    whom the place is the nearest. ``places`` has every next nearest place, that of most residents
    first; their residents sum to ``residents``.
    """

    lose: bool
    residents: float
    places: tuple[NextBest, ...]

    @property
    def first(self) -> tuple[NextBest, ...]:
        """Up to three places, those that are next for the largest numbers."""
        return tuple(each for each in self.places if each.venue != NOWHERE)[:SHOWN]

    @property
    def others(self) -> tuple[NextBest, ...]:
        """The other places that are next nearest for somebody."""
        return tuple(each for each in self.places if each.venue != NOWHERE)[SHOWN:]

    def together(self, places: Sequence[NextBest]) -> NextBest:
        """Return at least one place as a line: all residents, their averages, the first's venue."""
        weights = [each.residents for each in places]
        lengths = [(each.now, each.then) for each in places]
        now, then = np.average(lengths, axis=0, weights=weights).tolist()
        share = sum(each.share for each in places)
        return NextBest(places[0].venue, sum(weights), share, now, then)

    @property
    def nowhere(self) -> NextBest | None:
        """The residents who would have no other place at all, None where there are none."""
        return next((each for each in self.places if each.venue == NOWHERE), None)


def next_best(
    residents: Residents, venues: Sequence[Venue], at: int, travel: Travel = STRAIGHT
) -> Diversion:
    """Return where residents would go if the venue at position ``at`` of ``venues`` closed.

    Coordinates are EPSG:27700 metres. Places are ordered by residents, ties by position. Small
    areas without residents count nowhere. Raises ``IndexError`` for a position out of range.
    """
    if not 0 <= at < len(venues):
        raise IndexError(f"there is no venue at position {at}")
    losing = _losing(residents, venues, at, travel)
    who = residents if losing is None else losing
    away, index = travel.nearest_places(who, venues, 2)
    people = np.nan_to_num(who.people[EVERYONE])
    rows = (index[:, 0] == at) & (people > 0)
    total, found = float(people[rows].sum()), []
    for venue in np.unique(index[rows, 1]).tolist():
        here = rows & (index[:, 1] == venue)
        count = float(people[here].sum())
        now, then = np.average(away[here], axis=0, weights=people[here]).tolist()
        then = np.nan if venue == NOWHERE else then
        found.append(NextBest(venue, count, count / total, now, then))
    found.sort(key=lambda each: (-each.residents, each.venue))
    return Diversion(losing is not None, total, tuple(found))


def _losing(
    residents: Residents, venues: Sequence[Venue], at: int, travel: Travel
) -> Residents | None:
    """Those who have reach of this venue alone, one row for each home; None where nobody has."""
    reach = travel.reach(residents, venues)
    people = reach.people(residents.people[EVERYONE])
    alone = reach.home[(reach.venue == at) & (reach.count[reach.home] == 1)]
    alone = alone[people[alone] > 0]
    if not len(alone):
        return None
    area = reach.homes.area[alone]
    east, north = reach.homes.points[alone].T
    codes, wards = residents.codes[area], residents.ward_codes[area]
    return Residents(codes, wards, east, north, {EVERYONE: people[alone]})
