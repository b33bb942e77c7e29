"""The datastore while its files are made, cannot be made, or are damaged: no request waits."""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from atlas import turns, worker
from atlas.datastore import cache
from atlas.datastore.datastore import DESCRIPTOR, edition_of
from atlas.snapshot.snapshot import DATA
from atlas.snapshot.soundness import Watch
from atlas.turns import Failures
from atlas.worker import WorkerError
from serving.answers.datastore import routes

TABLE = b"ward_code\nE05011368\n"


class Maker:
    """Stands for the worker: waits until it may go on, then writes one table, or fails."""

    def __init__(self) -> None:
        self.may_go_on, self.fails, self.times = Event(), False, 0
        self.may_go_on.set()

    def do(self, work: object, data: Path, folder: Path) -> None:
        self.times += 1
        assert self.may_go_on.wait(60)
        if self.fails:
            raise WorkerError
        folder.mkdir(parents=True)
        (folder / "wards.csv").write_bytes(TABLE)
        said = f"sha256:{hashlib.sha256(TABLE).hexdigest()}"
        described = {"version": "1", "resources": [{"path": "wards.csv", "hash": said}]}
        (folder / DESCRIPTOR).write_text(json.dumps(described))


@pytest.fixture
def maker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    made = Maker()
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(cache.Worker, "do", lambda _, *given: made.do(*given))
    monkeypatch.setattr(cache, "_failed", Failures())
    yield made
    made.may_go_on.set()
    finished()


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=routes(Watch(600, lambda: [DATA]))))


def finished() -> None:
    for thread in cache._makers.values():
        thread.join(60)


def test_no_request_waits_for_the_files_and_they_are_made_once(
    maker: Maker, client: TestClient
) -> None:
    maker.may_go_on.clear()
    for name in ("nothing.csv", "wards.csv", DESCRIPTOR) * 20:
        answer = client.get(f"/datastore/{name}")
        assert answer.status_code == 503 and answer.headers["retry-after"] == "60"
    maker.may_go_on.set()
    finished()
    assert maker.times == 1
    assert client.get("/datastore/wards.csv").content == TABLE
    assert client.get("/datastore/nothing.csv").status_code == 404


@pytest.mark.parametrize("name", ["passwd", "wards.exe", "W.csv", "a" * 300 + ".csv", "..%2fx.csv"])
def test_a_name_that_no_file_has_begins_nothing(
    name: str, maker: Maker, client: TestClient
) -> None:
    assert client.get(f"/datastore/{name}").status_code == 404
    finished()
    assert maker.times == 0


def test_what_could_not_be_made_rests_longer_each_time(
    maker: Maker, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    maker.fails = True
    for at, times in ((1, 1), (60, 1), (62, 2), (181, 2), (183, 3)):
        now = float(at)
        for _ in range(5):
            assert client.get("/datastore/wards.csv").status_code == 503
            finished()
        assert maker.times == times, at
    maker.fails, now = False, 10_000.0
    client.get("/datastore/wards.csv")
    finished()
    assert client.get("/datastore/wards.csv").content == TABLE
    assert not cache.resting(DATA)


def test_one_failure_is_one_line_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*given: object, **settings: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(cache, "_failed", Failures())
    monkeypatch.setattr(worker.subprocess, "Popen", refuse)
    cache.start(DATA)
    finished()
    assert [line.getMessage() for line in caplog.records] == ["datastore not made"]


def test_a_build_that_fails_at_once_is_begun_once_by_many(
    maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker.fails = True
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            maker.times = 0
            cache._failed.forget(edition_of(DATA))
            asking = [Thread(target=cache.start, args=(DATA,)) for _ in range(30)]
            for each in asking:
                each.start()
            for each in asking:
                each.join(60)
            finished()
            assert maker.times == 1
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wards.csv", TABLE[:-3]),
        ("wards.csv", TABLE.replace(b"8", b"9")),
        ("wards.csv", None),
        (DESCRIPTOR, b"{"),
        (DESCRIPTOR, b"{}"),
        (DESCRIPTOR, None),
    ],
    ids=["cut", "changed", "missing", "half a descriptor", "empty descriptor", "no descriptor"],
)
def test_what_is_damaged_is_not_served_and_made_anew(
    name: str, content: bytes | None, maker: Maker, client: TestClient, tmp_path: Path
) -> None:
    cache.made(DATA)
    assert client.get("/datastore/wards.csv").content == TABLE
    file = tmp_path / edition_of(DATA) / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert client.get("/datastore/wards.csv").status_code == 503
    finished()
    answer = client.get("/datastore/wards.csv")
    assert answer.content == TABLE
    assert answer.headers["x-checksum-sha256"] == hashlib.sha256(TABLE).hexdigest()
    assert client.get("/datastore/wards.csv", headers={"if-none-match": "*"}).status_code == 304


def test_damage_where_nothing_can_be_written_is_an_answer_and_no_failure(
    maker: Maker, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.made(DATA)
    (tmp_path / edition_of(DATA) / "wards.csv").write_bytes(b"")
    monkeypatch.setattr(cache, "_discard", lambda folder: None)
    for _ in range(3):
        assert client.get("/datastore/wards.csv").status_code == 503
    shutil.rmtree(tmp_path / edition_of(DATA))
