"""What if: put places of help on the map or close libraries, and see who gains and who loses."""

from datetime import date
from pathlib import Path

import streamlit as st

from atlas.access.sentences import in_line, what_if_sentence
from atlas.maps.click import Spot
from atlas.maps.payload import Mark
from atlas.places.places import Place
from atlas.places.view_url import View
from atlas.planning.equality import Paper, equality_table
from atlas.planning.scenario import (
    Scenario,
    Side,
    cohort_changes,
    side_of,
    venues_after,
    ward_changes,
)
from atlas.planning.scenario_marks import marks_sentence, scenario_marks
from atlas.planning.site_files import assumption
from atlas.text.lists import counted
from views.cached.support import Now, areas_inside, now, support
from views.help_nearby.grid import grid_and_map, grid_note
from views.help_nearby.scenario import each_change, moved_sheet, take_away, wards_moved, who_gains
from views.help_nearby.scenario_controls import (
    changes_said,
    chosen_spot,
    controls,
    hold_spot,
    link_of,
    open_scenario,
)
from views.kit.html import TABLE, escaped, prose
from views.kit.travel import (
    counted_switch,
    libraries_note,
    libraries_words,
    service_only,
    travel,
    travel_note,
)
from views.session import url
from views.session.snapshot import atlas

_DATES = (
    "Libraries as reported for 31 December 2023, residents of the Census of 21 March 2021. "
    "A scenario says what would be near, not who would come."
)


def page() -> None:
    """Draw the scenario of the address, before and after."""
    view, only = url.view(), service_only()
    seen = now(only)
    place = atlas().places[view.place]
    st.html(Path(__file__).with_name("help_nearby.css"))
    st.title(f"What if, {place.label}")
    scenario = open_scenario(seen, mend=True)
    after = _after(scenario, seen, only)
    residents = support().residents
    inside = areas_inside(residents, place.code)
    changes = cohort_changes(seen.side, after, residents, inside)
    closed = sum(venue.venue_id in scenario.closed for venue in seen.venues)
    uncounted = len(scenario.closed) - closed
    sentence = what_if_sentence(place, len(scenario.added), closed, changes, travel(), uncounted)
    prose(
        f"<p class='atlas-lead' role='status'>{escaped(sentence)}</p>"
        f"<p class='atlas-note'>{_DATES}</p>"
    )
    left, right = st.columns([1, 2.4], gap="large")
    with left:
        counted_switch()
        controls(view, scenario, seen)
    with right:
        if len(scenario):
            sides = (seen.side, after)
            elsewhere = cohort_changes(*sides, residents, ~inside)
            groups = equality_table(changes)
            moved = ward_changes(*sides, atlas().places.positions(place.code))
            paper = _paper(place, sentence, scenario, seen)
            who_gains(place, groups, changes, elsewhere)
            sheets = [] if moved.empty else [moved_sheet(moved)]
            take_away(place, groups, paper, scenario, sheets)
        _sides(view, place, scenario, seen, after)
        if len(scenario):
            wards_moved(place, moved, paper.link)
            each_change(scenario, seen)
        st.html(f"{travel_note()}{libraries_note(place.code, only)}")


def _paper(place: Place, sentence: str, scenario: Scenario, seen: Now) -> Paper:
    notes = [assumption(travel()), *libraries_words(place.code, service_only()), _DATES]
    if seen.own:
        notes.append(f"{counted(seen.own, 'place')} of your own count too; no link carries them.")
    return Paper(
        place=place.label,
        sentence=sentence,
        changes=tuple(changes_said(scenario, seen)),
        within=f"{travel().within} of help{in_line(travel())}",
        notes=tuple(notes),
        link=link_of(scenario),
        version=atlas().snapshot.version,
        day=date.today(),
    )


def _after(scenario: Scenario, seen: Now, only: bool) -> Side:
    if not len(scenario):
        return seen.side
    made = support(only)
    return side_of(
        atlas().snapshot.wards,
        made.residents,
        venues_after(scenario, seen.venues),
        made.published.table,
        travel(),
    )


def _sides(view: View, place: Place, scenario: Scenario, seen: Now, after: Side) -> None:
    spot = chosen_spot(view)
    if not len(scenario):
        _side(view, place, seen.side, "", scenario_marks(scenario, seen.venues, spot))
    else:
        left, right = st.columns(2, gap="medium")
        with left:
            _side(view, place, seen.side, "before", scenario_marks(Scenario(), seen.venues, spot))
        with right:
            _side(view, place, after, "after", scenario_marks(scenario, seen.venues, spot))
        prose(f"<p class='atlas-note'>{escaped(marks_sentence(scenario))}</p>")
    grid_note()


def _side(view: View, place: Place, side: Side, when: str, marks: tuple[Mark, ...]) -> None:
    st.html(f"<h2 class='atlas-h2'>{when.capitalize() or 'Today'}</h2>")
    key = f"what_if_{when or 'now'}"
    # Once something is changed, the table of the wards that change is the one to go to.
    anchor = "" if when else TABLE
    grid_and_map(
        side.table,
        place,
        view.ward,
        key=key,
        when=when,
        marks=marks,
        anchor=anchor,
        on_ward=_chosen,
    )


def _chosen(ward: str, spot: Spot | None) -> None:
    hold_spot(spot)
    url.open_ward(ward)
