"""Who gains and who loses by a scenario: by hand on a line of small areas, and in Manchester."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from atlas.access.catchments import catchments
from atlas.access.distance import EVERYONE, library_venues, residents_in
from atlas.access.sentences import what_if_sentence
from atlas.planning.equality import (
    GROUPS,
    NOT_COUNTED,
    NOT_IN_DATA,
    NOT_KNOWN,
    Paper,
    equality_paper,
    equality_table,
)
from atlas.planning.scenario import Scenario, cohort_changes, side_of, venues_after
from atlas.text.numbers import people
from tests import real_data
from tests.atlas.access.test_support_score import areas
from tests.atlas.planning.test_scenario import ALL, HALL, sides

MANCHESTER = "E08000003"
COUNTS = ["total", "before", "after", "gained", "lost"]


def made(scenario: Scenario) -> pd.DataFrame:
    table = equality_table(cohort_changes(*sides(scenario), areas(), ALL))
    return table[table["cohort"] != ""].set_index("cohort")


def test_each_group_is_counted_before_and_after() -> None:
    table = made(Scenario((HALL,), ("bob",)))
    assert table.loc[EVERYONE, COUNTS].tolist() == [5000, 3000, 3000, 1000, 1000]
    assert table.loc["age_75_plus", "lost"] == 300
    assert table.loc[EVERYONE, ["share_before", "share_after"]].tolist() == [0.6, 0.6]


def test_a_group_without_a_count_is_listed_and_never_zero() -> None:
    table = made(Scenario((HALL,)))
    assert list(table.index[: len(GROUPS)]) == list(GROUPS)
    none = table.loc["social_rented"]
    assert none["counted"] == NOT_IN_DATA and none[COUNTS].isna().all()
    whole = equality_table(cohort_changes(*sides(Scenario((HALL,))), areas(), ALL))
    assert set(NOT_COUNTED) <= set(whole["group"][whole["counted"] == NOT_IN_DATA])


def test_where_no_small_area_is_known_nothing_is_counted() -> None:
    changes = cohort_changes(*sides(Scenario((HALL,))), areas(), ~ALL)
    line = equality_table(changes).iloc[0]
    assert line["counted"] == NOT_KNOWN and np.isnan(line[COUNTS].astype(float)).all()


@pytest.fixture(scope="module")
def closing() -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Brooklands Library closes: the tables of Manchester and of the rest, and its catchment."""
    snapshot, places = real_data.scorer().snapshot, real_data.scorer().places
    residents, venues = residents_in(snapshot), library_venues(snapshot.libraries)
    at = next(n for n, v in enumerate(venues) if v.name == "Brooklands Library")
    before = side_of(snapshot.wards, residents, venues)
    left = venues_after(Scenario(closed=(venues[at].venue_id,)), venues)
    after = side_of(snapshot.wards, residents, left, before.table)
    codes = snapshot.wards["ward_code"].iloc[places.positions(MANCHESTER)]
    inside = np.isin(residents.ward_codes, codes)
    here, rest = (
        equality_table(cohort_changes(before, after, residents, part)) for part in (inside, ~inside)
    )
    return here, rest, catchments(residents, venues).iloc[at]


def test_the_table_agrees_with_the_catchment_of_the_library(
    closing: tuple[pd.DataFrame, pd.DataFrame, pd.Series],
) -> None:
    here, rest, alone = closing
    counted = here["cohort"][here["total"].notna()]
    assert set(GROUPS) <= set(counted)
    for at, cohort in counted.items():
        lost = here["lost"][at] + rest["lost"][at]
        assert lost == pytest.approx(alone[f"loses_{cohort}"])
        changed = here["before"][at] + here["gained"][at] - here["lost"][at]
        assert here["after"][at] == pytest.approx(changed)
        assert 0 <= here["lost"][at] <= here["before"][at] <= here["total"][at] + 1e-6


def test_what_is_closed_and_not_counted_is_no_change(
    closing: tuple[pd.DataFrame, pd.DataFrame, pd.Series],
) -> None:
    place, table = real_data.scorer().places[MANCHESTER], closing[0]
    changes = table[table["cohort"] != ""]
    assert "Nothing changes" in what_if_sentence(place, 0, 0, changes, uncounted=2)
    assert "Nothing is changed yet" in what_if_sentence(place, 0, 0, changes)
    assert "one library closed" in what_if_sentence(place, 0, 1, changes, uncounted=2)


def paper_of(table: pd.DataFrame) -> tuple[str, str]:
    places = real_data.scorer().places
    changes = table[table["cohort"] != ""].assign(twice_before=0.0, twice_after=0.0)
    sentence = what_if_sentence(places[MANCHESTER], 0, 1, changes)
    link = "https://atlas.example.org/help_nearby?tab=what_if&place=E08000003"
    paper = Paper(
        "Manchester",
        sentence,
        ("Closed: <b>Brooklands</b>",),
        "within a mile",
        ("A note",),
        link,
        "v1",
        date(2026, 11, 28),
    )
    assert b"QR code" not in equality_paper(table, replace(paper, link="?tab=what_if"))
    many = replace(paper, link="", changes=tuple(f"Closed: L{n}." for n in range(9)))
    text = equality_paper(table, many).decode()
    assert "Closed: L8." in text and "too long for a link: keep its file" in text
    assert not re.search("QR code|link below|These figures again", text)
    return equality_paper(table, paper).decode(), sentence


def test_the_paper_says_the_headline_the_groups_and_what_to_add(
    closing: tuple[pd.DataFrame, pd.DataFrame, pd.Series],
) -> None:
    here, _, _ = closing
    text, sentence = paper_of(here)
    lost = here["lost"][0]
    assert people(lost) == "9,520" and f"{people(lost)} residents" in sentence
    assert sentence in text and f"<td class='number'>{lost:,.0f}</td>" in text
    assert "What you must add" in text and all(name in text for name in NOT_COUNTED)
    assert "<b>Brooklands" not in text and "28 November 2026, data version v1" in text
    assert "Arts Council England" in text and "QR code of the link" in text
    assert "help_nearby?tab=what_if&amp;place=E08000003" in text
    assert "Residents at risk" not in text
    assert not re.search(r"<(script|link|iframe)|src='(?!data:)", text)
