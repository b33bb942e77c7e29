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
from atlas.maps.folium_layer import WardValues, base_map
from atlas.maps.offline_page import Beside, map_page
from atlas.maps.payload import MapView, pack
from atlas.places.places import ENGLAND, Place
from serving.settings import settings
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
    codes = pd.Index(atlas().snapshot.wards["ward_code"])
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
    on_weights: Callable[[tuple[int, ...]], None] | None = None,
) -> str | None:
    """Show the map; return the code of a ward once, on the run that its choice starts.

    The same ``key`` keeps the map, its zoom and its centre in place from run to run. Only the
    view's classes, figures and settings travel; outlines are fetched once per browser.
    ``on_weights`` is called, before the next run, with weights set beside the map: 0 to 100 each.
    """

    def answered() -> None:
        weights = weights_in(st.session_state[key].get(_RETURNED[1]))
        if weights and on_weights:
            on_weights(weights)

    if (chosen := settings().map).basemap:
        # The operator's background, below the wards.
        view = replace(
            view, basemap_url=chosen.basemap, basemap_attribution=chosen.basemap_attribution
        )
    served = _serve(view.files.folder)
    scripts = _scripts(served + view.files.wards)
    answer = streamlit_folium.st_folium(
        base_map(scripts, [_address(name) for name in _STYLES]),
        key=key,
        height=height,
        width=None,
        returned_objects=_RETURNED,
        on_change=answered,
        feature_group_to_add=WardValues(pack(view), served),
    )
    return _new_choice(answer, key, view)


def clicked_spot(key: str) -> Spot | None:
    """Return where the last choice on a map was made; None where it was made by key."""
    found: Spot | None = st.session_state.get(f"{key}.spot")
    return found


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


def _new_choice(answer: dict[str, object] | None, key: str, view: MapView) -> str | None:
    """The chosen ward, unless this run repeats an answer that was given before."""
    answer = answer or {}
    count, said = (answer.get(name) for name in _RETURNED)
    seen = f"{key}.choice"
    if not count or st.session_state.get(seen) == count:
        return None
    st.session_state[seen] = count
    code, spot = clicked(said)
    if code not in view.files.position:
        return None
    st.session_state[f"{key}.spot"] = spot
    return code
