"""The risk index: percentiles of residents, components, score, bands.

An indicator's percentile is the share of the base's residents who live in areas with a strictly
lower rate. A component is the weighted mean of its indicators' percentiles, turned into a
percentile again so that every component has the same spread, and transformed exponentially, as the
Indices of Deprivation do, to a whole number from 0 to 65,535. The sum of these, each times its
weight in whole thousandths, puts the areas in order: the score is the share of the base's residents
in areas with a strictly lower sum, so 80 and over is the highest fifth. Whole numbers let a browser
come to the same order. Areas with equal sums share the lower score and the better rank.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Bools, Floats
from atlas.catalogue.columns import Column
from atlas.risk.method import RANKED, Method, Newer, Scaling, declared_method
from atlas.text.lists import listed

# What a transformed component runs to, and what the weights of a score add up to.
WHOLE = 65_535
THOUSANDTHS = 1000
# How many component scores are kept of one base: all small areas' take 270 kB each.
COMPONENTS_KEPT = 24
# Shares of the base's residents by which lists and pockets are cut.
TENTH, FIFTH = 0.1, 0.2


def population_percentile(
    values: Floats, people: Floats, nearly: npt.NDArray[np.intp] | None = None
) -> Floats:
    """Return the share of residents, 0 to 100, who live where the value is strictly lower.

    Equal values share the lowest place. Where value or people are missing (NaN) the result is
    missing and the residents are not counted. The order of the rows does not matter when ``people``
    are whole numbers. ``nearly`` are all rows nearly in order, which makes sorting fast.
    """
    place = np.full(len(values), np.nan)
    known = ~(np.isnan(values) | np.isnan(people))
    rows = np.flatnonzero(known) if nearly is None else nearly[known[nearly]]
    order = rows[np.argsort(values[rows], kind="stable")]
    total = people[order].sum()
    if not total > 0:
        return place
    ordered = values[order]
    counted = np.concatenate(([0.0], np.cumsum(people[order])[:-1]))
    starts = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(order)]
    below = np.maximum.accumulate(np.where(starts, counted, 0.0))
    place[order] = 100 * below / total
    return place


def exponential(place: Floats, constant: float) -> Floats:
    """Return percentiles transformed as the Indices of Deprivation do (their constant is 23)."""
    return -constant * np.log(1 - place / 100 * (1 - np.exp(-100 / constant)))


def min_max(values: Floats) -> Floats:
    """Return values moved to 0 ... 100 by lowest and highest (0 if equal); gaps stay gaps."""
    known = values[~np.isnan(values)]
    width = known.max() - known.min() if len(known) else 0.0
    return (values - known.min()) * 100 / width if width > 0 else values * 0.0


def z_scores(values: Floats, people: Floats) -> Floats:
    """Return values in standard deviations from the residents' mean; 0 where all are equal."""
    known = ~(np.isnan(values) | np.isnan(people))
    if not people[known].sum() > 0:
        return values * np.nan
    mean = np.average(values[known], weights=people[known])
    deviation = np.sqrt(np.average((values[known] - mean) ** 2, weights=people[known]))
    return (values - mean) / deviation if deviation > 0 else values * 0.0


def scaled(values: Floats, people: Floats, scaling: Scaling) -> Floats:
    """Return values as percentiles, min–max (both 0 to 100) or z-scores; missing stays missing."""
    if scaling in RANKED:
        return population_percentile(values, people)
    return min_max(values) if scaling == "min-max" else z_scores(values, people)


@dataclass(frozen=True)
class Weighting:
    """Component ``weights`` in whole thousandths that sum to 1,000, and each indicator's ``inner``
    weight in its component, on any scale. ``preset`` is the preset's name, "" for own weights.
    """

    weights: tuple[tuple[str, int], ...]
    inner: tuple[tuple[str, float], ...]
    scaling: Scaling = "exponential"
    preset: str = ""

    @property
    def weight(self) -> dict[str, float]:
        """Weights by component, those above zero only; they sum to one."""
        return {key: value / THOUSANDTHS for key, value in self.weights if value > 0}


