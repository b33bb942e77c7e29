"""The ASGI application answers, caches what never changes, and keeps to its folders."""

import http.client
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import streamlit_folium
import websockets.exceptions
import websockets.sync.client
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

from atlas.turns import BusyError
from serve import Files
from serving.answers.pages import security_routes
from serving.settings import CONTACT_VARIABLE
from tests.servers import ROOT, Server


@pytest.fixture(scope="module")
def port(atlas_server: Server) -> int:
    return atlas_server.port


def get(
    port: int, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
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
    frame = Path(streamlit_folium.__file__).parent / "frontend" / "build"
    (script,) = (frame / "static" / "js").glob("main.*.js")
    address = f"/component/streamlit_folium.st_folium/static/js/{script.name}"
    assert get(port, address)[1]["cache-control"] == FOR_EVER


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


def test_ready_means_that_the_data_is_whole(port: int) -> None:
    status, headers, body = get(port, "/readyz")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert json.loads(body)["ready"] is True


@pytest.mark.parametrize(
    "path", ["/", "/readyz", "/app/static/nothing.js", "/_stcore/metrics", "/_stcore/health"]
)
def test_every_answer_has_the_security_headers(port: int, path: str) -> None:
    headers = get(port, path)[1]
    assert "script-src 'self' 'wasm-unsafe-eval' 'sha256-" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_without_a_contact_there_is_no_security_txt(port: int) -> None:
    assert get(port, "/.well-known/security.txt")[0] == 404


def test_a_contact_is_told_to_who_finds_a_weakness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CONTACT_VARIABLE, "safe@example.gov.uk")
    app = Starlette(routes=security_routes())
    said = TestClient(app).get("/.well-known/security.txt").text.splitlines()
    assert said[0] == "Contact: mailto:safe@example.gov.uk"
    until = datetime.fromisoformat(said[1].removeprefix("Expires: "))
    assert 0 < (until - datetime.now(UTC)).days < 365  # RFC 9116: less than a year


def test_files_are_made_in_the_order_of_asking_and_few_may_wait() -> None:
    begun, go_on, order = Event(), Event(), []
    with Files() as files:
        files.submit(lambda: (begun.set(), go_on.wait(20)))
        assert begun.wait(20)
        for number in range(60):
            files.submit(order.append, number)
        with pytest.raises(BusyError):
            files.submit(order.append, 60)
        go_on.set()
    assert order == list(range(60))


def test_another_sites_name_is_refused(port: int) -> None:
    assert get(port, "/", Host="elsewhere.example")[0] == 400
    assert get(port, "/_stcore/health", Host="elsewhere.example")[0] == 400


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/_stcore/metrics", 403),
        ("POST", "/", 405),
        ("GET", "/app/static/nothing.js", 404),
        ("PUT", "/_stcore/upload_file/nobody/1", 403),
    ],
)
def test_what_is_refused_gets_a_plain_page(port: int, method: str, path: str, said: int) -> None:
    status, headers, body = get(port, path, method, b"x" if method != "GET" else None)
    assert status == said
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert b"Open the first page" in body
    assert b"Traceback" not in body
    assert b"XSRF" not in body


def test_an_older_address_sends_on_before_any_page_is_made(port: int) -> None:
    status, headers, _ = get(port, "/what_if?place=E47000001&scenario=%7B%7D")
    assert status == 301
    assert headers["location"] == "help_nearby?tab=what_if&place=E47000001&scenario=%7B%7D"
    assert get(port, "/")[0] == get(port, "/map?place=E47000001")[0] == 200


def test_the_socket_takes_a_page_and_refuses_to_clear_the_caches(port: int) -> None:
    client = websockets.sync.client.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")]
    )
    with client as socket:
        socket.send(BackMsg(clear_cache=True).SerializeToString())
        wanted = BackMsg()
        wanted.rerun_script.query_string = "place=E08000003"
        socket.send(wanted.SerializeToString())
        kinds = []
        while "script_finished" not in kinds:
            message = ForwardMsg.FromString(socket.recv(timeout=60))
            kinds.append(message.WhichOneof("type"))
        assert kinds.count("new_session") == 1
        socket.send("not the protocol")
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            while True:
                socket.recv(timeout=20)
        assert closed.value.rcvd and closed.value.rcvd.code == 1003


def test_the_log_names_no_visitor(atlas_server: Server) -> None:
    get(atlas_server.port, "/my_area?postcode=M1+1AD")
    get(atlas_server.port, "/M1%201AD")
    # A request is written down once it has been answered, so perhaps only now.
    for _ in range(100):
        lines = atlas_server.log.read_text(encoding="utf-8").splitlines()
        if any("(other)" in line for line in lines):
            break
        time.sleep(0.05)
    address, *others = [line for line in lines if not line.startswith("{")]
    assert f":{atlas_server.port}" in address and not others
    found = [json.loads(line) for line in lines if line != address]
    requests = [each for each in found if each["logger"] == "atlas.request"]
    assert {"/my_area", "(other)"} <= {each["route"] for each in requests}
    assert "M1" not in " ".join(lines)
    assert "127.0.0.1:" not in " ".join(f"{each.get('message')}" for each in requests)


@pytest.mark.slow
def test_the_first_deep_link_is_not_told_that_its_page_is_missing() -> None:
    check = (
        "import serve; from streamlit.runtime.pages_manager import PagesManager; "
        "print(PagesManager.uses_pages_directory)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
