"""Divide a number of devices, or an amount of money, between wards: exact to the unit."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

EQUAL, PEOPLE, NEED = "equal", "people", "need"
RULES = {
    EQUAL: "each ward the same",
    PEOPLE: "by residents",
    NEED: "by residents in the chosen group",
}


def divide(total: int, weights: Sequence[float], codes: Sequence[str]) -> list[int]:
    """Divide ``total`` whole units in proportion to ``weights``, exactly, by largest remainders.

    Equal remainders go to the lower code first. Raises ``ValueError`` for a negative total, a
    weight that is missing or negative, or weights that are all zero with something to divide.
    """
    if total < 0 or not all(np.isfinite(w) and w >= 0 for w in weights):
        raise ValueError("a total and weights must be known and not negative")
    exact = _whole(weights)
    whole = sum(exact)
    if not whole:
        if total:
            raise ValueError("nobody to divide between")
        return [0] * len(exact)
    shares = [total * weight // whole for weight in exact]
    left = total - sum(shares)
    order = sorted(range(len(exact)), key=lambda k: (-(total * exact[k] % whole), codes[k]))
    for k in order[:left]:
        shares[k] += 1
    return shares


def _whole(weights: Sequence[float]) -> list[int]:
    """Return whole numbers in exactly the given proportion.

    With floats a remainder can be wrong in the last unit, and a unit may be a penny of somebody's.
    """
    ratios = [float(weight).as_integer_ratio() for weight in weights]
    common = max((below for _, below in ratios), default=1)
    return [above * (common // below) for above, below in ratios]


def side_by_side(
    total: int, codes: Sequence[str], residents: Sequence[float], need: Sequence[float]
) -> pd.DataFrame:
    """Return what each rule gives each ward: columns ``ward_code, equal, people, need``.

    A ward whose residents or need are missing gets nothing under that rule, shown as missing
    rather than 0; the others share the whole total.
    """
    ones = [1.0] * len(codes)
    by_rule: Mapping[str, Sequence[float]] = {EQUAL: ones, PEOPLE: residents, NEED: need}
    columns = {rule: _with_gaps(total, weights, codes) for rule, weights in by_rule.items()}
    return pd.DataFrame({"ward_code": list(codes), **columns})


def _with_gaps(total: int, weights: Sequence[float], codes: Sequence[str]) -> pd.Series:
    known = [k for k, weight in enumerate(weights) if not np.isnan(weight)]
    result = pd.Series([pd.NA] * len(codes), dtype="Int64")
    if sum(weights[k] for k in known) > 0:
        shares = divide(total, [weights[k] for k in known], [codes[k] for k in known])
        result.iloc[known] = shares
    return result
