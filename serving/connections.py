"""Connections to the server: those that only wait come to an end, and there is always room.

uvicorn closes a connection that rests between two requests, but neither one that never finishes
its request nor one that never reads its answer; a thousand of them used up all descriptors.
"""

import asyncio
import resource
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the whole of a request's headers, however slowly they come.
_HEADERS = 10.0
_WANTED_DESCRIPTORS, _OWN_DESCRIPTORS, _MOST = 8192, 200, 1000


def most_connections(sockets: int) -> int:
    """Raise the limit of descriptors as far as allowed; return how many connections then fit.

    ``sockets`` may be open besides; each connection may have a file of its own open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = _WANTED_DESCRIPTORS if hard == unlimited else min(hard, _WANTED_DESCRIPTORS)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(50, min(_MOST, (wanted - sockets - _OWN_DESCRIPTORS) // 2))


class Bounded(H11Protocol):
    """HTTP as uvicorn speaks it, with a deadline for headers and ``most`` connections at a time.

    Where one more comes, the oldest goes: whoever asks at once is answered before that.
    """

    most: ClassVar[int] = _MOST
    _held: ClassVar[dict["Bounded", None]] = {}
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection in, and let the oldest go where there are too many."""
        super().connection_made(transport)
        self._held[self] = None
        if len(self._held) > self.most:
            oldest = next(iter(self._held))
            oldest._let_go()
            oldest.transport.abort()
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came; the deadline stands until the headers are whole."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection that has ended."""
        self._let_go()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Hand a connection over to the guard, which bounds sockets by itself."""
        self._let_go()
        super().handle_websocket_upgrade(event)

    def _watch(self) -> None:
        if self not in self._held:
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_watch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(_HEADERS, self.transport.abort)

    def _stop_watch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _let_go(self) -> None:
        self._held.pop(self, None)
        self._stop_watch()
