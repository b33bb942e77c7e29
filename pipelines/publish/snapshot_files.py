"""Write a snapshot: the same input gives the same bytes, and a reader never sees half of it."""

import ctypes
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from filelock import FileLock, Timeout

from atlas.catalogue.columns import Column, columns_of
from atlas.places.postcodes import GRID
from atlas.snapshot.snapshot import MANIFEST, SnapshotError, read_manifest
from atlas.snapshot.soundness import altered
from pipelines import PipelineError

WGS84 = "EPSG:4326"
# Decimals of a degree, as published; coarser rounding makes a few outlines cross themselves.
WARD_DECIMALS = 6
LSOA_DECIMALS = 5
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class PublicationError(PipelineError):
    """The snapshot could not be published; the previous one is untouched."""


def write_declared(table: pd.DataFrame, path: Path) -> None:
    """Write the columns that are declared for the table of the file's name, rounded as declared.

    In a CSV whole numbers are written without a decimal point, missing values as nothing.
    """
    columns = columns_of(path.stem)
    if path.suffix == ".csv":
        write_csv(pd.DataFrame({c.name: _texts(table[c.name], c.decimals) for c in columns}), path)
    else:
        arrays = {column.name: _array(table[column.name], column) for column in columns}
        _write_parquet(pa.table(arrays), path)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as it is: UTF-8, without row numbers, the same bytes on every system."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _texts(values: pd.Series, decimals: int) -> pd.Series:
    if values.dtype == bool:
        return values.map({True: "true", False: "false"})
    if not pd.api.types.is_numeric_dtype(values):
        return values.fillna("").astype(str)
    # repr of the rounded float is the shortest text that reads back to the same number.
    rounded = np.round(values.to_numpy(dtype=float), decimals) + 0.0
    return pd.Series([_number(value) for value in rounded], index=values.index)


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() else repr(float(value))


def _array(values: pd.Series, column: Column) -> pa.Array:
    if column.unit in ("code", "text"):
        return pa.array(values.astype(str))
    return pa.array(np.round(values.to_numpy(dtype=float), column.decimals) + 0.0)


def write_postcodes(table: pd.DataFrame, path: Path) -> None:
    """Write postcodes, sorted, with their ward, their small area and their 50 m grid square."""

    def square(metres: pd.Series) -> pa.Array:
        return pa.array(np.floor(metres / GRID).astype("Int32"))

    columns = {
        "postcode": pa.array(table["postcode"].astype(str)),
        "ward_code": pa.array(table["ward_code"].astype(str)).dictionary_encode(),
        "lsoa_code": pa.array(table["lsoa_code"].astype(str)).dictionary_encode(),
        "east_50m": square(table["easting"]),
        "north_50m": square(table["northing"]),
    }
    _write_parquet(
        pa.table(columns),
        path,
        column_encoding={
            "postcode": "DELTA_BYTE_ARRAY",
            "east_50m": "DELTA_BINARY_PACKED",
            "north_50m": "DELTA_BINARY_PACKED",
        },
        use_dictionary=["ward_code", "lsoa_code"],
    )


def write_outlines(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write LSOA outlines as GeoParquet, EPSG:4326: ``lsoa_code, geometry``."""
    degrees = in_degrees(table, LSOA_DECIMALS)
    degrees.to_parquet(path, index=False, compression="zstd", compression_level=19)


def _write_parquet(table: pa.Table, path: Path, **options: Any) -> None:
    options = {"use_dictionary": False, **options}
    pq.write_table(table, path, compression="zstd", compression_level=19, **options)


def in_degrees(table: gpd.GeoDataFrame, decimals: int) -> gpd.GeoDataFrame:
    """Return the table in EPSG:4326 with coordinates rounded to ``decimals``.

    Neighbours share their corners, and a shared corner rounds to one place, so no gaps open.
    """
    degrees = table.to_crs(WGS84)
    degrees.geometry = shapely.transform(
        degrees.geometry.to_numpy(), lambda points: np.round(points, decimals)
    )
    return degrees


def write_geojson(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a boundary table as GeoJSON (EPSG:4326), one feature a line."""
    degrees = in_degrees(table, WARD_DECIMALS)
    names = [name for name in degrees.columns if name != degrees.geometry.name]
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": dict(zip(names, values, strict=True)),
                "geometry": shapely.geometry.mapping(shape),
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for *values, shape in degrees[[*names, degrees.geometry.name]].itertuples(index=False)
    ]
    path.write_text(
        '{"type":"FeatureCollection","features":[\n' + ",\n".join(features) + "\n]}\n",
        encoding="utf-8",
    )


def describe(folder: Path, rows: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Return size, sha256 and (where given) row count of every file below ``folder``."""
    described: dict[str, dict[str, Any]] = {}
    for path in _files_of(folder):
        name = path.relative_to(folder).as_posix()
        data = path.read_bytes()
        described[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        if name in rows:
            described[name]["rows"] = rows[name]
    return described


def _files_of(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)


def faults_in_snapshot(folder: Path) -> list[str]:
    """Return every way in which a snapshot folder differs from its manifest; none is sound."""
    try:
        manifest, version = read_manifest(folder)
    except SnapshotError as error:
        return [str(error)]
    expected = manifest["outputs"]
    found = [path.relative_to(folder).as_posix() for path in _files_of(folder)]
    more = [f"{name} is not in the manifest" for name in found if name not in expected]
    return more + altered(folder, expected, version)


def publish(out: Path, write: Callable[[Path], None]) -> None:
    """Replace the folder ``out`` by what ``write`` puts into an empty one, in a single step.

    ``write`` fills a sibling folder; it is synced to disk and exchanged with ``out``. Whatever
    happens before that instant, ``out`` holds the previous snapshot whole. Raises
    :class:`PublicationError` where another publication is under way.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with locked(out.with_name(f".{out.name}.lock"), f"Another build is publishing to {out}"):
        building = out.with_name(f"{out.name}.building")
        # What a crash left behind; nobody else can be writing it while we hold the lock.
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            write(building)
            synced(*building.rglob("*"), building, building.parent)
            _swap(building, out)
        finally:
            # After the swap this is the previous snapshot; before it, what was not finished.
            shutil.rmtree(building, ignore_errors=True)


def locked(lock: Path, busy: str) -> AbstractContextManager[object]:
    """Hold a lock until the block ends. Raises :class:`PublicationError` where another has it."""
    try:
        return FileLock(lock).acquire(timeout=0)
    except Timeout as error:
        raise PublicationError(f"{busy}. Wait for it to end, then run this again.") from error


def synced(*paths: Path) -> None:
    """Have the disk hold files and folders as they are now."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _swap(building: Path, out: Path) -> None:
    if not out.exists():
        building.rename(out)
        return
    # Two renames would leave an instant without a snapshot; Linux can exchange two folders in one.
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.renameat2(
        _AT_FDCWD, os.fsencode(building), _AT_FDCWD, os.fsencode(out), _RENAME_EXCHANGE
    )
    if result != 0:
        raise PublicationError(
            f"This file system cannot exchange folders ({os.strerror(ctypes.get_errno())}). "
            "Choose an --out folder on a local Linux file system."
        )
