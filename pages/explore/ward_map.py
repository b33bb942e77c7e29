"""The ward map: a sentence, the map, the wards with most need, and the same as a table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import address, risk, yours
from pages.parts.atlas import atlas
from pages.parts.controls import choose_base, choose_breaks, choose_measure
from pages.parts.legend_view import show_legend
from pages.parts.map_view import saved_map, ward_map
from pages.parts.markup import escaped, plain_markdown
from pages.parts.ward_card import ward_card
from pages.parts.ward_table import ward_table
from wards.areas import figure
from wards.classes import Classes, classify
from wards.columns import Column, shown, shown_bound
from wards.legend import Legend, legend
from wards.map_values import MapView
from wards.palette import colours
from wards.places import ENGLAND, Place, natural
from wards.sentences import area_sentence, fifth_sentence, missing_sentence, range_sentence
from wards.settings import Settings
from wards.targeting import ranked
from wards.view_state import ListSettings, View

_LISTED = 10
_LAYERS = {"libraries": "Libraries", "pockets": "Pockets of high risk"}


def page() -> None:
    view, shared = address.view(), atlas()
    column = yours.measure(view.measure)
    place, base = shared.places[view.place], shared.places[view.base]
    rows = shared.places.positions(place.code)
    base_rows = shared.places.positions(base.code)
    wards = yours.ward_figures()
    values = pd.Series(
        wards[column.name].to_numpy(), index=pd.Index(wards["ward_code"]), dtype=float
    )
    people = pd.Series(wards["population"].to_numpy(), index=values.index)
    classes = _classes(values.iloc[base_rows], people.iloc[base_rows], view.breaks)
    base_value = figure(wards, column, base_rows)
    listed = ranked(wards, column, ListSettings(), rows)

    st.title(f"{column.label}, wards of {place.label}")
    st.html(f"<p class='atlas-lead'>{escaped(_lead(column, place, base, base_value, listed))}</p>")
    with st.container(key="map_controls"):
        left, middle, right = st.columns([2.2, 1.2, 1.4])
        with left:
            choose_measure(view)
        with middle:
            choose_base(view)
        with right:
            choose_breaks(view)
    drawn = _legend(column, values.iloc[rows], people.iloc[rows], classes)
    with st.container(key="map_and_list"):
        left, right = st.columns([2, 1], gap="medium")
        with left:
            layers = _choose_layers()
            picture = _picture(view, column, place, values, classes, drawn, layers)
            chosen = ward_map(picture, key="ward_map", height=560)
            _save(picture, drawn, place, column)
        with right:
            if view.ward:
                ward_card(view, column, base, base_value)
            _most_need(view, column, listed)
    # In the sidebar the legend stays beside the map; it moves below it where that is folded.
    with st.sidebar:
        show_legend(drawn)
    with st.container(key="legend_narrow"):
        show_legend(drawn)
    if chosen and chosen != view.ward:
        address.show(replace(view, ward=chosen))
        st.rerun()
    st.html("<h2 class='atlas-h2' id='table'>The same wards as a table</h2>")
    names = np.array([*classes.labels, "no data"], dtype=object)
    ward_table(view, column, place, pd.Series(names[classes.assign(values)], index=values.index))


def _classes(values: pd.Series, people: pd.Series, breaks: str) -> Classes:
    return classify(values, breaks, weights=people)  # type: ignore[arg-type]


def _lead(
    column: Column, place: Place, base: Place, base_value: float, listed: pd.DataFrame
) -> str:
    wards, places = yours.ward_figures(), atlas().places
    rows = places.positions(place.code)
    value = figure(wards, column, rows)
    first = area_sentence(column, place, value, base, base_value)
    if listed.empty:
        return first
    without = len(rows) - len(listed)
    if place.code != base.code:
        inside = _in_needy_fifth(column, listed, base)
        residents = float(listed["population"][inside].sum())
        second = fifth_sentence(column, base, int(inside.sum()), len(listed), residents)
        return f"{first} {second} {missing_sentence(without)}".strip()
    top = listed.iloc[0]
    second = range_sentence(
        column,
        float(listed[column.name].min()),
        float(listed[column.name].max()),
        f"{top['ward_name']}, {natural(top['authority_name'])}",
        len(listed),
        without,
    )
    return f"{first} {second}"


def _in_needy_fifth(column: Column, listed: pd.DataFrame, base: Place) -> pd.Series:
    """Tell of each listed ward whether it is in the base's fifth of wards with most need."""
    rows = atlas().places.positions(base.code)
    known = yours.ward_figures()[column.name].iloc[rows].dropna()
    if column.need == "less":
        return listed[column.name] <= known.quantile(0.2)
    return listed[column.name] > known.quantile(0.8)


