"""The ward map by kind of need: which parts of risk are in England's highest fifth."""

import numpy as np
import streamlit as st

from atlas.maps.palette import NEEDS
from atlas.places.area_figures import figure
from atlas.places.places import ENGLAND, Place, natural
from atlas.places.view_url import DEFAULT_MEASURE, View
from atlas.risk.needs import Needs, kind_labels, needs
from atlas.risk.request import RiskRequest
from atlas.text.lists import listed
from atlas.text.numbers import people
from views.cached import risk
from views.kit.controls import choose_measure
from views.kit.doors import go_to
from views.kit.html import TABLE, escaped, linked_ward, numbers, prose, table
from views.kit.legend import show_names
from views.kit.ward_map import picture_of, ward_map
from views.map.ward_card import ward_card
from views.session import uploads, url
from views.session.snapshot import atlas

_SHOWN = 25
_METHOD = "Each need: the fifth of England’s residents whose wards have most of it"


def need_map(view: View) -> None:
    """Draw the sentence, the map, its legend and the wards with needs as a table."""
    shared = atlas()
    place, rows = shared.places[view.place], shared.places.positions(view.place)
    found = needs(risk.index(RiskRequest()))
    st.title(f"Kind of need, wards of {place.label}")
    prose(f"<p class='atlas-lead' role='status'>{escaped(_lead(found, place, rows))}</p>")
    choose_measure(view, kinds=True)
    count = np.sum(list(found.high.values()), axis=0).astype(float)
    picture = picture_of(
        place,
        view.ward,
        np.where(found.known, count, np.nan),
        found.kinds,
        label="Needs in England’s highest fifth",
        unit="count",
        class_labels=kind_labels(found.method),
        colours=NEEDS,
    )
    left, right = st.columns([2, 1], gap="medium")
    with left:
        ward_map(picture, key="ward_map", height=560)
    with right:
        if view.ward:
            column = uploads.measure(DEFAULT_MEASURE)
            wards, base = uploads.ward_figures(), shared.places[ENGLAND]
            ward_card(view, column, base, figure(wards, column), wards)
        show_names(picture, _METHOD, title="Kind of need", highest_first=False)
    _table(found, place, rows)


def _lead(found: Needs, place: Place, rows: np.ndarray) -> str:
    residents = np.nan_to_num(atlas().snapshot.wards["population"].to_numpy())
    said = []
    for key, high in found.high.items():
        there = rows[high[rows]]
        need = found.method.components[key].label.lower()
        wards = "1 ward" if len(there) == 1 else f"{len(there):,} wards"
        said.append(f"{wards} for {need} ({people(float(residents[there].sum()))} residents)")
    return f"In England’s highest fifth of need, {place.label} has {listed(said)}."


def _table(found: Needs, place: Place, rows: np.ndarray) -> None:
    index, wards = risk.index(RiskRequest()), atlas().snapshot.wards
    some = [int(row) for row in rows if found.keys(int(row))]
    order = sorted(some, key=lambda row: (-index.total[row], str(index.peers.codes[row])))
    body = [
        [
            linked_ward(str(wards["ward_name"].iloc[row]), str(wards["ward_code"].iloc[row])),
            natural(str(wards["authority_name"].iloc[row])),
            found.words(row).capitalize(),
            f"{int(index.score[row])}",
        ]
        for row in order[:_SHOWN]
    ]
    more = f": the first {_SHOWN} of {len(order):,} by risk" if len(order) > _SHOWN else ""
    headings = ["Ward", "Council", "Kind of need", *numbers("Risk")]
    st.html(
        "<h2 class='atlas-h2' id='table'>The wards with a need in the highest fifth</h2>"
        + table(escaped(f"Wards of {place.label}{more}"), headings, body, TABLE)
    )
    go_to("ward_list", "Build the ward list, by kind of need", url.link(url.view()))
