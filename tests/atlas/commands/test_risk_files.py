"""The command line for analysts, run as they run it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from atlas.cli import main
from atlas.risk.export import ATTRIBUTION, LIMITS
from atlas.snapshot.snapshot import load

COLUMNS = [
    "ward_code",
    "rank",
    "score",
    "band",
    "money_and_skills",
    "age_and_health",
    "home_connection",
    "need",
    "tier",
    "median_rank",
    "rank_5",
    "rank_95",
    "share_worst_tenth",
    "share_worst_fifth",
]
NOTES = ("limits", "attribution")


@pytest.fixture(scope="module")
def england(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    out = tmp_path_factory.mktemp("cli") / "index.csv"
    command = [sys.executable, "-m", "atlas", "index", "--base", "E92000001", "--out", str(out)]
    done = subprocess.run([*command, "--draws", "200"], capture_output=True, text=True, check=True)
    assert "6,784 of 6,817 wards scored" in done.stdout
    return pd.read_csv(out)


def test_every_ward_is_in_the_file_and_the_33_without_data_are_blank(
    england: pd.DataFrame,
) -> None:
    assert list(england.columns) == [*COLUMNS, *NOTES]
    assert set(england["limits"]) == {LIMITS}
    assert set(england["attribution"]) == {ATTRIBUTION}
    assert england["ward_code"].tolist() == load().wards["ward_code"].tolist()
    blank = england["score"].isna()
    assert (
        blank.sum() == 33 and england[blank].drop(columns=["ward_code", *NOTES]).isna().all().all()
    )
    assert not england[~blank].drop(columns="tier").isna().any().any()


def test_score_and_rank_can_be_worked_out_from_the_components_in_the_file(
    england: pd.DataFrame,
) -> None:
    known = england.dropna(subset=["score"])
    weights = {"money_and_skills": 400, "age_and_health": 460, "home_connection": 140}
    total = np.zeros(len(known))
    for name, weight in weights.items():
        steep = -23 * np.log(1 - known[name] / 100 * (1 - np.exp(-100 / 23)))
        total += weight * np.floor(steep / 100 * 65_535 + 0.5)
    people = load().wards.set_index("ward_code")["population"][known["ward_code"]].to_numpy()
    lower = [people[total < each].sum() for each in total[::50]]
    assert known["score"].to_numpy()[::50] == pytest.approx(100 * np.array(lower) / people.sum())
    assert known["rank"].tolist()[::50] == [1 + int((total > each).sum()) for each in total[::50]]


def test_bands_tiers_needs_and_shares_agree(england: pd.DataFrame) -> None:
    known = england.dropna(subset=["score"])
    assert known["band"].between(1, 10).all()
    assert (known["share_worst_tenth"] <= known["share_worst_fifth"]).all()
    assert ((known["score"] >= 80) == (known["band"] >= 9)).all()
    assert (known["tier"].notna() == (known["score"] >= 80)).all()
    sure = known["tier"] == "sure"
    assert (known["share_worst_fifth"][sure] >= 0.95).all()
    assert (known["share_worst_fifth"][known["tier"] == "could change"] < 0.5).all()
    older = known["need"].str.contains("age and health")
    assert (older == (known["age_and_health"] >= 80)).all()
    assert known["rank_5"].le(known["rank_95"]).all()


def test_the_same_command_writes_the_same_bytes(tmp_path: Path) -> None:
    given = ["index", "--base", "E08000003", "--draws", "60", "--out"]
    files = [tmp_path / "one.csv", tmp_path / "two.csv"]
    assert [main([*given, str(path)]) for path in files] == [0, 0]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert pd.read_csv(files[0])["score"].notna().sum() == 32


def test_a_list_as_csv_xlsx_and_geojson(tmp_path: Path) -> None:
    given = ["list", "--area", "E47000001", "--top", "6", "--draws", "60", "--out"]
    for name in ("list.csv", "list.xlsx", "list.geojson"):
        assert main([*given, str(tmp_path / name)]) == 0
    lines = pd.read_csv(tmp_path / "list.csv")
    assert len(lines) == 6 and not (tmp_path / "list.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    assert book.sheetnames == ["Wards", "About this file"]
    assert [c.value for c in book["Wards"]["A"]][1:] == lines["ward_code"].tolist()
    features = json.loads((tmp_path / "list.geojson").read_text())["features"]
    assert [f["properties"]["ward_code"] for f in features] == lines["ward_code"].tolist()


@pytest.mark.slow
def test_own_weights_and_presets(tmp_path: Path) -> None:
    out = tmp_path / "own.csv"
    given = ["index", "--draws", "20", "--out", str(out)]
    assert main([*given, "--weights", "money_and_skills:1"]) == 0
    own = pd.read_csv(out).dropna(subset=["score"])
    # Ranked again after rounding to whole numbers: the two differ in ties alone.
    assert own["score"].to_numpy() == pytest.approx(own["money_and_skills"].to_numpy(), abs=0.1)
    assert own["home_connection"].isna().all()
    assert main([*given, "--preset", "libraries_too"]) == 0
    assert "library_access" in pd.read_csv(out).columns


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["index", "--base", "E99000001"], "E99000001"),
        (["index", "--weights", "wealth:1"], "money_and_skills"),
        (["index", "--weights", "money_and_skills:0"], "component:number"),
        (["index", "--draws", "0"], "--draws"),
        (["index", "--data", "/nowhere"], "snapshot folder"),
        (["list", "--area", "E99000001"], "E99000001"),
        (["list", "--top", "0", "--draws", "5"], "--top"),
        (["list", "--top", "5", "--share", "0.1"], "only one of --share, --top, --people"),
        (["list", "--order", "beauty"], "risk"),
    ],
)
def test_what_cannot_be_done_says_so_and_writes_nothing(
    given: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    assert main([*given, "--out", str(out)]) == 2
    assert message in capsys.readouterr().err and not out.exists()


def test_a_folder_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "no" / "out.csv"
    assert main(["index", "--base", "E08000003", "--draws", "5", "--out", str(out)]) == 2
    assert "atlas:" in capsys.readouterr().err
