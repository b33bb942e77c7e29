"""Crashes while publishing: ``python -m bench.publication [KILLS]``, 1,000 unless told.

A writer publishes versions without a pause and is killed (SIGKILL) at random moments; readers
resolve the version in force all the time and compare every byte with its manifest. Prints a table
and writes bench/publication.json.
"""

import json
import os
import random
import signal
import sys
import tempfile
import time
from multiprocessing import Event, Process, Queue
from pathlib import Path
from typing import Any

from atlas.snapshot import versions
from atlas.snapshot.versions import current_folder
from pipelines.publish import snapshot_files, store

RESULT = Path(__file__).with_suffix(".json")
KILLS, READERS, FILES = 1000, 3, 6


def snapshot_in(folder: Path, text: str) -> Path:
    """Write a small snapshot whose files all hold one text."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        (folder / f"{number}.csv").write_text(text * 50)
    manifest = {"outputs": snapshot_files.describe(folder, {})}
    (folder / "provenance.json").write_text(json.dumps(manifest))
    return folder


def publish_once(place: Path, text: str) -> None:
    """Publish and switch, as a refresh does."""
    with store.staging(place) as staging:
        built = staging / "snapshot"
        snapshot_files.publish(built, lambda target: snapshot_in(target, text) and None)
        store.switch(place, store.add(place, built), "refresh")


def read_on(place: Path, over: Any, counts: Any) -> None:
    """Read the version in force until told to stop; report (reads, bad ones)."""
    reads = bad = 0
    while not over.is_set():
        bad += bool(snapshot_files.faults_in_snapshot(current_folder(place)))
        reads += 1
    counts.put((reads, bad))


def main() -> int:
    """Kill, look, count; 0 where no version was ever unusable."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / "snapshots"
        versions.DATA = snapshot_in(Path(scratch) / "data", "as committed")
        publish_once(place, "first")
        over, counts = Event(), Queue()
        readers = [Process(target=read_on, args=(place, over, counts)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        unusable, seen, began = 0, set(), time.perf_counter()
        for number in range(kills):
            child = os.fork()
            if child == 0:
                for each in range(10**6):
                    publish_once(place, f"{number} {each} ")
            time.sleep(random.uniform(0, 0.12))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            folder = current_folder(place)
            unusable += bool(snapshot_files.faults_in_snapshot(folder))
            seen.add(folder.name)
            if number % 50 == 49:
                store.write_state(place, _shortened(place))
                store.forget(place, 1 / 86_400)
        seconds = time.perf_counter() - began
        over.set()
        found = [counts.get() for _ in readers]
        for reader in readers:
            reader.join()
    figures = {
        "kills": kills,
        "unusable": unusable,
        "versions_seen": len(seen),
        "reads": sum(reads for reads, _ in found),
        "bad_reads": sum(bad for _, bad in found),
        "seconds": round(seconds),
    }
    for name, value in figures.items():
        print(f"{name:16}{value:>10,}")
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if unusable or figures["bad_reads"] else 0


def _shortened(place: Path) -> versions.State:
    """The state with its last entries only: a thousand kills publish thousands of versions."""
    state = versions.read_state(place)
    return versions.State(state.history[-20:], state.last_refresh)


if __name__ == "__main__":
    sys.exit(main())
