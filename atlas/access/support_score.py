"""The support axis: how much help is within reach of a ward's residents.

Made from venues and small areas alone, as ``support.toml`` declares; risk has no part in it, and
it has none in risk. The 3 × 3 grid sets the two side by side.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass as declared

from atlas.access.distance import EVERYONE, Residents, Venue, nearest
from atlas.access.opening_hours import opens_evening, opens_weekend
from atlas.access.reach import Reach
from atlas.access.travel import STRAIGHT, Travel
from atlas.arrays import SAME, Bools, Floats, Ints
from atlas.catalogue.columns import Column
from atlas.catalogue.declarations import STRICT, Positive, keyed, read_declaration

SOURCES = ("libraries", "lsoa_centroids", "census_age")
CELLS = 9
HIGH_RISK_LITTLE_SUPPORT = 8
LEAST_KNOWN = 0.5  # of the residents: what is known of fewer says nothing of all


@declared(frozen=True, config=STRICT)
class Measure:
    """One measure of support: its column, the part it belongs to and its weight in the score."""

    column: Column
    part: str
    weight: Positive

    @model_validator(mode="after")
    def _has_a_direction(self) -> Self:
        if self.column.need == "none":
            raise ValueError("a measure of support needs a direction")
        return self


@declared(frozen=True, config=STRICT)
class SupportMethod:
    """The declaration. ``thirds`` run from least to most support, ``risk_levels`` from low up."""

    version: str
    title: str
    direction: str
    least_known: float
    thirds: tuple[str, str, str]
    risk_levels: tuple[str, str, str]
    measures: Annotated[dict[str, Measure], Field(min_length=1, validation_alias="measure")]

    def cell_label(self, cell: int) -> str:
        """Name a cell of the grid: 8 is 'high risk, little support'."""
        return f"{self.risk_levels[cell // 3]}, {self.thirds[2 - cell % 3]}"


def _arranged(table: dict[str, Any]) -> dict[str, Any]:
    entries = keyed(table.pop("measure", {}), "name", sources=SOURCES, tables=())
    measures = {
        key: _apart(entry) if isinstance(entry, dict) else entry for key, entry in entries.items()
    }
    return {**table.pop("support", {}), **table, "measure": measures}


def _apart(entry: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {name: entry.pop(name) for name in ("part", "weight") if name in entry}
    return {**own, "column": entry}


@cache
def declared_support(text: str | None = None) -> SupportMethod:
    """Return the method, declared or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(SupportMethod, __file__, _arranged, text)


def hours_each(residents: Residents, venues: Sequence[Venue], reach: Reach) -> Floats:
    """Return each small area's hours a week per 1,000 residents who share them, on average.

    A venue's hours are divided among all residents within reach of it. Those near no venue have
    0; those near only venues with unknown hours are left out, and where most are, it is NaN.
    """
    hours = np.array([venue.hours_a_week for venue in venues], dtype=float)
    sharing = reach.by_venue(residents.people[EVERYONE])
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(sharing > 0, 1000 * hours / sharing, np.nan)
        known = 1 - (reach.near - reach.near_any(~np.isnan(each)))
        return np.where(known >= LEAST_KNOWN, reach.by_area(np.nan_to_num(each)) / known, np.nan)


def support_table(
    wards: pd.DataFrame,
    residents: Residents,
    venues: Sequence[Venue],
    against: pd.DataFrame | None = None,
    travel: Travel = STRAIGHT,
    reach: Reach | None = None,
) -> pd.DataFrame:
    """Return the support within reach of every ward, in the rows of ``wards``.

    Columns: ``ward_code``; ``residents``; ``near_people`` and for each other cohort
    ``near_KEY`` (within reach) and ``all_KEY``; the declared measures; ``support_score``
    (0 to 100, 100 = most support), ``support_third`` (0 little, 2 most), ``risk_level`` (0 low,
    the lowest fifth of residents; 2 high, the highest) and ``grid_cell`` (0 to 8; 8 = high risk,
    little support). NaN where a ward has no small area or too little is known.

    Scores are places among England's residents as they are in ``against``, an earlier result
    of this function (by default this one): so a scenario moves only the wards that it touches.
    ``travel`` says what is within reach, and ``reach`` has its answer where it is known already;
    ``nearest_km`` and ``second_km`` are straight lines whatever it says.
    ``wards`` needs ``ward_code, population, risk_score``.
    """
    row = pd.Index(wards["ward_code"]).get_indexer(pd.Index(residents.ward_codes))
    metres_to, _ = nearest(residents, venues, 2)
    reach = travel.reach(residents, venues) if reach is None else reach
    table = _counted(wards, residents, row, reach.near)
    everyone = residents.people[EVERYONE]
    distances = np.where(np.isinf(metres_to), np.nan, metres_to / 1000)
    averaged = {
        "near_share": reach.near,
        "nearest_km": distances[:, 0],
        "second_km": distances[:, 1],
        "hours_per_1000": hours_each(residents, venues, reach),
        "evening_share": reach.near_any(np.array([*map(opens_evening, venues)], dtype=bool)),
        "weekend_share": reach.near_any(np.array([*map(opens_weekend, venues)], dtype=bool)),
    }
    for name, values in averaged.items():
        table[name] = _ward_means(values, everyone, row, len(wards))
    frame = pd.DataFrame(table)
    reference = frame if against is None else against
    frame["support_score"] = _score(frame, reference)
    scores, standing = (each["support_score"].to_numpy() for each in (frame, reference))
    frame["support_third"] = parts_of(3, scores, standing, _people(reference))
    risk = np.round(wards["risk_score"].to_numpy(dtype=float), SAME)
    people = wards["population"].to_numpy(dtype=float)
    fifth = parts_of(5, risk, risk, people)
    frame["risk_level"] = np.where(np.isnan(fifth), np.nan, np.digitize(fifth, (1, 4)))
    frame["grid_cell"] = 3 * frame["risk_level"] + 2 - frame["support_third"]
    return frame


