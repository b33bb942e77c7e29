"""The ward map: a sentence, the map, the wards with most need, and the same as a table."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column, shown, shown_bound
from atlas.maps.classes import METHODS, Classes, Method, classify
from atlas.maps.legend import Legend, legend
from atlas.maps.palette import colours
from atlas.maps.payload import MapView
from atlas.places.area_figures import figure
from atlas.places.places import ENGLAND, Place, natural
from atlas.places.view_url import DEFAULT_MEASURE, View, serialised
from atlas.risk.index import population_percentile
from atlas.risk.needs import KIND_OF_NEED
from atlas.risk.request import RiskRequest
from atlas.risk.uploaded_components import covered, names_own_part
from atlas.ward.sentences import (
    area_sentence,
    fifth_sentence,
    missing_sentence,
    range_sentence,
    score_sentence,
    sources_of,
    years_of,
)
from atlas.ward_list.by_measure import ranked
from views.cached import risk
from views.kit.controls import choose_base, choose_breaks, choose_measure
from views.kit.doors import go_to
from views.kit.downloads import address_of, offer, readme
from views.kit.html import escaped, plain_markdown, prose
from views.kit.legend import show_legend
from views.kit.notices import outdated_note
from views.kit.ward_map import picture_of, ward_map
from views.map.need_map import need_map
from views.map.saved_page import save_button
from views.map.ward_card import ward_card
from views.map.ward_table import ward_table
from views.map.weights import live_measures, live_weights, set_weights
from views.session import uploads, url
from views.session.snapshot import atlas
from views.ward_list.controls import map_weights, weights_in_words

_LISTED = 10
_FIFTHS_OF_RISK = ("80 and over", "60 to 79", "40 to 59", "20 to 39", "under 20")
_LAYERS = {"libraries": "Libraries", "pockets": "Pockets of high risk"}
_YOURS = {"yours": "Your own places"}


def page() -> None:
    """Draw the map of the address's view."""
    view, shared = url.view(), atlas()
    if view.measure == KIND_OF_NEED:
        need_map(view)
        return
    column, wards, weights = _measured(view)
    place, base = shared.places[view.place], shared.places[view.base]
    rows = shared.places.positions(place.code)
    base_rows = shared.places.positions(base.code)
    if weights is not None and names_own_part(weights):
        base = _with_figures(base, wards[column.name].iloc[base_rows])
    values = pd.Series(wards[column.name].to_numpy(), index=shared.codes, dtype=float)
    people = pd.Series(wards["population"].to_numpy(), index=values.index)
    classes = classify(
        values.iloc[base_rows],
        cast(Method, view.breaks),
        weights=people.iloc[base_rows],
    )
    base_value = figure(wards, column, base_rows)
    listed = ranked(wards, column, rows)

    st.title(f"{column.label}, wards of {place.label}")
    lead = _lead(column, wards, place, base, listed)
    link = address_of(f"?{urlencode(serialised(view) | (weights.query() if weights else {}))}")
    about = readme(f"{column.label}, wards of {place.label}", {}, column, link)
    prose(f"<p class='atlas-lead' role='status'>{escaped(lead)}</p>")
    drawn = legend(
        values.iloc[rows],
        people.iloc[rows],
        classes,
        title=column.short,
        direction=column.direction_in_words,
        say=partial(shown_bound, column),
        palette=_colours(column, classes),
    )
    if column.name == DEFAULT_MEASURE and base.code == ENGLAND:
        drawn = said_of_residents(drawn)
    with st.container(key="map_and_list"):
        left, right = st.columns([2, 1], gap="medium")
        with left:
            layers = _controls(view, weights)
            # Where that is folded it stands below the map, and on a phone above it.
            with st.container(key="legend_narrow"):
                show_legend(drawn)
            pockets = _pockets(view, weights or RiskRequest()) if "pockets" in layers else {}
            picture = _picture(view, column, place, values, classes, drawn, layers, pockets)
            ward_map(
                replace(picture, live=live_weights(view, weights), measures=live_measures(view)),
                key="ward_map",
                height=560,
                on_weights=partial(set_weights, weights or RiskRequest()),
            )
            save_button(picture, drawn, column, listed, lead, about)
        with right:
            if view.ward:
                ward_card(view, column, base, base_value, wards)
            # Above the map it would push it on, and the browser would build the map anew.
            outdated_note([column.name], place.code)
            _most_need(view, column, listed, weights)
    # In the sidebar the legend stays beside the map.
    with st.sidebar:
        show_legend(drawn)
    st.html("<h2 class='atlas-h2' id='table'>The same wards as a table</h2>")
    names = np.array([*classes.labels, "no data"], dtype=object)
    class_names = pd.Series(names[classes.assign(values)], index=values.index, dtype=object)
    ward_table(view, column, place, class_names, wards, about)
    offer(_say_how_to_save_a_picture)


