"""A refresh on a disk that is full, read-only or gone: one plain line, recorded where it can be."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atlas.snapshot import versions
from atlas.snapshot.versions import read_state
from pipelines import __main__ as command_line
from pipelines.publish import refresh as refreshing
from pipelines.publish import store

NOTHING_TO_FETCH = SimpleNamespace(sources={})


class Disk:
    """Writes of JSON fail while it is full, unless what is written fits into the kept room."""

    def __init__(self, place: Path) -> None:
        self.place, self.full, self.write = place, False, store.write_whole

    def write_whole(self, path: Path, content: dict[str, Any]) -> None:
        if self.full and (self.place / ".room").exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.write(path, content)

    def build(self, *_: object, **__: object) -> None:
        self.full = True
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/path")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(versions, "DATA", tmp_path / "data")
    return tmp_path / "snapshots"


def failure(place: Path) -> str:
    with pytest.raises(refreshing.RefreshError) as caught:
        refreshing.refresh(place, place.parent, NOTHING_TO_FETCH, Path, say=lambda _: None)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_full_disk_is_told_in_a_line_and_recorded_in_the_room_kept_for_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.mkdir()
    disk = Disk(place)
    monkeypatch.setattr(store, "write_whole", disk.write_whole)
    monkeypatch.setattr(refreshing.build, "build", disk.build)
    store.note_refresh(place, versions.LastRefresh(store._now(), True, "", ()))
    assert (place / ".room").stat().st_size == 65_536
    assert failure(place) == (
        "The refresh failed at the step 'build' (No space left on device); "
        "the version in force stays."
    )
    last = read_state(place).last_refresh
    assert last and not last.ok and last.step == "build"
    assert read_state(place).history == ()


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_where_nothing_can_be_recorded_the_line_is_the_same(
    harm: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object, **__: object) -> None:
        if harm == "damaged":
            (place / versions.STATE).write_text("{")
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write_whole(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(refreshing.build, "build", build)
    monkeypatch.setattr(store, "write_whole", write_whole)
    assert failure(place).endswith("(Input/output error); the version in force stays.")


def test_a_store_that_cannot_be_written_is_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    barred = tmp_path / "file"
    barred.write_text("a file, so no folder can be made below it")
    assert command_line.main(["refresh", "--store", str(barred / "store")]) == 1
    said = capsys.readouterr().err.strip()
    assert "cannot be written (Not a directory). Nothing was changed." in said
    assert len(said.splitlines()) == 1


def test_what_was_published_is_told_though_it_cannot_be_noted(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def note(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(refreshing.build, "build", lambda *_, **__: None)
    monkeypatch.setattr(refreshing, "_published", lambda *_: "1a2b3c4d")
    monkeypatch.setattr(store, "note_refresh", note)
    outcome = refreshing.refresh(place, place.parent, NOTHING_TO_FETCH, Path, say=lambda _: None)  # type: ignore[arg-type]
    assert outcome.version == "1a2b3c4d"
