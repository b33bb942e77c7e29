"""``python -m atlas sites`` as an analyst meets it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from atlas.access.distance import library_venues, residents_in
from atlas.catalogue.near import MILE
from atlas.cli import main
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.snapshot.snapshot import Snapshot

GM = "E47000001"
COLUMNS = [
    "rank",
    "candidate_id",
    "candidate_name",
    "kind",
    "ward_code",
    "ward_name",
    "authority_name",
    "easting",
    "northing",
    "longitude",
    "latitude",
    "people_added",
    "added_so_far",
    "total",
    "bound",
    "gap",
]


def run(out: Path, *more: str) -> int:
    return main(["sites", "--place", GM, "--out", str(out), *more])


@pytest.mark.slow
def test_the_file_names_sites_people_total_bound_and_gap(
    tmp_path: Path, snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sites.csv"
    assert run(out, "--cohort", "age_75_plus", "--sites", "5") == 0
    rows = pd.read_csv(out)
    assert list(rows.columns) == COLUMNS
    assert rows["rank"].tolist() == [1, 2, 3, 4, 5]
    assert rows["people_added"].is_monotonic_decreasing
    assert rows["total"].to_numpy() == pytest.approx(rows["people_added"].sum(), abs=0.01)
    assert (rows["bound"] == rows["total"]).all() and (rows["gap"] == 0).all()
    printed = capsys.readouterr().out
    assert "5 sites add" in printed and "proven, gap 0.00%" in printed
    # The first site's people, counted anew from the published tables.
    residents, first = residents_in(snapshot), rows.iloc[0]
    homes = residents.postcodes
    assert homes is not None
    inside = snapshot.wards["ward_code"][snapshot.wards["combined_authority_code"] == GM]
    libraries = cKDTree([(v.easting, v.northing) for v in library_venues(snapshot.libraries)])
    site = np.array([first["easting"], first["northing"]])
    new = np.hypot(*(homes.points - site).T) <= MILE
    new &= libraries.query(homes.points)[0] > MILE
    new &= np.isin(residents.ward_codes.astype(str), inside)[homes.area]
    parts = np.bincount(homes.area[new], homes.postcodes[new], minlength=len(residents))
    parts /= np.bincount(homes.area, homes.postcodes, minlength=len(residents))
    people = (residents.people["age_75_plus"] * parts).sum()
    assert people == pytest.approx(first["people_added"], abs=0.001)


@pytest.mark.slow
def test_json_says_the_same_and_what_it_rests_on(tmp_path: Path, snapshot: Snapshot) -> None:
    table, document = tmp_path / "sites.csv", tmp_path / "sites.json"
    for out in (table, document):
        assert run(out, "--cohort", "residents", "--sites", "3") == 0
    rows, said = pd.read_csv(table), json.loads(document.read_text(encoding="utf-8"))
    assert [site["candidate_id"] for site in said["sites"]] == rows["candidate_id"].tolist()
    assert said["total"] == pytest.approx(rows["total"].iloc[0], abs=0.001) and said["gap"] == 0
    assert said["unit"] == "people" and said["newly_reached"] == pytest.approx(said["total"])
    assert "straight lines" in said["about"]["Distance"]
    assert "not a building" in said["about"]["Candidates"]
    assert said["about"]["Attribution"].splitlines() == list(snapshot.attributions)
    assert set(HOW_NOT_TO_USE) <= set(said["about"].values())


def test_the_distance_is_in_person_kilometres(tmp_path: Path) -> None:
    out = tmp_path / "sites.json"
    assert run(out, "--sites", "2", "--objective", "distance") == 0
    said = json.loads(out.read_text(encoding="utf-8"))
    assert said["unit"] == "person_km"
    assert [site["added_so_far"] for site in said["sites"]] == pytest.approx(
        np.cumsum([site["person_km_added"] for site in said["sites"]])
    )
    # The total is what the mean way becomes shorter, for all residents.
    shorter = said["mean_metres_before"] - said["mean_metres_after"]
    assert said["total"] == pytest.approx(said["people"] * shorter / 1000)


@pytest.mark.slow
def test_only_existing_buildings_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "sites.csv"
    assert run(out, "--kinds", "closed", "unstaffed", "--sites", "2") == 0
    assert set(pd.read_csv(out)["kind"]) <= {"closed library", "unstaffed library"}


@pytest.mark.slow
def test_a_wider_reach_leaves_fewer_to_reach(tmp_path: Path) -> None:
    near, wide = tmp_path / "near.json", tmp_path / "wide.json"
    assert run(near, "--sites", "1") == 0
    assert run(wide, "--sites", "1", "--metres", "3000") == 0
    before = [json.loads(path.read_text())["reached_before"] for path in (near, wide)]
    assert before[0] < before[1]


@pytest.mark.slow
def test_walking_times_take_the_place_of_straight_lines(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On foot nobody reaches any library, and one closed library is 5 minutes from one small area.
    closed = snapshot.libraries[
        (snapshot.libraries["open"] == "false")
        & snapshot.libraries["library_type"].str.startswith("static")
    ]
    gm = snapshot.wards["ward_code"][snapshot.wards["combined_authority_code"] == GM]
    site = closed[closed["ward_code"].isin(gm)].iloc[0]
    home = snapshot.lsoas[snapshot.lsoas["ward_code"].isin(gm)].iloc[7]
    # The file names every library, so that no straight line is used for any of them.
    far = "E01032739"
    pairs = [f"{home['lsoa_code']},{site['library_id']},5"]
    pairs += [
        f"{far},{key},600" for key in snapshot.libraries["library_id"] if key != site["library_id"]
    ]
    walks = tmp_path / "walks.csv"
    walks.write_text("lsoa_code,venue_id,minutes\n" + "\n".join(pairs) + "\n")
    out = tmp_path / "sites.json"
    for way in ("option", "setting"):
        given = ["--walking", str(walks)] if way == "option" else []
        if way == "setting":
            monkeypatch.setenv("ATLAS_WALKING", str(walks))
        asked = ["--cohort", "residents", "--sites", "3", "--kinds", "closed"]
        assert run(out, *asked, *given) == 0
        said = json.loads(out.read_text(encoding="utf-8"))
        assert said["reached_before"] == 0
        assert [s["candidate_id"] for s in said["sites"]] == [site["library_id"]]
        assert said["total"] == home["population"]
        assert "walks.csv" in said["about"]["Distance"] and "walk" in said["about"]["Group"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--place", "E99999999"], "not the code of an English place"),
        (["--cohort", "wealthy"], "Choose from: residents"),
        (["--cohort", "far_from_library"], "Choose from: residents"),
        (["--sites", "0"], "from 1 to 10"),
        (["--sites", "11"], "from 1 to 10"),
        (["--metres", "-5"], "--metres must be above 0"),
        (["--metres", "500", "--walking", "walks.csv"], "only one of --metres and --walking"),
        (["--metres", "nan"], "--metres must be above 0"),
        (["--seconds", "0"], "--seconds must be above 0"),
        (["--out", "sites.pdf"], "must end in .csv or .json"),
        (["--walking", "nowhere.csv"], "cannot be read"),
        (["--data", "nowhere"], "cannot be read"),
        (["--place", "E05011095", "--kinds", "closed"], "another kind"),
    ],
)
def test_what_cannot_be_done_ends_with_two_and_says_what_to_ask(
    tmp_path: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "sites.csv", *arguments) == 2
    said = capsys.readouterr()
    assert words in said.err and "Traceback" not in said.err and said.out == ""
    assert not (tmp_path / "sites.csv").exists()


@pytest.mark.parametrize("arguments", [["--sites", "many"], ["--objective", "beauty"]])
def test_a_wrong_argument_ends_with_two(tmp_path: Path, arguments: list[str]) -> None:
    assert run(tmp_path / "sites.csv", *arguments) == 2


def test_help_names_the_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "--help"]) == 0
    printed = capsys.readouterr().out
    assert "age_75_plus" in printed and "--walking" in printed and "far_from" not in printed
