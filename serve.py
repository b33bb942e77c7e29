"""The Atlas as an ASGI application: ``python serve.py``, or ``uvicorn serve:app``.

The same app as ``streamlit run app.py``, with what a public server needs around it: files whose
name carries the hash of their content are cached for ever by browsers, and a page that fails
says so in plain words while the details go to the log.
"""

import argparse
import logging
import re
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

ROOT = Path(__file__).resolve().parent
_HASHED_NAME = re.compile(r"-[0-9a-f]{12}\.json\.gz$")
_HASHED_QUERY = re.compile(rb"(^|&)v=[0-9a-f]{12}(&|$)")
_FOR_EVER = (b"cache-control", b"public, max-age=31536000, immutable")

# A folder called `pages` makes Streamlit expect its older layout until app.py has run once: the
# first visitor of a deep link would be told that the page does not exist. app.py is the site map.
PagesManager.uses_pages_directory = False

log = logging.getLogger("atlas")


class CacheHashedFiles:
    """Tell browsers to keep files addressed by their content; such an address never changes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; add the header to a good answer for a hashed address."""
        if scope["type"] != "http" or not _is_hashed(scope):
            await self.app(scope, receive, send)
            return

        async def send_with_header(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = [pair for pair in message["headers"] if pair[0] != _FOR_EVER[0]]
                message = {**message, "headers": [*headers, _FOR_EVER]}
            await send(message)

        await self.app(scope, receive, send_with_header)


def _is_hashed(scope: Scope) -> bool:
    named = _HASHED_NAME.search(scope["path"]) is not None
    return named or _HASHED_QUERY.search(scope.get("query_string", b"")) is not None


def apologise(error: Exception) -> bool:
    """Log what went wrong and tell the visitor what to do, without any of its text."""
    log.error("page failed", exc_info=error)
    st.error(
        "This page could not be shown. Nothing you entered has left this site. "
        "Reload the page; if it happens again, start from the ward map."
    )
    return True


app = st.App(ROOT / "app.py", middleware=[Middleware(CacheHashedFiles)], on_script_error=apologise)


def main() -> None:
    """Serve on one address until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the Digital Inclusion Atlas.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8501, help="port (8501)")
    options = parser.parse_args()
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
