"""The page that sets places side by side, as a visitor uses it."""

from tests.views.test_pages import HULME, MANCHESTER, fine, html, opened

PAGE = "compare"


def test_a_ward_stands_beside_its_council_and_england() -> None:
    app = opened(PAGE, ward=HULME, measure="income_deprived_rate")
    fine(app)
    assert "25% in Hulme, Manchester; 38% in Manchester; 23% in England" in html(app)
    assert "Wards most like Hulme, Manchester" in html(app)


def test_places_come_from_the_address_and_unknown_ones_are_left_out() -> None:
    app = opened(PAGE, place=MANCHESTER, **{"with": "E08000035.E99999999"})
    fine(app)
    assert "in Manchester; " in html(app) and "in Leeds" in html(app)
    # Two councils: totals say something.
    assert "Residents aged 75 and over" in html(app)


def test_a_place_is_added_by_search_and_taken_away() -> None:
    app = opened(PAGE, place=MANCHESTER, **{"with": "E08000035"})
    app.text_input(key="compare_search").input("Cornwall").run()
    adding = next(button for button in app.button if button.label.startswith("Add Cornwall"))
    adding.click().run()
    fine(app)
    assert app.query_params["with"] == "E08000035.E06000052"
    assert "in Cornwall" in html(app)
    app.button(key="away_E08000035").click().run()
    assert app.query_params["with"] == "E06000052"
    fine(app)


def test_taking_all_away_says_what_to_do() -> None:
    app = opened(PAGE, place=MANCHESTER, **{"with": "E08000035"})
    app.button(key="away_E08000035").click().run()
    fine(app)
    assert "Add a place to stand beside Manchester" in html(app)


def test_a_council_is_offered_the_councils_that_are_like_it() -> None:
    app = opened(PAGE, place="E08000016")
    fine(app)
    text = html(app)
    assert "Councils in England most like Barnsley" in text
    assert "compare?place=E08000016&amp;with=E08000036" in text
    assert "Councils in England most like" not in html(opened(PAGE, place="E12000001"))
