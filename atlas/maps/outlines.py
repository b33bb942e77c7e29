"""The wards' outlines for pictures on paper and slides, read from the map's own file.

Neighbours share each boundary, so outlines that are rounded to a picture's own grid still meet
without gaps. Coordinates are Web Mercator metres (EPSG:3857), y upwards.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from atlas.maps.payload import MapFiles, MapFilesError

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outlines:
    """Every ward's outline as shared arcs.

    ``arcs`` are arrays of points (n x 2). ``rings`` has, per ward, its rings as arc numbers;
    ``~n`` is arc n backwards. ``labels`` has a point inside each ward. ``authority`` has the
    number of each ward's authority.
    """

    codes: tuple[str, ...]
    authority: npt.NDArray[np.int64]
    arcs: tuple[Points, ...]
    rings: tuple[tuple[tuple[int, ...], ...], ...]
    labels: Points

    @cached_property
    def position(self) -> dict[str, int]:
        """The place of each ward code in the other fields."""
        return {code: number for number, code in enumerate(self.codes)}

    def ring_points(self, ring: Iterable[int]) -> Points:
        """Return the points of one ring, closed: the first point is also the last."""
        parts = [self.arcs[n] if n >= 0 else self.arcs[~n][::-1] for n in ring]
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    def limits(self, areas: Iterable[int]) -> list[int]:
        """Return the arcs along which an authority or the picture ends, of the given wards."""
        sides: dict[int, list[int]] = {}
        for area in areas:
            for ring in self.rings[area]:
                for number in ring:
                    arc = number if number >= 0 else ~number
                    sides.setdefault(arc, []).append(int(self.authority[area]))
        return [arc for arc, found in sides.items() if len(found) == 1 or found[0] != found[1]]


def outlines_of(files: MapFiles) -> Outlines:
    """Return the outlines of all wards of a snapshot, read once.

    Raises :class:`atlas.maps.payload.MapFilesError` where the file is missing or damaged.
    """
    return _read(files.folder / files.wards)


@lru_cache(maxsize=2)
def _read(path: Path) -> Outlines:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            content = json.load(file)
    except (OSError, json.JSONDecodeError) as error:
        raise MapFilesError(f"no usable outlines in {path.name}") from error
    points = _summed(content["points"], content["step"])
    points.flags.writeable = False
    ends = np.cumsum(content["arcs"])
    return Outlines(
        codes=tuple(content["codes"]),
        authority=np.array(content["authority"], dtype=np.int64),
        arcs=tuple(np.split(points, ends[:-1])),
        rings=tuple(tuple(tuple(ring) for ring in area) for area in content["rings"]),
        labels=_summed(content["labels"], content["step"]),
    )


def _summed(steps: Sequence[int], metres: float) -> Points:
    """Return points from the steps that lead from each to the next, ``metres`` a step."""
    pairs = np.array(steps, dtype=np.int64).reshape(-1, 2)
    return np.cumsum(pairs, axis=0).astype(np.float64) * metres
