"""The addresses of pages without scripts: ``/ward/…``, ``/area/…``, ``/find``, and their data.

They need no socket: a slow phone, a library's terminal, a search engine or another program gets
one short answer. ``/ward/E05011368.json`` holds the same place's figures.
"""

import hashlib
import time
from collections.abc import Callable
from functools import lru_cache, partial
from html import escape
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from atlas.plain_pages.pages import PlainPages
from atlas.plain_pages.twins import place_link
from atlas.snapshot.snapshot import SnapshotError
from serving.answers.datastore import OPEN, preflight
from serving.answers.pages import NO_DATA, answer, unless_known
from serving.guard import place_of
from serving.rates import Allowances, Clock

_KEPT = 512  # pages, of 60 kB at most
# Answers a second to one network, and at once: an office, or a crawler that takes its turn.
_RATE, _BURST = 20.0, 200.0
_ROBOTS = "User-agent: *\nDisallow: /find\nDisallow: /_stcore/\nDisallow: /media/\n"

Reply = Callable[[PlainPages, Request], Response]


def routes(maker: Callable[[], PlainPages], clock: Clock = time.monotonic) -> list[BaseRoute]:
    """Return the routes to mount; ``maker`` gives the pages of the snapshot in force.

    Without data the answer is 503, for a place that is unknown 404, and 429 to who asks too fast.
    """
    few, allowed = CapacityLimiter(2), Allowances(_RATE, _BURST, clock)

    def route(path: str, reply: Reply) -> Route:
        async def answered(request: Request) -> Response:
            if request.method == "OPTIONS":
                return preflight()
            if not allowed.take(place_of(request.client.host if request.client else "")):
                return answer(429, {**OPEN, "Retry-After": "10"})
            return await to_thread.run_sync(_reply, maker, reply, request, limiter=few)

        return Route(path, answered, methods=["GET", "OPTIONS"])

    return [
        *(route(f"/{kind}/{{code}}.json", partial(_twin, kind)) for kind in ("ward", "area")),
        *(route(f"/{kind}/{{code}}", partial(_page, kind)) for kind in ("ward", "area")),
        route("/find", _find),
        route("/robots.txt", _robots),
        route("/sitemap.xml", _sitemap),
        route("/england.png", _picture),
    ]


def _reply(maker: Callable[[], PlainPages], reply: Reply, request: Request) -> Response:
    try:
        return reply(maker(), request)
    except SnapshotError:
        return answer(503, {**OPEN, "Retry-After": "60"}, NO_DATA)


def _page(kind: str, pages: PlainPages, request: Request) -> Response:
    place = pages.place(request.path_params["code"], kind)
    if place is None:
        return answer(404)
    return _sent(request, _kept(pages, "html", place.code, _site(request)), "text/html")


def _twin(kind: str, pages: PlainPages, request: Request) -> Response:
    place = pages.place(request.path_params["code"], kind)
    if place is None:
        return Response("null\n", 404, OPEN, "application/json")
    made = _kept(pages, "json", place.code, _site(request))
    return _sent(request, made, "application/json", OPEN)


def _find(pages: PlainPages, request: Request) -> Response:
    text = request.query_params.get("q", "")
    found = pages.answer(text)
    if found.certain:
        return RedirectResponse(place_link(found.certain), 303)
    return _sent(request, pages.found(text, found, _site(request)).encode(), "text/html")


def _robots(_pages: PlainPages, request: Request) -> Response:
    text = f"{_ROBOTS}Sitemap: {_site(request)}sitemap.xml\n"
    return _sent(request, text.encode(), "text/plain")


def _sitemap(pages: PlainPages, request: Request) -> Response:
    # Not kept: it is large, and has the site's name however a visitor wrote it.
    return _sent(request, _made(pages, "sitemap", "", _site(request)), "application/xml")


def _picture(pages: PlainPages, request: Request) -> Response:
    return _sent(request, _kept(pages, "picture", "", ""), "image/png")


# Who makes the pages of a version: held no longer than others hold it.
_makers: WeakValueDictionary[str, PlainPages] = WeakValueDictionary()


def _kept(pages: PlainPages, *asked: str) -> bytes:
    _makers[pages.snapshot.version] = pages
    return _newest(pages.snapshot.version, *asked)


@lru_cache(_KEPT)
def _newest(version: str, form: str, code: str, site: str) -> bytes:
    return _made(_makers[version], form, code, site)


def _made(pages: PlainPages, form: str, code: str, site: str) -> bytes:
    if form == "picture":
        return pages.picture()
    if form == "sitemap":
        every = "".join(
            f"<url><loc>{escape(site + path)}</loc></url>\n" for path in pages.addresses()
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{every}</urlset>\n'
        ).encode()
    place = pages.places[code]
    return (pages.html if form == "html" else pages.json)(place, site).encode()


def _site(request: Request) -> str:
    return str(request.base_url)


def _sent(request: Request, body: bytes, kind: str, more: dict[str, str] | None = None) -> Response:
    headers = {"Cache-Control": "public, max-age=300, must-revalidate"} | (more or {})
    send = partial(Response, body, media_type=kind)
    return unless_known(request.headers, hashlib.sha256(body).hexdigest(), headers, send)
