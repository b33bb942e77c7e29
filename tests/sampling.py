"""Which cases of a long list the fast suite keeps."""

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """Return all cases as parameters: the first of every few is fast, the others are slow.

    The full suite runs them all.
    """
    slow = pytest.mark.slow
    return [
        pytest.param(*each.values, id=each.id, marks=[*each.marks, slow])
        if number % every
        else each
        for number, each in enumerate(map(_parameter, cases))
    ]


def _parameter(case: Any) -> Any:
    return case if hasattr(case, "marks") else pytest.param(case)
