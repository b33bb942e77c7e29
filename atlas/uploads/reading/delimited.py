"""Reading delimited text: its encoding, its separator, its rows."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator

from atlas.uploads.reading.limits import MOST_BYTES
from atlas.uploads.reading.table import Sheet, note, refusal

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# Lines by which the separator is judged: titles above the headings have none.
_JUDGED = 30


def read_delimited(data: bytes) -> Sheet:
    """Read CSV in UTF-8, UTF-16 (with its mark) or Windows-1252, whatever separates its cells.

    Raises :class:`table.RefusedError` where it cannot be read without guessing.
    """
    text, notes = _decoded(data)
    text, separator = _separator(text)
    if separator != ",":
        notes.append(note("separator", signs=_SEPARATORS[separator]))
    # Outlines in a column that nobody reads are long.
    csv.field_size_limit(MOST_BYTES)
    records = list(_records(text, separator))
    if len(records) > 1 and all(len(record) == 1 and separator in record[0] for record in records):
        # Every line was put in quotation marks as a whole.
        records = list(_records("\n".join(record[0] for record in records), separator))
    return Sheet(records, notes=tuple(notes), semicolons=separator == ";")


def _decoded(data: bytes) -> tuple[str, list[str]]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise refusal("utf32")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16"), [note("utf16")]
        except UnicodeDecodeError:
            raise refusal("utf16") from None
    if b"\0" in data:
        raise refusal("zero_byte", line=data[: data.index(b"\0")].count(b"\n") + 1)
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise refusal("encoding", line=data[: error.start].count(b"\n") + 1) from None
    return text, [note("cp1252")]


def _separator(text: str) -> tuple[str, str]:
    """Return the text without a ``sep=`` line, and what separates its cells."""
    first, _, rest = text.partition("\n")
    named = first.strip().lower()
    if named.startswith("sep=") and named[4:] in ("", *_SEPARATORS):
        # The blank line keeps the row numbers as a spreadsheet shows them without the hint.
        return rest, named[4:] or "\t"
    # Cut: what matters shows at once.
    lines = [line[:20_000] for line in text[:2_000_000].splitlines()[:_JUDGED] if line.strip()]
    return text, max(_SEPARATORS, key=lambda sign: _regular(lines, sign))


def _regular(lines: list[str], sign: str) -> tuple[int, int]:
    """Return how many lines have the usual number of a sign, and that number."""
    counts = Counter(line.count(sign) for line in lines if sign in line)
    usual, many = max(counts.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
    return many, usual


def _records(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        why = "quote_open" if "unexpected end" in str(error) else "quote_inside"
        raise refusal(why, line=reader.line_num) from None
