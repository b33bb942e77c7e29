"""Half-open connections end, and never more are held than there is room for."""

import socket
import sys
import time
from collections.abc import Iterator

import pytest

from serving import connections
from serving.connections import most_connections
from tests.servers import free_port, running

# An app of one line, served by this protocol with short patience and little room.
SERVER = """
import sys, uvicorn
from serving import connections
connections._HEADERS = 1.0
connections.Bounded.most = 20
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, http=connections.Bounded, port=int(sys.argv[1]), log_level="error", lifespan="off")
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    found = free_port()
    with running([sys.executable, "-c", SERVER, str(found)], found):
        yield found


def opened(port: int, sent: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=30)
    made.sendall(sent)
    return made


def ended(connection: socket.socket) -> bool:
    """Whether the server has closed it; waits for that."""
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        return True
    return True


REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n"


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HT", REQUEST, REQUEST + b"\r\n" + REQUEST],
    ids=["nothing", "half a line", "half its headers", "half a second request"],
)
def test_a_request_that_does_not_come_to_its_end_is_closed(port: int, sent: bytes) -> None:
    assert ended(opened(port, sent))


def test_one_byte_at_a_time_wins_no_time(port: int) -> None:
    slow = opened(port, b"GET / HTTP/1.1\r\n")
    with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe, as the system has it
        for _ in range(600):
            slow.sendall(b"a: b\r\n")
            time.sleep(0.05)


def test_where_all_room_is_taken_the_oldest_goes_and_the_newcomer_is_answered(port: int) -> None:
    held = [opened(port, b"GET") for _ in range(60)]
    asked = opened(port, REQUEST + b"connection: close\r\n\r\n")
    answer = b""
    while part := asked.recv(4096):
        answer += part
    assert answer.startswith(b"HTTP/1.1 200") and b"\r\nok\r\n" in answer
    assert all(ended(each) for each in held)


@pytest.mark.parametrize(
    ("soft", "hard", "raised", "room"),
    [(256, 1024, 1024, 212), (1024, 1 << 20, 8192, 1000), (256, 300, 300, 50)],
)
def test_descriptors_are_raised_as_far_as_allowed_and_else_connections_bounded(
    soft: int, hard: int, raised: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [(soft, hard)]
    monkeypatch.setattr(connections.resource, "getrlimit", lambda _: now[0])
    monkeypatch.setattr(connections.resource, "setrlimit", lambda _, pair: now.append(pair))
    assert most_connections(400) == room
    assert now[-1] == (raised, hard)


@pytest.mark.slow
def test_the_atlas_answers_with_few_descriptors_and_many_half_open_connections() -> None:
    port = free_port()
    limited = f"ulimit -n 1024; exec {sys.executable} serve.py --port {port}"
    with running(["sh", "-c", limited], port) as server:
        held = [opened(port, b"GET / HT") for _ in range(1300)]
        assert server.healthy(30.0) is not None
        for each in held:
            each.close()
        assert server.log.stat().st_size < 100_000
