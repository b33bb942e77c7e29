"""What if: places of help added or libraries closed, and who gains or loses reach by it.

A scenario changes support only. Risk is made of who lives in a ward and has no part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from atlas.access.distance import EVERYONE, Residents, Venue, points_of
from atlas.access.reach import Reach
from atlas.access.support_score import support_table
from atlas.access.travel import STRAIGHT, Travel
from atlas.arrays import Bools, Floats, Ints

# So many alternatives are sought this far from an added place, and kept this far from each other.
ALTERNATIVES = 3
ALTERNATIVES_WITHIN = 5_000.0
APART = 800.0
MOST_CHANGES = 50
# Support scores are shown as whole points: a smaller change is none to a reader.
LEAST_POINTS = 0.5


@dataclass(frozen=True)
class Added:
    """A place put on the map. Coordinates are EPSG:27700 metres; hours a week NaN = not said."""

    name: str
    easting: int
    northing: int
    staffed_hours: float | None = None
    evening: bool = False
    weekend: bool = False


@dataclass(frozen=True)
class Scenario:
    """Changes to try together: places added, and the ids of libraries closed."""

    added: tuple[Added, ...] = ()
    closed: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.added) + len(self.closed)

    def with_added(self, place: Added) -> "Scenario":
        """Return the scenario with one more place."""
        return replace(self, added=(*self.added, place))

    def with_closed(self, venue_id: str) -> "Scenario":
        """Return the scenario with one more library closed; closing twice changes nothing."""
        return replace(self, closed=tuple(dict.fromkeys((*self.closed, venue_id))))

    def without(self, number: int) -> "Scenario":
        """Return the scenario without one change: added places count first, then closures."""
        added = tuple(place for n, place in enumerate(self.added) if n != number)
        first = len(self.added)
        return Scenario(added, tuple(v for n, v in enumerate(self.closed, first) if n != number))


def venue_of(place: Added, number: int) -> Venue:
    """Return an added place as a venue; ``number`` tells places of one name apart."""
    hours = [("Monday", "Eve Only")] if place.evening else []
    hours += [("Saturday", "AM & PM")] if place.weekend else []
    return Venue(
        venue_id=f"new-{number + 1}",
        name=place.name,
        kind="what if",
        easting=float(place.easting),
        northing=float(place.northing),
        staffed_hours=float("nan") if place.staffed_hours is None else place.staffed_hours,
        origin="what if",
        hours=tuple(hours),
    )


def venues_after(scenario: Scenario, venues: Sequence[Venue]) -> tuple[Venue, ...]:
    """Return the venues as the scenario leaves them; ids that are not among them are ignored."""
    kept = [venue for venue in venues if venue.venue_id not in scenario.closed]
    return (*kept, *(venue_of(place, number) for number, place in enumerate(scenario.added)))


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its venues, the support of every ward, and who has reach."""

    venues: tuple[Venue, ...]
    table: pd.DataFrame = field(repr=False)
    reach: Reach = field(repr=False)


def side_of(
    wards: pd.DataFrame,
    residents: Residents,
    venues: Sequence[Venue],
    against: pd.DataFrame | None = None,
    travel: Travel = STRAIGHT,
) -> Side:
    """Return support and reach as they are with these venues; see :func:`support_table`."""
    reach = travel.reach(residents, venues)
    table = support_table(wards, residents, venues, against, travel, reach)
    return Side(tuple(venues), table, reach)


def cohort_changes(before: Side, after: Side, residents: Residents, inside: Bools) -> pd.DataFrame:
    """Count each cohort of an area that comes into reach and that loses it.

    ``inside`` marks the area's small areas. Columns: ``cohort`` (key), ``total``, ``before`` and
    ``after`` (within reach), ``gained``, ``lost``, ``twice_before`` and ``twice_after`` (within
    reach of two or more); always ``after = before + gained - lost``. NaN where no small area of
    the area has a figure.
    """
    one, two = before.reach, after.reach
    was, is_now = one.count >= 1, two.count >= 1
    gained, lost = one.share(is_now & ~was), one.share(was & ~is_now)
    shares = (np.ones(len(residents)), one.near, two.near, gained, lost, one.twice, two.twice)
    lines = []
    for key, people in residents.people.items():
        known = inside & ~np.isnan(people)
        counts = [float(np.nansum(people[known] * share[known])) for share in shares]
        lines.append((key, *(counts if known.any() else [float("nan")] * len(shares))))
    names = ["cohort", "total", "before", "after", "gained", "lost", "twice_before", "twice_after"]
    return pd.DataFrame(lines, columns=names)


