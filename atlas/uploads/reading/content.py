"""What the bytes of a brought file are, whatever its name says."""

from typing import Literal

from atlas.uploads.reading.limits import MOST_BYTES
from atlas.uploads.reading.table import RefusedError

FileKind = Literal["csv", "xlsx", "xls", "ods"]

_SAVE_AS = "Save the table as CSV or as an Excel workbook (.xlsx) and upload that."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# The first bytes of what people upload by mistake, and how a reader names it.
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (rar)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
)
_MARKUP = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
    (b"<", "a web page or an XML file"),
    (b"{", "a JSON or GeoJSON file"),
    (b"[{", "a JSON file"),
    (b"[[", "a JSON file"),
)


def kind_of(data: bytes) -> FileKind:
    """Return what a file is by its bytes. Raises :class:`RefusedError` where it is no table."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise RefusedError("The file is empty. Fill in the template and upload it again.")
    if len(data) > MOST_BYTES:
        raise RefusedError(
            f"The file is larger than {MOST_BYTES // 1024**2} MB. Keep the rows of your own area "
            "and upload it again."
        )
    if data.startswith(b"PK\x03\x04"):
        return "ods" if _OPEN_DOCUMENT in data[:200] else "xlsx"
    if data.startswith(b"PK"):
        raise RefusedError(f"The file is an empty or damaged archive. {_SAVE_AS}")
    if data.startswith(_OLE):
        _refuse_old_office(data)
        return "xls"
    _refuse_other(data)
    return "csv"


def _refuse_old_office(data: bytes) -> None:
    if _ENCRYPTED in data:
        raise RefusedError(
            "The workbook is protected with a password. Open it, save a copy without a password "
            "and upload that."
        )
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise RefusedError(
            "The file is an old Office document, and holds no workbook. Open it, choose Save as, "
            "CSV or Excel workbook (.xlsx), and upload that."
        )


def _refuse_other(data: bytes) -> None:
    for start, name in _SIGNATURES:
        if data.startswith(start):
            raise RefusedError(f"The file is {name}, not a table. {_SAVE_AS}")
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, name in _MARKUP:
        if head.startswith(start):
            raise RefusedError(f"The file is {name}, not a table. {_SAVE_AS}")
