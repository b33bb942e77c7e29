"""Fresh data from made-up publishers to a version in force, and every way in which it may fail."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from atlas.catalogue.vintages import PINNED
from atlas.places.postcodes import Postcodes
from atlas.snapshot import snapshot, versions
from pipelines import __main__ as command_line
from pipelines.download import fetch
from pipelines.publish import store
from pipelines.publish.snapshot_files import faults_in_snapshot
from tests.pipelines.publishers.services import ROOT
from tests.pipelines.publishers.web import Server, body, status
from tests.toys.england import Publishers
from tests.views.test_pages import html, opened


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(versions, "DATA", tmp_path / "data")
    return tmp_path / "snapshots"


@pytest.fixture
def publishers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publishers]:
    with Server() as server:
        policy = partial(
            fetch.Policy, tries=2, pause=0.01, https_only=False, arcgis_base=server.root + ROOT
        )
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr(fetch, "Policy", policy)
        yield Publishers(server, tmp_path / "publishers")


@pytest.fixture
def refresh(publishers: Publishers, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Run the command against what the publishers offer now."""

    def run(*arguments: str, reopen: bool = True, wards: str = PINNED) -> int:
        if reopen:
            edition = publishers.open()
            monkeypatch.setattr(command_line, "declared_vintages", lambda: {wards: edition})
        to = ["--store", str(place), "--to", str(tmp_path / "downloads"), "--wards", wards]
        return command_line.main(["refresh", *to, *arguments])

    return run


def address_of(publishers: Publishers, part: str) -> str:
    return next(route for route in publishers.server.routes if part in route)


def last(place: Path) -> versions.LastRefresh:
    found = versions.read_state(place).last_refresh
    assert found
    return found


