"""Publication killed at random moments: ``python -m bench.kills`` writes ``bench/kills.json``.

A process publishes one small snapshot after another and is killed (``kill -9``) at a random moment,
a thousand times. After each kill the snapshot in force must be whole, and all the while two readers
hash it as the app would. Both ways of publishing are tried: versions in a store, with old ones
forgotten by age, and the one folder that is exchanged in a single step. Where the kills fell is
counted, because a kill between two publications proves nothing.
"""

import argparse
import json
import mmap
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pandas as pd

from atlas.snapshot import versions
from atlas.snapshot.snapshot import MANIFEST
from pipelines.publish import snapshot_files, store
from pipelines.publish.snapshot_files import PublicationError, faults_in_snapshot

RESULT = Path(__file__).with_suffix(".json")
STEPS = ("between", "writing files", "checking and adding", "switching", "forgetting old ones")
FILES, LARGEST = 24, 60_000
KEPT_DAYS = 10 / 86_400  # ten seconds: much longer than a read, short enough to see it happen
READERS = 2
# Shared with the children: the step under way, publications done, reads done, reads that failed.
_STEP, _DONE, _READS, _BAD = 0, 8, 16, 24


class Shared:
    """Numbers that killed processes leave behind."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, 64)

    def get(self, at: int) -> int:
        return int.from_bytes(self.memory[at : at + 8], "little")

    def set(self, at: int, value: int) -> None:
        self.memory[at : at + 8] = value.to_bytes(8, "little")

    def add(self, at: int) -> None:
        self.set(at, self.get(at) + 1)


def write_toy(folder: Path, seed: int) -> None:
    """Fill a folder with files of random bytes and their manifest."""
    chance = random.Random(seed)
    (folder / "map").mkdir(parents=True, exist_ok=True)
    for number in range(FILES):
        name = f"map/{number}.json" if number % 3 else f"{number}.csv"
        (folder / name).write_bytes(chance.randbytes(chance.randrange(200, LARGEST)))
    outputs = snapshot_files.describe(folder, {})
    (folder / MANIFEST).write_text(json.dumps({"seed": seed, "outputs": outputs}))


def publish_to_store(place: Path, shared: Shared, seed: int) -> None:
    """Publish one version as ``refresh`` does."""
    shared.set(_STEP, 1)
    with store.only_one(place), store.staging(place) as staging:
        built = staging / "snapshot"
        write_toy(built, seed)
        snapshot_files.synced(*built.rglob("*"), built, built.parent)
        shared.set(_STEP, 2)
        version = store.add(place, built)
        shared.set(_STEP, 3)
        store.switch(place, version, "refresh")
        shared.set(_STEP, 4)
        store.forget(place, KEPT_DAYS)
    shared.set(_STEP, 0)


def publish_to_folder(place: Path, shared: Shared, seed: int) -> None:
    """Exchange the one folder as ``build`` does."""

    def write(folder: Path) -> None:
        shared.set(_STEP, 1)
        write_toy(folder, seed)
        shared.set(_STEP, 3)

    snapshot_files.publish(place / "data", write)
    shared.set(_STEP, 0)
    # The app looks twice where an exchange falls into a read; two exchanges within one read do
    # not happen when a build takes half a minute, and need not happen here.
    time.sleep(0.02)


def in_store(place: Path) -> Path:
    """Return the folder in force in a store."""
    return versions.current_folder(place)


def in_folder(place: Path) -> Path:
    """Return the one folder."""
    return place / "data"


def child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked process until it is killed; return its id."""
    number = os.fork()
    if number:
        return number
    try:
        while True:
            work()
    finally:
        os._exit(1)


def read_for_ever(current: Callable[[Path], Path], place: Path, shared: Shared) -> None:
    """Read the snapshot as the app does: choose the folder once, and look again where it failed."""
    folder = current(place)
    faults = faults_in_snapshot(folder)
    if faults:
        faults = faults_in_snapshot(current(place))
    shared.add(_READS)
    if faults:
        shared.add(_BAD)


def trial(
    name: str,
    kills: int,
    publish_one: Callable[[Path, Shared, int], None],
    current: Callable[[Path], Path],
) -> dict[str, object]:
    """Kill one way of publishing ``kills`` times."""
    chance, shared, fell = random.Random(7), Shared(), Counter[str]()
    readings = [Shared() for _ in range(READERS)]
    unusable = stuck = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "place")
        place.mkdir()
        versions.DATA = Path(folder, "committed")
        write_toy(versions.DATA, 0)
        publish_one(place, shared, 1)
        readers = [
            child(lambda own=own: read_for_ever(current, place, own))  # type: ignore[misc]
            for own in readings
        ]
        start = time.monotonic()
        try:
            for number in range(kills):
                publisher = child(_one_after_another(publish_one, place, shared, 1000 * number + 2))
                # Long enough to come into the second or third publication.
                time.sleep(chance.uniform(0.002, 0.12))
                os.kill(publisher, signal.SIGKILL)
                os.waitpid(publisher, 0)
                fell[STEPS[shared.get(_STEP)]] += 1
                if faults_in_snapshot(current(place)):
                    unusable += 1
                if number % 100 == 99:
                    stuck += _is_stuck(publish_one, place, shared, 10**9 + number)
        finally:
            for reader in readers:
                os.kill(reader, signal.SIGKILL)
                os.waitpid(reader, 0)
        seconds = time.monotonic() - start
        left = sum(1 for _ in Path(folder).rglob("*.csv"))
        shutil.rmtree(place)
    return {
        "way": name,
        "kills": kills,
        "unusable": unusable,
        "stuck": stuck,
        "publications": shared.get(_DONE),
        "reads": sum(own.get(_READS) for own in readings),
        "bad_reads": sum(own.get(_BAD) for own in readings),
        "files_left": left,
        "seconds": round(seconds),
        "fell": dict(fell),
    }


def _one_after_another(
    publish_one: Callable[[Path, Shared, int], None], place: Path, shared: Shared, seed: int
) -> Callable[[], None]:
    seeds = count(seed)

    def work() -> None:
        publish_one(place, shared, next(seeds))
        shared.add(_DONE)

    return work


def _is_stuck(
    publish_one: Callable[[Path, Shared, int], None], place: Path, shared: Shared, seed: int
) -> int:
    """Say whether what the kills left behind stops a publication that is let through."""
    try:
        publish_one(place, shared, seed)
    except (OSError, PublicationError):
        return 1
    return 0


def main() -> None:
    """Run both ways, print the table, write the file; fail where a snapshot was unusable."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="kills for each way (1000)")
    options = parser.parse_args()
    rows = [
        trial("versions in a store", options.kills, publish_to_store, in_store),
        trial("one folder, exchanged", options.kills, publish_to_folder, in_folder),
    ]
    print(pd.DataFrame(rows).T.to_string(header=False))
    RESULT.write_text(json.dumps({"trials": rows}, indent=1) + "\n", encoding="utf-8")
    if any(row["unusable"] or row["stuck"] for row in rows):
        raise SystemExit("a kill left a snapshot that cannot be used")


if __name__ == "__main__":
    main()
