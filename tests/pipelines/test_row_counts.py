from dataclasses import replace
from pathlib import Path

import pytest

from atlas.catalogue.sources import declared_sources
from atlas.snapshot.snapshot import load
from pipelines import row_counts
from tests.pipelines import published_files as files


def test_a_line_break_inside_a_cell_is_not_a_row(tmp_path: Path) -> None:
    rows = [files.library(**{"Address 1": "Medical Centre\nHigh Street"}), files.library()]
    path = files.write_csv(tmp_path / "l.csv", files.LIBRARY_HEADER, rows)
    assert row_counts.published_rows(path, declared_sources()["libraries"]) == 2


def test_a_census_zip_counts_the_small_area_member(tmp_path: Path) -> None:
    rows = [["E01000001", 1], ["W01000001", 2]]
    path = files.census_zip(tmp_path / "c.zip", "ts007a", ["Age: Total"], rows)
    assert row_counts.published_rows(path, declared_sources()["census_age"]) == 2


@pytest.mark.parametrize(("count", "bad"), [(1, True), (2, False), (3, False), (4, True)])
def test_a_file_cut_short_is_a_fault(count: int, bad: bool) -> None:
    source = replace(declared_sources()["libraries"], rows=(2, 3))
    found = row_counts.faults({"libraries": count}, {"libraries": source})
    assert bool(found) == bad


def test_the_manifest_gives_each_publishers_own_count() -> None:
    rows = {key: source["rows"] for key, source in load().provenance["sources"].items()}
    assert rows["libraries"] == 3_539
    assert rows["postcodes"] == 1_743_449
    assert rows["census_age"] == 35_672
    assert rows["broadband_msoa"] == 8_623
