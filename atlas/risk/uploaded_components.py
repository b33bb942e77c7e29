"""A visitor's own measures as parts of the risk index, beside the published ones.

Each own measure becomes a component with one indicator. It counts only where the reader gives it
a weight, and wards without its figure then have no score: nothing is guessed for them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column, Direction
from atlas.places.comparison_base import Base
from atlas.risk.index import Index
from atlas.risk.method import OWN_PART, Component, Indicator, Method
from atlas.risk.request import RiskRequest
from atlas.text.lists import counted
from atlas.uploads.figures import OwnMeasure

NOT_CHECKED = "brought by the reader, not published, not checked"


def part_key(measure: OwnMeasure) -> str:
    """Return the name of a measure's component, as ``own_part_3fa9c1d2``.

    Made from name and figures, so that weights in one reader's link never fall on a measure that
    another brought. The figures cannot be found from it.
    """
    told = measure.column.label.encode() + measure.values.tobytes()
    return f"{OWN_PART}{hashlib.sha256(told).hexdigest()[:8]}"


def turned(measure: OwnMeasure, need: Direction) -> OwnMeasure:
    """Return the measure with another direction: what a higher figure means."""
    return replace(measure, column=replace(measure.column, need=need))


def with_own_parts(method: Method, measures: Sequence[OwnMeasure]) -> Method:
    """Return the method with each own measure as one more component, in their order. No preset
    gives it weight. Without a direction, a higher figure is more need.
    """
    components, indicators = dict(method.components), dict(method.indicators)
    for measure in measures:
        key, column = part_key(measure), measure.column
        less = column.need == "less"
        components[key] = Component(
            key=key,
            label=column.label,
            short=column.label,
            axis="own",
            higher=f"{'lower' if less else 'higher'} figures of “{column.label}”",
            why=f"The reader’s own measure: {NOT_CHECKED}.",
        )
        indicators[column.name] = Indicator(
            key=column.name, component=key, weight=1.0, phrase="", changeable=True
        )
    return replace(
        method,
        version=f"{method.version} with the reader’s own measures",
        components=components,
        indicators=indicators,
        own=tuple(measure.column for measure in measures),
    )


def with_own_figures(
    wards: pd.DataFrame, measures: Sequence[OwnMeasure], codes: Sequence[str]
) -> pd.DataFrame:
    """Return the ward table with the measures' figures beside it; the table itself without any.

    ``codes`` are the ward codes that the figures stand for, in order; other wards have no data.
    """
    if not measures:
        return wards
    own = pd.DataFrame({each.column.name: each.values for each in measures}, index=list(codes))
    own = own.reindex(wards["ward_code"])
    return wards.assign(**{str(name): own[name].to_numpy() for name in own})


def names_own_part(asked: RiskRequest) -> bool:
    """Tell whether a reader's own measure counts in this request."""
    return any(key.startswith(OWN_PART) for key, _ in (*asked.weights, *asked.influence))


def published_only(asked: RiskRequest) -> RiskRequest:
    """Return the request without own measures, as small areas are scored by."""
    weights, influence = (
        tuple(pair for pair in pairs if not pair[0].startswith(OWN_PART))
        for pairs in (asked.weights, asked.influence)
    )
    return replace(asked, weights=weights, influence=influence)


def own_columns(index: Index) -> list[Column]:
    """Return the own measures that count in an index; none for a published one."""
    method = index.peers.method
    own = (key for key in index.weighting.weight if method.components[key].axis == "own")
    return [method.column(each.key) for key in own for each in method.indicators_of(key)]


def own_words(index: Index) -> list[str]:
    """Say of each own measure that counts: its name, weight, direction, and what it is not."""
    weight, method = index.weighting.weight, index.peers.method
    return [
        f"“{column.label}” (weight {weight[method.home(column.name)]:.1%}, "
        f"{'lower' if column.need == 'less' else 'higher'} = more risk): {NOT_CHECKED}."
        for column in own_columns(index)
    ]


def base_with_figures(base: Base, index: Index) -> Base:
    """Return the base, named by how many of its wards are scored where that is not all."""
    if not without_own_figure(index):
        return base
    return replace(base, label=covered(base.label, int(index.scored.sum())))


def covered(label: str, count: int) -> str:
    """Return the words for the ``count`` wards of an area that own figures give a score."""
    return f"the {counted(count, 'ward')} of {label} with own figures"


def without_own_figure(index: Index) -> int:
    """Return how many wards of the base lack a score for want of an own measure's figure alone."""
    own = [index.peers.method.components[key].axis == "own" for key in index.components]
    lacking = np.isnan(list(index.components.values()))
    published = lacking[~np.array(own)].any(axis=0) | np.isnan(index.peers.people)
    return int((lacking[own].any(axis=0) & ~published).sum())
