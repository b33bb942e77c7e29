"""The card of a selected ward: what it is, its figure, how that compares, where help is."""

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.distance import nearest_to, points_of
from atlas.catalogue.columns import Column, shown
from atlas.places.places import Place
from atlas.places.view_url import View
from atlas.text.numbers import people
from atlas.ward.profile import Standings, ward_point
from atlas.ward.sentences import against, fit_sentence, library_sentence, standing_words
from views.cached.support import support
from views.kit.doors import go_to
from views.kit.html import escaped, items
from views.session import url
from views.session.browser_store import focus_on
from views.session.snapshot import atlas


def ward_card(
    view: View, column: Column, base: Place, base_value: float, wards: pd.DataFrame
) -> None:
    """Draw the card of the view's ward, with the way to its own page and the way to close it.

    ``wards`` is the ward table with the figures of ``column`` that the page shows.
    """
    places = atlas().places
    ward = places[view.ward]
    with st.container(key="ward_card", border=True, gap="small"):
        st.html(
            f"<p class='atlas-hidden' role='status'>Chosen: {escaped(ward.label)}.</p>"
            f"{card_html(ward, column, base, base_value, wards)}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            go_to("my_area", "Open this ward", url.link(view))
            st.button("Close", key="close_card", type="tertiary", on_click=_close)


def _close() -> None:
    focus_on(f"need_{url.view().ward}")
    url.show(View(**{**vars(url.view()), "ward": ""}))


def card_html(
    ward: Place, column: Column, base: Place, base_value: float, wards: pd.DataFrame
) -> str:
    """Return what a card says of a ward, as HTML; the rest as for :func:`ward_card`."""
    places = atlas().places
    row = wards.iloc[places.row(ward.code)]
    council = places.trail(ward.code)[-2]
    found = Standings(wards, places).line(ward.code, column)
    points = []
    if found.standings:
        points.append(against(column, found.value, base, base_value))
        points += [
            standing_words(s) for s in dict.fromkeys((found.standings[0], found.standings[-1]))
        ]
    if not np.isnan(row["population"]):
        points.append(f"{people(float(row['population']))} residents")
    if row["fit"] != "good":
        points.append(fit_sentence(str(row["fit"]), int(row["small_areas"])))
    points.append(_nearest_library(ward.code, row))
    said = items(point[:1].upper() + point[1:] for point in points)
    return (
        f"<h2 class='atlas-card-title'>{escaped(ward.name)} <span>{escaped(council.label)}</span>"
        f"</h2><p class='atlas-figure'>{escaped(shown(column, found.value))}"
        f"<span>{escaped(column.short)}</span></p><ul class='atlas-plain'>{said}</ul>"
    )


def _nearest_library(code: str, row: pd.Series) -> str:
    """Name the nearest library, "" where its service did not report or nobody's home is known."""
    point = ward_point(atlas().snapshot.lsoas, code)
    if point is None or np.isnan(row["near_library_people"]):
        return ""
    libraries = support().libraries
    for at, metres in nearest_to(points_of(libraries), point, 1):
        said = library_sentence(libraries[at], metres, libraries[at].ward_code == code)
        return f"nearest open library: {libraries[at].name}, {said}"
    return ""
