"""The snapshot that every page reads: loaded once per process and shared, never copied."""

import gc
import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from wards.assess import with_derived_columns
from wards.map_values import MapFiles, map_files
from wards.places import Places
from wards.postcodes import Postcodes
from wards.search import Search
from wards.snapshot import DATA, MANIFEST, Snapshot, load


@dataclass(frozen=True)
class Atlas:
    """One snapshot and what is derived from it. Read-only: all sessions share it.

    ``used`` are the keys of the published files that it was made from.
    """

    snapshot: Snapshot
    places: Places
    search: Search
    maps: MapFiles
    used: tuple[str, ...]


_lock = Lock()
_opened: dict[str, Atlas] = {}


def atlas(folder: Path = DATA) -> Atlas:
    """Return the current snapshot, read when first asked for and when it is published anew.

    It is kept in this module rather than in Streamlit's cache, which any visitor can empty.
    Raises :class:`wards.snapshot.SnapshotError`.
    """
    stamp = f"{folder}:{os.stat(folder / MANIFEST).st_mtime_ns}" if folder.exists() else str(folder)
    with _lock:
        if stamp not in _opened:
            opened = _open(folder)
            _opened.clear()
            _opened[stamp] = opened
            # What is loaded stays for good: the collector need not look at it again.
            gc.collect()
            gc.freeze()
        return _opened[stamp]


def _open(folder: Path) -> Atlas:
    snapshot = with_derived_columns(load(folder))
    places = Places(snapshot.wards)
    postcodes = Postcodes.load(snapshot.path("postcodes.parquet"))
    return Atlas(
        snapshot=snapshot,
        places=places,
        search=Search(places, list(snapshot.wards["ward_code"]), postcodes),
        maps=map_files(snapshot.path("map")),
        used=tuple(snapshot.provenance["sources"]),
    )