def choose(
    weights: Mapping[str, float],
    inner: Mapping[str, float] | None = None,
    scaling: Scaling = "exponential",
    preset: str = "",
    method: Method | None = None,
) -> Weighting:
    """Return a weighting in whole thousandths, in declared order.

    ``weights`` are by component, on any scale; what is left out counts nothing, and none that
    counts vanishes in rounding. ``inner`` changes single indicators' weights. Raises ``ValueError``
    for an unknown name, a weight that is no number from 0 up, or weights that make no score.
    """
    method = method or declared_method()
    inner = {**{i.key: i.weight for i in method.indicators.values()}, **(inner or {})}
    if unknown := (set(weights) - set(method.components)) | (set(inner) - set(method.indicators)):
        raise ValueError(f"unknown in a weighting: {sorted(unknown)}")
    given = [*weights.values(), *inner.values()]
    if not all(np.isfinite(value) and value >= 0 for value in given) or not sum(weights.values()):
        raise ValueError("weights must be numbers from 0 up, and one at least above 0")
    for key, value in weights.items():
        if value > 0 and not method.counted(key, inner.items()):
            raise ValueError(f"'{key}' has a weight, but none of its indicators has")
    return Weighting(
        weights=tuple(_thousandths({key: weights.get(key, 0.0) for key in method.components})),
        inner=tuple((key, float(inner[key])) for key in method.indicators),
        scaling=scaling,
        preset=preset,
    )


def _thousandths(weights: Mapping[str, float]) -> list[tuple[str, int]]:
    # Largest remainders; of equal ones the first declared is rounded up.
    total = sum(weights.values())
    exact = np.array([weight / total * THOUSANDTHS for weight in weights.values()])
    whole = np.where(exact > 0, np.maximum(np.floor(exact + 1e-9), 1), 0)
    short = int(THOUSANDTHS - whole.sum())
    order = np.argsort(np.round(whole - exact, SAME), kind="stable")
    for k in order[: max(short, 0)]:
        whole[k] += 1
    for _ in range(-short):
        whole[int(np.argmax(whole))] -= 1
    return list(zip(weights, whole.astype(int).tolist(), strict=True))


@dataclass(frozen=True)
class Peers:
    """The indicators of one comparison base, made ready once for any weights.

    Arrays have the rows of the table they come from. ``people`` and ``values`` are missing (NaN)
    outside the base. ``values`` are turned so that higher always means more need, and hold the
    alternatives of the tests too. ``council`` numbers the councils; ``small_areas`` is how many
    each area rests on, missing where the table does not say. ``newer`` are values of some
    indicators as they would be had they moved as their council's newer figure did.
    """

    key: str
    codes: npt.NDArray[np.object_]
    inside: Bools
    people: Floats
    values: Mapping[str, Floats]
    percentiles: Mapping[str, Floats]
    council: npt.NDArray[np.intp]
    small_areas: Floats
    newer: Mapping[str, Floats]
    method: Method

    @cached_property
    def components_made(self) -> dict[tuple[str, Scaling, tuple[tuple[str, float], ...]], Floats]:
        """The component scores made last, at most :data:`COMPONENTS_KEPT`."""
        return {}

    def scaled(self, indicator: str, scaling: Scaling) -> Floats:
        """Return one indicator as :func:`scaled` gives it over the base."""
        if scaling in RANKED:
            return self.percentiles[indicator]
        return scaled(self.values[indicator], self.people, scaling)

    def with_values(
        self, indicator: str, values: Floats, nearly: npt.NDArray[np.intp] | None = None
    ) -> "Peers":
        """Return the same areas with other values of an indicator, turned as :attr:`values`."""
        places = population_percentile(values, self.people, nearly)
        return replace(
            self,
            values=MappingProxyType({**self.values, indicator: values}),
            percentiles=MappingProxyType({**self.percentiles, indicator: places}),
        )


def peers(
    table: pd.DataFrame,
    inside: Bools | None = None,
    key: str = "ward_code",
    method: Method | None = None,
    councils: pd.DataFrame | None = None,
) -> Peers:
    """Make the declared indicators of a table of wards or small areas ready for scoring.

    ``table`` needs ``key``, ``population`` and the declared indicators; an indicator that it
    lacks is missing everywhere. ``inside`` marks the rows of the base (all of them by default).
    ``councils`` has newer figures of councils by ``authority_code``, for the tests.
    """
    method = method or declared_method()
    inside = np.ones(len(table), dtype=bool) if inside is None else inside
    people = np.where(inside, table["population"].to_numpy(dtype=float), np.nan)
    names = dict.fromkeys([*method.indicators, *(each.take for each in method.alternatives)])
    values = {name: _oriented(table, method.column(name), ~np.isnan(people)) for name in names}
    nothing = pd.Series(np.nan, index=table.index)
    home = table.get("authority_code", nothing)
    council = pd.factorize(home, use_na_sentinel=False)[0]
    return Peers(
        key=key,
        codes=table[key].to_numpy(dtype=object),
        inside=inside,
        people=people,
        values=MappingProxyType(values),
        percentiles=MappingProxyType(
            {name: population_percentile(values[name], people) for name in method.indicators}
        ),
        council=council,
        small_areas=np.asarray(table.get("small_areas", nothing), dtype=float),
        newer=MappingProxyType(
            {
                each.indicator: _moved(values[each.indicator], people, council, now)
                for each in method.newer
                if (now := _of_councils(each, home, councils)) is not None
            }
        ),
        method=method,
    )


