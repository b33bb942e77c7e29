"""Libraries Hacked's walking areas: how far one walks from a library in 10, 20 and 30 minutes."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.errors import ShapelyError
from shapely.geometry import shape

from pipelines.readers.fields import ReadError

MINUTES = (10, 20, 30)
_NAME = re.compile(r"_(-?\d+\.\d+)_(\d+\.\d+)_foot-walking_destination\.geojson$")
_LONGEST = 1800.0  # seconds, the widest area of a library


def read_walking_areas(path: Path) -> gpd.GeoDataFrame:
    """Read every library's areas: one row for each library and number of minutes.

    Columns: ``file``, the library's place ``easting`` and ``northing``, ``minutes``, and the area
    as ``geometry``, all EPSG:27700. Raises :class:`ReadError` where a file has no place in its
    name, or its times are not seconds up to half an hour.
    """
    rows = pd.DataFrame(_areas(path), columns=["file", "x", "y", "minutes", "geometry"])
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4326").to_crs("EPSG:27700")
    places = gpd.GeoSeries(gpd.points_from_xy(rows["x"], rows["y"]), crs="EPSG:4326")
    places = places.to_crs("EPSG:27700")
    table = table.assign(easting=places.x, northing=places.y).drop(columns=["x", "y"])
    return table.sort_values(["file", "minutes"], ignore_index=True)


def _areas(path: Path) -> Iterator[tuple[str, float, float, int, object]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.endswith(".geojson"):
                continue
            place = _NAME.search(name)
            if not place:
                raise ReadError(f"{path.name}: {name} does not say where its library is.")
            with archive.open(name) as file:
                features = json.load(file)["features"]
            seconds = [float(feature["properties"]["value"]) for feature in features]
            if max(seconds) != _LONGEST or min(seconds) < 60:
                raise ReadError(f"{path.name}: the times of {name} are not seconds up to 1,800.")
            for feature, value in zip(features, seconds, strict=True):
                if value / 60 in MINUTES:
                    area = _shape(feature, name, path)
                    yield name, float(place[1]), float(place[2]), int(value / 60), area


def _shape(feature: dict[str, Any], name: str, path: Path) -> object:
    try:
        return shape(feature["geometry"])
    except (KeyError, TypeError, ValueError, ShapelyError) as error:
        raise ReadError(f"{path.name}: {name} has an area that cannot be read.") from error
