"""All sheets of an area are made once for all who ask, and not for who gave words of their own."""

from pathlib import Path
from typing import Any

import pytest

from atlas.ward.sheet_html import batch_of
from tests.views.test_pages import opened
from views.my_area import sheets_to_print
from views.session.kept import Kept

PAGE, RUTLAND = "my_area", "E06000017"


def test_sheets_are_shared_unless_they_name_a_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def do(work: object, folder: Path, tests: object, readers: Any, *_: str, told: object) -> bytes:
        assert work is batch_of
        asked.append(readers["contact"])
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
