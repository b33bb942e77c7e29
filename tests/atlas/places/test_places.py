import pytest

from atlas.places.places import ENGLAND, Places, natural
from tests.toys.wards import code, toy_wards


@pytest.fixture(scope="module")
def places() -> Places:
    return Places(toy_wards())


def test_a_ward_is_named_with_its_council(places: Places) -> None:
    assert places[code(1)].label == "Castle, Alton"
    assert places[code(4)].label == "Castle, Brigg"


def test_each_area_holds_its_wards(places: Places) -> None:
    assert places.positions("E08000001").tolist() == [0, 1, 2]
    assert places.positions("E47000001").tolist() == [0, 1, 2, 3, 4]
    assert places.positions("E12000002").tolist() == [5, 6, 7]
    assert places.positions(ENGLAND).tolist() == list(range(8))


def test_the_trail_goes_by_combined_authority_and_by_region_where_there_is_none(
    places: Places,
) -> None:
    names = [place.name for place in places.trail(code(2))]
    assert names == ["England", "Northshire", "Alton", "Hulme"]
    names = [place.name for place in places.trail(code(6))]
    assert names == ["England", "South", "Calder", "Park & Elm"]
    assert [place.name for place in places.trail(ENGLAND)] == ["England"]
    assert [place.name for place in places.trail("E12000001")] == ["England", "North"]


def test_containing_gives_both_ladders(places: Places) -> None:
    names = [place.name for place in places.containing(code(2))]
    assert names == ["Alton", "Northshire", "North", "England"]
    assert [place.name for place in places.containing("E08000001")] == [
        "Northshire",
        "North",
        "England",
    ]
    assert places.containing(ENGLAND) == []


def test_a_region_is_not_said_to_lie_in_a_combined_authority_that_it_only_overlaps() -> None:
    wards = toy_wards()
    # Give the South's last authority to Northshire, which then lies in no single region.
    last = wards["authority_code"] == "E09000004"
    wards.loc[last, "combined_authority_code"] = "E47000001"
    wards.loc[last, "combined_authority_name"] = "Northshire"
    spread = Places(wards)
    assert [place.name for place in spread.containing("E47000001")] == ["England"]


def test_children_go_down_one_step(places: Places) -> None:
    assert [p.name for p in places.children(ENGLAND)] == ["Northshire", "North", "South"]
    assert [p.name for p in places.children("E12000002")] == ["Calder", "Deal"]
    assert [p.name for p in places.children("E08000001")] == ["Castle", "Hulme", "Mill Hill"]
    assert places.children(code(1)) == []


def test_places_that_share_a_name_say_what_they_are() -> None:
    wards = toy_wards()
    wards["combined_authority_name"] = wards["combined_authority_name"].replace(
        "Northshire", "North"
    )
    twins = Places(wards)
    assert twins["E47000001"].label == "North (combined authority)"
    assert twins["E12000001"].label == "North (region)"
    assert twins["E12000002"].label == "South"


def test_an_unknown_code_is_not_a_place(places: Places) -> None:
    assert "E99999999" not in places
    with pytest.raises(KeyError):
        places["E99999999"]
    with pytest.raises(KeyError):
        places.positions("")


def test_councils_are_called_what_people_call_them() -> None:
    assert natural("Bristol, City of") == "Bristol"
    assert natural("Herefordshire, County of") == "Herefordshire"
    assert natural("Kingston upon Hull, City of") == "Hull"
    assert natural("Bournemouth, Christchurch and Poole") == "Bournemouth, Christchurch and Poole"