def _choose_layers() -> frozenset[str]:
    """Let the reader lay libraries and pockets over the wards."""
    shown_too = st.pills(
        "Also show on the map",
        list(_LAYERS),
        selection_mode="multi",
        format_func=_LAYERS.__getitem__,
        help="Pockets are small areas (LSOAs) in England's highest-risk tenth, whatever the "
        "average of their ward. They are drawn for one council at a time: choose a council or "
        "a ward.",
    )
    return frozenset({"outlines", "labels", *shown_too})


def _picture(
    view: View,
    column: Column,
    place: Place,
    values: pd.Series,
    classes: Classes,
    drawn: Legend,
    layers: frozenset[str],
) -> MapView:
    codes = atlas().snapshot.wards["ward_code"]
    members = None
    if place.code != ENGLAND:
        members = list(codes.iloc[atlas().places.positions(place.code)])
    return MapView(
        files=atlas().maps,
        values=values,
        classes=classes.assign(values),
        label=column.short,
        unit=column.unit,
        decimals=column.shown,
        floor=column.floor,
        direction=column.direction_in_words,
        class_labels=classes.labels,
        class_bounds=tuple(row.bounds for row in reversed(drawn.rows)),
        colours=_colours(column, classes),
        place=place.code,
        place_name=place.label,
        members=members,
        selected=view.ward or None,
        layers=layers,
        pockets=_pockets(view) if "pockets" in layers else {},
    )


def _pockets(view: View) -> dict[str, pd.Series]:
    """Return the pockets of the council in view: the chosen ward's, or the place itself."""
    lsoas = atlas().snapshot.lsoas
    holder = view.ward or view.place
    council = atlas().snapshot.wards["authority_code"].iloc[atlas().places.positions(holder)]
    if council.nunique() != 1:
        return {}
    code = str(council.iloc[0])
    high = risk.assessor().pockets(Settings()).areas.in_highest(0.1)
    inside = (lsoas["authority_code"] == code).to_numpy()
    marks = np.where(high[inside], 4, -1)
    return {code: pd.Series(marks, index=lsoas["lsoa_code"].to_numpy()[inside])}


def _save(picture: MapView, drawn: Legend, place: Place, column: Column) -> None:
    st.download_button(
        "Save as a page that works offline",
        lambda: saved_map(picture, drawn),
        file_name=f"{place.code}-{column.name}.html",
        mime="text/html",
        key="save_map",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
        help="One HTML file with the map inside. The button on the map itself saves a picture.",
    )


def _colours(column: Column, classes: Classes) -> tuple[str, ...]:
    # Dark is more need, whichever way the measure points.
    palette = colours(max(classes.count, 1))
    return palette[::-1] if column.need == "less" else palette


def _legend(column: Column, values: pd.Series, people: pd.Series, classes: Classes) -> Legend:
    drawn = legend(
        values,
        people,
        classes,
        title=column.short,
        direction=column.direction_in_words,
        say=lambda value: shown_bound(column, value),
    )
    if column.need != "less" or not classes.count:
        return drawn
    palette = colours(classes.count)
    turned = dict(zip(palette, palette[::-1], strict=True))
    return replace(
        drawn,
        rows=tuple(replace(row, colour=turned[row.colour]) for row in drawn.rows),
        bars=tuple(replace(bar, colour=turned[bar.colour]) for bar in drawn.bars),
    )


def _most_need(view: View, column: Column, listed: pd.DataFrame) -> None:
    if listed.empty:
        return
    word = "Lowest" if column.need == "less" else "Highest"
    st.html(
        f"<h2 class='atlas-h2 atlas-first'>{word} {min(_LISTED, len(listed))} of "
        f"{len(listed):,} wards</h2>"
    )
    with st.container(key="most_need", gap=None):
        for row in listed.head(_LISTED).to_dict("records"):
            value = plain_markdown(shown(column, row[column.name]))
            name, council = (str(row[key]) for key in ("ward_name", "authority_name"))
            st.button(
                f"{row['place_in_list']}\\. **{plain_markdown(name)}** "
                f"{plain_markdown(natural(council))} *{value}*",
                key=f"need_{row['ward_code']}",
                type="tertiary",
                width="stretch",
                on_click=_select,
                args=(row["ward_code"],),
            )
    st.page_link(
        "pages/decide/targeting_list.py",
        label="Build a list from these wards",
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params=address.link(view),
    )


def _select(code: str) -> None:
    address.show(replace(address.view(), ward=code))


page()
