"""The place picker that every page shares: a search box, the way back up, the way down."""

import streamlit as st

from atlas.places.places import ENGLAND, KIND_WORDS, Place
from atlas.places.search import Answer, area_and_ward
from atlas.places.view_url import View, moved
from views.kit.html import escaped, plain_markdown
from views.session import url
from views.session.snapshot import atlas

HERE = "atlas_here"


def sidebar(view: View) -> None:
    """Draw the picker at the top of the sidebar."""
    with st.sidebar:
        _search_box("search")
        _breadcrumb(view)
        _way_down(view)


def on_phone(view: View) -> None:
    """Draw the search box above the page where the sidebar is folded away."""
    with st.container(key="phone_picker"):
        _search_box("phone_search")
        trail = atlas().places.trail(view.ward or view.place)
        names = " › ".join(escaped(place.name) for place in trail)
        st.html(f"<p class='atlas-where'>{names}</p>")


@st.fragment
def _search_box(key: str) -> None:
    view = url.view()
    shown = (view.place, view.ward)
    if st.session_state.get(f"{key}_for") != shown:
        # The place was found: what was typed has done its work.
        st.session_state[f"{key}_for"] = shown
        st.session_state[key] = ""
    typed = st.text_input(
        "Find a place",
        key=key,
        type="search",
        placeholder="Postcode, town, ward, council…",
        live=True,
    )
    answer = atlas().search.find(typed or "", limit=6)
    if answer.certain:
        _go_to(answer.certain)
    _results(view, answer, key)


def _go_to(place: Place) -> None:
    url.show(_opened(url.view(), place))
    st.rerun(scope="app")


def _opened(view: View, place: Place) -> View:
    area, ward = area_and_ward(atlas().places, place)
    return moved(view, atlas().places, area, ward)


def _results(view: View, answer: Answer, key: str) -> None:
    if not answer.hits and not answer.message:
        return
    with st.container(key=f"{key}_results", gap=None):
        if answer.message:
            st.html(f"<p role='status' class='atlas-note'>{escaped(answer.message)}</p>")
        for place in answer.hits:
            st.page_link(
                st.session_state[HERE],
                label=plain_markdown(place.labelled_with_kind),
                query_params=url.link(_opened(view, place)),
            )


def _breadcrumb(view: View) -> None:
    places = atlas().places
    trail = places.trail(view.ward or view.place)
    with st.container(key="breadcrumb", horizontal=True, gap=None):
        for step in trail[:-1]:
            st.page_link(
                st.session_state[HERE],
                label=plain_markdown(_short(step)),
                query_params=url.link(_climbed(view, step)),
            )
        st.html(f"<p class='atlas-here' aria-current='location'>{escaped(_short(trail[-1]))}</p>")
    standing = places[view.place].standing
    if standing and not view.ward:
        said = f"{KIND_WORDS[places[view.place].kind]}, {standing}"
        st.html(f"<p class='atlas-note'>{escaped(said[0].upper() + said[1:])}.</p>")


def _climbed(view: View, step: Place) -> View:
    # Climbing up leaves the ward: the reader asks for the larger place.
    return View(step.code, "", view.measure, view.base, view.breaks)


def _way_down(view: View) -> None:
    places = atlas().places
    area = view.place
    children = places.children(area)
    kinds = {child.kind for child in children}
    if kinds == {"ward"}:
        label, prompt = "Wards", "Choose a ward"
    elif kinds == {"authority"}:
        label, prompt = "Councils", "Choose a council"
    else:
        label, prompt = "Places", "Region, county or combined authority"
    name = places[area].label if area != ENGLAND else "England"
    chosen = view.ward if kinds == {"ward"} else None
    st.session_state["way_down"] = chosen or None
    st.selectbox(
        f"{label} in {name}",
        [child.code for child in children],
        index=None,
        format_func=lambda code: _short(places[code]),
        placeholder=prompt,
        key="way_down",
        on_change=_went_down,
    )


def _short(place: Place) -> str:
    return place.name if place.kind == "ward" else place.label


def _went_down() -> None:
    code = st.session_state["way_down"]
    current = url.view()
    if code is None:
        url.show(View(current.place, "", current.measure, current.base, current.breaks))
        return
    url.show(_opened_here(current, code))


def _opened_here(view: View, code: str) -> View:
    places = atlas().places
    if places.is_ward(code):
        return moved(view, places, view.place, code)
    return moved(view, places, code)
