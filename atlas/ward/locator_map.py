"""A small map for paper: one ward with its neighbours and places, and where it lies in its council.

Drawn from the snapshot's ward outlines as an SVG picture that holds in black and white and needs
nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from atlas.catalogue.near import MILE

NATIONAL_GRID = "EPSG:27700"
WIDTH, HEIGHT = 720, 270
_CLOSE = 500  # width of the close-up; the council stands to the right of it
_GAP = 16
_MARGIN = 14
_DOT = 13  # radius of a numbered place
_FINEST = 0.5  # pixels by which an outline may be simplified
_BARS = ((5, "5 miles"), (2, "2 miles"), (1, "1 mile"), (0.5, "half a mile"))
_INK, _WARD, _FILL = "#1A1F26", "#12436D", "#C3D5E6"
_LINE, _QUIET, _PALE = "#6B747E", "#454D57", "#F1F3F5"


@dataclass(frozen=True)
class Mark:
    """A numbered place on the map. ``easting`` and ``northing`` are EPSG:27700 metres."""

    number: int
    easting: float
    northing: float


@dataclass(frozen=True)
class _Frame:
    """A rectangle of ground (metres) and the rectangle of the picture (pixels) that shows it."""

    west: float
    north: float
    scale: float
    left: float

    def at(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return pixels for points in metres, both as (n, 2) arrays."""
        x = self.left + (points[:, 0] - self.west) * self.scale
        y = (self.north - points[:, 1]) * self.scale
        return np.column_stack([x, y])


class Outlines:
    """The outlines of all wards in EPSG:27700, read once and shared."""

    def __init__(self, path: Path) -> None:
        names = ["ward_code", "ward_name", "authority_code"]
        frame = pyogrio.read_dataframe(path, columns=names).to_crs(NATIONAL_GRID)
        codes, self._names, self._councils = (frame[name].to_numpy(dtype=object) for name in names)
        self._shapes: npt.NDArray[np.object_] = frame.geometry.to_numpy()
        self._row = {code: row for row, code in enumerate(codes)}
        self._bounds = shapely.bounds(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._drawn_councils: dict[str, tuple[_Frame, str]] = {}

    def middle(self, ward_code: str) -> tuple[float, float]:
        """Return a point inside a ward, EPSG:27700 metres. Raises ``KeyError``."""
        point = shapely.point_on_surface(self._shapes[self._row[ward_code]])
        return float(point.x), float(point.y)

    def picture(self, ward_code: str, marks: Sequence[Mark] = ()) -> str:
        """Return the map of a ward as SVG text. Raises ``KeyError`` for an unknown ward.

        To the left the ward (thick outline) among its neighbours, with the marks that fall into
        the frame; to the right the whole council with the ward filled.
        """
        row = self._row[ward_code]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="Arial, Helvetica, sans-serif" stroke-linejoin="round">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
            f"{self._close_up(row, marks)}{self._council(row)}</svg>"
        )

    def shown(self, ward_code: str, marks: Sequence[Mark]) -> list[Mark]:
        """Return the marks that the close-up has room for."""
        box = _reach(self._bounds[self._row[ward_code]], marks)
        return [mark for mark in marks if _inside(mark, box)]

    def _close_up(self, row: int, marks: Sequence[Mark]) -> str:
        box = _reach(self._bounds[row], marks)
        frame, ground = _fitted(box, 0, _CLOSE)
        window = shapely.box(*ground)
        near = {
            int(other): shapely.intersection(self._shapes[other], window)
            for other in sorted(self._tree.query(window))
            if other != row
        }
        around = "".join(f'<path d="{_path(shape, frame)}"/>' for shape in near.values())
        ward = _path(self._shapes[row], frame)
        dots = _dots([mark for mark in marks if _inside(mark, ground)], frame)
        return (
            f'<clipPath id="close"><rect width="{_CLOSE}" height="{HEIGHT}"/></clipPath>'
            f'<g clip-path="url(#close)"><g fill="{_PALE}" stroke="{_LINE}">{around}</g>'
            f'<path d="{ward}" fill="{_FILL}" stroke="{_INK}" stroke-width="3.500"/>'
            f"{self._labels({row: self._shapes[row], **near}, frame, marks)}{dots}"
            f"{_scale_bar(frame)}</g>"
            f'<rect x=".5" y=".5" width="{_CLOSE - 1}" height="{HEIGHT - 1}" fill="none" '
            f'stroke="{_LINE}"/>'
        )

    def _labels(
        self, shapes: Mapping[int, shapely.Geometry], frame: _Frame, marks: Sequence[Mark]
    ) -> str:
        """Return names: the ward's own first, then its neighbours', where there is room."""
        own = next(iter(shapes))
        spots = frame.at(np.array([[m.easting, m.northing] for m in marks]).reshape(-1, 2))
        boxes = [_box_of(float(x), float(y), 32, 32) for x, y in spots]
        boxes.append(shapely.box(0, HEIGHT - 46, 170, HEIGHT))
        room = shapely.box(4, 4, _CLOSE - 4, HEIGHT - 4)
        names = []
        for row, shape in shapes.items():
            if shape.is_empty:
                continue
            point = shapely.point_on_surface(shape)
            x, y = frame.at(np.array([[point.x, point.y]]))[0]
            name, size = str(self._names[row]), 20 if row == own else 15.5
            # The ward's own name may move out of the way of a number.
            for down in (0, -30, 30, -56, 56) if row == own else (0,):
                box = _box_of(x, y + down - size / 3, len(name) * size * 0.56 + 8, size + 6)
                if room.covers(box) and not shapely.intersects(box, boxes).any():
                    break
            else:
                continue
            y += down
            boxes.append(box)
            look = (
                f'font-size="20" font-weight="bold" fill="{_INK}" stroke="{_FILL}"'
                if row == own
                else f'font-size="15.500" fill="{_QUIET}" stroke="{_PALE}"'
            )
            names.append(f'<text x="{x:.0f}" y="{y:.0f}" {look}>{escape(name)}</text>')
        return f'<g text-anchor="middle" stroke-width="3" paint-order="stroke">{"".join(names)}</g>'

    def _council(self, row: int) -> str:
        frame, body = self._drawn(str(self._councils[row]))
        ward = _path(self._shapes[row], frame)
        west, south, east, north = self._bounds[row]
        ring = ""
        if max(east - west, north - south) * frame.scale < 14:
            # Too small to find: a ring leads the eye to it.
            x, y = frame.at(np.array([[(west + east) / 2, (south + north) / 2]]))[0]
            ring = (
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="12" fill="none" stroke="{_INK}" '
                'stroke-width="2"/>'
            )
        return f'{body}<path d="{ward}" fill="{_WARD}"/>{ring}'

    def _drawn(self, council: str) -> tuple[_Frame, str]:
        """Return a council's frame and its wards as one path, kept: a batch draws it often."""
        if council not in self._drawn_councils:
            rows = np.flatnonzero(self._councils == council)
            bounds = self._bounds[rows]
            box = (*bounds[:, :2].min(axis=0), *bounds[:, 2:].max(axis=0))
            frame, _ = _fitted(box, _CLOSE + _GAP, WIDTH)
            path = "".join(_path(self._shapes[n], frame) for n in rows)
            body = f'<path d="{path}" fill="{_PALE}" stroke="{_LINE}" stroke-width=".75"/>'
            self._drawn_councils[council] = (frame, body)
        return self._drawn_councils[council]


