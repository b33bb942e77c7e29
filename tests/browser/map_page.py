"""A small app that shows one ward map, driven by its widgets and address: for browser tests."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from atlas.maps.payload import MapView, map_files
from views.kit.ward_map import ward_map

DATA = Path(__file__).resolve().parents[2] / "data"

st.set_page_config(page_title="Map", layout="wide")


@st.cache_resource
def table() -> pd.DataFrame:
    return pd.read_csv(DATA / "wards.csv").set_index("ward_code")


frame = table()
files = map_files(DATA / "map")
PLACES = ["E92000001", "E47000001", "E08000003"]
first = PLACES.index(st.query_params.get("place", PLACES[0]))
place = st.selectbox("Place", PLACES, index=first)
shift = st.slider("Shift", 0, 100, 0, key="shift")
column = {"E47000001": "combined_authority_code", "E08000003": "authority_code"}.get(place)
members = None if column is None else list(frame.index[frame[column] == place])
values = frame["income_deprived_rate"]
moved = (values + shift / 137 * (frame["population"] % 97) / 97).rank(pct=True)
classes = np.minimum(np.floor(moved * 5), 4).fillna(-1).astype(int)
asked = st.query_params.get("layers", "outlines,labels").split(",")
layers = st.multiselect("Layers", ["outlines", "labels", "libraries", "pockets"], default=asked)
pockets = {}
if "pockets" in layers and place == "E08000003":
    lsoas = pd.read_parquet(DATA / "lsoas.parquet", columns=["lsoa_code", "authority_code"])
    inside = lsoas.loc[lsoas["authority_code"] == place, "lsoa_code"]
    pockets = {place: pd.Series(np.where(np.arange(len(inside)) % 9 == 0, 0, -1), index=inside)}


def choose(ward: str, _spot: object) -> None:
    st.session_state["ward"] = ward
    st.session_state["clicks"] = st.session_state.get("clicks", 0) + 1


ward_map(
    MapView(
        files=files,
        values=values,
        classes=classes,
        label="Income-deprived residents",
        unit="share",
        place=place,
        place_name=place,
        members=members,
        class_labels=(
            "lowest fifth",
            "second fifth",
            "third fifth",
            "fourth fifth",
            "highest fifth",
        ),
        selected=st.session_state.get("ward"),
        layers=frozenset(layers),
        pockets=pockets,
        attribution="Contains OS data © Crown copyright and database right 2024",
    ),
    key="map",
    on_ward=choose,
)
st.text(f"ward {st.session_state.get('ward')} clicks {st.session_state.get('clicks', 0)}")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.text(f"runs {st.session_state['runs']}")