def _measured(view: View) -> tuple[Column, pd.DataFrame, RiskRequest | None]:
    """Return the measure, the ward table that has it, and the weights where it has any.

    Overall risk is scored by the weights in force; other weights than the standard ones are named
    wherever the measure is.
    """
    column, wards = uploads.measure(view.measure), uploads.ward_figures()
    if column.name != DEFAULT_MEASURE:
        return column, wards, None
    settings, problems = risk.weights_in_force()
    for problem in problems:
        st.warning(plain_markdown(problem), icon=":material/link_off:")
    said = weights_in_words(settings)
    if not said:
        return column, wards, settings
    score = risk.index(settings).cut_score
    named = replace(column, label=f"{column.label} ({said})", short=f"{column.short} ({said})")
    return named, wards.assign(**{column.name: score}), settings


def _with_figures(base: Place, scores: pd.Series) -> Place:
    """Return the base under a name that says how many of its wards own figures give a score.

    The base itself where they leave none of its wards out that has a published score.
    """
    published = atlas().snapshot.wards[DEFAULT_MEASURE].iloc[atlas().places.positions(base.code)]
    if int(scores.count()) == int(published.count()):
        return base
    return replace(base, label=covered(base.label, int(scores.count())))


def _controls(view: View, weights: RiskRequest | None) -> frozenset[str]:
    """Let the reader choose the measure, and behind one button all else; return the layers."""
    measure, more = st.columns([2, 1], vertical_alignment="bottom")
    with measure:
        choose_measure(view, kinds=True)
    with more.popover("Change what is shown", width="stretch"):
        layers = _choose_layers()
        choose_base(view)
        if weights is not None:
            map_weights(weights)
        choose_breaks(view)
    return layers


def _lead(
    column: Column, wards: pd.DataFrame, place: Place, base: Place, listed: pd.DataFrame
) -> str:
    places = atlas().places
    rows, base_rows = places.positions(place.code), places.positions(base.code)
    if column.credit and wards[column.name].iloc[base_rows].count() == len(listed):
        # A visitor's own figures that end where the place ends say nothing of a larger area.
        base, base_rows = place, rows
    value = figure(wards, column, rows)
    first = area_sentence(column, place, value, base, figure(wards, column, base_rows))
    if listed.empty:
        return first
    without = len(rows) - len(listed)
    names = ["population", column.name]
    inside = _in_needy_fifth(column, wards[names].iloc[base_rows], listed)
    residents = float(listed["population"][inside].sum())
    top = listed.iloc[0]
    name = f"{top['ward_name']}, {natural(top['authority_name'])}"
    if column.unit == "score":
        of = float(listed["population"].sum())
        first = score_sentence(column, place, base, int(inside.sum()), len(listed), residents, of)
        end = "lowest" if column.need == "less" else "highest"
        second = f"The {end} is {name}."
        return f"{first} {second} {missing_sentence(without)}".strip()
    if place.code != base.code:
        second = fifth_sentence(column, base, int(inside.sum()), len(listed), residents)
        return f"{first} {second} {missing_sentence(without)}".strip()
    lowest, highest = float(listed[column.name].min()), float(listed[column.name].max())
    second = range_sentence(column, lowest, highest, name, len(listed), without)
    return f"{first} {second}"


