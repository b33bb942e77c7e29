"""What a server runs: start script, nginx before two processes, container, bill of materials.

No container engine is needed: the Containerfile and the compose file are read and held to rules,
and the same start script runs here.
"""

import http.client
import importlib.metadata
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

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from atlas.worker import for_files
from serving.settings import read
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


# An ordinary user without any privilege, as the container's: files are those of who runs the test.
AS_USER = ["unshare", "--user", "--map-user=10001", "--map-group=10001"]
may_unshare = pytest.mark.skipif(
    subprocess.run([*AS_USER, "true"], capture_output=True).returncode != 0,
    reason="this system lets nobody make a user namespace",
)


@pytest.mark.slow
@may_unshare
def test_what_the_image_holds_starts_as_an_ordinary_user_in_an_empty_folder(tmp_path: Path) -> None:
    image, home = tmp_path / "image", tmp_path / "home"
    laid_out(image)
    home.mkdir()
    subprocess.run(["chmod", "-R", "a-w", str(image)], check=True)
    port = free_port()
    environment = around(ATLAS_PORT=str(port), HOME=str(home), ATLAS_ALLOW_ROOT="")
    command = [*AS_USER, str(image / "start.sh")]
    try:
        with running(command, port, folder=home, environment=environment) as server:
            assert start("check", ATLAS_PORT=str(port)).returncode == 0
            assert "Permission denied" not in server.log.read_text(encoding="utf-8")
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(image)], check=True)


def laid_out(image: Path) -> None:
    """Put into a folder what the Containerfile copies into the app's image."""
    for word, rest in (*stages()["base"], *stages()["app"]):
        if word != "COPY" or "--from=" in rest:
            continue
        *sources, target = [part for part in rest.split() if not part.startswith("--")]
        for source in sources:
            name = Path(source).name
            inside = target if target.rstrip("/").endswith(name) else f"{target}/{name}"
            place = image / "site" / inside if inside.startswith(".") else image / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)


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


# Sixty browsers with six connections each, which are answered only once all have asked.
OFFICE = 60 * 6
TOGETHER = threading.Barrier(OFFICE)


