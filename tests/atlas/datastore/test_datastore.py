"""The open datastore's files: valid, whole, the same in every format, the same every time."""

import csv
import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from frictionless import Package, system

from atlas import worker
from atlas.catalogue.table_schemas import schema
from atlas.datastore import cache
from atlas.datastore.cache import DatastoreError
from atlas.datastore.datastore import DESCRIPTOR, Datastore, edition_of
from atlas.files.spreadsheets import safe_text
from atlas.snapshot.snapshot import DATA, SnapshotError, load
from atlas.worker import Worker

BOTH = ("wards", "lsoas", "libraries", "risk_index", "support")
ALDGATE = "E05009289"  # no small area fits it best


@pytest.fixture(scope="module")
def store() -> Datastore:
    return Datastore(load())


@pytest.fixture(scope="module")
def package(datastore: Path) -> dict[str, Any]:
    text: dict[str, Any] = json.loads((datastore / DESCRIPTOR).read_text(encoding="utf-8"))
    return text


def validated(folder: Path) -> Any:
    with system.use_context(trusted=True):
        return Package(str(folder / DESCRIPTOR)).validate()


@pytest.mark.slow
def test_frictionless_validates_the_whole_datastore(
    datastore: Path, package: dict[str, Any]
) -> None:
    report = validated(datastore)
    assert report.valid, report.flatten(["name", "type", "message"])
    assert len(report.tasks) == len(package["resources"]) > 30


@pytest.mark.slow
def test_frictionless_notices_a_changed_figure(datastore: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(datastore, broken)
    # Ainsdale's share of residents near a library becomes 7: no share is above 1.
    lines = list(csv.reader((broken / "wards.csv").open(encoding="utf-8", newline="")))
    ainsdale = next(line for line in lines if "Ainsdale" in line)
    ainsdale[lines[0].index("near_library_rate")] = "7"
    with (broken / "wards.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    found = {kind for _, kind in validated(broken).flatten(["name", "type"])}
    assert {"hash-count", "constraint-error"} <= found


def test_the_descriptor_lists_every_file_with_its_size_and_checksum(
    datastore: Path, package: dict[str, Any]
) -> None:
    listed = {entry["path"]: entry for entry in package["resources"]}
    assert set(listed) | {DESCRIPTOR} == {path.name for path in datastore.iterdir()}
    for name, entry in listed.items():
        content = (datastore / name).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.slow
def test_the_same_snapshot_gives_the_same_bytes(
    store: Datastore, datastore: Path, tmp_path: Path
) -> None:
    # The other edition was written by another process.
    store.write(tmp_path)
    different = [
        path.name
        for path in datastore.iterdir()
        if path.read_bytes() != (tmp_path / path.name).read_bytes()
    ]
    assert different == []


def test_published_tables_are_the_snapshot_s_own_bytes(datastore: Path) -> None:
    for name in ("wards.csv", "libraries.csv"):
        assert (datastore / name).read_bytes() == (DATA / name).read_bytes()


@pytest.mark.parametrize("name", BOTH)
def test_csv_and_parquet_hold_the_same_values(
    name: str, datastore: Path, package: dict[str, Any]
) -> None:
    fields = next(e for e in package["resources"] if e["path"] == f"{name}.csv")["schema"]["fields"]
    stored = pq.read_table(datastore / f"{name}.parquet")
    assert stored.column_names == [field["name"] for field in fields]
    with (datastore / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == stored.num_rows
    read = {
        "string": str,
        "integer": int,
        "number": float,
        "boolean": lambda text: {"true": True, "false": False}[text],
    }
    for field in fields:
        texts = [row[field["name"]] for row in rows]
        values = [None if text == "" else read[field["type"]](text) for text in texts]
        assert stored.column(field["name"]).to_pylist() == values, field["name"]


@pytest.mark.parametrize("name", BOTH)
def test_geopackage_has_the_rows_of_the_csv_and_its_coordinate_system(
    name: str, datastore: Path
) -> None:
    layer = pyogrio.read_dataframe(datastore / f"{name}.gpkg")
    table = pd.read_parquet(datastore / f"{name}.parquet")
    assert list(pyogrio.list_layers(datastore / f"{name}.gpkg")[:, 0]) == [name]
    assert layer.crs.to_epsg() == 4326
    assert list(layer.drop(columns="geometry").columns) == list(table.columns)
    for column in table.columns:
        same = layer[column].isna().to_numpy() == table[column].isna().to_numpy()
        assert same.all(), column
        known = table[column].notna().to_numpy()
        assert (layer[column].to_numpy()[known] == table[column].to_numpy()[known]).all(), column


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("wards", 6817),
        ("libraries", 3461),
        ("risk_index", 6817),
        ("support", 6817),
        ("areas", 53),
        ("boundaries_wards", 6817),
        ("boundaries_authorities", 296),
        ("boundaries_combined_authorities", 15),
        ("boundaries_lsoas", 33755),
    ],
)
@pytest.mark.slow
def test_geographic_formats_agree_and_lie_in_england(name: str, rows: int, datastore: Path) -> None:
    geojson = gpd.read_file(datastore / f"{name}.geojson")
    package = pyogrio.read_dataframe(datastore / f"{name}.gpkg")
    assert len(geojson) == len(package) == rows
    west, south, east, north = geojson.total_bounds
    assert west > -6.5 and south > 49.8 and east < 1.8 and north < 55.9
    assert np.allclose(geojson.total_bounds, package.total_bounds)


def test_missing_is_null_in_every_format(datastore: Path) -> None:
    with (datastore / "wards.csv").open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["ward_code"] == ALDGATE)
    assert row["population"] == row["income_deprived_rate"] == ""
    stored = pd.read_parquet(datastore / "wards.parquet").set_index("ward_code").loc[ALDGATE]
    assert pd.isna(stored["population"]) and pd.isna(stored["income_deprived_rate"])
    features = json.loads((datastore / "wards.geojson").read_text(encoding="utf-8"))["features"]
    found = next(f["properties"] for f in features if f["properties"]["ward_code"] == ALDGATE)
    assert found["population"] is None and found["income_deprived_rate"] is None


