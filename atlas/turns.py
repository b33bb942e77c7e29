"""Turns for work that many may ask for, and a rest for what failed."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

# Seconds between two times that who waits is told so.
_TELL_EVERY = 0.2
# Seconds until what failed is tried again: twice as long each time.
_FIRST_PAUSE, _LONGEST_PAUSE = 60, 3600
_MOST_REMEMBERED = 256


class BusyError(Exception):
    """Too many wait already, or no turn came in time: it may be asked for again later."""


class Turns:
    """Turns of ``at_once`` at a time, in the order of asking.

    At most ``waiting`` wait, and none of them longer than ``seconds``.
    """

    def __init__(
        self, at_once: int = 1, waiting: float = math.inf, seconds: float = math.inf
    ) -> None:
        self._free, self._most, self._seconds = at_once, waiting, seconds
        self._changed = Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def turn(self, told: Callable[[], object] = lambda: None) -> Iterator[None]:
        """Wait for a turn and hold it; it ends with the block, whatever ends that.

        Who waits is ``told`` so now and then; what that raises ends it. Raises :class:`BusyError`.
        """
        with self._changed:
            self._wait(object(), told)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _wait(self, mine: object, told: Callable[[], object]) -> None:
        if len(self._queue) >= self._most:
            raise BusyError("too many wait")
        until = time.monotonic() + self._seconds
        self._queue.append(mine)
        try:
            while not self._free or self._queue[0] is not mine:
                left = until - time.monotonic()
                if left <= 0:
                    raise BusyError("no turn came in time")
                self._changed.wait(min(left, _TELL_EVERY))
                told()
            self._free -= 1
        finally:
            self._queue.remove(mine)
            self._changed.notify_all()


class Failures:
    """What failed lately, and until when each rests before it may be tried again."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()

    def resting(self, what: Hashable) -> bool:
        """Say whether something failed so lately that it is not to be tried at the moment."""
        return self._held.get(what, (0, 0.0))[1] > time.monotonic()

    def add(self, what: Hashable) -> dict[str, int]:
        """Note a failure; return how often it failed in a row and for how many seconds it rests."""
        times = self._held.pop(what, (0, 0.0))[0] + 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(times - 1, 10))
        self._held[what] = times, time.monotonic() + pause
        while len(self._held) > _MOST_REMEMBERED:
            self._held.popitem(last=False)
        return {"times": times, "pause": pause}

    def forget(self, what: Hashable) -> None:
        """Forget the failures of something that has been done now."""
        self._held.pop(what, None)
