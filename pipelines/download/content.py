"""What arrived, held against its declaration, before it may replace a good file.

Each function returns every fault it finds, as sentences, and an empty list for a sound file. They
look for what a download can get wrong (another page, half a file, another edition, a renamed
column); whether the figures make sense is for the readers and the checks.
"""

import csv
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from atlas.catalogue.sources import Source
from pipelines.download.archives import DAMAGE, ArchiveError, faults_in_zip
from pipelines.readers.fields import ReadError, normalised
from pipelines.row_counts import published_rows

_GSS = re.compile(r"[A-Z]\d{8}")
_PAGE = re.compile(rb"<\s*(!doctype|html|head|body|script)", re.IGNORECASE)
# Text that a template engine or a browser would run. No place in Britain is called so.
_RUNS = re.compile(r"\{\{|\{%|\{#|<\s*script|<\s*img|javascript:", re.IGNORECASE)
_SHOWN = 3
_BOUNDS = (-9.5, 49.0, 3.0, 61.5)  # longitude and latitude of Great Britain and Northern Ireland


def faults(path: Path, source: Source) -> list[str]:
    """Return what is wrong with a file that should be ``source``; nothing is sound."""
    found = _faults_in_head(path, source)
    if found:
        return found
    if source.sha256 and sha256(path) != source.sha256:
        return [
            f"its SHA-256 is {sha256(path)}, and atlas/catalogue/sources.toml pins {source.sha256}"
        ]
    checks: dict[str, Callable[[Path, Source], list[str]]] = {
        "csv": faults_in_csv,
        "geojson": faults_in_geojson,
        "xlsx": faults_in_packed,
        "zip": faults_in_packed,
        "json": faults_in_json,
    }
    return checks[source.format](path, source)


def sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _faults_in_head(path: Path, source: Source) -> list[str]:
    """Tell what the first bytes show: nothing at all, a web page, an error, another format."""
    with path.open("rb") as file:
        head = file.read(4_096)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        return ["it is empty"]
    if path.stat().st_size > source.max_bytes:
        return [
            f"it is larger than the {source.max_bytes:,} bytes that "
            "atlas/catalogue/sources.toml allows"
        ]
    if _PAGE.match(text) or text.startswith(b"<?xml"):
        return ["it is a web page, not the file (often a page that asks whether you are a robot)"]
    if source.format in ("zip", "xlsx") and not head.startswith(b"PK\x03\x04"):
        return [f"it is not a {source.format} file: it starts with {head[:12]!r}"]
    if source.format == "csv" and head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["it is UTF-16 text. Save it as CSV in UTF-8"]
    if source.format == "csv" and text.startswith((b"{", b"[")):
        return [f"it is JSON, not CSV: {text[:120].decode('utf-8', 'replace')}"]
    return []


def faults_in_csv(path: Path, source: Source) -> list[str]:
    """Check encoding, header, ragged rows, number of rows, the key, and text that would run."""
    if unreadable := _faults_in_encoding(path):
        return unreadable
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.reader(file, strict=True)
            header = next(rows, [])
            return _faults_in_header(header, source) or _faults_in_rows(header, rows, source)
        except csv.Error as error:
            return [f"it is not readable as CSV ({error})"]


