"""A local web server whose every address behaves as a test tells it to."""

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit


class Request(BaseHTTPRequestHandler):
    """One request being answered; ``hit`` counts from 0 how often this address was asked."""

    protocol_version = "HTTP/1.1"
    server: "Server"
    hit = 0

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query))

    def do_GET(self) -> None:  # noqa: N802 - the base class's name
        path = urlsplit(self.path).path
        self.close_connection = True
        self.hit = self.server.hits[path]
        self.server.hits[path] += 1
        self.server.asked.append(self)
        behave = self.server.routes.get(path, status(404))
        try:
            behave(self)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client hung up, as it should on some of these

    def log_message(self, *_: object) -> None:
        """Say nothing: a test that fails says enough."""


Behaviour = Callable[[Request], None]


class Server(ThreadingHTTPServer):
    """``routes`` maps a path to its behaviour; ``hits`` counts what was asked."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.routes: dict[str, Behaviour] = {}
        self.hits: Counter[str] = Counter()
        self.asked: list[Request] = []
        self.over = threading.Event()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that a test broke on purpose is no news."""


def body(content: bytes, code: int = 200, length: int | None = None, **headers: str) -> Behaviour:
    """Answer with ``content``, announcing ``length`` (its own unless told; -1 for none)."""

    def behave(request: Request) -> None:
        request.send_response(code)
        if length != -1:
            request.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return behave


def status(code: int, **headers: str) -> Behaviour:
    return body(b"sorry", code, **headers)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave in one way after another, and at last always in the last."""
    return lambda request: behaviours[min(request.hit, len(behaviours) - 1)](request)


def redirect(to: str, code: int = 302) -> Behaviour:
    return body(b"", code, Location=to)


def reset(request: Request) -> None:
    """Break the connection off with a reset, after half a body."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b"LSOA21CD")
    request.wfile.flush()
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.connection.close()


def not_http(request: Request) -> None:
    request.wfile.write(b"220 this is a mail server\r\n")


def silent(request: Request) -> None:
    request.server.over.wait(20)


def drip_headers(request: Request) -> None:
    """A header line that never ends, ten bytes a second: no time-out per read meets it."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not request.server.over.wait(0.1):
        request.wfile.write(b"z")


def drip_body(request: Request) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    while not request.server.over.wait(0.1):
        request.wfile.write(b"E")


def endless(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    while not request.server.over.is_set():
        request.wfile.write(b"E01000001,E05000001,1\n" * 3_000)


def chunked(content: bytes, whole: bool = True) -> Behaviour:
    """Send in chunks without an announced length; broken off unless ``whole``."""

    def behave(request: Request) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for start in range(0, len(content), 50):
            piece = content[start : start + 50]
            request.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        request.wfile.write(b"0\r\n\r\n" if whole else b"32\r\nE0100")

    return behave