def council_means(values: Floats, people: Floats, council: npt.NDArray[np.intp]) -> Floats:
    """Return for each row the mean of its council, weighted by people; NaN where none is known."""
    known = ~(np.isnan(values) | np.isnan(people))
    size = int(council.max(initial=-1)) + 1
    total = np.bincount(council[known], people[known] * values[known], size)
    living = np.bincount(council[known], people[known], size)
    return np.divide(total, living, out=np.full(size, np.nan), where=living > 0)[council]


def _of_councils(each: Newer, home: pd.Series, councils: pd.DataFrame | None) -> Floats | None:
    if councils is None or each.column not in councils:
        return None
    figures = home.map(councils.set_index("authority_code")[each.column]).to_numpy(dtype=float)
    return 1 - figures if each.turned else figures


def _moved(values: Floats, people: Floats, council: npt.NDArray[np.intp], now: Floats) -> Floats:
    """Return shares moved in proportion to their council's; unchanged where that is not known."""
    then = council_means(values, people, council)
    ratio = np.divide(now, then, out=np.full(len(now), np.nan), where=then > 0)
    return np.where(np.isnan(ratio), values, np.clip(values * ratio, 0, 1))


def _oriented(table: pd.DataFrame, column: Column, known: Bools) -> Floats:
    if column.name not in table:
        return np.full(len(table), np.nan)
    sign = -1.0 if column.need == "less" else 1.0
    return np.where(known, sign * table[column.name].to_numpy(dtype=float), np.nan)


def component_mean(group: Peers, component: str, weighting: Weighting) -> Floats:
    """Return a component before it is ranked again: the weighted mean of its known indicators.

    Missing where indicators that make up more than a third of the inner weight are missing.
    """
    counted = group.method.counted(component, weighting.inner)
    total, known = np.zeros((2, len(group.codes)))
    for indicator, weight in counted.items():
        column = group.scaled(indicator, weighting.scaling)
        there = ~np.isnan(column)
        total += np.where(there, weight * column, 0.0)
        known += weight * there
    enough = (known > 0) & (known >= group.method.least_known * sum(counted.values()) - 1e-9)
    return np.where(enough, np.round(total / np.where(known > 0, known, 1.0), SAME), np.nan)


def component_score(
    group: Peers, component: str, weighting: Weighting, nearly: npt.NDArray[np.intp] | None = None
) -> Floats:
    """Return one component, 0 to 100: a percentile, or under min–max the plain mean."""
    # The weights of components do not matter here: where they alone move, it is known already.
    asked = (component, weighting.scaling, weighting.inner)
    made = group.components_made.get(asked)
    if made is None:
        made = component_mean(group, component, weighting)
        if weighting.scaling in RANKED:
            made = population_percentile(made, group.people, nearly)
        made.flags.writeable = False
        if len(group.components_made) >= COMPONENTS_KEPT:
            group.components_made.clear()
        group.components_made[asked] = made
    return made


def component_scores(group: Peers, weighting: Weighting) -> dict[str, Floats]:
    """Return each component that has weight, in declared order."""
    return {name: component_score(group, name, weighting) for name in weighting.weight}


def transformed(component: Floats, scaling: Scaling, constant: float) -> Floats:
    """Return a component of 0 to 100 as whole numbers from 0 to 65,535; missing stays missing."""
    if scaling == "exponential":
        component = exponential(component, constant)
    return np.floor(component / 100 * WHOLE + 0.5)


def summed(parts: Mapping[str, Floats], weighting: Weighting) -> Floats:
    """Return the whole number, to 65,535,000, that orders the areas; NaN where a part is."""
    used = [(weight, parts[key]) for key, weight in weighting.weights if weight > 0]
    return np.sum([weight * values for weight, values in used], axis=0, dtype=float)


