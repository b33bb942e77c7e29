"""The risk list, the postcode check and the method, opened through app.py as a visitor would."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from atlas.risk.method import declared_method
from atlas.risk.request import RiskRequest
from tests.views.test_pages import fine, gone_on, html, opened
from views.cached import risk
from views.session.snapshot import atlas

LIST, CHECK, METHOD = (
    "ward_list",
    "postcodes",
    "method",
)
GM, MANCHESTER, SALFORD = "E47000001", "E08000003", "E08000006"


@pytest.fixture(scope="module", autouse=True)
def _the_standard_list_is_tested() -> None:
    """A browser asks for the tests a second after the list; here they are run beforehand."""
    risk.tested(RiskRequest())


def lead(app: AppTest) -> str:
    found = re.search(r"<p class='atlas-lead'[^>]*>(.*?)</p>", html(app))
    assert found
    return found.group(1)


def test_the_sentence_names_place_base_people_and_how_firm() -> None:
    app = opened(LIST, place=GM)
    fine(app)
    assert app.title[0].value == "Ward list, Greater Manchester compared with England"
    text = lead(app)
    assert re.match(r"The ten wards of Greater Manchester with the highest risk, of 215\.", text)
    assert re.search(r"[\d,]+0 people live in them, .* of the residents of Greater Man", text)
    assert re.search(r"All are in the highest fifth of England: all fairly sure\.", text)
    assert "pockets of high risk outside these ten wards." in text
    # The place that the list gives a ward is one of those it may have.
    ranges = re.findall(r"(\d+)(?:st|nd|rd|th) to (\d+)(?:st|nd|rd|th) here", html(app))
    assert len(ranges) == 10
    assert all(int(low) <= place <= int(high) for place, (low, high) in enumerate(ranges, 1))


def test_a_ward_whose_council_has_newer_broadband_is_marked_in_its_row() -> None:
    # High Peak went from 20% to 85% gigabit, Manchester moved by less than 10 points.
    marked, plain = (html(opened(LIST, place=place)) for place in ("E07000037", MANCHESTER))
    assert marked.count("broadband figure out of date") == 10
    assert "broadband figure out of date" not in plain


def test_weights_stand_beside_their_influence_and_libraries_are_not_in_them() -> None:
    app = opened(LIST, place=GM)
    table = html(app).split("What each part is meant to count")[1].split("</table>")[0]
    assert re.search(r"Home connection</th><td[^>]*>14%</td><td[^>]*>7%", table)
    assert "Library" not in table
    parts = html(app).split("Weight and influence of each part and indicator")[1]
    assert "Income deprived" in parts and "Nearest library" not in parts.split("</table>")[0]


@pytest.mark.slow
def test_moving_a_weight_changes_the_list_the_sentence_and_the_address() -> None:
    app = opened(LIST, place=GM, cut="share:0.2")
    before = lead(app)
    app.slider(key="risk_home_connection").set_value(0).run()
    fine(app)
    assert "home_connection" not in app.query_params["weights"][0]
    assert lead(app) != before and " in the highest-risk fifth of England" in lead(app)
    assert app.selectbox(key="risk_preset").value == "own"
    # The list answers at once; tests of weights that nobody has set before follow.
    assert "being tested" in html(app) and " sure" not in lead(app)
    assert "Next the list is tested: how sure is each place?" in html(app)
    assert not app.get("download_button")
    risk.tested(RiskRequest(weights=(("money_and_skills", 40.0), ("age_and_health", 46.0))))
    app.run()
    assert " fairly sure" in lead(app) and "being tested" not in html(app)
    assert len(app.get("download_button")) == 3


def test_setting_the_influence_finds_the_weights() -> None:
    app = opened(LIST, place=GM, influence="money_and_skills:60,age_and_health:40")
    fine(app)
    table = html(app).split("What each part is meant to count")[1].split("</table>")[0]
    assert re.search(r"Money and skills</th><td[^>]*>\d\d%</td><td[^>]*>60%", table)


@pytest.mark.slow
def test_every_preset_opens() -> None:
    for key in declared_method().presets:
        app = opened(LIST, place=MANCHESTER, preset=key)
        fine(app)


def test_a_base_of_ones_own_is_named_in_title_and_sentence() -> None:
    app = opened(LIST, place=MANCHESTER, against=f"{MANCHESTER},{SALFORD}")
    fine(app)
    assert app.title[0].value.endswith("compared with Manchester and Salford")
    assert "in the highest fifth of Manchester and Salford" in lead(app)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"preset": "x"}, "standard one is shown"),
        ({"weights": "wealth:1"}, "left out"),
        ({"against": "E99999999"}, "left out"),
        ({"against": SALFORD, "place": MANCHESTER}, "England is used"),
        ({"cut": "top:-4"}, "usual one is shown"),
        ({"include": "<script>"}, "left out"),
    ],
)
def test_a_bad_link_says_so_and_falls_back(params: dict[str, str], words: str) -> None:
    app = opened(LIST, **{"place": MANCHESTER, **params})
    assert not app.exception and not app.error
    assert any(words in warning.value.replace("\\", "") for warning in app.warning)
    assert "<script>" not in html(app) and lead(app)


def test_a_list_by_coverage_says_where_it_is_out_of_date() -> None:
    app = opened(LIST, place="E07000224", order="gigabit_unavailable_rate")  # Arun
    said = " ".join(warning.value.replace("\\", "") for warning in app.warning)
    assert "in Arun, 38% of premises could get gigabit broadband in January 2024 and 82%" in said
    assert not app.exception
    assert not any("out of date" in w.value for w in opened(LIST, place="E07000224").warning)


def test_several_conditions_hold_at_once_and_stay_in_the_address() -> None:
    app = opened(LIST, place=GM, councils=MANCHESTER)
    app.multiselect(key="risk_reaching").set_value(["age_75_plus_rate", "near_library_rate"]).run()
    assert app.number_input(key="risk_reaching_age_75_plus_rate").label.endswith("at least (%)")
    app.number_input(key="risk_reaching_age_75_plus_rate").set_value(4.5).run()
    app.selectbox(key="risk_order").set_value("age_75_plus_rate").run()
    fine(app)
    kept = {key: app.query_params[key] for key in ("councils", "reaching", "order")}
    limits = dict(part.split(":") for part in str(kept["reaching"]).split(","))
    assert kept["councils"] == MANCHESTER and limits["age_75_plus_rate"] == "0.045"
    wards = atlas().snapshot.wards
    inside = wards[(wards["authority_code"] == MANCHESTER) & wards["age_75_plus_rate"].ge(0.045)]
    inside = inside[inside["near_library_rate"] <= float(limits["near_library_rate"])]
    names = inside.sort_values("age_75_plus_rate", ascending=False)["ward_name"]
    text = html(app)
    assert 0 < len(names) < 10 and all(f"{name}</a>" in text for name in names)


def test_an_empty_list_says_why_and_what_to_do() -> None:
    app = opened(LIST, place=MANCHESTER, cut="people:10")
    fine(app)
    assert "No ward of Manchester meets these conditions." in lead(app)
    assert "larger share" in app.info[0].value.replace("\\", "")


def test_a_ward_on_the_list_says_why_and_what_would_take_it_off() -> None:
    app = opened(LIST, place=GM, cut="share:0.2")
    text = html(app)
    assert "live in wards where it is lower" in text and "(England " in text
    assert "It is in the highest fifth in" in text and "of all weightings" in text
    assert "small areas" in text


def test_names_to_choose_from_are_written_as_they_are() -> None:
    # The boxes show text as it is: a sign put before "&" for Markdown would be seen.
    app = opened(LIST, place="E08000003")
    app.run()
    assert "Miles Platting & Newton Heath, Manchester" in app.selectbox(key="risk_why").options
    briefing = opened("briefing", place="E06000022")
    assert "Bath and North East Somerset" in briefing.multiselect(key="brief_places").options
    boxes = [*app.selectbox, *app.multiselect, *briefing.multiselect]
    assert not [text for box in boxes for text in box.options if "\\" in text]


def test_groups_carry_their_honesty_and_a_warning_that_they_overlap() -> None:
    text = html(opened(LIST, place=GM))
    assert "Never add them up" in text and "Not measurable locally" in text
    assert "How not to use it" in text and "Do not set targets" in text


def test_an_allocation_adds_up_under_every_rule() -> None:
    app = opened(LIST, place=GM)
    app.toggle(key="risk_divide").set_value(True).run()
    fine(app)
    body = html(app).split("500 divided to the last unit")[1].split("</table>")[0]
    rows = [re.findall(r"<td[^>]*>([\d,]+)</td>", row) for row in body.split("<tr>")[2:]]
    *wards, total = [[int(number.replace(",", "")) for number in row] for row in rows]
    assert len(wards) > 3 and total == [500, 500, 500]
    assert [sum(row[k] for row in wards) for k in range(3)] == total


def checked(app: AppTest, text: str) -> None:
    app.text_area[0].set_value(text)
    next(button for button in app.button if button.label == "Check postcodes").click().run()


def test_pasted_postcodes_become_wards_and_nothing_is_kept_in_the_address() -> None:
    app = opened(CHECK)
    fine(app)
    checked(app, "M1 1AD\nOX1 1BX\nnonsense\nZZ1 1ZZ")
    fine(app)
    text = html(app)
    assert "2 postcodes found in 2 wards. None is in a ward of England" in text
    assert "One is in a ward without data." in text and ">Deansgate</a>" in text
    assert "“nonsense” is not a full postcode." in text and "ZZ1 1ZZ" in text
    assert "M1" not in str(dict(app.query_params))
    checked(app, "nonsense")
    fine(app)
    assert "None of these postcodes was found" in html(app)


def test_the_method_is_drawn_from_the_declaration() -> None:
    app = opened(METHOD)
    fine(app)
    text = html(app)
    for component in declared_method().components.values():
        assert component.label in text
    for preset in declared_method().presets.values():
        assert preset.label in text
    assert "Digital Exclusion Risk Index" in text and "−0.34" in text
    assert "not the probability" in text


def test_no_page_says_what_must_not_be_said_of_areas() -> None:
    for page in (LIST, CHECK, METHOD):
        text = html(opened(page, place=GM)).lower()
        for word in ("worst ward", "left behind", "digitally excluded ward", "no-go"):
            assert word not in text


def test_a_page_of_standard_weights_says_so_where_the_list_uses_others() -> None:
    app = opened(LIST, place=MANCHESTER, weights="money_and_skills:1")
    gone_on(app, "compare")
    fine(app)
    assert "Standard weights: your list and map use others." in html(app)
    app.button(key="standard_weights").click().run()
    fine(app)
    assert "Standard weights: your list" not in html(app)
    assert "Standard weights: your list" in html(
        opened("compare", place=MANCHESTER, preset="people_only")
    )
    assert "Standard weights: your list" not in html(opened("compare", place=MANCHESTER))
