"""``/readyz``: whether this process may be sent visitors.

Streamlit's own ``/_stcore/health`` only says that its loop lives, and any unknown address answers
200 with the page; a probe must look at the body. Here the answer is JSON, and its status is 503
until every published file has the bytes that the manifest says.
"""

import hashlib
import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from serving.rates import Clock
from serving.settings import Ready
from wards.snapshot import DATA, MANIFEST

log = logging.getLogger("atlas.ready")
_DAY = 86_400


@dataclass(frozen=True)
class State:
    """What a verification found. ``faults`` name files and are for the log, not for visitors."""

    version: str
    faults: tuple[str, ...]
    put_here: float


def verified(folder: Path) -> State:
    """Hash every file that the manifest lists.

    ``put_here`` is when the manifest was written to this disk (seconds since 1970).
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
        put_here = (folder / MANIFEST).stat().st_mtime
        expected = {name: said["sha256"] for name, said in json.loads(manifest)["outputs"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return State("", (f"{MANIFEST} cannot be read",), 0.0)
    faults = [name for name, sha256 in expected.items() if _sha256(folder / name) != sha256]
    return State(hashlib.sha256(manifest).hexdigest()[:8], tuple(faults), put_here)


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


class Readiness:
    """The state of one data folder, verified anew when a file changes or time has passed."""

    def __init__(self, ready: Ready, folder: Path = DATA, clock: Clock = time.time) -> None:
        self.ready, self.folder, self._clock = ready, folder, clock
        self._seen: tuple[object, ...] = ()
        self._state = State("", ("not verified yet",), 0.0)
        self._at = float("-inf")

    def state(self) -> State:
        """Return the state; cheap where nothing has changed since the last look."""
        seen, now = self._signature(), self._clock()
        if seen != self._seen or now - self._at >= self.ready.recheck_seconds:
            self._state, self._seen, self._at = verified(self.folder), seen, now
            if self._state.faults:
                log.error("data not as published", extra={"faults": list(self._state.faults[:20])})
        return self._state

    def _signature(self) -> tuple[object, ...]:
        try:
            found = sorted(self.folder.rglob("*"))
            looks = [(path.name, path.stat()) for path in found]
        except OSError:
            return ()
        return tuple((name, look.st_mtime_ns, look.st_size, look.st_ino) for name, look in looks)

    def answer(self) -> tuple[int, dict[str, object]]:
        """Return the HTTP status and the body of ``/readyz``."""
        state = self.state()
        if state.faults:
            return 503, {"ready": False, "reason": "the data is not what its manifest says"}
        days = (self._clock() - state.put_here) / _DAY
        limit = self.ready.stale_after_days
        return 200, {
            "ready": True,
            "data_version": state.version,
            "data_age_days": round(days, 1),
            "stale": bool(limit) and days > limit,
        }


def routes(readiness: Readiness) -> list[BaseRoute]:
    """Return the route of ``/readyz``, for ``st.App(routes=...)``."""

    async def readyz(_request: Request) -> Response:
        status, body = await run_in_threadpool(readiness.answer)
        return JSONResponse(body, status, headers={"cache-control": "no-store"})

    return [Route("/readyz", readyz, methods=["GET", "HEAD"])]
