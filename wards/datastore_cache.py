"""Where the datastore's files lie on this machine: made once for each edition, by a child process.

Making them takes a while and much memory, and needs nothing of the app: a child does it and goes
away. Several servers on one machine share the files; one of them makes, the others wait.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

from wards.datastore import DESCRIPTOR, edition_of
from wards.versions import current_folder

SETTING = "ATLAS_DATASTORE"
ROOT = Path(__file__).resolve().parent.parent
_LONGEST = 600

_starting = threading.Lock()
_makers: dict[str, threading.Thread] = {}
_addresses: list[str] = []


class DatastoreError(Exception):
    """The files could not be made; the server's log says why."""


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
        return Path(given)
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "digital-inclusion-atlas"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        # No home, or a read-only one as in a container: this process's own folder.
        return Path(tempfile.mkdtemp(prefix="digital-inclusion-atlas-"))
    return folder


def held(data: Path | None = None) -> Path | None:
    """Return the folder of an edition if it has been made, without making it.

    ``data`` is a snapshot folder, the one in force by default.
    """
    data = data or current_folder()
    folder = cache_folder() / edition_of(data)
    return folder if (folder / DESCRIPTOR).is_file() else None


def start(data: Path | None = None) -> None:
    """Begin to make an edition in the background, unless it is there or under way."""
    data = data or current_folder()
    if held(data):
        return
    edition = edition_of(data)
    with _starting:
        if edition not in _makers or not _makers[edition].is_alive():
            maker = threading.Thread(target=_quietly, args=(data,), daemon=True)
            _makers[edition] = maker
            maker.start()


def _quietly(data: Path) -> None:
    try:
        made(data)
    except DatastoreError as error:
        print(f"datastore: {error}", file=sys.stderr)


def made(data: Path | None = None) -> Path:
    """Return the folder of an edition, making it first where it is not there.

    Waits while another process makes it. Raises :class:`DatastoreError`.
    """
    data = data or current_folder()
    if found := held(data):
        return found
    folder = cache_folder() / edition_of(data)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f".{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not held(data):
                _make(data, folder)
    except OSError as error:
        raise DatastoreError(f"{folder.parent} cannot be written ({error.strerror})") from error
    return folder


def _make(data: Path, folder: Path) -> None:
    building = folder.with_name(f"{folder.name}.building")
    # What a crash left behind; nobody else can be writing it while we hold the lock.
    shutil.rmtree(building, ignore_errors=True)
    command = [sys.executable, "-m", "wards", "datastore", "--data", str(data.resolve())]
    try:
        subprocess.run(  # noqa: S603 - our own interpreter and module
            [*command, "--out", str(building)],
            cwd=ROOT,
            check=True,
            timeout=_LONGEST,
            stdout=subprocess.DEVNULL,
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(building, ignore_errors=True)
        raise DatastoreError("the files could not be made") from error
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
