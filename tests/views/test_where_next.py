"""The page on new places, opened through app.py as a visitor would."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import views.cached.sites
from atlas.access.distance import Venue
from atlas.planning.scenario import Added, Scenario
from atlas.planning.scenario_json import to_json
from atlas.snapshot.snapshot import Snapshot
from atlas.worker import WorkerError
from tests.atlas.uploads.files import held_places
from tests.views.test_pages import fine, html, opened
from views.session.kept import Kept
from views.session.uploads import Held

PAGE = "where_next"
GM, STOCKPORT = "E47000001", "E08000007"


def lead(app: AppTest) -> str:
    found = re.search(r"<p class='atlas-lead'[^>]*>(.*?)</p>", html(app))
    assert found
    return found.group(1)


def rows(app: AppTest, title: str) -> list[list[str]]:
    """The body cells of the table after a heading, as plain text."""
    body = html(app).split(title)[1].split("<tbody>")[1].split("</tbody>")[0]
    cut = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("<tr>")[1:]]
    return [[re.sub(r"<[^>]+>", " ", cell).strip() for cell in row] for row in cut]


def test_five_places_and_what_they_add() -> None:
    app = opened(PAGE, place=GM)
    fine(app)
    assert app.title[0].value == "Where next, Greater Manchester"
    said = lead(app)
    assert said.startswith("Five new places could bring ") and "within a mile of" in said
    assert "Proven: no other choice of five sites" in html(app)
    places = rows(app, "The places, the one that adds most first")
    added = [int(row[3].replace(",", "")) for row in places]
    assert len(places) == 5 and added == sorted(added, reverse=True)
    total = int(places[-1][4].replace(",", ""))
    assert total == pytest.approx(sum(added), abs=len(added) / 2)  # each is rounded
    assert f"{round(total / 10) * 10:,}" in said
    curve = rows(app, "Where the next place stops paying")
    assert len(curve) == 10 and curve[4][0] == "5 (shown)"
    totals, more = ([int(row[at].replace(",", "")) for row in curve] for at in (1, 2))
    assert totals[4] == total and more == [b - a for a, b in pairwise([0, *totals])]


def test_the_files_say_which_changes_were_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, str]] = []
    monkeypatch.setattr(
        "views.help_nearby.where_next.take_away",
        lambda name, frame, fields, about, key: said.append(about),
    )
    hall = to_json(Scenario((Added("Hall", 390_000, 390_000),)), None)
    opened(PAGE, place=STOCKPORT, sites="1", scenario=hall)
    assert said[-1]["Counted as if"] == "A. Added: Hall (staffed hours not known)"
    assert said[-1]["Group"].endswith("with these changes") and "scenario=" in said[-1]["Link"]
    opened(PAGE, place=STOCKPORT, sites="1")
    assert "Counted as if" not in said[-1] and said[-1]["Group"].endswith("today")


def test_the_map_marks_the_places_and_colours_who_is_beyond(snapshot: Snapshot) -> None:
    app = opened(PAGE, place=STOCKPORT, sites="1")
    fine(app)
    legend = html(app).split("atlas-legend")[1].split("</table>")[0]
    wards = [int(n.replace(",", "")) for n in re.findall(r"</th><td>([\d,]+)</td>", legend)]
    inside = snapshot.wards["authority_code"] == STOCKPORT
    assert sum(wards) == inside.sum()
    lsoas = snapshot.lsoas[snapshot.lsoas["authority_code"] == STOCKPORT]
    people = (lsoas["income_deprived_people"] + lsoas["age_75_plus_people"]).fillna(0)
    beyond = people * (1 - lsoas["near_library_people"] / lsoas["population"])
    part = beyond.groupby(lsoas["ward_code"]).sum() / people.groupby(lsoas["ward_code"]).sum()
    assert wards[0] == (part > 0.75).sum() and wards[3] == ((part > 0) & (part <= 0.25)).sum()


@pytest.mark.slow
def test_the_address_holds_the_question() -> None:
    asked = {"group": "age_75_plus", "sites": "3", "aim": "distance", "sort": "closed.unstaffed"}
    app = opened(PAGE, place=GM, **asked)
    fine(app)
    assert lead(app).startswith("Three new places could shorten the way")
    assert app.selectbox(key="where_next_cohort").value == "age_75_plus"
    places = rows(app, "The places, the one that adds most first")
    assert all("library" in row[0].lower() for row in places)
    app.slider(key="where_next_sites").set_value(2).run()
    fine(app)
    assert "".join(app.query_params["sites"]) == "2" and lead(app).startswith("Two new places")
    app.selectbox(key="where_next_cohort").set_value("residents").run()
    assert "residents of Greater Manchester" in lead(app)
    app.selectbox(key="where_next_cohort").set_value("at_risk").run()
    assert "group" not in app.query_params and "residents at risk" in lead(app)
    app.radio(key="where_next_objective").set_value("reach").run()
    assert "aim" not in app.query_params and "could bring" in lead(app)


def test_a_bad_link_says_so_and_falls_back() -> None:
    app = opened(PAGE, place=GM, sites="<script>", group="x", aim="y", sort="z")
    assert not app.exception and not app.error
    assert len(app.warning) == 4 and "<script>" not in html(app)
    assert lead(app).startswith("Five new places")


def test_where_there_is_no_candidate_it_says_what_to_do() -> None:
    app = opened(PAGE, place="E06000002", sort="closed")  # Middlesbrough closed none
    assert not app.exception and not app.error
    assert "another kind" in app.info[0].value
    assert app.selectbox(key="where_next_cohort").value == "at_risk"


def test_limits_are_said_on_the_page() -> None:
    text = html(opened(PAGE, place=GM))
    for words in (
        "neighbourhood and not a building",
        "just beyond the border",
        "does not change the risk",
        "straight lines",
    ):
        assert words in text


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every place as slow to prove as England, and forget what was proven."""
    monkeypatch.setattr(views.cached.sites, "PROVEN_AT_ONCE", 10)
    monkeypatch.setattr(views.cached.sites, "_questions", Kept(6))


