"""A private build shows no page to anyone who has not signed in; the public one asks nobody."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import websockets.sync.client
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from atlas.places.site_map import DOORS
from serving import sign_in
from serving.answers import plain_pages
from serving.settings import SignIn
from tests.servers import free_port, running
from tests.serving.openid_provider import CLIENT, SECRET, Provider
from tests.views.test_pages import opened

WAY_IN = "Sign in to this Atlas"


@dataclass
class Build:
    """A private build that runs, and its provider."""

    port: int
    provider: Provider

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def private(folder: Path, secrets: str, port: int, hours: float = 12) -> Iterator[None]:
    (folder / ".streamlit").mkdir(parents=True)
    (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    (folder / "site.toml").write_text(f"[sign_in]\nrequired = true\nhours = {hours}\n")
    environment = {
        "HOME": str(folder),
        "ATLAS_SERVING": str(folder / "site.toml"),
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "serve.py", "--port", str(port)]
    with running(command, port, environment=environment):
        yield


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    port = free_port()
    with Provider() as provider:
        secrets = (
            f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\n'
            f'cookie_secret = "{"0" * 64}"\nclient_id = "{CLIENT}"\n'
            f'client_secret = "{SECRET}"\n'
            f'server_metadata_url = "{provider.address}/.well-known/openid-configuration"\n'
        )
        with private(tmp_path_factory.mktemp("private"), secrets, port):
            yield Build(port, provider)


@dataclass
class Shown:
    """What a visitor was shown."""

    headings: list[str]
    buttons: dict[str, str]
    html: str
    redirect: str = ""


def shown(build: Build, session: requests.Session, page: str = "", press: str = "") -> Shown:
    """Open a page with a browser session's cookies, press a button if asked to."""
    session.get(f"{build.address}/_stcore/health", timeout=10)
    cookies = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
    token = session.cookies.get("_streamlit_xsrf") or ""
    with websockets.sync.client.connect(
        f"ws://127.0.0.1:{build.port}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit"), Subprotocol(token)],
        additional_headers={"Cookie": cookies, "Origin": build.address},
    ) as socket:
        found = _run(socket, page)
        if press:
            found.redirect = _run(socket, page, found.buttons[press]).redirect
        return found


def _run(socket: Any, page: str, pressed: str = "") -> Shown:
    message = BackMsg()
    message.rerun_script.page_name = page
    if pressed:
        message.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
    socket.send(message.SerializeToString())
    found = Shown([], {}, "")
    while True:
        said = ForwardMsg.FromString(socket.recv(timeout=60))
        kind = said.WhichOneof("type")
        if kind == "auth_redirect":
            found.redirect = said.auth_redirect.url
        elif kind == "delta":
            element = said.delta.new_element
            if element.WhichOneof("type") == "heading":
                found.headings.append(element.heading.body)
            elif element.WhichOneof("type") == "button":
                found.buttons[element.button.label] = element.button.id
            elif element.WhichOneof("type") == "html":
                found.html += element.html.body
        elif kind == "script_finished":
            return found


def signed_in(build: Build, **claims: Any) -> requests.Session:
    session = requests.Session()
    redirect = shown(build, session, press="Sign in").redirect
    build.provider.claims = claims
    answer = session.get(f"{build.address}{redirect}", timeout=20)
    assert answer.status_code == 200
    return session


def names() -> list[str]:
    return [door.address for door in DOORS]


def test_nobody_sees_a_page_without_signing_in(build: Build) -> None:
    for name in names():
        found = shown(build, requests.Session(), name)
        assert found.headings == [WAY_IN], name
        assert set(found.buttons) == {"Sign in"}, name
        assert "What this is not." not in found.html, name


def test_who_has_signed_in_sees_pages_and_a_way_out(build: Build) -> None:
    session = signed_in(build)
    cookie = next(each for each in session.cookies if each.name == "_streamlit_user")
    assert cookie.has_nonstandard_attr("HttpOnly")
    for name in ("", "data_and_method"):
        found = shown(build, session, name)
        assert found.headings[0] != WAY_IN
        assert "What this is not." in found.html
        assert "Sign out" in found.buttons
    # Signing out leads to the address that takes the cookie away.
    redirect = shown(build, session, press="Sign out").redirect
    session.get(f"{build.address}{redirect}", timeout=20)
    assert shown(build, session).headings == [WAY_IN]


def test_a_forged_cookie_opens_nothing(build: Build) -> None:
    session = signed_in(build)
    true = session.cookies.get("_streamlit_user")
    assert true
    session.cookies.clear(domain="127.0.0.1", path="/", name="_streamlit_user")
    session.cookies.set("_streamlit_user", true[:-4] + "AAAA", domain="127.0.0.1")
    assert shown(build, session).headings == [WAY_IN]


