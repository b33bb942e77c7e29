"""``/readyz``: whether this process may be sent visitors.

Streamlit's own ``/_stcore/health`` only says that its loop lives, and any unknown address answers
200 with the page; a probe must look at the body. Here the answer is JSON, and its status is 503
until every published file has the bytes that the manifest says. Where the current version is
damaged the pages show the one before it; then the answer is still yes, and says ``fallback``.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from atlas.snapshot.soundness import Watch, watch
from atlas.snapshot.versions import StoreError, read_state, store_folder
from serving.answers.pages import NO_DATA, answer
from serving.log import PAGE
from serving.settings import Ready

ADDRESS = "/readyz"
_DAY = 86_400


class Readiness:
    """Whether there is sound data to show, as ``watched`` sees it."""

    def __init__(self, ready: Ready, watched: Watch | None = None) -> None:
        self.ready = ready
        self.watched = watched or watch(ready.recheck_seconds)
        self.page_failures = 0

    def answer(self) -> tuple[int, dict[str, object]]:
        """Return the HTTP status and the body of ``/readyz``."""
        shown = self.watched.shown()
        state = shown.state
        if state.faults:
            return 503, {"ready": False, "reason": "the data is not what its manifest says"}
        days = max(0.0, self.watched.clock() - state.put_here) / _DAY
        limit = self.ready.stale_after_days
        return 200, {
            "ready": True,
            "data_version": state.version,
            "data_age_days": round(days, 1),
            "stale": bool(limit) and days > limit,
            "fallback": shown.fallback,
            "last_refresh": _last_refresh(),
            "page_failures": self.page_failures,
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

    return [Route(ADDRESS, readyz, methods=["GET", "HEAD"])]


class OnlyWithData:
    """ASGI middleware: while no version is sound, pages answer 503 with one plain page.

    Visits that have begun go on: they speak over their socket.
    """

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self.app, self.readiness = app, readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer in its place."""
        path = scope["path"] if scope["type"] == "http" else ADDRESS
        page = path != ADDRESS and PAGE.fullmatch(path)
        if page and await run_in_threadpool(lambda: self.readiness.watched.shown().state.faults):
            await answer(503, {"retry-after": "60"}, NO_DATA)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
