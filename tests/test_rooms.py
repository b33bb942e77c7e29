"""Every module has a room that a newcomer finds. Who may import whom: `lint-imports`."""

from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("atlas", "views", "pipelines", "serving")
MODULES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
MOST_IN_A_FOLDER = 14
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "misc"}


def test_no_folder_holds_more_than_one_looks_through() -> None:
    held = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert {f.name: n for f, n in held.items() if n > MOST_IN_A_FOLDER} == {}


def test_pages_stand_in_section_folders() -> None:
    # A script directly in pages/ would switch on Streamlit's own menu, and its first visitor by
    # a deep link would get that page without app.py around it.
    assert list((ROOT / "pages").glob("*.py")) == []


def test_no_module_is_named_for_nothing() -> None:
    assert [path for path in MODULES if path.stem in SAY_NOTHING] == []
