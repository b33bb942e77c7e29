"""The committed snapshot and its risk index, made once for each worker: tests only ask them."""

from functools import cache

from atlas.places.places import Places
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import Snapshot, load


@cache
def snapshot() -> Snapshot:
    """The committed snapshot, as published."""
    return load()


@cache
def scorer() -> Scorer:
    """The wards as the pages see them, with the columns that are worked out."""
    derived = with_derived_columns(snapshot())
    return Scorer(derived, Places(derived.wards))