class stub:  # noqa: N801 - used as a function
    """A server that tells its name and the headers that it was given."""

    def __init__(self, name: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/together":
                    TOGETHER.wait(30)
                body = json.dumps({"name": name, "headers": dict(self.headers)}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PUT = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = OFFICE

        self.server = Server(("127.0.0.1", 0), Handler)

    def __enter__(self) -> int:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return int(self.server.server_address[1])

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def rendered(folder: Path, port: int, plain: int, servers: list[int]) -> Path:
    conf, redirect = folder / "nginx.conf", (ROOT / "deploy" / "redirect.conf").read_text()
    (folder / "redirect.conf").write_text(redirect.replace("8080", f"127.0.0.1:{plain}"))
    template = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    values = {
        "ATLAS_LISTEN": f"127.0.0.1:{port}",
        "ATLAS_TLS": "/dev/null",
        "ATLAS_REDIRECT": str(folder / "redirect.conf"),
        "NGINX_LOCAL_RESOLVERS": "127.0.0.1",
        "ATLAS_SERVERS": " ".join(f"server 127.0.0.1:{each};" for each in servers),
        "ATLAS_COOKIE_FLAGS": "; Secure",
        "ATLAS_RUN": str(folder),
    }
    conf.write_text(Template(template).safe_substitute(values), encoding="utf-8")
    assert not re.search(r"\$\{[A-Z]", conf.read_text(encoding="utf-8"))
    return conf


@pytest.fixture(scope="module")
def plain() -> int:
    return free_port()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, plain: int) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with stub("one") as one, stub("two") as two:
        conf = rendered(folder, port, plain, [one, two])
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
def test_plain_http_is_sent_on_to_the_same_page_by_https(proxy: int, plain: int) -> None:
    status, headers, _ = asked(plain, "/briefing?place=E08000003", Host="atlas.example")
    assert (status, headers["Location"]) == (
        301,
        "https://atlas.example/briefing?place=E08000003",
    )


def test_the_proxy_too_counts_an_ipv6_network_as_one_place() -> None:
    template = (ROOT / "deploy" / "nginx.conf.template").read_text(encoding="utf-8")
    (pattern,) = re.findall(r'"~(\S+)"\s+\$network;', template)
    network = re.compile(pattern.replace("?<", "?P<"))
    places = ["2001:db8:1:2::5", "2001:db8:1:2:3:4:5:6", "2001:db8:1:3::5", "2001:db8::1"]
    found = [network.match(each)["network"] for each in places]  # type: ignore[index]
    assert found == ["2001:db8:1:2:", "2001:db8:1:2:", "2001:db8:1:3:", "2001:db8:"]
    assert network.match("192.0.2.1") is None
    assert template.count("$atlas_place zone=") == 3


@needs_nginx
def test_an_office_behind_one_address_is_answered(proxy: int) -> None:
    held = [socket.create_connection(("127.0.0.1", proxy), timeout=30) for _ in range(OFFICE)]
    try:
        for each in held:
            each.sendall(b"GET /together HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [each.recv(12) for each in held] == [b"HTTP/1.1 200"] * OFFICE
    finally:
        for each in held:
            each.close()


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


def test_memory_is_enough_for_the_server_and_its_workers_at_the_same_time() -> None:
    measured = json.loads((ROOT / "measured" / "memory.json").read_text(encoding="utf-8"))
    # The datastore's files, all sheets of an area and a visitor's file.
    workers = 740 + 600 + for_files._memory / 1e6
    needed = max(max(briefings) for briefings in measured["after_briefings_mb"]) + workers
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
    for name in ("atlas-1", "atlas-2"):
        assert int(compose["services"][name]["mem_limit"].removesuffix("g")) * 1000 > needed
    assert int(container["resources"]["limits"]["memory"].removesuffix("Gi")) * 1000 > needed


def test_volumes_belong_to_who_writes_them_and_processes_are_found_again() -> None:
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    owned = [rest for word, rest in stages()["base"] if word == "RUN" and "install -d" in rest]
    for volume in compose["services"]["pipeline"]["volumes"]:
        assert volume.split(":")[1] in owned[0].split() and "-o 10001 -g 10001" in owned[0]
    servers = compose["services"]["proxy"]["environment"]["ATLAS_SERVERS"]
    assert servers.count("resolve") == servers.count("server ") == 2
    assert "80:8080" in compose["services"]["proxy"]["ports"]


def test_the_settings_beside_compose_and_in_kubernetes_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(manifests()["ConfigMap"]["data"]["site.toml"])
    for path in (ROOT / "deploy" / "site.toml", tmp_path / "site.toml"):
        assert read(path).site.https


def manifests() -> dict[str, Any]:
    text = (ROOT / "deploy" / "kubernetes.yaml").read_text(encoding="utf-8")
    return {each["kind"]: each for each in yaml.safe_load_all(text)}


def test_compose_and_kubernetes_are_what_their_schemas_ask_for() -> None:
    check = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    command = [Path(sys.executable).with_name(check[0]), *check[1:], "deploy/compose.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    for manifest in manifests().values():
        kubernetes_validate.validate(manifest, "1.37", strict=True)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifests()["Service"] | {"spec": 1}, "1.37", strict=True)


def test_kubernetes_keeps_the_rules_of_compose() -> None:
    found = manifests()
    spec = found["Deployment"]["spec"]
    assert spec["replicas"] == 2
    pod = spec["template"]["spec"]
    (atlas,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert atlas["securityContext"]["readOnlyRootFilesystem"] is True
    assert atlas["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert atlas["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert atlas["livenessProbe"]["httpGet"]["path"] == "/_stcore/health"
    cookie = found["Ingress"]["metadata"]["annotations"]
    assert cookie["nginx.ingress.kubernetes.io/affinity"] == "cookie"


# What is installed, and what is listed


def entries(name: str) -> list[str]:
    """The lock's requirements, each with its hashes on one line."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def locked(name: str) -> dict[str, Requirement]:
    wanted = [Requirement(line.partition(" --hash")[0]) for line in entries(name)]
    return {str(each): each for each in wanted}


def test_the_locks_name_a_version_of_each_package_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "requirements.txt"):
        for text, wanted in locked(name).items():
            assert re.fullmatch(r"==[\w.]+", str(wanted.specifier)), text
            assert wanted.url is None, text
        for entry in entries(name):
            hashes = entry.split(" --hash=")[1:]
            assert hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64} *", each) for each in hashes)


def test_the_lock_holds_files_for_every_platform_that_it_names() -> None:
    # numpy publishes a wheel for each system and Python: a lock made for one machine has a few.
    found = {each.split("==")[0]: each.count("--hash=") for each in entries("requirements.lock")}
    for name in ("numpy", "pandas", "pyarrow", "scipy", "shapely", "pyproj"):
        assert found[name] >= 20, name


def test_what_packages_ask_for_with_extras_is_locked_with_them() -> None:
    # Else pip takes it for something that is not locked, and refuses the whole list.
    held = {canonicalize_name(each.name): each for each in locked("requirements-dev.lock").values()}
    for name in held:
        try:
            asked = [Requirement(each) for each in importlib.metadata.requires(name) or []]
        except importlib.metadata.PackageNotFoundError:
            continue  # not of this platform
        for wanted in asked:
            if wanted.extras and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
                assert wanted.extras <= held[canonicalize_name(wanted.name)].extras, f"{wanted}"


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
    for part in bill["components"]:
        given = [each.get("license", each) for each in part["licenses"]]
        assert all(each.get("id") or each.get("name") or each.get("expression") for each in given)
    listed = [(canonicalize_name(part["name"]), part["version"]) for part in bill["components"]]
    here = {
        (canonicalize_name(wanted.name), str(wanted.specifier).removeprefix("=="))
        for wanted in locked("requirements.lock").values()
        if wanted.marker is None or wanted.marker.evaluate(ON_THE_SERVER)
    }
    assert set(listed) == here and len(listed) == len(here), "run `make sbom`"
