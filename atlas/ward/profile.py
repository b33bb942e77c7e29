"""One ward: each measure, its place among the wards around it, and the libraries near it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.access.distance import DAYS
from atlas.catalogue.columns import Column, measures
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


@dataclass(frozen=True)
class NearLibrary:
    """A library that counts for access, ``distance_km`` from a point in a straight line.

    ``hours`` are (day, band) pairs as published, empty bands left out; ``staffed_hours`` a week
    is NaN where the service did not report it.
    """

    name: str
    address: str
    postcode: str
    operation: str
    in_ward: bool
    distance_km: float
    staffed_hours: float
    hours: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Profile:
    """Everything that the ward page says. ``libraries`` is empty where the ward has no point."""

    ward: Place
    areas: tuple[Place, ...]
    population: float
    households: float
    small_areas: int
    fit: str
    withheld: int
    lines: tuple[Line, ...]
    libraries: tuple[NearLibrary, ...]


def standing(values: np.ndarray, value: float, area: Place, area_figure: float) -> Standing:
    """Return where ``value`` stands among an area's ward values (NaN = no data).

    ``values`` includes the ward's own.
    """
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


def line(wards: pd.DataFrame, places: Places, ward_code: str, column: Column) -> Line:
    """Return one measure of one ward, with its standing in each area that holds it."""
    values = wards[column.name].to_numpy(dtype=float)
    value = float(values[places.row(ward_code)])
    if np.isnan(value):
        return Line(column, value, ())
    standings: list[Standing] = []
    for area in places.containing(ward_code):
        rows = places.positions(area.code)
        known = int((~np.isnan(values[rows])).sum())
        # A visitor's own figures may end where their area ends: a larger one then adds nothing.
        if column.credit and standings and known == standings[-1].of:
            continue
        standings.append(standing(values[rows], value, area, figure(wards, column, rows)))
    return Line(column, value, tuple(standings))


def ward_point(lsoas: pd.DataFrame, ward_code: str) -> tuple[float, float] | None:
    """Return where a ward's residents live on average: EPSG:27700 metres, None without LSOAs.

    The mean of the population-weighted centroids of its LSOAs, weighted by residents.
    """
    mine = np.flatnonzero(lsoas["ward_code"].to_numpy() == ward_code)
    people, east, north = (
        lsoas[name].to_numpy(dtype=float)[mine] for name in ("population", "easting", "northing")
    )
    if not people.sum() > 0:
        return None
    return float(np.average(east, weights=people)), float(np.average(north, weights=people))


def nearest_libraries(
    libraries: pd.DataFrame, point: tuple[float, float], ward_code: str, count: int = 3
) -> list[NearLibrary]:
    """Return the ``count`` nearest libraries to a point (EPSG:27700 metres).

    Nearest first, ties by id; libraries of any authority.
    """
    east, north = (libraries[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    counts = libraries["counts_for_access"].to_numpy() == "true"
    open_ones = np.flatnonzero(counts & ~np.isnan(east) & ~np.isnan(north))
    if not len(open_ones):
        return []
    metres = np.hypot(east[open_ones] - point[0], north[open_ones] - point[1])
    # Only the few that can be among the nearest are put in order.
    last = min(count, len(metres)) - 1
    ids = libraries["library_id"].to_numpy()
    near = sorted(
        (float(metres[at]), ids[open_ones[at]], open_ones[at])
        for at in np.flatnonzero(metres <= np.partition(metres, last)[last])
    )
    return [_library(libraries.iloc[row], away, ward_code) for away, _, row in near[:count]]


def _library(row: pd.Series, metres: float, ward_code: str) -> NearLibrary:
    bands = ((day, str(row[f"hours_{day.lower()}"])) for day in DAYS)
    return NearLibrary(
        name=str(row["library_name"]),
        address=str(row["address"]),
        postcode=str(row["postcode"]),
        operation=str(row["operation"]),
        in_ward=bool(row["ward_code"] == ward_code),
        distance_km=metres / 1000,
        staffed_hours=float(row["staffed_hours_per_week"]),
        hours=tuple((day, band) for day, band in bands if band),
    )


def libraries_near_ward(
    lsoas: pd.DataFrame, libraries: pd.DataFrame, ward_code: str, count: int = 3
) -> tuple[NearLibrary, ...]:
    """Return the libraries nearest to where a ward's residents live.

    None for a ward without LSOAs, and where the library service did not report its libraries.
    """
    mine = lsoas["ward_code"].to_numpy() == ward_code
    if np.isnan(lsoas["library_distance_km"].to_numpy(dtype=float)[mine]).any():
        return ()  # its libraries were not reported: the nearest known ones are not the nearest
    point = ward_point(lsoas, ward_code)
    return tuple(nearest_libraries(libraries, point, ward_code, count)) if point else ()


def profile(
    wards: pd.DataFrame,
    lsoas: pd.DataFrame,
    libraries: pd.DataFrame,
    places: Places,
    ward_code: str,
    columns: Sequence[Column] = (),
) -> Profile:
    """Return the profile of one ward. Raises ``KeyError`` for an unknown ward code.

    ``columns`` are the measures of ``wards`` that it shows: all declared ones by default.
    """
    row = wards.iloc[places.row(ward_code)]
    return Profile(
        ward=places[ward_code],
        areas=tuple(places.containing(ward_code)),
        population=float(row["population"]),
        households=float(row["households"]),
        small_areas=_whole(row["small_areas"]),
        fit=str(row["fit"]),
        withheld=_whole(row["income_suppressed_areas"]),
        lines=tuple(line(wards, places, ward_code, column) for column in columns or measures()),
        libraries=libraries_near_ward(lsoas, libraries, ward_code),
    )


def _whole(value: float) -> int:
    return 0 if np.isnan(value) else int(value)


def need_below(line: Line) -> float:
    """Return the share of England's other wards with less need (0-1), NaN where it has no place.

    Higher is more need whichever way the measure points; measures that say nothing about need
    have no place.
    """
    if not line.standings or line.column.need == "none":
        return float("nan")
    england = line.standings[-1]
    return england.below if line.column.need == "more" else england.above


def stands_out(lines: tuple[Line, ...], least: float = 0.8) -> list[Line]:
    """Return the measures on which a ward shows more need than ``least`` of England's wards.

    Shares and distances only, most need first: counts follow a ward's size, and scores repeat
    what the shares already say.
    """
    telling = [
        line
        for line in lines
        if line.column.unit in ("share", "km")
        # Only published figures cover all of England.
        and not line.column.credit
        and need_below(line) >= least
    ]
    return sorted(telling, key=lambda line: -need_below(line))
