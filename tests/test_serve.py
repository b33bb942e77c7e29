"""The ASGI application answers, caches what never changes, and keeps to its folders."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    command = [sys.executable, "serve.py", "--port", str(number)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            _wait(number)
            yield number
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            if get(port, "/_stcore/health")[2] == b"ok":
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, headers, answer.read()


def test_the_page_is_served(port: int) -> None:
    status, _, body = get(port, "/")
    assert status == 200
    assert b"<html" in body


def test_leaflet_is_served_from_here_as_a_script(port: int) -> None:
    status, headers, _ = get(port, "/app/static/vendor/leaflet-1.9.4/leaflet.js")
    assert status == 200
    assert "javascript" in headers["content-type"]


FOR_EVER = "public, max-age=31536000, immutable"


def test_files_addressed_by_their_content_are_kept_for_ever(port: int) -> None:
    leaflet = "/app/static/vendor/leaflet-1.9.4/leaflet.js"
    assert get(port, f"{leaflet}?v=0123456789ab")[1]["cache-control"] == FOR_EVER
    assert get(port, leaflet)[1].get("cache-control") != FOR_EVER


def test_an_error_is_never_kept(port: int) -> None:
    status, headers, _ = get(port, "/app/static/nothing-0123456789ab.json.gz")
    assert status == 404
    assert headers.get("cache-control") != FOR_EVER


@pytest.mark.parametrize(
    "path",
    [
        "/app/static/../app.py",
        "/app/static/%2e%2e/app.py",
        "/app/static/..%2f..%2fetc/passwd",
        "/app/static//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_served_folders(port: int, path: str) -> None:
    status, _, body = get(port, path)
    assert b"import streamlit" not in body
    assert b"root:" not in body
    assert status in (200, 400, 404)


def test_the_first_deep_link_is_not_told_that_its_page_is_missing() -> None:
    check = (
        "import serve; from streamlit.runtime.pages_manager import PagesManager; "
        "print(PagesManager.uses_pages_directory)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
