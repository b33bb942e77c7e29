"""Tiny files in the publishers' layouts, with their oddities and made-up values."""

import csv
import io
import zipfile
from pathlib import Path

from openpyxl import Workbook

from atlas.catalogue.sources import Source

FILE_7_CUT_HEADER = (
    "Children and Young People Sub-domain Decile (where 1 is most deprived 10% of LSO"
)


def write_csv(path: Path, header: list[str], rows: list[list], encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def csv_bytes(header: list[str], rows: list[list], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_workbook(path: Path, sheets: dict[str, list[list]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def file_7(path: Path, **edits: str) -> Path:
    """Indices of Deprivation, file 7: a comma inside a header, one header cut short."""
    header = [
        "LSOA code (2021)",
        "LSOA name (2021)",
        "Local Authority District code (2024)",
        "Index of Multiple Deprivation (IMD) Score",
        "Income Score (rate)",
        "Education, Skills and Training Score",
        FILE_7_CUT_HEADER,
        "Adult Skills Sub-domain Score",
    ]
    rows = [
        ["E01000002", "Toy 001B", "E06000001", "30.5", "0.25", "44.1", "2", "0.31"],
        ["E01000001", "Toy 001A", "E06000001", "12.5", "0.05", "9.2", "8", "0.11"],
    ]
    rows[0] = [edits.get(name, cell) for name, cell in zip(header, rows[0], strict=True)]
    return write_csv(path, header, rows, encoding="utf-8-sig")


def census_zip(path: Path, table: str, header: list[str], rows: list[list]) -> Path:
    """A Nomis bulk zip: one member per geography, and metadata."""
    full = ["date", "geography", "geography code", *header]
    lines = [["2021", f"name of {code}", code, *values] for code, *values in rows]
    return write_zip(
        path,
        {
            f"metadata/{table}.txt": b"about the table",
            f"census2021-{table}-oa.csv": csv_bytes(full, []),
            f"census2021-{table}-lsoa.csv": csv_bytes(full, lines),
        },
    )


def declared_file(path: Path, source: Source, codes: list[str]) -> Path:
    """A file by small area as its declaration says: noughts and ones, which any figure can be."""
    names = list(source.columns)
    rows = [[code, *[n % 2] * (len(names) - 1)] for n, code in enumerate(codes)]
    if source.format == "xlsx":
        return write_workbook(path, {source.sheet: [names, *rows]})
    if source.format == "zip":
        member = "toy" + source.member.rstrip("$").replace("\\", "")
        return write_zip(path, {member: csv_bytes(names, rows)})
    return write_csv(path, names, rows)


LIBRARY_HEADER = [
    "Reporting service",
    "Reporting service code",
    "Name",
    "Type",
    "Address 1",
    "Address 2",
    "Address 3",
    "Postcode",
    "Easting",
    "Northing",
    "Longitude",
    "Latitude",
    "Operation in 2023",
    "Year opened",
    "Year closed",
    "Monday opening times",
    "Tuesday opening times",
    "Wednesday opening times",
    "Thursday opening times",
    "Friday opening times",
    "Saturday opening times",
    "Sunday opening times",
    "Hours open per week",
    "Staffed hours per week",
    "Email or website",
    "Co-located archives",
    "Co-located arts centre",
    "Co-located care home or hostel",
    "Co-located catering, bars or pub",
    "Co-located civic",
    "Co-located community",
    "Co-located faith buildings",
    "Co-located health",
    "Co-located hotel",
    "Co-located industrial or business",
    "Co-located library",
    "Co-located museum",
    "Co-located retail",
    "Co-located schools or colleges",
    "Co-located universities or higher education",
    "Co-located other",
]


def library(**cells: str) -> list[str]:
    """One row of the libraries file: an open council library unless ``cells`` say otherwise."""
    usual = {
        "Reporting service": "Northshire Council",
        "Reporting service code": "E06000001",
        "Name": "Castle",
        "Type": "Static Library",
        "Address 1": "1 High Street",
        "Postcode": "AA1 1AA",
        "Easting": "400000",
        "Northing": "300000",
        "Longitude": "-2.0",
        "Latitude": "52.6",
        "Operation in 2023": "LA",
        "Monday opening times": "AM & PM (continuous)",
        "Staffed hours per week": "30",
        "Hours open per week": "35",
        "Email or website": "someone.private@example.org",
        **cells,
    }
    return [usual.get(name, "") for name in LIBRARY_HEADER]
