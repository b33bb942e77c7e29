"""Which wards entered and left England's highest tenth and fifth with the method of today, and why.

Two things changed since version 0.1: the weights, and the transformation of components. A third
index, of the new transformation with the old weights, tells which of them moved a ward.
"""

import numpy as np
import pandas as pd

from atlas.risk.index import Index, choose, index_from, index_of
from atlas.risk.influence import weighting_of

OLD = "version_0_1"
SHARES = {"tenth": 0.1, "fifth": 0.2}
STEP = "the exponential step: a low part cancels less of a high one"
WEIGHTS = "the weights: age and health count more, home connection less"


def moved_wards(index: Index) -> pd.DataFrame:
    """Return a line for each ward and list that it entered or left, the highest risk first.

    ``index`` is the standard one of England's wards. Columns: ``ward_code``, ``score_version_0_1``,
    ``score``, the components, ``list`` (tenth or fifth), ``change`` (entered or left) and ``why``.
    """
    method = index.peers.method
    before = index_of(index.peers, weighting_of(method.presets[OLD], method))
    old_weights = choose(method.presets[OLD].weights, method=method)
    between = index_from(index.peers, old_weights, index.components)
    parts = []
    for name, share in SHARES.items():
        was, now = before.in_highest(share), index.in_highest(share)
        rows = np.flatnonzero(was != now)
        rows = rows[np.lexsort((index.peers.codes[rows].astype(str), -index.total[rows]))]
        by_step = between.in_highest(share)[rows] == now[rows]
        parts.append(
            pd.DataFrame(
                {
                    "ward_code": index.peers.codes[rows],
                    "score_version_0_1": before.cut_score[rows],
                    "score": index.cut_score[rows],
                    **{key: np.round(v[rows], 1) for key, v in index.components.items()},
                    "list": f"highest {name}",
                    "change": np.where(now[rows], "entered", "left"),
                    "why": np.where(by_step, STEP, WEIGHTS),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
