"""Why a ward is on a list, and what would take it off: contributions, changes, sentences."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.catalogue.columns import Column, shown
from atlas.places.area_figures import figure
from atlas.places.comparison_base import Base
from atlas.risk.index import (
    Index,
    component_mean,
    component_score,
    index_from,
    population_percentile,
)
from atlas.risk.method import Method, declared_method

# A component or indicator is called high or low beyond these shares of residents.
HIGH, LOW = 60.0, 40.0
DRIVERS = 3

Listed = Callable[[Index], Bools]
Integers = npt.NDArray[np.intp]


def highest(share: float) -> Listed:
    """Return the rule "in the base's highest-risk ``share`` of residents"."""
    return lambda index: index.in_highest(share)


def first(count: int) -> Listed:
    """Return the rule "among the ``count`` wards of the base with the highest scores"."""
    return lambda index: index.rank <= count


def base_averages(
    table: pd.DataFrame, inside: Bools, names: Sequence[str], method: Method | None = None
) -> dict[str, float]:
    """Return the columns' values for the base as a whole, each as it is declared to add up.

    Missing (NaN) where no ward of the base has a value, or the column is a total, which says
    nothing beside a ward's; a column that ``table`` lacks is left out.
    """
    rows, method = np.flatnonzero(inside), method or declared_method()
    columns = [method.column(name) for name in names if name in table]
    return {
        column.name: figure(table, column, rows) if column.aggregate == "mean" else float("nan")
        for column in columns
    }


def component_contributions(index: Index, row: int) -> dict[str, float]:
    """Return how many points each component moves a ward's score from the residents' mean.

    They sum to the ward's score less the mean score of the base's residents. Empty without a
    score.
    """
    if not index.scored[row]:
        return {}
    known = index.scored
    share = index.peers.people[known] / index.peers.people[known].sum()
    return {
        name: index.weighting.weight[name] * float(values[row] - (values[known] * share).sum())
        for name, values in index.components.items()
    }


def driver_points(index: Index) -> dict[str, Floats]:
    """Return each indicator's pull on every row's score: weight x distance from the mean.

    An indicator's weight is its component's times its share of the inner weight. The points
    order the drivers; unlike the components' they do not sum to the score exactly, because
    components are ranked again.
    """
    inner = dict(index.weighting.inner)
    people = index.peers.people
    points = {}
    for component, weight in index.weighting.weight.items():
        members = index.peers.method.indicators_of(component)
        whole = sum(inner[i.key] for i in members)
        for indicator in (i for i in members if inner[i.key] > 0):
            scaled = index.peers.scaled(indicator.key, index.weighting.scaling)
            known = ~(np.isnan(scaled) | np.isnan(people))
            if known.any():
                mean = np.average(scaled[known], weights=people[known])
                points[indicator.key] = weight * inner[indicator.key] / whole * (scaled - mean)
    return points


def main_drivers(index: Index, row: int, points: Mapping[str, Floats] | None = None) -> list[str]:
    """Return up to three indicators that raise a ward's score most, the strongest first."""
    points = driver_points(index) if points is None else points
    pull = {name: float(values[row]) for name, values in points.items() if values[row] > 0}
    return sorted(pull, key=lambda name: (-pull[name], name))[:DRIVERS]


def level(place: float) -> str:
    """Return a percentile of residents in a word: high, typical or low."""
    return "high" if place >= HIGH else "low" if place < LOW else "typical"


def in_hundred(place: float) -> str:
    """Return a percentile in words that never claim everybody: "93%", "more than 99%"."""
    if place >= 99.5:
        return "more than 99%"
    return "less than 1%" if place < 0.5 else f"{place:.0f}%"


def amount(column: Column, value: float, phrase: str) -> str:
    """Return an indicator's value in words: "34% of residents are income deprived".

    Without a phrase, as a reader's own measure is, its name is quoted: "“Learners”: 34".
    """
    if not phrase:
        return f"“{column.label}”: {shown(column, value)}"
    joint = " of " if column.unit == "share" else " "
    return f"{shown(column, value)}{joint}{phrase}"


def beside(base: Base, column: Column, average: float) -> str:
    """Return the base's value in brackets to stand after a ward's, or "" where it has none."""
    return "" if np.isnan(average) else f" ({base.label} {shown(column, average)})"


