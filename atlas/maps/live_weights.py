"""What a browser needs to colour all wards itself: by weights that a reader moves, or by another
measure, before the server's answer is there.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Floats
from atlas.catalogue.columns import Column

# Classes that hold equal numbers: the ones that the browser can cut while weights move.
CUTS = ("population fifths", "quantiles")


@dataclass(frozen=True)
class Live:
    """How the browser classes wards, and where it finds the parts of a score or the measures.

    ``parts`` is the address of :func:`packed_parts` or :func:`packed_measures` as the map's frame
    sees it. Classes are cut from the wards of ``base`` (all of them: ``None``) by ``breaks``, one
    of :data:`CUTS`. ``weights`` have each part's name and its weight from 0 to 100, in the order
    of the parts; measures have none.
    """

    parts: str
    breaks: str
    base: Sequence[str] | None = None
    weights: Sequence[tuple[str, int]] = ()


def packed_parts(
    order: Sequence[str],
    codes: npt.NDArray[np.object_],
    parts: Mapping[str, Floats],
    people: Floats,
    about: Sequence[Sequence[str | bool]] = (),
) -> bytes:
    """Return every ward's parts (0 to 65,535) and residents, in the geometry's ``order`` of codes.

    ``codes`` are those of the rows of ``parts`` and ``people``; ``about`` says what each part is.
    Gzipped JSON, the same bytes for the same numbers; -1 stands for what is not known.
    """

    def column(numbers: Floats) -> list[int]:
        placed = pd.Series(numbers, index=pd.Index(codes)).reindex(pd.Index(order))
        return np.nan_to_num(placed.to_numpy(dtype=float), nan=-1).astype(int).tolist()

    content: dict[str, object] = {"about": about} if about else {}
    content |= {"parts": list(map(column, parts.values())), "people": column(people)}
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)


def packed_measures(
    order: Sequence[str], wards: pd.DataFrame, measures: Mapping[str, Column]
) -> bytes:
    """Return the rank of every ward by each measure (from 0; equal ones are equal), as above.

    ``wards`` is the ward table; ``measures`` are its columns under the words of their choice.
    """
    ranks: dict[str, Floats] = {
        words: np.asarray(wards[each.name].astype(float).rank(method="dense"), dtype=np.float64) - 1
        for words, each in measures.items()
    }
    about = [
        (words, each.short, each.direction_in_words, each.need == "less")
        for words, each in measures.items()
    ]
    codes, people = wards["ward_code"].to_numpy(dtype=object), wards["population"].to_numpy()
    return packed_parts(order, codes, ranks, people, about)
