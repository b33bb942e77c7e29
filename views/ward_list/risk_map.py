"""A map of risk: fifths of the comparison base's residents by risk, and its legend."""

import numpy as np
import pandas as pd
import streamlit as st

from atlas.maps.legend import Legend, LegendRow
from atlas.maps.palette import SEQUENTIAL
from atlas.maps.payload import MapView
from atlas.places.places import ENGLAND, Place
from atlas.risk.index import Index
from views.kit.legend import show_legend
from views.kit.ward_map import ward_map
from views.session import url
from views.session.snapshot import atlas

_FIFTHS = (
    "lowest-risk fifth",
    "second fifth",
    "middle fifth",
    "fourth fifth",
    "highest-risk fifth",
)
_HEIGHT = 340


def risk_map(index: Index, place: Place, compared: str) -> None:
    """Draw the scores of a place's wards; a ward that the reader clicks becomes the chosen one.

    ``compared`` names the residents whose fifths are shown.
    """
    codes = pd.Index(atlas().snapshot.wards["ward_code"])
    fifth = _fifth_of(index)
    members = None
    if place.code != ENGLAND:
        members = list(codes[atlas().places.positions(place.code)])
    ward = url.view().ward
    chosen = ward_map(
        MapView(
            files=atlas().maps,
            values=pd.Series(index.score, index=codes),
            classes=pd.Series(fifth, index=codes),
            label="Risk of digital exclusion",
            unit="score",
            cut=True,
            direction="higher = more need",
            class_labels=_FIFTHS,
            place=place.code,
            place_name=place.label,
            members=members,
            selected=ward or None,
        ),
        key="risk_map",
        height=_HEIGHT,
    )
    show_legend(_legend(place, compared, fifth))
    if chosen and chosen != ward:
        st.query_params["ward"] = chosen
        st.rerun()


def _fifth_of(index: Index) -> np.ndarray:
    """Return each ward's fifth, 0 the lowest risk, -1 where there is no score."""
    fifth = (np.nan_to_num(index.band, nan=1) - 1) // 2
    return np.where(index.scored, fifth, -1).astype(int)


def _legend(place: Place, compared: str, fifth: np.ndarray) -> Legend:
    rows = atlas().places.positions(place.code)
    residents = np.nan_to_num(atlas().snapshot.wards["population"].to_numpy())[rows]

    def row(colour: str, number: int, bounds: str) -> LegendRow:
        there = fifth[rows] == number
        return LegendRow(colour, "", bounds, int(there.sum()), float(residents[there].sum()))

    shades = [row(SEQUENTIAL[n], n, _FIFTHS[n].capitalize()) for n in range(4, -1, -1)]
    return Legend(
        title="Risk of digital exclusion",
        direction="higher = more need",
        method=f"Fifths of {compared}",
        rows=tuple(shades),
        no_data=row("", -1, ""),
        bars=(),
        lowest="",
        highest="",
    )
