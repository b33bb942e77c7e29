"""What a server runs: start script, nginx before two processes, container, bill of materials.

No container engine is needed: the Containerfile and the compose file are read and held to rules,
and the same start script runs here.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers import ROOT, free_port, running

START = ROOT / "deploy" / "start.sh"
NGINX = shutil.which("nginx")
# The base image of deploy/Containerfile.
ON_THE_SERVER = {"python_version": "3.11", "python_full_version": "3.11.0", "sys_platform": "linux"}
needs_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx (Debian: apt-get install nginx)")


def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(START), *arguments], env=around(**more), capture_output=True, text=True, timeout=120
    )


def around(**more: str) -> dict[str, str]:
    return {**os.environ, "ATLAS_PYTHON": sys.executable, "ATLAS_ALLOW_ROOT": "1", **more}


# The start script


@pytest.mark.slow
def test_the_start_script_serves_and_its_check_reads_the_body(tmp_path: Path) -> None:
    port = free_port()
    assert start("check", ATLAS_PORT=str(port)).returncode == 1
    environment = around(ATLAS_PORT=str(port), ATLAS_HOST="127.0.0.1", HOME=str(tmp_path))
    with running([str(START)], port, environment=environment) as server:
        answer = start("check", ATLAS_PORT=str(port))
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["ready"] is True
    assert server.process.returncode in (0, -15)


def test_a_server_that_answers_200_to_anything_is_not_ready() -> None:
    with stub("page") as number:
        assert start("check", ATLAS_PORT=str(number)).returncode == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused as root")
def test_root_is_refused() -> None:
    refused = start("serve", ATLAS_ALLOW_ROOT="")
    assert refused.returncode == 77
    assert "does not run as root" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "more", "code"),
    [
        (["serve"], {"ATLAS_PORT": "80; id"}, 64),
        (["serve"], {"ATLAS_SITE": "/nowhere"}, 66),
        (["dance"], {}, 64),
    ],
)
def test_a_start_that_cannot_be_says_why(
    arguments: list[str], more: dict[str, str], code: int
) -> None:
    refused = start(*arguments, **more)
    assert refused.returncode == code
    assert refused.stderr.strip()
    assert "Traceback" not in refused.stderr


def test_damaged_data_or_settings_stop_the_start(tmp_path: Path) -> None:
    for name in ("atlas", "views", "serving", "pages", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "serve.py", "serving.toml"):
        shutil.copy(ROOT / name, tmp_path)
    bad = tmp_path / "bad.toml"
    bad.write_text("[site]\nport = 1\n")
    refused = start(ATLAS_SITE=str(tmp_path), ATLAS_SERVING=str(bad))
    assert refused.returncode == 1
    assert "site.port" in refused.stderr
    (tmp_path / "data" / "wards.csv").write_text("tampered")
    refused = start(ATLAS_SITE=str(tmp_path))
    assert refused.returncode == 1
    assert "wards.csv" in refused.stderr
    assert "Traceback" not in refused.stderr


# nginx


class stub:  # noqa: N801 - used as a function
    """A server that tells its name and the headers that it was given."""

    def __init__(self, name: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"name": name, "headers": dict(self.headers)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> int:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return int(self.server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def rendered(folder: Path, port: int, servers: list[int]) -> Path:
    conf = folder / "nginx.conf"
    template = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    values = {
        "ATLAS_LISTEN": f"127.0.0.1:{port}",
        "ATLAS_TLS": "/dev/null",
        "ATLAS_SERVERS": " ".join(f"server 127.0.0.1:{each};" for each in servers),
        "ATLAS_COOKIE_FLAGS": "; Secure",
        "ATLAS_RUN": str(folder),
    }
    conf.write_text(Template(template).safe_substitute(values), encoding="utf-8")
    assert "${ATLAS" not in conf.read_text(encoding="utf-8")
    return conf


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with stub("one") as one, stub("two") as two:
        conf = rendered(folder, port, [one, two])
        # Short, so that the test of half-open requests is short.
        text = conf.read_text(encoding="utf-8")
        assert "client_header_timeout 10s;" in text
        conf.write_text(text.replace("client_header_timeout 10s;", "client_header_timeout 1s;"))
        command = [str(NGINX), "-c", str(conf), "-p", str(folder), "-g", "daemon off;"]
        with running(command, port, ready=lambda server: listens(server.port)):
            yield port


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def asked(
    port: int, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    text = answer.read()
    return answer.status, answer.headers, json.loads(text) if answer.status == 200 else {}


@needs_nginx
def test_a_visitor_stays_with_one_process_and_visitors_spread(proxy: int) -> None:
    met = set()
    for number in range(20):
        cookie = f"atlas_route={number:032x}"
        names = {asked(proxy, Cookie=cookie)[2]["name"] for _ in range(4)}
        assert len(names) == 1
        met |= names
    assert met == {"one", "two"}


@needs_nginx
def test_the_first_answer_sets_the_cookie_and_later_ones_do_not(proxy: int) -> None:
    cookie = asked(proxy)[1]["Set-Cookie"]
    assert re.fullmatch(r"atlas_route=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax; Secure", cookie)
    assert asked(proxy, Cookie=cookie.split(";")[0])[1]["Set-Cookie"] is None


@needs_nginx
def test_what_visitors_claim_about_themselves_ends_at_the_proxy(proxy: int) -> None:
    claims = {
        "X_Forwarded_For": "10.9.9.9",
        "X_Forwarded_User": "mayor",
        "X_Remote_User": "mayor",
        "Forwarded": "for=10.9.9.9",
    }
    seen = asked(proxy, **claims)[2]["headers"]
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert "mayor" not in json.dumps(seen)
    assert "10.9.9.9" not in json.dumps(seen)


@needs_nginx
def test_metrics_and_large_bodies_stop_at_the_proxy(proxy: int) -> None:
    assert asked(proxy, "/_stcore/metrics")[0] == 403
    status, headers, _ = asked(proxy, "/x", "PUT", b"", Content_Length=str(12 * 1024 * 1024))
    assert status == 413
    assert headers["Server"] == "nginx"  # without its version


@needs_nginx
def test_a_half_open_request_is_let_go(proxy: int) -> None:
    with socket.create_connection(("127.0.0.1", proxy), timeout=8) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        start = time.monotonic()
        try:
            answer = slow.recv(100)
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or b"408" in answer
        assert time.monotonic() - start < 6


# The container, read


def stages() -> dict[str, list[tuple[str, str]]]:
    text = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, list[tuple[str, str]]] = {"": []}
    name = ""
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            name = rest.rpartition(" AS ")[2]
            found[name] = []
        found[name].append((word, rest.strip()))
    return found


def test_both_images_run_as_a_user_without_a_name_to_become() -> None:
    for name in ("app", "pipeline"):
        users = [rest for word, rest in stages()[name] if word == "USER"]
        assert users == ["10001:10001"]
        after = [w for w, _ in stages()[name]][[w for w, _ in stages()[name]].index("USER") :]
        assert not {"COPY", "ADD", "RUN"} & set(after)


def test_the_images_are_built_from_the_lock_and_from_a_named_base() -> None:
    whole = stages()
    text = json.dumps(whole)
    assert "--requirement /build/requirements.lock" in text
    assert ":latest" not in text
    assert [rest for word, rest in whole[""] if word == "ARG"] == [
        "PYTHON=python:3.11-slim-bookworm"
    ]
    assert not [rest for each in whole.values() for word, rest in each if word == "ADD"]
    assert not re.search(r"(?i)password|secret|token|api_key", text)


def test_app_and_pipeline_are_apart() -> None:
    def copied(name: str) -> set[str]:
        return {rest.split()[0] for word, rest in stages()[name] if word == "COPY"}

    assert not copied("app") & {"pipelines", "tests", "bench"}
    assert not copied("pipeline") & {"serving", "pages", "serve.py", "app.py"}
    assert [word for word, _ in stages()["app"]].count("HEALTHCHECK") == 1


def test_everything_copied_exists_and_is_let_into_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    assert ignored[1] == "*"
    for steps in stages().values():
        for word, rest in steps:
            if word != "COPY" or "--from=" in rest:
                continue
            for source in [part for part in rest.split() if not part.startswith("--")][:-1]:
                assert (ROOT / source).exists(), source
                assert source in let_in, source
    assert ".streamlit/secrets.toml" in ignored


def test_compose_gives_each_service_as_little_as_it_needs() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"] and service["pids_limit"], name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert "privileged" not in service, name
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("atlas-1", "atlas-2"):
        app = compose["services"][name]
        assert app["networks"] == ["inside"]
        assert "ports" not in app
        assert all(volume.endswith(":ro") for volume in app["volumes"])
        assert name in compose["services"]["proxy"]["environment"]["ATLAS_SERVERS"]
    assert compose["services"]["pipeline"]["networks"] == ["outside"]


def test_the_compose_files_settings_can_be_read() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "serving", "check"],
        cwd=ROOT,
        env={**os.environ, "ATLAS_SERVING": str(ROOT / "deploy" / "site.toml")},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


# What is installed, and what is listed


def locked(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {str(each): each for each in wanted}


def test_the_locks_name_a_version_of_each_package_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements.txt"):
        for text, wanted in locked(name).items():
            assert re.fullmatch(r"==[\w.]+", str(wanted.specifier)), text
            assert wanted.url is None, text


def test_the_locks_meet_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    develops = project["optional-dependencies"]["dev"]
    for name, asked in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", [*project["dependencies"], *develops]),
    ):
        held = [(canonicalize_name(each.name), each) for each in locked(name).values()]
        for wanted in map(Requirement, asked):
            versions = [
                str(each.specifier)[2:]
                for known, each in held
                if known == canonicalize_name(wanted.name)
            ]
            assert versions and all(map(wanted.specifier.contains, versions)), f"{name}: {wanted}"


def test_developing_adds_to_what_runs_and_changes_nothing_of_it() -> None:
    runs, develops = locked("requirements.lock"), locked("requirements-dev.lock")
    assert set(runs) < set(develops)
    added = {wanted.name for text, wanted in develops.items() if text not in runs}
    assert {"pytest", "mypy", "ruff"} <= added


def test_hosting_services_install_what_the_lock_names() -> None:
    assert locked("requirements.txt") == locked("requirements.lock")


def test_everything_that_runs_here_is_in_the_bill_of_materials_once() -> None:
    bill = json.loads((ROOT / "deploy" / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    listed = [(canonicalize_name(part["name"]), part["version"]) for part in bill["components"]]
    here = {
        (canonicalize_name(wanted.name), str(wanted.specifier).removeprefix("=="))
        for wanted in locked("requirements.lock").values()
        if wanted.marker is None or wanted.marker.evaluate(ON_THE_SERVER)
    }
    assert set(listed) == here and len(listed) == len(here), "run `make sbom`"
