"""Why a ward is on a list, and what would take it off: contributions, changes, sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Bools, Floats
from atlas.catalogue.columns import Column, shown
from atlas.places.area_figures import figure
from atlas.places.comparison_base import Base
from atlas.risk.index import (
    WHOLE,
    Index,
    component_mean,
    component_score,
    exponential,
    index_from,
    population_percentile,
    transformed,
)
from atlas.risk.method import RANKED, Method, declared_method

# A component or indicator is called high or low beyond these shares of residents.
HIGH, LOW = 60.0, 40.0
DRIVERS = 3
# A number that is said of a change may have so many decimals more than a table shows.
EXTRA_DECIMALS = 2
# Shares below this are shown with a decimal.
LITTLE = 0.0995
# What floats may lack of a whole step, and by how much a number read back may be off.
ROUNDING, HAIR = 1e-6, 1e-12

Listed = Callable[[Index], Bools]
Integers = npt.NDArray[np.intp]


def highest(share: float) -> Listed:
    """Return the rule "in the base's highest-risk ``share`` of residents"."""
    return lambda index: index.in_highest(share)


def base_averages(
    table: pd.DataFrame, inside: Bools, names: Sequence[str], method: Method | None = None
) -> dict[str, float]:
    """Return the columns' values for the base as a whole, each as it is declared to add up.

    Missing (NaN) where no ward of the base has a value, or the column is a total, which says
    nothing beside a ward's; a column that ``table`` lacks is left out.
    """
    rows, method = np.flatnonzero(inside), method or declared_method()
    return {
        column.name: figure(table, column, rows) if column.aggregate == "mean" else float("nan")
        for column in (method.column(name) for name in names if name in table)
    }


def component_contributions(index: Index, row: int) -> dict[str, float]:
    """Return how much each component moves a ward from the residents' mean, 0 to 100; empty without
    a score. They sum to the ward's weighted sum less the residents' mean one, as a share of the
    greatest sum possible.
    """
    if not index.scored[row]:
        return {}
    known = index.scored
    share = index.peers.people[known] / index.peers.people[known].sum()
    return {
        name: index.weighting.weight[name]
        * float(values[row] - (values[known] * share).sum())
        * (100 / WHOLE)
        for name, values in index.parts.items()
    }


def driver_points(index: Index) -> dict[str, Floats]:
    """Return each indicator's pull on every row's score: weight x distance from the mean.

    The points order the drivers; they sum to nothing exact, because components are ranked again.
    """
    group, weighting = index.peers, index.weighting
    points = {}
    for component, weight in weighting.weight.items():
        counted = group.method.counted(component, weighting.inner)
        for indicator, own in counted.items():
            scaled = group.scaled(indicator, weighting.scaling)
            if weighting.scaling == "exponential":
                scaled = exponential(scaled, group.method.exponential)
            known = ~(np.isnan(scaled) | np.isnan(group.people))
            if known.any():
                mean = np.average(scaled[known], weights=group.people[known])
                points[indicator] = weight * own / sum(counted.values()) * (scaled - mean)
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
    """Write a value: "34% of residents are income deprived", without a phrase "“Own”: 34"."""
    if not phrase:
        return f"“{column.label}”: {shown(column, value)}"
    joint = " of " if column.unit == "share" else " "
    return f"{shown(column, value)}{joint}{phrase}"


def driver_words(index: Index, name: str, value: float, base: Base, average: float) -> str:
    """Write a ward's value of an indicator, and in brackets the base's where it has one."""
    column = index.peers.method.column(name)
    beside = "" if np.isnan(average) else f" ({base.label} {shown(column, average)})"
    return f"{amount(column, value, index.peers.method.indicators[name].phrase)}{beside}"


@dataclass(frozen=True)
class Change:
    """One indicator's change that takes a ward off a list.

    ``now`` and ``needed`` are in the column's unit, written with ``decimals`` (of a share: of its
    percentage); ``needed`` is exactly the number written. ``size`` is how many of 100 residents
    live in wards that it would have to pass.
    """

    column: Column
    now: float
    needed: float
    decimals: int
    size: float
    changeable: bool

    def written(self, value: float) -> str:
        """Write a value of the column with this change's decimals."""
        return _written(self.column, value, self.decimals)