@dataclass(frozen=True)
class Index:
    """Scores of every row of the table; missing (NaN) outside the base or without data.

    ``components`` run from 0 to 100; ``parts`` are the same transformed to whole numbers, ``total``
    their weighted sum, and ``score`` the share of the base's residents where it is strictly lower.
    """

    peers: Peers
    weighting: Weighting
    components: Mapping[str, Floats]
    parts: Mapping[str, Floats]
    total: Floats
    score: Floats

    # Bands and ranks are made when first asked for: most trials of a change need neither.
    @cached_property
    def band(self) -> Floats:
        """Each row's tenth of the base's residents, 1 to 10: 10 is the highest risk."""
        bands = self.peers.method.bands
        return np.minimum(np.floor(self.score * bands / 100 + 1e-9) + 1, bands)

    @cached_property
    def order(self) -> Mapping[str, npt.NDArray[np.intp]]:
        """All rows by each indicator, each component, and "" the total: lowest first."""
        columns = {**self.peers.values, **self.components, "": self.total}
        return {name: np.argsort(column, kind="stable") for name, column in columns.items()}

    @cached_property
    def rank(self) -> Floats:
        """Each row's rank: 1 is the highest risk; equal totals share the better rank."""
        return ranks(self.total)

    @property
    def cut_score(self) -> Floats:
        """The score cut to four decimals: rounded, a ward below the highest fifth might read 80."""
        return np.floor(self.score * 1e4 + 1e-9) / 1e4

    @property
    def scored(self) -> Bools:
        """Which rows have a score."""
        return ~np.isnan(self.score)

    def spread(self, values: Floats) -> Floats:
        """Return values of the scored rows in all rows, missing (NaN) in the others."""
        full = np.full(len(self.score), np.nan)
        full[self.scored] = values
        return full

    def in_highest(self, share: float) -> Bools:
        """Return the rows where at least 1 - ``share`` of residents live at strictly lower risk."""
        return self.score >= 100 * (1 - share) - 1e-9


def index_of(group: Peers, weighting: Weighting) -> Index:
    """Score every row of ``group`` by ``weighting``. All England takes a few milliseconds."""
    return index_from(group, weighting, component_scores(group, weighting))


def index_from(
    group: Peers,
    weighting: Weighting,
    components: Mapping[str, Floats],
    nearly: npt.NDArray[np.intp] | None = None,
) -> Index:
    """Return the index that given component scores add up to."""
    constant = group.method.exponential
    parts = {
        name: transformed(values, weighting.scaling, constant)
        for name, values in components.items()
    }
    total = summed(parts, weighting)
    return Index(
        peers=group,
        weighting=weighting,
        components=MappingProxyType(dict(components)),
        parts=MappingProxyType(parts),
        total=total,
        score=population_percentile(total, group.people, nearly),
    )


def ranks(score: Floats) -> Floats:
    """Return ranks, 1 for the highest number; equal numbers share the better rank."""
    return np.asarray(pd.Series(score).rank(method="min", ascending=False), dtype=float)


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
    # A reader's own name is quoted as it was given.
    missing = [
        f"“{column.short}”" if column.credit else column.short.lower()
        for key in lacking
        for column in map(method.column, method.counted(key, index.weighting.inner))
        if np.isnan(group.values[column.name][row])
    ]
    names = [
        f"“{part.label}”" if part.axis == "own" else part.label.lower()
        for part in (method.components[key] for key in lacking)
    ]
    return f"too little is known about {listed(names)}: no figure for {listed(missing)}"


def index_table(index: Index) -> pd.DataFrame:
    """Return the index as a table in the rows of its source.

    Columns: the key, ``rank``, ``score`` (six decimals), ``band``, every component of risk and
    every other one with weight (blank where it has none), ``reason``.
    """
    nothing = np.full(len(index.score), np.nan)
    shown = dict.fromkeys([*index.components, *index.peers.method.risk_components()])
    return pd.DataFrame(
        {
            index.peers.key: index.peers.codes,
            "rank": pd.Series(index.rank).astype("Int64"),
            "score": np.round(index.score, 6),
            "band": pd.Series(index.band).astype("Int64"),
            **{key: np.round(index.components.get(key, nothing), 6) for key in shown},
            "reason": [why_unscored(index, row) for row in range(len(index.score))],
        }
    )
