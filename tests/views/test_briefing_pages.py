"""The briefing, its presenter mode, and skills and 100 days, opened through app.py."""

import re
from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from atlas.briefing.area import area_of
from atlas.briefing.html import map_html
from atlas.briefing.skills import skills_of
from atlas.places.places import ENGLAND
from atlas.risk.request import RiskRequest
from tests.atlas.briefing.recomputed import recompute, traced_tables
from tests.atlas.briefing.test_briefing import CORNWALL, FIVE, GM, same
from tests.sampling import sampled
from tests.views.test_pages import fine, gone_on, html, opened
from views.cached import briefings, risk

BRIEFING, DAYS = "briefing", "first_100_days"


def downloads(app: AppTest) -> dict[str, bool]:
    return {button.proto.label: button.proto.disabled for button in app.get("download_button")}


@pytest.mark.parametrize("place", sampled(FIVE, 5))
def test_the_screen_says_all_that_a_briefing_says(place: str) -> None:
    app = opened(BRIEFING, place=place)
    fine(app)
    text, made = html(app), briefings.whole((place,))
    for headline in made.headlines:
        assert headline.large.shown in text
    for ward in made.wards:
        assert ward.tier in ("sure", "fairly sure", "could change")
    assert "Six questions for your team" in text and "What the data cannot say" in text
    assert len(made.sites) == 3 and "Best next places" in text
    assert text.count("<caption>") >= 2 and "Where each of the" in app.expander[0].label


def test_every_number_of_the_whole_briefing_traces(place: str = GM) -> None:
    tables = traced_tables(risk.scorer())
    for number in briefings.whole((place,)).numbers():
        assert same(recompute(number.trace, tables), number.value), number.name


def test_the_pack_says_whether_an_owner_is_named() -> None:
    app = opened(BRIEFING, place=CORNWALL)
    assert downloads(app) == {"PowerPoint": False, "For paper": False}
    assert "Owner: not named" in html(app)
    app.text_input(key="brief_owner_box").input("  Ada   Lovelace ").run()
    fine(app)
    assert downloads(app) == {"PowerPoint": False, "For paper": False}
    assert "Owner: Ada Lovelace" in html(app)
    # The name is a person's: it never enters the address.
    assert "Ada" not in str(dict(app.query_params))


def test_several_places_are_briefed_together() -> None:
    app = opened(BRIEFING, places=f"{CORNWALL},E06000053")
    fine(app)
    assert app.title[0].value == "Cornwall and Isles of Scilly: risk of digital exclusion"
    app.multiselect(key="brief_places").set_value([GM]).run()
    assert app.query_params["places"] == GM
    assert app.title[0].value.startswith("Greater Manchester")


@pytest.mark.parametrize("codes", [(GM, "E47000002"), (ENGLAND,)])
@pytest.mark.slow
def test_several_places_and_england_have_next_places_too(codes: tuple[str, ...]) -> None:
    made = briefings.whole(codes)
    assert len(made.sites) == 3
    added = [site.added.value for site in made.sites]
    assert added == sorted(added, reverse=True)
    # The first is the best of all candidates, so no part of the area has a better one.
    alone = briefings.whole((GM,)).sites[0]
    assert added[0] >= alone.added.value
    tables = traced_tables(risk.scorer())
    for site in made.sites:
        assert same(recompute(site.added.trace, tables), site.added.value), site.where


@pytest.mark.slow
def test_the_weights_of_the_list_travel_to_screen_slides_and_pack() -> None:
    app = opened("ward_list", place=GM, preset="people_only")
    gone_on(app, BRIEFING)
    fine(app)
    assert app.query_params["preset"] == "people_only"
    made = briefings.whole((GM,), asked=RiskRequest("people_only"))
    text, standard = html(app), briefings.whole((GM,))
    assert "People only: money and skills 46%, age and health 54%" in text
    assert made.headlines[0].large.shown in text and standard.headlines[0].large.shown not in text
    app.button(key="brief_present").click().run()
    assert "People only: money" in html(app)
    app.button(key="present_leave").click().run()
    app.button(key="brief_standard").click().run()
    fine(app)
    assert "preset" not in app.query_params and standard.headlines[0].large.shown in html(app)


