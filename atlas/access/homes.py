"""Where inside their small areas people live: an equal part of them at each postcode."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.spatial import cKDTree

from atlas.arrays import Bools, Floats, Ints
from atlas.places.postcodes import GRID
from atlas.snapshot.snapshot import Snapshot


@dataclass(frozen=True)
class Homes:
    """Where inside their small areas people live, sorted by northing.

    ``area`` is the row of the small area, ``points`` (m, 2) EPSG:27700 metres, ``postcodes`` how
    many postcodes stand there: each has an equal part of its small area's residents.
    """

    area: Ints
    points: Floats
    postcodes: Floats

    def __len__(self) -> int:
        return len(self.area)

    @classmethod
    def in_any_order(cls, area: Ints, points: Floats, postcodes: Floats) -> "Homes":
        """Return homes given in any order."""
        order = np.argsort(points[:, 1], kind="stable")
        return cls(area[order], points[order], postcodes[order])

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points, balanced_tree=False, compact_nodes=False)

    def within(self, places: Floats, metres: float, only: Bools | None = None) -> tuple[Ints, Ints]:
        """Return pairs of home (of those marked ``only``) and place within ``metres``, by place."""
        if only is None:
            place, home, _ = pairs_within(places, self._tree, metres)
            return home, place
        rows = np.flatnonzero(only)
        place, home, _ = pairs_within(places, cKDTree(self.points[rows]), metres)
        return rows[home], place


def pairs_within(
    points: Floats, tree: cKDTree, limits: Floats | float
) -> tuple[Ints, Ints, Floats]:
    """Return pairs of row of ``points`` and number in the tree at most ``limits`` apart, in order.

    The third array is how far apart, in the unit of both; ``limits`` is one, or one for each row.
    """
    limits = np.broadcast_to(limits, len(points))
    # A hair more, because the tree may round a distance at the very limit away.
    near = tree.query_ball_point(points, limits * (1 + 1e-9), return_sorted=True)
    row = np.repeat(np.arange(len(points)), [len(found) for found in near])
    at = np.concatenate([*near, []]).astype(np.int64)
    away = np.hypot(*(points[row] - tree.data[at]).T)
    kept = away <= limits[row]
    return row[kept], at[kept], away[kept]


def homes_of(
    codes: pd.Index, lsoa_code: pd.Series, east_50m: pd.Series, north_50m: pd.Series
) -> Homes:
    """Return the homes of postcodes: one for each small area and 50 m square, in its middle.

    The columns have one row a postcode; ``codes`` are the small areas, whose position is ``area``.
    A postcode of no small area, or without a square (missing), is nobody's home.
    """
    area = codes.get_indexer(pd.Index(lsoa_code))
    table = pd.DataFrame({"area": area, "east": east_50m, "north": north_50m})
    placed = table[(area >= 0) & table["east"].notna().to_numpy()]
    squares = placed.groupby(["north", "east", "area"]).size().reset_index(name="postcodes")
    middles = (squares[["east", "north"]].to_numpy(dtype=float) + 0.5) * GRID
    area = squares["area"].to_numpy(dtype=np.int64)
    return Homes(area, middles, squares["postcodes"].to_numpy(dtype=float))


def homes_in(snapshot: Snapshot) -> Homes:
    """Return the homes of a snapshot, by row of its small areas."""
    codes, homes = _read(snapshot.path("postcodes.parquet"), snapshot.version)
    rows = pd.Index(snapshot.lsoas["lsoa_code"]).get_indexer(codes)
    return replace(homes, area=rows[homes.area])


@lru_cache(maxsize=2)
def _read(path: Path, version: str) -> tuple[pd.Index, Homes]:
    columns = ["lsoa_code", "east_50m", "north_50m"]
    table = pq.read_table(path, columns=columns).to_pandas()
    codes = pd.Index(sorted(set(table["lsoa_code"].unique()) - {""}))
    return codes, homes_of(codes, *(table[name] for name in columns))
