"""What this visitor brought: their own places and measures, for this visit and nobody else.

It lies in the session alone: in no cache, on no disk, in no log. Pages ask here for measures and
ward figures, so that what a visitor brought stands beside what is published.
"""

from dataclasses import dataclass, field, replace

import pandas as pd
import streamlit as st

from atlas.access.distance import Venue, points_of
from atlas.catalogue.columns import Column, Direction, declared_columns, measure_named, measures
from atlas.maps.payload import Mark
from atlas.places.ward_at_point import degrees_of
from atlas.risk.uploaded_components import turned, with_own_figures
from atlas.uploads.figures import OwnMeasure
from atlas.uploads.report import Report
from views.session.snapshot import atlas

MOST_MEASURES = 5
_HELD = "yours"


@dataclass(frozen=True, eq=False)
class Held:
    """What one session holds. ``given`` counts the measures ever added: no name is used twice.

    ``places_from`` names the file of the places and its day. ``codes`` are the ward codes that
    the measures' figures stand for, in order.
    """

    places: Report | None = None
    places_from: str = ""
    measures: tuple[OwnMeasure, ...] = ()
    codes: tuple[str, ...] = field(default=(), repr=False)
    given: int = 0


def held() -> Held:
    """Return what this session holds."""
    return st.session_state.get(_HELD) or Held()


def hold_places(report: Report, brought: str) -> None:
    """Hold the places of a file instead of those held before; ``brought`` names it and its day."""
    st.session_state[_HELD] = replace(held(), places=report, places_from=brought)


def hold_measure(measure: OwnMeasure) -> None:
    """Hold one more measure, made for the wards of the snapshot in force."""
    now = held()
    st.session_state[_HELD] = replace(
        now,
        measures=(*now.measures, measure),
        codes=tuple(atlas().snapshot.wards["ward_code"]),
        given=now.given + 1,
    )


def drop_measure(name: str) -> None:
    """Let one measure go."""
    now = held()
    kept = tuple(measure for measure in now.measures if measure.column.name != name)
    st.session_state[_HELD] = replace(now, measures=kept)


def turn_measure(name: str, need: Direction) -> None:
    """Say what a higher figure of one measure means, on every page from now on."""
    now = held()
    changed = tuple(turned(m, need) if m.column.name == name else m for m in now.measures)
    st.session_state[_HELD] = replace(now, measures=changed)


def forget() -> None:
    """Let everything go that the visitor brought."""
    st.session_state[_HELD] = Held(given=held().given)


def own_venues() -> tuple[Venue, ...]:
    """Return the visitor's own places to get help; none by default."""
    places = held().places
    return places.venues if places else ()


def own_marks() -> tuple[Mark, ...]:
    """Return the visitor's own places as marks of a map, numbered as their list is."""
    venues = own_venues()
    placed = zip(venues, *degrees_of(*points_of(venues).T), strict=True)
    return tuple(
        Mark(str(number), f"{venue.name} ({venue.kind}; your own)", float(east), float(north))
        for number, (venue, east, north) in enumerate(placed, start=1)
    )


def own_measures() -> tuple[Column, ...]:
    """Return the visitor's own measures; none by default."""
    return tuple(measure.column for measure in held().measures)


def all_measures() -> list[Column]:
    """Return the published measures and the visitor's own, in order."""
    return [*measures(), *own_measures()]


def measure(name: str) -> Column:
    """Return the measure of a name, published or the visitor's own; the usual one if unknown."""
    return next((own for own in own_measures() if own.name == name), measure_named(name))


def column(name: str) -> Column:
    """Return any column of the ward figures by name. Raises ``KeyError`` for an unknown one."""
    own = {measure.name: measure for measure in own_measures()}
    return own[name] if name in own else declared_columns()[name]


def ward_figures() -> pd.DataFrame:
    """Return the shared ward table, with the visitor's own measures beside it where there are any.

    Wards that the figures do not know (a newer edition) have no data.
    """
    shared, now = atlas().snapshot.wards, held()
    return with_own_figures(shared, now.measures, now.codes)
