"""Pages are worked out one after the other as long as each is short.

Threads of one Python process share one interpreter: pages worked out side by side end no sooner,
and cost a quarter more for the changes between them. So each run of a page takes a turn. A run
that lasts longer than ``LONGEST`` loses its turn and goes on beside the others: a proof of many
seconds holds nobody up.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

LONGEST = 0.25


class RequestQueue:
    """Who may work: one run at a time, and beside it those that have lasted too long.

    ``longest`` is in seconds; ``clock`` tells the time and never goes back.
    """

    def __init__(
        self, longest: float = LONGEST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._longest = longest
        self._clock = clock
        self._changed = Condition()
        self._holder: object | None = None
        self._ends = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it; it ends with the block, whatever ends that."""
        mine = object()
        with self._changed:
            while self._holder is not None and (left := self._ends - self._clock()) > 0:
                self._changed.wait(left)
            self._holder, self._ends = mine, self._clock() + self._longest
        try:
            yield
        finally:
            with self._changed:
                if self._holder is mine:
                    self._holder = None
                    self._changed.notify()


_turns = RequestQueue()
turn = _turns.turn
