import csv
import io
import zipfile
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import (
    HOW_NOT_TO_USE,
    Field,
    Sheet,
    field_of,
    safe_text,
    to_csv,
    to_xlsx,
)
from tests.toys.wards import toy_wards

MADE = datetime(2025, 1, 1)
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A",
    "\0=1",
]
FIELDS = [Field("name", "Name", "text", "What it is called."), Field("n", "Number", "people")]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_left_as_a_formula(text: str) -> None:
    frame = pd.DataFrame({"name": [text], "n": [1.0]})
    cell = list(csv.reader(io.StringIO(to_csv(frame, FIELDS).decode("utf-8-sig"))))[1][0]
    assert cell.startswith("'")
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("List", FIELDS, frame)], {}, MADE)))
    written = book["List"]["A2"]
    assert written.data_type == "s" and written.value.startswith("'")


def test_ordinary_names_and_negative_numbers_are_left_as_they_are() -> None:
    for name in ("St. Ann's", "Park & Elm", "Westward Ho!", "Mill (East)", "Barrow-in-Furness"):
        assert safe_text(name) == name
    frame = pd.DataFrame({"name": ["A"], "n": [-1.5]})
    assert to_csv(frame, FIELDS).decode("utf-8-sig") == "name,n\r\nA,-1.5\r\n"


def test_missing_is_empty_and_whole_numbers_are_whole() -> None:
    frame = pd.DataFrame({"name": ["A", None, "C"], "n": [1000.0, None, 0.0]})
    assert to_csv(frame, FIELDS).decode("utf-8-sig") == "name,n\r\nA,1000\r\n,\r\nC,0\r\n"
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("List", FIELDS, frame)], {}, MADE)))
    cells = [row[1].value for row in book["List"].iter_rows(min_row=2)]
    assert cells == [1000, None, 0]


def test_the_published_table_survives_a_round_trip() -> None:
    fields = [field_of(c) for c in declared_columns().values() if "wards" in c.tables]
    wards = toy_wards()
    read = pd.read_csv(io.BytesIO(to_csv(wards, fields)), keep_default_na=False, na_values=[""])
    pd.testing.assert_series_equal(
        read["income_deprived_rate"], wards["income_deprived_rate"], check_dtype=False
    )
    assert list(read["ward_name"]) == list(wards["ward_name"])


def test_a_workbook_opens_with_what_it_is_and_how_not_to_use_it() -> None:
    frame = pd.DataFrame({"name": ["A"], "n": [12_345.0]})
    data = to_xlsx([Sheet("List", FIELDS, frame)], {"Title": "Wards", "Snapshot": "abc"}, MADE)
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["README", "List"]
    readme = [cell.value for row in book["README"].iter_rows() for cell in row if cell.value]
    assert {"Title", "Wards", "Snapshot", "abc", *HOW_NOT_TO_USE} <= set(readme)
    assert "What it is called." in readme
    page = book["List"]
    assert page.freeze_panes == "A2" and page["A1"].value == "Name"
    assert page["B2"].value == 12_345 and page.column_dimensions["A"].width > 20


def test_the_same_input_gives_the_same_bytes() -> None:
    sheet = Sheet("List", FIELDS, pd.DataFrame({"name": ["A"], "n": [1.0]}))
    assert to_xlsx([sheet], {"Title": "x"}, MADE) == to_xlsx([sheet], {"Title": "x"}, MADE)


@given(st.text())
def test_whatever_the_text_its_cell_starts_no_formula_and_splits_no_row(text: str) -> None:
    frame = pd.DataFrame({"name": [text], "n": [1.0]})
    data = to_csv(frame, FIELDS).decode("utf-8-sig", errors="strict")
    rows = list(csv.reader(io.StringIO(data, newline="")))
    assert len(rows) == 2 and rows[1][1] == "1"
    assert not rows[1][0].lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def test_a_withheld_count_is_in_no_file() -> None:
    field = Field("v", "Learners", "count", floor=5)
    frame = pd.DataFrame({"v": [2.5, 0.0, 5.0, None]})
    assert to_csv(frame, [field]).decode("utf-8-sig").split("\r\n")[:5] == [
        *("v", "fewer than 5", "0", "5", '""'),
    ]
    made = to_xlsx([Sheet("Wards", [field], frame)], {"Title": "t"}, MADE)
    sheet = load_workbook(io.BytesIO(made))["Wards"]
    assert [cell.value for cell in sheet["A"]] == ["Learners", "fewer than 5", 0, 5]
    # The figure that stands for it must not be read out of the file's XML either.
    with zipfile.ZipFile(io.BytesIO(made)) as parts:
        assert b"2.5" not in parts.read("xl/worksheets/sheet2.xml")
