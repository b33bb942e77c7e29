"""The risk index: percentiles of residents, components, score, bands.

A score is made in three steps. An indicator's percentile is the share of the base's residents
who live in areas with a strictly lower rate. A component is the weighted mean of its indicators'
percentiles, turned into a percentile again so that every component has the same spread. The
score is the weighted mean of the components: 0 to 100, 100 the highest risk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Bools, Floats
from atlas.catalogue.columns import Column
from atlas.risk.method import Method, Scaling, declared_method
from atlas.text.lists import listed

DERI_TOP = 10.0


def population_percentile(values: Floats, people: Floats) -> Floats:
    """Return the share of residents, 0 to 100, who live where the value is strictly lower.

    ``values`` and ``people`` are of one length. Equal values share the lowest place, so that
    "0% of homes" scores 0. Where value or people are missing (NaN) the result is missing and
    the residents are not counted. Does not depend on the order of the rows when ``people`` are
    whole numbers.
    """
    place = np.full(len(values), np.nan)
    known = ~(np.isnan(values) | np.isnan(people))
    order = np.flatnonzero(known)[np.argsort(values[known], kind="stable")]
    total = people[order].sum()
    if not total > 0:
        return place
    ordered = values[order]
    counted = np.concatenate(([0.0], np.cumsum(people[order])[:-1]))
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)]
    below = np.maximum.accumulate(np.where(starts, counted, 0.0))
    place[order] = 100 * below / total
    return place


def min_max(values: Floats, top: float = 100.0) -> Floats:
    """Return the values moved to 0 ... ``top`` by their own lowest and highest.

    Missing stays missing. Values that are all equal become 0: none is above another.
    """
    known = values[~np.isnan(values)]
    width = known.max() - known.min() if len(known) else 0.0
    return (values - known.min()) * top / width if width > 0 else values * 0.0


def z_scores(values: Floats, people: Floats) -> Floats:
    """Return the values as distances from the residents' mean in standard deviations.

    Missing stays missing; equal values all become 0.
    """
    known = ~(np.isnan(values) | np.isnan(people))
    if not people[known].sum() > 0:
        return values * np.nan
    mean = np.average(values[known], weights=people[known])
    deviation = np.sqrt(np.average((values[known] - mean) ** 2, weights=people[known]))
    return (values - mean) / deviation if deviation > 0 else values * 0.0


@dataclass(frozen=True)
class Weighting:
    """What the reader chose: component weights, inner weights, and the scaling.

    ``weights`` are nominal and sum to one; ``inner`` gives each indicator's weight inside its
    component, on any scale. ``preset`` is the name of the preset, or "" for own weights.
    """

    weights: tuple[tuple[str, float], ...]
    inner: tuple[tuple[str, float], ...]
    scaling: Scaling = "percentile"
    preset: str = ""

    @property
    def weight(self) -> dict[str, float]:
        """Nominal weights by component, those above zero only."""
        return {key: value for key, value in self.weights if value > 0}

    @property
    def top(self) -> float:
        """The highest score there can be."""
        return DERI_TOP if self.scaling == "min-max" else 100.0


def choose(
    weights: Mapping[str, float],
    inner: Mapping[str, float] | None = None,
    scaling: Scaling = "percentile",
    preset: str = "",
    method: Method | None = None,
) -> Weighting:
    """Return a choice with weights that sum to one, in declared order.

    ``weights`` are by component, on any scale; components left out count nothing. ``inner``
    changes single indicators' weights. Raises ``ValueError`` for an unknown name, a negative or
    infinite weight, no weight at all, or a weighted component whose indicators all weigh nothing.
    """
    method = method or declared_method()
    inner = {**{i.key: i.weight for i in method.indicators.values()}, **(inner or {})}
    if unknown := (set(weights) - set(method.components)) | (set(inner) - set(method.indicators)):
        raise ValueError(f"unknown in a weighting: {sorted(unknown)}")
    given = [*weights.values(), *inner.values()]
    if not all(np.isfinite(value) and value >= 0 for value in given) or not sum(weights.values()):
        raise ValueError("weights must be numbers from 0 up, and one at least above 0")
    for key in (key for key, value in weights.items() if value > 0):
        if not any(inner[i.key] > 0 for i in method.indicators_of(key)):
            raise ValueError(f"'{key}' has a weight, but none of its indicators has")
    total = sum(weights.values())
    return Weighting(
        weights=tuple((key, weights.get(key, 0.0) / total) for key in method.components),
        inner=tuple((key, float(inner[key])) for key in method.indicators),
        scaling=scaling,
        preset=preset,
    )


@dataclass(frozen=True)
class Peers:
    """The indicators of one comparison base, made ready once for any weights.

    Arrays have the rows of the table they come from. ``people`` and ``values`` are missing (NaN)
    outside the base. ``values`` are turned so that higher always means more need.
    """

    key: str
    codes: npt.NDArray[np.object_]
    inside: Bools
    people: Floats
    values: Mapping[str, Floats]
    percentiles: Mapping[str, Floats]
    method: Method

    def scaled(self, indicator: str, scaling: Scaling) -> Floats:
        """Return one indicator as percentile, 0 to 10 min–max, or z-score within the base."""
        if scaling == "percentile":
            return self.percentiles[indicator]
        if scaling == "min-max":
            return min_max(self.values[indicator], DERI_TOP)
        return z_scores(self.values[indicator], self.people)


def peers(
    table: pd.DataFrame,
    inside: Bools | None = None,
    key: str = "ward_code",
    method: Method | None = None,
) -> Peers:
    """Make the declared indicators of a table of wards or small areas ready for scoring.

    ``table`` needs ``key``, ``population`` and the declared indicators; an indicator that it
    lacks is missing everywhere. ``inside`` marks the rows of the base (all of them by default).
    """
    method = method or declared_method()
    inside = np.ones(len(table), dtype=bool) if inside is None else inside
    people = np.where(inside, table["population"].to_numpy(dtype=float), np.nan)
    values = {
        name: _oriented(table, method.column(name), ~np.isnan(people)) for name in method.indicators
    }
    return Peers(
        key=key,
        codes=table[key].to_numpy(dtype=object),
        inside=inside,
        people=people,
        values=MappingProxyType(values),
        percentiles=MappingProxyType(
            {name: population_percentile(column, people) for name, column in values.items()}
        ),
        method=method,
    )


def _oriented(table: pd.DataFrame, column: Column, known: Bools) -> Floats:
    if column.name not in table:
        return np.full(len(table), np.nan)
    sign = -1.0 if column.need == "less" else 1.0
    return np.where(known, sign * table[column.name].to_numpy(dtype=float), np.nan)


def component_mean(group: Peers, component: str, weighting: Weighting) -> Floats:
    """Return a component before it is ranked again: the weighted mean of its known indicators.

    Missing where indicators that make up more than a third of the inner weight are missing.
    """
    inner = dict(weighting.inner)
    total = np.zeros(len(group.codes))
    known = np.zeros(len(group.codes))
    everything = 0.0
    for indicator in group.method.indicators_of(component):
        if weight := inner[indicator.key]:
            column = group.scaled(indicator.key, weighting.scaling)
            there = ~np.isnan(column)
            total += np.where(there, weight * np.nan_to_num(column), 0.0)
            known += weight * there
            everything += weight
    enough = (known > 0) & (known >= group.method.least_known * everything - 1e-9)
    return np.where(enough, np.round(total / np.where(known > 0, known, 1.0), SAME), np.nan)


def component_score(group: Peers, component: str, weighting: Weighting) -> Floats:
    """Return one component: a percentile 0 to 100, or under min–max the plain mean, 0 to 10."""
    mean = component_mean(group, component, weighting)
    ranked = weighting.scaling == "percentile"
    return population_percentile(mean, group.people) if ranked else mean


def component_scores(group: Peers, weighting: Weighting) -> dict[str, Floats]:
    """Return each component that has weight, in declared order."""
    return {name: component_score(group, name, weighting) for name in weighting.weight}


def weighted_mean(components: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return the score: the weighted mean of component scores, missing where any is missing.

    With equal weights and components from 0 to 10 this is the rule of the Digital Exclusion Risk
    Index. Raises ``ValueError`` where nothing weighs anything.
    """
    used = {key: weight for key, weight in weights.items() if weight > 0}
    if not used:
        raise ValueError("a score needs a component with weight")
    total = sum(used.values())
    score = np.zeros_like(components[next(iter(used))])
    for key, weight in used.items():
        score = score + weight / total * components[key]
    return np.round(score, 12)


