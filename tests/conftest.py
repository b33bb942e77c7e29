"""What tests need from outside: the publishers' files and a browser, where they are present."""

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from streamlit.components.v2 import manifest_scanner

from atlas.cli import main as atlas
from atlas.datastore.datastore import edition_of
from atlas.snapshot.snapshot import DATA, Snapshot
from tests import real_data
from tests.servers import Server, served_atlas

ROOT = Path(__file__).resolve().parent.parent
MIRROR = Path(os.environ.get("ATLAS_MIRROR", ROOT.parent / "shared" / "sources"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

_ABSENT = {
    "mirror": (not MIRROR.is_dir(), f"no publishers' files at {MIRROR} (set ATLAS_MIRROR)"),
    "browser": (CHROMIUM is None, "no chromium on this machine (Debian: apt-get install chromium)"),
}

# A busy machine makes an example slow, not wrong.
settings.register_profile(
    "atlas", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fast", settings.get_profile("atlas"), max_examples=15)
settings.load_profile("atlas")

# Streamlit looks through all installed packages for each visit that a test begins: once will do.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.markexpr == "not slow":
        settings.load_profile("fast")


# The files that take longest, which are begun first: at the end both processors have work.
LONGEST = ("accessibility", "reasons", "journeys", "guide", "versions_in_pages", "refresh")
LONGEST += ("weights_in_browser", "figures_of_files", "map_in_browser", "keyboard_walk")


# Before pytest chooses by marks. Making all files of the datastore takes twenty seconds.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in LONGEST)
    for item in items:
        if "datastore" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
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
    return real_data.snapshot()


@pytest.fixture(scope="session")
def datastore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the current edition of the open datastore, written by its own command.

    Its parent is a cache folder as ``ATLAS_DATASTORE`` names one. Workers share it.
    """
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    folder = place / "datastore" / edition_of(DATA)
    with FileLock(place / "datastore.lock"):
        if not folder.exists():
            unfinished = place / "unfinished"
            assert atlas(["datastore", "--out", str(unfinished)]) == 0
            folder.parent.mkdir(exist_ok=True)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def atlas_server() -> Iterator[Server]:
    """The Atlas as it is served by default, one for all tests that only read it."""
    with served_atlas() as server:
        yield server


@pytest.fixture(scope="session")
def datastore_server(datastore: Path) -> Iterator[Server]:
    """The Atlas with an edition of the datastore that is already made."""
    with served_atlas(ATLAS_DATASTORE=str(datastore.parent)) as server:
        yield server
