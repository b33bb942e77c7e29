"""The controls of What if: the scenario in the address, adding, closing, saving and opening."""

from urllib.parse import urlencode

import numpy as np
import streamlit as st

from atlas.maps.click import Spot
from atlas.places.places import ENGLAND
from atlas.places.view_url import View
from atlas.planning.scenario import MOST_CHANGES, Added, Scenario, far_from
from atlas.planning.scenario_json import MOST_HOURS, ScenarioError, clean_name, from_json, to_json
from atlas.text.lists import counted
from atlas.text.postcode_text import normalised
from atlas.uploads.reading.table import letters
from atlas.ward.profile import ward_point
from views.cached.support import Now, support, venues_inside
from views.help_nearby.venues import label as venue_label
from views.kit.controls import bound
from views.kit.doors import go_to
from views.kit.downloads import address_of
from views.kit.html import escaped, plain_markdown, prose
from views.session import url
from views.session.browser_store import focus_on
from views.session.page_url import LONGEST, open_params, show_params
from views.session.snapshot import atlas

_PAGE, _KEYS = "what_if", ("scenario", "close")
_PROBLEM, _SPOT = "what_if_problem", "what_if_spot"


def open_scenario(seen: Now, mend: bool = False) -> Scenario:
    """Return the scenario of the address, and tell the reader what of it could not be used.

    A library named by ``close`` (a link from the page of libraries) joins it. ``mend`` puts what
    could be used into the address; without it reading changes nothing.
    """
    params = open_params(_PAGE, _KEYS)
    problems = []
    try:
        found = from_json(params["scenario"]) if params.get("scenario") else Scenario()
    except ScenarioError as error:
        problems.append(f"The scenario of the link cannot be used. {error}")
        found = Scenario()
    if params.get("close"):
        found = found.with_closed(params["close"])
    kept, told = _usable(found, seen)
    if params.get("close") or (mend and (kept != found or problems)):
        show_scenario(kept if mend else found)
    if problem := st.session_state.pop(_PROBLEM, ""):
        told.append(problem)
    for problem in [*problems, *told]:
        st.warning(plain_markdown(problem), icon=":material/info:")
    return kept


def _usable(found: Scenario, seen: Now) -> tuple[Scenario, list[str]]:
    # A community library stays closed while the library service alone is counted.
    known = {venue.venue_id for venue in (*support().libraries, *seen.venues)}
    closed = tuple(venue_id for venue_id in found.closed if venue_id in known)
    away = far_from(found, atlas().snapshot.lsoas[["easting", "northing"]].to_numpy())
    added = tuple(place for place, far in zip(found.added, away, strict=True) if not far)
    told = []
    if lost := len(found.closed) - len(closed):
        unknown = counted(lost, "closed library is", "closed libraries are")
        told.append(f"{unknown} not in this version of the data, and left out.")
    if lost := len(found.added) - len(added):
        outside = counted(lost, "added place is", "added places are")
        told.append(f"{outside} not in England, and left out.")
    if len(added) + len(closed) > MOST_CHANGES:
        told.append(f"At most {MOST_CHANGES} changes can be tried at once: the last is left out.")
        closed = closed[: MOST_CHANGES - len(added)]
    return Scenario(added, closed), told


def carried(scenario: Scenario, seen: Now, words: str) -> None:
    """Say on another tab what What if has changed, with the way there; ``words`` what it means."""
    if not len(scenario):
        return
    said = "; ".join(changes_said(scenario, seen))
    prose(f"<p class='atlas-note' role='status'>{escaped(f'{words} {said}.')}</p>")
    go_to("what_if", "Open What if", url.link(url.view()))


def show_scenario(scenario: Scenario) -> None:
    """Put a scenario into the address, or where it is long into the visit's memory alone."""
    text = to_json(scenario, None) if len(scenario) else ""
    show_params(_PAGE, _KEYS, {"scenario": text})