@dataclass(frozen=True)
class Index:
    """Scores of every row of the table; missing (NaN) outside the base or without data.

    ``place`` is the share of the base's residents, 0 to 100, in areas with a strictly lower
    score.
    """

    peers: Peers
    weighting: Weighting
    components: Mapping[str, Floats]
    score: Floats
    place: Floats

    # Bands and ranks are made when first asked for: most trials of a change need neither.
    @cached_property
    def band(self) -> Floats:
        """Each row's tenth of the base's residents, 1 to 10: 10 is the highest risk."""
        bands = self.peers.method.bands
        return np.minimum(np.floor(self.place * bands / 100 + 1e-9) + 1, bands)

    @cached_property
    def rank(self) -> Floats:
        """Each row's rank: 1 is the highest risk; equal scores share the better rank."""
        return ranks(np.round(self.score, SAME))

    @property
    def scored(self) -> Bools:
        """Which rows have a score."""
        return ~np.isnan(self.score)

    def in_highest(self, share: float) -> Bools:
        """Return which rows are in the base's highest-risk ``share`` of residents (0.1: tenth).

        A row belongs where at least 1 - ``share`` of the residents live at strictly lower risk.
        """
        return self.place >= 100 * (1 - share) - 1e-9


def index_of(group: Peers, weighting: Weighting) -> Index:
    """Score every row of ``group`` by ``weighting``. All England takes a few milliseconds."""
    return index_from(group, weighting, component_scores(group, weighting))


