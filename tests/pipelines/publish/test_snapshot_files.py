import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from atlas.places.postcodes import Postcodes
from atlas.snapshot import snapshot
from pipelines.publish import snapshot_files
from pipelines.publish.snapshot_files import PublicationError
from tests.toys import sources as toy

ROOT = Path(__file__).resolve().parents[3]


def _write_two_files(generation: str):
    def write(folder: Path) -> None:
        (folder / "a.txt").write_text(generation)
        (folder / "b.txt").write_text(generation)
        outputs = snapshot_files.describe(folder, {})
        (folder / "provenance.json").write_text(json.dumps({"outputs": outputs}))

    return write


def test_what_was_written_reads_back(tmp_path: Path) -> None:
    built = toy.built()
    snapshot_files.write_declared(built.wards, tmp_path / "wards.csv")
    read = snapshot.read_csv(tmp_path / "wards.csv", "wards")
    assert read["ward_code"].tolist() == toy.WARDS
    assert read["combined_authority_code"].tolist() == ["E47000001", "E47000001", "", ""]
    assert read.loc[0, "population"] == 4000
    assert math.isnan(read.loc[3, "population"])
    assert read.loc[2, "age_75_plus_rate"] == round(460 / 4000, 6)


def test_missing_is_written_as_nothing_and_zero_as_zero(tmp_path: Path) -> None:
    snapshot_files.write_declared(toy.built().wards, tmp_path / "wards.csv")
    rows = pd.read_csv(tmp_path / "wards.csv", dtype=str, keep_default_na=False)
    assert rows.loc[3, "near_library_people"] == ""
    assert rows.loc[1, "near_library_people"] == "0"


def test_frames_are_handed_out_read_only(tmp_path: Path) -> None:
    snapshot_files.write_declared(toy.built().wards, tmp_path / "wards.csv")
    read = snapshot.read_csv(tmp_path / "wards.csv", "wards")
    with pytest.raises(ValueError, match="read-only"):
        read["population"].to_numpy()[0] = 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_share_survives_writing_to_six_decimals(shares: list[float]) -> None:
    texts = snapshot_files._texts(pd.Series(shares), 6)
    assert [float(text) for text in texts] == [round(share, 6) for share in shares]


def test_outlines_round_without_gaps(tmp_path: Path) -> None:
    west, east = (
        box(400_000, 300_000, 400_100.3, 300_100),
        box(400_100.3, 300_000, 400_200, 300_100),
    )
    table = gpd.GeoDataFrame({"ward_code": toy.WARDS[:2]}, geometry=[west, east], crs="EPSG:27700")
    snapshot_files.write_geojson(table, tmp_path / "w.geojson")
    read = gpd.read_file(tmp_path / "w.geojson")
    assert read.crs.to_epsg() == 4326
    first, second = read.geometry
    assert first.intersection(second).area == 0
    assert first.union(second).geom_type == "Polygon"


def test_postcodes_keep_their_ward_and_square(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "postcode": ["AA11AA", "AA11AB", "B11AA"],
            "easting": [400_049.0, math.nan, 400_050.0],
            "northing": [300_000.0, math.nan, 300_149.0],
            "ward_code": ["E05000001", "", "E05000002"],
            "lsoa_code": ["E01000001", "", "E01000002"],
        }
    )
    snapshot_files.write_postcodes(table, tmp_path / "p.parquet")
    places = Postcodes.load(tmp_path / "p.parquet")
    hit = places.find("b1 1aa")
    assert hit is not None
    assert (hit.postcode, hit.ward_code) == ("B1 1AA", "E05000002")
    assert (hit.easting, hit.northing) == (400_075.0, 300_125.0)
    nowhere = places.find("AA1 1AB")
    assert nowhere is not None
    assert (nowhere.ward_code, nowhere.easting) == ("", None)
    assert places.find("AA1 1AC") is None


def test_a_publication_replaces_the_whole_folder(tmp_path: Path) -> None:
    out = tmp_path / "data"
    snapshot_files.publish(out, _write_two_files("one"))
    (out / "left-over.txt").write_text("from an older version")
    snapshot_files.publish(out, _write_two_files("two"))
    assert sorted(path.name for path in out.iterdir()) == ["a.txt", "b.txt", "provenance.json"]
    assert snapshot_files.faults_in_snapshot(out) == []


def test_a_failure_while_writing_leaves_the_old_snapshot(tmp_path: Path) -> None:
    out = tmp_path / "data"
    snapshot_files.publish(out, _write_two_files("one"))

    def fails(folder: Path) -> None:
        (folder / "a.txt").write_text("two")
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        snapshot_files.publish(out, fails)
    assert (out / "a.txt").read_text() == "one"
    assert snapshot_files.faults_in_snapshot(out) == []
    assert not (tmp_path / "data.building").exists()


def test_two_publications_at_once_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "data"

    def during(folder: Path) -> None:
        with pytest.raises(PublicationError, match="Another build"):
            snapshot_files.publish(out, _write_two_files("two"))
        _write_two_files("one")(folder)

    snapshot_files.publish(out, during)
    assert (out / "a.txt").read_text() == "one"


def test_every_way_to_differ_from_the_manifest_is_named(tmp_path: Path) -> None:
    out = tmp_path / "data"
    snapshot_files.publish(out, _write_two_files("one"))
    (out / "a.txt").write_text("tampered")
    (out / "b.txt").unlink()
    (out / "c.txt").write_text("stray")
    assert snapshot_files.faults_in_snapshot(out) == [
        "c.txt is not in the manifest",
        "b.txt is missing",
        "a.txt has other bytes than the manifest says",
    ]


_PUBLISH_FOR_EVER = """
import itertools, sys
from pathlib import Path
from tests.pipelines.publish.test_snapshot_files import _write_two_files
from pipelines.publish import snapshot_files
for generation in itertools.count():
    snapshot_files.publish(Path(sys.argv[1]), _write_two_files(str(generation)))
    print(generation, flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_snapshot(tmp_path: Path) -> None:
    out = tmp_path / "data"
    command = [sys.executable, "-c", _PUBLISH_FOR_EVER, str(out)]
    for attempt in range(5):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.013 * attempt)
            os.kill(process.pid, signal.SIGKILL)
        assert snapshot_files.faults_in_snapshot(out) == []
        assert (out / "a.txt").read_text() == (out / "b.txt").read_text()
