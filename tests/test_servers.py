"""What starts servers for tests says why one does not start, and leaves nothing running."""

import os
import sys
import time
from contextlib import suppress

import pytest

from tests.servers import free_port, running

CHILD = "import time; time.sleep(600)"
SERVES = f"""
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}])
print("child", child.pid, flush=True)
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Health).serve_forever()
"""


def test_a_server_that_ends_at_once_is_told_with_its_own_words() -> None:
    command = [sys.executable, "-c", "raise SystemExit('the port is taken by a lion')"]
    with pytest.raises(AssertionError, match="taken by a lion"), running(command, free_port()):
        pass


def test_a_server_that_says_nothing_is_given_up() -> None:
    command = [sys.executable, "-c", CHILD]
    with pytest.raises(AssertionError), running(command, free_port(), seconds=0.5) as server:
        assert server is None


def test_what_a_server_started_ends_with_it() -> None:
    port = free_port()
    with running([sys.executable, "-c", SERVES, str(port)], port) as server:
        assert server.healthy() is not None
        child = int(server.log.read_text().split()[1])
        assert alive(child)
    assert server.process.returncode is not None and server.healthy() is None
    for _ in range(100):
        if not alive(child):
            return
        time.sleep(0.05)
    raise AssertionError("the server's own process is still there")


def alive(process: int) -> bool:
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(process, 0)
        # One that ended and waits for somebody to read its result counts as ended.
        with open(f"/proc/{process}/stat") as state:
            return state.read().rsplit(")")[1].split()[0] != "Z"
    return False