@pytest.mark.usefixtures("large")
@pytest.mark.slow
def test_a_long_proof_waits_to_be_asked_for() -> None:
    app = opened(PAGE, place=GM, sites="10")
    fine(app)
    assert "Not yet proven (found step by step)" in html(app) and "at most" in html(app)
    quick = int(rows(app, "stops paying")[9][1].replace(",", ""))
    next(b for b in app.button if b.key == "prove").click().run()
    fine(app)
    assert "Proven: no other choice of ten" in html(app)
    assert "prove" not in [b.key for b in app.button]
    best = int(rows(app, "stops paying")[9][1].replace(",", ""))
    assert best > quick


@pytest.mark.usefixtures("large")
@pytest.mark.slow
def test_a_proof_that_fails_is_said_and_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []

    def do(*given: object, told: object) -> None:
        begun.append(given)
        raise WorkerError

    monkeypatch.setattr(views.cached.sites.for_long_work, "do", do)
    app = opened(PAGE, place=GM, sites="10")
    next(b for b in app.button if b.key == "prove").click().run()
    fine(app)
    assert "The proof could not be finished. Try again in a minute" in html(app)
    app.run()
    fine(app)
    assert "could not be finished" not in html(app)
    assert {"prove", "stop_proof"} & {b.key for b in app.button} == {"prove"}
    assert len(begun) == 1


@pytest.mark.usefixtures("large")
@pytest.mark.slow
def test_what_a_stopped_proof_had_found_stays() -> None:
    app = opened(PAGE, place=GM, sites="10")
    asked = next(iter(views.cached.sites._questions.held.values()))

    class Pressed(BaseException):
        """What the page raises inside a run when a control is pressed."""

    def press_after_three(done: float, words: str) -> None:
        if done >= 0.3:
            raise Pressed

    with pytest.raises(Pressed):
        views.cached.sites.prove(asked, press_after_three)
    assert sorted(asked.proven) == [1, 2, 3] and not asked.finished
    # Nobody is locked out by it.
    app.run()
    fine(app)
    assert [row[4] for row in rows(app, "stops paying")][:3] == ["proven"] * 3
    views.cached.sites.prove(asked, lambda done, words: None)
    assert asked.finished


