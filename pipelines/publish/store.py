"""The store of published snapshots: add a version, switch to it, go back, forget old ones.

Versions are never changed once published. The only thing that moves is ``state.json``, and it is
replaced in one step: a crash at any moment leaves the old state or the new one, both whole.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from atlas.snapshot import versions
from atlas.snapshot.snapshot import version_of
from pipelines.publish.snapshot_files import PublicationError, faults_in_snapshot, locked, synced

STAGING = ".staging"
_ROOM, _BYTES_OF_ROOM = ".room", 65_536


def only_one(store: Path) -> AbstractContextManager[object]:
    """Hold the store for one writer. Raises :class:`PublicationError` where there is another."""
    try:
        store.mkdir(parents=True, exist_ok=True)
        return locked(store / ".lock", f"Another refresh is working in {store}")
    except OSError as error:
        raise PublicationError(
            f"The store {store} cannot be written ({error.strerror}). Nothing was changed."
        ) from error


@contextmanager
def staging(store: Path) -> Iterator[Path]:
    """Yield an empty folder on the store's disk; what a crash left there before is removed."""
    folder = store / STAGING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def add(store: Path, built: Path) -> str:
    """Move a sound snapshot folder, already synced to disk, among the versions; return its name.

    It is not current yet. Raises :class:`PublicationError` where it is not what its manifest says.
    """
    found = faults_in_snapshot(built)
    if found:
        raise PublicationError(f"{built} cannot be published: {'; '.join(found)}")
    version = version_of(built)
    target = versions.folder_of(store, version)
    if target.exists() and not faults_in_snapshot(target):
        return version
    # What a damaged disk or a crash left under this name is no version.
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    built.rename(target)
    synced(target.parent)
    return version


def switch(store: Path, version: str, how: str, at: datetime | None = None) -> versions.State:
    """Make a sound version current, in one step. Raises :class:`PublicationError`."""
    folder = versions.folder_of(store, version)
    found = faults_in_snapshot(folder)
    if found:
        raise PublicationError(f"Version {version} cannot be shown: {'; '.join(found)}")
    state = versions.read_state(store)
    history = state.history or (versions.Entry(versions.COMMITTED, _now(), "start"),)
    state = replace(state, history=(*history, versions.Entry(version, at or _now(), how)))
    write_state(store, state)
    return state


def note_refresh(store: Path, refresh: versions.LastRefresh) -> None:
    """Record how a refresh went, for the foot of every page.

    A little room is kept for it, so that it can be told of a disk that is full.
    """
    state, room = replace(versions.read_state(store), last_refresh=refresh), store / _ROOM
    try:
        write_state(store, state)
    except OSError:
        room.unlink()
        write_state(store, state)
    if not room.is_file():
        with suppress(OSError):
            room.write_bytes(bytes(_BYTES_OF_ROOM))


def roll_back(store: Path, to: str | None = None) -> tuple[str, str]:
    """Go back to the version that was current before, or to the one named; return (from, to).

    Raises :class:`PublicationError` where there is nothing to go back to.
    """
    current = versions.read_state(store).current
    if current is None:
        raise PublicationError(f"Nothing was published to {store}: data/ is shown already.")
    version = to or _before(versions.read_state(store))
    if version is None:
        raise PublicationError(f"Nothing was published before version {current.version}.")
    if version == current.version:
        raise PublicationError(f"Version {version} is shown already.")
    switch(store, version, "rollback")
    return current.version, version


def _before(state: versions.State) -> str | None:
    """The version that was in force before the current one and was not rolled back from, if any.

    Going back twice goes back two versions, not to and fro.
    """
    stack: list[str] = []
    for entry in state.history:
        if entry.how == "rollback" and entry.version in stack:
            del stack[stack.index(entry.version) + 1 :]
        else:
            stack.append(entry.version)
    return next((version for version in reversed(stack) if version != stack[-1]), None)


def was_rolled_back(state: versions.State, version: str) -> bool:
    """Say whether a person went back from this version and it was not published since."""
    back = False
    for before, entry in pairwise(state.history):
        if entry.how == "rollback" and before.version == version:
            back = True
        elif entry.version == version:
            back = False
    return back


def forget(store: Path, days: float, now: datetime | None = None) -> list[str]:
    """Remove versions that have not been current for ``days``; return their names.

    The current version stays, and so does the one before it. Age counts, not number: a reader
    who began before a switch needs the old version for as long as that visit lasts.
    """
    state, now = versions.read_state(store), now or _now()
    kept = {state.current.version, _before(state)} if state.current else set()
    left = {entry.version: after.at for entry, after in pairwise(state.history)}
    folder = store / versions.VERSIONS
    removed = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        since = left.get(path.name)
        # A version without history was never shown: a crash came before the switch.
        if path.name in kept or (since and now - since < timedelta(days=days)):
            continue
        shutil.rmtree(path)
        removed.append(path.name)
    return removed


def write_state(store: Path, state: versions.State) -> None:
    """Replace ``state.json`` in one step, synced to disk."""
    write_whole(store / versions.STATE, versions.as_json(state))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    synced(path.parent)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