def index_from(group: Peers, weighting: Weighting, components: Mapping[str, Floats]) -> Index:
    """Return the index that given component scores add up to."""
    score = weighted_mean(components, weighting.weight)
    return Index(
        peers=group,
        weighting=weighting,
        components=MappingProxyType(dict(components)),
        score=score,
        place=population_percentile(np.round(score, SAME), group.people),
    )


def ranks(score: Floats) -> Floats:
    """Return ranks, 1 for the highest score; equal scores share the better rank."""
    known = np.sort(score[~np.isnan(score)])
    higher = len(known) - np.searchsorted(known, score, side="right")
    return np.where(np.isnan(score), np.nan, higher + 1.0)


def why_unscored(index: Index, row: int) -> str:
    """Say in words why a row has no score, or "" where it has one."""
    group, method = index.peers, index.peers.method
    if index.scored[row]:
        return ""
    if not group.inside[row]:
        return "outside the comparison base"
    if np.isnan(group.people[row]):
        return "no data: no small area fits this ward best"
    lacking = [key for key in index.components if np.isnan(index.components[key][row])]
    missing = [
        _in_sentence(method.column(indicator.key))
        for key in lacking
        for indicator in method.indicators_of(key)
        if dict(index.weighting.inner)[indicator.key] and np.isnan(group.values[indicator.key][row])
    ]
    names = listed(
        [
            f"“{part.label}”" if part.axis == "own" else part.label.lower()
            for part in (method.components[key] for key in lacking)
        ]
    )
    return f"too little is known about {names}: no figure for {listed(missing)}"


def _in_sentence(column: Column) -> str:
    # A reader's own name is quoted as it was given.
    return f"“{column.short}”" if column.credit else column.short.lower()


def index_table(index: Index) -> pd.DataFrame:
    """Return the index as a table in the rows of its source.

    Columns: the key, ``score`` (six decimals), ``band``, every component of risk and every
    other one with weight (blank where it has none), ``rank``, ``reason``.
    """
    method = index.peers.method
    nothing = np.full(len(index.score), np.nan)
    shown = [key for key in method.components if key in index.components]
    shown += [key for key in method.risk_components() if key not in shown]
    columns = {
        index.peers.key: index.peers.codes,
        "score": np.round(index.score, 6),
        "band": pd.Series(index.band).astype("Int64"),
        **{key: np.round(index.components.get(key, nothing), 6) for key in shown},
        "rank": pd.Series(index.rank).astype("Int64"),
    }
    frame = pd.DataFrame(columns)
    reasons = np.full(len(frame), "", dtype=object)
    for row in np.flatnonzero(~index.scored):
        reasons[row] = why_unscored(index, int(row))
    return frame.assign(reason=reasons)
