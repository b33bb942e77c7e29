import csv
import io
import re
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
from atlas.root import ROOT
from tests.atlas.files.office_package import faults
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
    "\x08=1",
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


def test_a_workbook_opens_on_its_data_and_ends_with_what_it_is() -> None:
    frame = pd.DataFrame({"name": ["Moss Side West, a long name"], "n": [12_345.0]})
    about = {"Attribution": "Source: the Office", "Title": "Wards", "Link": "https://a.uk/?w=1"}
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("List", FIELDS, frame)], about, MADE)))
    assert book.sheetnames == ["List", "About this file"] and book.active.title == "List"
    said = [cell.value for row in book["About this file"].iter_rows() for cell in row if cell.value]
    assert {"Title", "Wards", "Source: the Office", "\n".join(HOW_NOT_TO_USE)} <= set(said)
    assert said.index("Title") < said.index("Attribution")
    assert "What it is called." in said
    [link] = [cell for row in book["About this file"].iter_rows() for cell in row if cell.hyperlink]
    assert link.value == link.hyperlink.target == "https://a.uk/?w=1"
    page = book["List"]
    assert page.freeze_panes == "A2" and page["A1"].value == "Name"
    assert page["B2"].value == 12_345 and page.column_dimensions["A"].width > 20


def test_limits_of_a_file_of_its_own_take_the_place_of_the_general_ones() -> None:
    sheet = Sheet("List", FIELDS, pd.DataFrame({"name": ["A"], "n": [1.0]}))
    book = load_workbook(
        io.BytesIO(to_xlsx([sheet], {"How not to use it": "Never.", "Fit": ""}, MADE))
    )
    said = [cell.value for row in book["About this file"].iter_rows() for cell in row if cell.value]
    assert "Never." in said and not any(HOW_NOT_TO_USE[0] in text for text in said)
    # What was not chosen is not said.
    assert "Fit" not in said


def test_what_is_the_same_on_every_row_of_a_workbook_is_said_once() -> None:
    fields = [*FIELDS, Field("attribution", "Attribution", "text"), Field("link", "Link", "text")]
    frame = pd.DataFrame({"name": ["A"], "n": [1.0], "attribution": ["x"], "link": ["y"]})
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("List", fields, frame)], {}, MADE)))
    assert [cell.value for cell in book["List"][1]] == ["Name", "Number"]
    assert to_csv(frame, fields).decode("utf-8-sig") == "name,n,attribution,link\r\nA,1,x,y\r\n"


def test_a_sheet_prints_across_fitted_to_width_with_headings_source_date_and_page() -> None:
    fields = [Field(f"c{n}", f"Heading {n}", "share") for n in range(40)]
    frame = pd.DataFrame({field.name: [0.5] * 9 for field in fields})
    data = to_xlsx([Sheet("List", fields, frame)], {"Data version": "abc1"}, MADE)
    page = load_workbook(io.BytesIO(data))["List"]
    assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
    assert page.sheet_properties.pageSetUpPr.fitToPage
    # One page wide is what a workbook that says nothing means; as many high as it takes.
    assert page.page_setup.fitToWidth in (None, 1) and page.page_setup.fitToHeight == 0
    assert page.print_title_rows == "$1:$1"
    # 17 columns of 11 characters are a page; all 40 of them would be too small to read.
    assert page.print_area == "'List'!$A$1:$Q$10"
    foot = page.oddFooter
    assert "data version abc1" in foot.left.text
    assert foot.center.text == "Figures to 1 January 2025"
    assert "Page &P of &N" in foot.right.text or "&[Page]" in foot.right.text


def test_dates_are_written_as_every_system_can() -> None:
    # "%-d" is a day without a zero on Linux and an error on Windows.
    folders = ("atlas", "pipelines", "serving", "views")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert paths and not [p for p in paths if re.search(r"%[-#][a-zA-Z]", p.read_text("utf-8"))]


