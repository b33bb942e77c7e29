"""Tables written as CSV, Parquet, GeoPackage and GeoJSON; the same rows give the same bytes."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from atlas.catalogue.sources import declared_sources
from atlas.catalogue.table_schemas import Entry, Format, Table
from atlas.files.spreadsheets import plain_number

MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "json": "application/json",
}


def _write_csv(frame: pd.DataFrame, table: Table, path: Path) -> None:
    texts = {entry.name: _texts(frame[entry.name], entry) for entry in table.entries}
    pd.DataFrame(texts).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _texts(values: pd.Series, entry: Entry) -> pd.Series:
    if entry.kind == "boolean":
        return values.map({True: "true", False: "false"}).fillna("")
    if entry.kind == "string":
        return values.fillna("")
    return values.astype(float).map(plain_number)


def _write_parquet(frame: pd.DataFrame, table: Table, path: Path) -> None:
    if not table.is_placed("parquet"):
        types = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}
        arrays = {
            entry.name: pa.array(
                frame[entry.name], type=types.get(entry.kind, pa.bool_()), from_pandas=True
            )
            for entry in table.entries
        }
        pq.write_table(pa.table(arrays), path, compression="zstd", compression_level=9)
    else:
        gpd.GeoDataFrame(frame).to_parquet(path, index=False, compression="zstd")


def _write_gpkg(frame: pd.DataFrame, table: Table, path: Path) -> None:
    path.unlink(missing_ok=True)
    # The date of writing is in the file: the newest day described stands for it.
    newest = max(source.as_at for source in declared_sources().values())
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{newest}T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(
            gpd.GeoDataFrame(frame),
            path,
            layer=table.name,
            driver="GPKG",
            layer_options={"IDENTIFIER": table.title, "DESCRIPTION": table.description},
            geometry_type="Point" if table.name == "libraries" else "MultiPolygon",
            promote_to_multi=table.name != "libraries",
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_geojson(frame: pd.DataFrame, table: Table, path: Path) -> None:
    shapes = shapely.to_geojson(frame["geometry"].to_numpy())
    plain = frame[[entry.name for entry in table.entries]]
    rows = plain.astype(object).where(plain.notna(), None).to_dict("records")
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type":"FeatureCollection","name":{json.dumps(table.name)},"features":[\n')
        for number, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
            properties = json.dumps(row, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            file.write(",\n" if number else "")
            file.write(
                f'{{"type":"Feature","properties":{properties},"geometry":{shape or "null"}}}'
            )
        file.write("\n]}\n")


WRITERS: Mapping[Format, Callable[[pd.DataFrame, Table, Path], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "gpkg": _write_gpkg,
    "geojson": _write_geojson,
}
