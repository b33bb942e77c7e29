"""What the content checks report: all faults at once, with the place of each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.catalogue.sources import declared_sources
from pipelines.download import fetch
from pipelines.download.content import faults, faults_in_csv, is_keyed
from pipelines.readers.fields import normalised
from tests.pipelines.publishers import contents as made

TEXT_KEY = made.source(key="toy")  # no reader is tried on it


def written(folder: Path, content: bytes) -> Path:
    path = folder / "arrived"
    path.write_bytes(content)
    return path


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    rows = made.table()[:-3]
    rows[2][0] = rows[1][0]
    rows[4][1] = "{{ 7 }}"
    rows[6] = ["a footnote"]
    found = faults_in_csv(written(tmp_path, made.text(rows)), TEXT_KEY)
    assert len(found) == 4
    assert any("repeated" in fault and "E01000000" in fault for fault in found)
    assert any("code in them" in fault and "line 5" in fault for fault in found)
    assert any("number of cells" in fault and "line 7" in fault for fault in found)
    assert any("37 rows where 40 are expected" in fault for fault in found)


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    path = written(tmp_path, made.text(made.table(["LSOA", *made.HEADER[1:], *made.SCORES])))
    (fault,) = faults_in_csv(path, TEXT_KEY)
    assert "'LSOA code (2021)'" in fault
    assert "it has: LSOA, LSOA name (2021)" in fault


def test_the_row_range_includes_both_ends(tmp_path: Path) -> None:
    path = written(tmp_path, made.good())
    assert faults(path, made.source(rows=(40, 50))) == []
    assert faults(path, made.source(rows=(30, 40))) == []
    assert "41 to 50" in faults(path, made.source(rows=(41, 50)))[0]


def test_a_column_of_places_may_repeat(tmp_path: Path) -> None:
    rows = [["Name", "Postcode"], *[["Castle", "M1 1AD"]] * 3]
    libraries = made.source(key="toy", columns=("Name", "Postcode"), rows=(3, 3))
    assert faults(written(tmp_path, made.text(rows)), libraries) == []


@pytest.mark.parametrize(
    ("column", "keyed"),
    [
        ("LSOA21CD", True),
        ("WD24CD", True),
        ("geography code", True),
        ("LSOA code (2021)", True),
        ("Reporting service", False),
        ("Postcode", False),
        ("output_area", False),
    ],
)
def test_which_first_columns_are_keys(column: str, keyed: bool) -> None:
    assert is_keyed(made.source(columns=(column,))) is keyed


def test_headers_are_compared_without_case_spaces_or_suffix() -> None:
    said = normalised(" Age:  Total; measures: Value\n")
    assert said == normalised("age: total") == "age: total"


@pytest.mark.parametrize("place", [[10.0, 53.0], [-12.0, 53.0], [-2.0, 40.0], [-2.0, 62.0]])
def test_outlines_lie_in_britain_on_each_side(place: list[float], tmp_path: Path) -> None:
    shape = {"type": "Point", "coordinates": place}
    path = written(tmp_path, made.outlines(geometry=shape))
    (fault,) = faults(path, made.outlines_source())
    assert "1 features outside Britain" in fault


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400), kind=st.sampled_from(["csv", "geojson", "zip", "xlsx"]))
def test_no_bytes_at_all_make_the_checks_fail_otherwise_than_by_a_fault(
    content: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = written(tmp_path_factory.mktemp("bytes"), content)
    assert faults(path, made.source(format=kind))


@settings(max_examples=100, deadline=None)
@given(
    make=st.sampled_from([made.zip_of, made.nested, made.workbook]),
    cut=st.floats(0, 1, exclude_max=True),
)
def test_no_zip_that_was_cut_off_is_sound(
    make: Callable[[], bytes], cut: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = make()
    path = written(tmp_path_factory.mktemp("cut"), content[: int(len(content) * cut)])
    kind = made.workbook_source() if make is made.workbook else made.zip_source()
    assert faults(path, kind)


@pytest.mark.mirror
@pytest.mark.parametrize("key", declared_sources())
@pytest.mark.slow
def test_the_publishers_own_files_are_sound(key: str, mirror: Path) -> None:
    source = declared_sources()[key]
    path = mirror / source.file
    if path.is_file():
        assert fetch.faults(path, source) == []
    else:
        assert source.optional
