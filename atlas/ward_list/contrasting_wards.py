"""Pick contrasting wards from a list: unlike each other in why they are at risk."""

from collections.abc import Mapping, Sequence

import numpy as np

from atlas.arrays import Floats


def contrasting(
    components: Mapping[str, Floats], codes: Sequence[str], rows: Sequence[int], count: int
) -> list[int]:
    """Return ``count`` of the given rows, or all, chosen to differ in their component scores.

    The first stays, then each next is the row furthest from all that are chosen; of equal ones that
    of the lower code.
    """
    if count <= 0 or not len(rows):
        return []
    points = np.column_stack([np.nan_to_num(values[list(rows)]) for values in components.values()])
    chosen = [0]
    nearest = np.linalg.norm(points - points[0], axis=1)
    while len(chosen) < min(count, len(rows)):
        left = [k for k in range(len(rows)) if k not in chosen]
        furthest = min(left, key=lambda k: (-round(float(nearest[k]), 6), codes[rows[k]]))
        chosen.append(furthest)
        nearest = np.minimum(nearest, np.linalg.norm(points - points[furthest], axis=1))
    return [rows[k] for k in chosen]