def test_rows_are_as_high_as_their_texts_and_headings_stand_above_their_numbers() -> None:
    name = "St Mary’s with a very long name that no column of this file is wide enough to hold"
    frame = pd.DataFrame({"name": ["Hulme", name], "n": [1.0, 2.0]})
    page = load_workbook(io.BytesIO(to_xlsx([Sheet("List", FIELDS, frame)], {}, MADE)))["List"]
    # 34 characters to a line: three lines of 15 points; a short name leaves the usual height.
    assert page.row_dimensions[3].height == 45 and page.row_dimensions[2].height in (None, 15)
    assert [cell.alignment.horizontal for cell in page[1]] == ["left", "right"]


def test_people_are_whole_and_grid_references_and_years_plain_in_a_workbook() -> None:
    kinds = {"homes": "households", "easting": "count", "year_closed": "count", "rate": "share"}
    fields = [Field(name, name, unit) for name, unit in kinds.items()]  # type: ignore[arg-type]
    frame = pd.DataFrame(
        {"homes": [568.967764], "easting": [361725.4], "year_closed": [2019], "rate": [0.125]}
    )
    page = load_workbook(io.BytesIO(to_xlsx([Sheet("List", fields, frame)], {}, MADE)))["List"]
    assert [cell.value for cell in page[2]] == [569, 361725.4, 2019, 0.125]
    assert [cell.number_format for cell in page[2]] == ["#,##0", "General", "General", "0.0%"]


def test_where_a_row_is_a_measure_its_figures_are_of_its_own_kind() -> None:
    fields = [Field("measure", "Measure", "text"), Field("here", "Here", "score")]
    frame = pd.DataFrame({"measure": list("abcd"), "here": [0.2, 1234.6, 79.97, 3]})
    kinds = [
        Field("a", "A", "share"),
        Field("b", "B", "people"),
        Field("c", "C", "score", cut=True),
        Field("d", "D", "people", floor=5),
    ]
    book = load_workbook(io.BytesIO(to_xlsx([Sheet("List", fields, frame, kinds)], {}, MADE)))
    cells = [row[1] for row in book["List"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [0.2, 1235, 79.9, "fewer than 5"]
    assert [cell.number_format for cell in cells[:3]] == ["0.0%", "#,##0", "0.0"]
    lines = to_csv(frame, fields, kinds).decode("utf-8-sig").split()
    assert lines == ["measure,here", "a,0.2", "b,1234.6", "c,79.97", "d,fewer", "than", "5"]


def test_a_score_that_is_cut_is_not_rounded_up_to_a_fifth_that_it_is_not_in() -> None:
    fields = [Field("risk", "Risk", "score", cut=True), Field("part", "Part", "score")]
    frame = pd.DataFrame({"risk": [79.97], "part": [79.97]})
    page = load_workbook(io.BytesIO(to_xlsx([Sheet("List", fields, frame)], {}, MADE)))["List"]
    assert [cell.value for cell in page[2]] == [79.9, 79.97]


def test_a_workbook_opens_without_repair_by_the_rules_of_its_format() -> None:
    frame = pd.DataFrame({"name": ["A & B", "C\x07"], "n": [1.0, None]})
    sheets = [Sheet("List", FIELDS, frame), Sheet("It’s more", FIELDS, frame.iloc[:0])]
    made = to_xlsx(sheets, {"Title": "x", "Link": "https://a.uk/?w=1&x=2"}, MADE)
    assert faults(made) == []
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != "xl/styles.xml"}
    sheet = parts["xl/worksheets/sheet1.xml"]
    foot = re.findall(rb"<headerFooter>.*</headerFooter>", sheet)[0]
    moved = sheet.replace(foot, b"").replace(b"<sheetData", foot + b"<sheetData")
    parts["xl/worksheets/sheet1.xml"] = moved
    harmed = io.BytesIO()
    with zipfile.ZipFile(harmed, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    told = " ".join(faults(harmed.getvalue()))
    assert "sheetData after headerFooter" in told and "nothing at /xl/styles.xml" in told


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
