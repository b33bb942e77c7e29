"""Two to four places side by side, and the wards that are most like a given one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.arrays import Floats
from atlas.catalogue.columns import Column
from atlas.places.area_figures import figure
from atlas.places.places import Place, Places
from atlas.risk.index import Index

LEAST, MOST = 2, 4
# In what the Office for National Statistics finds councils alike: columns of the councils' table.
RESPECTS = {
    "similar_global": "In general",
    "similar_economic": "In the economy",
    "similar_demographic": "In who lives there",
}


@dataclass(frozen=True)
class Measured:
    """One measure of several places, in their order (NaN without data), and of all ``england``."""

    column: Column
    values: tuple[float, ...]
    england: float

    @property
    def most_need(self) -> int | None:
        """The position of the place with most need, None where ties or direction forbid one."""
        known = np.array(self.values, dtype=float)
        if self.column.need == "none" or np.isnan(known).all():
            return None
        best = np.nanmax(known) if self.column.need == "more" else np.nanmin(known)
        at = np.flatnonzero(known == best)
        return int(at[0]) if len(at) == 1 and (~np.isnan(known)).sum() > 1 else None


def chosen_places(places: Places, codes: Sequence[str]) -> tuple[Place, ...]:
    """Return the known places among ``codes``, each once, at most four, in their order."""
    known = [code for code in dict.fromkeys(codes) if code in places]
    return tuple(places[code] for code in known[:MOST])


def side_by_side(
    wards: pd.DataFrame, places: Places, codes: Sequence[str], columns: Sequence[Column]
) -> list[Measured]:
    """Return each measure for each place; totals only where all places are of one kind.

    A council has more residents than a ward by nature, so its totals say nothing beside it.
    Raises ``KeyError`` for an unknown code.
    """
    kinds = {places[code].kind for code in codes}
    kept = [
        c for c in columns if c.aggregate == "mean" or (c.aggregate == "sum" and len(kinds) < 2)
    ]
    here = [places.positions(code) for code in codes]
    return [
        Measured(c, tuple(figure(wards, c, rows) for rows in here), figure(wards, c)) for c in kept
    ]


def similar_councils(
    councils: pd.DataFrame, code: str, count: int = 5
) -> dict[str, tuple[str, ...]]:
    """Return the councils most like one by respect, nearest first; empty for another place."""
    found = councils[councils["authority_code"] == code]
    return {
        words: tuple(str(found[name].iloc[0]).split()[:count])
        for name, words in RESPECTS.items()
        if len(found)
    }


@dataclass(frozen=True)
class Alike:
    """A ward that is like another. ``distance`` is the mean difference over the indicators, in
    places among 100 of England's residents (0 = the same). ``closest`` and ``furthest`` are the
    indicators on which the two differ least and most.
    """

    code: str
    distance: float
    closest: str
    furthest: str


def alike(index: Index, ward_code: str, count: int = 5, outside: Sequence[str] = ()) -> list[Alike]:
    """Return the wards most like one, nearest first; empty where it lacks an indicator.

    Only wards with all of the risk index's indicators are compared, each as the share of residents
    who live where it is lower (0 to 100), all counting the same. ``outside`` are codes to leave
    out. Equal distances go to the lower code. Raises ``KeyError`` for an unknown code.
    """
    codes = index.peers.codes
    row = {code: at for at, code in enumerate(codes)}[ward_code]
    points = indicator_places(index)
    table = np.column_stack(list(points.values()))
    if np.isnan(table[row]).any():
        return []
    apart = np.abs(table - table[row])
    distance = apart.mean(axis=1)
    left_out = np.isin(codes, [ward_code, *outside]) | np.isnan(distance)
    distance = np.where(left_out, np.inf, np.round(distance, 9))
    names = list(points)
    order = np.lexsort((codes.astype(str), distance))[:count]
    return [
        Alike(
            code=str(codes[at]),
            distance=float(distance[at]),
            closest=names[int(np.argmin(apart[at]))],
            furthest=names[int(np.argmax(apart[at]))],
        )
        for at in order
        if np.isfinite(distance[at])
    ]


def indicator_places(index: Index) -> Mapping[str, Floats]:
    """Return each indicator with weight as a percentile of residents, 0 to 100, by name."""
    return {
        key: index.peers.percentiles[key]
        for component in index.weighting.weight
        for key in index.peers.method.counted(component, index.weighting.inner)
    }