def ward_changes(before: Side, after: Side, rows: Ints) -> pd.DataFrame:
    """Return the wards of an area whose reach, support or cell of the grid changes.

    ``rows`` are row numbers of the ward table. Columns: ``row, ward_code``, and before and after
    (``_before``, ``_after``) ``near_people, support_score, grid_cell``, with ``moved``: whether
    the cell changes. Changes of the score below half a point alone are left out. Wards that
    change cell come first, then by residents who gain or lose reach.
    """
    one, two = before.table.iloc[rows], after.table.iloc[rows]
    table = pd.DataFrame({"row": rows, "ward_code": one["ward_code"].to_numpy()})
    for name in ("near_people", "support_score", "grid_cell"):
        table[f"{name}_before"] = one[name].to_numpy()
        table[f"{name}_after"] = two[name].to_numpy()
    table["moved"] = _differ(table["grid_cell_before"], table["grid_cell_after"])
    points = (table["support_score_after"] - table["support_score_before"]).abs()
    reach = _differ(table["near_people_before"], table["near_people_after"])
    table["people"] = (table["near_people_after"] - table["near_people_before"]).abs()
    table = table[table["moved"] | reach | (points >= LEAST_POINTS)]
    order = ["moved", "people", "ward_code"]
    ordered = table.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return ordered.drop(columns="people")


def _differ(one: pd.Series, two: pd.Series) -> pd.Series:
    return (one != two) & ~(one.isna() & two.isna())


@dataclass(frozen=True)
class Alternative:
    """A candidate that newly reaches ``newly`` residents, ``metres`` from what it stands in for."""

    candidate: Venue
    metres: float
    newly: float


@dataclass(frozen=True)
class Alternatives:
    """What an added place does, and how it compares with the candidates around it.

    It reaches ``within`` residents, ``here`` of them newly; ``spots`` candidates were tried.
    ``best`` are the first of them; ``building`` is the best existing building, None where none
    brings anybody.
    """

    within: float
    here: float
    spots: int
    best: tuple[Alternative, ...]
    building: Alternative | None

    @property
    def better(self) -> bool:
        """Whether some candidate would newly reach more residents than the place itself."""
        return bool(self.best) and self.best[0].newly > self.here


def alternatives(
    number: int,
    scenario: Scenario,
    venues: Sequence[Venue],
    residents: Residents,
    candidates: Sequence[Venue],
    travel: Travel = STRAIGHT,
) -> Alternatives:
    """Compare an added place with the candidates that would newly reach most in its stead.

    ``number`` counts added places from 0. Candidates up to 5 km away count, and those of ``best``
    are at least 800 m from each other; most residents first, ties by their order. The rest of the
    scenario stays as it is.
    """
    place = venue_of(scenario.added[number], number)
    rest = venues_after(scenario.without(number), venues)
    uncovered = travel.reach(residents, rest).count == 0
    points = points_of(candidates)
    away = np.hypot(points[:, 0] - place.easting, points[:, 1] - place.northing)
    near = np.flatnonzero(away <= ALTERNATIVES_WITHIN).tolist()
    trial = travel.reach(residents, [place, *(candidates[n] for n in near)])
    within = trial.by_venue(residents.people[EVERYONE])[0]
    here, *gains = trial.by_venue(residents.people[EVERYONE], uncovered).tolist()
    pairs = zip(near, gains, strict=True)
    found = [Alternative(candidates[n], float(away[n]), newly) for n, newly in pairs if newly > 0]
    found.sort(key=lambda each: -each.newly)
    building = next((each for each in found if each.candidate.kind != "neighbourhood"), None)
    return Alternatives(float(within), here, len(near), _apart(found), building)


def _apart(found: Sequence[Alternative]) -> tuple[Alternative, ...]:
    chosen: list[Alternative] = []
    for each in found:
        spot, taken = each.candidate, [other.candidate for other in chosen]
        away = [np.hypot(spot.easting - c.easting, spot.northing - c.northing) for c in taken]
        if len(chosen) < ALTERNATIVES and all(metres >= APART for metres in away):
            chosen.append(each)
    return tuple(chosen)


def far_from(scenario: Scenario, centres: Floats, metres: float = 15_000.0) -> Bools:
    """Tell of each added place whether none of the ``centres`` lies within ``metres`` of it.

    ``centres`` are of small areas, as an (n, 2) array of EPSG:27700 metres.
    """
    points = points_of([venue_of(place, n) for n, place in enumerate(scenario.added)])
    away, _ = cKDTree(centres).query(points)
    return np.asarray(away > metres)
