"""Small tables for the index: wards whose percentiles can be worked out by hand, and random ones.

`ladder(n)` has n wards of 1,000 residents each; every indicator rises from ward 1 to ward n, so
all percentiles are 0, 100/n, 200/n, ...
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from atlas.risk.method import declared_method

INDICATORS = list(declared_method().indicators)
RISK = [
    key
    for key, indicator in declared_method().indicators.items()
    if declared_method().components[indicator.component].axis == "risk"
]


def code(number: int) -> str:
    return f"E05{number:06d}"


def table(people: Sequence[float], **columns: Sequence[float | None]) -> pd.DataFrame:
    """A ward table with the given indicators; the others are missing."""
    count = len(people)
    given = {name: columns.get(name, [None] * count) for name in INDICATORS}
    frame = pd.DataFrame({name: pd.Series(values, dtype=float) for name, values in given.items()})
    return frame.assign(
        ward_code=[code(n + 1) for n in range(count)],
        ward_name=[f"Ward {n + 1}" for n in range(count)],
        population=np.asarray(people, dtype=float),
        households=np.asarray(people, dtype=float) / 2,
    )


def ladder(count: int) -> pd.DataFrame:
    rising = [(n + 1) / (count + 1) for n in range(count)]
    return table([1000.0] * count, **dict.fromkeys(INDICATORS, rising))


def full(people: Sequence[float], rows: Sequence[Sequence[float]]) -> pd.DataFrame:
    """A ward table from one list of indicator values for each ward."""
    return table(people, **{name: [r[k] for r in rows] for k, name in enumerate(INDICATORS)})


@st.composite
def tables(draw: st.DrawFn, least: int = 2, most: int = 12, gaps: bool = False) -> pd.DataFrame:
    """Random wards: whole residents, rates in hundredths (so that ties happen), maybe gaps."""
    count = draw(st.integers(least, most))
    people = draw(st.lists(st.integers(1, 20_000), min_size=count, max_size=count))
    rate = st.integers(0, 100).map(lambda n: n / 100)
    cell = st.one_of(rate, st.none()) if gaps else rate
    row = st.lists(cell, min_size=len(INDICATORS), max_size=len(INDICATORS))
    rows = draw(st.lists(row, min_size=count, max_size=count))
    return full([float(p) for p in people], rows)


@st.composite
def weightings(draw: st.DrawFn) -> dict[str, float]:
    """Random weights of the three components of risk, at least one above zero."""
    names = declared_method().risk_components()
    numbers = draw(
        st.lists(st.integers(0, 10), min_size=3, max_size=3).filter(lambda n: sum(n) > 0)
    )
    return dict(zip(names, map(float, numbers), strict=True))
