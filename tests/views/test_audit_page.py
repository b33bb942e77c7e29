"""The audit's page, and local answers that join it for one visit."""

import io
import re

import openpyxl
import pandas as pd

from atlas.datastore.audit import template
from atlas.files.spreadsheets import Field, Sheet, to_csv, to_xlsx
from atlas.places.places import Places
from atlas.snapshot.snapshot import load
from tests.views.test_own_data_page import bring
from tests.views.test_pages import MANCHESTER, fine, gone_on, html, opened

PAGE, WORK = "audit", "saved_work"
GREATER_MANCHESTER = "E47000001"


def answered() -> pd.DataFrame:
    places = Places(load().wards)
    frame = template([places[MANCHESTER]])
    frame.loc[0, "Held? (yes, partly, no)"] = "yes"
    frame.loc[0, "Title"] = "<b>Hubs</b> list"
    frame.loc[1, "Held? (yes, partly, no)"] = "no"
    frame.loc[2, "Held? (yes, partly, no)"] = "perhaps"
    return frame


def fields(frame: pd.DataFrame) -> list[Field]:
    return [Field(name, name, "text") for name in frame.columns]


def test_the_audit_names_datasets_councils_and_gaps() -> None:
    app = opened(PAGE, place=GREATER_MANCHESTER)
    fine(app)
    assert app.title[0].value == "Data audit, Greater Manchester"
    text = html(app)
    assert "Wigan" in text and "complete" in text and "not known" in text
    assert "Open Government Licence" in text


def test_england_is_shown_by_its_gaps() -> None:
    app = opened(PAGE)
    fine(app)
    assert "296 councils" in html(app)
    assert re.search(r"Not listed: \d+ councils, all complete\.", html(app))
    gone_on(app, PAGE, place="E08000003")  # one council, with a gap
    assert "1 gap of 22" in html(app) and "Not listed" not in html(app)


def test_a_filled_in_template_joins_for_the_visit_and_goes_again() -> None:
    frame = answered()
    app = opened(WORK, place=GREATER_MANCHESTER)
    bring(app, "audit_file", to_csv(frame, fields(frame)))
    text = html(app) + html(gone_on(app, PAGE))
    assert "2 answers joined the audit" in text
    assert "held: &lt;b&gt;Hubs&lt;/b&gt; list" in text and "<b>Hubs" not in text
    assert "“perhaps” is not an answer" in text
    assert "not held" in text
    gone_on(app, WORK)
    next(button for button in app.button if button.label == "Forget these answers").click().run()
    assert "joined the audit" not in html(app)
    assert "joined the audit" not in html(opened(PAGE, place=GREATER_MANCHESTER))


def test_the_excel_template_can_be_brought_back() -> None:
    frame = answered()
    book = to_xlsx(
        [Sheet("Local data", fields(frame), frame)], {"Title": "x"}, pd.Timestamp(2025, 1, 1)
    )
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == ["Local data", "About this file"]
    app = opened(WORK, place=GREATER_MANCHESTER)
    bring(app, "audit_file", book, "mine.xlsx")
    assert "2 answers joined the audit" in html(app)


def test_another_file_is_refused_in_plain_words() -> None:
    app = opened(WORK, place=GREATER_MANCHESTER)
    bring(app, "audit_file", b"a,b\n1,2\n")
    assert "There is no column" in app.error[0].value
    assert not app.exception
