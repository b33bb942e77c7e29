"""The open datastore: every published table in formats that other tools read, and its descriptor.

One edition is a folder of files made from one snapshot, described by ``datapackage.json`` (a
Frictionless data package). The same snapshot gives the same bytes.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from atlas.catalogue.sources import LICENCES, SHARE_ALIKE, Source
from atlas.catalogue.table_schemas import Format, Table, schema
from atlas.catalogue.vintages import vintage_of
from atlas.datastore.tables import WGS84, Tables
from atlas.files.open_formats import MEDIA_TYPES, WRITERS
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.snapshot.snapshot import Snapshot, load, version_of

DESCRIPTOR = "datapackage.json"

LICENCE = "OGL-UK-3.0"

# What decides how a snapshot is written, beside the snapshot itself.
_DECIDES = (
    *("catalogue/columns.toml", "catalogue/sources.toml", "catalogue/cohorts.toml"),
    "catalogue/licences.toml",
    *("risk/index.toml", "risk/export.py", "risk/export.toml"),
    *("access/support_score.toml", "access/support_score.py"),
    *("datastore/datastore.py", "datastore/tables.py", "datastore/tables.toml"),
    *("catalogue/table_schemas.py", "catalogue/table_schemas.toml", "files/open_formats.py"),
)


def edition_of(folder: Path) -> str:
    """Return the name of a snapshot folder's edition, as ``1a2b3c4d-5e6f70``: the data version, and
    what decides how tables are written. Raises :class:`SnapshotError`.
    """
    declared = hashlib.sha256()
    for name in _DECIDES:
        declared.update((Path(__file__).parents[1] / name).read_bytes())
    return f"{version_of(folder)}-{declared.hexdigest()[:6]}"


def write_edition(data: Path, out: Path) -> None:
    """Write the edition that a snapshot folder gives into a folder: for a worker."""
    Datastore(load(data)).write(out)


class Datastore:
    """The tables of one snapshot, made when they are asked for and written in every format."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.used = tuple(snapshot.provenance["sources"])
        self.declared = vintage_of(snapshot.provenance).sources
        self.edition = edition_of(snapshot.folder)
        self.tables = {table.name: table for table in Tables(snapshot).all()}

    def write(self, out: Path) -> dict[str, Any]:
        """Write every file and the descriptor into a folder; return the descriptor."""
        out.mkdir(parents=True, exist_ok=True)
        resources = []
        for table in self.tables.values():
            frame = table.frame()
            for format_ in table.formats:
                path = out / table.file(format_)
                WRITERS[format_](frame, table, path)
                resources.append(self._resource(table, format_, path, len(frame)))
        descriptor = self._package(resources)
        text = json.dumps(descriptor, ensure_ascii=False, indent=1)
        (out / DESCRIPTOR).write_text(f"{text}\n", encoding="utf-8")
        return descriptor

    def _package(self, resources: list[dict[str, Any]]) -> dict[str, Any]:
        title, page = LICENCES[LICENCE]
        used = [self.declared[key] for key in self.used]
        return {
            "profile": "data-package",
            "name": "digital-inclusion-atlas",
            "title": "Digital Inclusion Atlas: open datastore",
            "description": "Ward by ward, where in England residents are most at risk of digital "
            "exclusion, why, and what is near enough to help. An empty cell means no data, never "
            "zero. " + " ".join(HOW_NOT_TO_USE),
            "version": self.edition,
            "data_version": self.snapshot.version,
            "licenses": [{"name": LICENCE, "title": title, "path": page}],
            "sources": [_source(source) for source in used],
            "attribution": list(dict.fromkeys(source.attribution for source in used)),
            "resources": resources,
        }

    def _resource(self, table: Table, format_: Format, path: Path, rows: int) -> dict[str, Any]:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        keys = table.sources or dict.fromkeys(
            key for entry in table.entries for key in entry.sources if key in self.used
        )
        # A table made from a file that asks for its own licence has that licence.
        asked = {self.declared[key].licence for key in keys} & SHARE_ALIKE
        licence = min(asked, default=LICENCE)
        title, page = LICENCES[licence]
        resource: dict[str, Any] = {
            "name": path.name,
            "path": path.name,
            "title": table.title,
            "description": table.description,
            "format": format_,
            "mediatype": MEDIA_TYPES[format_],
            "bytes": path.stat().st_size,
            "hash": f"sha256:{checksum}",
            "licenses": [{"name": licence, "title": title, "path": page}],
            "sources": [_source(self.declared[key]) for key in keys],
        }
        if format_ == "csv":
            return resource | {
                "type": "table",
                "rows": rows,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": schema(table),
            }
        # The same columns: said once for tables that have a CSV, in full for those without.
        described: dict[str, Any] = {"type": "file", "profile": "data-resource", "records": rows}
        if "csv" in table.formats:
            described["columns_as_in"] = table.file("csv")
        else:
            described["columns"] = schema(table)["fields"]
        if table.is_placed(format_):
            described["crs"] = WGS84
        return resource | described


def _source(source: Source) -> dict[str, str]:
    return {
        "title": f"{source.publisher}: {source.title} ({source.dated})",
        "path": source.page,
        "as_at": source.as_at.isoformat(),
        "licence": source.licence,
        "attribution": source.attribution,
    }
