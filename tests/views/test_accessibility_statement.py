"""The statement says what was measured, and whom to tell."""

import json
from datetime import date
from pathlib import Path

import pytest

from serving.settings import CONTACT_VARIABLE, OPERATOR_VARIABLE, contact
from tests.views.test_pages import fine, html, opened
from views.data_and_method import accessibility
from views.data_and_method.accessibility import measured

PAGE = "accessibility"


def test_the_figures_are_those_of_the_file(tmp_path: Path) -> None:
    found = measured()
    assert found is not None
    assert found["violations"] == sum(
        page[width]["violations"] for page in found["by_page"] for width in found["widths"]
    )
    assert found["pages"] == len(found["by_page"])
    assert date.fromisoformat(found["date"]) <= date.today()
    assert measured(tmp_path / "nothing.json") is None


@pytest.mark.parametrize("lost", ["date", "widths", "keyboard_tasks_done", "axe"])
def test_a_file_that_lacks_a_figure_counts_as_none(lost: str, tmp_path: Path) -> None:
    whole = json.loads(accessibility.MEASURED.read_text(encoding="utf-8"))
    file = tmp_path / "measured.json"
    for found in ({k: v for k, v in whole.items() if k != lost}, whole | {"date": "soon"}, [], 1):
        file.write_text(json.dumps(found), encoding="utf-8")
        assert measured(file) is None
    file.write_text(json.dumps(whole), encoding="utf-8")
    assert measured(file) == whole


def test_the_page_says_what_was_measured_and_what_does_not_conform() -> None:
    app = opened(PAGE)
    fine(app)
    said = html(app)
    found = measured()
    assert found is not None
    assert f"{found['keyboard_tasks_done']} of {found['keyboard_tasks']}" in said
    assert "The key R runs the page again" in said
    assert "has not named a contact" in said


@pytest.mark.parametrize(
    ("given", "email", "page"),
    [
        ("access@example.gov.uk", "access@example.gov.uk", ""),
        ("https://example.gov.uk/tell-us", "", "https://example.gov.uk/tell-us"),
        ("javascript:alert(1)", "", ""),
        ("http://example.gov.uk", "", ""),
        ("'><script>", "", ""),
    ],
)
def test_only_an_email_or_a_secure_page_is_a_contact(
    given: str, email: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONTACT_VARIABLE, given)
    found = contact()
    assert (found.email, found.page) == (email, page)


def test_the_operators_name_is_shown_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(OPERATOR_VARIABLE, "<b>Northshire Council</b>")
    monkeypatch.setenv(CONTACT_VARIABLE, "access@example.gov.uk")
    said = html(opened(PAGE))
    assert "run by &lt;b&gt;Northshire Council" in said
    assert "mailto:access@example.gov.uk" in said


def test_without_a_measurement_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accessibility, "measured", lambda: None)
    app = opened(PAGE)
    assert not app.exception
    assert "not part of this installation" in app.info[0].value
