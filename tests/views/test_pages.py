"""Every page, opened through app.py as a visitor would, on the committed snapshot."""

import base64
import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState
from streamlit.testing.v1 import AppTest

from atlas.places.site_map import DOORS, TAB, script, tab_params
from atlas.risk.index import index_of, peers
from atlas.risk.needs import needs
from atlas.risk.request import RiskRequest
from tests.sampling import sampled
from views.cached import risk
from views.kit import ward_map
from views.map import ward_table
from views.session.snapshot import atlas

ROOT = Path(__file__).resolve().parents[2]
PAGES = [tab.key for door in DOORS for tab in door.tabs]
HULME, MANCHESTER = "E05011368", "E08000003"


def opened(key: str = "map", **params: str) -> AppTest:
    """Open a tab, by its key in the site map, with what an address says besides."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    return gone_on(app, key, **params)


def gone_on(app: AppTest, key: str, **params: str) -> AppTest:
    """Go on to a tab within a visit; what the address says already stays."""
    app.switch_page(script(key))
    app.query_params.pop(TAB, None)
    for name, value in {**tab_params(key), **params}.items():
        app.query_params[name] = value
    return app.run()


def html(app: AppTest) -> str:
    """All HTML of a page, without the links from its words to the glossary."""
    shown = " ".join(block.proto.body for block in app.get("html"))
    return re.sub(r"<a class='atlas-term'[^>]*>(.*?)</a>", r"\1", shown)


def fine(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error
    assert not app.warning
    assert len(app.title) == 1
    # The frame stands around the page: the picker above it, the footer below.
    assert app.text_input[0].label in ("Find a place", "Postcode, town, ward or council")
    assert "What this is not." in html(app)


def test_the_base_map_is_the_same_however_often_it_is_made() -> None:
    # Else a frame that is drawn already would be drawn anew after the server began again.
    made = ward_map._base_parts.__wrapped__
    assert made() == made()


def test_no_script_lies_directly_in_pages() -> None:
    # There Streamlit would run it without app.py for whoever follows a deep link first.
    assert list(ROOT.glob("pages/*.py")) == []


# For a ward the tests of words open every page too.
@pytest.mark.parametrize("page", sampled(PAGES, 7))
def test_every_page_opens_for_england(page: str) -> None:
    fine(opened(page))


# Aldgate in the City of London, and Fulstow in East Lindsey: no small area fits them best.
@pytest.mark.parametrize("ward", ["E05009289", "E05009880"])
def test_a_ward_without_data_says_so(ward: str) -> None:
    profile = opened("my_area", ward=ward)
    fine(profile)
    assert "There are no figures for this ward" in profile.info[0].value.replace("\\", "")
    card = opened(ward=ward)
    fine(card)
    assert "no data" in html(card)


@pytest.mark.parametrize("measure", ["open_libraries", "digital_connectivity_score"])
def test_the_map_and_the_list_show_any_kind_of_measure(measure: str) -> None:
    fine(opened(place="E47000001", measure=measure, breaks="jenks"))
    fine(opened("ward_list", place="E47000001", order=measure))


def test_the_sentence_comes_first_and_names_place_and_base() -> None:
    app = opened(place="E47000001", measure="income_deprived_rate")
    assert app.title[0].value == (
        "Share of residents who are income deprived, wards of Greater Manchester"
    )
    assert "In Greater Manchester the share of residents who are income deprived is 30%" in html(
        app
    )
    assert "against 23% in England" in html(app)


def test_the_foot_dates_the_figures_of_measures_and_no_list_of_names() -> None:
    # Councils alike are of June 2026: no figure of a ward is so new.
    foot = html(opened("compare"))
    assert (
        "figures dated March 2021 to October 2025. The newest figures are dated October 2025"
        in foot
    )


def test_the_map_opens_with_overall_risk() -> None:
    app = opened()
    assert app.title[0].value == "Overall risk of digital exclusion, wards of England"
    # An average score cannot be said aloud; how many people live where it is highest can.
    said = r"[\d,]+ of the 6,784 wards of England are in the fifth of England with the highest"
    assert re.search(f"{said} overall risk of digital exclusion", html(app))
    assert re.search(
        r"people live in them, about one in \w+ of the residents of England", html(app)
    )
    assert " on average" not in re.findall("atlas-lead'[^>]*>(.*?)</p>", html(app))[0]


def test_the_map_shows_risk_by_other_weights_and_says_so_everywhere() -> None:
    app = opened(place="E47000001")
    usual = html(app)
    app.selectbox(key="map_weights").select("people_only").run()
    fine(app)
    assert "people" in app.query_params["preset"]
    title = "Overall risk of digital exclusion (people only), wards of Greater Manchester"
    assert app.title[0].value == title and html(app) != usual
    assert html(app).count("people only") >= 3
    # A ward chosen, a page turned: the weights stay, also on the risk list.
    next(button for button in app.button if button.key.startswith("need_")).click().run()
    assert app.title[0].value == title and "people" in app.query_params["preset"]
    gone_on(app, "ward_list")
    assert app.selectbox(key="risk_preset").value == "people_only"
    back = opened(place="E47000001", weights="wealth:1")
    assert "left out" in back.warning[0].value.replace("\\", "")


@pytest.mark.slow
def test_the_files_of_a_map_follow_the_order_of_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    parts: dict[str, str | None] = {}
    orders: list[tuple[str, str]] = []

    def part() -> str | None:
        return ThreadState.get().fragment_id

    def selectbox(self: DeltaGenerator, *given: Any, **named: Any) -> Any:
        parts[named.get("key", "")] = part()
        return drawn(self, *given, **named)

    def take_away(_: str, frame: Any, __: object, about: dict[str, str], ___: str) -> None:
        parts["files"] = part()
        orders.append((about["Order"], frame()["ward_name"].iloc[0]))

    drawn = DeltaGenerator.selectbox
    monkeypatch.setattr(DeltaGenerator, "selectbox", selectbox)
    monkeypatch.setattr(ward_table, "take_away", take_away)
    app = opened(place=MANCHESTER)
    app.selectbox(key="table_order").select("Ward, A to Z").run()
    fine(app)
    assert orders[-1] == ("Ward, A to Z", "Ancoats & Beswick")
    assert "ward, a to z" in html(app)
    # Neither belongs to a part that runs alone: another order runs the row of actions too.
    assert parts["table_order"] is parts["files"] is None


def test_a_bad_link_says_so_and_shows_england() -> None:
    app = opened(place="E99999999", measure="shoe_size")
    assert len(app.warning) == 2
    assert app.title[0].value.endswith("wards of England")
    assert not app.exception


def test_a_postcode_opens_its_ward() -> None:
    app = opened()
    app.text_input(key="search").input("m15 5az").run()
    assert not app.exception
    app.run()
    assert app.query_params["ward"].startswith("E05")
    assert app.query_params["place"] == MANCHESTER


def test_an_unknown_postcode_says_what_to_do() -> None:
    app = opened()
    app.text_input(key="search").input("EH1 1AA").run()
    assert "The Atlas covers England only." in html(app)


def test_choosing_a_measure_moves_the_address() -> None:
    app = opened(place="E47000001")
    app.selectbox(key="measure_choice").select("library_distance_km").run()
    assert app.query_params["measure"] == "library_distance_km"
    assert app.query_params["place"] == "E47000001"
    assert "to the nearest library" in app.title[0].value


def test_a_ward_of_the_list_opens_a_card_and_closes_again() -> None:
    app = opened(place="E47000001")
    first = next(button for button in app.button if button.key.startswith("need_"))
    first.click().run()
    assert app.query_params["ward"] == first.key.removeprefix("need_")
    assert "class='atlas-card-title'" in html(app)
    app.button(key="close_card").click().run()
    assert "ward" not in app.query_params and "class='atlas-card-title'" not in html(app)


def test_the_maps_scripts_are_written_again_where_they_were_swept_away() -> None:
    addresses = ward_map._scripts("wards.bin")
    file, content, _ = ward_map._others()
    shutil.rmtree(file.parent)
    assert ward_map._scripts("wards.bin") == addresses
    assert file.read_bytes() == content


def test_another_page_keeps_the_place() -> None:
    app = opened(place="E47000001", measure="library_distance_km")
    gone_on(app, "ward_list")
    assert app.title[0].value == "Ward list, Greater Manchester compared with England"
    assert app.query_params["measure"] == "library_distance_km"


def test_settings_that_safety_and_speed_rest_on() -> None:
    asked = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert asked["client"]["showErrorDetails"] == "none"
    assert asked["client"]["toolbarMode"] == "minimal"
    assert asked["client"]["disableDataExport"] is True
    assert asked["runner"]["postScriptGC"] is False
    assert asked["browser"]["gatherUsageStats"] is False
    assert asked["server"]["enableStaticServing"] is True
    assert asked["server"]["fileWatcherType"] == "none"


def test_with_a_basemap_the_foot_says_whom_the_browser_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "The map’s background" not in html(opened())
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[map]\nbasemap = "https://tiles.example/{z}/{x}/{y}.png"\n'
        'basemap_attribution = "© Tiles"\nbasemap_provider = "Tiles <b>Ltd</b>"\n'
    )
    monkeypatch.setenv("ATLAS_SERVING", str(mine))
    said = html(opened())
    assert "The map’s background</strong> comes from Tiles &lt;b&gt;Ltd&lt;/b&gt;." in said
    sent = opened().get("component_instance")[0].proto.json_args
    group = json.loads(sent)["feature_group"]
    packed = re.findall(r'"([A-Za-z0-9_=-]+)"', group[group.index("Atlas.show(") :])[2]
    asked = json.loads(base64.urlsafe_b64decode(packed))
    assert asked["basemap"] == ["https://tiles.example/{z}/{x}/{y}.png", "© Tiles"]


def test_the_map_counts_the_same_wards_as_the_risk_index() -> None:
    shared = atlas()
    score = index_of(peers(shared.snapshot.wards), risk.scorer().presets["standard"])
    inside = score.in_highest(0.2)[shared.places.positions("E47000001")]
    people = shared.snapshot.wards["population"].iloc[shared.places.positions("E47000001")]
    said = html(opened(place="E47000001"))
    assert f"{inside.sum()} of the 215 wards of Greater Manchester are in the fifth of" in said
    assert f"{round(people[inside].sum(), -1):,.0f} people live in them" in said
    # The darkest class of the legend holds the same wards.
    assert re.search(rf"highest fifth.{{0,80}}?<td>{inside.sum()}</td>", said)


def test_the_map_shows_kinds_of_need_with_their_own_legend_and_table() -> None:
    app = opened("map", place="E08000004", measure="kind_of_need")
    fine(app)
    said = html(app)
    assert app.title[0].value == "Kind of need, wards of Oldham"
    assert re.search(r"\d+ wards? for money and skills \([\d,]+ residents\)", said)
    for label in ("Age and health", "Money and skills", "Both of these", "Home connection"):
        assert label in said
    assert "The wards with a need in the highest fifth" in said


def test_a_profile_says_the_kind_of_need_and_what_helps() -> None:
    found = needs(risk.index(RiskRequest()))
    row = int(np.flatnonzero(found.high["age_and_health"])[0])
    said = html(opened("my_area", ward=str(atlas().snapshot.wards["ward_code"].iloc[row])))
    assert "Age and health: among the fifth of England with most need" in said
    assert "Good Things Foundation (National Digital Inclusion Network)" in said


def in_order(block: object) -> list[str]:
    """The labels of popovers, files and links, as they stand on the page."""
    found = []
    for each in getattr(block, "children", {}).values():
        proto = getattr(each, "proto", None)
        if getattr(each, "type", "") in ("popover", "download_button", "page_link"):
            found.append(str(getattr(getattr(proto, "popover", proto), "label", "")))
        found += in_order(each)
    return found


def test_a_page_ends_with_one_row_of_actions_in_the_same_order() -> None:
    assert in_order(opened("my_area", ward=HULME).main)[-3:] == [
        "Copy link",
        "Print",
        "Start again",
    ]


@pytest.mark.slow
def test_the_row_of_actions_has_the_file_of_a_list_that_was_tested() -> None:
    risk.run_tests(RiskRequest())
    listed = in_order(opened("ward_list", place=MANCHESTER).main)
    assert listed[-4:] == ["Copy link", "Print", "Excel", "Start again"]
    mapped = in_order(opened("map", place=MANCHESTER).main)
    assert mapped[-5:] == ["Copy link", "Print", "Excel", "Picture", "Start again"]