@pytest.mark.slow
def test_walking_times_are_used_and_named_and_a_bad_file_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = tmp_path / "walks.csv"
    walks.write_text("lsoa_code,venue_id,minutes\nE01005055,E01005058,9\n")
    monkeypatch.setenv("ATLAS_WALKING", str(walks))
    app = opened(PAGE, place=GM)
    fine(app)
    assert "within 20 minutes’ walk" in lead(app) and "Walking times of walks.csv" in html(app)
    walks.write_text("lsoa_code,venue_id,minutes\nnowhere,x,9\n")
    monkeypatch.setenv("ATLAS_WALKING", str(tmp_path / "absent.csv"))
    app = opened(PAGE, place=GM)
    fine(app)
    assert "within a mile" in lead(app)
    assert "cannot be used at present" in html(app) and str(tmp_path) not in html(app)


def brought(app: AppTest, *places: Venue) -> AppTest:
    """Run the page again with places that the visitor brought."""
    app.session_state["yours"] = Held(places=held_places(*places))
    return app.run()


@pytest.mark.slow
def test_own_places_help_already_or_are_candidates_and_nobody_else_sees_them(
    snapshot: Snapshot,
) -> None:
    app = opened(PAGE, place=GM, sites="1", group="residents")
    best = rows(app, "The places, the one that adds most first")[0]
    home = snapshot.lsoas.set_index("lsoa_code").loc["E01004864"]  # where the best place would be
    assert home["small_area_name"] in best[0]
    hall = Venue("mine", "<b>Hall</b>", "hall", home["easting"], home["northing"], origin="yours")
    brought(app, hall)
    fine(app)
    after = rows(app, "The places, the one that adds most first")[0]
    assert home["small_area_name"] not in after[0] and after[3] < best[3]
    assert "Your own places count as help that is there today" in html(app)
    app.query_params["sort"] = "yours"
    app.run()
    fine(app)
    assert "Your own places are candidates" in html(app)
    mine = rows(app, "The places, the one that adds most first")[0]
    assert "&lt;b&gt;Hall" in mine[0] and mine[3] == best[3]
    assert "<b>Hall" not in html(app)
    # Another visitor is told that such a link needs places of their own.
    other = opened(PAGE, place=GM, sites="1", sort="yours", group="residents")
    assert "bring them again" in other.warning[0].value.replace("\\", "")
    assert rows(other, "The places, the one that adds most first")[0] == best
    assert all(
        not any(candidate.kind == "yours" for candidate in kept.problem.candidates)
        for kept in views.cached.sites._questions.held.values()
    )


def test_a_profile_names_the_best_place_in_its_ward() -> None:
    app = opened("my_area", ward="E05014825")  # Halliwell, Bolton
    fine(app)
    pattern = r"Within Halliwell a new place would reach most near postcode BL.*?</li>"
    said = re.search(pattern, html(app))
    assert (
        said
        and "residents at risk (income deprived, or 75 and over) of Bolton within" in said.group()
    )
    assert "of them in Halliwell" in said.group()


@pytest.mark.slow
def test_a_walking_file_that_changes_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks = tmp_path / "walks.csv"
    walks.write_text("lsoa_code,venue_id,minutes\nE01005055,elsewhere,9\n")
    monkeypatch.setenv("ATLAS_WALKING", str(walks))
    asked = {"place": "E08000002", "sort": "closed", "sites": "1"}
    assert "Unsworth Library" in rows(opened(PAGE, **asked), "The places, the one")[0][0]
    # The new edition says that Unsworth Library is ten hours from anybody.
    walks.write_text("lsoa_code,venue_id,minutes\nE01005055,L29c135a648,600\n")
    os.utime(walks, ns=(1, 1))
    after = opened(PAGE, **asked)
    assert "within 20 minutes’ walk" in lead(after)
    assert "Unsworth Library" not in rows(after, "The places, the one")[0][0]
