"""The open datastore's addresses: ``/datastore/…``, for scripts and desktop tools.

``/datastore/wards.csv`` is always the newest; ``/datastore/EDITION/wards.csv`` never changes and
may be kept for ever. ``datapackage.json`` lists all files with their checksums.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from atlas.datastore import cache
from atlas.datastore.cache import DatastoreError
from atlas.datastore.datastore import DESCRIPTOR, edition_of
from atlas.files.open_formats import MEDIA_TYPES
from atlas.snapshot.snapshot import SnapshotError
from atlas.snapshot.versions import current_folder

ADDRESS = "datastore"
_NEWEST = "public, max-age=300, must-revalidate"
_FOR_EVER = "public, max-age=31536000, immutable"
# Anyone's page may read open data; nothing is answered here that depends on who asks.
_OPEN = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}


def routes(data: Path | None = None) -> list[BaseRoute]:
    """Return the routes to mount, and tell the pages that the files are served here.

    ``data`` is a snapshot folder; by default the one in force when a file is asked for.
    """
    cache.announce(ADDRESS)

    async def newest(request: Request) -> Response:
        return await _answer(request, data, None)

    async def pinned(request: Request) -> Response:
        return await _answer(request, data, request.path_params["edition"])

    return [
        Route(f"/{ADDRESS}/{{edition}}/{{name}}", pinned, methods=["GET"]),
        Route(f"/{ADDRESS}/{{name}}", newest, methods=["GET"]),
        Route(f"/{ADDRESS}", _listing, methods=["GET"]),
        Route(f"/{ADDRESS}/{{rest:path}}", _listing, methods=["GET"]),
    ]


async def _answer(request: Request, given: Path | None, edition: str | None) -> Response:
    name = request.path_params["name"]
    try:
        data = given or current_folder()
        current = edition_of(data)
        if edition not in (None, current):
            return _not_here(f"This server holds edition {current}.")
        folder = await to_thread.run_sync(cache.made, data)
    except (DatastoreError, SnapshotError):
        return _plain("The files are not available at the moment. Please try later.", 503)
    checksums = _checksums(folder)
    if name not in checksums:
        return _not_here()
    etag = f'"{checksums[name][:32]}"'
    headers = {
        **_OPEN,
        "ETag": etag,
        "Cache-Control": _FOR_EVER if edition else _NEWEST,
        "X-Checksum-Sha256": checksums[name],
        "X-Datastore-Edition": current,
    }
    if etag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    kind = MEDIA_TYPES[name.rpartition(".")[2]]
    media_type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    return FileResponse(folder / name, headers=headers, media_type=media_type)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


@lru_cache(maxsize=4)
def _checksums(folder: Path) -> dict[str, str]:
    descriptor: dict[str, Any] = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    files = {entry["path"]: entry["hash"].partition(":")[2] for entry in descriptor["resources"]}
    itself = hashlib.sha256((folder / DESCRIPTOR).read_bytes()).hexdigest()
    return files | {DESCRIPTOR: itself}


async def _listing(request: Request) -> Response:
    return _not_here()


def _not_here(first: str = "") -> Response:
    words = "There is no such file. /datastore/datapackage.json lists all files."
    return _plain(f"{first} {words}".strip(), 404)


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(f"{text}\n", status, headers={**_OPEN, "Cache-Control": "no-store"})
