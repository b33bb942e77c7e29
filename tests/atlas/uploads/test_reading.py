"""Brought files: read as meant or refused in plain words, by a process that can do nothing."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.text.safe_text import plain
from atlas.turns import Turns
from atlas.uploads.reading import limits, process
from atlas.uploads.reading.cell_shapes import simple
from atlas.uploads.reading.extract import Choices, extract, read_sheet
from atlas.uploads.reading.heading_row import table_of
from atlas.uploads.reading.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from atlas.uploads.reading.process import read_upload
from atlas.uploads.reading.table import RefusedError, Table, letters
from tests.atlas.uploads.files import csv, fill, package, sheet_xml, workbook, written

CELL = st.text(min_size=1, max_size=30).map(plain).filter(bool)


HULME = "E05011368"


def read(data: bytes, sheet: str = "") -> Table:
    return table_of(read_sheet(data, sheet))


def refusal(data: bytes) -> str:
    with pytest.raises(RefusedError) as caught:
        read_upload(data, "template")
    return str(caught.value)


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in read(data).rows]


def test_no_file_is_read_where_nothing_can_be_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "platform", "win32")
    assert "Linux or macOS" in refusal(csv("name,devices", "Hall,12"))


def test_csv_and_workbook_give_the_same_table() -> None:
    rows = (("name", "devices"), ("Hall", 12), ("Café", 0.5))
    from_csv = read_upload(csv("name,devices", "Hall,12", "Café,0.5"), "template").table()
    from_workbook = read_upload(workbook(*rows), "template").table()
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


def test_a_sheet_of_wards_is_chosen_before_one_of_councils() -> None:
    def write(book: object) -> None:
        for name, code in (("Councils", "E08000003"), ("Wards", "E05011368")):
            fill(book.add_worksheet(name), (("code", "v"), (code, 7)))  # type: ignore[attr-defined]

    assert extract(written(write), "figures", Choices()).sheet == "Wards"


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (("ward code,tenure,value", f"{HULME},Total: All homes,70", f"{HULME},Owned,9"), (70,)),
        # Two columns of three digits are no number spread over both, whatever is withheld.
        (
            ("ward code,year,learners,passed", f"{HULME},2024,310,250", "E05011356,2024,c,c",
             f"{HULME},2023,290,240", "E05011356,2023,300,200"),
            (310, None),
        ),
        (
            ("Counting: Learners", "", "Filters:", "Month: May 2025", "", "Ward code,Learners",
             f"{HULME},310", "E05011356,300", "", "INFO", ".. not available"),
            (310, 300),
        ),
    ],
)  # fmt: skip
def test_figures_are_read_as_statistics_write_them(
    lines: tuple[str, ...], values: tuple[float | None, ...]
) -> None:
    found = extract(csv(*lines), "figures", Choices())
    assert (found.problem, tuple(found.values)) == ("", values)


def test_a_column_in_two_styles_is_one_of_figures_and_says_so() -> None:
    lines = ("ward code;rate", f"{HULME};12,5", "E05011356;9.75", "E05011355;3,1")
    assert "mixes decimal points" in extract(csv(*lines), "figures", Choices()).problem


def test_headings_about_when_are_known_by_their_words_and_cells() -> None:
    lines = ("Food bank,Parent org,Postcode,Days/times", "Hall,Trust,M15 5AZ,Mon 10-12")
    found = extract(csv(*lines), "places", Choices())
    assert [column.role for column in found.columns] == [
        "name", "ignore", "postcode", "opening_hours",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "cells", "role"),
    [
        ("Hours", ("37.50", "20.25"), "staffed_hours"),
        ("Closing", ("31.03.2020", ""), "closed"),
        ("Start", ("10.00", "9.30"), "opening_hours"),
    ],
)
def test_numbers_and_days_are_no_opening_hours(
    heading: str, cells: tuple[str, str], role: str
) -> None:
    lines = (f"Name,Postcode,{heading}", f"Hall,M15 5AZ,{cells[0]}", f"Hub,M1 1AD,{cells[1]}")
    assert extract(csv(*lines), "places", Choices()).columns[2].role == role


@pytest.mark.parametrize(
    ("cells", "role"), [("Site 1,Site 2", "name"), ("P84001,P84002", "ignore")]
)
def test_names_may_hold_numbers_and_identifiers_are_none(cells: str, role: str) -> None:
    lines = ("where,Postcode", *(f"{cell},M15 5AZ" for cell in cells.split(",")))
    assert extract(csv(*lines), "places", Choices()).columns[0].role == role


PIVOT = "Council,Ward,Year,Learners"
TWO_COUNCILS = (
    "Manchester,Brooklands,2024,10",
    *("Trafford,Altrincham,2023,20", ",Altrincham,2024,21", ",Brooklands,2024,30"),
)


@pytest.mark.parametrize(
    ("lines", "councils"),
    [
        # The row that names Trafford is of another year than the one taken.
        (TWO_COUNCILS, ("Manchester", "Trafford", "Trafford")),
        # Named only where it is needed, or of each of several blocks.
        ((",Hulme,2024,1", "Manchester,Brooklands,2024,2", ",Altrincham,2024,3"), None),
        (("A,Hulme,2024,1", ",Old,2024,2", "B,East,2024,3", "A,West,2024,4"), None),
        # The row that names the next council cannot be read.
        (("A,Hulme,2024,1", ",Old,2024,2", "B,East,2024,3,9", ",West,2024,4"), None),
    ],
)
def test_a_council_goes_on_only_where_each_heads_its_wards(
    lines: tuple[str, ...], councils: tuple[str, ...] | None
) -> None:
    found = extract(csv(PIVOT, *lines), "figures", Choices())
    as_given = tuple(line.split(",")[0] for line in lines if line.count(",") == 3)
    assert tuple(found.texts("council")) == (councils or as_given)
    assert any("going on" in note for note in found.notes) == bool(councils)


def test_a_council_whose_row_is_hidden_goes_not_on_from_the_one_above() -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("Data")  # type: ignore[attr-defined]
        rows = (PIVOT, "A,Hulme,2024,1", ",Old,2024,2", "B,East,2024,3", ",West,2024,4")
        fill(sheet, tuple(tuple(row.split(",")) for row in rows))
        sheet.set_row(3, None, None, {"hidden": True})

    found = extract(written(write), "figures", Choices())
    assert tuple(found.texts("council")) == ("A", "", "")


def test_a_council_that_nothing_asks_for_is_left_as_it_is() -> None:
    lines = (f"LSOA name,{PIVOT}", *(f"Alton 00{n}A,{row}" for n, row in enumerate(TWO_COUNCILS)))
    for cells in (lines, (lines[0].replace("LSOA name", "Postcode"), f"M15 5AZ,{TWO_COUNCILS[0]}")):
        assert "going on" not in " ".join(extract(csv(*cells), "figures", Choices()).notes)


@pytest.mark.parametrize(
    ("dates", "taken"),
    [
        (("05/01/2024", "06/02/2024", "07/02/2024"), 3),
        (("2024-01-05", "2024-02-06", ""), 3),
        (("Jan 2024", "Feb 2024", "Mar 2024"), 1),
        (("01/01/2024", "01/02/2024", "01/03/2024"), 1),
        (("31/01/2024", "29/02/2024", "31/03/2024"), 1),
        (("2022", "2023", "2024"), 1),
    ],
)
def test_days_of_a_log_are_added_up_and_months_of_a_stock_are_not(
    dates: tuple[str, ...], taken: int
) -> None:
    lines = [f"{date},M15 5AZ,1{n}" for n, date in enumerate(dates)]
    found = extract(csv("Date,Postcode,Members", *lines), "figures", Choices())
    assert len(found.values) == taken and found.values[-1] == 12
    assert any("all dates under “Date”" in note for note in found.notes) == (taken == 3)


@pytest.mark.parametrize(
    ("titles", "unit"),
    [
        (("Percentages may not sum to 100",), "people"),
        (("Percentage of residents offline",), "percentage"),
        (("Number and percentage of residents",), "people"),
        (("Residents offline", "Percentage of all residents"), "people"),
        (("Laptops lent", "Percentages are rounded"), "count"),
    ],
)
def test_titles_say_the_unit_where_they_agree(titles: tuple[str, ...], unit: str) -> None:
    lines = (*(f"{title}," for title in titles), "Ward code,2024", f"{HULME},12", "E05011356,40")
    assert extract(csv(*lines), "figures", Choices()).columns[1].unit == unit


def test_of_several_totals_of_parts_none_is_taken_unasked() -> None:
    parts = ("Total: Owned", "Total: Rented")
    lines = ("ward code,tenure,value", *(f"{HULME},{part},70" for part in parts))
    assert extract(csv(*lines), "figures", Choices()).of("filter")[0].chosen is None
    found = extract(csv(*lines, f"{HULME},Total,140"), "figures", Choices())
    assert found.of("filter")[0].chosen == "Total"


@pytest.mark.parametrize(
    ("title", "headings", "first"),
    [
        ("", "Q1,Q2,Q3", "Q1"),
        ("Survey 2024", "Q1,Q2,Q3", "Q1"),
        ("Referrals by quarter", "Q1,Q2,Q3", "Q3"),
        ("Referrals 2023/24", "Q1,Q2,Q3", "Q3"),
        ("", "Q1 2024,Q2 2024,Q3 2024", "Q3 2024"),
        ("", "Quarter 1,Quarter 2,Quarter 3", "Quarter 3"),
    ],
)
def test_questions_of_a_survey_are_no_quarters(title: str, headings: str, first: str) -> None:
    lines = (f"{title},,,", f"ward code,{headings}", f"{HULME},11,12,13", "E05011356,21,22,23")
    found = extract(csv(*lines[not title :]), "figures", Choices())
    assert found.of("figure")[0].heading == first


def test_the_sheet_that_explains_is_not_the_table() -> None:
    def write(book: object) -> None:
        fill(book.add_worksheet("README"), (("About", "this"),))  # type: ignore[attr-defined]
        fill(book.add_worksheet("Places"), (("name",), ("Hall",)))  # type: ignore[attr-defined]

    table = read(written(write))
    assert table.rows[0].cells == ("Hall",)
    assert "“Places”" in table.notes[0]


def test_a_sheet_with_areas_is_chosen_before_one_without() -> None:
    def write(book: object) -> None:
        fill(book.add_worksheet("Front"), (("Example", "stats"), ("Published", "2024")))  # type: ignore[attr-defined]
        fill(book.add_worksheet("Data"), (("code", "v"), ("E05011368", 7)))  # type: ignore[attr-defined]

    assert read(written(write)).headings == ("code", "v")


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

    buffer = io.StringIO(newline="")
    writer.writer(buffer, quoting=writer.QUOTE_ALL).writerows([("h1", "h2"), *rows])
    table = table_of(read_sheet(buffer.getvalue().encode()), 1)
    assert [row.cells for row in table.rows] == rows


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"  <!DOCTYPE html><p>", "web page"),
        (b'{"type": "FeatureCollection"}', "GeoJSON"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged"),
        (b"name,b\r\nx\0y,1\r\n", "Line 2"),
        (csv("name,value"), "no rows"),
        (csv("name,b", '"never closed,1'), "quotation mark"),
        (csv(",".join(f"c{n}" for n in range(1001)), "1"), "column ALM"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_limits_are_met_at_the_limit_and_refused_one_past_it() -> None:
    heads = ",".join(f"c{n}" for n in range(MOST_COLUMNS))
    assert len(read(csv(heads, ",".join(["1"] * MOST_COLUMNS))).headings) == MOST_COLUMNS
    with pytest.raises(RefusedError, match="10 MB"):
        read(b"a" * (MOST_BYTES + 1))


@pytest.mark.slow
def test_as_many_rows_as_england_has_small_areas_and_more_are_read() -> None:
    assert len(read(csv("a", *["1"] * MOST_ROWS)).rows) == MOST_ROWS
    with pytest.raises(RefusedError, match="more than 200,000 rows"):
        read(csv("a", *["1"] * (MOST_ROWS + 1)))


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


def test_a_workbook_of_too_many_cells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 3)
    with pytest.raises(RefusedError, match="more than 3 filled cells"):
        read(workbook(("a", "b"), (1, 2)))


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
        "import socket\nfrom atlas.uploads.reading import child\n"
        "child.PROCESS_CPU_SECONDS = 1\nchild.give_up_everything()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)], capture_output=True, timeout=30
    )


@pytest.mark.parametrize(
    "code",
    [
        "open('/etc/hostname')",
        "open('atlas-upload-trial', 'w')",
        "socket.socket()",
        "import posix; posix.pipe()",
        "bytearray(2_000_000_000)",
    ],
)
def test_the_reading_process_can_open_and_take_nothing(code: str) -> None:
    done = confined(f"try:\n    {code}\nexcept (OSError, MemoryError):\n    print('held')")
    assert done.stdout == b"held\n"


@pytest.mark.slow
def test_the_reading_process_is_stopped_by_the_clock() -> None:
    done = confined("while True: pass")
    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import time; time.sleep(60)", "server is busy"),
        ("import os; os.kill(os.getpid(), 9)", "too long"),
        ("import os; os.abort()", "memory"),
    ],
)
def test_a_process_that_fails_in_any_way_gives_a_message(
    code: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A busy machine may need long to start the processes that end by themselves.
    monkeypatch.setattr(limits, "DEADLINE_SECONDS", 0.5 if "sleep" in code else 60)
    with pytest.raises(RefusedError, match=words):
        read_upload(b"a,b\n1,2\n", "template", None, (sys.executable, "-c", code))


def test_who_would_wait_behind_many_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_turns", Turns(waiting=0))
    with pytest.raises(RefusedError, match="server is busy"):
        read_upload(b"a,b\n1,2\n", "template")


def test_nothing_of_the_server_reaches_the_reading_process() -> None:
    os.environ["ATLAS_TRIAL_SECRET"] = "secret"
    try:
        code = "import os, json; print(json.dumps({'refused': ' '.join(os.environ)}))"
        with pytest.raises(RefusedError) as caught:
            read_upload(b"a,b\n1,2\n", "template", None, (sys.executable, "-c", code))
    finally:
        del os.environ["ATLAS_TRIAL_SECRET"]
    assert "SECRET" not in str(caught.value)


# --- where a table begins and ends ------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "row", "count"),
    [
        (("Venues in Exampleshire", "", "Name,Postcode", "Hall,M15 5AZ"), 3, 1),
        (("Title,,", "as at 2024,,", "ward code,n,m", "E05011355,1,2", "E05011356,3,4"), 3, 2),
        (("ward code,n", "E05011355,1", "E05011356,3", "", "Source: the council"), 1, 2),
        (("ward code,n", "E05011355,1", "", "Notes", "1. Figures are rounded."), 1, 1),
        (("E05011355,12", "E05011356,40"), 0, 2),
        (("date,2021", "units,Persons", "", "area,mnemonic,2021", "A,E01005061,4"), 4, 1),
        (("postcode", "M15 5AZ", "M1 1AD"), 1, 2),
        (("ward code,n", "E05011355,1", "ward code,n", "E05011356,3"), 1, 2),
    ],
)
def test_headings_are_found_and_lines_around_the_table_are_no_rows(
    lines: tuple[str, ...], row: int, count: int
) -> None:
    table = read(csv(*lines))
    assert (table.heading_row, len(table.rows)) == (row, count)


def test_the_reader_names_the_row_of_headings() -> None:
    sheet = read_sheet(csv("about,this", "ward code,n", "E05011355,1"))
    assert table_of(sheet, 2).headings == ("ward code", "n")
    with pytest.raises(RefusedError, match="no row 9"):
        table_of(sheet, 9)


def test_twin_headings_are_told_apart_by_what_stands_above_or_by_their_column() -> None:
    assert read(csv("name,Total,total", "a,1,2")).headings == (
        "name",
        "Total (column B)",
        "total (column C)",
    )
    merged = csv(",2020,,2021,", "ward code,n,%,n,%", "E05011355,1,2,3,4")
    assert read(merged).headings == ("ward code", "2020: n", "2020: %", "2021: n", "2021: %")


def test_cells_beside_the_headings_of_a_sheet_are_not_read_and_cost_no_row() -> None:
    table = read(workbook(("name", "postcode"), ("Hall", "M15 5AZ", "ask Jo"), ("Hub", "M1 1AD")))
    assert len(table.rows) == 2 and any("Column C" in note for note in table.notes)


# --- workbooks --------------------------------------------------------------------------------


def test_percent_cells_are_percentages_whatever_their_heading_says() -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("Data")  # type: ignore[attr-defined]
        fill(sheet, (("ward code", "percentage"), ("E05011355", None), ("E05011356", 0.5)))
        sheet.write(1, 1, 0.207, book.add_format({"num_format": "0.0%"}))  # type: ignore[attr-defined]

    assert [row.cells[1] for row in read(written(write)).rows] == ["20.7%", "0.5"]


def test_hidden_rows_are_left_out_and_hidden_sheets_named() -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("Data")  # type: ignore[attr-defined]
        fill(sheet, (("ward code", "n"), ("E05011355", 1), ("E05011356", 2)))
        sheet.set_row(1, None, None, {"hidden": True})
        book.add_worksheet("Old").hide()  # type: ignore[attr-defined]

    table = read(written(write))
    assert [row.number for row in table.rows] == [3]
    said = " ".join(table.notes)
    assert "1 hidden row was left out (Row 2)" in said and "“Old”" in said


def test_hidden_rows_of_an_open_document_are_left_out() -> None:
    buffer = io.BytesIO()
    source = Path(__file__).with_name("wards.ods")
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(buffer, "w") as made:
        for name in given.namelist():
            head, *rows = given.read(name).split(b"<table:table-row>")
            if rows:
                rows[1] = b'<table:table-row table:visibility="collapse">' + rows[1]
                head = head + b"<table:table-row>" + rows[0] + rows[1]
                rows = [head, *rows[2:]]
            made.writestr(name, b"<table:table-row>".join(rows or [head]))
    assert [row.number for row in read(buffer.getvalue()).rows] == [3]


def test_percentages_of_an_open_document_keep_their_sign() -> None:
    buffer = io.BytesIO()
    source = Path(__file__).with_name("wards.ods")
    number = b'office:value-type="float" office:value="12"'
    with zipfile.ZipFile(source) as given, zipfile.ZipFile(buffer, "w") as made:
        for name in given.namelist():
            shown = b'office:value-type="percentage" office:value="0.125"'
            made.writestr(name, given.read(name).replace(number, shown))
    assert [row.cells[-1] for row in read(buffer.getvalue()).rows] == ["12.5%", "40"]


def test_marks_of_notes_and_footnotes_are_no_part_of_the_table() -> None:
    table = read(
        csv(
            "Ward code [note 1],Residents [note 2]",
            "E05011355,12",
            "Source: a survey,",
            "1 Provisional,",
            "[p] Provisional,",
            "Contact us,",
        )
    )
    assert [row.cells for row in table.rows] == [("E05011355", "12")]
    assert [simple(heading) for heading in table.headings] == ["ward code", "residents"]


def test_hidden_columns_are_read_and_named() -> None:
    def write(book: object) -> None:
        sheet = book.add_worksheet("Data")  # type: ignore[attr-defined]
        fill(sheet, (("ward code", "n", "m"), ("E05011355", 1, 2)))
        sheet.set_column(1, 1, None, None, {"hidden": True})

    assert "Hidden columns can be read like others: B." in read(written(write)).notes


def test_cover_and_notes_sheets_are_passed_over_and_any_sheet_can_be_chosen() -> None:
    def write(book: object) -> None:
        for name, rows in (
            ("Cover", (("Digital inclusion in Exampleshire",), ("Published 2024",))),
            ("Notes", (("Note", "Text"), ("1", "Rounded"))),
            ("Table 1", (("ward code", "n"), ("E05011355", 1))),
            ("Table 2", (("ward code", "m"), ("E05011356", 2))),
        ):
            fill(book.add_worksheet(name), rows)  # type: ignore[attr-defined]

    data = written(write)
    assert read_sheet(data).name == "Table 1"
    assert read(data, "Table 2").headings == ("ward code", "m")
    assert read_sheet(data).sheets == ("Cover", "Notes", "Table 1", "Table 2")
    with pytest.raises(RefusedError, match="no visible sheet “Table 9”"):
        read(data, "Table 9")


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_older_and_open_spreadsheets_are_read(kind: str) -> None:
    data = (Path(__file__).parent / f"wards.{kind}").read_bytes()
    read = read_upload(data, "figures")
    assert read.sheet == "Wards" and read.values == [12, 40]
    assert read.of("area_code")[0].heading == "Ward code"


# --- numbers in a column ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        (("ward code;v", "E05011355;0,125", "E05011356;2"), (0.125, 2)),
        (("ward code;v", "E05011355;1.210", "E05011356;950"), (1210, 950)),
        (("ward code;v", "E05011355;1.210", "E05011356;9.5"), (1.21, 9.5)),
        (("ward code;v", "E05011355;1.210,5", "E05011356;9"), (1210.5, 9)),
        (("ward code,v", '"E05011355","1,210"', "E05011356,9"), (1210, 9)),
        (("ward code,v", "E05011355,1.210", "E05011356,9"), (1.21, 9)),
        (("ward code,v", "E05011355,1 210", "E05011356,9"), (1210, 9)),
        (("ward code,v", "E05011355,−2.5", "E05011356,(3.5)"), (-2.5, -3.5)),
        (("ward code,v", "E05011355,12 [p]", "E05011356,13r"), (12, 13)),
        (("ward code,v", "E05011355,0%", "E05011356,100%"), (0, 100)),
    ],
)
def test_a_column_is_read_in_one_style(lines: tuple[str, ...], values: tuple[float, ...]) -> None:
    assert extract(csv(*lines), "figures", Choices()).values == values


def test_a_column_in_two_styles_is_refused_with_its_rows() -> None:
    read = extract(csv("ward code;v", "E05011355;0,125", "E05011356;0.5"), "figures", Choices())
    assert "row 2" in read.problem and "row 3" in read.problem


def test_percentages_among_shares_are_refused_with_their_rows() -> None:
    lines = ("ward code,v", "E05011355,10%", "E05011356,0.2", "E05011357,30%")
    read = extract(csv(*lines), "figures", Choices())
    assert "row 3 (“0.2”)" in read.problem and set(read.values) == {None}


def test_a_thousand_spread_over_two_columns_is_named() -> None:
    lines = ("ward code,v,note", "E05011355,1,210", "E05011356,950,ok", "E05011357,12,")
    read = extract(csv(*lines), "figures", Choices())
    assert read.values == (None, 950, 12)
    assert read.problems[0].row == 2 and "1,210" in read.problems[0].what


def test_marks_are_withheld_and_said() -> None:
    lines = ("ward code,v", "E05011355,*", "E05011356,<10", "E05011357,low", "E05011358,70")
    read = extract(csv(*lines), "figures", Choices())
    assert read.values == (None, None, None, 70)
    said = " ".join(read.notes)
    assert all(f"“{mark}”" in said for mark in ("*", "<10", "low")) and "not zero" in said


@pytest.mark.parametrize("heading", ["percentage", "% of residents", "Per cent online"])
def test_a_percentage_that_may_be_a_share_is_asked_for(heading: str) -> None:
    data = csv(f"ward code,{heading}", "E05011355,0.2", "E05011356,0.35")
    assert "Choose the unit" in extract(data, "figures", Choices()).problem
    chosen = extract(data, "figures", Choices(units={heading: "share"}))
    assert not chosen.problem and chosen.values == (0.2, 0.35)
