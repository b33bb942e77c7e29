"""The place picker that every page shares, and ways to councils that are like one."""

from dataclasses import replace

import streamlit as st

from atlas.catalogue.sources import declared_sources
from atlas.compare.comparison import similar_councils
from atlas.places.places import KIND_WORDS, Place
from atlas.places.search import Answer, area_and_ward
from atlas.places.site_map import Door, link, script
from atlas.places.view_url import View, moved, query
from views.kit.controls import bound
from views.kit.doors import pages
from views.kit.html import Cell, escaped, linked, plain_markdown, table
from views.session import url
from views.session.browser_store import open_page
from views.session.snapshot import atlas


def sidebar(view: View, door: Door) -> None:
    """Draw the picker at the top of the sidebar."""
    with st.sidebar:
        search_box("search", door)
        _breadcrumb(view, door, "breadcrumb")
        way_down(view, "way_down")
        place = atlas().places[view.place]
        if place.standing and not view.ward:
            said = f"{KIND_WORDS[place.kind].capitalize()}, {place.standing}"
            st.html(f"<p class='atlas-note'>{escaped(said)}.</p>")


def on_phone(view: View, door: Door) -> None:
    """Draw the search box above the page where the sidebar is folded away."""
    with st.container(key="phone_picker"):
        search_box("phone_search", door)
        _breadcrumb(view, door, "phone_breadcrumb")


@st.fragment
def search_box(key: str, door: Door, label: str = "Find a place") -> None:
    """Draw a box that finds places and opens them on this page; the first page sends on."""
    view = url.view()
    shown = (view.place, view.ward)
    if st.session_state.get(f"{key}_for") != shown:
        # The place was found: what was typed has done its work.
        st.session_state[f"{key}_for"] = shown
        st.session_state[key] = ""
    typed = st.text_input(
        label, key=key, type="search", placeholder="M15 5AZ, Blackpool, Kent", live=True
    )
    answer = atlas().search.find(typed or "", limit=6)
    if found := answer.certain:
        there = _opened(view, found)
        if door.address:
            url.show(there)
            st.rerun(scope="app")
        root = (st.context.url or "").partition("?")[0].rstrip("/")
        open_page(f"{root}/{link(_page_of(found), url.link(there))}")
    _results(view, answer, key, door)


def _page_of(place: Place) -> str:
    return "my_area" if place.kind in ("ward", "postcode") else "map"


def _opened(view: View, place: Place) -> View:
    area, ward = area_and_ward(atlas().places, place)
    return moved(view, atlas().places, area, ward)


def _results(view: View, answer: Answer, key: str, door: Door) -> None:
    if not answer.hits and not answer.message:
        return
    with st.container(key=f"{key}_results", gap=None):
        if answer.message:
            st.html(f"<p role='status' class='atlas-note'>{escaped(answer.message)}</p>")
        for place in answer.hits:
            st.page_link(
                pages()[door.script if door.address else script(_page_of(place))],
                label=plain_markdown(place.labelled_with_kind),
                query_params=url.link_here(_opened(view, place)),
            )


def _breadcrumb(view: View, door: Door, key: str) -> None:
    trail = atlas().places.trail(view.ward or view.place)
    with st.container(key=key, horizontal=True, gap=None):
        # Climbing up leaves the ward: the reader asks for the larger place.
        for step in trail[:-1]:
            st.page_link(
                pages()[door.script],
                label=plain_markdown(_short(step)),
                query_params=url.link_here(replace(view, place=step.code, ward="")),
            )
        st.html(f"<p class='atlas-here' aria-current='location'>{escaped(_short(trail[-1]))}</p>")


# What places hold where all are of one kind, and how that is asked for.
_DOWN = {"ward": ("Wards", "Choose a ward"), "authority": ("Councils", "Choose a council")}


def way_down(view: View, key: str) -> None:
    """Let the reader choose a smaller place within the one in view."""
    places = atlas().places
    area = view.place
    children = places.children(area)
    kinds = {child.kind for child in children}
    label, prompt = _DOWN.get("".join(kinds), ("Places", "Region, county or combined authority"))
    bound(
        st.selectbox,
        key,
        (view.ward if kinds == {"ward"} else "") or None,
        _went_down,
        {child.code: _short(child) for child in children},
        label=f"{label} in {places[area].label}",
        index=None,
        placeholder=prompt,
    )


def _short(place: Place) -> str:
    return place.name if place.kind == "ward" else place.label


def _went_down(code: str | None) -> None:
    view, places = url.view(), atlas().places
    if code is None:
        url.show(replace(view, ward=""))
    elif places.is_ward(code):
        url.show(moved(view, places, view.place, code))
    else:
        url.show(moved(view, places, code))


def similar_section(council: str) -> None:
    """Show the councils most like one, each a link to the two side by side; else nothing."""
    known = similar_councils(atlas().snapshot.councils, council)
    if not known:
        return
    name = atlas().places[council].label
    address = f"compare{query(View(place=council))}&with="
    rows = []
    for respect, codes in known.items():
        links = (linked(atlas().places[code].label, f"{address}{code}").html for code in codes)
        rows.append([respect, Cell(", ".join(links))])
    st.html(
        f"<h2 class='atlas-h2'>Councils like {escaped(name)}</h2>"
        + table(
            f"Councils in England most like {escaped(name)}, the most alike first",
            ["Alike", "Councils"],
            rows,
        )
        + "<p class='atlas-note'>Statistically similar areas of the Office for National "
        f"Statistics, {declared_sources()['similar_councils'].vintage}: a start for comparing, not "
        "a ranking. A link sets the two councils side by side.</p>"
    )
