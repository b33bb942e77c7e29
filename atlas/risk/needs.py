"""Kinds of need: which parts of risk are in the base's highest fifth of residents.

Money and skills are what people need to afford the internet and use it; age and health decide
whether they get online at all. The two hardly go together over England's wards and want different
help; home connection is a third.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from atlas.arrays import Bools, Floats
from atlas.risk.index import Index, component_score
from atlas.risk.method import Component, Method

HIGHEST = 80.0
# The name that the map has for kinds of need, among its measures.
KIND_OF_NEED = "kind_of_need"
NONE = "none in the highest fifth"


def needs_of(method: Method) -> list[Component]:
    """Return the components that are a kind of need, in declared order."""
    return [method.components[key] for key in method.risk_components()]


def need_places(index: Index) -> Mapping[str, Floats]:
    """Return each need as the share of the base's residents, 0 to 100, where it is lower."""
    ranked = replace(index.weighting, scaling="exponential")
    return {
        part.key: component_score(index.peers, part.key, ranked)
        for part in needs_of(index.peers.method)
    }


@dataclass(frozen=True)
class Needs:
    """Which needs are high in each row of an index, by component in declared order."""

    method: Method
    high: Mapping[str, Bools]
    known: Bools

    def keys(self, row: int) -> list[str]:
        """Return the components that are high in a row."""
        return [key for key, there in self.high.items() if there[row]]

    def words(self, row: int) -> str:
        """Say a row's kind of need: "age and health; home connection"; "" without data."""
        if not self.known[row]:
            return ""
        labels = [self.method.components[key].label.lower() for key in self.keys(row)]
        return "; ".join(labels) or NONE

    def sentences(self, row: int) -> list[str]:
        """Say of each need that is high in a row what usually helps, and who says so."""
        return [
            f"{part.label}: among the fifth of England with most need. What usually helps: "
            f"{part.helps} ({part.source})."
            for part in (self.method.components[key] for key in self.keys(row))
        ]

    @property
    def kinds(self) -> npt.NDArray[np.intp]:
        """Each row's kind for a map: 0 to 4 as in :func:`kind_labels`, -1 without data."""
        first, second, *others = self.high.values()
        either = np.select([first & second, first, second], [2, 0, 1], 4)
        other = np.logical_or.reduce(others)
        return np.where(self.known, np.where((either == 4) & other, 3, either), -1)


def needs(index: Index) -> Needs:
    """Return the needs that are in the base's highest fifth in each row."""
    places = need_places(index)
    high = {key: values >= HIGHEST - 1e-9 for key, values in places.items()}
    known = np.logical_or.reduce([~np.isnan(values) for values in places.values()])
    return Needs(index.peers.method, high, known)


def kind_labels(method: Method) -> tuple[str, ...]:
    """Return the names of the kinds, in the order of :attr:`Needs.kinds`."""
    first, second, third = (part.label for part in needs_of(method))
    return (first, second, "Both of these", f"{third} alone", "None in the highest fifth")
