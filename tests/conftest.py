"""What tests need from outside: the publishers' files and a browser, where they are present."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from atlas.datastore.datastore import edition_of
from atlas.snapshot.snapshot import DATA, Snapshot, load
from tests.servers import Server, served_atlas

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


@pytest.fixture(scope="session")
def datastore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the current edition of the open datastore, written by its own command.

    Its parent is a cache folder as ``ATLAS_DATASTORE`` names one.
    """
    folder = tmp_path_factory.mktemp("datastore") / edition_of(DATA)
    command = [sys.executable, "-m", "atlas", "datastore", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def atlas_server() -> Iterator[Server]:
    """The Atlas as it is served by default, one for all tests that only read it."""
    with served_atlas() as server:
        yield server
