"""Web geometry: the outlines that the map fetches once, as small shared-arc files.

Each file is gzipped JSON whose name carries the hash of its content. Neighbouring areas share
their common boundary (an "arc", stored once), so simplified outlines leave no slivers, and a
line between two authorities can be drawn from the wards alone. The format is described in
:meth:`_Cut.packed`.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from atlas.catalogue.near import WALK_IN
from atlas.places.places import natural
from pipelines.readers.libraries import DAYS

FORMAT = 2
INDEX = "index.json"
# coverage_simplify's tolerance is the square root of the area (m²) that a corner may lose.
WARD_TOLERANCE = 150
DETAIL_TOLERANCE = 30
LSOA_TOLERANCE = 60
# Web Mercator metres per stored step. In England one such metre is 0.56-0.65 m on the ground.
WARD_STEP = 5
DETAIL_STEP = 2
LSOA_STEP = 3
WEB_MERCATOR = "EPSG:3857"

Point = tuple[int, int]
Ring = list[Point]


def write(
    folder: Path,
    wards: gpd.GeoDataFrame,
    fine: gpd.GeoDataFrame | None,
    combined: gpd.GeoDataFrame,
    lsoas: gpd.GeoDataFrame,
    libraries: pd.DataFrame,
) -> None:
    """Write every map file and ``index.json`` into ``folder``, which is made if need be.

    All frames are in EPSG:27700. ``wards`` has ``ward_code, ward_name, authority_code,
    authority_name, combined_authority_code`` (blank or missing where none); ``fine`` has finer
    outlines of the same wards by ``ward_code``, if there are any; ``combined`` has
    ``combined_authority_code, combined_authority_name``; ``lsoas`` has ``lsoa_code, ward_code,
    authority_code``; ``libraries`` has the columns of ``libraries.csv``. The same frames always
    give the same bytes. Raises ``ValueError`` for another CRS, a repeated code or an empty outline.
    """
    for name, frame, key in (
        ("wards", wards, "ward_code"),
        ("fine", fine, "ward_code"),
        ("lsoas", lsoas, "lsoa_code"),
    ):
        if frame is not None:
            _refuse_unusable(name, frame, key)
    folder.mkdir(parents=True, exist_ok=True)
    wards = wards.sort_values("ward_code").reset_index(drop=True)
    main = _wards_file(wards, combined)
    main["detail"] = dict(_detail_files(folder, wards, fine)) if fine is not None else {}
    main["lsoas"] = dict(_lsoa_files(folder, lsoas))
    index = {
        "format": FORMAT,
        "wards": _save(folder, "wards", main),
        "libraries": _save(folder, "libraries", _libraries_file(libraries)),
        "ward_codes": list(wards["ward_code"]),
    }
    (folder / INDEX).write_text(_json(index) + "\n", encoding="utf-8")


def _refuse_unusable(name: str, frame: gpd.GeoDataFrame, key: str) -> None:
    if frame.crs is None or frame.crs.to_epsg() != 27700:
        raise ValueError(f"{name}: outlines must be in EPSG:27700, not {frame.crs}")
    repeated = frame.loc[frame[key].duplicated(), key]
    if len(repeated):
        raise ValueError(f"{name}: repeated codes {sorted(set(repeated))[:5]}")
    empty = frame.loc[frame.geometry.isna() | frame.geometry.is_empty, key]
    if len(empty):
        raise ValueError(f"{name}: no outline for {sorted(empty)[:5]}")


def _wards_file(wards: gpd.GeoDataFrame, combined: gpd.GeoDataFrame) -> dict[str, Any]:
    names = wards[["authority_code", "authority_name", "combined_authority_code"]]
    places = names.drop_duplicates("authority_code").sort_values("authority_code")
    authority_codes = list(places["authority_code"])
    groups = combined.sort_values("combined_authority_code")
    named = groups[["combined_authority_code", "combined_authority_name"]]
    return {
        "format": FORMAT,
        "codes": list(wards["ward_code"]),
        "names": list(wards["ward_name"]),
        "authority": [authority_codes.index(code) for code in wards["authority_code"]],
        "authorities": [
            [code, natural(name), group if isinstance(group, str) else ""]
            for code, name, group in places[list(names)].itertuples(index=False)
        ],
        "combined": dict(named.itertuples(index=False, name=None)),
        **_cut_outlines(wards, WARD_TOLERANCE, WARD_STEP).packed(WARD_STEP),
    }


def _detail_files(
    folder: Path, wards: gpd.GeoDataFrame, fine: gpd.GeoDataFrame
) -> Iterator[tuple[str, str]]:
    """One file per authority with finer outlines of its wards.

    ``beyond`` has pairs of an arc and the ward on its other side (its number among all wards),
    where that is a ward of another authority: both files hold the arc, so that whichever is
    loaded can draw it for what it is.
    """
    number = {code: at for at, code in enumerate(wards["ward_code"])}
    known = fine[fine["ward_code"].isin(number.keys())].sort_values("ward_code")
    codes = list(known["ward_code"])
    cut = _cut_outlines(known, DETAIL_TOLERANCE, DETAIL_STEP)
    sides: dict[int, list[int]] = {}
    for row, rings in enumerate(cut.rings):
        for arc in {_arc(n) for ring in rings for n in ring}:
            sides.setdefault(arc, []).append(row)
    authority = known["ward_code"].map(wards.set_index("ward_code")["authority_code"])
    for code, rows in sorted(known.groupby(authority.to_numpy()).indices.items()):
        inside = set(rows.tolist())
        part, arcs = cut.part(rows)
        beyond = [
            [at, number[codes[row]]]
            for at, arc in enumerate(arcs)
            for row in sides[arc]
            if row not in inside
        ]
        content = {
            "format": FORMAT,
            "codes": [codes[row] for row in rows],
            "beyond": [value for pair in beyond for value in pair],
            **part.packed(DETAIL_STEP),
        }
        yield str(code), _save(folder, f"wards-detail-{code}", content)


def _lsoa_files(folder: Path, lsoas: gpd.GeoDataFrame) -> Iterator[tuple[str, str]]:
    for code, part in lsoas.groupby("authority_code", sort=True):
        part = part.sort_values("lsoa_code")
        wards = sorted(set(part["ward_code"]))
        content = {
            "format": FORMAT,
            "codes": list(part["lsoa_code"]),
            "ward_codes": wards,
            "ward": [wards.index(ward) for ward in part["ward_code"]],
            **_cut_outlines(part, LSOA_TOLERANCE, LSOA_STEP).packed(LSOA_STEP),
        }
        yield str(code), _save(folder, f"lsoas-{code}", content)


def _libraries_file(libraries: pd.DataFrame) -> dict[str, Any]:
    """Open libraries that one can walk into, with their hours, where their place is known."""
    kept = libraries[
        (libraries["open"] == "true")
        & libraries["library_type"].isin(WALK_IN)
        & libraries["easting"].notna()
    ].sort_values("library_id")
    places = gpd.GeoSeries.from_xy(kept["easting"], kept["northing"], crs="EPSG:27700")
    web = places.to_crs(WEB_MERCATOR).get_coordinates().to_numpy()
    bands = sorted({band for day in DAYS for band in kept[f"hours_{day}"] if band})
    return {
        "format": FORMAT,
        "step": WARD_STEP,
        "places": [int(value) for value in np.rint(web / WARD_STEP).ravel()],
        "names": list(kept["library_name"]),
        "run_by": list(kept["operation"]),
        "hours": [None if np.isnan(value) else value for value in kept["hours_per_week"]],
        "bands": bands,
        # Monday to Sunday; -1 where the return says nothing.
        "days": [
            [bands.index(band) if band else -1 for band in week]
            for week in kept[[f"hours_{day}" for day in DAYS]].itertuples(index=False)
        ],
    }


@dataclass(frozen=True)
class _Cut:
    """Outlines cut into shared arcs, and per area a point inside it, in steps of the grid."""

    arcs: list[Ring]
    rings: list[list[list[int]]]
    labels: npt.NDArray[np.int64]

    def packed(self, step: int) -> dict[str, Any]:
        """Return the geometry as a file holds it.

        ``arcs`` has the number of points of each arc, ``points`` the x and y steps of all arcs in
        turn (each from the point before it), ``rings`` per area its rings as lists of arc numbers
        (``~n`` is arc n backwards), ``labels`` the points inside, each from the one before it.
        """
        points = [point for arc in self.arcs for point in arc]
        return {
            "step": step,
            "arcs": [len(arc) for arc in self.arcs],
            "points": np.diff(points, axis=0, prepend=[[0, 0]]).ravel().tolist(),
            "rings": self.rings,
            "labels": np.diff(self.labels, axis=0, prepend=[[0, 0]]).ravel().tolist(),
        }

    def part(self, rows: Sequence[int]) -> tuple["_Cut", list[int]]:
        """Return some areas alone, and the numbers that their arcs have here."""
        rings = [self.rings[row] for row in rows]
        used = sorted({_arc(n) for area in rings for ring in area for n in ring})
        new = {arc: at for at, arc in enumerate(used)}
        turned = [
            [[new[n] if n >= 0 else ~new[~n] for n in ring] for ring in area] for area in rings
        ]
        return _Cut([self.arcs[arc] for arc in used], turned, self.labels[rows]), used


def _arc(reference: int) -> int:
    return reference if reference >= 0 else ~reference


def _cut_outlines(frame: gpd.GeoDataFrame, tolerance: float, step: int) -> _Cut:
    simplified = shapely.coverage_simplify(frame.geometry.array, tolerance)
    inside = gpd.GeoSeries(shapely.point_on_surface(simplified), crs=frame.crs)
    web = gpd.GeoSeries(simplified, crs=frame.crs).to_crs(WEB_MERCATOR)
    labels = inside.to_crs(WEB_MERCATOR).get_coordinates().to_numpy()
    arcs, rings = shared_arcs([_steps(outline, step) for outline in web])
    return _Cut(arcs, rings, np.rint(labels / step).astype(np.int64))


def _steps(outline: shapely.Geometry, step: int) -> list[Ring]:
    """The rings of one outline on the whole-number grid, open, outer rings anticlockwise.

    A ring that collapses on the grid is dropped, unless nothing else is left of the area.
    """
    rings: list[Ring] = []
    for polygon in shapely.get_parts(shapely.orient_polygons(outline)):
        for ring in shapely.get_rings(polygon):
            points = np.rint(shapely.get_coordinates(ring) / step).astype(int)
            rings.append(_without_repeats([(int(x), int(y)) for x, y in points]))
    whole = [ring for ring in rings if len(ring) >= 3]
    return whole or rings[:1]


def _without_repeats(points: Ring) -> Ring:
    kept = [point for before, point in pairwise([(-1, -1), *points]) if point != before]
    return kept[:-1] if len(kept) > 1 and kept[0] == kept[-1] else kept


def shared_arcs(areas: Sequence[Sequence[Ring]]) -> tuple[list[Ring], list[list[list[int]]]]:
    """Cut rings where the neighbour changes; store each boundary once.

    Takes per area its open rings; returns the arcs (each with both its end points) and per area
    its rings as arc numbers, ``~n`` for arc n walked backwards. Joining the arcs of a ring end
    to end gives back exactly the ring's points.
    """
    owner = {
        edge: number
        for number, rings in enumerate(areas)
        for ring in rings
        for edge in pairwise([*ring, ring[0]])
    }
    arcs: list[Ring] = []
    numbers: dict[tuple[Point, ...], int] = {}

    def number_of(arc: Ring) -> int:
        forward, backward = tuple(arc), tuple(reversed(arc))
        if forward in numbers:
            return numbers[forward]
        if backward in numbers:
            return ~numbers[backward]
        numbers[forward] = len(arcs)
        arcs.append(arc)
        return numbers[forward]

    references = [
        [[number_of(arc) for arc in _cut(ring, owner)] for ring in rings] for rings in areas
    ]
    return arcs, references


def _cut(ring: Ring, owner: dict[tuple[Point, Point], int]) -> list[Ring]:
    """The ring in pieces, each with one neighbour along it."""
    edges = list(pairwise([*ring, ring[0]]))
    across = [owner.get((end, start), -1) for start, end in edges]
    cuts = [k for k in range(len(edges)) if across[k] != across[k - 1]]
    if not cuts:
        # One neighbour all round: both sides start at the same point, so that they agree.
        cuts = [ring.index(min(ring))]
    turns = pairwise([*cuts, cuts[0] + len(ring)])
    return [[ring[k % len(ring)] for k in range(first, last + 1)] for first, last in turns]


def _save(folder: Path, stem: str, content: dict[str, Any]) -> str:
    text = _json(content).encode()
    name = f"{stem}-{hashlib.sha256(text).hexdigest()[:12]}.json.gz"
    packed = bytearray(gzip.compress(text, compresslevel=9, mtime=0))
    packed[9] = 255  # "unknown system", so that every machine writes the same byte
    (folder / name).write_bytes(packed)
    return name


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
