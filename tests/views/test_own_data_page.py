"""Your own data, as a visitor brings it: held for their visit, shown beside the rest, forgotten."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from atlas.catalogue.columns import measures
from atlas.risk.uploaded_components import part_key
from tests.atlas.uploads.files import csv, workbook
from tests.views.test_pages import HULME, MANCHESTER, fine, gone_on, html, opened
from views.session.snapshot import atlas

PAGE = "your_data"
PLACES = csv(
    "Name,Postcode,Type,Email",
    "Hub <b>one</b>,M15 5AZ,Community centre,",
    "Corner Café,M15 5AZ,,jo@example.org",
    "Nowhere,ZZ1 1ZZ,,",
)


def bring(app: AppTest, key: str, data: bytes, name: str = "mine.csv") -> AppTest:
    box = next(box for box in app.file_uploader if str(box.key).startswith(key))
    box.set_value((name, data, "text/csv")).run()
    assert not app.exception, app.exception
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def figures(app: AppTest, *lines: str, label: str = "Learners") -> AppTest:
    bring(app, "own_figures", csv(*lines))
    box = next(box for box in app.text_input if str(box.key).startswith("own_label"))
    box.set_value(label)
    return press(app, "Add this measure")


def wards_of(place: str) -> list[str]:
    rows = atlas().places.positions(place)
    return list(atlas().snapshot.wards["ward_code"].iloc[rows])


def lead(app: AppTest) -> str:
    return next(b.proto.body for b in app.get("html") if "class='atlas-lead'" in b.proto.body)


def text_of(app: AppTest) -> str:
    """What the page's own pieces of HTML say, without style sheets."""
    blocks = [block.proto.body for block in app.get("html")]
    return " ".join(body for body in blocks if "<style" not in body and "@media" not in body)


def manchester() -> list[str]:
    return ["ward code,learners", *(f"{c},{n}" for n, c in enumerate(wards_of(MANCHESTER)))]


def test_the_page_opens_with_nothing_held() -> None:
    app = opened(PAGE)
    fine(app)
    assert "You have not added any data." in html(app)
    forget = next(button for button in app.button if button.label == "Forget my data")
    assert forget.disabled


def test_places_are_looked_at_then_held_and_forgotten() -> None:
    app = bring(opened(PAGE), "own_places", PLACES)
    said = html(app)
    assert "1 row will be kept; 2 will not." in said and "not yet added" in said
    assert "Corner Café" in said and "<b>one</b>" not in said
    assert "Contact details are never read" in said
    assert "ZZ1 1ZZ was not in use in England" in said
    press(app, "Add this place")
    assert "1 place is held, from mine.csv, brought on" in html(app)
    assert "Hulme, Manchester" in html(app) and "jo@example.org" not in html(app)
    gone_on(app, "map")
    pills = next(box for box in app.button_group if box.label == "Also show on the map")
    assert "Your own places" in pills.options
    pills.set_value(["yours"]).run()
    fine(app)
    gone_on(app, PAGE)
    press(app, "Forget my data")
    assert "You have not added any data." in html(app) and "Corner Café" not in html(app)


def test_a_file_that_cannot_be_used_says_what_to_do_and_the_next_one_works() -> None:
    app = bring(opened(PAGE), "own_places", b"%PDF-1.7")
    assert "PDF" in app.error[0].value and "upload" in app.error[0].value
    bring(app, "own_places", workbook(("name", "postcode"), ("Hall", "M15 5AZ")), "x.xlsx")
    assert not app.error and "1 row will be kept." in html(app)


def box(app: AppTest, label: str) -> Selectbox:
    return next(box for box in app.selectbox if box.label == label)


def test_a_role_the_heading_row_and_a_filter_can_be_changed_before_anything_is_added() -> None:
    lines = ["Learners by ward", "ward code,sex,a,b"]
    lines += [f"{HULME},F,7,9", f"{HULME},M,8,10"]
    app = bring(opened(PAGE), "own_figures", csv(*lines))
    assert box(app, "a").value == "figure" and box(app, "b").value == "ignore"
    # Neither sex is a total, so nothing is taken until one is chosen.
    assert box(app, "Rows where sex is").value is None and "gets" not in html(app)
    box(app, "Rows where sex is").select("F").run()
    assert "gets 7 people" in html(app)
    box(app, "b").select("figure").run()
    assert "gets 9 people" in html(app) and box(app, "a").value == "ignore"
    box(app, "Rows where sex is").select("M").run()
    assert "gets 10 people" in html(app)
    app.number_input[0].set_value(1).run()
    assert "will be kept" in html(app) and not app.exception
    press(app, "Close this file")
    assert "You have not added any data." in html(app)


