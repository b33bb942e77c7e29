"""The method: how the risk index is made, drawn from its own declaration and the data."""

import pandas as pd
import streamlit as st

from atlas.catalogue.cohorts import declared_cohorts
from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import Field
from atlas.places.places import natural
from atlas.risk.export import HOW_NOT_TO_USE, HOW_TO_USE
from atlas.risk.influence import (
    compare_weightings,
    component_correlations,
    effective_influence,
    indicator_correlations,
)
from atlas.risk.method import Method, declared_method
from atlas.risk.method_change import moved_wards
from atlas.risk.pockets import missed
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import FIFTH
from atlas.text.lists import listed
from views.cached import risk
from views.data_and_method.evidence import evidence
from views.data_and_method.words import WORDS, passage
from views.help_nearby.grid import support_method
from views.kit.downloads import address_of, csv_button
from views.kit.html import TABLE, Row, described, escaped, items, numbers, prose, table
from views.session.snapshot import atlas
from views.ward_list.controls import influence_table
from views.ward_list.sections import STYLE


def page() -> None:
    """Draw the method from its declaration."""
    method = declared_method()
    st.html(STYLE)
    st.title("How the risk index is made")
    prose(
        f"<p class='atlas-lead'>{escaped(method.title)}, version {escaped(method.version)}, runs "
        f"from {escaped(method.direction)}. It describes areas, never people. Everything on this "
        f"page is drawn from the declaration that the calculation itself reads. {_sure()}</p>"
    )
    _steps(method)
    _components(method)
    prose(
        "<h2 class='atlas-h2'>Support, the second axis</h2>"
        "<p>Support has no part in the standard risk score. It says what help is within reach, "
        f"whoever lives there.</p>{support_method()}"
    )
    _presets(method)
    _correlations(method)
    _tests(method)
    _depends()
    evidence()
    method_change()
    _rest(method)


def _sure() -> str:
    tiers = risk.run_tests(RiskRequest()).tier[risk.index(RiskRequest()).in_highest(FIFTH)]
    return (
        f"Of the {len(tiers):,} wards in England’s highest fifth, {int((tiers == 'sure').sum()):,} "
        "are sure: there in at least 95% of the Atlas’s own tests."
    )


def _steps(method: Method) -> None:
    steps = (step.format(method=method) for step in WORDS["method"]["steps"])
    prose(f"<h2 class='atlas-h2'>Step by step</h2><ol class='atlas-list'>{items(steps)}</ol>")


def _components(method: Method) -> None:
    rows: list[Row] = []
    for indicator in method.indicators.values():
        component = method.components[indicator.component]
        column = declared_columns()[indicator.key]
        axis = "" if component.axis == "risk" else " (support; only in the preset that says so)"
        rows.append(
            [
                described(column.label, column.definition),
                component.label + axis,
                f"{indicator.weight:g}",
            ]
        )
    headings = ["Indicator", "Component", *numbers("Inner weight")]
    why = "".join(
        f"<li><strong>{escaped(c.label)}.</strong> {escaped(c.why)}</li>"
        for c in method.components.values()
    )
    st.html(
        "<h2 class='atlas-h2'>Components and indicators</h2>"
        + table("What enters the index", headings, rows, TABLE)
        + f"<ul class='atlas-list'>{why}</ul>"
    )


def _presets(method: Method) -> None:
    england = risk.scorer().england
    weightings, indexes = risk.scorer().presets, risk.scorer().by_preset(RiskRequest())
    lists = compare_weightings(england, weightings, 0.1).set_index("choice")
    rows = [
        [
            described(preset.label, preset.meaning),
            _pairs(method, weightings[key].weight),
            _pairs(method, effective_influence(indexes[key])),
            f"{int(lists['listed'][key]):,}",
            f"{float(lists['overlap'][key]):.0%}",
        ]
        for key, preset in method.presets.items()
    ]
    counts = numbers("Wards in highest tenth", "Shared with standard")
    headings = ["Preset", "Weights", "Influence in England", *counts]
    prose(
        "<h2 class='atlas-h2'>Weights set, and the influence they come to</h2>"
        + passage("method", "influence")
        + influence_table(indexes["standard"])
        + table("What each choice does to England’s list", headings, rows)
    )


def _pairs(method: Method, values: dict[str, float]) -> str:
    return ", ".join(f"{method.components[key].short} {v:.0%}" for key, v in values.items())


def _correlations(method: Method) -> None:
    england = risk.scorer().england
    index = risk.index(RiskRequest())
    short = {
        key: declared_columns()[key].short.removesuffix(" (share)") for key in method.indicators
    }
    labels = {key: method.components[key].short for key in method.components}
    st.html(
        "<h2 class='atlas-h2'>What goes with what</h2>"
        + _matrix(component_correlations(index), labels, "Components over England’s wards")
        + _matrix(indicator_correlations(england), short, "Indicators over England’s wards")
    )


def _matrix(values: pd.DataFrame, names: dict[str, str], what: str) -> str:
    headings = ["Correlation of", *numbers(*(names[str(key)] for key in values.columns))]
    rows = [
        [names[str(key)]] + [f"{v:.2f}".replace("-", "−") for v in line]
        for key, line in zip(values.index, values.to_numpy(), strict=True)
    ]
    caption = f"{what}: Spearman’s rank correlation, −1 to 1"
    return table(caption, headings, rows, css="atlas-matrix")


