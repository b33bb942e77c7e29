"""What tests need from outside: the publishers' files and a browser, where they are present."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from wards.snapshot import Snapshot, load

ROOT = Path(__file__).resolve().parent.parent
MIRROR = Path(os.environ.get("ATLAS_MIRROR", ROOT.parent / "shared" / "sources"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_ABSENT = {
    "mirror": (not MIRROR.is_dir(), f"no publishers' files at {MIRROR} (set ATLAS_MIRROR)"),
    "browser": (CHROMIUM is None, "no chromium on this machine (Debian: apt-get install chromium)"),
}

# A busy machine makes an example slow, not wrong.
settings.register_profile("atlas", deadline=None, max_examples=50)
settings.load_profile("atlas")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker, (absent, reason) in _ABSENT.items():
            if absent and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_report_header() -> list[str]:
    return [f"{marker} tests skipped: {reason}" for marker, (no, reason) in _ABSENT.items() if no]


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of published files."""
    return MIRROR


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium to drive."""
    assert CHROMIUM
    return CHROMIUM


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    """The committed snapshot, as published."""
    return load()
