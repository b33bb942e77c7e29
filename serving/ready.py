"""``/readyz``: whether this process may be sent visitors.

Streamlit's own ``/_stcore/health`` only says that its loop lives, and any unknown address answers
200 with the page; a probe must look at the body. Here the answer is JSON, and its status is 503
until every published file has the bytes that the manifest says. Where the current version is
damaged the pages show the one before it; then the answer is still yes, and says ``fallback``.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from atlas.snapshot.snapshot import MANIFEST
from atlas.snapshot.versions import StoreError, candidates, read_state, store_folder
from serving.rates import Clock
from serving.settings import Ready

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


class _Watched:
    """One data folder, verified anew when a file changes or time has passed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: tuple[object, ...] = ()
        self.state = State("", ("not verified yet",), 0.0)
        self.at = float("-inf")

    def look(self, now: float, recheck_seconds: float) -> State:
        seen = self._signature()
        if seen != self.seen or now - self.at >= recheck_seconds:
            self.state, self.seen, self.at = verified(self.folder), seen, now
            if self.state.faults:
                log.error("data not as published", extra={"faults": list(self.state.faults[:20])})
        return self.state

    def _signature(self) -> tuple[object, ...]:
        try:
            found = sorted(self.folder.rglob("*"))
            looks = [(path.name, path.stat()) for path in found]
        except OSError:
            return ()
        return tuple((name, look.st_mtime_ns, look.st_size, look.st_ino) for name, look in looks)


def folders_in_use() -> list[Path]:
    """Return the folders that pages would open, best first."""
    return candidates(store_folder())


class Readiness:
    """Whether there is sound data to show. ``folders`` gives the folders to look at, best first."""

    def __init__(
        self,
        ready: Ready,
        folders: Callable[[], list[Path]] = folders_in_use,
        clock: Clock = time.time,
    ) -> None:
        self.ready, self._folders, self._clock = ready, folders, clock
        self._watched: dict[Path, _Watched] = {}

    def state(self) -> tuple[State, bool]:
        """Return the state of the first sound folder, and whether it is not the first of all.

        Where none is sound it is the state of the first. Cheap where nothing has changed.
        """
        folders, now = self._folders(), self._clock()
        self._watched = {each: self._watched.get(each) or _Watched(each) for each in folders}
        first: State | None = None
        for folder in folders:
            state = self._watched[folder].look(now, self.ready.recheck_seconds)
            if not state.faults:
                return state, first is not None
            first = first or state
        return first or State("", ("no folder",), 0.0), False

    def answer(self) -> tuple[int, dict[str, object]]:
        """Return the HTTP status and the body of ``/readyz``."""
        state, fallback = self.state()
        if state.faults:
            return 503, {"ready": False, "reason": "the data is not what its manifest says"}
        days = (self._clock() - state.put_here) / _DAY
        limit = self.ready.stale_after_days
        return 200, {
            "ready": True,
            "data_version": state.version,
            "data_age_days": round(days, 1),
            "stale": bool(limit) and days > limit,
            "fallback": fallback,
            "last_refresh": _last_refresh(),
        }


def _last_refresh() -> str:
    try:
        last = read_state(store_folder()).last_refresh
    except StoreError:
        return "unknown"
    return "none" if last is None else "ok" if last.ok else "failed"


def routes(readiness: Readiness) -> list[BaseRoute]:
    """Return the route of ``/readyz``, for ``st.App(routes=...)``."""

    async def readyz(_request: Request) -> Response:
        status, body = await run_in_threadpool(readiness.answer)
        return JSONResponse(body, status, headers={"cache-control": "no-store"})

    return [Route("/readyz", readyz, methods=["GET", "HEAD"])]
