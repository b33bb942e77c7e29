"""Time the index, its tests, the list and its page for all England, and print what they say.

python -m bench.index            writes bench/index.json
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from atlas.catalogue.cohorts import cohort_table
from atlas.places.places import Places
from atlas.places.site_map import script
from atlas.risk.index import index_of, index_table, peers
from atlas.risk.influence import (
    compare_weightings,
    component_correlations,
    effective_influence,
    indicator_influence,
    weighting_of,
)
from atlas.risk.pockets import missed, pockets_of
from atlas.risk.reasons import changes_off, highest
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import (
    FACTORS,
    drawn_choices,
    mixed,
    plan_from,
    robustness_of,
    run,
    usual_choices,
)
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import load
from atlas.ward_list.risk_list import ListRequest, build, rate_against_people

OUT = Path(__file__).with_name("index.json")
ROOT = Path(__file__).resolve().parents[1]
REPEATS = 7
PAGE_MOVES = 15
PAGE_AREAS: dict[str, dict[str, str]] = {
    "england": {},
    "greater_manchester": {"place": "E47000001"},
}
WARD_MOVES = ((0.4, 0.46, 0.14), (0.5, 0.3, 0.2), (0.3, 0.5, 0.2), (0.6, 0.3, 0.1))


def milliseconds(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The median time of an action in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 1)


def timings(scorer: Scorer) -> dict[str, float]:
    """Medians for all England, everything that a reader waits for."""
    wards, lsoas = scorer.snapshot.wards, scorer.snapshot.lsoas
    index = scorer.index(RiskRequest())
    pockets = scorer.pockets(RiskRequest())
    row = int(np.flatnonzero(index.rank == 400)[0])
    moves = iter(range(10**6))

    def move_a_weight() -> None:
        numbers = WARD_MOVES[next(moves) % len(WARD_MOVES)]
        names = ("money_and_skills", "age_and_health", "home_connection")
        asked = RiskRequest(weights=tuple(zip(names, numbers, strict=True)))
        moved = scorer.index(asked)
        listed = build(ListRequest(risk=asked), wards, scorer.places, moved, None, pockets)
        assert effective_influence(moved) and len(listed.rows)

    return {
        "prepare_wards_ms": milliseconds(lambda: peers(wards)),
        "index_ms": milliseconds(lambda: index_of(scorer.england, index.weighting)),
        "index_table_ms": milliseconds(lambda: index_table(index)),
        "move_a_weight_ms": milliseconds(move_a_weight),
        "list_ms": milliseconds(
            lambda: build(ListRequest(), wards, scorer.places, index, None, pockets)
        ),
        "prepare_small_areas_ms": milliseconds(lambda: peers(lsoas, key="lsoa_code")),
        "pockets_ms": milliseconds(
            lambda: pockets_of(scorer.small_areas, index.weighting, lsoas, wards)
        ),
        "what_would_take_it_off_ms": milliseconds(lambda: changes_off(index, row, highest(0.1))),
        "robustness_ms": milliseconds(lambda: robustness_of(index), 3),
    }


def page_timings() -> dict[str, dict[str, float]]:
    """The server's time for one moved weight: the whole page, map, list and sentence together.

    The page runs through app.py as for a visitor, from the slider's new value to the last element
    sent. Each value is new to the process: no score of it is kept.
    """
    times = {}
    for name, params in PAGE_AREAS.items():
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.run()
        app.switch_page(script("ward_list"))
        for key, value in params.items():
            app.query_params[key] = value
        app.run()
        taken = [one_move(app, step) for step in range(PAGE_MOVES + 1)][1:]
        times[name] = {
            "moved_weight_median_ms": round(statistics.median(taken), 1),
            "moved_weight_slowest_ms": round(max(taken), 1),
        }
    return times


def one_move(app: AppTest, step: int) -> float:
    """Move one weight and return the milliseconds until the page is complete."""
    before = sentence_and_list(app)
    # To and fro, so that the list changes, and never to the same value twice.
    app.slider(key="risk_home_connection").set_value(90 - 2 * step if step % 2 else 2 * step)
    start = time.perf_counter()
    app.run()
    taken = (time.perf_counter() - start) * 1000
    assert not app.exception and sentence_and_list(app) != before
    return taken


def sentence_and_list(app: AppTest) -> str:
    """What the page says and lists, without the rest."""
    blocks = [block.proto.body for block in app.get("html")]
    return "".join(b for b in blocks if "atlas-lead" in b or "id='main-table'" in b)


def figures(scorer: Scorer) -> dict[str, Any]:
    """What the index says of England, and what each choice does to it."""
    made = scorer.made(RiskRequest())
    index, wards = made.index, scorer.snapshot.wards
    tenth, fifth = index.in_highest(0.1), index.in_highest(0.2)
    weightings = {
        key: weighting_of(preset, scorer.method)
        for key, preset in index.peers.method.presets.items()
    }
    lists = compare_weightings(scorer.england, weightings, 0.1).set_index("choice")
    tenth_list = ListRequest(cut="share", limit=0.1)
    listed = build(tenth_list, wards, scorer.places, index, made.robustness, made.pockets)
    return {
        "wards_scored": int(index.scored.sum()),
        "wards_in_highest_tenth": int(tenth.sum()),
        "tiers_of_highest_fifth": pd.Series(made.robustness.tier[fifth]).value_counts().to_dict(),
        "listed_under_most_weights": int((made.robustness.any_fifth[fifth] >= 0.5).sum()),
        "weights": {key: round(value, 3) for key, value in index.weighting.weight.items()},
        "influence": rounded(effective_influence(index)),
        "indicator_influence": rounded(indicator_influence(index)),
        "component_correlations": component_correlations(index).round(2).to_dict(),
        "missed_by_highest_tenth": missed(made.pockets.by_ward, tenth, index.scored).to_dict(),
        "missed_by_highest_fifth": missed(made.pockets.by_ward, fifth, index.scored).to_dict(),
        "overlap_of_rate_and_people": round(
            rate_against_people(listed, index, scorer.places, made.pockets), 2
        ),
        "presets": {
            key: {
                "overlap": round(float(lists.loc[key, "overlap"]), 2),
                "influence": rounded(effective_influence(index_of(scorer.england, weighting))),
                "share_of_england": shares(wards, index_of(scorer.england, weighting)),
            }
            for key, weighting in weightings.items()
        },
        "sure_if_only_this_varies": {name: sure_share(index, fifth, name) for name in FACTORS},
    }


def sure_share(index: Any, listed: np.ndarray, factor: str) -> float:
    """The share of listed wards in at least 95% of draws that vary one kind of choice."""
    weighting, method = index.weighting, index.peers.method
    usual = usual_choices(weighting, method, method.tests.draws)
    made = drawn_choices(weighting, method, method.tests.draws, method.tests.seed)
    drawn = run(index, plan_from(mixed(usual, made, [factor]), weighting, method))
    return round(float((drawn.fifth[listed[index.scored]] >= 0.95).mean()), 2)


def shares(wards: pd.DataFrame, index: Any) -> dict[str, float]:
    """How much of England's cohorts live in the wards of the highest-risk tenth."""
    table = cohort_table(wards, index.in_highest(0.1)).dropna(subset=["share"])
    return rounded(dict(zip(table["cohort"], table["share"], strict=True)))


def rounded(values: dict[str, float]) -> dict[str, float]:
    """The values to three decimals."""
    return {key: round(float(value), 3) for key, value in values.items()}


def main() -> None:
    """Print and write everything."""
    snapshot = load()
    scorer = Scorer(snapshot, Places(snapshot.wards))
    result = {
        "data_version": snapshot.version,
        "england": timings(scorer),
        "page": page_timings(),
        "figures": figures(scorer),
    }
    OUT.write_text(json.dumps(result, indent=1, default=float) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1, default=float))


if __name__ == "__main__":
    main()
