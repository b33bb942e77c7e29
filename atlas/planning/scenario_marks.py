"""A scenario as marks of a map: a letter for each place added, a cross for each library closed."""

from collections.abc import Sequence

import numpy as np

from atlas.access.distance import Venue
from atlas.maps.click import Spot
from atlas.maps.payload import Mark
from atlas.places.ward_at_point import degrees_of
from atlas.planning.scenario import Scenario
from atlas.uploads.reading.table import letters


def scenario_marks(
    scenario: Scenario, venues: Sequence[Venue], spot: Spot | None = None
) -> tuple[Mark, ...]:
    """Return the marks of a scenario among today's ``venues``, and of a spot not decided on."""
    known = {venue.venue_id: venue for venue in venues}
    told: list[tuple[str, str, bool, float, float]] = [
        (letters(number), f"Added: {place.name}", False, place.easting, place.northing)
        for number, place in enumerate(scenario.added)
    ]
    told += [
        ("×", f"Closed: {known[key].name}", True, known[key].easting, known[key].northing)
        for key in scenario.closed
        if key in known
    ]
    if spot:
        told.append(("+", "Chosen on the map, not added", True, spot.easting, spot.northing))
    if not told:
        return ()
    longitude, latitude = degrees_of(*np.array([entry[3:] for entry in told], dtype=float).T)
    return tuple(
        Mark(text, name, float(east), float(north), hollow)
        for (text, name, hollow, _, _), east, north in zip(told, longitude, latitude, strict=True)
    )


def marks_sentence(scenario: Scenario) -> str:
    """Say what the marks on the maps stand for, "" where nothing is changed."""
    parts = []
    if count := len(scenario.added):
        what = "is the place added" if count == 1 else "are the places added"
        named = letters(0) if count == 1 else f"{letters(0)} to {letters(count - 1)}"
        parts.append(f"{named} {what}")
    if count := len(scenario.closed):
        parts.append(f"a cross is {'the' if count == 1 else 'a'} library closed")
    said = " and ".join(parts)
    return f"On the map “After”, {said}." if said else ""
