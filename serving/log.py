"""Logs that a machine can read and that hold nothing about a visitor.

One JSON object a line on standard error. No addresses, no query strings (a postcode may be in
one), no identifiers of sessions, and no text of exceptions (a visitor's words may be in it): of an
error, its type and where it happened.
"""

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections import Counter
from datetime import UTC, datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.rates import Allowance

log = logging.getLogger("atlas.request")

# Lines a second and a burst, for one logger and level: the log does not grow with an attack.
_LINES = 20.0, 1000.0
_USUAL = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
# The part of an address that says what was asked for, without what was said in it.
_ROUTE = re.compile(
    r"(/(?:_stcore/(?:upload_file|bidi-components)|media|component|app/static|static|datastore|ward"
    r"|area)/).*"
)
PAGE = re.compile(r"/(|[a-z][a-z_0-9]{0,39})/?")
_OTHER = re.compile(r"/(_stcore/[a-z-]{1,30}|auth/(login|logout))/?")


def route_of(path: str) -> str:
    """Return the kind of a request's address: never anything that a visitor made up."""
    if found := _ROUTE.fullmatch(path):
        return f"{found[1]}…"
    return path if PAGE.fullmatch(path) or _OTHER.fullmatch(path) else "(other)"


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, message, extra fields, and where it failed."""
        made: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            # Messages of others are kept as written in their code: their arguments may hold what
            # a visitor sent. Where asyncio puts an exception into its message, a line of its own
            # begins.
            "message": record.getMessage()
            if record.name.startswith("atlas")
            else str(record.msg).partition("\n")[0],
        }
        made |= {key: value for key, value in vars(record).items() if key not in _USUAL}
        if record.exc_info and record.exc_info[1] is not None:
            made["error"] = _failure(record.exc_info[1])
        return json.dumps(made, ensure_ascii=False, default=str)


def _failure(error: BaseException) -> list[dict[str, object]]:
    """An error and what led to it, outermost first: type and place, without text."""
    found: list[dict[str, object]] = []
    link: BaseException | None = error
    while link is not None and len(found) < 5:
        frames = traceback.extract_tb(link.__traceback__)[-8:]
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        found.append({"type": type(link).__qualname__, "where": where})
        link = link.__cause__ or link.__context__
    return found


class _Bounded(logging.Filter):
    """Lets so many lines of one kind through; the next one tells how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._allowed: dict[tuple[str, int], Allowance] = {}
        self._left_out: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a line is written."""
        kind = record.name, record.levelno
        if not self._allowed.setdefault(kind, Allowance(*_LINES)).take():
            self._left_out[kind] += 1
            return False
        if left_out := self._left_out.pop(kind, 0):
            record.left_out = left_out
        return True


def set_up(level: str) -> None:
    """Send every logger of the process to standard error as JSON lines.

    Loggers that keep handlers of their own (Streamlit's, uvicorn's) lose them; Streamlit sets
    them when it starts, so this must be called again after that.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(_Bounded())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in [*logging.root.manager.loggerDict, "streamlit", "uvicorn"]:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
        if not name.startswith("atlas"):
            logger.setLevel(max(logging.WARNING, root.level))
    threading.excepthook = lambda ended: logging.getLogger("atlas").error(
        "thread failed", exc_info=ended.exc_value
    )
    # Its lines begin with the visitor's address.
    logging.getLogger("uvicorn.access").disabled = True


class RequestLog:
    """ASGI middleware: one line for each request, and for each socket when it closes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; log its kind, status, bytes and milliseconds."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        start, status, size = time.perf_counter(), 0, 0

        async def counting(message: Message) -> None:
            nonlocal status, size
            if message["type"].endswith("response.start"):
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            size += len(message.get("body") or message.get("bytes") or b"")
            await send(message)

        try:
            await self.app(scope, receive, counting)
        finally:
            log.info(
                "request" if scope["type"] == "http" else "socket",
                extra={
                    "method": scope.get("method", "-"),
                    "route": route_of(scope["path"]),
                    "status": status,
                    "bytes": size,
                    "ms": round((time.perf_counter() - start) * 1000, 1),
                },
            )
