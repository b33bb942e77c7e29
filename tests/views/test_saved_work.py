"""Saved work: a scenario and decisions, kept in the browser where a reader asks for it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from atlas.briefing.decisions_log import Log, written
from atlas.planning.scenario import Added, Scenario
from atlas.planning.scenario_json import from_json, to_json
from tests.views.test_pages import fine, gone_on, html, opened
from views.session import browser_store

WORK, DAYS, CORNWALL = "saved_work", "first_100_days", "E06000052"
HALL = to_json(Scenario((Added("Hall", 366_000, 400_500),)), None)


def frames(app: AppTest) -> list[Any]:
    every = [each.proto for each in app.get("component_instance")]
    return [proto for proto in every if proto.component_name.endswith("browser_store.kept")]


def told(app: AppTest) -> dict[str, object]:
    """What the page tells the frame that keeps work in the browser."""
    (frame,) = frames(app)
    said: dict[str, object] = json.loads(frame.json_args)
    return said


def decided(app: AppTest) -> AppTest:
    app.checkbox(key="step_champion").check().run()
    fine(app)
    return app


def test_nothing_is_kept_until_the_reader_asks_for_it() -> None:
    app = decided(opened(DAYS, place=CORNWALL))
    assert told(app)["unsaved"] is True and told(app)["kept"] == ""
    gone_on(app, WORK, scenario=HALL)
    assert app.title[0].value == "Your saved work"
    fine(app)
    assert "Off until you choose it" in html(app) and "1 change is tried" in html(app)
    app.toggle(key="keep_in_browser").set_value(True).run()
    assert told(app)["unsaved"] is False
    kept = json.loads(str(told(app)["kept"]))
    assert from_json(kept["scenario"]) == from_json(HALL)
    assert json.loads(kept["logs"][0])["done"] == ["champion"]
    app.toggle(key="keep_in_browser").set_value(False).run()
    assert told(app)["clear"] is True and told(app)["kept"] == ""


def test_a_page_of_a_reader_without_work_has_no_such_frame() -> None:
    assert not frames(opened("ward_list", place=CORNWALL))


def test_forget_my_data_clears_the_visit_and_the_browser() -> None:
    app = decided(opened(DAYS, place=CORNWALL))
    gone_on(app, "your_data")
    assert "Saved work has your decisions or answers" in html(app)
    next(button for button in app.button if button.label == "Forget my data").click().run()
    assert told(app)["clear"] is True and told(app)["unsaved"] is False
    assert "0 steps done" in html(gone_on(app, WORK))


def kept_in_browser(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(browser_store, "_frame", lambda **_: text)


def test_what_the_browser_kept_is_there_again_in_a_new_visit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log(CORNWALL, "Ada", "v1", frozenset(["champion"]))
    text = json.dumps({"scenario": HALL, "logs": [written(log).decode()]})
    kept_in_browser(monkeypatch, text)
    app = opened(DAYS, place=CORNWALL)
    fine(app)
    app.run()
    assert app.checkbox(key="step_champion").value and browser_store_on(app)
    assert HALL in app.query_params["scenario"]


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"scenario": 1, "logs": ["x"]}', "[" * 9999]
)
def test_what_cannot_be_read_from_the_browser_does_no_harm(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in_browser(monkeypatch, text)
    app = opened(DAYS, place=CORNWALL)
    fine(app)
    assert not browser_store_on(app) and "scenario" not in app.query_params


def restored(monkeypatch: pytest.MonkeyPatch, *logs: str, **params: str) -> tuple[AppTest, Any]:
    """Saved work where the browser keeps HALL and logs, and what it is told to keep then."""
    told_last: dict[str, str] = {}
    text = json.dumps({"scenario": HALL, "logs": logs})

    def frame(**said: str) -> str:
        told_last.update(said)
        return text

    monkeypatch.setattr(browser_store, "_frame", frame)
    app = opened(WORK, place=CORNWALL, **params)
    assert not app.exception
    return app.run(), lambda: json.loads(told_last["kept"])


def test_a_link_with_another_scenario_leaves_the_kept_one_until_the_reader_changes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link = to_json(Scenario((Added("Barn", 366_500, 400_500),)), None)
    app, kept = restored(monkeypatch, scenario=link)
    assert "keeps another scenario" in html(app)
    assert app.query_params["scenario"] in (link, [link]) and kept()["scenario"] == HALL
    next(each for each in app.button if each.label == "Use the kept scenario").click().run()
    assert "keeps another scenario" not in html(app) and kept()["scenario"] == HALL
    assert HALL in app.query_params["scenario"]
    changed, kept = restored(monkeypatch, scenario=link)
    gone_on(changed, "what_if").button(key="what_if_clear").click().run()
    assert kept()["scenario"] == ""


def test_a_log_that_cannot_be_read_is_named_and_stays_and_all_else_is_restored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = written(Log(CORNWALL, "Ada", "v1", frozenset(["champion"]))).decode()
    bad = json.dumps({"place": "E08000003", "version": 99})
    app, kept = restored(monkeypatch, bad, good)
    assert "1 step done" in html(app) and HALL in app.query_params["scenario"]
    assert "decisions log of Manchester" in app.warning[0].value and bad in kept()["logs"]


def test_forget_my_data_takes_the_scenario_too() -> None:
    app = opened("your_data", scenario=HALL)
    assert "What if has your scenario" in html(app)
    next(button for button in app.button if button.label == "Forget my data").click().run()
    assert "scenario" not in app.query_params and "What if has" not in html(app)
    assert "Nothing is tried yet" in html(gone_on(app, WORK))


def browser_store_on(app: AppTest) -> bool:
    return bool(gone_on(app, WORK).toggle(key="keep_in_browser").value)
