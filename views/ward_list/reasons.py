"""Why a ward is listed, how sure that is, what would take it off, how its small areas differ."""

import numpy as np
import pandas as pd
import streamlit as st

from atlas.risk.pockets import within_ward
from atlas.risk.reasons import (
    base_averages,
    cut_percent,
    highest,
    in_hundred,
    off_under,
    what_would_take_it_off,
    why_lines,
)
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import FIFTH, TENTH
from atlas.text.lists import listed
from atlas.text.numbers import percent
from views.cached import risk
from views.cached.risk import Shown
from views.kit.html import drawn, escaped, items, numbers, prose, table
from views.session import uploads, url
from views.session.snapshot import atlas
from views.ward_list.controls import SHARES
from views.ward_list.sections import heading

# How many choices of method are named that a ward's place depends on.
DEPENDS_ON = 2


def reasons(view: Shown) -> None:
    """Let the reader ask of one ward: why is it here, and what would take it off?

    A ward that is selected on the map is asked about first, whether it is listed or not.
    """
    places = atlas().places
    rows = list(view.result.rows)
    selected = url.view().ward
    mine = places.row(selected) if selected else None
    if mine is not None and mine not in rows and view.index.scored[mine]:
        rows = [mine, *rows]
    names = {row: places[str(view.index.peers.codes[row])].label for row in rows}
    st.html(heading("why", "Why is this ward here, and what would take it off?"))
    _follow_the_map(mine, rows)
    row = st.selectbox(
        "Ward to ask about", rows, format_func=lambda chosen: names[chosen], key="risk_why"
    )
    left, right = st.columns(2, gap="large")
    with left:
        _explain(view, row)
    with right:
        st.html(_small_areas(view, str(view.index.peers.codes[row]), names[row]))


def _follow_the_map(mine: int | None, rows: list[int]) -> None:
    if st.session_state.get("risk_asked") != mine:
        st.session_state["risk_asked"] = mine
        if mine in rows:
            st.session_state["risk_why"] = mine
    if st.session_state.get("risk_why") not in rows:
        st.session_state["risk_why"] = rows[0]


def _explain(view: Shown, row: int) -> None:
    index, wards, method = view.index, uploads.ward_figures(), view.index.peers.method
    averages = base_averages(wards, index.peers.inside, list(method.indicators), method)
    lines = items(why_lines(index, row, view.base, wards, averages))
    said = escaped(_standing(view, row))
    prose(f"<ul class='atlas-list'>{lines}</ul><p class='atlas-list'>{said}</p>")


def _below(view: Shown, row: int, group: str) -> str:
    text = (
        f"It is not in {group}. {in_hundred(float(view.index.score[row])).capitalize()} of "
        f"{view.compared.residents} live in wards at lower overall risk."
    )
    if view.tests is None:
        return text
    tenth, fifth = view.tests.share_worst_tenth[row], view.tests.share_worst_fifth[row]
    return (
        f"{text} It is in the highest tenth in {cut_percent(tenth)} of the tests, and in the "
        f"highest fifth in {cut_percent(fifth)}."
    )


def _standing(view: Shown, row: int) -> str:
    share, tests = view.request.share, view.tests
    rule, group = highest(share), f"the highest {SHARES.get(share, f'{share:.1%}')}"
    if not rule(view.index)[row]:
        return _below(view, row, group)
    declared = view.index.peers.method.presets
    presets = {
        declared[key].label: other
        for key, other in risk.scorer().by_preset(view.request.risk).items()
    }
    firm = None
    if tests is not None and share in (TENTH, FIFTH):
        often, always = (
            (tests.share_worst_tenth, tests.any_tenth)
            if share == TENTH
            else (tests.share_worst_fifth, tests.any_fifth)
        )
        firm = float(often[row]), float(always[row])
    changes, off = risk.changes(view.request.risk, row, share), off_under(presets, row, rule)
    return f"{what_would_take_it_off(changes, off, firm, group)} {_depends(view, row)}".strip()


def _depends(view: Shown, row: int) -> str:
    """Say which choices of method a ward's place depends on most, where that is known."""
    found = risk.standard_sensitivity()
    if found is None or view.request.risk != RiskRequest():
        return ""
    most = [
        # An estimate of a small share can fall below none.
        f"{name} ({max(alone, 0.0):.0%} of the differences)"
        for name, alone, _ in found.most(row)[:DEPENDS_ON]
    ]
    return f"In the tests its place depends most on the choice of {listed(most)}." if most else ""


def _small_areas(view: Shown, ward_code: str, name: str) -> str:
    strip = within_ward(view.pockets, atlas().snapshot.lsoas, ward_code)
    if strip.empty:
        return ""
    alternative = "A circle for each, from the lowest risk in England to the highest"
    picture = drawn(_circles(strip), alternative, "atlas-strip-wide")
    rows = [
        [
            f"{line['small_area_name']} ({line['lsoa_code']})",
            f"{line['population']:,.0f}",
            "no data" if np.isnan(line["score"]) else percent(float(line["score"]) / 100),
            "pocket" if line["pocket"] == "tenth" else "",
        ]
        for line in strip.to_dict("records")
    ]
    headings = ["Small area", *numbers("Residents", "At higher risk than"), "Pocket"]
    caption = "Its small areas; the share is of England’s residents"
    body = table(caption, headings, rows, css="atlas-tight")
    summary = f"<summary>The {len(strip)} small areas in figures</summary>"
    return (
        f"<p class='atlas-list'>{escaped(_strip_words(strip, name))}</p>{picture}"
        f"<details class='atlas-details'>{summary}{body}</details>"
    )


def _strip_words(strip: pd.DataFrame, name: str) -> str:
    inside = strip["pocket"] == "tenth"
    living = float(strip["population"][inside].sum())
    found = (
        "none is a pocket (in England’s highest-risk tenth)"
        if not inside.any()
        else f"{int(inside.sum())} {'is a pocket' if inside.sum() == 1 else 'are pockets'} (in "
        f"England’s highest-risk tenth), home to {living:,.0f} of its residents"
    )
    return f"Inside the ward: of the {len(strip)} small areas of {name}, {found}."


def _circles(strip: pd.DataFrame) -> str:
    """Return a strip of circles, one a small area, from England's lowest risk to its highest.

    Pockets are larger and dark-rimmed, so that they tell apart without colour.
    """
    marks = "".join(
        f"<circle cx='{10 + 5.8 * place:.0f}' cy='26' r='{9 if pocket else 7}' "
        f"fill='{'#B4500F' if pocket else '#84BBE7'}' fill-opacity='.85' stroke='#1A1F26' "
        f"stroke-width='{2.5 if pocket else 1}'/>"
        for place, pocket in zip(
            np.nan_to_num(strip["score"]), strip["pocket"] == "tenth", strict=True
        )
    )
    text = "font-family='sans-serif' font-size='18' fill='#545D68'"
    return (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 600 66'>"
        "<rect x='532' y='8' width='62' height='36' fill='#F3E3D8'/>"
        f"<path d='M10 26H594' stroke='#8A8F94' stroke-width='2'/>{marks}"
        f"<text x='10' y='62' {text}>lowest risk in England</text>"
        f"<text x='594' y='62' text-anchor='end' {text}>highest-risk tenth</text></svg>"
    )