@dataclass(frozen=True)
class Change:
    """One indicator's change that takes a ward off a list.

    ``now`` and ``needed`` are in the column's unit. ``size`` is how many of 100 residents live
    in wards that it would have to pass, so that changes of different kinds can be compared.
    """

    column: Column
    now: float
    needed: float
    size: float
    changeable: bool


def with_value(index: Index, row: int, indicator: str, value: float) -> Index:
    """Return the index as it would be if one row's indicator had another value.

    ``value`` is turned so that higher means more need, as in ``index.peers.values``. All other
    rows keep theirs, but their percentiles move where the row passes them.
    """
    group = index.peers
    column = group.values[indicator].copy()
    column[row] = value
    changed = replace(
        group,
        values=MappingProxyType({**group.values, indicator: column}),
        percentiles=MappingProxyType(
            {**group.percentiles, indicator: population_percentile(column, group.people)}
        ),
    )
    component = group.method.indicators[indicator].component
    made = component_score(changed, component, index.weighting)
    return index_from(changed, index.weighting, {**index.components, component: made})


def changes_off(index: Index, row: int, listed: Listed) -> list[Change]:
    """Return, per indicator, a smallest change that takes a listed ward off the list.

    Each is found by scoring the whole base again with the ward's value lowered to another
    ward's, so it holds exactly; the value of the next ward above would not do. Indicators that
    cannot do it alone are left out. The smallest change comes first. Empty where the ward is not
    on the list.
    """
    if not listed(index)[row]:
        return []
    inner = dict(index.weighting.inner)
    found = []
    for component in index.weighting.weight:
        for indicator in index.peers.method.indicators_of(component):
            if inner[indicator.key] > 0:
                change = _change_off(index, row, indicator.key, listed)
                found += [change] if change else []
    return sorted(found, key=lambda change: (change.size, change.column.name))


def _change_off(index: Index, row: int, indicator: str, listed: Listed) -> Change | None:
    values = index.peers.values[indicator]
    there = np.flatnonzero(~np.isnan(values) & (values < values[row]))
    lower, where = np.unique(values[there], return_index=True)
    if not len(lower):
        return None

    def leaves(step: int) -> bool:
        return not listed(with_value(index, row, indicator, float(lower[step])))[row]

    if not leaves(0):
        return None
    last = _last_that_leaves(
        leaves, len(lower), _guess(index, row, indicator, there[where], listed)
    )
    places = index.peers.percentiles[indicator]
    sign = -1.0 if index.peers.method.column(indicator).need == "less" else 1.0
    return Change(
        column=index.peers.method.column(indicator),
        now=sign * float(values[row]),
        needed=sign * float(lower[last]),
        size=float(places[row] - places[there[where[last]]]),
        changeable=index.peers.method.indicators[indicator].changeable,
    )


