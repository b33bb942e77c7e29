"""Tables and templates that the Atlas gives come back, unchanged or with a column added."""

from datetime import datetime

import pandas as pd
import pytest

from atlas.catalogue.columns import columns_of, declared_columns
from atlas.datastore.audit import TEMPLATE, Audit, local_assets, read_local, template
from atlas.files.spreadsheets import Field, Sheet, field_of, to_csv, to_xlsx
from atlas.uploads.check_file import Surroundings, report_of
from atlas.uploads.reading.extract import Choices
from atlas.uploads.reading.process import read_upload
from atlas.uploads.report import Report
from atlas.uploads.venues import VENUE_COLUMNS
from tests.sampling import sampled
from views.session.snapshot import atlas
from views.your_data.open_file import surroundings

MANCHESTER = "E08000003"
MADE = datetime(2026, 11, 28)


@pytest.fixture(scope="module")
def around() -> Surroundings:
    return surroundings()


def brought(data: bytes, kind: str, around: Surroundings, **choices: dict) -> Report:
    read = read_upload(data, kind, Choices(**choices))  # type: ignore[arg-type]
    return report_of(read, around, MANCHESTER)


def ward_table() -> tuple[pd.DataFrame, list[Field]]:
    shared = atlas().snapshot
    fields = [field_of(column) for column in columns_of("wards")]
    return shared.wards.iloc[atlas().places.positions(MANCHESTER)], fields


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize(
    "column", sampled(["population", "disabled_rate", "library_distance_km"], 3)
)
def test_a_ward_table_comes_back(column: str, added: bool, around: Surroundings) -> None:
    frame, fields = ward_table()
    data = to_csv(frame, fields)
    if added:
        frame = frame.assign(**{"My own remarks": "seen"})
        extra = [*fields, Field("My own remarks", "My own remarks", "text")]
        data = to_csv(frame, extra)
    report = brought(data, "figures", around, roles={column: "figure"})
    assert not report.problem and not report.refused and len(report.kept) == len(frame)
    rows = atlas().places.positions(MANCHESTER)
    assert report.wards[rows] == pytest.approx(frame[column].to_numpy(), abs=1e-9)


@pytest.mark.slow
def test_a_workbook_of_ours_comes_back_by_its_table(around: Surroundings) -> None:
    frame, fields = ward_table()
    about = {"Title": "Wards of Manchester", "Attribution": "\n".join(["x" * 600] * 3)}
    data = to_xlsx([Sheet("Wards", fields, frame)], about, MADE)
    report = brought(data, "figures", around, roles=_role_of(data, "residents"))
    assert report.read.sheet == "Wards" and len(report.kept) == len(frame)


def _role_of(data: bytes, word: str) -> dict[str, str]:
    """The figure's role for the first column whose heading has a word."""
    headings = [column.heading for column in read_upload(data, "figures").columns]
    return {next(h for h in headings if word in h.casefold()): "figure"}


@pytest.mark.slow
def test_the_table_of_libraries_comes_back_as_places(around: Surroundings) -> None:
    libraries = atlas().snapshot.libraries
    ours = libraries[libraries["authority_name"].str.startswith("Manchester")]
    fields = [field_of(column) for column in columns_of("libraries")]
    report = brought(to_csv(ours, fields), "places", around)
    is_open = ours[ours["open"] == "true"]
    assert not report.problem and len(report.venues) >= 0.9 * len(is_open)
    assert {venue.name for venue in report.venues} <= set(ours["library_name"])
    closed = set(ours.loc[ours["year_closed"].notna(), "library_name"]) - set(
        is_open["library_name"]
    )
    assert closed.isdisjoint(venue.name for venue in report.venues)


@pytest.mark.parametrize("workbook", [False, True])
def test_the_template_of_places_comes_back(workbook: bool, around: Surroundings) -> None:
    row = {each["heading"]: each["example"] for each in VENUE_COLUMNS.values()}
    frame = pd.DataFrame([row | {"Name": "Zion Centre"}])
    fields = [Field(heading, heading, "text") for heading in row]
    data = to_csv(frame, fields)
    if workbook:
        data = to_xlsx([Sheet("Places", fields, frame)], {"Title": "Template"}, MADE)
    report = brought(data, "places", around)
    assert [venue.name for venue in report.venues] == ["Zion Centre"] and not report.problems


def test_the_blank_template_of_the_audit_comes_back() -> None:
    audit = Audit(atlas().snapshot, atlas().places)
    frame = template(audit.authorities(MANCHESTER))
    frame.loc[0, "Held? (yes, partly, no)"] = "yes"
    fields = [Field(heading, heading, "text") for heading in TEMPLATE]
    data = to_csv(frame, fields)
    report = read_local(read_upload(data, "template").table(), atlas().places)
    assert len(report.answers) == 1 and report.blank == len(local_assets()) - 1


def test_a_withheld_count_of_ours_stays_withheld(around: Surroundings) -> None:
    code = atlas().snapshot.wards["ward_code"].iloc[atlas().places.positions(MANCHESTER)[0]]
    field = Field("learners", "Learners", "people", floor=5)
    frame = pd.DataFrame({"ward_code": [code], "learners": [3.0]})
    data = to_csv(frame, [field_of(declared_columns()["ward_code"]), field])
    assert b"fewer than 5" in data
    report = brought(
        data, "figures", around, roles={"learners": "figure"}, units={"learners": "people"}
    )
    assert report.kept[0].value is None and report.examples[0].endswith("“fewer than 5”.")