def put(build: Build, cookies: requests.cookies.RequestsCookieJar) -> int:
    """The status of an upload that an open page could make."""
    session = requests.Session()
    session.cookies.update(cookies)
    session.get(f"{build.address}/_stcore/health", timeout=10)
    answer = session.put(
        f"{build.address}/_stcore/upload_file/a-session/a-file",
        files={"file": ("a.csv", b"ward_code,people")},
        headers={"X-Xsrftoken": session.cookies["_streamlit_xsrf"]},
        timeout=10,
    )
    return answer.status_code


def test_uploads_and_files_made_for_a_visit_take_a_sign_in_that_holds(build: Build) -> None:
    inside, late = signed_in(build), signed_in(build, iat=int(time.time()) - 13 * 3600)
    # Streamlit knows no such session and no such file.
    assert (put(build, inside.cookies), put(build, late.cookies)) == (400, 403)
    assert put(build, requests.Session().cookies) == 403
    media = f"{build.address}/media/{'0' * 64}.csv"
    assert inside.get(media, timeout=10).status_code == 404
    assert requests.get(media, timeout=10).status_code == 403


def test_after_its_hours_a_part_of_a_page_becomes_the_way_in() -> None:
    part, file, beat = BackMsg(), BackMsg(), BackMsg(app_heartbeat=True)
    part.rerun_script.fragment_id = "part"
    file.backend_operation_request.request_id = "1"
    secret = json.dumps({"is_logged_in": True, "iat": 1000.0})

    async def heard(now: float) -> list[BackMsg]:
        got: list[BackMsg] = []

        async def app(_scope: Any, receive: Any, _send: Any) -> None:
            while (event := await receive())["type"] == "websocket.receive":
                got.append(BackMsg.FromString(event["bytes"]))

        queue = [*(m.SerializeToString() for m in (file, beat, part)), None]

        async def receive() -> Any:
            sent = queue.pop(0)
            kind = "websocket.disconnect" if sent is None else "websocket.receive"
            return {"type": kind, "bytes": sent}

        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
        rule = SignIn(required=True, hours=1)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sign_in, "_claims", lambda _: json.loads(secret))
            patch.setattr(sign_in.time, "time", lambda: now)
            await sign_in.SignedIn(app, rule)(scope, receive, receive)  # type: ignore[arg-type]
        return got

    assert asyncio.run(heard(4000)) == [file, beat, part]
    assert [m.rerun_script.fragment_id for m in asyncio.run(heard(5000))] == [""]


# What holds no figures: whom a search engine may ask, and for what.
FOR_ALL = ("/robots.txt", "/sitemap.xml")
PLAIN = [
    route.path.replace("{code}", "E05011368")
    for route in plain_pages.routes(lambda: pytest.fail("asked"))
    if isinstance(route, Route) and route.path not in FOR_ALL
]


@pytest.mark.parametrize("path", [*PLAIN, "/media/x.csv", "/_stcore/upload_file/visit/file"])
def test_nothing_made_for_visitors_is_given_without_a_sign_in(path: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("for some")(scope, receive, send)

    for claims in ({}, {"is_logged_in": True, "iat": time.time() - 7200}):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sign_in, "_claims", lambda _, claims=claims: claims)
            client = TestClient(sign_in.SignedIn(app, SignIn(required=True, hours=1)))
            assert client.get(path).status_code == client.put(path).status_code == 403
            assert client.get(FOR_ALL[0]).text == "for some"


@pytest.mark.parametrize("path", ["/ward/E05011368", "/find", "/media/x.csv"])
def test_what_only_some_may_see_is_kept_by_no_cache(path: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        said = {"Cache-Control": "public, max-age=300"}
        await PlainTextResponse("for some", headers=said)(scope, receive, send)

    secret = {"is_logged_in": True, "iat": time.time()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_in, "_claims", lambda _: secret)
        answer = TestClient(sign_in.SignedIn(app, SignIn(required=True, hours=1))).get(path)
    assert (answer.text, answer.headers["cache-control"]) == ("for some", "private, no-store")


@pytest.mark.slow
def test_a_sign_in_of_long_ago_has_ended(build: Build) -> None:
    assert shown(build, signed_in(build, iat=int(time.time()) - 11 * 3600)).headings != [WAY_IN]
    assert shown(build, signed_in(build, iat=int(time.time()) - 13 * 3600)).headings == [WAY_IN]


def test_another_sites_page_cannot_use_the_cookie(build: Build) -> None:
    session = signed_in(build)
    cookies = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
    with pytest.raises(websockets.exceptions.InvalidStatus):
        websockets.sync.client.connect(
            f"ws://127.0.0.1:{build.port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookies, "Origin": "https://elsewhere.example"},
        ).close()


@pytest.mark.slow
def test_a_private_build_that_is_not_set_up_shows_nothing(tmp_path: Path) -> None:
    port = free_port()
    with private(tmp_path, "", port), Provider() as provider:
        found = shown(Build(port, provider), requests.Session(), "my_area")
    assert found.headings == [WAY_IN]
    assert found.buttons == {}


def test_the_public_build_asks_nobody() -> None:
    app = opened()
    assert app.title[0].value != WAY_IN
    assert "Sign out" not in [button.label for button in app.button]
