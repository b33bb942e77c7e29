"""Whom each place serves, and who would be left without one within reach if it closed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from atlas.access.distance import EVERYONE, Residents, Venue
from atlas.access.travel import STRAIGHT, Travel
from atlas.arrays import Floats, Ints


def catchments(
    residents: Residents, venues: Sequence[Venue], travel: Travel = STRAIGHT
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
    everyone, there = np.nan_to_num(residents.people[EVERYONE]), second >= 0
    table["next_away"], table["next_venue"] = _next(
        first[there], second[there], away[there, 1], everyone[there], len(venues)
    )
    return pd.DataFrame(table)


def _next(
    first: Ints, second: Ints, away: Floats, people: Floats, count: int
) -> tuple[Floats, Ints]:
    total = np.bincount(first, people, minlength=count)
    walked = np.bincount(first, people * away, minlength=count)
    average = np.divide(walked, total, out=np.full(count, np.nan), where=total > 0)
    pairs = pd.DataFrame({"first": first, "second": second, "people": people})
    sums = pairs.groupby(["first", "second"])["people"].sum().reset_index()
    # Most people first; where two are equal, the earlier venue.
    chosen = sums.sort_values(["people", "second"], ascending=[False, True])
    after = chosen.drop_duplicates("first").set_index("first")["second"]
    return average, after.reindex(range(count), fill_value=-1).to_numpy()