def fits_a_link(scenario: Scenario) -> bool:
    """Tell whether the address can hold a scenario."""
    return len(to_json(scenario, None)) <= LONGEST


def link_of(scenario: Scenario) -> str:
    """Return the address of what is shown, "" where the scenario is too long for one."""
    return address_of(f"?{urlencode(dict(st.query_params))}") if fits_a_link(scenario) else ""


def hold_spot(spot: Spot | None) -> None:
    """Hold the spot that a reader clicked on the map; it changes nothing by itself."""
    st.session_state[_SPOT] = spot


def chosen_spot(view: View) -> Spot | None:
    """Return the spot clicked last, as long as its ward is the chosen one."""
    spot: Spot | None = st.session_state.get(_SPOT)
    return spot if spot and spot.ward_code == view.ward else None


def controls(view: View, scenario: Scenario, seen: Now) -> None:
    """Draw the controls: add a place, close a library, take back, save and open."""
    _add(view, scenario)
    _close(view, scenario, seen)
    _changes(scenario, seen)
    go_to("saved_work", "Save or open a scenario", url.link(url.view()))


def _add(view: View, scenario: Scenario) -> None:
    st.html("<h2 class='atlas-h2'>Add a place</h2>")
    spot = chosen_spot(view)
    if spot:
        _say_spot(spot)
    else:
        prose(
            "<p class='atlas-note'>Click the map where the place would be, or type its "
            "postcode.</p>"
        )
    with st.form("add_place", border=False, clear_on_submit=True):
        where = (
            ""
            if spot
            else st.text_input(
                "Postcode of the place",
                key="what_if_postcode",
                max_chars=12,
                placeholder="M15 5AZ",
                help="Or leave it empty and choose a ward under “Find a place”: the place is then "
                "put where the ward’s residents live on average.",
            )
        )
        name = st.text_input("Name (optional)", key="what_if_name", max_chars=80)
        hours = st.number_input(
            "Staffed hours a week (optional)",
            min_value=0.0,
            max_value=MOST_HOURS,
            value=None,
            step=1.0,
            key="what_if_hours",
            placeholder="Not known",
        )
        evening = st.checkbox("Open on an evening", key="what_if_evening")
        weekend = st.checkbox("Open at the weekend", key="what_if_weekend")
        sent = st.form_submit_button(
            plain_markdown(_button(view, spot)), type="primary", key="what_if_add"
        )
    if spot:
        instead = "Use a postcode instead"
        st.button(instead, key="what_if_no_spot", type="tertiary", on_click=_without_spot)
    if sent:
        _added(scenario, _point(view, where, spot), name, hours, evening, weekend)


def _without_spot() -> None:
    hold_spot(None)
    focus_on("what_if_postcode")


def _say_spot(spot: Spot) -> None:
    ward, near = atlas().places[spot.ward_code], _postcode_near(spot)
    beside = f", near postcode {near}" if near else ""
    prose(
        f"<p role='status'><strong>Put a place here: {escaped(ward.label)}{escaped(beside)}."
        f"</strong></p><p class='atlas-note'>Easting {spot.easting:,}, northing "
        f"{spot.northing:,} (metres, National Grid), marked + on the map. Nothing changes until "
        "you press the button.</p>"
    )


def _postcode_near(spot: Spot) -> str:
    return atlas().postcodes.nearest_in_ward(spot.ward_code, spot.easting, spot.northing)


def _button(view: View, spot: Spot | None) -> str:
    if spot:
        return "Put a place here"
    if not view.ward:
        return "Add at the postcode"
    return f"Add at the postcode, or in {atlas().places[view.ward].name}"


def _added(
    scenario: Scenario,
    found: tuple[str, float, float] | str,
    name: str,
    hours: float | None,
    evening: bool,
    weekend: bool,
) -> None:
    if isinstance(found, str):
        st.session_state[_PROBLEM] = found
    else:
        label, easting, northing = found
        place = Added(
            clean_name(name or label), round(easting), round(northing), hours, evening, weekend
        )
        hold_spot(None)
        show_scenario(scenario.with_added(place))
    st.rerun()