def _people(frame: pd.DataFrame) -> Floats:
    return frame["residents"].to_numpy(dtype=float)


def _counted(
    wards: pd.DataFrame, residents: Residents, row: Ints, near: Floats
) -> dict[str, npt.NDArray[Any]]:
    count = len(wards)
    there = np.bincount(row[row >= 0], minlength=count) > 0
    table: dict[str, npt.NDArray[Any]] = {"ward_code": wards["ward_code"].to_numpy(dtype=object)}
    for key, people in residents.people.items():
        names = ("residents", "near_people") if key == EVERYONE else (f"all_{key}", f"near_{key}")
        for name, part in zip(names, (people, people * near), strict=True):
            table[name] = np.where(there, _ward_sums(part, row, count), np.nan)
    return table


def _ward_sums(values: Floats, row: Ints, count: int) -> Floats:
    known = (row >= 0) & ~np.isnan(values)
    return np.bincount(row[known], values[known], minlength=count).astype(float)


def _ward_means(values: Floats, people: Floats, row: Ints, count: int) -> Floats:
    weight = np.where(np.isnan(values) | np.isnan(people), np.nan, people)
    total = _ward_sums(weight, row, count)
    enough = (total > 0) & (total >= LEAST_KNOWN * _ward_sums(people, row, count))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough, _ward_sums(values * weight, row, count) / total, np.nan)


def place_among(values: Floats, reference: Floats, people: Floats) -> Floats:
    """Return the share of the reference's residents (0 to 100) with a strictly lower value.

    ``reference`` and ``people`` are of one length; NaN values have no place. For the reference's
    own values this is :func:`atlas.risk.index.population_percentile`.
    """
    known = ~(np.isnan(reference) | np.isnan(people))
    if not people[known].sum() > 0:
        return np.full(len(values), np.nan)
    order = np.argsort(reference[known], kind="stable")
    ordered, counted = reference[known][order], np.cumsum(people[known][order])
    below = np.concatenate(([0.0], counted))[np.searchsorted(ordered, values, side="left")]
    return np.where(np.isnan(values), np.nan, 100 * below / counted[-1])


def parts_of(parts: int, values: Floats, reference: Floats, people: Floats) -> Floats:
    """Return in which of so many equal parts of the reference's residents values are, from 0 up.

    Equal values are always in one part; NaN stays NaN.
    """
    place = place_among(values, reference, people)
    return np.minimum(np.floor(place * parts / 100 + 1e-9), parts - 1)


def _score(frame: pd.DataFrame, reference: pd.DataFrame) -> Floats:
    method = declared_support()
    total, known = np.zeros(len(frame)), np.zeros(len(frame))
    for name, measure in method.measures.items():
        sign = -1.0 if measure.column.need == "more" else 1.0
        values, among = (
            sign * np.round(each[name].to_numpy(), SAME) for each in (frame, reference)
        )
        place = place_among(values, among, _people(reference))
        total += measure.weight * np.nan_to_num(place)
        known += measure.weight * ~np.isnan(place)
    enough = known >= method.least_known * sum(m.weight for m in method.measures.values()) - 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough, np.round(total / known, SAME), np.nan)


def grid_counts(table: pd.DataFrame, rows: Ints | None = None) -> pd.DataFrame:
    """Count ``wards`` and known ``residents`` by ``cell``: the nine, and last -1 for none."""
    part = table if rows is None else table.iloc[rows]
    cell = part["grid_cell"].fillna(-1).astype(int).rename("cell")
    counted = part["residents"].groupby(cell).agg(wards="size", residents="sum")
    return counted.reindex([*range(CELLS), -1], fill_value=0).reset_index()


def cohort_reach(residents: Residents, near: Floats, inside: Bools) -> pd.DataFrame:
    """Count each cohort inside an area and beyond reach of any venue there.

    ``near`` is the share of each small area's residents within reach; ``inside`` marks the areas.
    Columns: ``cohort`` (key), ``total, near, beyond``, ``share_beyond`` (of those that are known).
    """
    lines = []
    for key, people in residents.people.items():
        known = np.where(inside, np.nan_to_num(people), 0.0)
        total, close = float(known.sum()), float((known * np.nan_to_num(near)).sum())
        share = (total - close) / total if total else float("nan")
        lines.append((key, total, close, total - close, share))
    return pd.DataFrame(lines, columns=["cohort", "total", "near", "beyond", "share_beyond"])