def _faults_in_encoding(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig") as text:
            while block := text.read(1 << 20):
                if "\0" in block:
                    return ["it holds NUL bytes, so it is not a text file"]
    except UnicodeDecodeError as error:
        return [f"it is not UTF-8 text (byte {error.object[error.start]:#x}). Save it as UTF-8"]
    return []


def _faults_in_header(header: list[str], source: Source) -> list[str]:
    names = [normalised(name) for name in header]
    absent = [column for column in source.columns if normalised(column) not in names]
    twice = [column for column in source.columns if names.count(normalised(column)) > 1]
    found = [f"it has the column {column!r} more than once" for column in twice]
    if absent:
        there = ", ".join(header[:40])[:600]
        found.append(f"it has no column {', '.join(map(repr, absent))}; it has: {there}")
    return found


def _faults_in_rows(header: list[str], rows: Iterable[list[str]], source: Source) -> list[str]:
    key_column = source.columns[0]
    place = [normalised(name) for name in header].index(normalised(key_column))
    seen: set[str] = set()
    count = 0
    odd: dict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        if not row:
            continue
        count += 1
        if len(row) != len(header):
            odd["rows with another number of cells than the header"].append(f"line {number}")
            continue
        if any(_RUNS.search(cell) for cell in row if len(cell) > 1):
            odd["cells with code in them"].append(f"line {number}")
        if any(cell.strip().lower().lstrip("+-") in ("inf", "infinity") for cell in row):
            odd["infinite numbers"].append(f"line {number}")
        key = row[place].strip()
        if is_keyed(source):
            if key in seen:
                odd[f"repeated values of {key_column!r}"].append(key)
            if not _GSS.fullmatch(key):
                odd[f"malformed codes in {key_column!r}"].append(repr(key))
            seen.add(key)
    return _counted(odd) + _faults_in_count(count, source)


def is_keyed(source: Source) -> bool:
    """Say whether the first declared column is an area code, which stands once."""
    name = source.columns[0].casefold()
    return bool(re.fullmatch(r"[a-z]+\d\dcd", name)) or "code" in name.split()


def _faults_in_count(count: int, source: Source) -> list[str]:
    least, most = source.rows
    if least <= count <= most:
        return []
    wanted = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    return [f"it has {count:,} rows where {wanted} are expected"]


def _counted(odd: dict[str, list[str]]) -> list[str]:
    """Return a sentence for each kind of fault: how many there are, and the first of them."""
    return [
        f"it has {len(what)} {kind} ({', '.join(what[:_SHOWN])}{', …' if what[_SHOWN:] else ''})"
        for kind, what in odd.items()
    ]


def faults_in_geojson(path: Path, source: Source) -> list[str]:
    """Check that it parses, its features, properties, key, geometry and coordinate system."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            found = json.load(file, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        return ["it is not UTF-8 text"]
    except (ValueError, RecursionError) as error:
        return [f"it is not readable as JSON ({str(error)[:120]})"]
    if not isinstance(found, dict):
        return ["it is not a GeoJSON FeatureCollection"]
    if "error" in found:
        return [f"it is an error message: {str(found['error'])[:200]}"]
    features = found.get("features")
    if found.get("type") != "FeatureCollection" or not isinstance(features, list):
        return ["it is not a GeoJSON FeatureCollection"]
    problems = [*_faults_in_features(features, source), *_faults_in_count(len(features), source)]
    if any(part.get("exceededTransferLimit") for part in (found, found.get("properties") or {})):
        problems.append("it is one page of a longer answer")
    return problems


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _faults_in_features(features: list[Any], source: Source) -> list[str]:
    odd: dict[str, list[str]] = defaultdict(list)
    seen: set[str] = set()
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            odd["features without properties"].append(f"number {number}")
            continue
        values = {normalised(str(name)): value for name, value in feature["properties"].items()}
        for column in source.columns:
            if normalised(column) not in values:
                odd[f"features without the property {column!r}"].append(str(number))
        key = str(values.get(normalised(source.columns[0])))
        if key in seen:
            odd[f"repeated values of {source.columns[0]!r}"].append(key)
        seen.add(key)
        if any(isinstance(text, str) and _RUNS.search(text) for text in values.values()):
            odd["properties with code in them"].append(key)
        fault = _fault_in_geometry(feature.get("geometry"))
        if fault:
            odd[fault].append(key)
    return _counted(odd)


def _fault_in_geometry(geometry: Any) -> str | None:
    if not isinstance(geometry, dict) or not geometry.get("coordinates"):
        return "features without a geometry"
    point = geometry["coordinates"]
    while isinstance(point, list) and point and isinstance(point[0], list):
        point = point[0]
    is_pair = isinstance(point, list) and len(point) >= 2
    if not is_pair or not all(isinstance(number, int | float) for number in point[:2]):
        return "features with a broken geometry"
    west, south, east, north = _BOUNDS
    if not (west <= point[0] <= east and south <= point[1] <= north):
        return "features outside Britain: coordinates must be longitude and latitude (EPSG:4326)"
    return None


def faults_in_json(path: Path, source: Source) -> list[str]:
    """Check that a file is an object of areas by code, each with the declared parts."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        return [f"it is not readable as JSON ({error})"]
    if not isinstance(found, dict) or not all(isinstance(part, dict) for part in found.values()):
        return ["it is not a JSON object of areas by code"]
    absent = [name for name in source.columns if any(name not in part for part in found.values())]
    if absent:
        return [f"an area has no {', '.join(map(repr, absent))}"]
    return _faults_in_count(len(found), source)


def faults_in_packed(path: Path, source: Source) -> list[str]:
    """Check a zip or a workbook as a whole, and its number of rows; its reader sees the rest."""
    try:
        return faults_in_zip(path) or _faults_in_count(published_rows(path, source), source)
    except (ArchiveError, ReadError, *DAMAGE) as error:
        return [str(error)]
