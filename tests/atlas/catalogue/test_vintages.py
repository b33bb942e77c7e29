"""Editions of wards: what changes with them, and that nothing of another year slips in."""

from datetime import date

import pytest

from atlas.catalogue.declarations import DeclarationError
from atlas.catalogue.sources import declared_sources
from atlas.catalogue.vintages import PINNED, declared_vintages, vintage_of, year_of

TOY = """
[may_2024]
title = "May 2024"
year = "24"
areas = {}
recoded = {}

[may_2030]
title = "May 2030"
year = "30"
areas = { wards = 4 }
recoded = {}
sources.ward_hierarchy = { vintage = "May 2030" }
"""


def test_a_source_is_old_once_a_newer_edition_should_be_there() -> None:
    libraries = declared_sources()["libraries"]  # of December 2023, renewed within 24 months
    assert not libraries.is_old(date(2025, 12, 31)) and libraries.is_old(date(2026, 1, 1))
    assert not declared_sources()["ward_boundaries"].is_old(date(2099, 1, 1))


def test_the_pinned_edition_has_the_declared_sources() -> None:
    assert dict(declared_vintages()[PINNED].sources) == declared_sources()


@pytest.mark.parametrize("key", declared_vintages())
def test_every_ward_file_of_an_edition_is_of_its_own_year(key: str) -> None:
    edition = declared_vintages()[key]
    warded = ("ward_boundaries", "ward_boundaries_fine", "lsoa_to_ward", "ward_hierarchy")
    assert {year_of(edition.sources[name]) for name in warded} == {edition.year}
    assert {edition.sources[name].vintage for name in warded} == {edition.title}
    files = [source.file for source in edition.sources.values()]
    assert len(files) == len(set(files))


def test_a_newer_edition_renames_the_columns_of_its_own_year_alone() -> None:
    edition = declared_vintages(TOY)["may_2030"]
    columns = edition.sources["ward_hierarchy"].columns
    assert columns[:3] == ("WD30CD", "WD30NM", "LAD30CD") and "RGN30NM" in columns
    assert edition.sources["ward_hierarchy"].geography == "WD30"
    assert edition.sources["combined_authorities"].columns[0] == "LAD25CD"
    assert edition.sources["census_age"] == declared_sources()["census_age"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TOY.replace('year = "30"', ""), "may_2030.year: this field is missing"),
        (TOY.replace("{ wards = 4 }", "{ towns = 4 }"), "'towns' are not counted"),
        (
            TOY.replace('vintage = "May 2030"', 'colour = "red"'),
            "hierarchy.colour: there is no",
        ),
    ],
)
def test_an_edition_that_makes_no_sense_is_refused(text: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        declared_vintages(text)


def test_a_snapshot_says_its_edition_by_its_manifest() -> None:
    manifest = {"sources": {"ward_hierarchy": {"geography": "WD25"}}}
    assert vintage_of(manifest).title == "May 2025"
    manifest["sources"]["ward_hierarchy"]["geography"] = "WD99"
    with pytest.raises(ValueError, match="WD99"):
        vintage_of(manifest)
