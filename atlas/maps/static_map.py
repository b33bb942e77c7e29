"""A still picture of an area's wards by class, with a few of them named: for briefings and slides.

One picture serves the page, the printed pack (as SVG) and the slides (as shapes that can be
edited), so that all three show the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from atlas.maps.outlines import Outlines
from atlas.maps.palette import NO_DATA, SEQUENTIAL
from atlas.text.safe_text import safe_text

Grid = npt.NDArray[np.int64]
# Steps of the picture's grid to one of its units: outlines keep half a unit.
FINE = 2
_MARGIN = 10
MANY = 1000
_PIN, _TEXT, _CHARACTER = 8.5, 12.5, 7.1
_INK, _LIMIT = "#1A1F26", "#545D68"


@dataclass(frozen=True)
class Area:
    """One ward: its code, its class (-1: no data) and its closed rings on the picture's grid."""

    code: str
    level: int
    rings: tuple[Grid, ...]


@dataclass(frozen=True)
class Pin:
    """A numbered mark with a name. ``x``, ``y``: the mark's middle; the name begins at
    ``text_x``, ``text_y`` (its baseline) and runs to the right, or to the left for ``end``.
    """

    number: int
    name: str
    x: float
    y: float
    text_x: float
    text_y: float
    end: bool

    @property
    def label(self) -> str:
        """The name; with its number where the name does not stand level with its mark."""
        level = abs(self.text_y - self.y - 4) < _TEXT / 2
        return self.name if level else f"{self.number} {self.name}"


@dataclass(frozen=True)
class Picture:
    """A drawn area. ``width`` and ``height`` in units; grids have ``FINE`` steps to a unit."""

    width: int
    height: int
    areas: tuple[Area, ...]
    limits: tuple[Grid, ...]
    pins: tuple[Pin, ...]


def picture_of(
    outlines: Outlines,
    levels: Mapping[str, int],
    named: Sequence[tuple[str, str]],
    width: int,
    height: int,
) -> Picture:
    """Draw wards to fit a picture of ``width`` x ``height`` units.

    ``levels`` gives the class of every ward to draw, 0 (lightest) to 4, -1 for no data. ``named``
    are (code, name) of the wards to mark 1, 2, ... Wards without an outline are left out.
    """
    areas = [outlines.position[code] for code in levels if code in outlines.position]
    if not areas:
        return Picture(width, height, (), (), ())
    corners = np.concatenate(
        [outlines.ring_points(ring) for area in areas for ring in outlines.rings[area]]
    )
    low, high = corners.min(axis=0), corners.max(axis=0)
    room = np.array([width - 2 * _MARGIN, height - 2 * _MARGIN])
    scale = float((room / np.maximum(high - low, 1.0)).min())
    offset = (np.array([width, height]) - (high - low) * scale) / 2

    def placed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        moved = (points - low) * scale + offset
        return np.column_stack([moved[:, 0], height - moved[:, 1]])

    drawn = tuple(
        Area(
            outlines.codes[area],
            levels[outlines.codes[area]],
            tuple(
                grid
                for ring in outlines.rings[area]
                if len(grid := _grid(placed(outlines.ring_points(ring)))) >= 4
            ),
        )
        for area in areas
    )
    limits = [_grid(placed(outlines.arcs[arc])) for arc in outlines.limits(areas)]
    marks = [
        (name, *placed(outlines.labels[[outlines.position[code]]])[0])
        for code, name in named
        if code in outlines.position
    ]
    return Picture(
        width, height, drawn, tuple(a for a in limits if len(a) > 1), _pins(marks, width, height)
    )


def _grid(points: npt.NDArray[np.float64]) -> Grid:
    """Return points rounded to the grid, each once in a row."""
    rounded = np.rint(points * FINE).astype(np.int64)
    moved = np.ones(len(rounded), dtype=bool)
    moved[1:] = (rounded[1:] != rounded[:-1]).any(axis=1)
    return rounded[moved]


Box = tuple[float, float, float, float]


def _pins(marks: list[tuple[str, float, float]], width: int, height: int) -> tuple[Pin, ...]:
    """Place each name beside its mark where it covers no other mark or name, if it can."""
    marks = _apart(marks)
    taken: list[Box] = [(x - _PIN, y - _PIN, x + _PIN, y + _PIN) for _, x, y in marks]
    pins = []
    for number, (name, x, y) in enumerate(marks, start=1):
        choices = [
            (x + dx, y + dy, end)
            for dy in (4.0, 18.0, -10.0, 32.0, -24.0)
            for dx, end in ((_PIN + 4, False), (-_PIN - 4, True))
        ]
        # The number stands before a name that is not level with its mark.
        before = [0 if text_y == y + 4 else 2 for _, text_y, _ in choices]
        boxes = [
            _box(*choice, _CHARACTER * (len(name) + more))
            for choice, more in zip(choices, before, strict=True)
        ]
        # A name far from its mark is read as another's: that costs, too.
        costs = [
            _cost(box, taken, width, height) + 8 * abs(choice[1] - y - 4)
            for box, choice in zip(boxes, choices, strict=True)
        ]
        best = costs.index(min(costs))
        taken.append(boxes[best])
        text_x, _, end = choices[best]
        letters = int((text_x if end else width - text_x) / _CHARACTER) - before[best]
        # The list beside the picture has the name whole.
        short = name if len(name) <= letters else name[: max(letters - 1, 1)].rstrip(" ,&") + "…"
        pins.append(Pin(number, short, float(x), float(y), *choices[best]))
    return tuple(pins)