def _in_needy_fifth(column: Column, of_base: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """Tell of each listed ward whether it is in the base's fifth of residents with most need.

    ``of_base`` has the ``population`` and the measure of the base's wards. A listed ward outside
    the base counts where its figure is as high as those in the fifth.
    """
    sign = -1.0 if column.need == "less" else 1.0
    values = sign * of_base[column.name].to_numpy(dtype=float)
    place = population_percentile(values, of_base["population"].to_numpy(dtype=float))
    needy = values[place >= 80]
    return sign * listed[column.name] >= (needy.min() if len(needy) else np.inf)


def _choose_layers() -> frozenset[str]:
    """Let the reader lay libraries, pockets and their own places over the wards."""
    layers = _LAYERS | (_YOURS if uploads.own_venues() else {})
    shown_too = st.pills(
        "Also show on the map",
        list(layers),
        selection_mode="multi",
        format_func=layers.__getitem__,
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
    pockets: Mapping[str, pd.Series],
) -> MapView:
    sources = sources_of(column, atlas().sources)
    whose = dict.fromkeys(f"{source.publisher}, {source.dated}" for source in sources)
    return picture_of(
        place,
        view.ward,
        values.to_numpy(),
        classes.assign(values).to_numpy(),
        label=column.short,
        unit=column.unit,
        decimals=column.shown,
        cut=column.cut,
        floor=column.floor,
        direction=column.direction_in_words,
        class_labels=classes.labels,
        class_bounds=tuple(row.bounds for row in reversed(drawn.rows)),
        colours=_colours(column, classes),
        layers=layers - set(_YOURS),
        pockets=pockets,
        marks=uploads.own_marks() if "yours" in layers else (),
        sources=f"{'; '.join(whose) or column.credit}. Data version {atlas().snapshot.version}.",
    )


def _pockets(view: View, weights: RiskRequest) -> dict[str, pd.Series]:
    """Return the pockets of the council in view: the chosen ward's, or the place itself."""
    lsoas = atlas().snapshot.lsoas
    holder = view.ward or view.place
    council = atlas().snapshot.wards["authority_code"].iloc[atlas().places.positions(holder)]
    if council.nunique() != 1:
        return {}
    code = str(council.iloc[0])
    high = risk.pockets(weights).areas.in_highest(0.1)
    inside = (lsoas["authority_code"] == code).to_numpy()
    marks = np.where(high[inside], 4, -1)
    return {code: pd.Series(marks, index=lsoas["lsoa_code"].to_numpy()[inside])}


def _say_how_to_save_a_picture() -> None:
    with st.popover("Picture", key="map_picture"):
        st.markdown("Press “Picture” on the map: it saves what the map shows, for print.")


def _colours(column: Column, classes: Classes) -> tuple[str, ...]:
    # Dark is more need, whichever way the measure points.
    palette = colours(max(classes.count, 1))
    return palette[::-1] if column.need == "less" else palette


def said_of_residents(drawn: Legend) -> Legend:
    """Return the legend of risk compared with England, its fifths in round numbers.

    Risk is the share of residents in wards at lower risk, so a fifth of England's residents
    begins at 20, 40, 60 and 80. Any other cut of the classes is left as it is.
    """
    if drawn.method != METHODS["population fifths"] or len(drawn.rows) != len(_FIFTHS_OF_RISK):
        return drawn
    said = zip(drawn.rows, _FIFTHS_OF_RISK, strict=True)
    rows = tuple(replace(row, bounds=words) for row, words in said)
    return replace(drawn, rows=rows, method="Fifths of England’s residents")


def _most_need(
    view: View, column: Column, listed: pd.DataFrame, weights: RiskRequest | None
) -> None:
    if listed.empty:
        return
    word = "Lowest" if column.need == "less" else "Highest"
    many = f"{word} {min(_LISTED, len(listed))} of {len(listed):,} wards"
    title = many if len(listed) > 1 else "The one ward with data"
    st.html(
        f"<h2 class='atlas-h2 atlas-first'>{title}</h2>"
        f"<p class='atlas-note atlas-first'>{escaped(_what_they_are(column))}</p>"
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
    # The list knows a visitor's own measure by another name.
    order = {} if column.credit else {"order": column.name}
    go_to(
        "ward_list",
        "Open the ward list: why, how sure, which files",
        url.link(view) | (order if weights is None else weights.query()),
    )


def _what_they_are(column: Column) -> str:
    """Say what the numbers beside a list of wards are, and of when."""
    said = "Risk score, 0 to 100" if column.name == DEFAULT_MEASURE else column.label
    when = years_of(column, atlas().sources)
    return f"{said}. Sources dated {when}." if when else f"{said}."


def _select(code: str) -> None:
    url.show(replace(url.view(), ward=code))
