"""The Atlas as an ASGI application: ``python serve.py``, or ``uvicorn serve:app``.

The same app as ``streamlit run app.py``, with what a public server needs around it (package
``serving``, settings in ``serving.toml``, explained in ``docs/operating.md``).
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Annotated, Any, TypeVar

import streamlit as st
import streamlit.logger
import typer
import uvicorn
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp
from streamlit.file_util import get_static_dir
from streamlit.runtime.pages_manager import PagesManager
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from atlas.commands.command import program
from atlas.snapshot.snapshot import SnapshotError
from atlas.turns import BusyError
from serving import log as logs
from serving import ready
from serving.answers import datastore, plain_pages
from serving.answers.first_visit import FirstVisit, first_parts, shell
from serving.answers.pages import HANDLERS, Moved, security_routes
from serving.connections import Bounded, most_connections
from serving.guard import Guard
from serving.headers import Headers, script_hashes
from serving.settings import Settings, settings
from serving.sign_in import SignedIn
from serving.uploads import Doors
from views.cached import briefings, ward_sheets
from views.session import page_url

ROOT = Path(__file__).resolve().parent

# A folder called `pages` makes Streamlit expect its older layout until app.py has run once: the
# first visitor of a deep link would be told that the page does not exist. app.py is the site map.
PagesManager.uses_pages_directory = False


def _without_handler(logger: logging.Logger) -> None:
    logger.propagate = True


# Streamlit gives each of its loggers a handler, also those made late: their lines would stand
# beside the log, with the words of exceptions in them.
streamlit.logger.setup_formatter = _without_handler

log = logging.getLogger("atlas")
T = TypeVar("T")
# Files that wait to be made. A second or two each, in the three minutes that a browser waits.
_MOST_WAITING = 60


def apologise(readiness: ready.Readiness, _error: Exception) -> bool:
    """Count a failure, which Streamlit logs, and tell the visitor what to do, without its text."""
    readiness.page_failures += 1
    page_url.forget_params()
    st.error(
        "This page could not be shown. Nothing you entered has left this site. "
        "Reload the page; if it happens again, start again from the first page."
    )
    return True


class Files(ThreadPoolExecutor):
    """Makes files when they are asked for: one after the other, and pages go on beside.

    Refuses one for which a browser would not wait.
    """

    def __init__(self) -> None:
        super().__init__(1, "files")

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Take one more piece of work. Raises :class:`atlas.turns.BusyError`."""
        if self._work_queue.qsize() >= _MOST_WAITING:
            raise BusyError("too many files are waited for")
        return super().submit(fn, *args, **kwargs)


@asynccontextmanager
async def _started(level: str) -> AsyncIterator[None]:
    logs.set_up(level)
    asyncio.get_running_loop().set_default_executor(Files())
    Thread(target=_warm, daemon=True).start()
    yield


def _warm() -> None:
    """Work out beforehand what every briefing needs; without data the pages say so themselves."""
    try:
        briefings.warm()
    except SnapshotError as error:
        log.error("nothing to make ready: %s", error)


def built(chosen: Settings) -> ASGIApp:
    """Return the app with everything around it, outermost last in this function."""
    readiness = ready.Readiness(chosen.ready)
    routes = [
        *ready.routes(readiness),
        *datastore.routes(readiness.watched),
        *plain_pages.routes(ward_sheets.plain_pages),
        *security_routes(),
    ]
    streamlits = Path(get_static_dir())
    pages = st.App(
        ROOT / "app.py",
        lifespan=lambda _app: _started(chosen.log.level),
        routes=routes,
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(chosen.site.allowed_hosts)),
            Middleware(Doors, uploads=chosen.uploads),
            Middleware(Guard, limits=chosen.limits),
            Middleware(SignedIn, rule=chosen.sign_in),
            Middleware(Moved),
            Middleware(ready.OnlyWithData, readiness=readiness),
            Middleware(FirstVisit, folder=streamlits, others=first_parts(routes)),
        ],
        on_script_error=partial(apologise, readiness),
        exception_handlers=HANDLERS,
    )
    # Around Starlette's own error page too, so that no answer goes without headers or log line.
    page = shell((streamlits / "index.html").read_text(encoding="utf-8"), "Start")
    served: ASGIApp = logs.RequestLog(
        Headers(pages, chosen.site, script_hashes(page), chosen.map.origin)
    )
    if chosen.site.trusted_proxies:
        served = ProxyHeadersMiddleware(served, list(chosen.site.trusted_proxies))  # type: ignore[arg-type,assignment]
    return served


app = built(settings())


class _Server(uvicorn.Server):
    """Says where the pages are once they are there, or that they cannot be."""

    async def startup(self, sockets: list[socket] | None = None) -> None:
        host = self.config.host.replace("127.0.0.1", "localhost")
        try:
            await super().startup(sockets)
        except SystemExit:
            print(
                f"Nothing can be served on {host}:{self.config.port}; another program may be "
                "using it. Choose another number with --port.",
                file=sys.stderr,
            )
            raise
        print(f"The Atlas is on http://{host}:{self.config.port}. Stop it with Ctrl+C.", flush=True)


def main(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port")] = 8501,
) -> None:
    """Serve the Digital Inclusion Atlas on one address until interrupted."""
    chosen = settings()
    logs.set_up(chosen.log.level)
    Bounded.most = most_connections(chosen.limits.sockets)
    config = uvicorn.Config(
        app,
        http=Bounded,
        backlog=128,  # as many are taken in at a time, before the oldest can go
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # done in `built`, from [site] trusted_proxies
        ws_max_size=chosen.limits.message_bytes,
        timeout_graceful_shutdown=10,
    )
    with suppress(KeyboardInterrupt):
        _Server(config).run()


if __name__ == "__main__":
    served = program("Serve the Digital Inclusion Atlas.")
    served.command()(main)
    served()