def report_of(place: Path) -> dict:
    newest = max((place / "reports").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return json.loads(newest.read_text(encoding="utf-8"))


def test_a_first_refresh_publishes_a_sound_version(refresh, place: Path, capsys) -> None:
    assert refresh() == 0
    said = capsys.readouterr().out
    assert "libraries: figures of 31 December 2023, more than 24 months old" in said
    assert "ward_boundaries: figures of" not in said
    folder = versions.current_folder(place)
    assert faults_in_snapshot(folder) == []
    wards = snapshot.load(folder).wards.set_index("ward_code")
    assert wards.loc["E05000003", "population"] == 4000
    assert wards.loc["E05000004"].isna()["population"]
    assert last(place).ok and not last(place).kept


@pytest.mark.slow
def test_the_same_files_publish_nothing_new(refresh, place: Path, capsys) -> None:
    assert refresh() == 0 and refresh() == 0
    assert "nothing to publish" in capsys.readouterr().out
    assert [entry.how for entry in versions.read_state(place).history] == ["start", "refresh"]


@pytest.mark.slow
def test_a_new_edition_is_published_with_a_report_of_what_changed(
    refresh, publishers: Publishers, place: Path, capsys
) -> None:
    assert refresh() == 0
    before = versions.current_folder(place)
    publishers.score = 1.0
    assert refresh() == 0
    printed = capsys.readouterr().out
    assert "# From version" in printed and "Index of Multiple Deprivation" in printed
    found = report_of(place)
    moved = {each["column"]: each for each in found["figures"]}
    assert moved["imd_score"]["wards_changed"] == 3
    assert set(moved) == {"imd_score"}
    assert [each["source"] for each in found["editions"]] == ["deprivation"]
    assert found["totals"]["population"] == [9000, 9000]
    assert versions.current_folder(place) != before
    assert faults_in_snapshot(before) == []


@pytest.mark.slow
def test_going_back_is_one_command_and_the_same_files_do_not_come_back_by_themselves(
    refresh, publishers: Publishers, place: Path, capsys
) -> None:
    assert refresh() == 0
    first = versions.current_folder(place)
    publishers.score = 1.0
    assert refresh() == 0
    assert command_line.main(["rollback", "--store", str(place)]) == 0
    assert versions.current_folder(place) == first
    assert refresh() == 1
    assert "from which somebody went back" in capsys.readouterr().err
    assert versions.current_folder(place) == first
    assert refresh("--accept-changes") == 0
    assert versions.current_folder(place) != first
    assert command_line.main(["versions", "--store", str(place)]) == 0
    assert capsys.readouterr().out.count("refresh") == 3


@pytest.mark.slow
def test_a_jump_is_refused_and_the_version_in_force_stays(
    refresh, publishers: Publishers, place: Path, capsys
) -> None:
    assert refresh() == 0
    first = versions.current_folder(place)
    publishers.score = 30.0
    assert refresh() == 1
    assert "imd_score changed more than a new edition should" in capsys.readouterr().err
    assert versions.current_folder(place) == first
    assert (last(place).ok, last(place).step) == (False, "build")
    assert refresh("--accept-changes") == 0
    assert versions.current_folder(place) != first


@pytest.mark.slow
def test_a_publisher_that_is_down_leaves_its_last_copy_in_use(
    refresh, publishers: Publishers, place: Path, capsys
) -> None:
    assert refresh() == 0
    publishers.server.routes[address_of(publishers, "ts038")] = status(503)
    assert refresh(reopen=False) == 0
    assert "census_disability: not fetched anew" in capsys.readouterr().out
    assert last(place).ok and last(place).kept == ("census_disability",)


@pytest.mark.slow
def test_a_publisher_that_was_never_there_fails_the_refresh(
    refresh, publishers: Publishers, place: Path, capsys
) -> None:
    assert refresh() == 0
    for copy in place.parent.rglob("downloads/census/census2021-ts038.zip*"):
        copy.unlink()
    first = versions.current_folder(place)
    publishers.server.routes[address_of(publishers, "ts038")] = body(b"<html>Please wait</html>")
    assert refresh(reopen=False) == 1
    assert "census_disability" in capsys.readouterr().err
    assert versions.current_folder(place) == first
    assert (last(place).ok, last(place).step) == (False, "fetch")


@pytest.mark.slow
def test_what_a_person_put_there_is_theirs(
    refresh, publishers: Publishers, place: Path, tmp_path: Path
) -> None:
    assert refresh() == 0
    libraries = next((tmp_path / "downloads" / "libraries").glob("*.csv"))
    fetch.sidecar_of(libraries).unlink()
    mine = libraries.read_bytes().replace(b"Quayside", b"Harbour")
    libraries.write_bytes(mine)
    assert refresh() == 0
    assert libraries.read_bytes() == mine
    shown = snapshot.load(versions.current_folder(place)).libraries
    assert "Harbour" in set(shown["library_name"])


def test_a_refresh_beside_another_is_refused(refresh, place: Path, capsys) -> None:
    with store.only_one(place):
        assert refresh() == 1
    assert "Another refresh is working" in capsys.readouterr().err


@pytest.mark.slow
def test_newer_wards_come_end_to_end_with_what_became_of_the_old_ones(
    refresh, publishers: Publishers, place: Path
) -> None:
    assert refresh() == 0
    publishers.year, publishers.fine = "25", True
    assert refresh("--accept-changes", wards="may_2025") == 0
    now = snapshot.load(versions.current_folder(place))
    assert list(now.wards["ward_code"]) == [f"E0500000{n}" for n in (1, 2, 4, 5, 6)]
    assert now.edition == "May 2025"
    figures = now.wards.set_index("ward_code")
    assert figures.loc["E05000005", "population"] == 2000  # d and e
    assert figures.loc["E05000006", "imd_score"] == 60  # f alone
    assert figures.loc["E05000005", "authority_code"] == "E06000003"
    assert set(now.libraries["authority_code"]) == {"E06000001", "E06000003"}
    sources = now.provenance["sources"]
    assert "ward_boundaries_fine" in sources and "ward_boundaries" in sources
    assert "broadband_output_areas" in sources and "broadband_msoa" not in sources
    gone = now.ended["E05000003"]
    assert (gone.name, gone.ended_in) == ("Castle", "May 2025")
    assert gone.successors == (("E05000005", 0.5), ("E05000006", 0.5))
    found = report_of(place)
    assert [each["code"] for each in found["ended"]] == ["E05000003"]
    assert [each["code"] for each in found["began"]] == ["E05000005", "E05000006"]


PAGES = ["map", "my_area", "data_and_method"]


@pytest.mark.parametrize("script", PAGES)
@pytest.mark.slow
def test_pages_show_the_newer_wards_and_follow_a_link_to_an_ended_one(
    refresh, publishers: Publishers, place: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    publishers.year, publishers.fine = "25", True
    assert refresh(wards="may_2025") == 0
    monkeypatch.setenv(versions.STORE_VARIABLE, str(place))
    app = opened(script, ward="E05000003")
    assert not app.exception and not app.error
    said = html(app)
    assert "The ward Castle (E05000003) ended in May 2025." in said
    assert app.query_params["ward"] == "E05000005"
    assert "Castle West, Southshire</a> (50% of its residents)" in said


@pytest.mark.slow
def test_postcodes_of_an_older_edition_find_their_new_ward_by_its_outline(
    refresh, publishers: Publishers, place: Path
) -> None:
    publishers.year = "25"
    assert refresh(wards="may_2025") == 0
    places = Postcodes.load(versions.current_folder(place) / "postcodes.parquet")
    homes = {text: places.find(text) for text in ("AA1 1AA", "BB1 1BD", "BB1 1BB")}
    assert {text: hit and hit.ward_code for text, hit in homes.items()} == {
        "AA1 1AA": "E05000001",
        "BB1 1BD": "E05000005",
        "BB1 1BB": "E05000006",
    }
