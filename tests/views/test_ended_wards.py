"""A link to a ward that ended leads to where its residents are now, and says so."""

import io
import json
import shutil
from pathlib import Path

import pytest

from atlas.snapshot.ended_wards import ENDED, came_from, read_ended
from atlas.snapshot.snapshot import DATA, MANIFEST
from atlas.snapshot.versions import STORE_VARIABLE
from pipelines.publish import snapshot_files, store
from tests.views.test_pages import HULME, html, opened

MOSS_SIDE = "E05011372"
TABLE = (
    "ended_code,ended_name,ended_in,ward_code,share\n"
    f"E05009999,Old <Hulme>,May 2024,{HULME},0.7\n"
    f"E05009999,Old <Hulme>,May 2024,{MOSS_SIDE},0.3\n"
)


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The committed snapshot with a table of ended wards, published."""
    place = tmp_path / "snapshots"
    monkeypatch.setenv(STORE_VARIABLE, str(place))
    with store.staging(place) as staging:
        copy = staging / "snapshot"
        shutil.copytree(DATA, copy)
        (copy / ENDED).write_text(TABLE)
        manifest = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))
        manifest["outputs"] = snapshot_files.describe(copy, {})
        (copy / MANIFEST).write_text(json.dumps(manifest))
        store.switch(place, store.add(place, copy), "refresh")


def test_the_table_reads_with_the_largest_share_first() -> None:
    ended = read_ended(io.BytesIO(TABLE.encode()))
    assert ended["E05009999"].successors == ((HULME, 0.7), (MOSS_SIDE, 0.3))
    assert [each.code for each in came_from(ended, MOSS_SIDE)] == ["E05009999"]
    assert came_from(ended, "E05009999") == []


@pytest.mark.usefixtures("followed")
@pytest.mark.slow
def test_an_old_link_opens_the_successor_and_says_what_became_of_the_ward() -> None:
    app = opened("my_area", ward="E05009999")
    assert not app.exception and not app.warning
    assert app.title[0].value.startswith("Hulme")
    assert app.query_params["ward"] == HULME
    said = html(app)
    assert "The ward Old &lt;Hulme&gt; (E05009999) ended in May 2024." in said
    assert "Hulme, Manchester</a> (70% of its residents)" in said
    assert f"href='my_area?ward={MOSS_SIDE}'" in said
    assert "(30% of its residents)" in said
    assert "This ward has residents of wards that ended in May 2024" in said


@pytest.mark.usefixtures("followed")
@pytest.mark.slow
def test_the_notice_goes_with_the_ward() -> None:
    app = opened("my_area", ward="E05009999")
    app.query_params["ward"] = "E05011361"
    app.run()
    assert "E05009999" not in html(app)


@pytest.mark.usefixtures("followed")
@pytest.mark.slow
def test_a_code_that_never_was_is_still_refused() -> None:
    app = opened("my_area", ward="E05099999")
    assert "does not know" in app.warning[0].value


@pytest.mark.slow
def test_without_a_table_nothing_is_said() -> None:
    app = opened("my_area", ward=HULME)
    assert "ended in" not in html(app)
