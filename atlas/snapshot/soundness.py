"""Whether a snapshot's files are what its manifest says, and so which version is shown.

The pages, readiness and the check before a start all ask here, so that they tell the same.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

from atlas.snapshot.snapshot import MANIFEST, SnapshotError, read_manifest
from atlas.snapshot.versions import VERSIONS, candidates, store_folder

log = logging.getLogger("atlas.snapshot")
# No page can be made without these.
NEEDED = frozenset(
    ("wards.csv", "lsoas.parquet", "libraries.csv", "postcodes.parquet")
    + ("boundaries_wards.geojson", "map/index.json")
)
# Seconds between two looks at a folder; every run of a page asks.
_LOOK_EVERY = 1.0


@dataclass(frozen=True)
class State:
    """What a verification found. ``faults`` name files and are for the log, not for visitors.

    ``put_here`` is when the manifest was written to this disk (seconds since 1970).
    """

    version: str
    faults: tuple[str, ...]
    put_here: float


@dataclass(frozen=True)
class Shown:
    """The best sound folder, or the best with its faults; ``fallback`` if a better is damaged."""

    folder: Path
    state: State
    fallback: bool


def verified(folder: Path) -> State:
    """Hash every file of the manifest, again where a publication may have swapped the folder."""
    state = _verified(folder)
    return _verified(folder) if state.faults else state


def _verified(folder: Path) -> State:
    try:
        manifest, version = read_manifest(folder)
        put_here = (folder / MANIFEST).stat().st_mtime
    except (SnapshotError, OSError):
        return State("", (f"{MANIFEST} cannot be read",), 0.0)
    outputs = manifest["outputs"]
    faults = [f"{name} is not in the manifest" for name in sorted(NEEDED - set(outputs))]
    return State(version, (*faults, *altered(folder, outputs, version)), put_here)


def altered(folder: Path, outputs: dict[str, dict[str, str]], version: str) -> list[str]:
    """Return in which ways the files of a folder are not those of its manifest."""
    found = {name: _sha256(folder / name) for name in outputs}
    faults = [f"{name} is missing" for name in outputs if found[name] is None]
    # A published version is called by its manifest's checksum.
    if folder.parent.name == VERSIONS and folder.name != version:
        faults.append(f"{MANIFEST} is not the one that was published")
    return faults + [
        f"{name} has other bytes than the manifest says"
        for name, said in outputs.items()
        if found[name] not in (None, said["sha256"])
    ]


def _sha256(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return None


class _Watched:
    """One data folder, verified anew when a file changes or time has passed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, tuple[int, int, int]] = {}
        self.state = State("", ("not verified yet",), 0.0)
        self.looked = self.at = float("-inf")

    def look(self, now: float, recheck_seconds: float) -> State:
        # A clock may be set back, too.
        if abs(now - self.looked) < _LOOK_EVERY:
            return self.state
        seen, self.looked = self._signature(), now
        if seen != self.seen or abs(now - self.at) >= recheck_seconds:
            self.state, self.seen, self.at = verified(self.folder), seen, now
            if self.state.faults:
                log.error("data not as published", extra={"faults": list(self.state.faults[:20])})
        return self.state

    def _signature(self) -> dict[str, tuple[int, int, int]]:
        try:
            looks = {str(path): path.stat() for path in self.folder.rglob("*")}
        except OSError:
            return {}
        return {name: (at.st_mtime_ns, at.st_size, at.st_ino) for name, at in looks.items()}


class Watch:
    """The versions that could be shown, best first (``folders``), and which of them is sound."""

    def __init__(
        self,
        recheck_seconds: float,
        folders: Callable[[], list[Path]] = lambda: candidates(store_folder()),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self._recheck_seconds, self._folders = recheck_seconds, folders
        self._watched: dict[Path, _Watched] = {}
        self._lock = Lock()

    def shown(self) -> Shown:
        """Return which version is to be shown. Cheap where nothing has changed."""
        folders = self._folders()
        with self._lock:
            self._watched = {each: self._watched.get(each) or _Watched(each) for each in folders}
            now, best = self.clock(), folders[0]
            for folder in folders:
                state = self._watched[folder].look(now, self._recheck_seconds)
                if not state.faults:
                    return Shown(folder, state, folder != best)
            return Shown(best, self._watched[best].state, False)

    def refuse(self, folder: Path) -> None:
        """Count a version as damaged until it changes: it could not be opened."""
        with self._lock:
            if folder in self._watched:
                self._watched[folder].state = State("", ("it cannot be opened",), 0.0)


@cache
def watch(recheck_seconds: float) -> Watch:
    """Return this process's watch over its versions, shared by all who ask."""
    return Watch(recheck_seconds)