def _point(view: View, where: str, spot: Spot | None) -> tuple[str, float, float] | str:
    """Return a name and a point (EPSG:27700 metres), or a sentence that says what to do."""
    if spot:
        near, ward = _postcode_near(spot), atlas().places[spot.ward_code].name
        where = f"near {near}" if near else f"in {ward}"
        return f"New place {where}", spot.easting, spot.northing
    if where.strip():
        if not normalised(where):
            return "That is not a full postcode. Type one such as M15 5AZ."
        hit = atlas().postcodes.find(where)
        if hit is None or hit.easting is None or hit.northing is None or not hit.ward_code:
            said = atlas().search.find(where).message
            return said or "The Atlas does not know where that postcode is. Try a neighbour’s."
        return f"New place at {hit.postcode}", hit.easting, hit.northing
    if not view.ward:
        return "Type a postcode, or choose a ward on the map or under “Find a place” first."
    point = ward_point(atlas().snapshot.lsoas, view.ward)
    if point is None:
        return "No small area fits this ward best, so nothing is known of where people live in it."
    return f"New place in {atlas().places[view.ward].name}", point[0], point[1]


def _close(view: View, scenario: Scenario, seen: Now) -> None:
    st.html("<h2 class='atlas-h2'>Close a library</h2>")
    if view.place == ENGLAND:
        prose("<p class='atlas-note'>Choose a council or a region first, under “Find a place”.</p>")
        return
    at = venues_inside(seen.venues, support().residents, view.place)
    names = {
        venue.venue_id: venue_label(venue)
        for venue in sorted((seen.venues[n] for n in at), key=lambda v: (v.name, v.venue_id))
        if venue.venue_id not in scenario.closed
    }
    if not names:
        prose("<p class='atlas-note'>No library is known to be open in this place.</p>")
        return
    bound(
        st.selectbox,
        "what_if_close",
        None,
        lambda chosen: show_scenario(scenario.with_closed(chosen) if chosen else scenario),
        names,
        label="Library to close",
        index=None,
        placeholder="Choose a library",
    )


def _changes(scenario: Scenario, seen: Now) -> None:
    if not len(scenario):
        return
    said = changes_said(scenario, seen)
    st.html(f"<h2 class='atlas-h2'>Changes tried ({len(said)})</h2>")
    with st.container(key="what_if_changes", gap=None):
        for number, text in enumerate(said):
            with st.container(horizontal=True, vertical_alignment="center"):
                prose(f"<p>{escaped(text)}</p>")
                st.button(
                    "Take back",
                    key=f"take_back_{number}",
                    type="tertiary",
                    on_click=_taken_back,
                    args=(scenario.without(number),),
                    help=plain_markdown(f"Take back: {text}"),
                )
    st.button("Start again", key="what_if_clear", on_click=_taken_back, args=(Scenario(),))


def _taken_back(rest: Scenario) -> None:
    show_scenario(rest)
    focus_on("what_if_clear" if len(rest) else "what_if_add")


def changes_said(scenario: Scenario, seen: Now) -> list[str]:
    """Say each change in a few words: the places added, then the libraries closed."""
    names = {v.venue_id: f"{venue_label(v)}, not counted here" for v in support().libraries}
    names |= {venue.venue_id: venue_label(venue) for venue in seen.venues}
    said = [_said(number, place) for number, place in enumerate(scenario.added)]
    return said + [f"Closed: {names[venue_id]}" for venue_id in scenario.closed]


def _said(number: int, place: Added) -> str:
    hours = place.staffed_hours
    parts = [
        "staffed hours not known" if hours is None or np.isnan(hours) else f"{hours:g} hours a week"
    ]
    parts += ["an evening"] if place.evening else []
    parts += ["the weekend"] if place.weekend else []
    return f"{letters(number)}. Added: {place.name} ({', '.join(parts)})"
