"""Reading one member of somebody else's zip, and refusing the zips that nobody honest makes."""

import io
import zipfile
from pathlib import Path

import pytest

from pipelines.download.archives import (
    ArchiveError,
    Ceilings,
    NoSuchMemberError,
    faults_in_zip,
    members,
    open_member,
    walk,
)
from tests.pipelines.publishers import contents as made


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def ofcom(tmp_path: Path) -> Path:
    """A zip in a zip, named as Ofcom names them."""
    inner = made.packed([("202507_fixed_oa_coverage_r01.csv", b"output_area\nE00000001\n")])
    outer = made.packed(
        [
            ("202507_fixed_coverage_r01/202507_fixed_oa_coverage_r01.zip", inner),
            ("202507_fixed_coverage_r01/202507_fixed_laua_coverage_r01.csv", b"laua\n"),
        ]
    )
    return written(tmp_path / "ofcom.zip", outer)


def test_a_member_is_found_by_its_name(ofcom: Path) -> None:
    with open_member(ofcom, r"fixed_laua_coverage_r0?\d+\.csv$") as file:
        assert file.read() == b"laua\n"


def test_a_member_of_a_zip_in_the_zip_is_found(ofcom: Path) -> None:
    with open_member(ofcom, r"fixed_oa_coverage_r0?\d+\.csv$") as file:
        assert file.read() == b"output_area\nE00000001\n"


def test_a_zip_five_deep_is_not_followed(tmp_path: Path) -> None:
    content = made.packed([("deep.csv", b"a")])
    for _ in range(5):
        content = made.packed([("next.zip", content)])
    with pytest.raises(NoSuchMemberError):
        open_member(written(tmp_path / "deep.zip", content), r"deep\.csv$")


def test_no_such_member_is_a_lookup_error_that_names_the_pattern(ofcom: Path) -> None:
    with pytest.raises(LookupError, match="fixed_pc"):
        open_member(ofcom, r"fixed_pc")


def test_a_member_outside_an_inner_zip_is_the_one_that_is_meant(tmp_path: Path) -> None:
    inner = made.packed([("x.csv", b"inner")])
    path = written(tmp_path / "both.zip", made.packed([("a.zip", inner), ("x.csv", b"outer")]))
    assert open_member(path, r"x\.csv$").read() == b"outer"


def test_two_members_of_the_wanted_name_are_not_chosen_between(tmp_path: Path) -> None:
    path = written(tmp_path / "two.zip", made.packed([("a/x.csv", b"1"), ("b/x.csv", b"2")]))
    with pytest.raises(ArchiveError, match="a/x.csv, b/x.csv"):
        open_member(path, r"x\.csv$")


def test_members_leaves_folders_out(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.mkdir("Data")
        archive.writestr("Data/a.csv", b"1")
    assert members(written(tmp_path / "folders.zip", file.getvalue())) == ["Data/a.csv"]


def test_walk_gives_every_match_with_the_path_through_the_zips(ofcom: Path) -> None:
    found = {name.rsplit("/", 1)[-1]: file.read() for name, file in walk(ofcom, r"\.csv$")}
    assert found == {
        "202507_fixed_oa_coverage_r01.csv": b"output_area\nE00000001\n",
        "202507_fixed_laua_coverage_r01.csv": b"laua\n",
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: made.zip_of("../evil.csv"), "leads elsewhere"),
        (lambda: made.zip_of("a/../../evil.csv"), "leads elsewhere"),
        (lambda: made.zip_of("\\evil.csv"), "leads elsewhere"),
        (lambda: made.zip_of("/evil.csv"), "leads elsewhere"),
        (lambda: made.zip_of("C:/evil.csv"), "leads elsewhere"),
        (made.link, "symbolic link"),
        (made.twice_named, "same name"),
        (made.encrypted, "encrypted"),
        (made.bomb, "packed into"),
        (made.many_members, "20,000 members"),
        (lambda: b"PK\x03\x04 and no more", "not a readable zip"),
        (lambda: b"", "not a readable zip"),
    ],
)
def test_a_dangerous_zip_gives_nothing_at_all(content, says: str, tmp_path: Path) -> None:
    path = written(tmp_path / "bad.zip", content())
    with pytest.raises(ArchiveError, match=says):
        members(path)
    # Not even the harmless member beside the dangerous one.
    with pytest.raises(ArchiveError, match=says):
        open_member(path, r"scores\.csv$")
    assert says in faults_in_zip(path)[0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["bad.zip"]


def test_two_dots_inside_a_name_lead_nowhere(tmp_path: Path) -> None:
    path = written(tmp_path / "dots.zip", made.zip_of("v1..2 final.csv"))
    assert "v1..2 final.csv" in members(path)


@pytest.mark.parametrize("content", [made.bad_crc, made.lying_size])
def test_a_damaged_member_is_an_archive_error(content, tmp_path: Path) -> None:
    path = written(tmp_path / "bad.zip", content())
    with pytest.raises(ArchiveError, match="scores.csv"):
        open_member(path, r"scores\.csv$")
    assert "damaged" in faults_in_zip(path)[0]


def test_a_zip_inside_may_not_be_a_bomb_either(tmp_path: Path) -> None:
    path = written(tmp_path / "b.zip", made.zip_of("inner.zip", made.bomb()))
    with pytest.raises(ArchiveError, match="packed into"):
        open_member(path, r"zeros\.csv$")


def test_ceilings_count_members_and_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "ok.zip", made.packed([("a.csv", b"x" * 900), ("b.csv", b"y")]))
    assert faults_in_zip(path) == []
    assert "2 members" in faults_in_zip(path, Ceilings(members=1))[0]
    assert "901 bytes" in faults_in_zip(path, Ceilings(total_bytes=900))[0]
    assert faults_in_zip(path, Ceilings(total_bytes=901)) == []