def _tests(method: Method) -> None:
    asked = RiskRequest()
    tests = risk.run_tests(asked)
    index = risk.index(asked)
    by_ward = risk.pockets(asked).by_ward
    listed = index.in_highest(FIFTH)
    tiers = tests.tier[listed]
    out = missed(by_ward, listed, index.scored)
    rows = [
        [
            tier.key.capitalize(),
            f"{tier.least:.0%}",
            f"{int((tiers == tier.key).sum()):,}",
            tier.meaning,
        ]
        for tier in method.tiers
    ]
    headings = ["How sure", *numbers("At least", "England’s highest fifth: wards"), "Meaning"]
    instead = "; ".join(each.meaning for each in method.alternatives)
    always = int((tests.any_fifth[listed] >= 0.5).sum())
    prose(
        "<h2 class='atlas-h2'>How sure it is</h2>"
        + passage(
            "method",
            "tests",
            tests=method.tests,
            scalings=" or ".join(method.tests.scalings),
            means=" or ".join(method.tests.means),
            instead=instead,
            highest=int(listed.sum()),
            always=always,
        )
        + table("How often a ward is in the highest fifth", headings, rows)
        + f"<p class='atlas-list'>A ward’s average can hide need: {out['residents']:,} of the "
        f"{out['all_residents']:,} residents of England’s highest-risk tenth of small areas live "
        "outside the wards of the highest fifth.</p>"
    )


def _depends() -> None:
    """Say what the places of listed wards depend on: Sobol shares of each kind of choice."""
    found = risk.standard_sensitivity()
    if found is None:
        return
    shares = found.shares(risk.index(RiskRequest()).in_highest(FIFTH))
    ordered = sorted(shares.items(), key=lambda pair: -pair[1][1])
    most = listed([name for name, _ in ordered[:2]])
    rows = [[name.capitalize(), *(f"{share:.0%}" for share in both)] for name, both in ordered]
    headings = ["Choice", *numbers("Alone", "With others too")]
    caption = (
        "What the rank of a ward in the highest fifth depends on: Sobol shares of its variance"
    )
    prose(
        "<h3 class='atlas-h3'>What a ward’s place depends on most</h3>"
        + passage("method", "depends", most=most)
        + table(caption, headings, rows)
    )


def _rest(method: Method) -> None:
    lines = {
        "How it differs from the Digital Exclusion Risk Index (DERI)": WORDS["method"]["deri"],
        "How to use it": HOW_TO_USE,
        "How not to use it": HOW_NOT_TO_USE,
        "Groups that can and cannot be counted": tuple(
            f"{c.label}: {c.honesty}. {c.note}" for c in declared_cohorts().values()
        ),
    }
    prose(
        "".join(
            f"<h2 class='atlas-h2'>{escaped(title)}</h2><ul class='atlas-list'>{items(texts)}</ul>"
            for title, texts in lines.items()
        )
        + f"<p class='atlas-note'>Index version {escaped(method.version)}, data version "
        f"{escaped(atlas().snapshot.version)}. Analysts: python -m atlas index --base E92000001 "
        "--out FILE.</p>"
    )


_MOST_COUNCILS = 6
_IDENTITY = ("ward_code", "ward_name", "authority_name")


def method_change() -> None:
    """Say which wards entered and left the highest tenth and fifth, why, and offer the list."""
    names = atlas().snapshot.wards[[*_IDENTITY]]
    entries = moved_wards(risk.index(RiskRequest()))
    moved = names.merge(entries, on="ward_code", how="right", validate="one_to_many")
    headings = ["List", "Change", "Why", *numbers("Wards")]
    counted = moved.groupby(["list", "change", "why"]).size().reset_index(name="wards")
    rows = [
        [str(r["list"]).capitalize(), r["change"], r["why"], f"{r['wards']:,}"]
        for r in counted.to_dict("records")
    ]
    fifth = moved[moved["list"] == "highest fifth"]
    entered, left = (fifth[fifth["change"] == change] for change in ("entered", "left"))
    prose(
        "<h2 class='atlas-h2' id='changed'>What changed since version 0.1</h2>"
        + passage(
            "method",
            "changed",
            entered=len(entered),
            left=len(left),
            entered_in=_councils(entered),
            left_in=_councils(left),
        )
        + table("Wards that entered and left, and why", headings, rows)
        + passage("method", "still_few")
    )
    name, link = "wards-moved-since-0-1", address_of("")
    csv_button(name, lambda: moved, _moved_fields(), "method_moved", link=link)


def _councils(moved: pd.DataFrame) -> str:
    counted = moved["authority_name"].value_counts().rename_axis("name").reset_index(name="wards")
    first = counted.sort_values(["wards", "name"], ascending=[False, True]).head(_MOST_COUNCILS)
    names = [f"{natural(str(r['name']))} ({r['wards']})" for r in first.to_dict("records")]
    return listed(names)


def _moved_fields() -> list[Field]:
    parts = [
        Field(key, declared_method().components[key].label, "score", "0 to 100, of residents.")
        for key in risk.index(RiskRequest()).components
    ]
    return [
        *(Field(name, declared_columns()[name].label, "text") for name in _IDENTITY),
        Field("list", "List", "text"),
        Field("change", "Entered or left", "text"),
        Field("why", "Why", "text", "Which of the two changes of method moved it."),
        Field("score", "Score", "score", declared_columns()["risk_score"].definition),
        Field("score_version_0_1", "Score by the method of version 0.1", "score"),
        *parts,
    ]
