"""The datastore as scripts see it: addresses, checksums, caching, parts of files, wrong names."""

import hashlib
import http.client
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT, Server


@pytest.fixture(scope="module")
def port(datastore_server: Server) -> int:
    return datastore_server.port


def ask(
    port: int, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    return answer.status, found, answer.read()


def test_every_file_of_the_descriptor_is_served_as_described(port: int) -> None:
    status, headers, body = ask(port, "/datastore/datapackage.json")
    assert status == 200 and headers["content-type"] == "application/json"
    for entry in json.loads(body)["resources"]:
        status, headers, content = ask(port, f"/datastore/{entry['path']}")
        assert status == 200
        assert len(content) == entry["bytes"] == int(headers["content-length"])
        checksum = hashlib.sha256(content).hexdigest()
        assert entry["hash"] == f"sha256:{checksum}"
        assert headers["x-checksum-sha256"] == checksum
        assert headers["content-type"].startswith(entry["mediatype"])
        assert headers["access-control-allow-origin"] == "*"


def test_the_folder_leads_to_the_page_about_it(port: int) -> None:
    for path, there in (("/datastore", ""), ("/datastore/", "../")):
        status, headers, _ = ask(port, path)
        assert (status, headers["location"]) == (301, f"{there}data_and_method?tab=datastore")


def test_a_script_that_has_the_file_is_told_so(port: int) -> None:
    etag = ask(port, "/datastore/wards.csv")[1]["etag"]
    status, headers, body = ask(port, "/datastore/wards.csv", If_None_Match=f'"other", W/{etag}')
    assert (status, body) == (304, b"")
    assert headers["etag"] == etag and "must-revalidate" in headers["cache-control"]
    assert ask(port, "/datastore/wards.csv", If_None_Match='"other"')[0] == 200


def test_head_tells_the_size_and_sends_nothing(port: int, datastore: Path) -> None:
    status, headers, body = ask(port, "/datastore/wards.gpkg", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) == (datastore / "wards.gpkg").stat().st_size


def test_part_of_a_file_can_be_asked_for(port: int, datastore: Path) -> None:
    status, headers, body = ask(port, "/datastore/wards.gpkg", Range="bytes=0-15")
    assert status == 206
    assert body == (datastore / "wards.gpkg").read_bytes()[:16] == b"SQLite format 3\0"
    assert ask(port, "/datastore/wards.gpkg", Range="bytes=999999999-")[0] == 416


def test_an_edition_has_an_address_that_may_be_kept(port: int, datastore: Path) -> None:
    status, headers, _ = ask(port, f"/datastore/{datastore.name}/wards.csv")
    assert status == 200 and "immutable" in headers["cache-control"]
    status, _, body = ask(port, "/datastore/00000000-000000/wards.csv")
    assert status == 404 and datastore.name.encode() in body


@pytest.mark.parametrize(
    "path",
    [
        "/datastore/nothing.csv",
        "/datastore/../app.py",
        "/datastore/%2e%2e/app.py",
        "/datastore/..%2fapp.py",
        "/datastore/wards.csv/",
        "/datastore/a/b/c.csv",
    ],
)
def test_other_names_are_answered_in_plain_words(port: int, path: str) -> None:
    status, headers, body = ask(port, path)
    assert status in (400, 404)
    assert b"import " not in body and b"<html" not in body.lower()
    if status == 404 and "/.." not in path and "%" not in path:
        assert b"datapackage.json lists all files" in body
        assert headers["cache-control"] == "no-store"


def test_only_reading_is_allowed(port: int) -> None:
    assert ask(port, "/datastore/wards.csv", method="POST")[0] == 405
    assert ask(port, "/datastore/wards.csv", method="DELETE")[0] == 405


GUIDE = (ROOT / "docs/using_the_data.md").read_text(encoding="utf-8")
PLACEHOLDER = "https://atlas.example.org"
SNIPPETS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["table", "outlines", "checksum", "one place"])
@pytest.mark.slow
def test_the_guide_s_python_runs(snippet: str, port: int) -> None:
    code = snippet.replace(PLACEHOLDER, f"http://127.0.0.1:{port}")
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd="/"
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip()


def test_the_guide_s_addresses_exist(port: int) -> None:
    paths = re.findall(rf"{re.escape(PLACEHOLDER)}(/datastore/[a-z_.]+)", GUIDE)
    assert len(paths) >= 7
    for path in {p for p in paths if not p.endswith("/")}:
        assert ask(port, path, method="HEAD")[0] == 200, path
    for name in re.findall(r"`([a-z_]+\.gpkg)`", GUIDE):
        assert ask(port, f"/datastore/{name}", method="HEAD")[0] == 200, name
    of_twins = {"figures", "as_at", "name", "value"}
    for column in {*re.findall(r"\[\"([a-z_]+)\"\]", GUIDE)} - of_twins:
        assert re.search(rf'"name": "{column}"|"{column}":', _descriptor(port)), column


def _descriptor(port: int) -> str:
    return ask(port, "/datastore/datapackage.json")[2].decode()
