"""OS Code-Point Open: every postcode with its ward and grid reference."""

import csv
import io
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from pipelines.download.archives import members, open_member
from pipelines.readers.fields import ReadError

_HEADERS = r"Code-Point_Open_Column_Headers\.csv$"
_WANTED = {
    "Postcode": ("postcode", pa.string()),
    "Positional_quality_indicator": ("quality", pa.int32()),
    "Eastings": ("easting", pa.int32()),
    "Northings": ("northing", pa.int32()),
    "Country_code": ("country", pa.string()),
    "Admin_ward_code": ("ward_code", pa.string()),
}
COUNTRIES = {"E92000001": "England", "W92000004": "Wales", "S92000003": "Scotland"}
_NO_COORDINATES = 90  # OS's positional quality where it gives the grid reference 0, 0


def read_postcodes(path: Path) -> pd.DataFrame:
    """Read the postcodes, sorted: ``postcode`` (no space), ``easting``, ``northing`` (EPSG:27700
    metres, NaN where OS has none), ``ward_code`` ("" where OS has none) and ``country``, one of
    :data:`COUNTRIES` in words.

    The data files have no header row: names come from the file that OS puts beside them. Raises
    :class:`ReadError` where that file or a column is missing, or a postcode stands twice.
    """
    names = _column_names(path)
    tables = [_one_area(path, member, names) for member in members(path) if _is_data(member)]
    if not tables:
        raise ReadError(f"{path.name} has no Data/CSV/*.csv. Download Code-Point Open as CSV.")
    table = pa.concat_tables(tables).to_pandas()
    placed = (table["quality"] != _NO_COORDINATES) & (table["easting"] > 0)
    table = pd.DataFrame(
        {
            "postcode": table["postcode"].str.replace(" ", "", regex=False),
            "easting": table["easting"].where(placed).astype(float),
            "northing": table["northing"].where(placed).astype(float),
            "ward_code": table["ward_code"].fillna("").astype(str),
            "country": table["country"].map(COUNTRIES).fillna(""),
        }
    ).sort_values("postcode", ignore_index=True)
    if table["postcode"].duplicated().any():
        twice = table.loc[table["postcode"].duplicated(), "postcode"].iloc[0]
        raise ReadError(f"{path.name}: postcode {twice} stands twice. Download the file again.")
    return table


def _is_data(member: str) -> bool:
    return "/CSV/" in f"/{member}" and member.lower().endswith(".csv")


def _column_names(path: Path) -> list[str]:
    with open_member(path, _HEADERS) as file:
        rows = list(csv.reader(io.TextIOWrapper(file, "utf-8-sig")))
    names = [cell.strip() for cell in rows[-1]]
    absent = [name for name in _WANTED if name not in names]
    if absent:
        raise ReadError(f"{path.name}: no column {absent}. The header file names {names}.")
    return names


def _one_area(path: Path, member: str, names: list[str]) -> pa.Table:
    with zipfile.ZipFile(path) as archive, archive.open(member) as file:
        table = pa_csv.read_csv(
            file,
            read_options=pa_csv.ReadOptions(column_names=names),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(_WANTED),
                column_types={name: kind for name, (_, kind) in _WANTED.items()},
            ),
        )
    return table.rename_columns([_WANTED[name][0] for name in table.column_names])
