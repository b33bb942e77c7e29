"""The ward map on a page: shows a view, and says which ward a reader has just chosen."""

import atexit
import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
import streamlit_folium
from numpy.typing import ArrayLike
from streamlit.components.v1 import declare_component

from atlas.maps.click import Spot, clicked, weights_in
from atlas.maps.folium_layer import base_map, values_script
from atlas.maps.offline_page import Beside, map_page
from atlas.maps.payload import MapView, pack
from atlas.places.places import ENGLAND, Place
from serving.settings import settings
from views.session import url
from views.session.snapshot import atlas

STATIC = Path(__file__).resolve().parents[2] / "static"
# The map's frame lies at …/component/streamlit_folium.st_folium/, so that these addresses also
# hold where the Atlas is served under a path of its own.
_STATIC_ADDRESS = "../../app/static/"
_FIRST = "atlas/fetch.js"
_SCRIPTS = (
    "vendor/leaflet-1.9.4/leaflet.js",
    "atlas/outlines.js",
    "atlas/ward_layer.js",
    "atlas/furniture.js",
    "atlas/notes.js",
    "atlas/picture.js",
    "atlas/weights.js",
    "atlas/measures.js",
    "atlas/ward_map.js",
)
_STYLES = ("vendor/leaflet-1.9.4/leaflet.css", "atlas/atlas.css")
_RETURNED = ["last_object_clicked_count", "last_active_drawing"]


def picture_of(
    place: Place, ward: str, values: ArrayLike, classes: ArrayLike, **settings: Any
) -> MapView:
    """Return a view of the wards of a place, with the chosen ``ward`` or "".

    ``values`` and ``classes`` have the rows of the snapshot's wards; ``settings`` are the other
    fields of a view.
    """
    codes = atlas().codes
    whole = place.code == ENGLAND
    return MapView(
        files=atlas().maps,
        values=pd.Series(values, index=codes, dtype=float),
        classes=pd.Series(classes, index=codes, dtype=int),
        place=place.code,
        place_name=place.label,
        members=None if whole else list(codes[atlas().places.positions(place.code)]),
        selected=ward or None,
        **settings,
    )


def ward_map(
    view: MapView,
    *,
    key: str,
    height: int = 620,
    on_ward: Callable[[str, Spot | None], object] = url.open_ward,
    on_weights: Callable[[tuple[int, ...]], None] | None = None,
) -> None:
    """Show the map.

    The same ``key`` keeps the map, its zoom and its centre in place from run to run. Only the
    view's classes, figures and settings travel; outlines are fetched once per browser.
    Before the run that a choice starts, ``on_ward`` is called with the ward's code and where in it
    the reader pressed (None where it was chosen by key), or ``on_weights`` with weights set beside
    the map: 0 to 100 each.
    """

    def answered() -> None:
        count, said = (st.session_state[frame].get(name) for name in _RETURNED)
        if not count or st.session_state.get(f"{key}.choice") == count:
            return
        st.session_state[f"{key}.choice"] = count
        code, spot = clicked(said)
        if code in view.files.position:
            on_ward(code, spot)
        elif on_weights and (weights := weights_in(said)):
            on_weights(weights)

    if (chosen := settings().map).basemap:
        # The operator's background, below the wards.
        view = replace(
            view, basemap_url=chosen.basemap, basemap_attribution=chosen.basemap_attribution
        )
    served, frame = _serve(view.files.folder), f"{key}.frame"
    # As `st_folium` calls it, which writes the same base map anew in each run.
    streamlit_folium._component_func(
        **_base_parts(),
        feature_group=values_script(pack(view), served),
        js_links=_scripts(served + view.files.wards),
        css_links=[_address(name) for name in _STYLES],
        key=frame,
        height=height,
        returned_objects=_RETURNED,
        default=dict.fromkeys(_RETURNED),
        on_change=answered,
    )


def saved_map(view: MapView, beside: Beside) -> bytes:
    """Return the map as one HTML page that works offline and may be embedded elsewhere."""
    scripts = [STATIC / name for name in (_FIRST, *_SCRIPTS)]
    styles = [*(STATIC / name for name in _STYLES), Path(__file__).with_name("site.css")]
    return map_page(view, beside, scripts, styles)


def _serve(folder: Path) -> str:
    """Let the browser fetch the files of one folder; return its address as the map sees it.

    Streamlit serves the folder of a component and refuses any path that leaves it. No such
    component is ever shown.
    """
    name = f"atlas_map_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    component = declare_component(name, path=folder)
    return f"../{component.name}/"


def _scripts(geometry: str) -> list[str]:
    """Return the scripts' addresses: one that asks for the outlines, and all others as one file."""
    file, content, others = _others()
    if not file.is_file():
        # For the first time, or again: a system may sweep away what long lies in its /tmp.
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.write_bytes(content)
    query = urlencode({"geometry": geometry, "then": others}, safe="/?=")
    return [f"{_address(_FIRST)}&{query}", others]


@cache
def _base_parts() -> dict[str, str]:
    """Return the base map as the frame takes it, the same in every run."""
    canvas = base_map()
    canvas.get_root().render()
    return {
        "html": streamlit_folium._get_html(canvas),
        "header": streamlit_folium._get_header(canvas),
        "script": streamlit_folium._get_map_string(canvas),
    }


@cache
def _others() -> tuple[Path, bytes, str]:
    """Serve the other scripts as one file; return that file, what it holds and its address."""
    content = b"\n".join((STATIC / name).read_bytes() for name in _SCRIPTS)
    version = hashlib.sha256(content).hexdigest()[:12]
    folder = Path(mkdtemp(prefix="digital-inclusion-atlas-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    component = declare_component(f"atlas_map_{version}", path=folder)
    return folder / "map.js", content, f"../{component.name}/map.js?v={version}"


@cache
def _address(name: str) -> str:
    """A static file's address, which changes with its content, so that copies may be kept."""
    return (
        f"{_STATIC_ADDRESS}{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
    )
