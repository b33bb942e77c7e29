import re
from urllib.parse import quote

import pandas as pd
import pytest

from atlas.catalogue.declarations import DeclarationError
from atlas.places.areas import day_in_words, declared_areas
from atlas.places.places import Places
from atlas.snapshot.snapshot import load

SNAPSHOT = load()
PLACES = Places(SNAPSHOT.wards)
OWN = {code: area for code, area in declared_areas().items() if area.councils}

# Residents of 21 March 2021, added up from the Census table TS007A by council.
RESIDENTS = {
    "cheshire-and-warrington": 966_950,
    "sussex-and-brighton": 1_705_637,
    "hampshire-and-the-solent": 1_998_192,
    "greater-essex": 1_860_063,
    "norfolk-and-suffolk": 1_676_857,
    "cumbria": 499_920,
    "east-surrey": 545_716,
    "west-surrey": 657_288,
}


def test_the_areas_are_those_that_exist_or_are_to_come() -> None:
    kinds = pd.Series([area.kind for area in declared_areas().values()]).value_counts()
    assert kinds.to_dict() == {
        "county": 21,
        "combined authority": 21,
        "region": 9,
        "future council": 2,
    }
    assert all(code in PLACES for code in declared_areas())
    named = {place.code for place in PLACES.areas() if place.kind not in ("country", "authority")}
    assert named == set(declared_areas())


@pytest.mark.parametrize("code", list(declared_areas()))
def test_the_residents_of_an_area_are_those_of_its_councils(code: str) -> None:
    rows = PLACES.positions(code)
    councils = set(SNAPSHOT.wards["authority_code"].iloc[rows])
    people = SNAPSHOT.lsoas.groupby("authority_code")["population"].sum()
    assert SNAPSHOT.wards["population"].iloc[rows].sum() == people[sorted(councils)].sum()
    assert RESIDENTS.get(code, people[sorted(councils)].sum()) == people[sorted(councils)].sum()
    assert declared_areas()[code].councils in ((), tuple(sorted(councils)))


def test_counties_hold_a_third_of_england_and_no_council_twice() -> None:
    counties = [c for c, area in declared_areas().items() if area.kind == "county"]
    rows = [row for code in counties for row in PLACES.positions(code)]
    assert len(rows) == len(set(rows))
    assert SNAPSHOT.wards["population"].iloc[rows].sum() == 19_262_372


def test_areas_of_today_and_of_tomorrow_do_not_share_a_council_of_one_kind() -> None:
    surrey = {*OWN["east-surrey"].councils, *OWN["west-surrey"].councils}
    assert surrey == {p.code for p in PLACES.children("E10000030")}
    combined = [p for p in PLACES.areas() if p.kind == "combined authority"]
    rows = [row for place in combined for row in PLACES.positions(place.code)]
    assert len(rows) == len(set(rows))


def test_codes_of_our_own_are_safe_and_unlike_those_of_ons() -> None:
    assert len(OWN) == 8
    for code in OWN:
        assert quote(code, safe="") == code
        assert not re.search(r"[A-Z0-9]", code)


@pytest.mark.parametrize(
    ("code", "label", "standing"),
    [
        ("E10000016", "Kent", "in force since 1 April 1974"),
        ("E47000018", "Lancashire (combined authority)", "in force since February 2025"),
        (
            "sussex-and-brighton",
            "Sussex and Brighton",
            "in force since March 2026, first mayor May 2028",
        ),
        ("greater-essex", "Greater Essex (proposed)", "proposed: to come, not yet confirmed"),
        ("east-surrey", "East Surrey (from 1 April 2027)", "from 1 April 2027"),
    ],
)
def test_each_area_says_whether_it_is_in_force(code: str, label: str, standing: str) -> None:
    assert (PLACES[code].label, PLACES[code].standing) == (label, standing)


def test_the_way_down_goes_by_county_and_by_what_is_in_force() -> None:
    def way(code: str) -> list[str]:
        return [place.name for place in PLACES.trail(code)]

    assert way("E07000105") == ["England", "South East", "Kent", "Ashford"]
    assert way("E06000043") == ["England", "Sussex and Brighton", "Brighton and Hove"]
    assert way("east-surrey") == ["England", "South East", "Surrey", "East Surrey"]
    held = [place.label for place in PLACES.containing("E07000207")]
    assert held == ["Surrey", "South East", "England"]
    assert [place.name for place in PLACES.containing("sussex-and-brighton")] == [
        "South East",
        "England",
    ]
    assert [place.name for place in PLACES.children("east-surrey")] == [
        "Elmbridge",
        "Epsom and Ewell",
        "Mole Valley",
        "Reigate and Banstead",
        "Tandridge",
    ]


def _declared(code: str = "two-towns", **changed: object) -> str:
    entry = {
        "name": "Two Towns",
        "kind": "future council",
        "law": "An Order",
        "status": "to come",
        "since": "2027-04-01",
        "councils": ["E07000001", "E07000002"],
    } | changed
    lines = [f"{name} = {value!r}" for name, value in entry.items() if value is not None]
    return "\n".join([f'["{code}"]', *lines, ""])


def test_a_sound_declaration_is_read() -> None:
    assert declared_areas(_declared())["two-towns"].councils == ("E07000001", "E07000002")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_declared(councils=["E07000001", "E07000001"]), "a council stands twice"),
        (_declared() * 2, "cannot be read"),
        (_declared("E10000099"), "the code does not have the form"),
        (_declared("two towns"), "the code does not have the form"),
        (_declared(councils=None), "the code does not have the form"),
        (_declared(kind="parish"), "two-towns.kind"),
        (_declared(status="agreed"), "two-towns.status"),
        (_declared(since=None), "no day is given"),
        (_declared(since="2027-13"), "two-towns.since"),
        (_declared(law=None), "two-towns.law: this field is missing"),
        (_declared(mayors="2027"), "two-towns.mayors: there is no such field"),
    ],
)
def test_a_declaration_that_cannot_be_right_is_refused(text: str, words: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(words)):
        declared_areas(text)


def test_days_and_months_are_written_out() -> None:
    assert day_in_words("2027-04-01") == "1 April 2027"
    assert day_in_words("2027-05") == "May 2027"
