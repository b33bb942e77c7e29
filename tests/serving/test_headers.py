"""Security headers: strict, sendable, and wider only where the map needs it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from serving.headers import Headers, headers_for, script_hashes
from serving.settings import SettingsError, read

SITE = read().site
FRAME = "/component/streamlit_folium.st_folium/index.html"


def policy(path: str, **changes: Any) -> dict[str, str]:
    text = headers_for(replace(SITE, **changes), path)["content-security-policy"]
    return dict(part.split(" ", 1) for part in text.split("; "))


def test_a_page_runs_no_inline_script_and_loads_nothing_from_elsewhere() -> None:
    found = policy("/my_area")
    assert found["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert found["default-src"] == found["object-src"] == "'none'"
    assert found["frame-ancestors"] == "'none'"
    allowed = {word for value in found.values() for word in value.split()}
    assert allowed <= {
        "'self'", "'none'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:",
    }  # fmt: skip


def test_the_pages_own_inline_script_is_allowed_by_its_hash() -> None:
    # The hash of "a()" by `printf 'a()' | openssl dgst -sha256 -binary | base64`.
    said = "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='"
    assert script_hashes("<script>a()</script><script src='b.js'></script>") == [said]
    text = headers_for(SITE, "/", [said])["content-security-policy"]
    assert f"script-src 'self' 'wasm-unsafe-eval' {said};" in text
    assert said not in headers_for(SITE, FRAME, [said])["content-security-policy"]


def test_only_the_frame_of_the_map_may_use_eval() -> None:
    assert "'unsafe-eval'" in policy(FRAME)["script-src"]
    for path in ("/", "/app/static/atlas/fetch.js", "/component/other/index.html", f"/any{FRAME}"):
        assert "'unsafe-eval'" not in policy(path)["script-src"]
        assert "'unsafe-inline'" not in policy(path)["script-src"]
    assert policy(FRAME)["frame-ancestors"] == "'self'"


def test_the_frame_that_keeps_work_may_be_framed_here_and_no_more() -> None:
    frame = "/component/views.session.browser_store.kept/index.html"
    assert policy(frame) == policy("/") | {"frame-ancestors": "'self'"}
    assert headers_for(SITE, frame)["x-frame-options"] == "SAMEORIGIN"


def test_only_the_frame_of_the_map_may_show_a_basemaps_pictures() -> None:
    tiles = "https://tiles.example"
    assert (
        f"img-src 'self' data: blob: {tiles};"
        in (headers_for(SITE, FRAME, tiles=tiles)["content-security-policy"])
    )
    assert tiles not in headers_for(SITE, "/", tiles=tiles)["content-security-policy"]


def test_named_sites_may_frame_the_pages_and_no_one_else() -> None:
    council = "https://www.example.gov.uk"
    assert policy("/", frame_ancestors=(council,))["frame-ancestors"] == council
    # The map within a page within the council's page has both around it.
    assert policy(FRAME, frame_ancestors=(council,))["frame-ancestors"] == f"'self' {council}"
    for path in ("/", FRAME):
        made = headers_for(replace(SITE, frame_ancestors=(council,)), path)
        assert "x-frame-options" not in made
    assert headers_for(SITE, "/")["x-frame-options"] == "DENY"
    assert headers_for(SITE, FRAME)["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "given",
    [" https://a.example", "https://a.example\r\nset-cookie: x", "*", "'self'; script-src *", ""],
)
def test_a_value_that_cannot_be_sent_stops_the_start(given: str) -> None:
    with pytest.raises(SettingsError, match="frame_ancestors"):
        Headers(_nothing, replace(SITE, frame_ancestors=(given,)))


async def _nothing(*_: Any) -> None:
    raise AssertionError("not called")


def answered(https: bool, headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "query_string": b""}
    asyncio.run(Headers(app, replace(SITE, https=https))(scope, _nothing, send))  # type: ignore[arg-type]
    assert len(dict(sent[0]["headers"])) == len(sent[0]["headers"])
    return dict(sent[0]["headers"])


def test_on_https_cookies_are_secure_and_browsers_stay_on_https() -> None:
    cookie = (b"set-cookie", b"_streamlit_xsrf=2|a|b|1; Path=/; SameSite=Lax")
    found = answered(True, [cookie])
    assert found[b"set-cookie"].endswith(b"; Secure")
    assert found[b"strict-transport-security"].startswith(b"max-age=31536000")
    plain = answered(False, [cookie])
    assert plain[b"set-cookie"] == cookie[1]
    assert b"strict-transport-security" not in plain


def test_no_answer_names_the_server_or_keeps_a_weaker_header() -> None:
    found = answered(False, [(b"Server", b"uvicorn"), (b"X-Frame-Options", b"ALLOWALL")])
    assert b"Server" not in found
    assert found[b"x-frame-options"] == b"DENY"
