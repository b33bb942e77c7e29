"""What a browser gets first: words at once, small files, and a real 404 where nothing is.

Streamlit answers any address with one empty page that is called Streamlit, and sends its own
files as they are. Here each page has its name and says what the site is while scripts load, with
the way to pages that need none; files travel compressed, each compressed once.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Collection
from functools import partial
from html import escape
from importlib.metadata import distribution
from pathlib import Path

import brotli
from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from atlas.places.site_map import DOORS
from atlas.plain_pages.pages import ABOUT
from atlas.root import ROOT
from serving.answers.pages import answer, unless_known

_STATIC = "/static/"
# The map's frame, and where its files lie; like Streamlit's, their names change with their content.
_FRAME = "/component/streamlit_folium.st_folium"
_FRAME_FILES = "streamlit_folium/frontend/build/static"
# What Streamlit and its parts answer themselves, beside the files in its folder.
_STREAMLITS = {"_stcore", "app", "auth", "component", "media", "oauth2callback"}
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
}
_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=9),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}
_FOR_EVER = "public, max-age=31536000, immutable"
_WORDS = (
    "<div style='font-family:sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem;"
    "color:#1A1F26;line-height:1.5'><p><strong>Digital Inclusion Atlas</strong></p>"
    f"<p>{ABOUT}</p><p>This page is loading. If it takes "
    "long, <a href='find' style='color:#12436D'>find your ward on a page without scripts</a>."
    "</p></div>"
)

# Streamlit asks for its server below every part of a page's address, and waits half a second after
# the first that fails; it takes an answer that it is given. Pages lie directly below the root.
_SERVER = "<script>window.__streamlit={BACKEND_BASE_URL:new URL('.',location).href}</script>"
_FONT = ROOT / "static" / "vendor" / "fonts" / "sans.woff2"
# The icons that pages and Streamlit use: 11 kB of 376, under the name that its style asks for.
_ICONS = _FONT.with_name("icons.woff2")
_WHOLE_ICONS = "static/media/MaterialSymbols-Rounded.*.woff2"
# Letters of Latin alphabets, digits, punctuation, arrows and signs of comparison.
_LETTERS = (
    "U+20-7E,U+A0-17F,U+2BC,U+1E80-1E85,U+1EF2-1EF3,U+2009,U+2010-201E,U+2020-2023,U+2026,"
    "U+202F-2030,U+2032-2033,U+2039-203A,U+20AC,U+2122,U+2190-2193,U+2212,U+2248,U+2260,"
    "U+2264-2265,U+25B2,U+25BC,U+2713,U+2717"
)


def font_links() -> tuple[str, str]:
    """Return what begins and what ends a page's head, so that it fetches 30 kB of 170 of its font.

    The whole font is fetched only for letters that this part has not.
    """
    version = hashlib.sha256(_FONT.read_bytes()).hexdigest()[:12]
    address = f"app/static/vendor/fonts/{_FONT.name}?v={version}"
    return (
        f"<link rel='preload' href='{address}' as='font' type='font/woff2' crossorigin>",
        "<style>@font-face{font-family:'Source Sans';font-weight:100 900;"
        f"src:url({address}) format('woff2');unicode-range:{_LETTERS}}}</style></head>",
    )


def first_parts(routes: Collection[BaseRoute]) -> set[str]:
    """Return the first parts of the addresses that routes answer."""
    return {route.path.split("/")[1] for route in routes if isinstance(route, Route)}


def coding_of(headers: Headers) -> str:
    """Return how an answer may be compressed: "br", "gzip", or "", as always for part of a file."""
    if "range" in headers:
        return ""
    taken = {}
    for each in headers.get("accept-encoding", "").split(","):
        name, _, quality = each.partition(";")
        taken[name.strip().lower()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
    return next((coding for coding in _CODINGS if taken.get(coding)), "")


class FirstVisit:
    """ASGI middleware around the pages; ``others`` begin addresses that are answered further in."""

    def __init__(self, app: ASGIApp, folder: Path, others: Collection[str]) -> None:
        self.app, self.folder = app, folder
        index = (folder / "index.html").read_text(encoding="utf-8")
        self._shells = {door.address: shell(index, door.name).encode() for door in DOORS}
        self._known = {*_STREAMLITS, *others, *(each.name for each in folder.iterdir())}
        frame = Path(str(distribution("streamlit-folium").locate_file(_FRAME_FILES)))
        self._files = {
            at + each.relative_to(whole).as_posix(): each
            for at, whole in ((_STATIC, folder / "static"), (_FRAME + _STATIC, frame))
            for each in whole.rglob("*")
            if each.suffix in _KINDS
        }
        icons = folder.glob(_WHOLE_ICONS)
        self._files |= {f"/{each.relative_to(folder).as_posix()}": _ICONS for each in icons}
        # Bodies and their checksums.
        self._made: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._one = CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a page's document and for Streamlit's files; pass on all else."""
        reading = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        found = await self._answer(scope["path"], Headers(scope=scope)) if reading else None
        await (found or self.app)(scope, receive, send)

    async def _answer(self, path: str, headers: Headers) -> Response | None:
        coding, name = coding_of(headers), path.strip("/")
        if path in self._files:
            if self._files[path] == _ICONS:
                return await self._sent(path, "", headers, "font/woff2", "no-cache")
            if "range" in headers:
                return None
            kind = _KINDS[self._files[path].suffix]
            return await self._sent(path, coding, headers, kind, _FOR_EVER)
        if name in self._shells and path == f"/{name}":
            return await self._sent(path, coding, headers, "text/html", "no-cache")
        known = name.partition("/")[0] in self._known | set(self._shells)
        return None if known else answer(404)

    async def _sent(
        self, path: str, coding: str, headers: Headers, kind: str, kept: str
    ) -> Response:
        found = self._made.get((path, coding))
        if found is None:
            found = await to_thread.run_sync(self._make, path, coding, limiter=self._one)
        made, sha256 = found
        said = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
        answered = unless_known(headers, sha256, said, partial(Response, made, media_type=kind))
        if coding and answered.status_code == 200:
            answered.headers["Content-Encoding"] = coding
        return answered

    def _make(self, path: str, coding: str) -> tuple[bytes, str]:
        if (path, coding) not in self._made:
            file = self._files.get(path)
            content = file.read_bytes() if file else self._shells[path.strip("/")]
            made = _CODINGS[coding](content) if coding else content
            self._made[path, coding] = made, hashlib.sha256(made).hexdigest()
        return self._made[path, coding]


def shell(index: str, name: str) -> str:
    """Return Streamlit's document under a page's name, with words for who waits or has no scripts.

    Raises ``ValueError`` where the document is not as it was when this was written.
    """
    site = "Digital Inclusion Atlas"
    title = site if name == "Start" else f"{escape(name)} · {site}"
    before, script, after = index.partition("<noscript>")
    _, ended, rest = after.partition("</noscript>")
    made = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*>', "", f"{before}{rest}")
    first, last = font_links()
    changes = {
        '<html lang="en">': '<html lang="en-GB">',
        "<title>Streamlit</title>": f"<title>{title}</title>{_SERVER}{first}",
        "</head>": last,
        '<div id="root"></div>': f'<div id="root">{_WORDS}</div>',
    }
    missing = [old for old in changes if made.count(old) != 1]
    if missing or not (script and ended):
        raise ValueError(f"Streamlit's page has changed: {missing or 'noscript'}")
    for old, new in changes.items():
        made = made.replace(old, new)
    return made
