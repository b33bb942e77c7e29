"""What a browser needs to score all wards by weights while a reader moves these."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import Floats

# Classes that hold equal numbers: the ones that the browser can cut while weights move.
CUTS = ("population fifths", "quantiles")


@dataclass(frozen=True)
class LiveWeights:
    """The weights of a score, and where the browser finds the parts that they weigh.

    ``parts`` is the address of :func:`packed_parts` as the map's frame sees it; ``weights`` have
    each part's name and its weight from 0 to 100, in the order of the parts. Classes are cut from
    the wards of ``base`` (all of them: ``None``) by ``breaks``, one of :data:`CUTS`.
    """

    parts: str
    weights: Sequence[tuple[str, int]]
    breaks: str
    base: Sequence[str] | None = None


def packed_parts(
    order: Sequence[str],
    codes: npt.NDArray[np.object_],
    parts: Mapping[str, Floats],
    people: Floats,
) -> bytes:
    """Return every ward's parts (0 to 65,535) and residents, in the geometry's ``order`` of codes.

    ``codes`` are those of the rows of ``parts`` and ``people``. Gzipped JSON, the same bytes for
    the same numbers; -1 stands for what is not known.
    """

    def column(numbers: Floats) -> list[int]:
        placed = pd.Series(numbers, index=pd.Index(codes)).reindex(pd.Index(order))
        return np.nan_to_num(placed.to_numpy(dtype=float), nan=-1).astype(int).tolist()

    content = {
        "parts": [column(numbers) for numbers in parts.values()],
        "people": column(people),
    }
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode(), mtime=0)
