"""Where next: the sites that would bring most people within reach, and how sure that is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from atlas.access.distance import EVERYONE
from atlas.catalogue.cohorts import declared_cohorts
from atlas.catalogue.columns import declared_columns, shown
from atlas.maps.payload import Mark
from atlas.places.notices import Notices
from atlas.places.places import natural
from atlas.places.view_url import View
from atlas.planning import site_files
from atlas.planning.equality import TOO_LONG
from atlas.planning.maximal_cover import Solution
from atlas.planning.sentences import group_words, paying_sentence, plan_sentence, proof_sentence
from atlas.planning.site_url import KEYS, SiteRequest, request_from
from atlas.planning.sites import KINDS, MOST_SITES, OBJECTIVES, Kind, NoSitesError, SitePlan
from atlas.risk.request import RiskRequest
from atlas.text.numbers import percent
from atlas.turns import BusyError
from atlas.worker import WorkerError
from views.cached import risk
from views.cached.sites import Question, prove, question, whereabouts
from views.cached.support import now, support
from views.help_nearby.reach_charts import reach_curve
from views.help_nearby.scenario_controls import carried, changes_said, link_of, open_scenario
from views.kit.controls import bound
from views.kit.downloads import take_away
from views.kit.html import TABLE, Cell, cell, escaped, items, linked_ward, numbers, prose, table
from views.kit.legend import show_chart, show_names
from views.kit.notices import empty, link_problems, unfinished
from views.kit.travel import counted_switch, libraries_note, service_only, travel_note
from views.kit.ward_map import picture_of, ward_map
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
    groups = {key: site_files.cohort_label(key) for key in support().residents.people}
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
    """Say how sure the choice is, and prove it: at once where that is quick, else when asked."""
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
            "Prove it (up to a minute)", key="prove", on_click=_ask_proof, args=(name, "stop_proof")
        )


def _ask_proof(name: str, then: str) -> None:
    """Ask for the proof of a question, "" for none, and go on at the button that comes ``then``."""
    st.session_state[_ASKED] = name
    focus_on(then)


_SHARES = (
    "nobody",
    "up to a quarter",
    "a quarter to a half",
    "a half to three quarters",
    "more than three quarters",
)
KIND_WORDS: dict[str, str] = {
    "neighbourhood": "Neighbourhood",
    "unstaffed library": "Library, unstaffed or hours not stated",
    "closed library": "Closed library",
    "yours": "Your own place",
}
# Headings of what a site adds, by its unit.
_ADDS = {
    "people": "People added",
    "households": "Households added",
    "person_km": "Kilometres saved, all together",
    "person_minutes": "Minutes saved, all together",
}


def site_map(view: View, plan: SitePlan, asked: Question) -> None:
    """Draw wards by the share of the group beyond reach today, and the chosen sites by rank."""
    wards = atlas().snapshot.wards
    share = _beyond_share(asked)
    classes = np.where(share > 0, np.minimum(np.floor(share * 4 - 1e-9) + 1, 4), 0)
    rows = site_files.site_rows(plan, wards)
    places = zip(
        rows["rank"],
        rows["ward_name"],
        whereabouts(plan),
        rows["longitude"],
        rows["latitude"],
        strict=True,
    )
    picture = picture_of(
        atlas().places[view.place],
        view.ward,
        share,
        np.where(np.isnan(share), -1, classes),
        label=f"{site_files.cohort_label(plan.cohort)} {plan.travel.beyond} from help",
        unit="share",
        direction="darker = more of them live beyond reach",
        class_labels=_SHARES,
        marks=[
            Mark(str(rank), f"{name}, {words}", longitude, latitude)
            for rank, name, words, longitude, latitude in places
        ],
    )
    ward_map(picture, key="sites_map", height=440)
    marked = "Numbered discs: the chosen sites, 1 adds most. " if plan.picks else ""
    show_names(picture, f"{marked}Share of the ward’s {group_words(plan.cohort)}")


def _beyond_share(asked: Question) -> np.ndarray:
    """Return for each ward the share of the group beyond reach today; NaN where not known."""
    problem = asked.problem
    row = pd.Index(atlas().snapshot.wards["ward_code"]).get_indexer(problem.residents.ward_codes)
    count = len(atlas().snapshot.wards)
    people = np.nan_to_num(problem.weights)
    far = people * (1 - np.nan_to_num(problem.reach.near))
    with np.errstate(invalid="ignore"):
        return np.bincount(row, far, minlength=count) / np.bincount(row, people, minlength=count)


def site_table(plan: SitePlan, link: str, changes: Sequence[str]) -> None:
    """Draw the table of chosen sites with what each adds, and offer it as files.

    ``changes`` are those that the sites were counted with; ``link`` opens them, "" for none.
    """
    rows, unit = site_files.site_rows(plan, atlas().snapshot.wards), site_files.added_unit(plan)
    column, score = declared_columns()["risk_score"], risk.index(RiskRequest()).score
    body = []
    for line, where in zip(rows.to_dict("records"), whereabouts(plan), strict=True):
        code = str(line["ward_code"])
        ward = linked_ward(str(line["ward_name"]), code)
        kind = KIND_WORDS[line["kind"]]
        if line["kind"] == "neighbourhood":
            kind += f": {line['candidate_name']}"
        body.append(
            [
                Cell(
                    f"<span class='atlas-disc'>{line['rank']}</span> "
                    f"{escaped(where[0].upper() + where[1:])}"
                    f"<span class='atlas-under'>{escaped(kind)}</span>"
                ),
                Cell(
                    f"{ward.html}<span class='atlas-under'>"
                    f"{escaped(natural(str(line['authority_name'])))}</span>"
                ),
                shown(column, float(score[atlas().places.row(code)]) if code else None),
                f"{line[f'{unit}_added']:,.0f}",
                cell(f"{line['added_so_far']:,.0f}", True, "atlas-wide-only"),
            ]
        )
    headings = [
        "Where",
        "Ward",
        *numbers("Ward’s risk, 0 to 100", _ADDS[unit]),
        cell("Running total", True, "atlas-wide-only"),
    ]
    counted = (
        f"{site_files.cohort_label(plan.cohort)} who newly come {plan.travel.within} of help; "
        "no one is counted for two places"
        if plan.objective == "reach"
        else f"How much shorter the way becomes, summed over {group_words(plan.cohort)}"
    )
    st.html(
        "<h2 class='atlas-h2'>The places, the one that adds most first</h2>"
        + table(escaped(counted), headings, body, TABLE, "atlas-tight")
    )
    about = site_files.site_readme(
        plan, atlas().places, atlas().snapshot.version, link or TOO_LONG, changes
    )
    name = f"where-next-{plan.place_code}-{plan.cohort}{'-what-if' if changes else ''}"
    take_away(name, lambda: rows, site_files.site_fields(plan), about, "sites")


def site_curve(plan: SitePlan, asked: Question) -> None:
    """Draw what each further site adds, as a sentence, a curve and a table."""
    answers = [asked.answer(sites) for sites in range(1, len(asked.quick) + 1)]
    totals = site_files.amounts(plan, [answer.total for answer in answers])
    bounds = site_files.amounts(plan, [answer.bound for answer in answers])
    unit = _ADDS[site_files.added_unit(plan)]
    what = {"People added": "people", "Households added": "households"}.get(
        unit, unit.split()[0].lower()
    )
    verb = "add" if plan.objective == "reach" else "save"
    lines = pd.DataFrame(
        {"sites": range(len(answers) + 1), "total": [0.0, *totals], "bound": [0.0, *bounds]}
    )
    prose(
        "<h2 class='atlas-h2'>Where the next place stops paying</h2>"
        f"<p>{escaped(paying_sentence(totals.tolist(), what, verb))}</p>"
    )
    left, right = st.columns([1.25, 1], gap="large")
    words = f"{unit} by number of new places: " + ", ".join(
        f"{sites} {total:,.0f}" for sites, total in enumerate(totals, 1)
    )
    with left:
        show_chart(reach_curve(lines, plan.sites, unit), f"{words}.", "reach_curve")
    with right:
        st.html(_curve_table(plan, answers, unit))


def _curve_table(plan: SitePlan, answers: Sequence[Solution], unit: str) -> str:
    # Whole, as they are printed, so that a reader's own subtraction gives the printed difference.
    totals = np.round(site_files.amounts(plan, [answer.total for answer in answers]))
    before = float(site_files.amounts(plan, plan.beyond)) if plan.objective == "reach" else 0.0
    open_ones = any(answer.method != "proven" for answer in answers)
    headings = ["New places", *numbers(unit, "By one more")]
    headings += numbers("Of those beyond reach") if before else []
    headings += ["How sure"] if open_ones else []
    body = []
    for sites, (total, more) in enumerate(zip(totals, np.diff([0.0, *totals]), strict=True), 1):
        here = "atlas-chosen-cell" if sites == plan.sites else ""
        line: list[object] = [
            cell(f"{sites}{' (shown)' if here else ''}", css=here),
            cell(f"{total:,.0f}", True, here),
            cell(f"{more:,.0f}", True, here),
        ]
        line += [cell(percent(total / before), True, here)] if before else []
        answer = answers[sites - 1]
        most = f"at most {np.ceil(float(site_files.amounts(plan, answer.bound))):,.0f}"
        line += ["proven" if answer.method == "proven" else most] if open_ones else []
        body.append(line)
    caption = "The best choice for each number of places; it need not hold the one before."
    caption += "" if open_ones else " All are proven."
    return table(caption, headings, body, css="atlas-tight")


def limits(plan: SitePlan) -> None:
    """Say what the choice rests on and what it cannot know."""
    points = [
        site_files.NEIGHBOURHOOD,
        site_files.BORDER,
        "Places to get help today are libraries that count, and places of your own "
        "where you brought some. Other places that help, such as community centres, are in no "
        "national record.",
        "A new place does not change the risk of a ward: it changes what help is near.",
        "Rent, rooms, buses, opening hours and whether people would come are not known here. Ask "
        "people who know the place.",
    ]
    prose(
        "<h2 class='atlas-h2'>What to know before using this</h2>"
        f"<ul class='atlas-list'>{items(points)}</ul>{travel_note()}"
    )