def with_value(index: Index, row: int, indicator: str, value: float) -> Index:
    """Return the index with another value of a row's indicator, turned as :attr:`Peers.values`."""
    group, order = index.peers, index.order
    column = group.values[indicator].copy()
    column[row] = value
    changed = group.with_values(indicator, column, order[indicator])
    component = group.method.home(indicator)
    made = component_score(changed, component, index.weighting, order[component])
    return index_from(changed, index.weighting, {**index.components, component: made}, order[""])


def changes_off(index: Index, row: int, listed: Listed) -> list[Change]:
    """Return, per indicator, a smallest change that takes a listed ward off the list.

    The whole base is scored again with the ward's value lowered to another ward's, then once more
    with the number that is said: what is returned holds as it is written. Indicators that cannot do
    it alone, or not by a number with at most two more decimals, are left out. The smallest change
    comes first. Empty where the ward is not on the list.
    """
    if not listed(index)[row]:
        return []
    tried = (
        _change_off(index, row, indicator, listed)
        for component in index.weighting.weight
        for indicator in index.peers.method.counted(component, index.weighting.inner)
    )
    return sorted(filter(None, tried), key=lambda change: (change.size, change.column.name))


def _change_off(index: Index, row: int, indicator: str, listed: Listed) -> Change | None:
    values = index.peers.values[indicator]
    there = np.flatnonzero(values < values[row])
    lower, where = np.unique(values[there], return_index=True)

    def leaves(value: float) -> bool:
        return not listed(with_value(index, row, indicator, float(value)))[row]

    if not len(lower) or not leaves(lower[0]):
        return None
    guess = _guess(index, row, indicator, there[where], listed)
    last = _last_that_leaves(lambda step: leaves(lower[step]), len(lower), guess)
    return _as_said(index, row, indicator, float(lower[last]), leaves)


def _as_said(
    index: Index, row: int, indicator: str, limit: float, leaves: Callable[[float], bool]
) -> Change | None:
    """Return the change to the first number at or below the limit that holds as it is written."""
    group = index.peers
    column, values = group.method.column(indicator), group.values[indicator]
    sign = -1.0 if column.need == "less" else 1.0
    now = float(values[row])
    for needed, decimals in _numbers_below(column, now, limit):
        said = _written(column, sign * now, decimals), _written(column, sign * needed, decimals)
        # Also a hair above it: read back, "3.7%" may be a float more than another ward's 0.037.
        # None is read back as none.
        read_back = needed == 0 or leaves(needed + HAIR)
        if said[0] != said[1] and leaves(needed) and read_back:
            below = group.people[values < needed].sum() / np.nansum(group.people)
            return Change(
                column=column,
                now=sign * now,
                needed=sign * needed,
                decimals=decimals,
                size=float(group.percentiles[indicator][row] - 100 * below),
                changeable=group.method.indicators[indicator].changeable,
            )
    return None


def _numbers_below(column: Column, now: float, limit: float) -> Iterator[tuple[float, int]]:
    """Give numbers, each with its decimals, that may be said of a limit: at it or next below."""
    # As many decimals as the value is usually shown with.
    usual = column.shown if column.unit != "share" else 1 if 0 < now < LITTLE else 0
    for decimals in range(usual, usual + EXTRA_DECIMALS + 1):
        places = decimals + (2 if column.unit == "share" else 0)
        whole = np.floor(limit * 10.0**places + ROUNDING)
        for steps in (whole, whole - 1):
            if steps < 0 <= limit:
                continue
            # The float nearest to what is written, so that reading it gives the same number.
            yield round(float(steps / 10.0**places), places), decimals
    # None at all, where numbers above it tie with another ward's.
    if limit >= 0:
        yield 0.0, usual


def _written(column: Column, value: float, decimals: int) -> str:
    if column.unit == "share":
        return f"{value:.{decimals}%}"
    return shown(replace(column, shown=decimals), value)


