"""The committed snapshot: what ``data/`` holds, read whole and verified.

Everything that the app shows comes from here. Frames are handed out read-only, so that one
visitor's page cannot change what another sees.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from atlas.catalogue.columns import Column, columns_of
from atlas.root import ROOT
from atlas.snapshot.ended_wards import ENDED, EndedWard, read_ended

DATA = ROOT / "data"
MANIFEST = "provenance.json"


class SnapshotError(Exception):
    """The snapshot is missing, incomplete or not what its manifest says."""


@dataclass(frozen=True)
class Snapshot:
    """One version of the published tables.

    ``wards``: 6,817 rows sorted by ``ward_code``, a plain 0..n index. ``lsoas``: 33,755 rows
    sorted by ``lsoa_code``. ``libraries``: every library since 2010. Columns are those of
    ``columns.toml``; text columns hold "" for blank, number columns NaN for missing.
    ``provenance`` is the manifest; ``version`` is its short hash; ``folder`` is where it lies.
    ``ended`` are wards of the edition before that are no more, by code; empty where unknown.
    ``councils`` has what is known of councils as a whole, and ``walking`` how many of a ward's
    residents walk to a library in so many minutes; without rows where a snapshot has no such file.
    """

    folder: Path
    wards: pd.DataFrame
    lsoas: pd.DataFrame
    libraries: pd.DataFrame
    provenance: dict[str, Any]
    version: str
    ended: Mapping[str, EndedWard] = field(default_factory=dict)
    councils: pd.DataFrame = field(default_factory=lambda: no_rows("councils"))
    walking: pd.DataFrame = field(default_factory=lambda: no_rows("walking_wards"))

    @property
    def edition(self) -> str:
        """The edition of the wards, as "May 2024"."""
        return str(self.provenance["sources"]["ward_hierarchy"]["vintage"])

    @property
    def attributions(self) -> tuple[str, ...]:
        """The attribution lines that the licences of the files used ask for, each once."""
        lines = (source["attribution"] for source in self.provenance["sources"].values())
        return tuple(dict.fromkeys(lines))

    def lookup(self, table: str) -> pd.DataFrame:
        """Read a declared lookup, such as 'lookup_msoa'; without rows where there is none."""
        name = f"{table}.parquet"
        there = name in self.provenance["outputs"]
        return pd.read_parquet(self.path(name)) if there else no_rows(table)

    def path(self, name: str) -> Path:
        """Return a file's path; SnapshotError where it is not as the manifest describes it."""
        if name in self.provenance["outputs"]:
            _verified(self.folder, name, self.provenance)
        return self.folder / name


def load(folder: Path = DATA) -> Snapshot:
    """Read and verify a snapshot folder.

    Raises :class:`SnapshotError` where a file is absent, its bytes differ from the manifest, or a
    declared column is not in it. A publication that swaps the folder in while this reads is
    noticed and read again.
    """
    snapshot = load_earlier(folder)
    for name in ("wards", "lsoas", "libraries"):
        absent = [c.name for c in columns_of(name) if c.name not in getattr(snapshot, name)]
        if absent:
            raise SnapshotError(
                f"The table '{name}' of {folder} has no column {', '.join(absent)}. Run "
                "`python -m pipelines build`, or restore data/ from version control."
            )
    return snapshot


def load_earlier(folder: Path) -> Snapshot:
    """Read a snapshot as :func:`load` does, though it may lack columns that were declared since."""
    try:
        return _load_once(folder)
    except SnapshotError:
        # A swap can fall between reading the manifest and reading a table; a second look
        # then sees the new folder whole. A damaged snapshot fails twice.
        return _load_once(folder)


def _load_once(folder: Path) -> Snapshot:
    provenance, version = read_manifest(folder)

    def verified(name: str) -> io.BytesIO:
        return io.BytesIO(_verified(folder, name, provenance))

    def beside(name: str, table: str) -> pd.DataFrame:
        there = name in provenance["outputs"]
        return read_csv(verified(name), table) if there else no_rows(table)

    return Snapshot(
        folder=folder,
        wards=read_csv(verified("wards.csv"), "wards"),
        lsoas=_frozen(_plain_text(pq.read_table(verified("lsoas.parquet")).to_pandas())),
        libraries=read_csv(verified("libraries.csv"), "libraries"),
        provenance=provenance,
        version=version,
        ended=read_ended(verified(ENDED)) if ENDED in provenance["outputs"] else {},
        councils=beside("councils.csv", "councils"),
        walking=beside("walking_wards.csv", "walking_wards"),
    )


def no_rows(table: str) -> pd.DataFrame:
    """Return a declared table without rows, as a snapshot has it that lacks the file."""
    return pd.DataFrame(columns=[column.name for column in columns_of(table)])


def _verified(folder: Path, name: str, provenance: dict[str, Any]) -> bytes:
    data = _read(folder / name)
    said = provenance["outputs"].get(name, {"sha256": ""})["sha256"]
    if hashlib.sha256(data).hexdigest() != said:
        raise SnapshotError(
            f"{name} is not the file that {MANIFEST} describes. Run "
            "`python -m pipelines check`, or restore data/ from version control."
        )
    return data


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """Return a folder's manifest and version; SnapshotError where it is absent or damaged."""
    data = _read(folder / MANIFEST)
    try:
        found: dict[str, Any] = json.loads(data)
        said = [each["sha256"] for each in found["outputs"].values()]
        if not all(isinstance(each, str) for each in said):
            raise TypeError("a checksum that is no text")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SnapshotError(
            f"{MANIFEST} of the snapshot folder {folder} is damaged. Restore data/ from version "
            "control, or publish again with `python -m pipelines refresh`."
        ) from error
    return found, _version(data)


def version_of(folder: Path) -> str:
    """Return a snapshot folder's version: its manifest's short hash. Raises SnapshotError."""
    return _version(_read(folder / MANIFEST))


def _version(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:8]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SnapshotError(
            f"{path.name} cannot be read from the snapshot folder {path.parent}. Run "
            "`python -m pipelines build`, or restore data/ from version control."
        ) from error


def read_csv(source: Path | io.BytesIO, table: str) -> pd.DataFrame:
    """Read a published CSV, read-only: the declared columns that it has, in their types."""
    there = pd.read_csv(source, nrows=0).columns
    if isinstance(source, io.BytesIO):
        source.seek(0)
    columns = [column for column in columns_of(table) if column.name in there]
    frame = pd.read_csv(
        source,
        dtype={column.name: _type(column) for column in columns},
        keep_default_na=False,
        na_values={c.name: [""] for c in columns if _type(c) is float},
        usecols=[column.name for column in columns],
    )
    return _frozen(_plain_text(frame[[column.name for column in columns]]))


def _type(column: Column) -> type:
    return str if column.unit in ("code", "text") else float


def _plain_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with its text as Python strings rather than in Arrow's layout.

    Pages take a few rows of these frames again and again: that costs a third of what it costs
    with Arrow's text, which is laid out anew each time.
    """
    text = [name for name in frame.columns if frame[name].dtype == "str"]
    return frame.astype(dict.fromkeys(text, object))


def _frozen(frame: pd.DataFrame) -> pd.DataFrame:
    # Copy-on-write already protects against views; this stops in-place writes to the blocks.
    for name in frame.columns:
        values = frame[name].to_numpy()
        if isinstance(values.flags.writeable, bool):
            values.flags.writeable = False
    return frame
