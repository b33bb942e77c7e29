"""Make a choice of sites smaller without changing its answer. Pure arrays.

A *cover* table has groups as rows and candidates as columns; an entry says that the candidate
serves the group. Rows carry weights: a group counts once if any chosen candidate serves it.
"""

import numpy as np
import pandas as pd
from scipy import sparse

from atlas.arrays import Floats, Ints


def layers(gains: sparse.csr_array) -> tuple[Floats, sparse.csr_array]:
    """Write a table of gains as a cover table with weights, so that both have the same totals.

    A group that gains 5 from one candidate and 3 from two becomes two rows: 3 if any of the
    three is open, 2 more if the first is. Returns ``(weights, covers)``; rows that nothing
    serves are left out.
    """
    row = np.repeat(np.arange(gains.shape[0]), np.diff(gains.indptr))
    order = np.lexsort((-gains.data, row))
    row, column, value = row[order], gains.indices[order], gains.data[order]
    if not row.size:
        return np.zeros(0), sparse.csr_array((0, gains.shape[1]))
    first = np.diff(row, prepend=-1) != 0
    fresh = first | (np.diff(value, prepend=np.nan) != 0)
    layer = np.cumsum(fresh) - 1
    starts = np.flatnonzero(fresh)
    layer_row, layer_value = row[starts], value[starts]
    same = np.append(layer_row[1:] == layer_row[:-1], False)
    weights = layer_value - np.where(same, np.append(layer_value[1:], 0.0), 0.0)
    # An entry of the n-th highest value serves that layer and all lower ones of its group.
    last = np.flatnonzero(np.append(np.diff(layer_row) != 0, True))
    end = last[np.searchsorted(layer_row[last], row)]
    times = end - layer + 1
    into = np.repeat(layer, times) + _counted(times)
    covers = sparse.csr_array(
        (np.ones(into.size), (into, np.repeat(column, times))),
        shape=(starts.size, gains.shape[1]),
    )
    return weights, covers


def _counted(times: Ints) -> Ints:
    """Return 0, 1, ... up to each number of times, one after the other."""
    return np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)


def undominated(covers: sparse.csr_array) -> Ints:
    """Return the candidates that are worth a look, ascending.

    Left out are those that serve nobody, and those whose groups another candidate serves too
    (of candidates that serve the same groups the first stays).
    """
    size = np.asarray(covers.sum(axis=0)).ravel()
    overlap = sparse.coo_array(covers.T @ covers)
    one, other = overlap.coords
    inside = (overlap.data == size[one]) & (one != other)
    beaten = inside & ((size[other] > size[one]) | (other < one))
    keep = size > 0
    keep[one[beaten]] = False
    return np.flatnonzero(keep)


def merged(weights: Floats, covers: sparse.csr_array) -> tuple[Floats, sparse.csr_array]:
    """Put groups that the same candidates serve into one, weights summed; none serves: left out."""
    covers.sort_indices()
    kept = np.flatnonzero(np.diff(covers.indptr))
    served_by = [covers.indices[covers.indptr[n] : covers.indptr[n + 1]].tobytes() for n in kept]
    into, _ = pd.factorize(np.array(served_by, dtype=object))
    first = kept[~pd.Series(into).duplicated()]
    return np.bincount(into, weights[kept]).astype(float), covers[first]
