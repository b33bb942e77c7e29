"""What requests may carry: no body but an upload, and uploads within a quota."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from serving import uploads
from serving.settings import read
from serving.uploads import Doors

QUOTA = replace(read().uploads, session_bytes=100, total_bytes=250, at_once=2)
SESSION = "/_stcore/upload_file/session-one/file"
OTHER = "/_stcore/upload_file/session-two/file"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """What Streamlit is said to hold."""
    found: dict[str, int] = {}
    monkeypatch.setattr(uploads, "held_by_streamlit", lambda: found)
    return found


def request(doors: Doors, method: str, path: str, size: int | str | None = None) -> Any:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [] if size is None else [(b"content-length", str(size).encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers}

    async def whole() -> int:
        await doors(scope, _unread, send)
        return int(sent[0]["status"])

    return whole()


async def _unread() -> Any:
    raise AssertionError("a refused body must not be read")


async def _app(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})


def status(method: str, path: str, size: int | str | None = None, **changes: Any) -> int:
    doors = Doors(_app, replace(QUOTA, **changes))
    return int(asyncio.run(request(doors, method, path, size)))


@pytest.mark.parametrize(
    ("method", "path", "size", "said"),
    [
        ("GET", "/", None, 204),
        ("HEAD", "/readyz", None, 204),
        ("OPTIONS", SESSION, None, 204),
        ("DELETE", SESSION, None, 204),
        ("PUT", SESSION, 100, 204),
        ("PUT", SESSION, 101, 413),
        ("PUT", SESSION, None, 411),
        ("PUT", SESSION, "1e3", 411),
        ("PUT", SESSION, "-5", 411),
        ("PUT", "/elsewhere", 1, 405),
        ("POST", "/", 1, 405),
        ("POST", SESSION, 1, 405),
        ("DELETE", "/", None, 405),
        ("TRACE", "/", None, 405),
        ("GET", "/_stcore/metrics", None, 403),
        ("GET", "/_stcore/metrics/", None, 403),
        ("GET", "/atlas/_stcore/metrics", None, 403),
        ("HEAD", "/_stcore/metrics", None, 403),
    ],
)
def test_doors(held: Any, method: str, path: str, size: Any, said: int) -> None:
    assert status(method, path, size) == said


def test_what_is_held_counts_for_the_visitor_and_for_all(held: dict[str, int]) -> None:
    held["session-one"] = 60
    assert (status("PUT", SESSION, 40), status("PUT", SESSION, 41)) == (204, 413)
    held["session-two"] = 100
    held["session-three"] = 60
    assert (status("PUT", SESSION, 30), status("PUT", SESSION, 31)) == (204, 503)
    held.clear()
    assert status("PUT", SESSION, 100) == 204


def test_a_build_without_uploads_takes_none(held: Any) -> None:
    assert status("PUT", SESSION, 1, allowed=False) == 403


def test_uploads_on_their_way_count_before_streamlit_holds_them(held: Any) -> None:
    async def whole() -> None:
        arrive = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await arrive.wait()
            await _app(scope, receive, send)

        doors = Doors(slow, QUOTA)
        first = asyncio.create_task(request(doors, "PUT", SESSION, 60))
        await asyncio.sleep(0)
        assert await request(doors, "PUT", SESSION, 41) == 413
        second = asyncio.create_task(request(doors, "PUT", OTHER, 10))
        await asyncio.sleep(0)
        assert await request(doors, "PUT", OTHER, 1) == 503  # two at once
        arrive.set()
        assert [await first, await second] == [204, 204]
        assert await request(doors, "PUT", SESSION, 100) == 204
        assert not doors._coming

    asyncio.run(whole())
