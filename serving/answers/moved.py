"""Older addresses of pages: whoever follows one is sent on, with all that it says."""

from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from atlas.places.site_map import now_at


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
