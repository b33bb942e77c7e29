"""From the publishers' files to the committed snapshot, byte for byte."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from atlas.catalogue.sources import declared_sources
from atlas.catalogue.vintages import PINNED, declared_vintages
from atlas.risk import sensitivity
from atlas.snapshot.snapshot import DATA
from pipelines import build, context
from pipelines.publish.snapshot_files import PublicationError, describe

PINNED_WARDS = declared_vintages()[PINNED]


@pytest.mark.mirror
@pytest.mark.slow
def test_the_published_files_give_the_committed_snapshot(mirror: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    build.build(mirror, tmp_path / "data", say=steps.append)
    assert steps == list(build.STEPS)
    rebuilt, committed = describe(tmp_path / "data", {}), describe(DATA, {})
    assert set(rebuilt) == set(committed)
    assert [name for name in committed if rebuilt[name] != committed[name]] == []
    manifests = [folder / "provenance.json" for folder in (tmp_path / "data", DATA)]
    assert manifests[0].read_text() == manifests[1].read_text()


@pytest.mark.slow
def test_what_places_depend_on_follows_from_the_committed_figures() -> None:
    made = context.what_places_depend_on(DATA).to_csv(index=False, lineterminator="\n")
    assert made == (DATA / sensitivity.FILE).read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_process_that_is_ended_beside_the_build_is_told_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "sources_used", lambda folder: {})
    monkeypatch.setattr(build, "_build", lambda *given: given[-1].submit(os._exit, 1).result())
    with pytest.raises(PublicationError, match="for want of memory"):
        build.build(tmp_path, tmp_path / "data")


def test_files_that_are_not_there_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(build.MissingFilesError) as caught:
        build.sources_used(build.Folder(tmp_path, PINNED_WARDS))
    message = str(caught.value)
    assert "LSOA21_WD24_LAD24_EW_LU.csv" in message
    assert "codepo_gb.zip" in message
    assert "BroadbandDashboardDataFile.xlsx" in message
    assert "python -m pipelines fetch" in message


def test_ofcoms_output_areas_are_preferred_where_they_are(tmp_path: Path) -> None:
    for source in declared_sources().values():
        path = tmp_path / source.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"-")
    used = build.sources_used(build.Folder(tmp_path, PINNED_WARDS))
    assert "broadband_output_areas" in used
    assert "broadband_msoa" not in used


def test_the_time_of_retrieval_is_the_recorded_one_of_that_very_file(tmp_path: Path) -> None:
    source = declared_sources()["combined_authorities"]
    path = tmp_path / source.file
    path.parent.mkdir(parents=True)
    path.write_bytes(b"as it came")
    record = {"url": "https://example.org/a.csv", "retrieved": "2026-05-04T10:00:00+00:00"}
    record["sha256"] = hashlib.sha256(b"as it came").hexdigest()
    path.with_name(path.name + ".fetched.json").write_text(json.dumps(record))
    folder = build.Folder(tmp_path, PINNED_WARDS)
    assert build._provenance(source, folder, 1)["retrieved"] == record["retrieved"]
    path.write_bytes(b"replaced by hand")
    assert build._provenance(source, folder, 1)["retrieved"] is None


def test_the_expected_numbers_are_those_of_may_2024() -> None:
    assert PINNED_WARDS.areas == {
        "lsoas": 33_755,
        "wards": 6_817,
        "authorities": 296,
        "combined_authorities": 15,
        "counties": 21,
        "wards_without_lsoa": 33,
        "suppressed_income_counts": 5,
    }
