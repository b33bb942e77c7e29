import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.places.search import Search, area_and_ward, plain
from tests.toys.wards import code, toy_wards


def toy_postcodes() -> Postcodes:
    rows = [("AB11AA", ""), ("M11AD", code(2)), ("M11AE", "E05999999"), ("SY11AA", code(8))]
    return Postcodes(
        pa.table(
            {
                "postcode": [postcode for postcode, _ in rows],
                "ward_code": [ward for _, ward in rows],
                "east_50m": [100] * 4,
                "north_50m": [200] * 4,
            }
        )
    )


@pytest.fixture(scope="module")
def search() -> Search:
    wards = toy_wards()
    return Search(Places(wards), toy_postcodes())


@pytest.mark.parametrize("typed", ["M1 1AD", "m11ad", " m1  1ad ", "M1-1AD"])
def test_a_postcode_opens_its_ward_however_it_is_typed(search: Search, typed: str) -> None:
    answer = search.find(typed)
    assert answer.certain is not None
    assert answer.certain.code == code(2)
    assert answer.message == "M1 1AD is in Hulme, Alton."


def test_wards_that_share_a_name_are_all_listed_with_their_council(search: Search) -> None:
    answer = search.find("castle", limit=1)
    assert [hit.label for hit in answer.hits] == ["Castle, Alton", "Castle, Brigg"]
    assert answer.certain is None
    assert answer.message == "2 wards are called Castle:"


def test_a_council_beside_the_name_picks_one(search: Search) -> None:
    assert [hit.code for hit in search.find("castle brigg").hits] == [code(4)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("alton", "Alton"),
        ("north", "North"),
        ("northsh", "Northshire"),
        ("st anns", "St. Ann's"),
        ("Saint Ann's", "St. Ann's"),
        ("park and elm", "Park & Elm"),
        ("elm", "Park & Elm"),
        ("eng", "England"),
        ("HULM", "Hulme"),
        ("Hullme", "Hulme"),
        ("Mil Hil", "Mill Hill"),
        ("Northshrie", "Northshire"),
        ("parkk", "Park & Elm"),
    ],
)
def test_names_are_found_by_prefix_word_and_near_spelling(
    search: Search, typed: str, first: str
) -> None:
    assert search.find(typed).hits[0].name == first


def test_a_gss_code_is_certain(search: Search) -> None:
    answer = search.find("e08000001")
    assert answer.certain is not None and answer.certain.name == "Alton"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("EH1 1AA", "is in Scotland. The Atlas covers England only."),
        ("M99 9ZZ", "was not in use in England in May 2025."),
        ("M1 1AE", "is in no ward that the Atlas knows"),
        ("AB1 1AA", "is in no ward that the Atlas knows"),
        ("M1 1", "Type the whole postcode"),
        ("xyzzyq", "No town, ward, council or region in England has that name"),
    ],
)
def test_where_nothing_is_found_the_message_says_why_and_what_to_do(
    search: Search, typed: str, words: str
) -> None:
    answer = search.find(typed)
    assert answer.hits == ()
    assert words in answer.message


def test_an_empty_box_says_nothing(search: Search) -> None:
    for typed in ("", "   ", "!?"):
        answer = search.find(typed)
        assert answer.hits == () and answer.message == ""


def test_a_ward_opens_inside_its_council() -> None:
    places = Places(toy_wards())
    assert area_and_ward(places, places[code(4)]) == ("E08000002", code(4))
    assert area_and_ward(places, places["E12000001"]) == ("E12000001", "")


def test_accents_punctuation_and_case_do_not_count() -> None:
    assert plain("  St. Ann’s & Élan-Valley ") == "st anns and elan valley"


@given(st.text(max_size=80))
def test_no_text_makes_the_search_fail(typed: str) -> None:
    wards = toy_wards()
    answer = Search(Places(wards), toy_postcodes()).find(typed)
    assert len(answer.message) < 300