def test_a_file_whose_columns_changed_since_last_time_says_so() -> None:
    app = bring(opened(PAGE), "own_figures", csv("ward code,learners", f"{HULME},7"))
    press(app, "Close this file")
    bring(app, "own_figures", csv("ward code,members", f"{HULME},7"))
    assert "new: “members”; gone: “learners”" in app.warning[0].value.replace("\\", "")


@pytest.mark.slow
def test_figures_become_a_measure_on_map_list_and_profile() -> None:
    app = figures(opened(PAGE), *manchester())
    assert "32 of 32 rows used. From your own file (mine.csv, brought on" in html(app)
    assert "4 wards have a count from 1 to 4." in html(app)
    gone_on(app, "map", place=MANCHESTER, measure="own_1")
    fine(app)
    assert app.title[0].value == "Learners, wards of Manchester"
    assert "your own file (mine.csv, brought on" in html(app)
    # The file ends at Manchester's boundary, so it says nothing of England.
    assert "Manchester has 500 learners." in html(app) and "of England" not in lead(app)
    app.query_params["ward"] = wards_of(MANCHESTER)[-1]
    app.run()
    assert "Highest of 32 wards in Manchester</li>" in html(app)
    assert "32 wards in England" not in html(app)
    del app.query_params["ward"]
    app.selectbox(key="table_order").select("Lowest first").run()
    # Four wards, on the page's part of the table and in the whole one for paper.
    assert html(app).count(">fewer than 5<") == 2 * 4
    [mine] = app.session_state["yours"].measures
    gone_on(app, "ward_list", order=part_key(mine))
    fine(app)
    assert "In order of learners." in html(app) and ">31<" in html(app)
    app.query_params["ward"] = HULME
    gone_on(app, "my_area")
    fine(app)
    assert "Learners" in html(app)
    assert "own_1" not in [column.name for column in measures()]


def test_another_visitor_sees_nothing_of_it() -> None:
    figures(bring(opened(PAGE), "own_places", PLACES), *manchester())
    other = opened(place=MANCHESTER, measure="own_1")
    assert "somebody’s own data" in other.warning[0].value.replace("\\", "")
    assert other.title[0].value.startswith("Overall risk")
    assert "You have not added any data." in html(opened(PAGE))
    assert "own_1" not in atlas().snapshot.wards


def test_a_name_in_code_is_refused_and_the_file_stays_open() -> None:
    app = figures(opened(PAGE), *manchester(), label="{{ 7*7 }}")
    assert "plain words" in app.error[0].value
    assert "1 file is open and not yet added" in html(app)


def test_a_file_whose_measure_is_added_is_closed() -> None:
    app = figures(opened(PAGE), *manchester())
    assert "You have added 1 measure." in html(app) and "Look before" not in html(app)


def test_a_removed_measure_is_gone_and_its_name_is_not_given_again() -> None:
    app = figures(opened(PAGE), *manchester())
    app.button(key="drop_own_1").click().run()
    assert "Learners" not in html(app)
    figures(app, *manchester())
    assert app.button(key="drop_own_2").label == "Remove"


def test_how_an_open_file_was_read_is_said() -> None:
    app = bring(opened(PAGE), "own_figures", csv("ward code;v", f"{HULME};7"))
    assert "separated by semicolons" in html(app) and "{" not in text_of(app)


def test_people_in_a_file_are_refused_and_nothing_is_kept() -> None:
    app = bring(opened(PAGE), "own_figures", csv("postcode,surname,v", "M15 5AZ,Smith,1"))
    assert "about people" in app.error[0].value
    assert "You have not added any data." in html(app)


def test_an_operator_can_take_the_page_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = tmp_path / "closed.toml"
    closed.write_text("[uploads]\nallowed = false\n")
    monkeypatch.setenv("ATLAS_SERVING", str(closed))
    app = opened(PAGE)
    assert app.title[0].value == "Postcode check"
    assert app.segmented_control[0].options == ["Postcode check", "Saved work"]
    assert not app.file_uploader and not gone_on(app, "saved_work").file_uploader
