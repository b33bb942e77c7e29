"""The briefing: one screen for the room, the same one idea at a time, and the pack to take away."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from atlas.briefing.area import LONGEST_NAME, group_name
from atlas.briefing.briefing import Briefing
from atlas.briefing.html import panels
from atlas.briefing.offline_page import pack_page
from atlas.briefing.powerpoint import MAP_SIZE, powerpoint
from atlas.briefing.slides import Bars, Stamp, origin_rows, slides_of
from atlas.catalogue.columns import Column, shown
from atlas.places.places import ENGLAND, natural
from atlas.risk.uploaded_components import names_own_part, published_only
from atlas.worker import for_files
from serving.settings import settings
from views.briefing.presenter import (
    SLIDE,
    chart_key,
    chart_words,
    fairness_chart,
    present,
    presenting,
)
from views.cached import briefings, risk
from views.kit.controls import bound
from views.kit.downloads import address_of, file_button
from views.kit.html import TABLE, escaped, items, numbers, prose, table
from views.kit.legend import show_chart
from views.kit.notices import link_problems
from views.kit.place_picker import similar_section
from views.session import uploads, url
from views.session.browser_store import focus_on
from views.session.own_work import owner, owner_box
from views.session.snapshot import atlas

_STYLE = Path(__file__).with_name("briefing.css")
_PLACES, _NAME = "places", "name"
PAPER_MAP_HEIGHT = 300
_MOST_PLACES = 40
MAP_WIDTH, MAP_HEIGHT = 430, 222


def page() -> None:
    """Draw the briefing of the place in view, or its slides one by one."""
    st.html(_STYLE)
    codes = _codes()
    name = group_name(st.query_params.get(_NAME, ""))
    asked, problems = risk.weights_in_force()
    if names_own_part(asked):
        asked = published_only(asked)
        problems = [*problems, "Your own measure does not count in a briefing."]
    link_problems(problems)
    made = briefings.briefing(codes, name, asked)
    if presenting():
        complete = briefings.whole(codes, name, asked)
        present(slides_of(complete, _stamp(owner())), complete)
        return
    _screen(partial(briefings.whole, codes, name, asked), made)


def _codes() -> tuple[str, ...]:
    """Return the places that are briefed: the selection in the address, or the place in view."""
    given = [code for code in st.query_params.get(_PLACES, "").split(",") if code]
    places = atlas().places
    known = tuple(dict.fromkeys(code for code in given if places.is_area(code)))[:_MOST_PLACES]
    if len(known) < len(set(given)):
        link_problems(["Some places named in this link are not known and were left out."])
    return known or (url.view().place,)


def _stamp(owner: str) -> Stamp:
    here = {name: value for name, value in dict(st.query_params).items() if name != SLIDE}
    return Stamp(owner, date.today(), atlas().snapshot.version, address_of(f"?{urlencode(here)}"))


def _screen(whole: Callable[[], Briefing], made: Briefing) -> None:
    with st.container(key="brief_head", horizontal=True, vertical_alignment="bottom"):
        with st.container(key="brief_title", gap=None):
            st.title(made.title)
            about = st.empty()
        with st.container(key="brief_tools", horizontal=True, vertical_alignment="bottom"):
            stamp = _stamp(owner_box())
            if st.button("Present", icon=":material/slideshow:", key="brief_present"):
                st.query_params[SLIDE] = "1"
                focus_on("present_next")
                st.rerun()
            _downloads(whole, made, stamp)
            if made.weights:
                st.button("Use the standard weights", key="brief_standard", on_click=_use_standard)
    about.html(f"<p class='brief-about'>{escaped(made.about)} · {escaped(stamp.words)}</p>")
    drawn = panels(made, helps=False)
    prose(
        f"{drawn['headlines']}<h2 class='brief-h2 brief-below'>Why here: two needs</h2>"
        f"<div class='brief-text brief-needs'>{drawn['jobs']}</div>"
    )
    with st.container(key="brief_middle"):
        where, fair, wards = st.columns(3, gap="small")
        with where:
            drawn_map = briefings.map_of(made, MAP_WIDTH, MAP_HEIGHT)
            prose(f"<h2 class='brief-h2'>Where the risk is</h2>{drawn_map}")
        with fair:
            _fairness(made)
        with wards:
            st.html("<h2 class='brief-h2'>Five wards to start with</h2>")
            panel = st.empty()
            panel.html(drawn["wards"])
    with st.container(key="brief_foot"):
        left, right = st.columns([1.12, 2], gap="small")
        with left:
            help_panel = st.empty()
            help_panel.html(_help(drawn))
        with right:
            prose(
                "<h2 class='brief-h2'>Six questions for your team</h2>"
                f"<div class='brief-text'>{drawn['questions']}</div>"
            )
    prose(f"<p class='brief-small brief-base'>{escaped(made.base_and_date)}</p>")
    # Tiers and next places take longer the first time: the rest is read meanwhile.
    complete = whole()
    drawn = panels(complete, helps=False)
    panel.html(drawn["wards"])
    help_panel.html(_help(drawn))
    _more(complete)


def _use_standard() -> None:
    risk.choose_weights(briefings.STANDARD)
    focus_on("brief_present")


def _downloads(whole: Callable[[], Briefing], made: Briefing, stamp: Stamp) -> None:
    name = f"briefing-{'-'.join(made.area.codes)}"[:80]

    def slides() -> bytes:
        complete = whole()
        picture = briefings.picture(complete, *MAP_SIZE)
        template = settings().slides.template
        return for_files.do(powerpoint, complete, stamp, picture, template)

    def web_page() -> bytes:
        complete = whole()
        picture = briefings.picture(complete, MAP_WIDTH, PAPER_MAP_HEIGHT)
        return for_files.do(pack_page, complete, stamp, picture, _STYLE)

    file_button("PowerPoint", slides, f"{name}.pptx", "brief_pptx")
    file_button("For paper", web_page, f"{name}.html", "brief_html")


def _help(drawn: Mapping[str, str]) -> str:
    return (
        f"<h2 class='brief-h2'>Where help is missing</h2><div class='brief-text'>"
        f"{drawn['help']}</div><h2 class='brief-h2 brief-below'>What the data cannot say</h2>"
        f"<div class='brief-text'>{drawn['limits']}</div>"
    )


def _fairness(made: Briefing) -> None:
    compared = made.fairness
    prose(
        f"<h2 class='brief-h2'>Is it fair?</h2><p class='brief-say-small'>"
        f"{escaped(compared.said.text)}</p>"
    )
    if compared.comparable:
        st.html(chart_key())
        bars = Bars(compared.brief())
        chart = fairness_chart(bars, min(270, 30 * len(bars.lines)), 13)
        show_chart(chart, chart_words(compared, bars), "brief_fairness")
        if compared.rest_said.text:
            prose(f"<p class='brief-small brief-rest'>{escaped(compared.rest_said.text)}</p>")


def _more(made: Briefing) -> None:
    """Below the screen: other places together, the tables behind the pictures, the origins."""
    _together(made)
    own_figures(made)
    similar_section(made.area.codes[0] if len(made.area.codes) == 1 else "")
    compared = made.fairness
    parts = compared.parts.capitalize()
    headings = [
        parts.removesuffix("s"),
        *numbers(
            "Residents",
            "In highest-risk wards",
            "Share of all residents",
            "Share of those in highest-risk wards",
        ),
    ]
    body = [[line.name, *(number.shown for number in line.numbers)] for line in compared.lines]
    caption = f"{parts} of {escaped(compared.among)}: each share is of the whole place"
    drawn = table(caption, headings, body, TABLE)
    st.html(f"<h2 class='atlas-h2'>Fairness as a table</h2>{drawn}")
    rows = origin_rows(made.numbers())
    with st.expander(f"Where each of the {len(rows):,} numbers comes from"):
        head = ["Number", *numbers("Shown"), "Worked out as", "Rows"]
        lines = [[name, shown, words, rule] for name, shown, words, rule in rows]
        st.html(table("Every number, with the published table that it comes from", head, lines))


def _together(made: Briefing) -> None:
    places = atlas().places
    bound(
        st.multiselect,
        "brief_places",
        [c for c in made.area.codes if c != ENGLAND],
        _chosen,
        {place.code: place.label for place in places.areas() if place.code != ENGLAND},
        label="Brief several places together",
        max_selections=_MOST_PLACES,
    )
    if len(made.area.codes) > 1:
        bound(
            st.text_input,
            "brief_name",
            group_name(st.query_params.get(_NAME, "")),
            lambda name: st.query_params.update({_NAME: group_name(name)}),
            label="Name for these places together",
            max_chars=LONGEST_NAME,
            placeholder=made.area.name,
            help="The briefing uses this name, and the link to it carries the name.",
        )


def _chosen(places: list[str]) -> None:
    if places:
        st.query_params[_PLACES] = ",".join(places)
    else:
        st.query_params.pop(_PLACES, None)


def own_figures(made: Briefing) -> None:
    """Show each own measure of the wards to start with, and the place's ward with most need."""
    columns = uploads.own_measures()
    if not columns:
        return
    rows = np.asarray(made.area.rows)
    said = items(_said(made, column, rows) for column in columns)
    names = (", ".join(filter(None, (c.label, c.direction_in_words))) for c in columns)
    headings = ["Ward to start with", *numbers(*names)]
    lines = {w.code: uploads.ward_figures().iloc[atlas().places.row(w.code)] for w in made.wards}
    body = [
        [f"{w.name}, {w.council}", *(shown(c, lines[w.code][c.name]) for c in columns)]
        for w in made.wards
    ]
    prose(
        "<h2 class='atlas-h2'>Your own figures</h2>"
        "<p>Brought by you for this visit: not published, not checked, and not traceable to the "
        "Atlas’s tables. They are on no slide and in no pack, and no number above counts them.</p>"
        f"<ul class='atlas-list'>{said}</ul>"
        + (table("Your own figures of the wards to start with", headings, body) if body else "")
    )


def _said(made: Briefing, column: Column, rows: np.ndarray) -> str:
    inside = uploads.ward_figures().iloc[rows]
    known = inside[column.name].dropna()
    covered = f"{len(known):,} of the {len(rows):,} wards of {made.area.name} have a figure"
    if known.empty:
        return f"{column.label}: no ward of {made.area.name} has a figure."
    less = column.need == "less"
    most = float(known.min() if less else known.max())
    ends = inside[inside[column.name] == most]
    end, value = "lowest" if less else "highest", shown(column, most)
    if len(ends) > 1:
        return f"{column.label}: {covered}. The {end} is {value}, in {len(ends):,} wards."
    name = f"{ends['ward_name'].iloc[0]}, {natural(str(ends['authority_name'].iloc[0]))}"
    return f"{column.label}: {covered}. The {end} is {value}, in {name}."
