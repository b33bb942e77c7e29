"""Brought files: read as meant or refused in plain words, by a process that can do nothing."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.text.safe_text import plain
from atlas.uploads.reading import process
from atlas.uploads.reading.child import read
from atlas.uploads.reading.limits import LONGEST_CELL, MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from atlas.uploads.reading.process import read_upload
from atlas.uploads.reading.table import RefusedError, letters
from tests.atlas.uploads.files import csv, fill, package, sheet_xml, workbook, written

CELL = st.text(max_size=30).filter(lambda text: plain(text) == text)


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read_upload(data)
    return str(caught.value)


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data).rows]


def test_csv_and_workbook_give_the_same_table() -> None:
    rows = (("name", "devices"), ("Hall", 12), ("Café", 0.5))
    from_csv = read_upload(csv("name,devices", "Hall,12", "Café,0.5"))
    from_workbook = read_upload(workbook(*rows))
    assert from_csv.headings == from_workbook.headings == ("name", "devices")
    assert from_csv.rows == from_workbook.rows
    assert from_csv.rows[1].cells == ("Café", "0.5")
    assert from_csv.column("devices") == ["12", "0.5"]


def test_rows_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    table = read(csv("", "a,b", "", "1,2", '"two', 'lines",4', "5,6"))
    assert [row.number for row in table.rows] == [4, 5, 6]
    sheet = workbook((), ("a", "b"), (), (1, 2))
    assert [row.number for row in read(sheet).rows] == [4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_encodings_are_recognised(encoding: str) -> None:
    table = read(csv("name,number", "Café,1", encoding=encoding))
    assert table.headings == ("name", "number")
    assert table.rows[0].cells == ("Café", "1")
    said = " ".join(table.notes)
    assert ("Windows-1252" in said) == (encoding == "cp1252")
    assert ("UTF-16" in said) == (encoding == "utf-16")


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_other_separators_are_recognised_and_said(sign: str, word: str) -> None:
    table = read(csv(sign.join(("name", "value")), sign.join(("A, B", "1,5"))))
    assert table.rows[0].cells == ("A, B", "1,5")
    assert word in table.notes[0]


def test_a_separator_named_in_the_first_line_holds() -> None:
    assert cells(csv("sep=;", "a;b", "1,0;2")) == [("1,0", "2")]


def test_the_sheet_that_explains_is_not_the_table() -> None:
    def write(book: object) -> None:
        fill(book.add_worksheet("README"), (("About", "this"),))  # type: ignore[attr-defined]
        fill(book.add_worksheet("Places"), (("name",), ("Hall",)))  # type: ignore[attr-defined]

    table = read(written(write))
    assert table.rows[0].cells == ("Hall",)
    assert "“Places”" in table.notes[0]


def test_formulas_give_what_was_last_saved_and_it_is_said() -> None:
    saved = '<row r="1"><c r="A1" t="str"><v>n</v></c></row>'
    saved += '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row>'
    table = read(package(sheet_xml(saved)))
    assert table.rows[0].cells == ("2",)
    assert "1 cell holds a formula" in table.notes[0]
    bare = saved + '<row r="3"><c r="A3"><f>WEBSERVICE("http://x")</f></c></row>'
    assert any("A3" in note for note in read(package(sheet_xml(bare))).notes)


def test_hidden_signs_are_taken_out_and_counted() -> None:
    table = read(csv("name,b", "Ha\u200bll\u202e,1", "Plain  text,\u00a02"))
    assert cells(csv("name,b", "Ha\u200bll\u202e,1")) == [("Hall", "1")]
    assert table.rows[1].cells == ("Plain text", "2")
    assert "1 cell" in table.notes[0]


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_any_text_survives_a_round_trip(rows: list[tuple[str, str]]) -> None:
    import csv as writer
    import io

    buffer = io.StringIO(newline="")
    writer.writer(buffer, quoting=writer.QUOTE_ALL).writerows([("h1", "h2"), *rows])
    filled = [row for row in rows if any(row)]
    if not filled:
        return
    assert cells(buffer.getvalue().encode()) == filled


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"  <!DOCTYPE html><p>", "web page"),
        (b'{"type": "FeatureCollection"}', "GeoJSON"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Office format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (b"name,b\r\nx\0y,1\r\n", "Line 2"),
        (csv("Name,name", "a,b"), "A and B"),
        (csv("name,value"), "no rows"),
        (csv("name,b", '"never closed,1'), "quotation mark"),
        (csv(",".join(f"c{n}" for n in range(51)), "1"), "column AY"),
        (csv("a,b", f"{'x' * (LONGEST_CELL + 1)},1"), "Row 2, column A"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_limits_are_met_at_the_limit_and_refused_one_past_it() -> None:
    row = ["1"] * MOST_COLUMNS
    heads = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    assert len(read(csv(heads, ",".join(row))).headings) == MOST_COLUMNS
    assert len(read(csv("a", *["1"] * MOST_ROWS)).rows) == MOST_ROWS
    with pytest.raises(RefusedError, match="more than 20,000 rows"):
        read(csv("a", *["1"] * (MOST_ROWS + 1)))
    with pytest.raises(RefusedError, match="10 MB"):
        read(b"a" * (MOST_BYTES + 1))


def test_a_row_with_too_many_cells_is_left_out_and_named() -> None:
    table = read(csv("name,value", "A,1,003", "B,2"))
    assert [row.cells for row in table.rows] == [("B", "2")]
    assert table.problems[0].row == 2
    assert "1,003" in table.problems[0].do


def test_a_cell_far_out_is_refused_by_its_name() -> None:
    far = sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert "XFD1048576" in refusal(package(far))
    # A cell that is only coloured holds nothing, and many real workbooks have them.
    grey = '<row r="1"><c r="A1" t="str"><v>n</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
    grey += '<row r="900000"><c r="B900000" s="0"/></row>'
    assert cells(package(sheet_xml(grey))) == [("1",)]


def test_entities_are_refused_before_anything_expands() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "x">]>'
    assert "declarations" in refusal(package(sheet_xml("", before=bomb)))


def test_letters_count_as_spreadsheets_do() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702, 16383)] == [
        *("A", "Z", "AA", "ZZ", "AAA", "XFD")
    ]


def confined(code: str) -> subprocess.CompletedProcess[bytes]:
    """Run code after the child has given everything up."""
    start = (
        "import socket\nfrom atlas.uploads.reading.child import give_up_everything\n"
        "give_up_everything()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)], capture_output=True, timeout=30
    )


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/hostname')",
        "open('/tmp/atlas-upload-trial', 'w')",
        "socket.socket()",
        "import posix; posix.pipe()",
        "bytearray(2_000_000_000)",
    ],
)
def test_the_reading_process_can_open_and_take_nothing(code: str) -> None:
    done = confined(f"try:\n    {code}\nexcept (OSError, MemoryError):\n    print('held')")
    assert done.stdout == b"held\n"


def test_the_reading_process_is_stopped_by_the_clock() -> None:
    done = confined("while True: pass")
    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import time; time.sleep(60)", "too long"),
        ("import os; os.kill(os.getpid(), 9)", "too long"),
        ("import os; os.abort()", "memory"),
    ],
)
def test_a_process_that_fails_in_any_way_gives_a_message(
    code: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "DEADLINE_SECONDS", 0.5)
    with pytest.raises(RefusedError, match=words):
        read_upload(b"a,b\n1,2\n", (sys.executable, "-c", code))


def test_nothing_of_the_server_reaches_the_reading_process() -> None:
    os.environ["ATLAS_TRIAL_SECRET"] = "secret"
    try:
        code = "import os, json; print(json.dumps({'refused': ' '.join(os.environ)}))"
        with pytest.raises(RefusedError) as caught:
            read_upload(b"a,b\n1,2\n", (sys.executable, "-c", code))
    finally:
        del os.environ["ATLAS_TRIAL_SECRET"]
    assert "SECRET" not in str(caught.value)