def _last_that_leaves(leaves: Callable[[int], bool], count: int, guess: int) -> int:
    """Return a step of ``count`` that takes the ward off, where the next one does not.

    The first step does; later ones change less. A ward that passes others can let them overtake one
    another, so now and then a smaller change, further on, would do as well: what is returned always
    holds. From a good guess a few trials suffice; from a bad one the search widens by doubling.
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
    component = group.method.home(indicator)
    counted = group.method.counted(component, weighting.inner)
    weight = counted[indicator] / sum(counted.values())
    scaled = group.scaled(indicator, weighting.scaling)
    mean = component_mean(group, component, weighting)
    trial = mean[row] + weight * (scaled[rows] - scaled[row])
    if weighting.scaling in RANKED:
        known = np.flatnonzero(~np.isnan(mean))
        order = known[np.argsort(mean[known], kind="stable")]
        near = np.searchsorted(mean[order], trial).clip(0, len(order) - 1)
        trial = index.components[component][order[near]]
    moved = transformed(trial, weighting.scaling, group.method.exponential)
    total = index.total[row] + dict(weighting.weights)[component] * (
        moved - index.parts[component][row]
    )
    cut = index.total[listed(index)].min()
    return int(np.searchsorted(total, cut)) - 1


def off_under(indexes: Mapping[str, Index], row: int, listed: Listed) -> list[str]:
    """Return the names of the indexes (of one base) in which a ward is not on the list."""
    return [name for name, index in indexes.items() if not listed(index)[row]]


def why_lines(
    index: Index, row: int, base: Base, table: pd.DataFrame, averages: Mapping[str, float]
) -> list[str]:
    """Say why a ward has its place, one line for each component, the strongest first. Empty
    where it has no score.

    ``table`` has the published figures, ``averages`` the base's (:func:`base_averages`).
    """
    if not index.scored[row]:
        return []
    group, pull, lines = index.peers, component_contributions(index, row), []
    for name in sorted(pull, key=lambda key: -pull[key]):
        part = group.method.components[name]
        place = float(population_percentile(index.components[name], group.people)[row])
        own = part.axis == "own"
        residents = "the residents of wards with a figure" if own else base.residents
        figures = [
            driver_words(index, key, float(table[key].iloc[row]), base, averages[key])
            for key in group.method.counted(name, index.weighting.inner)
            if key in table and group.percentiles[key][row] >= HIGH
        ]
        lines.append(
            f"{part.label}: {level(place)} risk. {in_hundred(place).capitalize()} of {residents} "
            "live in wards where it is lower."
            + (f" {'; '.join(figures)}." if figures and level(place) == "high" else "")
        )
    return lines


def what_would_take_it_off(
    changes: Sequence[Change],
    off: Sequence[str],
    tested: tuple[float, float] | None,
    group: str,
) -> str:
    """Say how sure a ward's place in a ``group`` ("the highest fifth") is and what would change it.

    ``off`` are the labels of presets that do not put it there; ``tested`` are the shares of tests
    and of all weightings that do, where they have been run.
    """
    parts = []
    if tested and not np.isnan(tested[0]):
        often, any_weights = map(cut_percent, tested)
        parts.append(f"It is in {group} in {often} of the tests,")
        parts.append(f"and under {any_weights} of all weightings.")
        if tested[1] < 0.5:
            parts.append("Only the chosen weights put it here: most other weights would not.")
    parts.append(_smallest_change(changes, group))
    if off:
        parts.append(f"It is not in {group} under: {', '.join(off)}.")
    return " ".join(part for part in parts if part)


def cut_percent(share: float) -> str:
    """Write a share of tests: cut, not rounded, so that 94.9% is never said to be 95%."""
    return f"{np.floor(share * 100 + ROUNDING):.0f}%"


def _smallest_change(changes: Sequence[Change], group: str) -> str:
    if not changes:
        return (
            "No change in a single indicator, in figures as they are written here, would take it "
            f"out of {group}."
        )
    sentence = f"It would leave {group} if {_in_words(changes[0])}"
    if changes[0].changeable:
        return f"{sentence}."
    practical = next((change for change in changes if change.changeable), None)
    tail = f", or if {_in_words(practical)}" if practical else ""
    return f"{sentence} (which no service can bring about){tail}."


def _in_words(change: Change) -> str:
    column = change.column
    before, after = change.written(change.now), change.written(change.needed)
    label = column.label[0].lower() + column.label[1:]
    if column.credit:
        label = f"figure of “{column.label}”"
    verb = "rose" if column.need == "less" else "fell"
    return f"the {label.removeprefix('the ')} {verb} from {before} to {after}"
