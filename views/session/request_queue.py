"""Pages are worked out one after the other as long as each is short.

Threads of one Python process share one interpreter: pages worked out side by side end no sooner,
and cost a quarter more for the changes between them. So each run of a page takes a turn, first
come, first served. A run that lasts longer than ``LONGEST`` loses its turn and goes on beside the
others: a proof of many seconds holds nobody up. Of what lasts many seconds there is one at a time,
and few may wait for it.

A browser that has just come asks twice or more in a row, and each time the run before breaks off.
The run that follows has what is left of the turn: else who came first would be served last.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition

from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

from atlas.turns import Turns

LONGEST = 0.25


class RequestQueue:
    """Who may work: one run at a time in the order of asking, and those that have lasted longer
    than ``longest`` seconds. ``clock`` tells the time and never goes back.
    """

    def __init__(
        self, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._longest = longest
        self._clock = clock
        self._changed = Condition()
        self._holder: object | None = None
        self._ends = 0.0
        self._waiting: deque[object] = deque()

    @contextmanager
    def turn(self, visit: str | None = None) -> Iterator[None]:
        """Wait for a turn and hold it; it ends with the block, whatever ends that.

        Where the block breaks off to run again, the turn is kept for the next of the same ``visit``
        until its time is over.
        """
        mine: object = visit or object()
        with self._changed:
            if self._holder != mine or self._ends <= self._clock():
                self._wait(mine)
        over = True
        try:
            yield
        except RerunException:
            over = visit is None
            raise
        finally:
            if over:
                self.leave(mine)

    def leave(self, holder: object) -> None:
        """End the turn of a visit; its run goes on beside the others."""
        with self._changed:
            if self._holder == holder:
                self._holder = None
                self._changed.notify_all()

    def _wait(self, mine: object) -> None:
        self._waiting.append(mine)
        try:
            while left := self._left(mine):
                self._changed.wait(left)
            self._holder, self._ends = mine, self._clock() + self._longest
        finally:
            self._waiting.remove(mine)
            self._changed.notify_all()

    def _left(self, mine: object) -> float:
        """Seconds until ``mine`` may have to wait no longer: 0 where it is its turn."""
        if self._waiting[0] is not mine:
            return self._longest
        return max(0.0, self._ends - self._clock()) if self._holder is not None else 0.0


_pages = RequestQueue()


def turn() -> AbstractContextManager[None]:
    """Return the turn of this run of a page."""
    context = get_script_run_ctx()
    return _pages.turn(visit=context.session_id if context else None)


def leave_turn() -> None:
    """End the turn of this run, which now waits for another process: others may work meanwhile."""
    if context := get_script_run_ctx():
        _pages.leave(context.session_id)


# The longest work takes a quarter of a minute: the last to wait does so for five.
long_turn = Turns(waiting=20).turn
WAITING = "Waiting for what another visitor asked for"
