"""What a map shows, and how it is packed: classes and values by position, nothing else."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.catalogue.sources import declared_sources
from atlas.maps.live_weights import CUTS, Live
from atlas.maps.palette import NO_DATA, SEQUENTIAL
from atlas.text.safe_text import Packable, packed

INDEX = "index.json"
FORMAT = 2
NO_CLASS = -1
# A tile address: https or our own, with its three placeholders, and nothing else odd.
_TILES = re.compile(r"(https://|/|\.\./)[\w./{}?=&:@-]*\{[zxy]\}[\w./{}?=&:@-]*")
LAYERS = ("outlines", "labels", "libraries", "pockets")


class MapFilesError(ValueError):
    """The map files of a snapshot are missing or cannot be used; the message says which."""


def tile_address(text: str) -> bool:
    """Tell whether a text is an address of map tiles that the map takes."""
    return _TILES.fullmatch(text) is not None and all(f"{{{axis}}}" in text for axis in "zxy")


@dataclass(frozen=True)
class MapFiles:
    """The published web geometry: its folder, its main file and the order of its wards."""

    folder: Path
    wards: str
    ward_codes: tuple[str, ...]
    libraries: str = ""

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of each ward code in the geometry."""
        return {code: number for number, code in enumerate(self.ward_codes)}


def map_files(folder: Path) -> MapFiles:
    """Read ``index.json`` in the snapshot's ``map`` folder.

    Raises :class:`MapFilesError` where it is missing, damaged or of another format.
    """
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if index["format"] != FORMAT:
            raise MapFilesError(f"{folder / INDEX} has format {index['format']}, not {FORMAT}")
        return MapFiles(
            folder.resolve(), index["wards"], tuple(index["ward_codes"]), index.get("libraries", "")
        )
    except (OSError, KeyError, json.JSONDecodeError) as error:
        raise MapFilesError(f"no usable map files in {folder}: {error}") from error


def outline_attribution() -> str:
    """The words that the outlines' licence asks for, wherever they are drawn."""
    return declared_sources()["ward_boundaries"].attribution


@dataclass(frozen=True)
class Mark:
    """A place marked on the map by a disc with a short text in it, such as a number.

    ``longitude`` and ``latitude`` are degrees (EPSG:4326). ``name`` is said beside the pointer.
    A ``hollow`` disc stands for what is not there: a place closed, or not decided on.
    """

    text: str
    name: str
    longitude: float
    latitude: float
    hollow: bool = False


@dataclass(frozen=True)
class MapView:
    """One state of the ward map.

    ``values`` and ``classes`` are indexed by ward code: the figure (NaN = no data) and its class
    from 0, lowest, to 9 (``-1`` = no data). ``members`` are the wards of the area shown; ``None``
    means all of England. ``place`` is the GSS code of that area: when it changes, the map flies
    there. ``label`` names the measure with its direction; ``unit`` is a unit of
    :mod:`columns` and ``decimals`` how many are shown (of a share: of its percentage);
    of figures above 0 and below ``floor`` only that is shown.
    ``class_labels`` and ``class_bounds`` name each class and say its bounds, low to high.
    ``pockets`` has, by authority code, a class (``-1`` = none) for each LSOA code of that
    authority; it is drawn with the layer "pockets". ``marks`` are drawn above everything.
    ``live`` are the weights of the score shown, which the reader may move beside the map, and
    ``measures`` those that the browser may colour as soon as one is chosen.
    ``sources`` says below a saved picture whose figures these are.
    """

    files: MapFiles
    values: pd.Series
    classes: pd.Series
    label: str
    unit: str
    decimals: int = 0
    cut: bool = False
    floor: int = 0
    direction: str = ""
    class_labels: tuple[str, ...] = ()
    class_bounds: tuple[str, ...] = ()
    colours: tuple[str, ...] = SEQUENTIAL
    place: str = "E92000001"
    place_name: str = "England"
    members: Sequence[str] | None = None
    selected: str | None = None
    layers: frozenset[str] = frozenset({"outlines", "labels"})
    pockets: Mapping[str, pd.Series] = field(default_factory=dict)
    marks: Sequence[Mark] = ()
    live: Live | None = None
    measures: Live | None = None
    attribution: str = field(default_factory=outline_attribution)
    sources: str = ""
    basemap_url: str = ""
    basemap_attribution: str = ""


@dataclass(frozen=True)
class PackedView:
    """A view as it travels: class signs, figures (base64) and everything else (base64 JSON)."""

    classes: str
    figures: str
    settings: str


