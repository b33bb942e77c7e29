"""A visit finishes on the version it began with; the next one sees what was published since."""

import gc
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from atlas.snapshot import soundness, versions
from atlas.snapshot.snapshot import DATA, MANIFEST
from atlas.snapshot.versions import STORE_VARIABLE, LastRefresh
from pipelines.__main__ import main as pipelines
from pipelines.publish import store
from serving.__main__ import check
from serving.ready import OnlyWithData, Readiness
from serving.settings import settings
from tests.views.test_pages import gone_on, html, opened
from views.session import snapshot as parts
from views.session.snapshot import atlas

Harm = Callable[[bytes], bytes]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(soundness, "_LOOK_EVERY", 0.0)
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


@pytest.mark.slow
def test_a_visit_keeps_its_version_and_the_next_has_the_new_one(place: Path) -> None:
    one = published(place, "one")
    began = opened("start")
    assert version_of(began) == one
    two = published(place, "two")
    assert version_of(began.run()) == one
    assert "A newer version was published" in html(began)
    gone_on(began, "data_and_method")
    assert version_of(began) == one and not began.exception
    assert version_of(opened("start")) == two


@pytest.mark.slow
def test_going_back_reaches_the_next_visit(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    assert version_of(opened()) == two
    store.roll_back(place)
    assert version_of(opened()) == one


@pytest.mark.slow
def test_a_damaged_version_gives_way_to_the_one_before(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    (place / "versions" / two / "wards.csv").write_text("tampered")
    app = opened()
    assert not app.exception and not app.error
    assert version_of(app) == one


HARM = {
    "half a manifest": (MANIFEST, lambda content: content[: len(content) // 2]),
    "an empty object": (MANIFEST, lambda content: b"{}"),
    "no bytes": (MANIFEST, lambda content: b""),
    "NULs": (MANIFEST, lambda content: bytes(len(content))),
    "another manifest": (MANIFEST, lambda content: content.replace(b"2024", b"2023")),
    "postcodes": ("postcodes.parquet", lambda content: content[:-1]),
    "outlines": ("boundaries_wards.geojson", lambda content: content[:-9]),
}


@pytest.mark.parametrize(
    ("name", "harm"),
    # One kind of harm in the fast suite, all in the full one.
    [
        pytest.param(*HARM[kind], id=kind, marks=[pytest.mark.slow] if number else [])
        for number, kind in enumerate(HARM)
    ],
)
def test_damage_of_any_file_while_serving_harms_no_visit_and_all_tell_the_same(
    name: str, harm: Harm, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = published(place, "one"), published(place, "two")
    began = opened("start")
    assert version_of(began) == two
    file = place / "versions" / two / name
    file.write_bytes(harm(file.read_bytes()))
    assert version_of(began.run()) == two and not began.exception
    app = opened("start")
    assert not app.exception and not app.error
    assert version_of(app) == one
    for told in (began, app):
        assert "damaged, so the last good ones are shown" in html(told)
        assert "reload this page" not in html(told)
    status, body = Readiness(settings().ready).answer()
    assert (status, body["fallback"], body["data_version"]) == (200, True, one)
    assert check() == 0 and one in "".join(capsys.readouterr())
    assert pipelines(["check", str(file.parent)]) == 1


@pytest.mark.slow
def test_with_no_good_version_left_new_visits_are_told_plainly_and_begun_ones_go_on(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = tmp_path / "data"
    shutil.copytree(DATA, only)
    monkeypatch.setattr(versions, "DATA", only)
    monkeypatch.setattr(parts, "DATA", only)
    began = opened()
    shown = version_of(began)
    (only / MANIFEST).write_text("{}")
    assert version_of(began.run()) == shown and not began.exception
    refused = opened()
    assert not refused.exception
    assert [each.value for each in refused.title] == ["The Atlas has no data to show"]
    assert Readiness(settings().ready).answer()[0] == 503
    assert check() == 1 and pipelines(["check", str(only)]) == 1
    client = TestClient(OnlyWithData(PlainTextResponse("page"), Readiness(settings().ready)))
    said = client.get("/my_area")
    assert said.status_code == 503 and "The Atlas has no data to show" in said.text
    assert client.get("/app/static/map.js").text == "page"
    shutil.copy(DATA / MANIFEST, only)
    assert client.get("/my_area").text == "page"
    assert version_of(opened()) == shown


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
