"""The open datastore's addresses: ``/datastore/…``, for scripts and desktop tools.

``/datastore/wards.csv`` is always the newest; ``/datastore/EDITION/wards.csv`` never changes and
may be kept for ever. ``datapackage.json`` lists all files with their checksums. No request waits
while files are made: it is told when to come again.
"""

import re
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from atlas.datastore import cache
from atlas.datastore.cache import DatastoreError
from atlas.datastore.datastore import edition_of
from atlas.files.open_formats import MEDIA_TYPES
from atlas.snapshot.snapshot import SnapshotError
from atlas.snapshot.soundness import Watch
from serving.answers.pages import unless_known

ADDRESS = "datastore"
_FILE = re.compile(rf"[a-z_]{{1,40}}\.({'|'.join(MEDIA_TYPES)})")
_NEWEST = "public, max-age=300, must-revalidate"
_FOR_EVER = "public, max-age=31536000, immutable"
# Anyone's page may read open data; nothing is answered here that depends on who asks.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Checksum-Sha256, X-Datastore-Edition",
    "X-Content-Type-Options": "nosniff",
}


def routes(watched: Watch) -> list[BaseRoute]:
    """Return the routes to mount, and tell the pages that the files are served here.

    The files are those of the version that ``watched`` finds sound when one is asked for.
    """
    cache.announce(ADDRESS)
    # Files are hashed when they are first served; that must not take all threads of the server.
    few = CapacityLimiter(2)

    async def file(request: Request) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        return await to_thread.run_sync(_answer, request, watched, limiter=few)

    methods = ["GET", "OPTIONS"]
    return [
        Route(f"/{ADDRESS}/{{edition}}/{{name}}", file, methods=methods),
        Route(f"/{ADDRESS}/{{name}}", file, methods=methods),
        Route(f"/{ADDRESS}", _listing, methods=["GET"]),
        Route(f"/{ADDRESS}/{{rest:path}}", _listing, methods=["GET"]),
    ]


def _answer(request: Request, watched: Watch) -> Response:
    name, edition = request.path_params["name"], request.path_params.get("edition")
    if not _FILE.fullmatch(name):
        return _not_here()
    shown = watched.shown()
    try:
        current = edition_of(shown.folder)
        if edition not in (None, current):
            return _not_here(f"This server holds edition {current}.")
        found = None if shown.state.faults else cache.checked(shown.folder, name)
    except (DatastoreError, SnapshotError):
        return _later()
    if found is None:
        return _later() if shown.state.faults else _not_here()
    path, checksum = found
    headers = {
        **OPEN,
        "Cache-Control": _FOR_EVER if edition else _NEWEST,
        "X-Checksum-Sha256": checksum,
        "X-Datastore-Edition": current,
    }
    # Starlette adds the charset of texts, and sends the part that is asked for.
    send = partial(FileResponse, path, media_type=MEDIA_TYPES[name.rpartition(".")[2]])
    return unless_known(request.headers, checksum, headers, send)


def preflight() -> Response:
    """Answer a browser that asks whether another site's script may read what is open here."""
    headers = {
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since, Range",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=OPEN | headers)


async def _listing(request: Request) -> Response:
    return _not_here()


def _not_here(first: str = "") -> Response:
    words = "There is no such file. /datastore/datapackage.json lists all files."
    return _plain(f"{first} {words}".strip(), 404)


def _later() -> Response:
    answer = _plain("The files are not available at the moment. Please try again later.", 503)
    answer.headers["Retry-After"] = "60"
    return answer


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers={**OPEN, "Cache-Control": "no-store"})
