"""Which ward a point lies in, by the published outlines."""

import json
from functools import cached_property
from pathlib import Path
from threading import local

import numpy as np
import shapely
from pyproj import Transformer

from atlas.arrays import Floats

# How far outside every outline (about 300 m) a point may lie: outlines are simplified, and piers
# stand in the sea.
_NEAR_DEGREES = 0.003


_of_thread = local()


def _to_grid() -> Transformer:
    # One for each thread, because it may not be shared: making it costs 30 ms.
    if not hasattr(_of_thread, "to_grid"):
        _of_thread.to_grid = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    made: Transformer = _of_thread.to_grid
    return made


def grid_of(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Return eastings and northings (EPSG:27700 metres) of WGS 84 degrees; infinite if outside."""
    east, north = _to_grid().transform(longitude, latitude)
    return np.asarray(east, dtype=float), np.asarray(north, dtype=float)


def degrees_of(easting: Floats, northing: Floats) -> tuple[Floats, Floats]:
    """Return longitudes and latitudes (WGS 84) of EPSG:27700 metres."""
    east, north = _to_grid().transform(easting, northing, direction="INVERSE")
    return np.asarray(east, dtype=float), np.asarray(north, dtype=float)


class WardOutlines:
    """The published ward outlines, searched by point: ``boundaries_wards.geojson``.

    The file has degrees and the property ``ward_code``. It is read when first asked for, because
    most files name postcodes or areas: that takes half a second and 40 MB.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _outlines(self) -> tuple[list[str], shapely.STRtree]:
        features = json.loads(self._path.read_text(encoding="utf-8"))["features"]
        codes = [feature["properties"]["ward_code"] for feature in features]
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
        return codes, shapely.STRtree(shapes)

    def find(self, easting: float, northing: float) -> str:
        """Return the code of the ward at a point (EPSG:27700 metres), "" where there is none."""
        longitude, latitude = degrees_of(np.array([easting]), np.array([northing]))
        point = shapely.Point(longitude[0], latitude[0])
        if not np.isfinite([longitude[0], latitude[0]]).all():
            return ""
        codes, tree = self._outlines
        near = tree.query_nearest(point, max_distance=_NEAR_DEGREES)
        return codes[int(near[0])] if len(near) else ""
