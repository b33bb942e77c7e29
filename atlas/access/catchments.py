"""Whom each place serves, and who would be left without one within reach if it closed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from atlas.access.distance import EVERYONE, Residents, Venue
from atlas.access.travel import STRAIGHT, Travel
from atlas.arrays import Bools


def catchments(
    residents: Residents,
    venues: Sequence[Venue],
    travel: Travel = STRAIGHT,
) -> pd.DataFrame:
    """Return one row for each venue, in the order of ``venues``.

    For each cohort key: ``nearest_KEY``, its number in the small areas to which the venue is the
    nearest, and ``loses_KEY``, those within reach of it and of no other venue: they would lose
    reach if it closed. ``next_away`` is how far the residents for whom it is nearest would have
    to go instead, on average, in metres or in minutes on foot; ``next_venue`` the position of
    the venue that is next for more of them than any other (-1: none).
    """
    away, index = travel.nearest_places(residents, venues, 2)
    first, second = index[:, 0], index[:, 1]
    counted = first >= 0
    reach = travel.reach(residents, venues)
    table: dict[str, np.ndarray] = {
        "venue_id": np.array([venue.venue_id for venue in venues], dtype=object)
    }
    for key, people in residents.people.items():
        known = np.nan_to_num(people)[counted]
        table[f"nearest_{key}"] = np.bincount(first[counted], known, minlength=len(venues))
        table[f"loses_{key}"] = reach.by_venue(people, reach.count == 1)
    table["next_away"], table["next_venue"] = _next(
        residents, first[counted], second[counted], away[counted, 1], counted, len(venues)
    )
    return pd.DataFrame(table)


def _next(
    residents: Residents,
    first: np.ndarray,
    second: np.ndarray,
    away: np.ndarray,
    counted: Bools,
    count: int,
) -> tuple[np.ndarray, np.ndarray]:
    people = np.nan_to_num(residents.people[EVERYONE])[counted]
    there = second >= 0
    total = np.bincount(first[there], people[there], minlength=count)
    walked = np.bincount(first[there], people[there] * away[there], minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        average = np.where(total > 0, walked / total, np.nan)
    pairs = pd.DataFrame({"first": first[there], "second": second[there], "people": people[there]})
    sums = pairs.groupby(["first", "second"])["people"].sum().reset_index()
    # Most people first; where two are equal, the earlier venue.
    ordered = sums.sort_values(["people", "second"], ascending=[False, True], kind="stable")
    chosen = ordered.drop_duplicates("first")
    after = np.full(count, -1, dtype=np.int64)
    after[chosen["first"].to_numpy()] = chosen["second"].to_numpy()
    return average, after