def test_no_text_cell_would_run_in_a_spreadsheet(datastore: Path) -> None:
    for path in datastore.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        for name in frame.columns:
            texts = [text for text in frame[name].unique() if not _is_number(text)]
            assert [text for text in texts if safe_text(text) != text] == [], (path.name, name)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_the_codebook_says_unit_direction_source_and_bounds(store: Datastore) -> None:
    fields = {field["name"]: field for field in schema(store.tables["wards"])["fields"]}
    rate = fields["income_deprived_rate"]
    assert rate["unit"] == "share" and rate["direction"] == "higher = more need"
    assert rate["constraints"] == {"minimum": 0, "maximum": 1}
    assert "deprivation" in rate["sources"]
    assert fields["population"]["type"] == "integer"
    assert fields["ward_code"]["constraints"]["unique"] is True
    for table in store.tables.values():
        assert all(entry.description and entry.unit for entry in table.entries), table.name
        assert table.leaves_out or len(table.formats) == 4


def test_the_risk_table_says_what_the_index_says(datastore: Path, store: Datastore) -> None:
    table = pd.read_parquet(datastore / "risk_index.parquet")
    assert list(table["ward_code"]) == list(store.snapshot.wards["ward_code"])
    assert set(table["tier"].dropna()) >= {"sure", "fairly sure"}
    assert table["score"].between(0, 100).sum() == table["score"].notna().sum() == 6784
    assert "link" not in table


def test_the_support_table_says_what_the_pages_say(datastore: Path) -> None:
    table = pd.read_parquet(datastore / "support.parquet").set_index("ward_code")
    assert table["grid_cell"].dropna().between(0, 8).all()
    assert (table["near_people"] <= table["residents"]).loc[table["residents"].notna()].all()
    # Hulme: all 18,984 residents live within a mile of a library.
    assert table.loc["E05011368", "near_people"] == table.loc["E05011368", "residents"] == 18_984
    assert pd.isna(table.loc[ALDGATE, "support_score"])


def test_the_edition_changes_with_the_snapshot(tmp_path: Path) -> None:
    assert edition_of(DATA).startswith(load().version)
    (tmp_path / "provenance.json").write_text("{}")
    assert edition_of(tmp_path) != edition_of(DATA)
    with pytest.raises(SnapshotError):
        edition_of(tmp_path / "nothing")


def test_an_edition_is_made_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def fake(_: Worker, work: object, data: Path, folder: Path) -> None:
        folder.mkdir()
        (folder / DESCRIPTOR).write_text("{}")
        calls.append(folder.name)

    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(Worker, "do", fake)
    assert cache.held() is None
    assert cache.made() == cache.made() == tmp_path / edition_of(DATA)
    assert calls == [f"{edition_of(DATA)}.building"]


def test_editions_that_no_server_can_serve_are_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(_: Worker, work: object, data: Path, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / DESCRIPTOR).write_text("{}")

    old = [f"0000000{n}-00000{n}" for n in range(5)]
    for age, name in enumerate(old):
        (tmp_path / name).mkdir()
        (tmp_path / name / DESCRIPTOR).write_text("{}")
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / ".00000009-000009.going").mkdir()
    for name in ("my notes", "wards-2024", f"{old[2]}.building"):
        (tmp_path / name).mkdir()
    # The previous version's edition is kept whatever its age, and so is one that is being made.
    previous = tmp_path / "previous"
    names = {previous: old[4], DATA: edition_of(DATA)}
    monkeypatch.setattr(cache, "candidates", lambda store: [DATA, previous])
    monkeypatch.setattr(cache, "edition_of", names.__getitem__)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(Worker, "do", fake)
    with (tmp_path / f".{old[3]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cache.made(DATA)
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    others = {"my notes", "wards-2024", f"{old[2]}.building"}
    assert left == {edition_of(DATA), old[0], old[3], old[4]} | others


def test_what_cannot_be_made_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "store")
    monkeypatch.setattr(worker, "ROOT", tmp_path)  # no package `atlas` there
    monkeypatch.setenv("PYTHONPATH", "")
    with pytest.raises(DatastoreError):
        cache.made()
    assert [path.name for path in (tmp_path / "store").iterdir()] == [f".{edition_of(DATA)}.lock"]


def test_without_a_home_to_write_to_a_private_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barred = tmp_path / "file"
    barred.write_text("a file, so no folder can be made below it")
    monkeypatch.delenv(cache.SETTING, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(barred))
    monkeypatch.setattr(cache.tempfile, "tempdir", str(tmp_path))
    found = cache.cache_folder.__wrapped__()
    assert found.is_dir() and found.parent == tmp_path
    monkeypatch.setenv(cache.SETTING, str(tmp_path / "mine"))
    assert cache.cache_folder.__wrapped__() == tmp_path / "mine"