def _last_that_leaves(leaves: Callable[[int], bool], count: int, guess: int) -> int:
    """Return a step of ``count`` that takes the ward off, where the next one does not.

    The first step does; later ones change less. A ward that passes others can let them overtake
    one another, so now and then a smaller change, further on, would do as well: what is returned
    always holds. From a good guess a few trials suffice; from a bad one the search widens by
    doubling.
    """
    off, on, stride = 0, count, 1
    step = guess
    while on - off > 1:
        step = min(max(step, off + 1), on - 1)
        if leaves(step):
            off, step = step, min(step + stride, (step + on) // 2)
        else:
            on, step = step, max(step - stride, (off + step) // 2)
        stride *= 2
    return off


def _guess(index: Index, row: int, indicator: str, rows: Integers, listed: Listed) -> int:
    """Return about which step leaves the list, all other wards' percentiles held as they are."""
    group, weighting = index.peers, index.weighting
    component = group.method.indicators[indicator].component
    inner = dict(weighting.inner)
    weight = inner[indicator] / sum(inner[i.key] for i in group.method.indicators_of(component))
    scaled = group.scaled(indicator, weighting.scaling)
    mean = component_mean(group, component, weighting)
    trial = mean[row] + weight * (scaled[rows] - scaled[row])
    if weighting.scaling == "percentile":
        known = np.flatnonzero(~np.isnan(mean))
        order = known[np.argsort(mean[known], kind="stable")]
        near = np.searchsorted(mean[order], trial).clip(0, len(order) - 1)
        trial = index.components[component][order[near]]
    score = index.score[row] + weighting.weight[component] * (
        trial - index.components[component][row]
    )
    cut = index.score[listed(index)].min()
    return int(np.searchsorted(score, cut)) - 1


def off_under(indexes: Mapping[str, Index], row: int, listed: Listed) -> list[str]:
    """Return the names of the indexes (of one base) in which a ward is not on the list."""
    return [name for name, index in indexes.items() if not listed(index)[row]]


@dataclass(frozen=True)
class Firmness:
    """How often a ward was listed in the draws: with varied choices, and with any weights."""

    share: float
    any_weights: float

    @property
    def only_the_weights(self) -> bool:
        """Whether fewer than half of all possible weightings would list the ward."""
        return self.any_weights < 0.5


def why_lines(
    index: Index, row: int, base: Base, table: pd.DataFrame, averages: Mapping[str, float]
) -> list[str]:
    """Say why a ward has its place, one line for each component, the strongest first.

    ``table`` has the published figures; ``averages`` are the base's values
    (:func:`base_averages`), named beside the ward's. Empty where it has no score.
    """
    if not index.scored[row]:
        return []
    pull = component_contributions(index, row)
    lines = []
    for name in sorted(pull, key=lambda key: -pull[key]):
        place = float(population_percentile(index.components[name], index.peers.people)[row])
        lines.append(_component_line(index, row, name, place, base, table, averages))
    return lines


def _component_line(
    index: Index,
    row: int,
    component: str,
    place: float,
    base: Base,
    table: pd.DataFrame,
    averages: Mapping[str, float],
) -> str:
    method = index.peers.method
    label = method.components[component].label
    own = method.components[component].axis == "own"
    residents = "the residents of wards with a figure" if own else base.residents
    stands = (
        f"{label}: {level(place)} risk. {in_hundred(place).capitalize()} of {residents} "
        "live in wards where it is lower."
    )
    figures = [
        f"{amount(method.column(i.key), float(table[i.key].iloc[row]), i.phrase)}"
        f"{beside(base, method.column(i.key), averages[i.key])}"
        for i in method.indicators_of(component)
        if i.key in table
        and index.peers.percentiles[i.key][row] >= HIGH
        and dict(index.weighting.inner)[i.key] > 0
    ]
    return f"{stands} {'; '.join(figures)}." if figures and level(place) == "high" else stands


def what_would_take_it_off(
    changes: Sequence[Change], off: Sequence[str], tested: Firmness | None
) -> str:
    """Say how firmly a ward is listed and what would take it off, in up to three sentences.

    ``off`` are the labels of presets that do not list it.
    """
    parts = []
    if tested and not np.isnan(tested.share):
        firm = f"It is listed in {tested.share:.0%} of the tests"
        parts.append(f"{firm}, and under {tested.any_weights:.0%} of all possible weightings.")
        if tested.only_the_weights:
            parts.append("Only the chosen weights put it here: most other weights would not.")
    parts.append(_smallest_change(changes))
    if off:
        parts.append(f"It is not listed under: {', '.join(off)}.")
    return " ".join(part for part in parts if part)


def _smallest_change(changes: Sequence[Change]) -> str:
    if not changes:
        return "No change in a single indicator would take it off the list."
    smallest = changes[0]
    sentence = f"It would leave the list if {_in_words(smallest)}"
    if not smallest.changeable:
        practical = next((change for change in changes if change.changeable), None)
        tail = f", or if {_in_words(practical)}" if practical else ""
        return f"{sentence} (which no service can bring about){tail}."
    return f"{sentence}."


def _in_words(change: Change) -> str:
    column = change.column
    before, after = shown(column, change.now), shown(column, change.needed)
    if before == after and column.unit == "share":
        before, after = f"{change.now:.2%}", f"{change.needed:.2%}"
    label = column.label[0].lower() + column.label[1:]
    if column.credit:
        label = f"figure of “{column.label}”"
    verb = "rose" if column.need == "less" else "fell"
    return f"the {label.removeprefix('the ')} {verb} from {before} to {after}"
