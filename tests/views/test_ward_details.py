"""What My area and the map's card say of wards where something is withheld or not known."""

import re

import pytest
import streamlit as st

from atlas.catalogue.columns import measure_named
from atlas.places.places import ENGLAND
from atlas.text.numbers import percent
from atlas.ward.sentences import withheld_sentence
from views.map.ward_card import card_html
from views.my_area.measures import measures
from views.session.snapshot import atlas

pytestmark = pytest.mark.slow
HULME, ST_MARYS = "E05011368", "E05011093"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All HTML that is drawn."""
    drawn: list[str] = []
    monkeypatch.setattr(st, "html", drawn.append)
    return drawn


def card(ward: str) -> str:
    places, wards = atlas().places, atlas().snapshot.wards
    return card_html(places[ward], measure_named("risk_score"), places[ENGLAND], 50, wards)


def test_nothing_is_said_of_libraries_where_the_service_did_not_report(shown: list[str]) -> None:
    measures(ST_MARYS)
    said = re.sub("<[^>]+>", "", " ".join(shown))
    assert "library service did not report" in said and "2,060 residents" in said
    assert not re.search("% of residents live|Beyond that live|has .* support within", said)
    assert "earest open library" in card(HULME) and "earest open library" not in card(ST_MARYS)


def test_a_count_that_is_withheld_for_some_small_areas_says_so(shown: list[str]) -> None:
    wards = atlas().snapshot.wards.set_index("ward_code")["income_suppressed_areas"]
    for ward, number in ((wards.index[wards == 1][0], 1), (HULME, 0)):
        assert wards[ward] == number
        shown.clear()
        measures(ward)
        said = " ".join(shown).count("withheld for one small area")
        assert said == number == bool(withheld_sentence(number))


def test_a_count_that_differs_from_its_rate_says_why_beside_it(shown: list[str]) -> None:
    wards = atlas().snapshot.wards
    apart = wards["income_deprived_people"] / wards["population"] - wards["income_deprived_rate"]
    most = apart.abs().idxmax()
    measures(str(wards["ward_code"][most]))
    share = percent(float(wards["income_deprived_people"][most] / wards["population"][most]))
    assert f"The count is {share} of Census residents" in " ".join(shown)
    shown.clear()
    measures(str(wards["ward_code"][apart.abs().idxmin()]))
    assert "of Census residents" not in " ".join(shown)
