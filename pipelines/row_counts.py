"""How many rows a published file has, before anything is left out: for checks and provenance."""

import csv
import json
from pathlib import Path
from typing import IO

from atlas.catalogue.sources import Source
from pipelines.download.archives import members, open_member, walk
from pipelines.readers.fields import read_sheet


def published_rows(path: Path, source: Source) -> int:
    """Count the rows of a published file as its publisher counts them: headers are not rows."""
    if source.format == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for row in csv.reader(file) if row) - 1
    if source.format == "geojson":
        return len(json.loads(path.read_text(encoding="utf-8"))["features"])
    if source.format == "json":
        return len(json.loads(path.read_text(encoding="utf-8")))
    if source.key == "walking_areas":
        return sum(name.endswith(".geojson") for name in members(path))
    if source.format == "xlsx":
        sheet = read_sheet(path, source.sheet, source.columns[0])
        return int(sheet.iloc[:, 0].notna().sum())
    if source.key == "postcodes":
        # One line a postcode, no header, no line break inside a cell.
        return sum(_lines(member) for _, member in walk(path, "^Data/CSV/"))
    with open_member(path, source.member) as member:
        return _lines(member) - 1


def _lines(file: IO[bytes]) -> int:
    return sum(1 for line in file if line.strip())


def faults(counts: dict[str, int], sources: dict[str, Source]) -> list[str]:
    """Return in words which files have fewer or more rows than declared."""
    return [
        f"{key} has {count:,} rows, expected {sources[key].rows[0]:,} to {sources[key].rows[1]:,}: "
        "the file may be cut short, or of another edition"
        for key, count in counts.items()
        if not sources[key].rows[0] <= count <= sources[key].rows[1]
    ]
