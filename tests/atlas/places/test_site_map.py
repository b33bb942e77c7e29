"""Nine doors, and every address that once led to a page leads to what it showed."""

from urllib.parse import parse_qsl

import pytest

from atlas.places.site_map import DOORS, at, link, now_at
from tests.servers import ROOT

# Each page of the first site, and where what it showed is now.
OLD = {
    "ward_map": ("map", "map"),
    "ward_profile": ("my_area", "my_area"),
    "ward_sheets": ("my_area", "my_area"),
    "compare": ("compare", "compare"),
    "risk_list": ("ward_list", "ward_list"),
    "libraries": ("help_nearby", "help_nearby"),
    "what_if": ("help_nearby", "what_if"),
    "where_next": ("help_nearby", "where_next"),
    "postcodes": ("your_data", "postcodes"),
    "briefing": ("briefing", "briefing"),
    "first_100_days": ("briefing", "first_100_days"),
    "sources": ("data_and_method", "data_and_method"),
    "audit": ("data_and_method", "audit"),
    "open_data": ("data_and_method", "datastore"),
    "method": ("data_and_method", "method"),
    "accessibility": ("data_and_method", "accessibility"),
    "own_data": ("your_data", "your_data"),
}


def opened(address: str) -> tuple[str, str]:
    """The door and the tab that an address opens."""
    path, _, query = address.partition("?")
    given = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    door, tab = at(path, given.get("tab", ""))
    return door.address, tab.key


def test_what_was_a_tab_of_my_area_opens_my_area() -> None:
    assert opened("my_area?tab=measures&ward=E05011368") == ("my_area", "my_area")


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_an_older_address_leads_to_what_it_showed_with_all_that_it_says(
    old: str, new: tuple[str, str]
) -> None:
    said = "place=E47000001&weights=money%3A2"
    there = now_at(old, said) or f"{old}?{said}"
    assert opened(there) == new and there.endswith(said)
    assert now_at(there.partition("?")[0], there.partition("?")[2]) is None


def test_every_page_of_the_first_site_is_among_the_older_addresses() -> None:
    tabs = [tab for door in DOORS for tab in door.tabs]
    known = {tab.key for tab in tabs} | {old for tab in tabs for old in tab.was}
    first = {*OLD, "targeting_list"}
    assert len(first) == 18 and first <= known
    # All else that is said to be older was a tab of My area.
    assert {old for tab in tabs for old in tab.was} - first == {"measures"}


def test_the_first_page_was_the_map_and_its_links_still_open_it() -> None:
    assert now_at("", "place=E47000001&measure=risk_score") == (
        "map?place=E47000001&measure=risk_score"
    )
    assert now_at("", "") is None and now_at("", "embed=true") is None


def test_a_list_by_one_measure_is_a_list_in_its_order() -> None:
    old = "place=E47000001&measure=age_75_plus_rate&until=5000&only=E08000001.E08000003"
    there = now_at("targeting_list", f"{old}&limit=0.09&people=2000&fit=fair.good")
    assert there is not None and there.startswith("ward_list?")
    assert dict(parse_qsl(there.partition("?")[2])) == {
        "place": "E47000001",
        "measure": "age_75_plus_rate",
        "order": "age_75_plus_rate",
        "cut": "people:5000",
        "councils": "E08000001,E08000003",
        "reaching": "age_75_plus_rate:0.09,population:2000",
        "rests": "fair",
    }
    assert now_at("targeting_list", "place=E08000003") == "ward_list?place=E08000003&cut=top%3A20"


def test_there_are_nine_doors_each_with_its_script() -> None:
    assert [door.name for door in DOORS] == [
        *("Start", "My area", "Map", "Ward list", "Help nearby"),
        *("Compare", "Briefing", "Your data", "Data and method"),
    ]
    for door in DOORS:
        assert (ROOT / door.script).is_file()
    scripts = {door.script for door in DOORS}
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/*/*.py")} == scripts
    assert all(len((ROOT / script).read_text().splitlines()) <= 60 for script in scripts)


def test_a_tab_is_in_the_address_unless_it_is_the_first() -> None:
    assert link("help_nearby", {"ward": "E05011368"}) == "help_nearby?ward=E05011368"
    assert link("where_next") == "help_nearby?tab=where_next"
    assert at("help_nearby", "shoe_size")[1].key == "help_nearby"
    with pytest.raises(KeyError):
        at("shoe_size")
