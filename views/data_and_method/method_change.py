"""What the method of today changed since version 0.1, as a part of the Method page."""

import pandas as pd

from atlas.catalogue.columns import declared_columns
from atlas.files.spreadsheets import Field
from atlas.places.places import natural
from atlas.risk.method import declared_method
from atlas.risk.method_change import moved_wards
from atlas.risk.request import RiskRequest
from atlas.text.lists import listed
from views.cached import risk
from views.kit.downloads import csv_button
from views.kit.html import Row, escaped, numbers, prose, table
from views.session.snapshot import atlas

_COUNCILS = 6


def method_change() -> None:
    """Say which wards entered and left the highest tenth and fifth, why, and offer the list."""
    moved = _named(moved_wards(risk.index(RiskRequest())))
    fifth = moved[moved["list"] == "highest fifth"]
    entered, left = (fifth[fifth["change"] == change] for change in ("entered", "left"))
    prose(
        "<h2 class='atlas-h2' id='changed'>What changed since version 0.1</h2>"
        "<p class='atlas-list'>Version 0.1 averaged percentiles, so that few older residents could "
        "cancel much deprivation. Today’s exponential step lets one high part count, as in the "
        f"Indices of Deprivation. So {len(entered):,} wards entered England’s highest fifth and "
        f"{len(left):,} left it. Most entered in {_councils(entered)}. Most left in "
        f"{_councils(left)}.</p>"
        + table("Wards that entered and left, and why", _HEADINGS, _counts(moved))
        + "<p class='atlas-list'>Some councils with much deprivation still have few wards in the "
        "highest fifth. Their residents are young: few wards there are high on age and health, "
        "which goes most closely with not being online.</p>"
    )
    csv_button("wards-moved-since-0-1", lambda: moved, _fields(), "method_moved")


_HEADINGS = ["List", "Change", "Why", *numbers("Wards")]


def _counts(moved: pd.DataFrame) -> list[Row]:
    counted = moved.groupby(["list", "change", "why"]).size().reset_index(name="wards")
    return [
        [str(r["list"]).capitalize(), r["change"], r["why"]] + [f"{r['wards']:,}"]
        for r in counted.to_dict("records")
    ]


def _councils(moved: pd.DataFrame) -> str:
    counted = moved["authority_name"].value_counts().rename_axis("name").reset_index(name="wards")
    first = counted.sort_values(["wards", "name"], ascending=[False, True]).head(_COUNCILS)
    names = [f"{natural(str(r['name']))} ({r['wards']})" for r in first.to_dict("records")]
    return escaped(listed(names))


def _named(moved: pd.DataFrame) -> pd.DataFrame:
    names = atlas().snapshot.wards[["ward_code", "ward_name", "authority_name"]]
    return names.merge(moved, on="ward_code", how="right", validate="one_to_many")


def _fields() -> list[Field]:
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


_IDENTITY = ("ward_code", "ward_name", "authority_name")
