"""One ward: each measure and its place among the wards around it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.arrays import Floats
from atlas.catalogue.columns import Column
from atlas.places.area_figures import figure
from atlas.places.places import Place, Places


@dataclass(frozen=True)
class Standing:
    """A ward's place among the wards of one area, for one measure.

    ``rank`` counts from the highest value (1); ``ties`` are other wards with the same value;
    ``of`` counts wards with data. ``below`` and ``above`` are the shares (0-1) of the area's
    other wards with a lower and a higher value. ``figure`` is the area's own figure.
    """

    area: Place
    rank: int
    ties: int
    of: int
    below: float
    above: float
    figure: float


@dataclass(frozen=True)
class Line:
    """One measure of a ward. ``standings`` is empty where the ward has no value (NaN)."""

    column: Column
    value: float
    standings: tuple[Standing, ...]


def standing(values: np.ndarray, value: float, area: Place, area_figure: float) -> Standing:
    """Return where a ward's ``value`` stands among those of an area's wards (NaN = no data)."""
    known = values[~np.isnan(values)]
    above, below = int((known > value).sum()), int((known < value).sum())
    others = max(known.size - 1, 1)
    return Standing(
        area=area,
        rank=above + 1,
        ties=known.size - above - below - 1,
        of=known.size,
        below=below / others,
        above=above / others,
        figure=area_figure,
    )


class Standings:
    """Where wards stand by the figures of one ward table; each area is looked at once."""

    def __init__(self, wards: pd.DataFrame, places: Places) -> None:
        self._wards, self._places = wards, places
        self._values: dict[str, Floats] = {}
        self._areas: dict[tuple[str, str], tuple[Floats, float]] = {}

    def value(self, ward_code: str, name: str) -> float:
        """Return a ward's figure of one column, NaN where there is none."""
        if name not in self._values:
            self._values[name] = self._wards[name].to_numpy(dtype=float)
        return float(self._values[name][self._places.row(ward_code)])

    def line(self, ward_code: str, column: Column) -> Line:
        """Return one measure of one ward, with its standing in each area that holds it."""
        value = self.value(ward_code, column.name)
        if np.isnan(value):
            return Line(column, value, ())
        standings: list[Standing] = []
        for area in self._places.containing(ward_code):
            known, area_figure = self._area(column, area.code)
            # A visitor's own figures may end where their area ends: a larger one then adds nothing.
            if column.credit and standings and known.size == standings[-1].of:
                continue
            standings.append(standing(known, value, area, area_figure))
        return Line(column, value, tuple(standings))

    def _area(self, column: Column, code: str) -> tuple[Floats, float]:
        if (column.name, code) not in self._areas:
            rows = self._places.positions(code)
            values = self._values[column.name][rows]
            found = values[~np.isnan(values)], figure(self._wards, column, rows)
            self._areas[column.name, code] = found
        return self._areas[column.name, code]


def ward_point(lsoas: pd.DataFrame, ward_code: str) -> tuple[float, float] | None:
    """Return residents' mean point (weighted LSOA centroids), EPSG:27700, None without LSOAs."""
    rows = np.flatnonzero(lsoas["ward_code"] == ward_code)
    *points, people = (
        lsoas[name].to_numpy()[rows] for name in ("easting", "northing", "population")
    )
    if not people.sum() > 0:
        return None
    east, north = np.average(points, axis=1, weights=people).tolist()
    return east, north


def need_below(line: Line) -> float:
    """Return the share (0-1) of England's other wards with less need; NaN without a place."""
    if not line.standings or line.column.need == "none":
        return float("nan")
    england = line.standings[-1]
    return england.below if line.column.need == "more" else england.above
