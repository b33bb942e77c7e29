"""Why one ward is listed, how firmly, what would take it off, and how its small areas differ."""

import base64

import numpy as np
import streamlit as st

from pages.parts import risk
from pages.parts.atlas import atlas
from pages.parts.markup import cell, escaped, plain_markdown, table
from wards.base import Base
from wards.index import Index
from wards.pockets import Pockets, within_ward
from wards.reasons import (
    Firmness,
    Listed,
    base_averages,
    changes_off,
    first,
    highest,
    off_under,
    what_would_take_it_off,
    why_listed,
)
from wards.risk_list import ListRequest, RiskList
from wards.robustness import TENTH, Robustness
from wards.sentences import percent


def reasons(
    request: ListRequest,
    result: RiskList,
    index: Index,
    base: Base,
    tests: Robustness | None,
    pockets: Pockets,
) -> None:
    """Let the reader ask of one listed ward: why is it here, and what would take it off?"""
    places = atlas().places
    names = {row: places[str(index.peers.codes[row])].label for row in result.rows}
    st.html("<h2 class='atlas-h2'>Why is this ward here?</h2>")
    row = st.selectbox(
        "Ward",
        list(names),
        format_func=lambda chosen: plain_markdown(names[chosen]),
        key="risk_why",
        label_visibility="collapsed",
    )
    if row is None:
        return
    averages = base_averages(
        atlas().snapshot.wards, index.peers.inside, list(index.peers.method.indicators)
    )
    why = why_listed(index, row, base, atlas().snapshot.wards, averages)
    off = _what_takes_it_off(request, index, row, tests)
    st.html(
        f"<p class='atlas-list'>{escaped(why)}</p><p class='atlas-list'>{escaped(off)}</p>"
        + _small_areas(pockets, str(index.peers.codes[row]), names[row])
    )


def _what_takes_it_off(
    request: ListRequest, index: Index, row: int, tests: Robustness | None
) -> str:
    rule, share = _rule(request)
    if not rule(index)[row]:
        return (
            "It is here by the order or the filters chosen, not because its score is among the "
            "highest of the comparison base."
        )
    declared = index.peers.method.presets
    presets = {
        declared[key].label: other
        for key, other in risk.assessor().by_preset(request.settings).items()
    }
    firm = None
    if tests is not None and request.cut == "share":
        shares = (
            (tests.share_worst_tenth, tests.any_tenth)
            if share <= TENTH
            else (tests.share_worst_fifth, tests.any_fifth)
        )
        firm = Firmness(float(shares[0][row]), float(shares[1][row]))
    off = off_under(presets, row, rule)
    return what_would_take_it_off(changes_off(index, row, rule), off, firm)


def _rule(request: ListRequest) -> tuple[Listed, float]:
    if request.cut == "top" and request.area in request.settings.base:
        return first(int(request.limit)), request.share
    return highest(request.share), request.share


def _small_areas(pockets: Pockets, ward_code: str, name: str) -> str:
    strip = within_ward(pockets, atlas().snapshot.lsoas, ward_code)
    if strip.empty:
        return ""
    marks = "".join(
        f"<circle cx='{place:.1f}' cy='2.5' r='0.9' fill='{colour}' stroke='#1A1F26' "
        "stroke-width='0.15'/>"
        for place, colour in zip(
            np.nan_to_num(strip["place"]),
            np.where(strip["pocket"] == "tenth", "#B4500F", "#84BBE7"),
            strict=True,
        )
    )
    words = (
        f"{len(strip)} small areas of {escaped(name)} on a line from England’s lowest risk (left) "
        "to its highest (right); pockets are in the warm colour."
    )
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='-1 0 102 5'>"
        "<path d='M0 2.5H100' stroke='#8A8F94' stroke-width='0.3'/>"
        f"<path d='M90 0.5v4' stroke='#1A1F26' stroke-width='0.2'/>{marks}</svg>"
    )
    # As an image: pages may not hold drawing elements of their own.
    drawn = base64.b64encode(svg.encode()).decode()
    picture = f"<img style='width:100%' alt='{words}' src='data:image/svg+xml;base64,{drawn}'>"
    rows = [
        [
            cell(str(line["lsoa_name"])),
            cell(f"{line['population']:,.0f}", number=True),
            cell(
                "no data" if np.isnan(line["place"]) else percent(float(line["place"]) / 100),
                number=True,
            ),
            cell("pocket" if line["pocket"] == "tenth" else ""),
        ]
        for line in strip.to_dict("records")
    ]
    headings = [cell("Small area"), cell("Residents", number=True)]
    headings += [cell("At higher risk than", number=True), cell("Pocket")]
    body = table("Its small areas among those of England", headings, rows)
    summary = f"<summary>The {len(strip)} small areas in figures</summary>"
    return (
        f"<p class='atlas-note'>{words}</p>{picture}"
        f"<details class='atlas-details'>{summary}{body}</details>"
    )
