"""Fetching from publishers that misbehave: the good file stays, and the message helps."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from atlas.catalogue.sources import Source
from pipelines.download import fetch as fetching
from pipelines.download.content import sha256
from pipelines.download.fetch import FetchError, Policy, fetch, is_complete, sidecar_of
from tests.pipelines.publishers import contents as made
from tests.pipelines.publishers.corpus import ARCGIS, CASES, CONTENT, PATH, WIRE, Case
from tests.pipelines.publishers.services import ROOT, Service
from tests.pipelines.publishers.web import Server, body, drip_body, reset, status
from tests.sampling import sampled

OLD = b"the file that was there before"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture(autouse=True)
def clean(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.routes.clear()
    server.hits.clear()
    server.asked.clear()
    # A proxy in the environment is for the real publishers.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def policy(server: Server, **edits: object) -> Policy:
    usual = Policy(
        connect=3,
        read=5,
        attempt=10,
        deadline=20,
        tries=3,
        pause=0.01,
        https_only=False,
        arcgis_base=server.root + ROOT,
    )
    return replace(usual, **edits)  # type: ignore[arg-type]


def with_old_file(source: Source, folder: Path) -> Path:
    """Put an old file there, with a record, as an earlier fetch would have."""
    target = folder / source.file
    target.parent.mkdir(parents=True)
    target.write_bytes(OLD)
    sidecar_of(target).write_text(json.dumps({"sha256": sha256(target)}), encoding="utf-8")
    return target


def hidden(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


def assert_refused(case: Case, source: Source, folder: Path, **how: object) -> None:
    target = with_old_file(source, folder)
    record = sidecar_of(target).read_bytes()
    with pytest.raises(FetchError) as refused:
        fetch(source, folder, **how)  # type: ignore[arg-type]
    message = str(refused.value)
    assert re.search(case.says, message, re.DOTALL), message
    assert source.page in message
    assert "Traceback" not in message
    assert target.read_bytes() == OLD
    assert sidecar_of(target).read_bytes() == record
    assert hidden(folder) == []


def named(cases: list[Case], good: bool) -> list[object]:
    return [pytest.param(case, id=case.name) for case in cases if case.good is good]


@pytest.mark.slow
def test_a_request_that_nobody_ends_any_more_ends_itself(server: Server, tmp_path: Path) -> None:
    server.routes[PATH] = drip_body
    job = {
        "url": server.root + PATH,
        "target": str(tmp_path / "file"),
        "max_bytes": 1_000_000,
        "connect": 3,
        "read": 5,
        "redirects": 0,
        "hosts": {"127.0.0.1"},
        "https_only": False,
        "seconds": -0.5,
    }
    script = f"from pipelines.download.transfer import transfer; transfer({job!r}, id)"
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == 1


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(not case.good for case in CASES) >= 60


@pytest.mark.parametrize("case", sampled(named([*WIRE, *ARCGIS], good=True), 3))
def test_a_sound_download_replaces_the_old_file(case: Case, server: Server, tmp_path: Path) -> None:
    source = case.declared(server)
    target = with_old_file(source, tmp_path)
    assert fetch(source, tmp_path, refresh=True, policy=policy(server, **case.policy)) == target
    assert target.read_bytes() != OLD
    assert is_complete(target)
    assert hidden(tmp_path) == []


@pytest.mark.parametrize("case", sampled(named([*WIRE, *ARCGIS], good=False), 3))
def test_a_faulty_download_changes_nothing(case: Case, server: Server, tmp_path: Path) -> None:
    source = case.declared(server)
    assert_refused(case, source, tmp_path, refresh=True, policy=policy(server, **case.policy))


# What arrived is judged in the same way however it came, so these need no server.
@pytest.mark.parametrize("case", named(CONTENT, good=True))
def test_a_sound_file_is_taken(case: Case, tmp_path: Path) -> None:
    assert case.content
    given = tmp_path / "given"
    given.write_bytes(case.content())
    target = fetch(case.source, tmp_path / "to", given=given)
    assert target.read_bytes() == given.read_bytes()


@pytest.mark.parametrize("case", sampled(named(CONTENT, good=False), 3))
def test_a_faulty_file_is_not(case: Case, tmp_path: Path) -> None:
    assert case.content
    (tmp_path / "given").write_bytes(case.content())
    assert_refused(case, case.source, tmp_path / "to", given=tmp_path / "given")


def test_the_record_says_where_from_and_when(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = body(made.good(), ETag='"abc"', Last_Modified="Thu, 30 Oct 2025")
    target = fetch(source, tmp_path, policy=policy(server))
    record = json.loads(sidecar_of(target).read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", record.pop("retrieved"))
    assert record == {
        "url": server.root + PATH,
        "etag": '"abc"',
        "last_modified": "Thu, 30 Oct 2025",
        "bytes": len(made.good()),
        "sha256": sha256(target),
    }


def test_only_plain_bytes_are_asked_for(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = body(made.good())
    fetch(source, tmp_path, policy=policy(server))
    assert server.asked[0].headers["Accept-Encoding"] == "identity"


def test_a_finished_file_is_not_downloaded_again_unless_asked(
    server: Server, tmp_path: Path
) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = body(made.good())
    fetch(source, tmp_path, policy=policy(server))
    fetch(source, tmp_path, policy=policy(server))
    assert server.hits[PATH] == 1
    fetch(source, tmp_path, refresh=True, policy=policy(server))
    assert server.hits[PATH] == 2


def test_a_file_that_changed_since_is_downloaded_again(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = body(made.good())
    target = fetch(source, tmp_path, policy=policy(server))
    target.write_bytes(made.good()[:-10])
    fetch(source, tmp_path, policy=policy(server))
    assert target.read_bytes() == made.good()


def test_a_file_that_a_person_put_there_is_kept(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    target = tmp_path / source.file
    target.parent.mkdir(parents=True)
    target.write_bytes(made.reordered())
    fetch(source, tmp_path, policy=policy(server))
    assert target.read_bytes() == made.reordered()
    assert server.hits[PATH] == 0


def test_an_unsound_file_that_a_person_put_there_is_named_not_overwritten(
    server: Server, tmp_path: Path
) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    target = tmp_path / source.file
    target.parent.mkdir(parents=True)
    target.write_bytes(b"notes of mine")
    with pytest.raises(FetchError, match="put there by hand"):
        fetch(source, tmp_path, policy=policy(server))
    assert target.read_bytes() == b"notes of mine"


def test_errors_that_will_not_pass_are_not_tried_again(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = status(404)
    with pytest.raises(FetchError):
        fetch(source, tmp_path, policy=policy(server))
    assert server.hits[PATH] == 1


def test_errors_that_may_pass_are_tried_as_often_as_allowed(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = reset
    with pytest.raises(FetchError):
        fetch(source, tmp_path, policy=policy(server, tries=2))
    assert server.hits[PATH] == 2


@pytest.mark.parametrize(
    ("facts", "attempt", "least", "most"),
    [
        ({"status": 429, "retry_after": "7"}, 0, 7, 7),
        ({"status": 503}, 0, 0.5, 1),
        ({"status": 503}, 3, 4, 8),
        ({"problem": "reset", "again": True}, 1, 1, 2),
    ],
)
def test_the_pause_grows_and_obeys_the_server(
    facts: dict[str, object], attempt: int, least: float, most: float
) -> None:
    pause = fetching.pause_before_next(facts, attempt, Policy(pause=1, tries=5))
    assert pause is not None
    assert least <= pause <= most


@pytest.mark.parametrize(
    ("facts", "attempt"),
    [({"status": 404}, 0), ({"status": 503}, 4), ({"problem": "larger", "again": False}, 0)],
)
def test_there_is_no_pause_where_another_try_cannot_help(
    facts: dict[str, object], attempt: int
) -> None:
    assert fetching.pause_before_next(facts, attempt, Policy(tries=5)) is None


def test_a_source_without_an_address_says_which_page_to_open(tmp_path: Path) -> None:
    source = made.source()
    with pytest.raises(FetchError) as refused:
        fetch(source, tmp_path)
    message = str(refused.value)
    assert source.page in message
    assert str(tmp_path / source.file) in message
    assert f"fetch {source.key} --file" in message


def test_a_mirror_gives_its_file_and_its_record(tmp_path: Path) -> None:
    source = made.source()
    there = tmp_path / "mirror" / source.file
    there.parent.mkdir(parents=True)
    there.write_bytes(made.good())
    record = {
        "url": "https://toys.example/1",
        "retrieved": "2026-01-02T03:04:05+00:00",
        "sha256": sha256(there),
    }
    sidecar_of(there).write_text(json.dumps(record), encoding="utf-8")
    target = fetch(source, tmp_path / "to", mirror=tmp_path / "mirror")
    assert target.read_bytes() == made.good()
    kept = json.loads(sidecar_of(target).read_text(encoding="utf-8"))
    assert record.items() <= kept.items()


def test_a_mirror_without_the_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="There is no file"):
        fetch(made.source(), tmp_path / "to", mirror=tmp_path)


def test_an_interrupted_fetch_leaves_the_old_file_and_no_rest(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    target = with_old_file(source, tmp_path)
    server.routes[PATH] = drip_body

    def interrupt(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(source, tmp_path, refresh=True, policy=policy(server), progress=interrupt)
    assert target.read_bytes() == OLD
    assert hidden(tmp_path) == []


def test_progress_reaches_the_size(server: Server, tmp_path: Path) -> None:
    source = replace(made.source(), urls=(server.root + PATH,))
    server.routes[PATH] = body(made.good())
    seen: list[int] = []
    fetch(
        source,
        tmp_path,
        policy=policy(server),
        progress=lambda done, total: seen.append(done),
    )
    assert seen[-1] == len(made.good())


def test_points_become_columns_in_metres(server: Server, tmp_path: Path) -> None:
    case = next(case for case in ARCGIS if case.name == "a service of points")
    target = fetch(case.declared(server), tmp_path, policy=policy(server))
    lines = target.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["LSOA21CD,x,y", "E01000000,400001.04,300000.0"]


def test_a_finer_lookup_is_written_once_per_pair(server: Server, tmp_path: Path) -> None:
    case = next(case for case in ARCGIS if case.name == "a service of a finer lookup")
    target = fetch(case.declared(server), tmp_path, policy=policy(server))
    lines = target.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["LSOA21CD,WD24CD", "E01000000,E05000000"]
    assert len(lines) == 11


def test_pages_are_asked_in_order_and_by_what_came(server: Server, tmp_path: Path) -> None:
    service = Service([{"LSOA21CD": made.code(n)} for n in range(10)], page=4)
    service.mount(server, "PAGES")
    source = made.source(
        key="toy", columns=("LSOA21CD",), rows=(10, 10), arcgis=("PAGES",), where="X='1'"
    )
    fetch(source, tmp_path, policy=policy(server))
    count, *pages = service.queries
    assert count["returnCountOnly"] == "true"
    assert [page["resultOffset"] for page in pages] == ["0", "4", "8"]
    assert {page["orderByFields"] for page in pages} == {"FID"}
    assert {page["where"] for page in service.queries} == {"X='1'"}