def pack(view: MapView) -> PackedView:
    """Pack a view by position in the geometry's order of wards.

    A ward that has no entry in ``values`` or ``classes`` is shown as having no data. Raises
    ``ValueError`` for a basemap address that is not one, a class outside -1 to 9 or a layer
    that does not exist.
    """
    if view.basemap_url and not tile_address(view.basemap_url):
        raise ValueError("the basemap must be an https:// or relative address with {z}, {x}, {y}")
    unknown = set(view.layers) - set(LAYERS)
    if unknown:
        raise ValueError(f"unknown map layers {sorted(unknown)}")
    codes = view.files.ward_codes
    runs = runs_of(view.files, view.members)
    ordered = [code for start, count in runs for code in codes[start : start + count]]
    shown = pd.Index(ordered, dtype=object)
    values = view.values.reindex(shown)
    if view.cut:
        values = np.floor(values * 10.0**view.decimals + 1e-9) / 10.0**view.decimals
    figures, scale = _packed_figures(values, view.unit, view.decimals)
    settings: dict[str, Packable] = {
        "geometry": view.files.wards,
        "runs": list(runs),
        "scale": {**scale, "floor": view.floor},
        "label": view.label,
        "direction": view.direction,
        "classLabels": list(view.class_labels),
        "classBounds": list(view.class_bounds),
        "colours": list(view.colours),
        "noData": list(NO_DATA),
        "place": view.place,
        "placeName": view.place_name,
        "selected": view.files.position.get(view.selected or "", -1),
        "layers": sorted(view.layers),
        "libraries": view.files.libraries if "libraries" in view.layers else "",
        "pockets": {area: _class_signs(flags.sort_index()) for area, flags in view.pockets.items()},
        "marks": [
            [m.text, m.name, m.longitude, m.latitude, *([1] if m.hollow else [])]
            for m in view.marks
        ],
        "attribution": view.attribution,
        "sources": view.sources,
        "basemap": [view.basemap_url, view.basemap_attribution],
    }
    for name, live in (("live", view.live), ("measures", view.measures)):
        if live:
            settings[name] = {
                "parts": live.parts,
                "weights": [list(weight) for weight in live.weights],
                "base": runs_of(view.files, live.base),
                "residents": live.breaks == CUTS[0],
            }
    return PackedView(_class_signs(view.classes.reindex(shown)), figures, packed(settings))


def runs_of(files: MapFiles, members: Sequence[str] | None) -> list[list[int]]:
    """Wards as ``[first position, how many]`` runs; one run where it is all of them (``None``)."""
    if members is None:
        return [[0, len(files.ward_codes)]]
    position = files.position
    places = np.array(sorted(position[code] for code in members if code in position), int)
    if not len(places):
        return []
    starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    counts = np.diff(starts, append=len(places))
    return [[int(places[at]), int(count)] for at, count in zip(starts, counts, strict=True)]


def _class_signs(classes: pd.Series) -> str:
    """One sign per area: '0' to '9', or 'x' where there is no class."""
    numbers = classes.fillna(NO_CLASS).to_numpy(dtype=int)
    if len(numbers) and (numbers.min() < NO_CLASS or numbers.max() > 9):
        raise ValueError("a map class must be from -1 (no data) to 9")
    return np.array(list("0123456789x"))[numbers].astype("U1").tobytes().decode("utf-32-le")


def _packed_figures(
    values: pd.Series, unit: str, decimals: int
) -> tuple[str, dict[str, str | int]]:
    """Values as they are shown, in whole steps of the last decimal, as little-endian base64.

    Returns the bytes and what is needed to write them again: bytes per value, the lowest step,
    the decimals and the unit. All bits set stands for no data. Rounding is Python's own, done
    here once, so that the map says the same figure as every table.
    """
    factor, places = (100, max(decimals, 1)) if unit == "share" else (1, decimals)
    known = values.notna().to_numpy()
    numbers = values.to_numpy(dtype=float, na_value=np.nan)[known] * factor
    steps = _steps(numbers, unit, decimals, places)
    lowest = int(steps.min()) if len(steps) else 0
    width = next(w for w in (1, 2, 3, 4) if not len(steps) or steps.max() - lowest < 256**w - 1)
    stored = np.full(len(values), 256**width - 1, dtype=np.int64)
    stored[known] = steps - lowest
    raw = stored.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    scale: dict[str, str | int] = {
        "bytes": width,
        "low": lowest,
        "places": places,
        "unit": unit,
        "decimals": decimals,
    }
    return base64.urlsafe_b64encode(raw).decode("ascii"), scale


def _steps(
    numbers: npt.NDArray[np.float64], unit: str, decimals: int, places: int
) -> npt.NDArray[np.int64]:
    """Numbers as whole steps of the last place, rounded as Python writes them."""
    shown = np.full(len(numbers), places)
    if unit == "share":
        shown[(numbers <= 0) | (numbers >= 10)] = decimals
    scaled = numbers * 10.0**shown
    steps = np.rint(scaled).astype(np.int64)
    # Near a half, multiplying can tip the balance: there, round the written number itself.
    for at in np.flatnonzero(np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) < 1e-6):
        steps[at] = round(float(f"{numbers[at]:.{shown[at]}f}") * 10 ** int(shown[at]))
    return steps * 10 ** (places - shown)
