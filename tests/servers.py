"""Servers for tests and benchmarks: started, awaited, ended together with all they started."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_LINES_OF_LOG = 40


def free_port() -> int:
    """Return a port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A server that runs: its port, its process, and the file that it writes its log to."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        """Its root address, with the slash."""
        return f"http://127.0.0.1:{self.port}/"

    def healthy(self, timeout: float = 2.0) -> float | None:
        """Return the seconds that the health address took; None where it did not say "ok"."""
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{self.address}_stcore/health", timeout=timeout) as answer:
                return time.perf_counter() - start if answer.read() == b"ok" else None
        except OSError:
            return None


def says_ok(server: Server) -> bool:
    """Say whether a server calls itself healthy."""
    return server.healthy() is not None


@contextmanager
def running(
    command: list[str],
    port: int,
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    ready: Callable[[Server], bool] = says_ok,
    seconds: float = 60,
) -> Iterator[Server]:
    """Run a command that serves on a port, until the block ends.

    ``environment`` is laid over this process's own. Raises AssertionError with the end of the
    server's log where it ends by itself, or is not ready within ``seconds``.
    """
    with tempfile.TemporaryDirectory(prefix="server-") as place:
        log = Path(place, "log")
        with log.open("wb") as written:
            # In a process group of its own, so that whatever it starts ends with it.
            process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        server = Server(port, process, log)
        try:
            end = time.monotonic() + seconds
            while not ready(server):
                if process.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"the server did not start:\n{_end_of(log)}")
                time.sleep(0.1)
            yield server
        finally:
            _stop(process)


@contextmanager
def served_atlas(settings: str = "", **environment: str) -> Iterator[Server]:
    """Run ``serve.py``; ``settings`` (TOML) are laid over the defaults in serving.toml."""
    with tempfile.TemporaryDirectory(prefix="settings-") as place:
        laid = {}
        if settings:
            overlay = Path(place, "serving.toml")
            overlay.write_text(settings, encoding="utf-8")
            laid["ATLAS_SERVING"] = str(overlay)
        port = free_port()
        command = [sys.executable, "serve.py", "--port", str(port)]
        with running(command, port, environment={**laid, **environment}) as server:
            yield server


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LINES_OF_LOG:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group: politely first, then at once."""
    for order, patience in ((signal.SIGTERM, 15.0), (signal.SIGKILL, 15.0)):
        try:
            os.killpg(process.pid, order)
        except ProcessLookupError:
            break
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.wait(1)
