"""The command that fetches everything, from publishers of made-up files, and then by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from atlas.catalogue.sources import Source, declared_sources
from atlas.catalogue.vintages import PINNED, declared_vintages
from pipelines import __main__ as command_line
from pipelines.download import fetch
from tests.pipelines.published_files import (
    LIBRARY_HEADER,
    census_zip,
    declared_file,
    file_7,
    library,
    write_csv,
    write_workbook,
    write_zip,
)
from tests.pipelines.publishers.services import ROOT, Service
from tests.pipelines.publishers.web import Server, body, status

LSOAS = ["E01000001", "E01000002"]
CENSUS = ("census_age", "census_disability", "census_household_deprivation", "census_tenure")
POSTCODE_HEADER = [
    "Postcode",
    "Positional_quality_indicator",
    "Eastings",
    "Northings",
    "Country_code",
    "Admin_ward_code",
]


def made_files(sources: dict[str, Source], folder: Path) -> dict[str, Path]:
    """Write a small file for each source that is downloaded as a file."""
    made = {key: folder / sources[key].file for key in CENSUS}
    for key, path in made.items():
        columns = list(sources[key].columns[1:])
        lines = [[code, *["7"] * len(columns)] for code in LSOAS]
        census_zip(path, path.stem.removeprefix("census2021-"), columns, lines)
    for source in sources.values():
        if source.reader and source.urls and source.key not in made:
            made[source.key] = declared_file(folder / source.file, source, LSOAS)
    made["deprivation"] = file_7(folder / sources["deprivation"].file)
    made["deprivation_indicators"] = indicators(folder / sources["deprivation_indicators"].file)
    made["libraries"] = write_csv(
        folder / sources["libraries"].file, LIBRARY_HEADER, [library(), library(Name="Park")]
    )
    made["postcodes"] = write_zip(
        folder / sources["postcodes"].file,
        {
            "Doc/Code-Point_Open_Column_Headers.csv": ",".join(POSTCODE_HEADER).encode() + b"\n",
            "Data/CSV/aa.csv": b"AA1 1AA,10,400000,300000,E92000001,E05000001\n"
            b"AA1 1AB,10,400050,300000,E92000001,E05000001\n",
        },
    )
    return made


def indicators(path: Path) -> Path:
    keys = ["LSOA code (2021)"]
    return write_workbook(
        path,
        {
            "IoD25 Income Domain": [
                [*keys, "Income Domain numerator"],
                *[[code, 40] for code in LSOAS],
            ],
            "IoD25 Education Domain": [
                [*keys, "Adult skills and English language proficiency indicator"],
                *[[code, 0.3] for code in LSOAS],
            ],
            "IoD25 Barriers Domain": [
                [
                    *keys,
                    "Digital Connectivity (Broadband download and upload speeds)",
                    "Connectivity Score",
                ],
                *[[code, 0.1, 60] for code in LSOAS],
            ],
        },
    )


def row_of(source: Source, number: int) -> dict[str, str]:
    """Make one row of a service: a sound code in each column of codes, a name in the others."""
    kinds = {"LSOA": "E01", "MSOA": "E02", "WD": "E05", "LAD": "E06", "CAUTH": "E47", "RGN": "E12"}
    row = {}
    for column in source.columns:
        if column in ("x", "y"):
            continue
        kind = kinds.get(column[:-4], "E10")
        row[column] = f"{kind}{number:06d}" if column.endswith("CD") else f"Toy {number}"
    return row


def played(server: Server, folder: Path) -> dict[str, Source]:
    """Set every publisher up; return the declarations with the addresses to ask."""
    declared = declared_sources()
    files = made_files(declared, folder)
    result = {}
    for key, source in declared.items():
        urls: tuple[str, ...] = ()
        if key in files:
            urls = (f"{server.root}/{source.file}",)
            server.routes[f"/{source.file}"] = body(files[key].read_bytes())
        elif source.arcgis and not source.optional:
            service = Service(
                [row_of(source, number) for number in range(1, 7)],
                table=source.format == "csv",
                point="x" in source.columns,
            )
            service.mount(server, source.arcgis[-1])
        result[key] = replace(source, urls=urls, rows=(2, 6))
    return result


@pytest.fixture
def publishers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server() as server:
        sources = played(server, tmp_path / "publishers")
        policy = partial(
            fetch.Policy, tries=2, pause=0.01, https_only=False, arcgis_base=server.root + ROOT
        )
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        edition = replace(declared_vintages()[PINNED], sources=sources)
        monkeypatch.setattr(command_line, "declared_vintages", lambda: {PINNED: edition})
        monkeypatch.setattr(fetch, "Policy", policy)
        yield server


def needed() -> list[Source]:
    return [source for source in declared_sources().values() if not source.optional]


@pytest.mark.slow
def test_one_command_fetches_every_needed_file_with_its_record(
    publishers: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "downloads"
    assert command_line.main(["fetch", "--to", str(to)]) == 0, capsys.readouterr().err
    for source in needed():
        record = json.loads(fetch.sidecar_of(to / source.file).read_text(encoding="utf-8"))
        assert record["url"].startswith(publishers.root)
        assert record["bytes"] == (to / source.file).stat().st_size
        assert fetch.is_complete(to / source.file)
    assert [path for path in to.rglob(".*")] == []


@pytest.mark.slow
def test_a_second_run_asks_for_nothing_that_is_there(publishers: Server, tmp_path: Path) -> None:
    to = tmp_path / "downloads"
    keys = [source.key for source in needed()]
    assert command_line.main(["fetch", *keys, "--to", str(to)]) == 0
    publishers.asked.clear()
    assert command_line.main(["fetch", *keys, "--to", str(to)]) == 0
    assert publishers.asked == []


def test_what_a_publisher_refuses_is_had_by_hand(
    publishers: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "downloads"
    source = declared_sources()["libraries"]
    publishers.routes[f"/{source.file}"] = status(403)
    arguments = ["fetch", "libraries", "--to", str(to)]
    assert command_line.main(arguments) == 1
    said = capsys.readouterr().err
    assert "refuses scripts" in said
    assert source.page in said
    assert str(to / source.file) in said
    by_hand = tmp_path / "publishers" / source.file
    assert command_line.main([*arguments, "--file", str(by_hand)]) == 0
    assert (to / source.file).read_bytes() == by_hand.read_bytes()


def test_one_failure_does_not_keep_the_others_back(
    publishers: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "downloads"
    sources = declared_sources()
    publishers.routes[f"/{sources['census_age'].file}"] = status(404)
    keys = ["census_age", "census_tenure"]
    assert command_line.main(["fetch", *keys, "--to", str(to)]) == 1
    printed = capsys.readouterr()
    assert "census_age (not fetched)" in printed.err
    assert "1 of 2 files" in printed.out
    assert (to / sources["census_tenure"].file).is_file()
    assert not (to / sources["census_age"].file).exists()
