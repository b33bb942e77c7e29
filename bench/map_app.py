"""One map page for `bench/map.py`: the same wards drawn in one of four ways."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st

st.set_page_config(layout="wide")
ROOT = Path(__file__).resolve().parents[1]
PLACES = {"england": None, "greater_manchester": "E47000001"}
HEIGHT = int(st.query_params.get("height", 620))
kind, area = st.query_params["kind"], st.query_params["area"]


@st.cache_resource
def outlines(area: str) -> gpd.GeoDataFrame:
    wards = pd.read_csv(ROOT / "data/wards.csv")[["ward_code", "combined_authority_code",
                                                 "income_deprived_rate"]]  # fmt: skip
    shapes = gpd.read_file(ROOT / "data/boundaries_wards.geojson")[
        ["ward_code", "ward_name", "geometry"]
    ]
    frame = shapes.merge(wards, on="ward_code")
    if PLACES[area]:
        frame = frame[frame["combined_authority_code"] == PLACES[area]]
    return frame.drop(columns="combined_authority_code").reset_index(drop=True)


def moved(frame: pd.DataFrame, shift: int) -> pd.Series:
    """Another figure for each ward and each place of the slider."""
    noise = np.random.default_rng(shift).random(len(frame))
    rank = frame["income_deprived_rate"].rank(pct=True).fillna(0.5)
    return pd.Series((0.6 * rank + 0.4 * noise).to_numpy(), index=frame["ward_code"]).round(4)


def atlas(values: pd.Series) -> None:
    from atlas.maps.classes import classify
    from atlas.maps.payload import MapView, map_files
    from views.kit.ward_map import ward_map

    classes = classify(values)
    ward_map(
        MapView(
            files=st.cache_resource(map_files)(ROOT / "data/map"),
            values=values,
            classes=classes.assign(values),
            label="Figure",
            unit="share",
            class_labels=classes.labels,
            place=PLACES[area] or "E92000001",
            members=None if area == "england" else list(values.index),
            selected=st.session_state.get("chosen"),
        ),
        key="map",
        height=HEIGHT,
        on_ward=lambda ward, _spot: st.session_state.update(chosen=ward),
    )


def weighted() -> None:
    """The map of risk with its weights beside it, as on the Atlas's own page."""
    from streamlit import runtime

    from atlas.maps.classes import classify
    from atlas.maps.live_weights import CUTS, Live, packed_parts
    from atlas.maps.payload import MapView, map_files
    from atlas.places.places import Places
    from atlas.risk.request import RiskRequest
    from atlas.risk.scorer import Scorer
    from atlas.snapshot.snapshot import load
    from views.kit.ward_map import ward_map

    snapshot = load(ROOT / "data")
    scorer, asked = Scorer(snapshot, Places(snapshot.wards)), RiskRequest()
    files, england, index = map_files(ROOT / "data/map"), scorer.england, scorer.index(asked)
    values = pd.Series(index.cut_score, index=england.codes)
    classes = classify(values, CUTS[0], weights=pd.Series(england.people, index=england.codes))
    sent = packed_parts(files.ward_codes, england.codes, index.parts, england.people)
    address = runtime.get_instance().media_file_mgr.add(sent, "application/gzip", "weights")
    weights = [(key, round(100 * share)) for key, share in index.weighting.weight.items()]
    ward_map(
        MapView(
            files=files,
            values=values,
            classes=classes.assign(values),
            label="Risk",
            unit="score",
            class_labels=classes.labels,
            live=Live(f"../..{address}", CUTS[0], weights=weights),
        ),
        key="map",
        height=HEIGHT,
    )


def folium_map(values: pd.Series, frame: gpd.GeoDataFrame) -> str | None:
    import folium
    from streamlit_folium import st_folium

    vendor = "../../app/static/vendor/leaflet-1.9.4/leaflet"
    west, south, east, north = frame.total_bounds
    canvas = folium.Map(tiles=None, location=((south + north) / 2, (west + east) / 2),
                        zoom_start=6 if area == "england" else 10)  # fmt: skip
    # The usual addresses are on four other servers: served from here, to compare like with like.
    canvas.default_js = [("leaflet", f"{vendor}.js")]
    canvas.default_css = [("leaflet", f"{vendor}.css")]
    frame = frame.assign(value=values.to_numpy())
    if kind == "folium_choropleth":
        layer = folium.Choropleth(
            geo_data=frame, data=frame, columns=["ward_code", "value"],
            key_on="feature.properties.ward_code", fill_color="Blues",
            bins=[float(edge) for edge in values.quantile([0, 0.2, 0.4, 0.6, 0.8, 1])],
        )  # fmt: skip
        # Its legend needs two further scripts from elsewhere: left out, in its favour.
        for name, child in list(layer._children.items()):
            if "color_map" in name:
                del layer._children[name]
                assert child
    else:
        shades = ["#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"]
        edges = values.quantile([0.2, 0.4, 0.6, 0.8]).to_numpy()
        layer = folium.GeoJson(
            frame,
            style_function=lambda feature: {
                "fillColor": shades[int(np.searchsorted(edges, feature["properties"]["value"]))],
                "color": "white", "weight": 0.5, "fillOpacity": 1,
            },
            tooltip=folium.GeoJsonTooltip(["ward_name", "value"]),
        )  # fmt: skip
    layer.add_to(canvas)
    answer = st_folium(canvas, key="map", height=HEIGHT, width=None) or {}
    drawing = answer.get("last_active_drawing") or {}
    return drawing.get("properties", {}).get("ward_code")


@st.cache_resource
def geojson(area: str) -> dict:
    return outlines(area).set_index("ward_code").geometry.__geo_interface__


def plotly_map(values: pd.Series, frame: gpd.GeoDataFrame) -> str | None:
    import plotly.express as px

    west, south, east, north = frame.total_bounds
    figure = px.choropleth_map(
        frame.assign(value=values.to_numpy()), geojson=geojson(area), locations="ward_code",
        color="value", color_continuous_scale="Blues", map_style="white-bg",
        center={"lat": (south + north) / 2, "lon": (west + east) / 2},
        zoom=5 if area == "england" else 8.8, height=HEIGHT,
    )  # fmt: skip
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, coloraxis_showscale=False)
    picked = st.plotly_chart(figure, key="map", on_select="rerun")
    points = picked.selection.points if picked else []
    return points[0].get("location") if points else None


if kind == "weights":
    weighted()
    st.stop()
frame = outlines(area)
shift = st.slider("Shift", 0, 1000, 0)
values = moved(frame, shift)
chosen = None
if kind == "atlas":
    atlas(values)
elif kind == "plotly":
    chosen = plotly_map(values, frame)
else:
    chosen = folium_map(values, frame)
if chosen:
    st.session_state["chosen"] = chosen
st.text(f"chosen {st.session_state.get('chosen', 'none')}")
