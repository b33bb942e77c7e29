"""All sheets of an area are made once for all who ask, and not for who gave words of their own."""

from collections.abc import Sequence
from typing import Any

import pytest

from atlas.snapshot.snapshot import SnapshotError
from atlas.turns import BusyError
from atlas.ward.sheet_html import batch_of
from atlas.worker import WorkerError
from tests.views.test_pages import opened
from views.my_area import sheets_to_print
from views.session.kept import Kept

PAGE, RUTLAND = "my_area", "E06000017"


def test_sheets_are_shared_unless_they_name_a_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def do(work: object, *given: Any, told: object) -> bytes:
        assert work is batch_of
        asked.append(given[3]["contact"])
        return b"zip"

    monkeypatch.setattr(sheets_to_print.for_long_work, "do", do)
    monkeypatch.setattr(sheets_to_print, "_zips", Kept(4))
    for contact in ("", "", "Ann, 0161 000 000", ""):
        app = opened(PAGE, place=RUTLAND)
        app.text_input(key="sheet_contact").set_value(contact).run()
        app.button(key="make_sheets").click().run()
        assert not app.exception
        assert "sheets_zip" in [button.key for button in app.get("download_button")]
    assert asked == ["", "Ann, 0161 000 000"]


def test_a_visit_makes_the_sheets_itself_where_the_folder_is_no_longer_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def do(*given: object, told: object) -> bytes:
        raise SnapshotError("another version")

    made: list[Sequence[str]] = []

    def batch(sheets: object, area: object, codes: Sequence[str], told: object) -> bytes:
        made.append(codes)
        return b"zip"

    monkeypatch.setattr(sheets_to_print.for_long_work, "do", do)
    monkeypatch.setattr(sheets_to_print, "batch", batch)
    monkeypatch.setattr(sheets_to_print, "_zips", Kept(4))
    app = opened(PAGE, place=RUTLAND)
    app.button(key="make_sheets").click().run()
    assert not app.exception
    assert "sheets_zip" in [button.key for button in app.get("download_button")]
    assert len(made) == 1 and len(made[0]) > 9


def test_sheets_that_cannot_be_made_are_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def do(*given: object, told: object) -> bytes:
        raise next(failures)

    failures = iter([WorkerError(), BusyError()])
    monkeypatch.setattr(sheets_to_print.for_long_work, "do", do)
    monkeypatch.setattr(sheets_to_print, "_zips", Kept(4))
    app = opened(PAGE, place=RUTLAND)
    app.button(key="make_sheets").click().run()
    assert not app.exception
    assert app.info[-1].value.startswith("The sheets could not be made. Try again in a minute")
    assert not app.get("progress")
    assert "sheets_zip" not in [button.key for button in app.get("download_button")]
    app.button(key="make_sheets").click().run()
    assert app.info[-1].value == "Too many are waiting. Try again in a few minutes."
