"""A visit finishes on the version it began with; the next one sees what was published since."""

import gc
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from atlas.snapshot.snapshot import DATA, MANIFEST
from atlas.snapshot.versions import STORE_VARIABLE, LastRefresh
from pipelines.publish import store
from tests.views.test_pages import HULME, html, opened
from views.session import snapshot as parts
from views.session.snapshot import atlas


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path / "snapshots"))
    return tmp_path / "snapshots"


def published(place: Path, word: str) -> str:
    """Publish the committed snapshot with a word in its manifest, which makes another version."""
    with store.staging(place) as staging:
        copy = staging / "snapshot"
        shutil.copytree(DATA, copy)
        manifest = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
        (copy / MANIFEST).write_text(json.dumps({**manifest, "word": word}))
        version = store.add(place, copy)
    store.switch(place, version, "refresh")
    return version


def version_of(app: AppTest) -> str:
    return html(app).split("Data version ")[1][:8]


def test_a_visit_keeps_its_version_and_the_next_has_the_new_one(place: Path) -> None:
    one = published(place, "one")
    began = opened("pages/explore/ward_profile.py", ward=HULME)
    assert version_of(began) == one
    two = published(place, "two")
    assert version_of(began.run()) == one
    assert "A newer version was published" in html(began)
    began.switch_page("pages/decide/risk_list.py").run()
    assert version_of(began) == one and not began.exception
    assert version_of(opened("pages/explore/ward_profile.py", ward=HULME)) == two


@pytest.mark.slow
def test_going_back_reaches_the_next_visit(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    assert version_of(opened()) == two
    store.roll_back(place)
    assert version_of(opened()) == one


def test_a_damaged_version_gives_way_to_the_one_before(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    (place / "versions" / two / "wards.csv").write_text("tampered")
    app = opened()
    assert not app.exception and not app.error
    assert version_of(app) == one


@pytest.mark.slow
def test_old_versions_leave_the_memory_with_their_visits(place: Path) -> None:
    names = set()
    for word in ("one", "two", "three", "four"):
        names.add(published(place, word))
        opened()
    gc.collect()
    held = {Path(stamp.rsplit(":", 1)[0]).name for stamp in parts._in_use} & names
    assert len(held) <= 2


@pytest.mark.slow
def test_a_failed_refresh_is_said_at_the_foot(place: Path) -> None:
    published(place, "one")
    failed = LastRefresh(datetime(2026, 11, 24, tzinfo=UTC), False, "build", ())
    store.note_refresh(place, failed)
    assert "failed, so the last good figures are shown" in html(opened())


@pytest.mark.slow
def test_a_store_that_cannot_be_read_shows_the_committed_data(place: Path) -> None:
    place.mkdir()
    (place / "state.json").write_text("{")
    app = opened()
    assert not app.exception and version_of(app) == atlas(DATA).snapshot.version
