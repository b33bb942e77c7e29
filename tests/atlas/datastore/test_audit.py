"""The audit: what is held of each dataset for each council, and what a filled-in template adds."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from atlas.catalogue.declarations import DeclarationError
from atlas.datastore.audit import (
    TEMPLATE,
    Audit,
    Holding,
    age_in_words,
    local_assets,
    read_local,
    template,
)
from atlas.places.places import Places
from atlas.snapshot.snapshot import load
from atlas.uploads.reading.table import RefusedError, Row, Table

MANCHESTER, CITY, GREATER_MANCHESTER = "E08000003", "E09000001", "E47000001"
SNAPSHOT = load()
PLACES = Places(SNAPSHOT.wards)
AUDIT = Audit(SNAPSHOT, PLACES)


def test_every_measure_belongs_to_one_dataset() -> None:
    names = [column.name for dataset in AUDIT.datasets for column in dataset.columns]
    assert len(names) == len(set(names))
    assert {"income_deprived_rate", "age_75_plus_rate", "near_library_rate"} <= set(names)


def test_gaps_are_counted_over_all_england() -> None:
    table = AUDIT.table("E92000001")
    assert len(table) == 296 * len(AUDIT.datasets)
    small = table[table["counted"] == "small areas"]
    for _, part in small.groupby("dataset"):
        assert part["of"].sum() == 33_755
    # The manifest names five small areas whose count of income-deprived residents is withheld.
    assert table["withheld"].sum() == len(
        SNAPSHOT.provenance["findings"]["small_areas_with_withheld_income_count"]
    )
    libraries = table[table["counted"] == "libraries"]
    counted = (SNAPSHOT.libraries["counts_for_access"] == "true") & (
        SNAPSHOT.libraries["ward_code"] != ""
    )
    assert libraries["of"].sum() == counted.sum()
    assert table["coverage"].dropna().between(0, 1).all()
    assert (table["gaps"] == table["of"] - table["known"] + table["withheld"]).all()


def test_a_council_s_wards_are_graded_by_fit() -> None:
    fit = AUDIT.fit(CITY)
    wards = SNAPSHOT.wards[SNAPSHOT.wards["authority_code"] == CITY]
    assert sum(fit.values()) == len(wards) == 25
    assert fit["none"] == 20


def test_a_figure_that_is_missing_is_a_gap() -> None:
    lsoas = SNAPSHOT.lsoas.copy()
    at = np.flatnonzero((lsoas["authority_code"] == MANCHESTER).to_numpy())[:2]
    rates = lsoas["age_75_plus_rate"].to_numpy(copy=True)
    rates[at] = np.nan
    broken = Audit(replace(SNAPSHOT, lsoas=lsoas.assign(age_75_plus_rate=rates)), PLACES)
    dataset = next(d for d in broken.datasets if d.source.key == "census_age")
    found = broken.holding(dataset, MANCHESTER)
    assert found.gaps == 2 and found.in_words == f"2 gaps of {found.of}"
    assert AUDIT.holding(dataset, MANCHESTER).in_words == "complete"
    assert found.share < 1


@pytest.mark.parametrize(
    ("known", "of", "withheld", "words"),
    [(0, 0, 0, "none here"), (0, 4, 0, "not held"), (4, 4, 0, "complete"), (4, 4, 1, "1 gap of 4")],
)
def test_a_holding_is_said_in_words(known: int, of: int, withheld: int, words: str) -> None:
    assert Holding(MANCHESTER, known, of, withheld, 1.0).in_words == words


def test_age_is_said_in_years_and_months() -> None:
    assert age_in_words(date(2021, 3, 21), date(2026, 11, 24)) == "5 years 8 months"
    assert age_in_words(date(2026, 11, 1), date(2026, 11, 24)) == "under a month"


def filled(**changes: str) -> Table:
    frame = template(AUDIT.authorities(MANCHESTER))
    first = {"Held? (yes, partly, no)": "partly", "Title": "Hubs list", **changes}
    for heading, text in first.items():
        frame.loc[0, heading] = text
    rows = tuple(Row(n, tuple(map(str, row))) for n, row in enumerate(frame.to_numpy(), 2))
    return Table(tuple(frame.columns), rows)


def test_the_template_asks_every_council_for_every_kind() -> None:
    frame = template(AUDIT.authorities(GREATER_MANCHESTER))
    assert list(frame.columns) == list(TEMPLATE)
    assert len(frame) == 10 * len(local_assets())
    assert (frame["Held? (yes, partly, no)"] == "").all()


def test_an_answer_joins_and_a_blank_stays_unknown() -> None:
    report = read_local(filled(), PLACES)
    [answer] = report.answers
    assert (answer.authority, answer.asset, answer.held) == (MANCHESTER, "help_places", "partly")
    assert answer.title == "Hubs list"
    assert report.blank == len(local_assets()) - 1 and report.problems == ()


def test_not_held_is_an_answer() -> None:
    [answer] = read_local(filled(**{"Held? (yes, partly, no)": "No"}), PLACES).answers
    assert answer.held == "no"


@pytest.mark.parametrize(
    ("heading", "text", "words"),
    [
        ("Council code", "E99999999", "not the code of a council"),
        ("Council code", "E05011368", "not the code of a council"),
        ("Data", "Shoe sizes", "not one of the kinds"),
        ("Held? (yes, partly, no)", "maybe", "not an answer"),
        ("Owner (a team)", "jo@example.org", "an email address"),
        ("Notes", "x" * 200, "longer than"),
    ],
)
def test_a_wrong_row_is_named_and_left_out(heading: str, text: str, words: str) -> None:
    report = read_local(filled(**{heading: text}), PLACES)
    assert report.answers == ()
    [problem] = report.problems
    assert problem.row == 2 and words in problem.what and problem.do
    assert "jo@example.org" not in problem.what


def test_a_table_without_its_columns_is_refused() -> None:
    with pytest.raises(RefusedError, match="There is no column “Data”"):
        read_local(Table(("Council code",), ()), PLACES)


def test_a_repeated_row_is_named() -> None:
    table = filled()
    twice = Table(table.headings, (*table.rows, Row(99, table.rows[0].cells)))
    assert [p.row for p in read_local(twice, PLACES).problems] == [99]


def test_an_incomplete_declaration_is_refused() -> None:
    with pytest.raises(DeclarationError):
        local_assets("[x]\nlabel = 'a'\nwhy = ''\nask = 'c'")
