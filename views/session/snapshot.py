"""The snapshot that every page reads: loaded once per process and shared, never copied."""

import gc
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

import pandas as pd
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import vintage_of
from atlas.maps.payload import MapFiles, map_files
from atlas.places.names import PLACE_NAMES, read_place_names
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.places.search import Search
from atlas.risk.scorer import with_derived_columns
from atlas.snapshot.snapshot import DATA, Snapshot, SnapshotError, load, version_of
from atlas.snapshot.soundness import Watch, watch
from atlas.ward.profile import Standings
from serving.settings import settings

log = logging.getLogger("atlas")


@dataclass(frozen=True, eq=False)
class Atlas:
    """One snapshot and what is derived from it. Read-only: all sessions share it.

    ``codes`` are those of the rows of its wards, ``sources`` the published files that it was made
    from, by key.
    """

    snapshot: Snapshot
    codes: pd.Index
    places: Places
    standings: Standings
    search: Search
    postcodes: Postcodes
    maps: MapFiles
    sources: Mapping[str, Source]


_KEPT = "atlas_of_this_visit"
_lock = Lock()
_current: dict[str, Atlas] = {}
# Versions that some visit still looks at; each goes when the last of those visits ends.
_in_use: "WeakValueDictionary[str, Atlas]" = WeakValueDictionary()


def atlas(folder: Path | None = None) -> Atlas:
    """Return the snapshot of this visit: the one that was current when the visit began.

    A version published since is for new visits; the plain ``data/`` folder is read again when it is
    published anew. It is kept here rather than in Streamlit's cache, which any visitor can empty.
    Raises :class:`atlas.snapshot.snapshot.SnapshotError`.
    """
    if folder is not None:
        return _opened(folder, version_of(folder))
    visiting = get_script_run_ctx(suppress_warning=True) is not None
    kept: Atlas | None = st.session_state.get(_KEPT) if visiting else None
    if kept is not None:
        return kept
    found = _newest_sound()
    if visiting:
        st.session_state[_KEPT] = found
    return found


def begin_run() -> None:
    """Look anew for the plain ``data/`` folder at the start of a run of a page.

    A page asks for the snapshot a hundred times; within a run it stays what it was. Where nothing
    sound is left the visit goes on with what it began with.
    """
    kept: Atlas | None = st.session_state.get(_KEPT)
    if kept is not None and kept.snapshot.folder == DATA:
        with suppress(SnapshotError):
            st.session_state[_KEPT] = _newest_sound()


def newest_is_damaged() -> bool:
    """Say whether the version in force is not what was published."""
    shown = _watch().shown()
    return shown.fallback or bool(shown.state.faults)


def _watch() -> Watch:
    return watch(settings().ready.recheck_seconds)


def _newest_sound() -> Atlas:
    """Open the best version that is sound; one that cannot be opened gives way to the next."""
    while not (shown := _watch().shown()).state.faults:
        try:
            return _opened(shown.folder, shown.state.version)
        except SnapshotError as error:
            _watch().refuse(shown.folder)
            log.error("a version cannot be opened", exc_info=error)
    raise SnapshotError("No version is what its manifest says.")


def _opened(folder: Path, version: str) -> Atlas:
    # Not by the file's time: what was damaged and is whole again need not be opened again.
    stamp = f"{folder}:{version}"
    with _lock:
        found = _in_use.get(stamp)
        if found is None:
            found = _in_use[stamp] = _open(folder)
        if stamp not in _current:
            _current.clear()
            _current[stamp] = found
            # What is loaded stays for long: the collector need not look at it again. Visits that
            # were frozen with an older version, and have ended since, are let go first.
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        return found


def _open(folder: Path) -> Atlas:
    try:
        return _made_of(with_derived_columns(load(folder)))
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        # Its files are as published, yet nothing can be made of them.
        raise SnapshotError(f"The snapshot folder {folder} cannot be opened.") from error


def _made_of(snapshot: Snapshot) -> Atlas:
    places = Places(snapshot.wards)
    declared = vintage_of(snapshot.provenance).sources
    postcodes = Postcodes.load(snapshot.path("postcodes.parquet"))
    names = read_place_names(snapshot.path(PLACE_NAMES))
    return Atlas(
        snapshot=snapshot,
        codes=pd.Index(snapshot.wards["ward_code"], dtype=object),
        places=places,
        standings=Standings(snapshot.wards, places),
        search=Search(places, postcodes, names),
        postcodes=postcodes,
        maps=map_files(snapshot.path("map")),
        sources={key: declared[key] for key in snapshot.provenance["sources"]},
    )
