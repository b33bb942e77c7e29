"""Small published files, sound and not: CSV, GeoJSON, zips and workbooks as bytes."""

import io
import json
import stat
import struct
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any

from openpyxl import Workbook

from atlas.catalogue.sources import Source
from tests.pipelines.publishers.services import SQUARE

ROWS = 40
HEADER = ("LSOA code (2021)", "LSOA name (2021)", "Local Authority District code (2024)")
SCORES = (
    "Index of Multiple Deprivation (IMD) Score",
    "Income Score (rate)",
    "Adult Skills Sub-domain Score",
)


def source(**edits: Any) -> Source:
    """A declaration in the layout of the deprivation scores, 40 small areas long."""
    usual: dict[str, Any] = {
        "key": "deprivation",
        "title": "Toy deprivation scores",
        "publisher": "The Toy Office",
        "licence": "OGL-UK-3.0",
        "attribution": "Source: the Toy Office",
        "page": "https://toys.example/scores",
        "file": "deprivation/scores.csv",
        "format": "csv",
        "vintage": "2025",
        "as_at": date(2025, 10, 30),
        "geography": "LSOA21",
        "rows": (ROWS, ROWS),
        "columns": (*HEADER, *SCORES),
        "max_bytes": 100_000,
        "caveats": (),
    }
    if "key" not in edits:
        usual["reader"] = "deprivation.read_scores"  # and so it is read on trial
    return Source(**{**usual, **edits})


def code(number: int) -> str:
    return f"E010{number:05d}"


def table(header: Iterable[str] = (*HEADER, *SCORES), count: int = ROWS) -> list[list[str]]:
    """Header and rows."""
    rows = [[code(n), f"Toy {n:03d}A", "E06000001", f"{n}.5", "0.25", "0.31"] for n in range(count)]
    return [list(header), *rows]


def text(rows: list[list[str]], encoding: str = "utf-8", separator: str = ",") -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)


def changed(row: int, column: int, cell: str) -> bytes:
    """The sound table with one cell (row 0 is the header) replaced."""
    rows = table()
    rows[row][column] = cell
    return text(rows)


def good() -> bytes:
    return text(table())


def replaced(old: str, new: str) -> bytes:
    found = good().replace(old.encode(), new.encode())
    assert found != good()
    return found


def reordered() -> bytes:
    return text([row[::-1] for row in table()])


def widened() -> bytes:
    return text([[*row, "more"] for row in table()])


# --- GeoJSON -------------------------------------------------------------------------------------


def outlines(**edits: Any) -> bytes:
    """Forty outlines with ``WD24CD`` and ``WD24NM``; ``edits`` replace parts of the first."""
    features = [
        {
            "type": "Feature",
            "properties": {"WD24CD": f"E050{n:05d}", "WD24NM": f"Ward {n}"},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
        for n in range(ROWS)
    ]
    features[0] |= edits
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def outlines_source(**edits: Any) -> Source:
    usual = {"columns": ("WD24CD", "WD24NM"), "format": "geojson", "file": "geography/w.geojson"}
    return source(key="toy outlines", **{**usual, **edits})


# --- zips ----------------------------------------------------------------------------------------


def packed(members: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def zip_of(name: str = "scores.csv", content: bytes | None = None) -> bytes:
    """A zip with the sound table, and one more member called ``name`` if it is called otherwise."""
    members: list[tuple[str | zipfile.ZipInfo, bytes]] = [("scores.csv", good())]
    if name != "scores.csv" or content is not None:
        members.append((name, b"x" if content is None else content))
    return packed(members)


def link() -> bytes:
    entry = zipfile.ZipInfo("passwords.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed([("scores.csv", good()), (entry, b"/etc/passwd")])


def bomb() -> bytes:
    return zip_of("zeros.csv", b"0" * 60_000_000)


def many_members(count: int = 20_000) -> bytes:
    return packed((f"{number}", b"") for number in range(count))


def bad_crc() -> bytes:
    """One bit of the packed member turned over."""
    found = bytearray(zip_of())
    found[60] ^= 0x10
    return bytes(found)


def lying_size() -> bytes:
    """The directory says that the member unpacks to ten bytes."""
    found = bytearray(zip_of())
    entry = found.rindex(b"PK\x01\x02")
    found[entry + 24 : entry + 28] = struct.pack("<I", 10)
    return bytes(found)


def encrypted() -> bytes:
    found = bytearray(zip_of())
    found[found.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(found)


def twice_named() -> bytes:
    """Two members of one name, made by renaming, since no honest library writes it."""
    whole = packed([("scores.csv", good()), ("scorez.csv", good())])
    return whole.replace(b"scorez.csv", b"scores.csv")


def nested() -> bytes:
    return packed([("2025/inner_r01.zip", zip_of()), ("read.me", b"about")])


def zip_source(**edits: Any) -> Source:
    usual = {
        "format": "zip",
        "file": "z/scores.zip",
        "member": "scores.csv",
        "max_bytes": 3_000_000,
    }
    return source(key="toy zip", **{**usual, **edits})


# --- workbooks -----------------------------------------------------------------------------------


def workbook(header: Iterable[str] = (*HEADER, *SCORES)) -> bytes:
    book = Workbook()
    for row in table(header):
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def workbook_source(**edits: Any) -> Source:
    usual = {"format": "xlsx", "file": "x/scores.xlsx", "sheet": "Sheet"}
    return source(key="toy workbook", **{**usual, **edits})