def test_a_kept_map_is_that_of_its_briefing_and_of_no_other() -> None:
    made, kept = briefings.briefing((CORNWALL,)), []
    # Other weights have other levels, and other wards to start with.
    for each, width in (
        (made, 430),
        (made, 500),
        (replace(made, levels=dict.fromkeys(made.levels, 0)), 430),
        (replace(made, wards=made.wards[:2]), 430),
        (replace(made, area=replace(made.area, name="The far west")), 430),
    ):
        kept.append(briefings.map_of(each, width, 222))
        assert kept[-1] == map_html(each, briefings.picture(each, width, 222))
    assert len(set(kept)) == len(kept)
    assert briefings.map_of(made, 430, 222) is kept[0]


def test_a_bad_selection_says_so() -> None:
    app = opened(BRIEFING, places=f"{CORNWALL},<script>", place=GM)
    assert not app.exception and len(app.warning) == 1
    assert app.title[0].value.startswith("Cornwall") and "<script>" not in html(app)


def test_presenting_goes_on_and_back_and_leaves() -> None:
    app = opened(BRIEFING, place=GM)
    app.button(key="brief_present").click().run()
    assert app.query_params["slide"] == "1"
    assert app.title[0].value == "Greater Manchester: risk of digital exclusion in 215 wards"
    # Going back from the first slide stays there, and the button keeps its focus.
    app.button(key="present_back").click().run()
    assert app.query_params["slide"] == "1"
    app.button(key="present_next").click().run()
    assert app.query_params["slide"] == "2" and "brief-huge" in html(app)
    assert "571,420" in html(app)
    # The screen reader hears which slide has come.
    [heard] = re.findall(r"aria-live='polite'>(.*?)</p>", html(app))
    assert "2 of 14" in heard and app.title[0].value in unescape(heard)
    app.button(key="present_last").click().run()
    assert app.query_params["slide"] == "14"
    app.button(key="present_first").click().run()
    assert app.query_params["slide"] == "1"
    keys = {k: app.button(key=f"present_{k}").proto.shortcut for k in ("back", "first", "last")}
    assert keys == {"back": "left", "first": "home", "last": "end"}
    app.button(key="present_leave").click().run()
    assert "slide" not in app.query_params and "Six questions" in html(app)


@pytest.mark.parametrize("text", ["0", "99", "-1", "x", "１"])
def test_a_slide_that_is_none_shows_the_nearest(text: str) -> None:
    app = opened(BRIEFING, place=GM, slide=text)
    assert not app.exception and len(app.title) == 1
    assert re.search(r"\d+ of 14: Greater Manchester", html(app))


def test_the_skills_lens_gives_rates_and_venues_and_no_headcount() -> None:
    app = opened(DAYS, place=GM)
    fine(app)
    text = html(app)
    assert (
        "27% of working-age adults have few qualifications or little English, against 24%" in text
    )
    assert "no headcount is published" in text and "Wards of Greater Manchester" in text
    numbers = briefings.maker().numbers
    lens = skills_of(numbers, area_of(numbers.places, [GM]))
    tables = traced_tables(risk.scorer())
    shown = (n for x in (*lens.councils, *lens.wards) for n in (x.rate, x.libraries, x.hours))
    for number in (*lens.said.numbers, *shown):
        assert same(recompute(number.trace, tables), number.value), number.name
    rates = [line.rate.value for line in lens.councils]
    assert rates == sorted(rates, reverse=True) and len(lens.councils) == 10


def test_a_decision_is_logged_and_the_file_waits_for_an_owner() -> None:
    app = opened(DAYS, place=CORNWALL)
    app.checkbox(key="step_champion").check().run()
    app.text_input[1].input("Open two venues <b>soon</b>")
    next(b for b in app.button if b.label == "Add to the log").click().run()
    fine(app)
    assert "Open two venues &lt;b&gt;soon&lt;/b&gt;" in html(app)
    assert app.checkbox(key="step_champion").value
    gone_on(app, "saved_work")
    assert "Cornwall: 1 step done, 1 decision logged." in html(app)
    assert downloads(app)["Save the log to a file"]
    app.text_input(key="brief_owner_box").input("Ada").run()
    assert not downloads(app)["Save the log to a file"]
