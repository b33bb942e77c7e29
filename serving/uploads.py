"""What a request may carry: uploads within a quota, and no other body at all.

Streamlit takes an upload from any open page, whether or not the page asks for one, and keeps as
many as are sent. Here each visitor and all together have a limit, counted from what Streamlit
really holds, so that a file that is removed or a page that is closed gives its room back.
"""

import re
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime

from serving.answers.pages import answer
from serving.settings import Uploads

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+")
_READING = {"GET", "HEAD", "OPTIONS"}
_CLOSED = {"/_stcore/metrics"}


def held_by_streamlit() -> dict[str, int]:
    """Return the bytes of the uploaded files that Streamlit holds, by session."""
    if not runtime.exists():
        return {}
    storage: Any = runtime.get_instance().uploaded_file_mgr
    return {
        session: sum(len(file.data) for file in list(files.values()))
        for session, files in list(storage.file_storage.items())
    }


class Doors:
    """ASGI middleware: closes what no visitor needs, and counts what uploads bring in."""

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self.app, self.uploads = app, uploads
        self._coming: Counter[str] = Counter()
        self._at_once = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer in its place."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"].rstrip("/")
        upload = _UPLOAD.search(path)
        if any(path.endswith(closed) for closed in _CLOSED):
            await answer(403)(scope, receive, send)
        elif method in _READING or (method == "DELETE" and upload):
            await self.app(scope, receive, send)
        elif method != "PUT" or not upload:
            await answer(405)(scope, receive, send)
        else:
            await self._upload(upload[1], scope, receive, send)

    async def _upload(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        size, refusal = self._size(scope, session)
        if refusal:
            await answer(refusal)(scope, receive, send)
            return
        self._coming[session] += size
        self._at_once += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._at_once -= 1
            self._coming[session] -= size
            if not self._coming[session]:
                del self._coming[session]

    def _size(self, scope: Scope, session: str) -> tuple[int, int]:
        """The announced size, and the status to refuse with: 0 where there is room."""
        if not self.uploads.allowed:
            return 0, 403
        said = dict(scope["headers"]).get(b"content-length", b"")
        # Without its size (sent in chunks) an upload could not be counted before it is here.
        if not said.isdigit():
            return 0, 411
        size, held = int(said), held_by_streamlit()
        if size + held.get(session, 0) + self._coming[session] > self.uploads.session_bytes:
            return size, 413
        if size + sum(held.values()) + self._coming.total() > self.uploads.total_bytes:
            return size, 503
        if self._at_once >= self.uploads.at_once:
            return size, 503
        return size, 0
