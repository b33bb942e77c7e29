"""Where next: the sites that would bring most people within reach, and how sure that is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from atlas.access.distance import EVERYONE
from atlas.catalogue.cohorts import declared_cohorts
from atlas.places.notices import Notices
from atlas.places.view_url import View
from atlas.planning.sentences import plan_sentence, proof_sentence
from atlas.planning.site_files import cohort_label
from atlas.planning.site_url import KEYS, SiteRequest, request_from
from atlas.planning.sites import KINDS, MOST_SITES, OBJECTIVES, Kind, NoSitesError, SitePlan
from atlas.turns import BusyError
from atlas.worker import WorkerError
from views.cached.sites import Question, prove, question
from views.cached.support import now, support
from views.help_nearby.scenario_controls import carried, changes_said, link_of, open_scenario
from views.help_nearby.site_sections import limits, site_curve, site_map, site_table
from views.kit.controls import bound
from views.kit.html import escaped, prose
from views.kit.notices import empty, link_problems, unfinished
from views.kit.travel import counted_switch, libraries_note, service_only
from views.session import url
from views.session.browser_store import focus_on
from views.session.page_url import open_params, show_params
from views.session.snapshot import atlas
from views.session.uploads import own_venues

PAGE = "where_next"
_STYLE = Path(__file__).with_name("where_next.css")
# Which question this visitor has asked to be proven, where a proof takes long.
_ASKED = "sites_proof_asked"


def page() -> None:
    """Draw the sites of the address's question."""
    view = url.view()
    place = atlas().places[view.place]
    request = _request(view)
    st.html(_STYLE)
    st.title(f"Where next, {place.label}")
    seen = now(service_only())
    scenario = open_scenario(seen)
    lead, proof = st.container(), st.empty()
    carried(scenario, seen, "Counted as if these changes of What if were made:")
    left, right = st.columns([1.4, 2.4], gap="medium")
    # A phone gets map and list first and the controls folded away above them.
    phone = "Mobi" in st.context.headers.get("User-Agent", "")
    with left, st.container(key="site_controls"), st.expander("The question", expanded=not phone):
        _controls(request)
        counted_switch()
    try:
        asked = question(request, service_only(), scenario)
    except NoSitesError as error:
        text = str(error)
        with right:
            empty("No sites can be chosen.", f"{text[0].upper()}{text[1:]}.", "")
        return
    plan = asked.problem.plan(request.sites, asked.answer(request.sites))
    with lead:
        prose(f"<p class='atlas-lead'>{escaped(plan_sentence(plan, place))}</p>")
        prose(f"<p class='atlas-note'>{escaped(_dates(plan, request.kinds))}</p>")
    with right:
        site_map(view, plan, asked)
    if plan.picks:
        site_table(plan, link_of(scenario), changes_said(scenario, seen))
        site_curve(plan, asked)
    limits(plan)
    st.html(libraries_note(place.code, service_only()))
    _proof(proof, repr((replace(request, sites=1), scenario)), asked, plan)


def _request(view: View) -> SiteRequest:
    notices = Notices()
    params = open_params(PAGE, KEYS)
    request = request_from(params, view.place, support().residents.people, notices)
    if "yours" in request.kinds and not own_venues():
        notices.add(
            "This link asks for places of your own, which are kept for one visit only: bring them "
            "again under Your own data."
        )
        others = tuple(kind for kind in request.kinds if kind != "yours")
        request = replace(request, kinds=others or SiteRequest().kinds)
    link_problems(notices.sentences)
    return request


def _controls(request: SiteRequest) -> None:
    def control(widget: Callable[..., Any], field: str, **given: Any) -> None:
        def chosen(value: Any) -> None:
            # Two controls may change before one run: each goes by what the address says by then.
            people = support().residents.people
            now = request_from(open_params(PAGE, KEYS), request.place, people, Notices())
            if field == "kinds":
                # In their own order; without any, those of before.
                value = tuple(kind for kind in KINDS if kind in value) or now.kinds
            show_params(PAGE, KEYS, replace(now, **{field: value}).query())

        # A list, as the browser's answer is: a tuple would count as another choice.
        shown = list(request.kinds) if field == "kinds" else getattr(request, field)
        bound(widget, f"where_next_{field}", shown, chosen, **given)

    control(st.slider, "sites", label="New places at most", min_value=1, max_value=MOST_SITES)
    groups = {key: cohort_label(key) for key in support().residents.people}
    control(st.selectbox, "cohort", words=groups, label="For whom")
    control(st.radio, "objective", words=OBJECTIVES, label="Aim")
    control(
        st.pills,
        "kinds",
        # A visitor's own only where they brought some.
        words={kind: KINDS[kind] for kind in KINDS if kind != "yours" or own_venues()},
        label="Where they could open",
        selection_mode="multi",
        help="The centre of a small area (LSOA) is a neighbourhood: the room has still to be "
        "found. A library may be unstaffed, or its hours not stated.",
    )


def _dates(plan: SitePlan, kinds: Sequence[Kind]) -> str:
    text = (
        f"{plan.travel.measured}; residents of the Census of 21 March 2021; libraries as reported "
        "for 31 December 2023."
    )
    if service_only():
        text += " Community-run libraries are left out."
    if own_venues():
        text += (
            " Your own places are candidates, not help that is there today."
            if "yours" in kinds
            else " Your own places count as help that is there today."
        )
    if plan.cohort != EVERYONE and declared_cohorts()[plan.cohort].honesty == "proxy":
        text += f" This group is an estimate. {declared_cohorts()[plan.cohort].note}"
    if plan.unknown:
        text += f" {plan.unknown:,} small areas have no figure for this group: nobody is counted."
    return text


def _proof(space: DeltaGenerator, name: str, asked: Question, plan: SitePlan) -> None:
    """Say how sure the choice is, and prove it: at once where that is quick, else when asked.

    ``name`` tells the question from others.
    """
    said = proof_sentence(plan.solution, len(plan.picks)) if plan.picks else ""
    if asked.finished or not plan.picks:
        space.html(f"<p class='atlas-note' role='status'>{escaped(said)}</p>")
        return
    if not asked.small and st.session_state.get(_ASKED) != name:
        _offer(space, name, said)
        return
    with space.container():
        prose(f"<p class='atlas-note' role='status'>{escaped(said)}</p>")
        bar = st.progress(0.0, "Proving the choice")
        if not asked.small:
            st.button("Stop", key="stop_proof", on_click=_ask_proof, args=("", "prove"))
        try:
            # A press of Stop, or any other control, ends the run where the bar is moved.
            prove(asked, lambda done, words: bar.progress(min(done, 1.0), words))
        except (BusyError, WorkerError) as error:
            st.session_state.pop(_ASKED, None)
            _offer(space, name, f"{said} {unfinished('The proof could not be finished.', error)}")
            return
    st.session_state.pop(_ASKED, None)
    st.rerun()


def _offer(space: DeltaGenerator, name: str, said: str) -> None:
    with space.container():
        prose(f"<p class='atlas-note' role='status'>{escaped(said)}</p>")
        st.button(
            "Prove it (up to a minute)",
            key="prove",
            on_click=_ask_proof,
            args=(name, "stop_proof"),
        )


def _ask_proof(name: str, then: str) -> None:
    """Ask for the proof of a question, "" for none, and go on at the button that comes ``then``."""
    st.session_state[_ASKED] = name
    focus_on(then)