Box = tuple[float, float, float, float]


def _reach(bounds: npt.NDArray[np.float64], marks: Sequence[Mark]) -> Box:
    """Return the ground to show: the ward, and the marks that lie not too far from it."""
    west, south, east, north = (float(value) for value in bounds)
    size = max(east - west, north - south)
    far, room = max(size * 0.9, MILE), size * 0.2
    around = (west - far, south - far, east + far, north + far)
    near = [(m.easting, m.northing) for m in marks if _inside(m, around)]
    x, y = zip((west - room, south - room), (east + room, north + room), *near, strict=True)
    return min(x), min(y), max(x), max(y)


def _fitted(box: Sequence[float], left: float, right: float) -> tuple[_Frame, Box]:
    """Return the frame that shows a box of ground centred in a column, and all its ground."""
    west, south, east, north = box
    width, room = right - left, 2 * _MARGIN + 14
    scale = min(
        (width - room) / max(east - west, 1),
        (HEIGHT - room) / max(north - south, 1),
    )
    west = (west + east) / 2 - width / scale / 2
    north = (south + north) / 2 + HEIGHT / scale / 2
    ground = (west, north - HEIGHT / scale, west + width / scale, north)
    return _Frame(west, north, scale, left), ground


def _box_of(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _inside(mark: Mark, box: Box) -> bool:
    west, south, east, north = box
    return west <= mark.easting <= east and south <= mark.northing <= north


def _path(shape: shapely.Geometry, frame: _Frame) -> str:
    # Corners closer than the eye can tell only make the file longer.
    parts = shapely.get_parts(shapely.simplify(shape, _FINEST / frame.scale))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    rings = (shapely.get_coordinates(ring) for ring in shapely.get_rings(polygons))
    lines = (frame.at(points).round() for points in rings if len(points))
    return "".join(_line(line) for line in lines)


def _line(points: npt.NDArray[np.float64]) -> str:
    """Return a closed line by its steps, without spaces: an address writes one as three letters."""
    steps = np.diff(points, axis=0)
    along = ",".join(f"{x:g},{y:g}" for x, y in steps[steps.any(axis=1)]) or "0,0"
    return f"M{points[0, 0]:g},{points[0, 1]:g}l{along.replace(',-', '-')}z"


def _dots(marks: Sequence[Mark], frame: _Frame) -> str:
    drawn: list[tuple[float, float]] = []
    for mark in marks:
        x, y = frame.at(np.array([[mark.easting, mark.northing]]))[0]
        # Two places in one building: side by side, so that both numbers can be read.
        while any(abs(x - a) < 2 * _DOT and abs(y - b) < 2 * _DOT for a, b in drawn):
            x += 2 * _DOT + 1
        drawn.append((float(x), float(y)))
    return "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{_DOT}" fill="#fff" stroke="{_INK}" '
        f'stroke-width="2.500"/><text x="{x:.0f}" y="{y + 6:.0f}" font-size="17" '
        f'font-weight="bold" fill="{_INK}" text-anchor="middle">{mark.number}</text>'
        for mark, (x, y) in zip(marks, drawn, strict=True)
    )


def _scale_bar(frame: _Frame) -> str:
    fitting = (bar for bar in _BARS if bar[0] * MILE * frame.scale <= 150)
    miles, words = next(fitting, (0.25, "a quarter of a mile"))
    length, y = miles * MILE * frame.scale, HEIGHT - 14
    return (
        f'<rect x="6" y="{y - 22}" width="{max(length + 16, len(words) * 8 + 14):.0f}" height="30" '
        f'fill="#fff" opacity=".9"/><path d="M12 {y - 4}v6h{length:.0f}v-6" fill="none" '
        f'stroke="{_INK}" stroke-width="2"/><text x="14" y="{y - 7}" font-size="15" '
        f'fill="{_INK}">{words}</text>'
    )
