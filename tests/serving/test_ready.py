"""/readyz says yes only while every published file has the bytes of the manifest."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from atlas.snapshot.snapshot import DATA
from atlas.snapshot.soundness import NEEDED, Watch, verified
from serving.ready import Readiness
from serving.settings import read

READY = read().ready


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "map").mkdir()
    for name in (*NEEDED, "map/a.json"):
        (tmp_path / name).write_text(name)
    outputs = {
        name: {"sha256": hashlib.sha256(name.encode()).hexdigest()}
        for name in (*NEEDED, "map/a.json")
    }
    (tmp_path / "provenance.json").write_text(json.dumps({"outputs": outputs}))
    os.utime(tmp_path / "provenance.json", (1000, 1000))
    return tmp_path


class Clock:
    """Two seconds pass between looks, so that none is taken for the one before."""

    now = 998.0

    def __call__(self) -> float:
        self.now += 2
        return self.now


def readiness_of(*folders: Path, clock: Clock | None = None) -> Readiness:
    return Readiness(READY, Watch(READY.recheck_seconds, lambda: list(folders), clock or Clock()))


def test_whole_data_is_ready_and_its_version_is_the_one_on_the_page(folder: Path) -> None:
    status, body = readiness_of(folder).answer()
    said = hashlib.sha256((folder / "provenance.json").read_bytes()).hexdigest()[:8]
    assert status == 200
    assert body == {
        "ready": True,
        "data_version": said,
        "data_age_days": 0.0,
        "stale": False,
        "fallback": False,
        "last_refresh": "none",
        "page_failures": 0,
    }


def test_the_committed_data_is_ready() -> None:
    assert verified(DATA).faults == ()


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "wards.csv").write_text("on3"),
        lambda folder: (folder / "map" / "a.json").unlink(),
        lambda folder: (folder / "provenance.json").write_text("{"),
        lambda folder: (folder / "provenance.json").write_text('{"outputs": []}'),
        lambda folder: (folder / "provenance.json").write_text('{"outputs": {}}'),
        lambda folder: (folder / "provenance.json").write_bytes(bytes(99)),
        lambda folder: (folder / "provenance.json").write_text("[" * 100_000),
        lambda folder: (folder / "provenance.json").unlink(),
    ],
    ids=[
        "changed",
        "missing",
        "broken manifest",
        "strange",
        "of no files",
        "NULs",
        "deep",
        "no manifest",
    ],
)
def test_damage_is_noticed_at_once_and_named_only_in_the_log(folder: Path, harm: object) -> None:
    readiness = readiness_of(folder)
    assert readiness.answer()[0] == 200
    harm(folder)  # type: ignore[operator]
    status, body = readiness.answer()
    assert status == 503
    assert not body["ready"]
    assert "wards.csv" not in json.dumps(body)
    assert readiness.watched.shown().state.faults


def test_a_look_without_change_hashes_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    readiness = readiness_of(folder, clock=clock)
    readiness.answer()
    looks: list[Path] = []
    monkeypatch.setattr("atlas.snapshot.soundness._sha256", lambda path: looks.append(path) or "")
    clock.now += READY.recheck_seconds - 10
    assert readiness.answer()[0] == 200
    assert looks == []
    clock.now += 10
    assert readiness.answer()[0] == 503
    # What seems damaged is looked at twice: a publication may have swapped it in.
    assert len(looks) == 2 * (len(NEEDED) + 1)


def test_a_damaged_version_gives_way_to_the_one_before_and_is_told(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    newer = tmp_path_factory.mktemp("newer")
    readiness = readiness_of(newer, folder)
    status, body = readiness.answer()
    assert (status, body["fallback"]) == (200, True)
    assert body["data_version"] == verified(folder).version


def test_the_last_refresh_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("ATLAS_SNAPSHOTS", str(store))
    readiness = readiness_of(folder)
    assert readiness.answer()[1]["last_refresh"] == "none"
    store.mkdir()
    last = {"at": "2026-11-24T10:00:00+00:00", "ok": False, "step": "build", "kept": []}
    (store / "state.json").write_text(json.dumps({"history": [], "last_refresh": last}))
    assert readiness.answer()[1]["last_refresh"] == "failed"
    (store / "state.json").write_text("{")
    assert readiness.answer()[1]["last_refresh"] == "unknown"


def test_old_data_is_called_stale_and_still_served(folder: Path) -> None:
    clock = Clock()
    clock.now += (READY.stale_after_days + 1) * 86_400
    status, body = readiness_of(folder, clock=clock).answer()
    assert (status, body["stale"]) == (200, True)


def test_a_clock_that_jumps_hides_no_damage_and_makes_no_age_below_nothing(folder: Path) -> None:
    for jump in (-(10**9), 10**9):
        clock = Clock()
        readiness = readiness_of(folder, clock=clock)
        clock.now += max(jump, 0)
        assert readiness.answer()[0] == 200
        clock.now += jump
        assert float(str(readiness.answer()[1]["data_age_days"])) >= 0
        (folder / "wards.csv").write_text("cut")
        clock.now -= 2 * jump
        assert readiness.answer()[0] == 503
        (folder / "wards.csv").write_text("wards.csv")
