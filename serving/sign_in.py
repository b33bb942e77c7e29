"""Who has signed in, as a request's cookies say: asked before anything of a private build is given.

``app.py`` shows no page without a sign-in. What does not run ``app.py`` is kept here: uploads, the
files made for a visit, and a part of a page that is asked for after the sign-in has ended.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from serving.answers.pages import answer
from serving.settings import SignIn

_PRIVATE = ("/media/", "/_stcore/upload_file/", "/ward/", "/area/", "/find", "/england.png")


def _claims(scope: Scope) -> Mapping[str, Any]:
    cookies, secret = HTTPConnection(scope).cookies, get_cookie_secret()

    def one(name: str) -> bytes | None:
        return decode_signed_value(secret, name, cookies.get(name, ""))

    try:
        found = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class SignedIn:
    """ASGI middleware, inside the guard: nothing without a sign-in that holds but the way in."""

    def __init__(self, app: ASGIApp, rule: SignIn) -> None:
        self.app, self.rule = app, rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer in its place; of a socket only what may be asked."""
        socket = scope["type"] == "websocket"
        private = socket or scope.get("path", "").startswith(_PRIVATE)
        if not (self.rule.required and private):
            await self.app(scope, receive, send)
            return
        claims = _claims(scope)

        def holds() -> bool:
            return self.rule.admits(claims, time.time())

        if socket:
            await self.app(scope, _whole_pages_unless(holds, receive), send)
        elif holds():
            await self.app(scope, receive, _not_shared(send))
        else:
            await answer(403)(scope, receive, send)


def _not_shared(send: Send) -> Send:
    """Return a ``send`` that lets no cache between visitor and server keep an answer."""

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [pair for pair in message["headers"] if pair[0].lower() != b"cache-control"]
            message = {**message, "headers": [*kept, (b"cache-control", b"private, no-store")]}
        await send(message)

    return marked


def _whole_pages_unless(holds: Callable[[], bool], receive: Receive) -> Receive:
    """Return a ``receive`` that, without a sign-in, gives on only that a whole page is asked for:
    ``app.py`` then shows the way in.
    """

    async def allowed() -> Message:
        while True:
            event = await receive()
            if event["type"] != "websocket.receive" or holds():
                return event
            message = BackMsg.FromString(event["bytes"])
            if message.WhichOneof("type") == "rerun_script":
                message.rerun_script.fragment_id = ""
                return {**event, "bytes": message.SerializeToString()}

    return allowed
