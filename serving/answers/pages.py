"""What is answered in place of the app: refusals in plain words, what is known, what moved."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from starlette.datastructures import URL, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from atlas.places.site_map import now_at
from serving.settings import contact

_SAID = {
    400: ("That request could not be read", "Check the address, or start from the first page."),
    403: ("This is not open to visitors", "Start from the first page."),
    404: ("There is nothing at this address", "Check the address, or start from the first page."),
    405: ("That cannot be done here", "Start from the first page."),
    411: ("The upload did not say how large it is", "Try again with another browser."),
    413: (
        "That is more than can be taken in",
        "Remove a file that you uploaded before, or choose a smaller one.",
    ),
    416: ("That part of the file does not exist", "Download the whole file."),
    429: ("That was too much at once", "Please try again in some seconds."),
    500: ("Something went wrong on this server", "Try again; if it happens again, wait a minute."),
    503: ("The Atlas is busy", "Please try again in a minute."),
}
NO_DATA = ("The Atlas has no data to show", "Please try again later.")
_OTHERWISE = ("That did not work", "Start from the first page.")


def answer(
    status: int, headers: Mapping[str, str] | None = None, said: tuple[str, str] | None = None
) -> Response:
    """Return a small HTML page for an HTTP status. It holds no text from the request.

    ``said`` are a title and an advice, by default those for the status.
    """
    title, advice = (escape(text) for text in said or _SAID.get(status, _OTHERWISE))
    body = (
        "<!doctype html><html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{title} · Digital Inclusion Atlas</title></head>"
        "<body style='font-family:sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;"
        "color:#1A1F26;line-height:1.5'>"
        f"<main><h1>{title}</h1><p>{advice}</p>"
        "<p><a href='/' style='color:#12436D'>Open the first page</a></p></main></body></html>\n"
    )
    return HTMLResponse(body, status_code=status, headers=dict(headers or {}))


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Answer a refused request with its plain page (a Starlette exception handler)."""
    assert isinstance(error, HTTPException)  # noqa: S101 - the type it is registered for
    return answer(error.status_code, error.headers)


async def on_failure(_request: Request, _error: Exception) -> Response:
    """Answer a request that failed with the plain page for it (a Starlette exception handler)."""
    return answer(500)


HANDLERS: dict[Any, Any] = {HTTPException: on_http_error, Exception: on_failure}
"""For ``st.App(exception_handlers=...)``."""


def security_routes() -> list[BaseRoute]:
    """Return the route that tells whom to write to of a weakness (RFC 9116)."""
    return [Route("/.well-known/security.txt", _security, methods=["GET"])]


async def _security(_request: Request) -> Response:
    who = contact()
    if not (who.email or who.page):
        return answer(404)
    until = datetime.now(UTC) + timedelta(days=180)
    where = who.page or f"mailto:{who.email}"
    return PlainTextResponse(
        f"Contact: {where}\nExpires: {until:%Y-%m-%dT00:00:00Z}\nPreferred-Languages: en\n"
    )


def unless_known(
    asked: Headers, sha256: str, headers: Mapping[str, str], send: Callable[..., Response]
) -> Response:
    """Return 304 to who has the content with this checksum, else what ``send`` gives.

    ``headers`` go with both, the tag among them (RFC 9110, 13.1.2 and 15.4.5).
    """
    tag = f'"{sha256[:32]}"'
    said = {**headers, "ETag": tag}
    known = ",".join(asked.getlist("if-none-match")).split(",")
    if {tag, "*"} & {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=said)
    return send(headers=said)


class Moved:
    """ASGI middleware: answers an older address with the new one, before any page is made."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a visitor on, or pass the request on."""
        path, there = scope.get("path", ""), None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            there = now_at(path.strip("/"), URL(scope=scope).query)
        # Relative, so that it also holds where the Atlas is served under a path of its own.
        up = "../" if path.strip("/") and path.endswith("/") else ""
        answer = self.app if there is None else RedirectResponse(f"{up}{there}", 301)
        await answer(scope, receive, send)
