"""What is worked out once for each snapshot and shared by all visits that look at it."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar
from weakref import WeakKeyDictionary

from views.session.snapshot import Atlas, atlas

Made = TypeVar("Made")


def per_snapshot(make: Callable[[Atlas], Made]) -> Callable[[], Made]:
    """Return a function that gives what ``make`` makes of this visit's snapshot, made once.

    It is kept for as long as a visit looks at the snapshot: a new version does not turn out what
    visits to the old one still use. Others wait while it is made.
    """
    lock = Lock()
    kept: WeakKeyDictionary[Atlas, Made] = WeakKeyDictionary()

    @wraps(make)
    def of_this_visit() -> Made:
        shared = atlas()
        with lock:
            if shared not in kept:
                kept[shared] = make(shared)
            return kept[shared]

    return of_this_visit
