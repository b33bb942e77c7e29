"""``python -m pipelines`` as a person meets it: what it prints and with which code it ends."""

from pathlib import Path

import pytest

from atlas.catalogue.sources import declared_sources
from atlas.snapshot.snapshot import DATA
from pipelines.__main__ import main


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    for command in ("fetch", "build", "check", "sources"):
        assert command in printed


def test_an_unknown_command_ends_with_two() -> None:
    assert main(["conjure"]) == 2


def test_the_committed_snapshot_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "sound" in capsys.readouterr().out


def test_a_damaged_snapshot_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "provenance.json").write_bytes((DATA / "provenance.json").read_bytes())
    assert main(["check", str(tmp_path)]) == 1
    assert "wards.csv is missing" in capsys.readouterr().err


def test_a_build_without_files_says_which_and_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "data"
    assert main(["build", "--mirror", str(tmp_path / "empty"), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "codepo_gb.zip" in said
    assert "python -m pipelines fetch" in said
    assert "Traceback" not in said
    assert not out.exists()


def test_every_source_is_listed_with_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    printed = capsys.readouterr().out
    for source in declared_sources().values():
        assert source.page in printed


def test_an_unknown_source_is_refused_with_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "horoscopes", "--to", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "no source called horoscopes" in said
    assert "census_age" in said


def test_a_publisher_that_refuses_scripts_is_met_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "broadband_msoa", "--to", str(tmp_path)]) == 0  # optional
    said = capsys.readouterr().err
    assert declared_sources()["broadband_msoa"].page in said
    assert "--file PATH" in said


@pytest.mark.mirror
def test_files_come_from_a_mirror_with_a_record(mirror: Path, tmp_path: Path) -> None:
    arguments = ["fetch", "combined_authorities", "--mirror", str(mirror), "--to", str(tmp_path)]
    assert main(arguments) == 0
    target = tmp_path / declared_sources()["combined_authorities"].file
    assert target.read_bytes() == (mirror / "geography/LAD25_CAUTH25_EN_LU.csv").read_bytes()
    assert target.with_name(target.name + ".fetched.json").is_file()
