"""Libraries and support, and What if: opened through app.py as a visitor would."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from atlas.access.distance import EVERYONE, Venue, ward_of
from atlas.access.next_best import next_best
from atlas.access.support_score import declared_support
from atlas.maps.click import Spot
from atlas.planning.scenario import Added, Scenario
from atlas.planning.scenario_json import from_json, to_json
from serving.settings import settings
from tests.atlas.uploads.files import held_places
from tests.views.test_pages import fine, gone_on, html, opened
from views.cached.support import support
from views.kit.html import escaped
from views.session.snapshot import atlas
from views.session.uploads import Held

LIBRARIES, WHAT_IF = "help_nearby", "what_if"
GM, MANCHESTER, HULME = "E47000001", "E08000003", "E05011368"


def lead(app: AppTest) -> str:
    found = re.search(r"<p class='atlas-lead'[^>]*>(.*?)</p>", html(app))
    assert found
    return found.group(1)


def body_of(app: AppTest, caption: str) -> str:
    """The rows of the table whose caption begins with these words."""
    found = re.search(
        rf"<caption>{re.escape(caption)}.*?<tbody>(.*?)</tbody>", html(app), re.DOTALL
    )
    assert found, caption
    return found.group(1)


def library(name: str) -> str:
    return next(venue.venue_id for venue in support().libraries if venue.name == name)


def test_the_sentence_names_place_distance_base_and_people() -> None:
    app = opened(LIBRARIES, place=GM)
    fine(app)
    assert app.title[0].value == "Help nearby, Greater Manchester"
    said = "393,680 people, 14% of residents (about one in seven; England 26%), live"
    assert said in lead(app) and "in a straight line from a library. 4 of its" in lead(app)
    assert "of its 215 wards are at high risk with little support within reach" in lead(app)


def test_the_table_says_what_the_published_wards_say() -> None:
    app = opened(LIBRARIES, place=GM)
    wards = atlas().snapshot.wards.iloc[atlas().places.positions(GM)]
    beyond = wards["population"].sum() - wards["near_library_people"].sum()
    numbers = re.findall(
        r"<td class='atlas-number'>([\d,]+)</td>", body_of(app, "Residents and households")
    )
    # Wards are published to the unit; their sum is theirs to within one a ward.
    assert int(numbers[1].replace(",", "")) == pytest.approx(beyond, abs=0.5 * len(wards))


def test_the_nine_cells_hold_all_wards_and_residents() -> None:
    app = opened(LIBRARIES, place=GM)
    cells = body_of(app, "Wards and residents of Greater Manchester by risk and support")
    wards = [int(n.replace(",", "")) for n in re.findall(r"<strong>([\d,]+)</strong>", cells)]
    people = [int(n.replace(",", "")) for n in re.findall(r"<small>([\d,]+) residents", cells)]
    assert len(wards) == 9 and sum(wards) == 215
    assert sum(people) == 2_867_846


def test_a_cell_is_listed_in_the_order_asked_for_and_kept_in_the_address() -> None:
    app = opened(LIBRARIES, place=GM)
    app.selectbox(key="grid_cell").select(2).run()
    fine(app)
    assert app.query_params["cell"] in ("2", ["2"])
    assert body_of(app, "Wards of Greater Manchester at low risk, little support")
    app.selectbox(key="grid_order").select("Least support first").run()
    rows = body_of(app, "Wards of Greater Manchester at low risk, little support").split("<tr>")[1:]
    support_ = [int(re.findall(r"atlas-number'>([\d.]+)<", row)[1]) for row in rows]
    assert support_ == sorted(support_)


def test_a_cell_without_wards_says_so() -> None:
    app = opened(LIBRARIES, place=MANCHESTER, cell="8")
    assert not app.exception
    assert "None of the wards of Manchester is at high risk, little support" in (
        app.info[0].value.replace("\\", "")
    )


@pytest.mark.slow
def test_one_library_in_full_says_who_would_lose_reach() -> None:
    chosen = library("Forum Library Wythenshawe")
    app = opened(LIBRARIES, place=MANCHESTER, library=chosen)
    fine(app)
    text = html(app)
    assert "Forum Library Wythenshawe is the nearest place for 43,650 residents" in text
    assert "34,370 residents would have no help within a mile in a straight line" in text
    assert "morning to evening" in text and "Manchester City Council" in text
    links = [link.proto.query_string for link in app.get("page_link")]
    assert any(f"close={chosen}" in link for link in links)


def test_an_unknown_library_or_cell_in_a_link_does_no_harm() -> None:
    app = opened(LIBRARIES, place=MANCHESTER, library="<script>", cell="99")
    fine(app)
    assert "<script>" not in html(app)


def test_closures_are_stated_with_care() -> None:
    app = opened(LIBRARIES)
    text = html(app)
    assert "346 of the 3,259 libraries on record in England since 2010 are reported as" in text
    assert "may be a library that moved, merged or changed hands" in text
    assert "it may have moved there" in text
    fifths = body_of(app, "Libraries of England by deprivation")
    assert fifths.index("Most deprived fifth") < fifths.index("Least deprived fifth")


def test_a_place_without_a_closure_has_no_table_of_them() -> None:
    app = opened(LIBRARIES, place="E06000044")
    fine(app)
    assert "libraries on record in Portsmouth since 2010 is reported as closed" in html(app)
    assert "Library services with libraries in" not in html(app)


def test_the_method_of_the_score_is_drawn_from_its_declaration() -> None:
    rows = unescape(body_of(opened(LIBRARIES, place=GM), "What the support score is made of"))
    for measure in declared_support().measures.values():
        assert measure.column.label in rows and measure.column.definition in rows
    shares = [float(share) for share in re.findall(r">([\d.]+)%<", rows)]
    assert shares == [25, 12.5, 12.5, 25, 12.5, 12.5]


def test_what_if_begins_with_nothing_changed() -> None:
    app = opened(WHAT_IF, place=GM)
    fine(app)
    assert "Nothing is changed yet" in lead(app)
    assert "scenario" not in app.query_params
    assert "Wards that change" not in html(app)


def test_a_place_at_a_postcode_says_who_gains_and_is_in_the_address() -> None:
    app = opened(WHAT_IF, place=GM)
    app.text_input(key="what_if_postcode").input("wn7 1aa")
    app.text_input(key="what_if_name").input("<b>Hall</b> {{7*7}}")
    app.button(key="what_if_add").click().run()
    fine(app)
    assert "With one new place" in lead(app)
    text = app.query_params["scenario"]
    scenario = from_json(text if isinstance(text, str) else text[0])
    assert len(scenario.added) == 1 and scenario.added[0].name == "<b>Hall</b> {{7*7}}"
    assert "<b>Hall" not in html(app) and "&lt;b&gt;Hall&lt;/b&gt;" in html(app)
    assert "residents live within a mile of it" in html(app)


@pytest.mark.parametrize(
    ("postcode", "words"),
    [
        ("", "Type a postcode, or choose a ward"),
        ("M1", "not a full postcode"),
        ("EH1 1AA", "covers England only"),
        ("M99 9ZZ", "not in use in England"),
    ],
)
@pytest.mark.slow
def test_a_postcode_that_cannot_be_placed_says_what_to_do(postcode: str, words: str) -> None:
    app = opened(WHAT_IF, place=GM)
    app.text_input(key="what_if_postcode").input(postcode)
    app.button(key="what_if_add").click().run()
    assert not app.exception and not app.error
    assert words in app.warning[0].value.replace("\\", "")
    assert "Nothing is changed yet" in lead(app)


@pytest.mark.slow
def test_without_a_postcode_the_place_stands_in_the_chosen_ward() -> None:
    app = opened(WHAT_IF, ward=HULME)
    submit = app.button(key="what_if_add")
    assert submit.label == "Add at the postcode, or in Hulme"
    submit.click().run()
    fine(app)
    assert "New place in Hulme" in html(app)


def test_closing_and_taking_back() -> None:
    app = opened(WHAT_IF, place=MANCHESTER)
    app.selectbox(key="what_if_close").select(library("Brooklands Library")).run()
    fine(app)
    # Of the 13,089 residents without another within a mile, 3,571 live in Trafford.
    assert "one library closed" in lead(app) and "9,520 residents would no longer be" in lead(app)
    assert "Beyond Manchester, 0 residents come into reach and 3,570 lose it" in html(app)
    app.button(key="take_back_0").click().run()
    assert "Nothing is changed yet" in lead(app) and "scenario" not in app.query_params


@pytest.mark.slow
def test_a_link_of_the_libraries_page_closes_one() -> None:
    app = opened(WHAT_IF, place=MANCHESTER, close=library("Forum Library Wythenshawe"))
    fine(app)
    assert "one library closed" in lead(app)
    assert "close" not in app.query_params and "scenario" in app.query_params


@pytest.mark.slow
def test_a_scenario_reopens_from_its_address_with_the_same_figures() -> None:
    place = Added("Hall", 366_000, 400_500, 20.0, True, True)
    text = to_json(Scenario((place,), (library("Forum Library Wythenshawe"),)), None)
    one, two = (opened(WHAT_IF, place=GM, scenario=text) for _ in range(2))
    fine(one)
    assert lead(one) == lead(two) and "34,370 residents would no longer be" in lead(one)
    rows = body_of(one, "Residents and households of Greater Manchester within a mile")
    line = re.findall(r"atlas-number'>([^<]*)<", rows.split("<tr>")[1])
    total, before, after, gained, lost = (int(re.sub(r"[^\d]", "", text) or 0) for text in line[:5])
    # Each is rounded to whole people.
    assert after == pytest.approx(before + gained - lost, abs=2) and total == 2_867_846
    assert rows == body_of(two, "Residents and households of Greater Manchester within a mile")
    moved = body_of(one, "Wards of Greater Manchester whose cell")
    # Risk does not move: before and after name the same level of risk in every row.
    for row in moved.split("<tr>")[1:]:
        cells = re.findall(r"<td>(\w+) risk", row)
        assert len(set(cells)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a scenario"),
        (to_json(Scenario(closed=("Lnone",)), None), "1 closed library is"),
        (to_json(Scenario((Added("Sea", 200_000, 650_000),)), None), "not in England"),
        ("<script>alert(1)</script>", "not JSON"),
    ],
)
@pytest.mark.slow
def test_a_bad_scenario_in_a_link_says_so(text: str, words: str) -> None:
    app = opened(WHAT_IF, place=GM, scenario=text)
    assert not app.exception and not app.error
    assert any(words in warning.value.replace("\\", "") for warning in app.warning)
    assert "Nothing is changed yet" in lead(app) and "<script>" not in html(app)


@pytest.mark.slow
def test_without_uploads_there_is_no_box_and_links_still_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(opened("saved_work", place=GM).get("file_uploader")) == 3
    now = settings()
    closed = replace(now, uploads=replace(now.uploads, allowed=False))
    monkeypatch.setattr("views.your_data.own_work.settings", lambda: closed)
    text = to_json(Scenario((Added("Hall", 366_000, 400_500),)), None)
    app = opened("saved_work", place=GM, scenario=text)
    assert not app.get("file_uploader")
    gone_on(app, WHAT_IF)
    fine(app)
    assert "With one new place" in lead(app)


@pytest.mark.slow
def test_the_scenario_stays_when_the_place_changes() -> None:
    text = to_json(Scenario((Added("Hall", 366_000, 400_500),)), None)
    app = opened(WHAT_IF, place=GM, scenario=text)
    app.selectbox(key="way_down").select("E08000010").run()
    fine(app)
    assert app.title[0].value == "What if, Wigan" and "With one new place" in lead(app)


@pytest.mark.slow
def test_the_shared_baseline_is_never_changed_by_a_scenario() -> None:
    before = support().published.table.copy()
    text = to_json(Scenario(closed=(library("Forum Library Wythenshawe"),)), None)
    opened(WHAT_IF, place=GM, scenario=text)
    assert support().published.table.equals(before)
    wards = atlas().snapshot.wards
    reported = wards["near_library_people"].notna()
    assert support().residents.people[EVERYONE].sum() == wards["population"][reported].sum()


PROFILE = "my_area"
SHOP = Venue(
    "yours-1",
    "Tech <b>Shop</b>",
    "community centre",
    383_500.0,
    396_500.0,
    staffed_hours=12.0,
    origin="yours",
    hours=(("Opening", "Mon-Fri 9-8, Sat 10-1"),),
    notes=(("wifi", "yes"),),
)


def with_own(page: str, **params: str) -> AppTest:
    """A page as a visitor sees it who brought one place of their own."""
    app = opened(page, **params)
    app.session_state["yours"] = Held(places=held_places(SHOP))
    return app.run()


@pytest.mark.slow
def test_a_visitors_own_place_counts_for_them_and_for_nobody_else() -> None:
    app = with_own(LIBRARIES, place=MANCHESTER)
    fine(app)
    assert "a library or one of your own places" in lead(app)
    assert "Tech &lt;b&gt;Shop&lt;/b&gt;</a> (yours)" in html(app)
    assert "<b>Shop" not in html(app)
    other = opened(LIBRARIES, place=MANCHESTER)
    assert "Tech" not in html(other) and "your own places" not in lead(other)
    assert SHOP not in support().published.venues


@pytest.mark.slow
def test_a_visitors_own_place_is_there_in_a_scenario() -> None:
    text = to_json(Scenario((Added("Hall", 383_500, 396_500),)), None)
    plain, own = (
        opened(WHAT_IF, place=GM, scenario=text),
        with_own(WHAT_IF, place=GM, scenario=text),
    )
    fine(own)
    alone = re.search(r"within a mile of it: (\S+) of", html(plain))
    beside = re.search(r"within a mile of it: (\S+) of", html(own))
    assert alone and beside and beside.group(1) == "none"


@pytest.mark.slow
def test_the_profile_says_what_support_is_within_reach() -> None:
    app = opened(PROFILE, ward=HULME)
    fine(app)
    text = html(app)
    row = support().published.table.iloc[atlas().places.row(HULME)]
    share = f"{row['near_share']:.0%}"
    assert f"{share} of residents live within a mile of help in a straight line" in text
    assert f"({row['support_score']:.0f} of 100;" in text
    assert "Tech" not in text
    mine = with_own(PROFILE, ward=HULME)
    fine(mine)
    assert "Tech &lt;b&gt;Shop&lt;/b&gt;" in html(mine)
    assert "Mon-Fri 9-8, Sat 10-1; wifi: yes" in html(mine)


def test_a_ward_beyond_reach_names_who_is_beyond() -> None:
    table = support().published.table
    row = table[(table["near_share"] == 0) & (table["grid_cell"] == 8)].iloc[0]
    text = html(opened(PROFILE, ward=str(row["ward_code"])))
    assert f"Beyond that live {round(row['residents'] / 10) * 10:,} residents" in text
    assert "high risk with little support" in text


@pytest.mark.slow
def test_on_foot_every_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "walks.csv"
    near = support().libraries[0].venue_id
    first = atlas().snapshot.lsoas["lsoa_code"].iloc[0]
    path.write_text(f"lsoa_code,venue_id,minutes\n{first},{near},12\n", encoding="utf-8")
    monkeypatch.setenv("ATLAS_WALKING", str(path))
    app = opened(LIBRARIES, place=GM)
    fine(app)
    assert "live more than 20 minutes’ walk from a library" in lead(app)
    assert "straight line" not in lead(app)
    text = to_json(Scenario((Added("Hall", 366_000, 400_500),)), None)
    tried = opened(WHAT_IF, place=GM, scenario=text)
    fine(tried)
    assert "within 20 minutes’ walk of help, and" in lead(tried)
    monkeypatch.delenv("ATLAS_WALKING")
    assert "more than a mile in a straight line" in lead(opened(LIBRARIES, place=GM))


def opened_file(content: bytes) -> AppTest:
    """What if, after a visitor opened a file of these bytes."""
    app = opened("saved_work", place=GM)
    box = next(box for box in app.file_uploader if str(box.key).startswith("open_scenario"))
    box.upload("scenario.json", content, "application/json")
    app.run()
    # As in a browser, a second run follows the file's own.
    return gone_on(app.run(), WHAT_IF)


@pytest.mark.slow
def test_a_saved_file_reopens_as_the_same_scenario() -> None:
    scenario = Scenario((Added("Hall", 366_000, 400_500, 20.0, True, True),), ())
    app = opened_file(to_json(scenario).encode())
    fine(app)
    text = app.query_params["scenario"]
    assert from_json(text if isinstance(text, str) else text[0]) == scenario
    assert "With one new place" in lead(app)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 not a scenario", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"{}" + b" " * 70_000, "at most 65,536"),
        (b'{"format": "digital-inclusion-atlas-scenario", "version": 1, "x": 1}', "not known"),
    ],
)
@pytest.mark.slow
def test_a_bad_file_says_what_is_wrong(content: bytes, words: str) -> None:
    app = opened("saved_work", place=GM)
    box = next(box for box in app.file_uploader if str(box.key).startswith("open_scenario"))
    box.upload("scenario.json", content, "application/json")
    app.run()
    assert not app.exception and not app.error
    assert any(words in warning.value.replace("\\", "") for warning in app.warning)
    assert "Nothing is changed yet" in lead(gone_on(app, WHAT_IF))


@pytest.mark.slow
def test_a_spot_of_the_map_changes_nothing_until_it_is_confirmed() -> None:
    app = opened(WHAT_IF, ward=HULME)
    app.session_state["what_if_spot"] = Spot(HULME, 383_600, 396_700)
    app.run()
    fine(app)
    assert "Nothing is changed yet" in lead(app) and "scenario" not in app.query_params
    assert "Put a place here: Hulme" in html(app) and "Easting 383,600" in html(app)
    app.text_input(key="what_if_name").input("Youth club")
    app.button(key="what_if_add").click().run()
    fine(app)
    text = app.query_params["scenario"]
    (place,) = from_json(text if isinstance(text, str) else text[0]).added
    assert (place.name, place.easting, place.northing) == ("Youth club", 383_600, 396_700)
    assert "Put a place here" not in html(app) and "A. Added: Youth club" in html(app)


def test_a_spot_of_another_ward_is_let_go() -> None:
    app = opened(WHAT_IF, ward=HULME)
    app.session_state["what_if_spot"] = Spot("E05000000", 383_600, 396_700)
    app.run()
    assert "Put a place here" not in html(app)
    assert app.text_input(key="what_if_postcode").label == "Postcode of the place"


def test_the_method_page_lists_every_measure_of_support_with_its_weight() -> None:
    app = opened("method")
    fine(app)
    body = body_of(app, "What the support score is made of")
    for measure in declared_support().measures.values():
        assert measure.column.label in body
    shares = [float(share) for share in re.findall(r">([\d.]+)%<", body)]
    assert sum(shares) == 100 and len(shares) == len(declared_support().measures)


def test_the_wards_that_change_come_as_a_table_and_as_a_workbook() -> None:
    app = opened(WHAT_IF, place=MANCHESTER, close=library("Forum Library Wythenshawe"))
    fine(app)
    keys = [button.key for button in app.get("download_button")]
    assert {"what_if_csv", "what_if_xlsx"} <= set(keys)


def _next_best(app: AppTest, name: str) -> list[list[str]]:
    """The rows of the table of next nearest places when a library closes, as plain text."""
    found = re.search(
        rf"<caption>Where the [\d,]+ residents who [^<]*if {name} closed.*?<tbody>(.*?)</tbody>",
        html(app),
        re.DOTALL,
    )
    assert found, name
    rows = found.group(1).split("<tr>")[1:]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


@pytest.mark.slow
def test_a_closed_library_names_the_next_best_and_all_residents_are_in_the_table() -> None:
    forum = library("Forum Library Wythenshawe")
    for app in (
        opened(WHAT_IF, place=MANCHESTER, close=forum),
        opened(LIBRARIES, place=MANCHESTER, library=forum),
    ):
        fine(app)
        rows = _next_best(app, "Forum Library Wythenshawe")
        # Forum's residents part: 16,085 + 11,027 + 7,209 to these, and 44 to Cheadle = 34,365.
        assert [row[0] for row in rows] == [
            "Heald Green",
            "Northenden Community Library",
            "Brooklands Library",
            "1 other place",
        ]
        counts = [int(row[1].replace(",", "")) for row in rows]
        assert counts[:3] == sorted(counts[:3], reverse=True)
        concerned = re.search(r"Where the ([\d,]+) residents who would lose reach", html(app))
        assert concerned and sum(counts) == int(concerned.group(1).replace(",", ""))
        assert f"would have {rows[0][0]} as their next nearest place" in html(app)


@pytest.mark.slow
def test_more_than_three_places_are_told_as_others() -> None:
    at = next(
        n
        for n in range(len(support().libraries))
        if len(next_best(support().residents, support().libraries, n).others) > 1
    )
    venue = support().libraries[at]
    app = opened(LIBRARIES, ward=ward_of(venue, support().residents), library=venue.venue_id)
    fine(app)
    rows = _next_best(app, re.escape(escaped(venue.name)))
    assert len(rows) == 4 and rows[3][0].endswith("other places")
    concerned = next_best(support().residents, support().libraries, at).residents
    said = sum(int(row[1].replace(",", "")) for row in rows)
    assert said == pytest.approx(concerned, abs=0.5 * len(rows))  # each row to the unit


@pytest.mark.slow
def test_two_closures_do_not_name_each_other_as_the_next_place() -> None:
    forum = library("Forum Library Wythenshawe")
    alone = opened(WHAT_IF, place=MANCHESTER, close=forum)
    assert "with every other place as it is today" in html(alone)
    first = _next_best(alone, "Forum Library Wythenshawe")[0][0]
    text = to_json(Scenario(closed=(forum, library(unescape(first)))), None)
    both = opened(WHAT_IF, place=MANCHESTER, scenario=text)
    fine(both)
    assert first not in [row[0] for row in _next_best(both, "Forum Library Wythenshawe")]
    assert "That is with the other changes made." in html(both)


@pytest.mark.slow
def test_a_new_place_can_be_the_next_best() -> None:
    chosen = next(v for v in support().libraries if v.name == "Forum Library Wythenshawe")
    hall = Added("<b>Hall</b>", round(chosen.easting) + 2_000, round(chosen.northing))
    text = to_json(Scenario((hall,), (chosen.venue_id,)), None)
    app = opened(WHAT_IF, place=MANCHESTER, scenario=text)
    fine(app)
    names = [row[0] for row in _next_best(app, "Forum Library Wythenshawe")]
    assert "&lt;b&gt;Hall&lt;/b&gt; (new)" in names and "<b>Hall" not in html(app)


@pytest.mark.slow
def test_an_added_place_is_compared_with_the_spots_around_it() -> None:
    text = to_json(Scenario((Added("Hall", 366_000, 400_500),)), None)
    app = opened(WHAT_IF, place=GM, scenario=text)
    fine(app)
    said = re.search(
        r"This spot brings (nobody|[\d,]+ residents) newly within a mile of help; the best of "
        r"([\d,]+) tried up to 5 km away, (.*?), would bring ([\d,]+)\.",
        html(app),
    )
    assert said
    rows = body_of(app, "Spots up to 5 km from Hall").split("<tr>")[1:]
    assert 1 <= len(rows) <= 3
    newly = [int(re.findall(r"atlas-number'>([\d,]+)<", row)[-1].replace(",", "")) for row in rows]
    assert newly == sorted(newly, reverse=True)
    assert int(said.group(4).replace(",", "")) == round(newly[0], -1)
    kinds = ("Neighbourhood", "Closed library", "Library, unstaffed or hours not stated")
    assert all(any(kind in row for kind in kinds) for row in rows)


@pytest.mark.slow
def test_the_workbook_says_in_one_line_what_within_reach_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[dict[str, str]] = []
    monkeypatch.setattr(
        "views.help_nearby.scenario.xlsx_button",
        lambda _name, _sheets, about, *_: said.append(about),
    )
    forum = library("Forum Library Wythenshawe")
    opened(WHAT_IF, place=MANCHESTER, close=forum)
    assert said[-1]["Within reach"] == "within a mile in a straight line"
    assert "tab=what_if" in said[-1]["Link"]
    halls = tuple(Added(f"Hall {n} {'x' * 70}", 383_500, 396_500 + n) for n in range(12))
    app = opened("saved_work", place=MANCHESTER)
    app.session_state["what_if_params"] = {"scenario": to_json(Scenario(halls), None)}
    gone_on(app, WHAT_IF)
    assert said[-1]["Link"] == "The scenario is too long for a link: keep its file."


@pytest.mark.slow
def test_the_library_service_alone_is_a_switch_that_the_pages_about_help_share() -> None:
    place = {"place": "E08000017"}  # Doncaster, where communities run twenty libraries
    whole, only = opened(LIBRARIES, **place), opened(LIBRARIES, **place, count="service")
    fine(only)
    shares = [int(re.findall(r"(\d+)% of residents", lead(app))[0]) for app in (whole, only)]
    assert shares[0] < 25 and shares[1] > 75
    assert "a library of the library service" in lead(only)
    only.toggle(key="service_only").set_value(False).run()
    assert lead(only) == lead(whole) and "count" not in only.query_params
    closed = library("Intake Community Library")
    tried = opened(WHAT_IF, **place, close=closed, count="service")
    assert not tried.warning and "not counted here" in html(tried)
    tried.toggle(key="service_only").set_value(False).run()
    fine(tried)
    assert "not counted here" not in html(tried) and "Closed: Intake Community" in html(tried)


@pytest.mark.slow
@pytest.mark.parametrize("tab", [LIBRARIES, "saved_work"])
def test_to_read_another_tab_leaves_the_scenario_as_it_is(tab: str) -> None:
    text = to_json(Scenario(closed=(library("Intake Community Library"), "gone")), None)
    app = opened(tab, place="E08000017", scenario=text, count="service")
    assert not app.exception
    assert app.query_params["scenario"] in (text, [text])
    assert any("1 closed library is" in warning.value for warning in app.warning)


def test_the_equality_table_has_every_group_and_comes_as_a_workbook_and_a_paper() -> None:
    app = opened(WHAT_IF, place=MANCHESTER, close=library("Brooklands Library"))
    fine(app)
    rows = body_of(app, "Residents and households of Manchester within a mile").split("<tr>")[1:]
    names = [unescape(re.findall(r"<th scope='row'>(.*?)</th>", row)[0]) for row in rows]
    assert names[:3] == ["All residents", "Residents aged 75 and over", "Residents aged 65 to 74"]
    assert {"Disabled residents", "Households in social rented homes", "All households"} < set(
        names
    )
    race = rows[names.index("Race")]
    assert "not in the data" in race and not re.search(r"\d", race.partition("</th>")[2])
    keys = [button.key for button in app.get("download_button")]
    assert {"what_if_xlsx", "equality_paper"} <= set(keys)


@pytest.mark.slow
def test_what_is_tried_carries_to_the_other_tabs_of_help_nearby() -> None:
    closed = library("Forum Library Wythenshawe")
    app = opened(WHAT_IF, place=MANCHESTER, close=closed)
    gone_on(app, LIBRARIES)
    fine(app)
    assert "Tried in What if: Closed: Forum Library Wythenshawe" in html(app)
    assert closed in str(app.query_params["scenario"])
    gone_on(app, "where_next", kinds="neighbourhoods", sites="1")
    fine(app)
    assert "as if these changes of What if were made: Closed: Forum" in html(app)
    # The best place with the library closed stands in its catchment and brings more people.
    plain, tried = (
        int(re.findall(r"could bring ([\d,]+) more", lead(page))[0].replace(",", ""))
        for page in (opened("where_next", place=MANCHESTER, sites="1"), app)
    )
    assert tried > plain


@pytest.mark.slow
def test_a_scenario_where_nothing_is_known_says_so_and_counts_nobody() -> None:
    app = opened(WHAT_IF, place="E06000053", close=library("Brooklands Library"))
    fine(app)
    assert "What changes in Isles of Scilly is not known" in lead(app)
    first = body_of(app, "Residents and households of Isles of Scilly").split("<tr>")[1]
    assert "not known" in first and "0" not in first
    assert "no data residents" not in html(app)


def test_where_libraries_were_not_reported_nothing_is_said_of_who_is_near() -> None:
    app = opened(LIBRARIES, place="E06000053")
    assert not app.exception and not app.error
    assert lead(app).startswith("How many residents of Isles of Scilly live near help is not known")
    assert "None of its" not in lead(app) and "Group</th>" not in html(app)
    assert "No library is known in Isles of Scilly" in app.info[-1].value.replace("\\", "")
