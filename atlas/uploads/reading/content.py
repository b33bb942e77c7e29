"""What the bytes of a brought file are, whatever its name says."""

from typing import Literal

from atlas.uploads.reading.limits import MOST_BYTES
from atlas.uploads.reading.table import REFUSALS, refusal

FileKind = Literal["csv", "xlsx", "xls", "ods"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def kind_of(data: bytes) -> FileKind:
    """Return what a file is by its bytes. Raises ``RefusedError`` where it is no table."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise refusal("empty")
    if len(data) > MOST_BYTES:
        raise refusal("too_large", most=MOST_BYTES // 1024**2)
    if data.startswith(b"PK\x03\x04"):
        return "ods" if _OPEN_DOCUMENT in data[:200] else "xlsx"
    if data.startswith(b"PK"):
        raise refusal("empty_archive")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise refusal("encrypted")
        if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
            raise refusal("old_office")
        return "xls"
    head = data[:1024].decode("latin-1")
    text = head.removeprefix("\xef\xbb\xbf").lstrip().lower()
    for known, begins in ((REFUSALS["signatures"], head), (REFUSALS["markup"], text)):
        for start, kind in known.items():
            if begins.startswith(start):
                raise refusal("other_kind", kind=kind)
    return "csv"
