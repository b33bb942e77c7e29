"""What the map says: the ward that was clicked and where in it, or the weights that were set."""

import math
import re
from dataclasses import dataclass

import numpy as np

from atlas.places.england import EAST, NORTH
from atlas.places.ward_at_point import grid_of


@dataclass(frozen=True)
class Spot:
    """A point that a reader chose on the map: its ward, and EPSG:27700 metres."""

    ward_code: str
    easting: int
    northing: int


def weights_in(answer: object) -> tuple[int, ...]:
    """Read weights from the map's answer, 0 to 100 each, as in ``"weights 40 46 14"``.

    Empty for anything else: the browser's words are outside text.
    """
    said = answer if isinstance(answer, str) else ""
    if not re.fullmatch(r"weights( (100|[0-9]{1,2})){1,9}", said, re.ASCII):
        return ()
    return tuple(int(word) for word in said.split(" ")[1:])


def clicked(answer: object) -> tuple[str, Spot | None]:
    """Read the map's answer: a ward code, followed by longitude and latitude where it has them.

    Degrees are EPSG:4326, as in ``"E05000001 -2.24400 53.47900"``; a ward chosen by key has none.
    The browser's words are outside text: "" and None for anything that is not such an answer, and
    no spot for a point outside England's box.
    """
    code, *degrees = answer.split(" ") if isinstance(answer, str) else [""]
    if len(degrees) != 2:
        return ("", None) if degrees else (code, None)
    try:
        longitude, latitude = (float(text) for text in degrees)
    except ValueError:
        return "", None
    east, north = grid_of(np.array([longitude]), np.array([latitude]))
    point = float(east[0]), float(north[0])
    inside = all(
        math.isfinite(value) and least <= value <= most
        for value, (least, most) in zip(point, (EAST, NORTH), strict=True)
    )
    return code, Spot(code, round(point[0]), round(point[1])) if inside else None
