"""What people type, and what they must be led to, on the published data."""

from functools import cache

import pytest

from atlas.places.names import declared_names, read_place_names
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.places.search import Search
from tests import real_data

SNAPSHOT = real_data.snapshot()
PLACES = Places(SNAPSHOT.wards)
NAMES = read_place_names(SNAPSHOT.path("place_names.csv"))


@cache
def postcodes() -> Postcodes:
    return Postcodes.load(SNAPSHOT.path("postcodes.parquet"))


@cache
def search() -> Search:
    """The search as the pages have it: gathering the tests, all workers do without."""
    return Search(PLACES, postcodes(), NAMES)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Kent", "Kent"),
        ("Essex", "Essex"),
        ("Devon", "Devon"),
        ("Lancs", "Lancashire (county)"),
        ("Hull", "Hull"),
        ("Kingston upon Hull, City of", "Hull"),
        ("City of Bristol", "Bristol"),
        ("County of Herefordshire", "Herefordshire"),
        ("Leeds City Council", "Leeds"),
        ("London Borough of Barnet", "Barnet"),
        ("Greater London", "London"),
        ("Greater London Authority", "London"),
        ("GMCA", "Greater Manchester"),
        ("WMCA", "West Midlands (combined authority)"),
        ("BCP", "Bournemouth, Christchurch and Poole"),
        ("RBKC", "Kensington and Chelsea"),
        ("Kent County Council", "Kent"),
        ("Allerdale", "Allerdale, now Cumberland"),
        ("North of Tyne", "North of Tyne, now North East (combined authority)"),
        ("Sussex", "Sussex and Brighton"),
        ("East Surrey", "East Surrey (from 1 April 2027)"),
        # A council is called by the first part of its name, before wards and towns of that name.
        ("Kingston", "Kingston upon Thames"),
        ("Bath", "Bath and North East Somerset"),
        ("Richmond", "Richmond upon Thames"),
        ("Hammersmith", "Hammersmith and Fulham"),
        ("Newcastle", "Newcastle upon Tyne"),
        ("York", "York"),
        ("St. Helens", "St Helens"),
        ("Skegness", "Skegness: Scarbrough & Seacroft, East Lindsey"),
        ("Hebden Bridge", "Hebden Bridge: Calder, Calderdale"),
        ("Ashton-under-Lyne", "Ashton-under-Lyne: St Peter's, Tameside"),
        ("Manchster", "Manchester"),
        ("Birmingam", "Birmingham"),
    ],
)
def test_people_find_what_they_mean(typed: str, first: str) -> None:
    assert search().find(typed).hits[0].label == first


def test_a_neighbourhood_that_no_ward_is_called_after_leads_to_its_wards() -> None:
    found = search().find("Wythenshawe").hits
    assert {PLACES.trail(hit.code)[-2].name for hit in found} == {"Manchester"}
    assert {hit.name for hit in found} == {"Baguley", "Northenden", "Sharston", "Woodhouse Park"}


def test_a_name_in_two_councils_is_told_apart() -> None:
    found = [hit.label for hit in search().find("Moss Side").hits[:2]]
    assert found == ["Moss Side, Manchester", "Moss Side, South Ribble"]


def test_postcodes_are_found_alike_one_by_one_and_many_at_once() -> None:
    many = ["M155AZ", "M11AD", "M155ZZ", "AA11AA", "ZZ999ZZ", ""]
    found = [postcodes().find(each) for each in many]
    assert postcodes().wards_of(many) == [hit.ward_code if hit else None for hit in found]
    assert [bool(hit) for hit in found] == [True, True, False, False, False, False]


def test_a_postcode_sector_is_a_part_of_its_district() -> None:
    sectors = [each for each in postcodes().by_district(True) if each[0].split()[0] == "M15"]
    whole = sum(number for name, _, number in postcodes().by_district() if name == "M15")
    assert {name for name, _, _ in sectors} == {"M15 4", "M15 5", "M15 6"}
    assert sum(number for _, _, number in sectors) == whole > 500


def test_a_postcode_district_leads_to_the_wards_it_touches() -> None:
    answer = search().find("M13")
    assert {hit.name for hit in answer.hits} == {"Ardwick", "Hulme", "Longsight", "Rusholme"}
    assert answer.certain is None and "M13 touches 4 wards" in answer.message
    assert search().find("m13 9pl").certain == PLACES["E05011368"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Kent", "Medway has a council of its own and is not in it."),
        ("Merseyside", "The Liverpool City Region has Halton too."),
        ("Devon", "Plymouth and Torbay have councils of their own"),
        ("Northamptonshire", "two councils and none for the whole"),
    ],
)
def test_a_name_that_means_another_area_says_what_is_in_and_out(typed: str, words: str) -> None:
    assert words in search().find(typed).message


@pytest.mark.parametrize("typed", ["<b>", "<b", "&", "**", "''", "()", "—", "<script>"])
def test_markup_and_signs_find_nothing(typed: str) -> None:
    answer = search().find(typed)
    assert answer.hits == () and answer.message == ""


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("CF10 1AA", "is in Wales"),
        ("G1 1AA", "is in Scotland"),
        ("BT1 1AA", "is in Northern Ireland"),
        ("JE2 3AB", "is in Jersey"),
        ("NP16 5ZZ", "was not in use in England in May 2025; it may be in Wales"),
        ("M99 9ZZ", "M99 9ZZ was not in use in England in May 2025."),
        ("EH1", "is in Scotland"),
    ],
)
def test_a_postcode_that_is_not_englands_says_why(typed: str, words: str) -> None:
    answer = search().find(typed)
    assert answer.hits == () and words in answer.message


@pytest.mark.parametrize("kind", ["council", "former council", "town", "neighbourhood"])
def test_every_name_of_the_list_finds_its_place(kind: str) -> None:
    named = [name for name in NAMES if name.kind == kind]
    # Thousands of towns: every twentieth will do.
    for name in named[:: 1 if "council" in kind else 20]:
        found = {hit.code for hit in search().find(name.name, limit=1000).hits}
        assert found & set(name.places), name


def test_the_list_has_every_council_and_every_neighbourhood() -> None:
    kinds = [name.kind for name in NAMES]
    assert kinds.count("neighbourhood") == 6_856
    assert kinds.count("town") > 4_000
    led_to = {code for name in NAMES if name.kind == "council" for code in name.places}
    assert set(SNAPSHOT.wards["authority_code"]) <= led_to
    assert set(SNAPSHOT.wards["county_code"]) - {""} <= led_to
    assert all(code in PLACES for name in NAMES for code in name.places)


def test_declared_names_lead_to_places_that_exist() -> None:
    declared = declared_names()
    assert all(code in PLACES for known in declared.known_as for code in known.places)
    assert all(code in PLACES for codes in declared.successors.values() for code in codes)
    for known in declared.known_as:
        for name in known.names:
            assert search().find(name, limit=20).hits[0].code == known.places[0]
        assert all(len(said.split()) <= 25 for said in known.note.split(". "))


def test_small_areas_bear_the_name_of_their_neighbourhood() -> None:
    lsoas = SNAPSHOT.lsoas.set_index("lsoa_code")
    assert lsoas.loc["E01005246", "small_area_name"] == "Moss Side West, part D"
    letters = lsoas["lsoa_name"].str[-1]
    assert (lsoas["small_area_name"].str[-1] == letters).all()