def _apart(marks: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Move marks that would cover each other just so far that both can be read."""
    moved: list[tuple[str, float, float]] = []
    for name, x, y in marks:
        for _, other_x, other_y in moved:
            way = np.array([x - other_x, y - other_y])
            distance = float(np.hypot(*way))
            if distance < 2 * _PIN + 1:
                way = way / distance if distance > 0 else np.array([1.0, 0.0])
                x, y = np.array([other_x, other_y]) + way * (2 * _PIN + 1)
        moved.append((name, float(x), float(y)))
    return moved


def _box(x: float, y: float, end: bool, length: float) -> Box:
    return (x - length if end else x, y - _TEXT + 2, x if end else x + length, y + 3)


def _cost(box: Box, taken: list[Box], width: int, height: int) -> float:
    outside = max(0.0, 2 - box[0]) + max(0.0, box[2] - width + 2)
    outside += max(0.0, 2 - box[1]) + max(0.0, box[3] - height + 2)
    covered = sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in taken
    )
    return 50 * outside + 3 * covered


def png(picture: Picture) -> bytes:
    """Return the wards of a picture as PNG at twice its size, for many wards; no data is grey."""
    image = Image.new("RGB", (picture.width * FINE, picture.height * FINE), "white")
    pen = ImageDraw.Draw(image)
    for area in picture.areas:
        for ring in area.rings:
            pen.polygon(
                ring.ravel().tolist(), SEQUENTIAL[area.level] if area.level >= 0 else NO_DATA[0]
            )
    made = BytesIO()
    image.quantize(8).save(made, "PNG", optimize=True)
    return made.getvalue()


def svg(picture: Picture, alternative: str) -> str:
    """Return the picture as SVG that stands alone. ``alternative`` says in words what it shows.

    No data is hatched. Names are outside text and are made safe.
    """
    paths = []
    for level in sorted({area.level for area in picture.areas}):
        data = "".join(
            _path(ring, closed=True)
            for area in picture.areas
            if area.level == level
            for ring in area.rings
        )
        fill = "url(#none)" if level < 0 else SEQUENTIAL[level]
        paths.append(f'<path d="{data}" fill="{fill}"/>')
    limits = "".join(_path(line, closed=False) for line in picture.limits)
    # So many wards are so small that a full line would cover them.
    thin = 2 if len(picture.areas) < MANY else 0.7
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}" '
        f'role="img" aria-label="{safe_text(alternative, 600)}">'
        f'<defs><pattern id="none" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0h6v6H0z" fill="{NO_DATA[0]}"/>'
        f'<path d="M0 6 6 0" stroke="{NO_DATA[1]}" stroke-width="1"/></pattern></defs>'
        f'<g transform="scale({1 / FINE:g})">'
        f'<g stroke="#fff" stroke-width="0.8" fill-rule="evenodd">{"".join(paths)}</g>'
        f'<path d="{limits}" fill="none" stroke="{_LIMIT}" stroke-width="{thin}" '
        f'stroke-linejoin="round"/></g>{"".join(map(_mark, picture.pins))}</svg>'
    )


def _path(points: Grid, closed: bool) -> str:
    steps = np.diff(points, axis=0)
    start = f"M{points[0][0]} {points[0][1]}l"
    return start + " ".join(f"{x} {y}" for x, y in steps) + ("z" if closed else "")


def _mark(pin: Pin) -> str:
    anchor = "end" if pin.end else "start"
    font = f'font-family="Arial,Helvetica,sans-serif" font-size="{_TEXT}"'
    return (
        f'<g><circle cx="{pin.x:.1f}" cy="{pin.y:.1f}" r="{_PIN}" fill="#fff" stroke="{_INK}" '
        f'stroke-width="1.8"/><text x="{pin.x:.1f}" y="{pin.y + 4:.1f}" {font} font-weight="700" '
        f'text-anchor="middle" fill="{_INK}">{pin.number}</text>'
        f'<text x="{pin.text_x:.1f}" y="{pin.text_y:.1f}" {font} font-weight="700" '
        f'text-anchor="{anchor}" fill="{_INK}" stroke="#fff" stroke-width="3.2" '
        f'stroke-linejoin="round" paint-order="stroke">{safe_text(pin.label)}</text></g>'
    )
