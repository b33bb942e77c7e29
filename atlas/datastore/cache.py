"""Where the datastore's files lie on this machine: made once for each edition, by a child process.

Making them takes a while and much memory, and needs nothing of the app: a child does it and goes
away. Several servers on one machine share the files; one of them makes, the others wait. Whoever
has made an edition deletes those that no server can be serving any more. What failed is not tried
again at once, and what is no longer as it was made is made anew.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import threading
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from atlas.datastore.datastore import DESCRIPTOR, edition_of, write_edition
from atlas.snapshot.snapshot import SnapshotError
from atlas.snapshot.versions import candidates, current_folder, store_folder
from atlas.turns import Failures
from atlas.worker import Worker

SETTING = "ATLAS_DATASTORE"
# Versions that may be served at a time: while one takes over from another.
_IN_FORCE = 2
_NAME = re.compile(r"[0-9a-f]+-[0-9a-f]{6}")

log = logging.getLogger("atlas.datastore")
_starting = threading.Lock()
_failed = Failures()
_makers: dict[str, threading.Thread] = {}
_addresses: list[str] = []


class DatastoreError(Exception):
    """The files are not there: they are being made, or could not be, as the log says."""


def announce(address: str) -> None:
    """Tell the pages of this process that the files are served at ``address`` (no slash)."""
    _addresses[:] = [address]


def address() -> str | None:
    """Return where this process serves the files, None where it does not."""
    return _addresses[0] if _addresses else None


@cache
def cache_folder() -> Path:
    """Return the folder that holds editions: the setting's, the user's cache, or a private one."""
    if given := os.environ.get(SETTING):
        return Path(given).absolute()
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home).absolute() / "digital-inclusion-atlas"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        # No home, or a read-only one as in a container: this process's own folder.
        return Path(tempfile.mkdtemp(prefix="digital-inclusion-atlas-"))
    return folder


def held(data: Path | None = None) -> Path | None:
    """Return the folder of a snapshot's edition, by default of the one in force, if it is made."""
    data = data or current_folder()
    folder = cache_folder() / edition_of(data)
    return folder if (folder / DESCRIPTOR).is_file() else None


def package(data: Path) -> dict[str, Any] | None:
    """Return the descriptor of an edition; None where it is not there, and is then begun."""
    if folder := held(data):
        try:
            return _package(folder / DESCRIPTOR, _look(folder / DESCRIPTOR))
        except (OSError, ValueError):
            _discard(folder)
    start(data)
    return None


def checked(data: Path, name: str) -> tuple[Path, str] | None:
    """Return a file of an edition and its SHA-256; None where the edition has no such file.

    A file that is no longer as it was made is not returned: the edition is begun anew. Raises
    :class:`DatastoreError` while it is not there.
    """
    described = package(data)
    folder = held(data)
    if described is None or folder is None:
        raise DatastoreError("the files are not there yet")
    said = {each["path"]: each["hash"].partition(":")[2] for each in described["resources"]}
    with suppress(OSError):
        path = folder / name
        if name not in {*said, DESCRIPTOR}:
            return None
        found = _sha256(path, _look(path))
        if found == said.get(name, found):
            return path, found
    log.error("datastore files not as they were made", extra={"file": name})
    _discard(folder)
    start(data)
    raise DatastoreError("the files are made anew")


def _look(path: Path) -> tuple[int, int, int]:
    look = path.stat()
    return look.st_size, look.st_mtime_ns, look.st_ino


@lru_cache(maxsize=4)
def _package(path: Path, look: tuple[int, int, int]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    try:
        found["version"], [(each["path"], each["hash"].partition) for each in found["resources"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no descriptor") from error
    return found


@lru_cache(maxsize=256)
def _sha256(path: Path, look: tuple[int, int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def start(data: Path | None = None) -> None:
    """Begin to make an edition in the background, unless it is there, under way or resting."""
    data = data or current_folder()
    edition = edition_of(data)
    with _starting:
        # Asked only here: a build that fails at once must not be begun by who asked just before.
        under_way = edition in _makers and _makers[edition].is_alive()
        if not (under_way or held(data) or resting(data)):
            maker = threading.Thread(target=_quietly, args=(data, edition), daemon=True)
            _makers[edition] = maker
            maker.start()


def resting(data: Path) -> bool:
    """Say whether an edition could not be made lately, so that it is not tried at the moment."""
    return _failed.resting(edition_of(data))


def _quietly(data: Path, edition: str) -> None:
    try:
        made(data)
        _failed.forget(edition)
    except (DatastoreError, SnapshotError) as error:
        log.error("datastore not made", exc_info=error, extra=_failed.add(edition))


def made(data: Path | None = None) -> Path:
    """Return an edition's folder, made or waited for if need be. Raises DatastoreError."""
    data = data or current_folder()
    if found := held(data):
        return found
    folder = cache_folder() / edition_of(data)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{folder.name}.lock"):
            if not held(data):
                _make(data, folder)
                _delete_old(folder)
    except OSError as error:
        raise DatastoreError(f"{folder.parent} cannot be written ({error.strerror})") from error
    return folder


def _make(data: Path, folder: Path) -> None:
    building = folder.with_name(f"{folder.name}.building")
    # What a crash left behind; nobody else can be writing it while we hold the lock.
    shutil.rmtree(building, ignore_errors=True)
    # What fails is logged, and rests, by edition.
    worker = Worker(rests=False)
    try:
        worker.do(write_edition, data.resolve(), building)
    except Exception as error:
        shutil.rmtree(building, ignore_errors=True)
        raise DatastoreError("the files could not be made") from error
    finally:
        worker.rest()
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)


def _delete_old(made: Path) -> None:
    """Delete editions other than the one just made, those of the current and the previous version,
    and the newest one besides: a server that runs an older program may still be serving it.

    An edition leaves in one step, by its lock's holder alone. What cannot go stays until next time.
    """
    kept = {made.name}
    for data in candidates(store_folder())[:_IN_FORCE]:
        with suppress(SnapshotError):
            kept.add(edition_of(data))
    editions = [each for each in made.parent.iterdir() if _NAME.fullmatch(each.name)]
    others = [each for each in editions if each.is_dir() and each.name not in kept]
    # A process that was stopped amid deleting left these; nobody reads them.
    for going in made.parent.glob(".*.going"):
        shutil.rmtree(going, ignore_errors=True)
    for folder in sorted(others, key=_age)[1:]:
        _discard(folder)


def _discard(folder: Path) -> None:
    # A lock that is held is a TimeoutError, which is an OSError too.
    lock = FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0)
    with suppress(OSError), lock:
        going = folder.with_name(f".{folder.name}.going")
        folder.rename(going)
        shutil.rmtree(going, ignore_errors=True)


def _age(folder: Path) -> float:
    """Return a number that is smaller the later an edition was made; gone ones come last."""
    try:
        return -folder.stat().st_mtime
    except OSError:
        return 0.0
