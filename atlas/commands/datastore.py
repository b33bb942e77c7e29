"""``atlas datastore``: every table in open formats."""

from atlas.commands.analysis import Data, OutFolder
from atlas.datastore.datastore import Datastore
from atlas.snapshot.snapshot import load


def datastore(out: OutFolder, data: Data) -> None:
    """Write every table in open formats."""
    descriptor = Datastore(load(data)).write(out)
    size = sum(entry["bytes"] for entry in descriptor["resources"])
    files = len(descriptor["resources"])
    print(f"{files} files, {size / 1e6:.0f} MB, edition {descriptor['version']}: {out}")
