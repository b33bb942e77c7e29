"""Results that all visits share: the newest are kept, and each is made once at a time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import streamlit as st

from views.session.snapshot import Atlas, atlas

Asked = TypeVar("Asked", bound=Hashable)
Result = TypeVar("Result")


def kept_in_visit(name: str, of: tuple[object, ...], make: Callable[[], Result]) -> Result:
    """Return what this visit alone keeps under a name; made anew where it is ``of`` others."""
    held = st.session_state.get(name)
    if held is None or held[0] != of:
        held = st.session_state[name] = (of, make())
    return held[1]


class Kept(Generic[Asked, Result]):
    """The newest ``most`` results by data version and what was asked, never changed."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held: OrderedDict[tuple[str, Asked], Result] = OrderedDict()
        self._lock = Lock()
        self._making: WeakValueDictionary[tuple[str, Asked], Lock] = WeakValueDictionary()

    def get(self, asked: Asked) -> Result | None:
        """Return what is kept of this visit's snapshot, None where nothing is."""
        key = (atlas().snapshot.version, asked)
        with self._lock:
            if key in self.held:
                self.held.move_to_end(key)
            return self.held.get(key)

    def put(self, asked: Asked, made: Result) -> Result:
        """Keep a result and return it."""
        with self._lock:
            self.held[(atlas().snapshot.version, asked)] = made
            while len(self.held) > self.most:
                self.held.popitem(last=False)
        return made

    def get_or_make(self, asked: Asked, make: Callable[[], Result]) -> Result:
        """Return what is kept, or what is made and kept now.

        Who asks for the same meanwhile waits for it. What ``make`` raises is for who made.
        """
        with self._lock:
            key = (atlas().snapshot.version, asked)
            making = self._making.get(key) or Lock()
            self._making[key] = making
        with making:
            found = self.get(asked)
            return self.put(asked, make()) if found is None else found


def per_snapshot(make: Callable[[Atlas], Result]) -> Callable[[], Result]:
    """Return a function that gives what ``make`` makes of this visit's snapshot, made once.

    It is kept for as long as a visit looks at the snapshot: a new version does not turn out what
    visits to the old one still use. Others wait while it is made.
    """
    lock = Lock()
    kept: WeakKeyDictionary[Atlas, Result] = WeakKeyDictionary()

    @wraps(make)
    def of_this_visit() -> Result:
        shared = atlas()
        with lock:
            if shared not in kept:
                kept[shared] = make(shared)
            return kept[shared]

    return of_this_visit
