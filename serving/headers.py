"""Security headers on every answer, checked at the start.

A header value that a server cannot send makes every answer fail, so each is checked once before
the first request. The policy lets the browser load nothing from elsewhere and run no inline script
but those of the page itself, by their checksum. Only the map's frame may run any and ``eval``,
because streamlit-folium puts its map in that way; the frame's files have an address of their own,
so the wider policy ends there.
"""

import base64
import hashlib
import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.settings import SettingsError, Site

_MAP_FRAME = "/component/streamlit_folium.st_folium/"
# The frame that keeps a reader's work in their browser: it may be framed here, and no more.
_STORE_FRAME = "/component/views.session.browser_store.kept/"
_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_ORIGIN = re.compile(r"https?://[a-z0-9*.-]+(?::\d+)?", re.IGNORECASE)
_YEAR = 31_536_000
# Outlines, and the script of streamlit-folium's frame.
_HASHED_NAME = re.compile(r"-[0-9a-f]{12}\.json\.gz$|/main\.[0-9a-f]{8}\.js$")
_HASHED_QUERY = re.compile(rb"(^|&)v=[0-9a-f]{12}(&|$)")

# What both documents share. Streamlit sets style attributes, makes workers from blobs, and shows
# pictures and fonts from data addresses.
_POLICY = {
    "default-src": "'none'",
    "base-uri": "'self'",
    "connect-src": "'self'",
    "font-src": "'self' data:",
    "form-action": "'self'",
    "frame-src": "'self'",
    "img-src": "'self' data: blob:",
    "manifest-src": "'self'",
    "media-src": "'self'",
    "object-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "worker-src": "'self' blob:",
}
_FRAME_POLICY = _POLICY | {"script-src": "'self' 'unsafe-inline' 'unsafe-eval'"}
_ALWAYS = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def script_hashes(document: str) -> list[str]:
    """Return policy words that allow the inline scripts of an HTML document, and no other."""
    scripts = re.findall(r"<script>(.*?)</script>", document, re.DOTALL)
    digests = (hashlib.sha256(script.encode("utf-8")).digest() for script in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode('ascii')}'" for digest in digests]


def headers_for(
    site: Site, path: str, inline: Sequence[str] = (), tiles: str = ""
) -> dict[str, str]:
    """Return the security headers of the answer at ``path``.

    ``inline`` are the :func:`script_hashes` of the page that all addresses of the app share;
    ``tiles`` is the origin of a basemap's pictures, which the map's frame may then show.

    Raises :class:`serving.settings.SettingsError` where a setting cannot be part of a header.
    """
    strange = [each for each in site.frame_ancestors if not _ORIGIN.fullmatch(each)]
    if strange:
        raise SettingsError(
            f"[site] frame_ancestors takes sites such as https://www.example.org, not {strange[0]}"
        )
    if path.startswith(_MAP_FRAME):
        policy, framing = dict(_FRAME_POLICY), "SAMEORIGIN"
        policy["img-src"] = f"{policy['img-src']} {tiles}".strip()
    elif path.startswith(_STORE_FRAME):
        policy, framing = dict(_POLICY), "SAMEORIGIN"
    else:
        policy, framing = dict(_POLICY), "DENY"
        policy["script-src"] = " ".join([policy["script-src"], *inline])
    # A browser asks this of every page around a frame: of ours, and of the site around ours.
    ours = ("'self'",) if framing == "SAMEORIGIN" else ()
    policy["frame-ancestors"] = " ".join((*ours, *site.frame_ancestors)) or "'none'"
    made = dict(_ALWAYS)
    # The older header cannot name sites; where some are allowed, the policy alone decides.
    if not site.frame_ancestors:
        made["x-frame-options"] = framing
    if site.https:
        made["strict-transport-security"] = f"max-age={_YEAR}; includeSubDomains"
    made["content-security-policy"] = "; ".join(f"{k} {v}" for k, v in policy.items())
    for name, value in made.items():
        if not _SENDABLE.fullmatch(value):
            raise SettingsError(f"The header {name} would have a value that cannot be sent")
    return made


class Headers:
    """ASGI middleware: adds the headers, and marks cookies as Secure on an https site.

    Browsers are told to keep files addressed by their content: such an address never changes.
    """

    def __init__(
        self, app: ASGIApp, site: Site, inline: Sequence[str] = (), tiles: str = ""
    ) -> None:
        self.app, self.site = app, site
        self._page = headers_for(site, "/", inline)
        frames = (_MAP_FRAME, _STORE_FRAME)
        self._frames = {path: headers_for(site, path, tiles=tiles) for path in frames}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        framed = (head for at, head in self._frames.items() if scope["path"].startswith(at))
        ours = next(framed, self._page)
        hashed = _HASHED_NAME.search(scope["path"]) or _HASHED_QUERY.search(scope["query_string"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                kept = [(name.lower(), value) for name, value in message.get("headers", [])]
                if self.site.https:
                    kept = [(name, _secure(name, value)) for name, value in kept]
                headers = MutableHeaders(raw=kept)
                headers.update(ours)
                if hashed and message["status"] == 200:
                    headers["cache-control"] = f"public, max-age={_YEAR}, immutable"
                del headers["server"]
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _secure(name: bytes, value: bytes) -> bytes:
    # Not HttpOnly: the page itself must read the token that proves that an upload is its own.
    if name != b"set-cookie" or b"; secure" in value.lower():
        return value
    return value + b"; Secure"
