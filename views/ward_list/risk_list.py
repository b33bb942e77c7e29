"""The risk list: which wards, why, how sure, how many people, and the file to take away."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.arrays import Bools
from atlas.places.newer import moved
from atlas.places.places import natural
from atlas.risk.needs import needs
from atlas.risk.pockets import missed
from atlas.risk.reasons import driver_points, main_drivers
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import FIFTH
from atlas.text.lists import listed
from atlas.text.numbers import (
    about_one_in,
    against_definition,
    count_word,
    ordinal,
    people,
    percent,
)
from atlas.ward_list.risk_list import BY_RISK, ListRequest, orders, written_number
from views.cached import risk
from views.cached.risk import Shown
from views.kit.controls import paged
from views.kit.html import TABLE, Cell, Row, cell, escaped, linked_ward, numbers, prose, table
from views.kit.notices import empty, link_problems, outdated_note
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas, atlas
from views.ward_list import sections
from views.ward_list.controls import SHARES, controls
from views.ward_list.files import take_away
from views.ward_list.reasons import reasons
from views.ward_list.risk_map import risk_map

_PAUSE = 1.0  # seconds without another change before tests are run
_WIDE = "atlas-wide-only"
_FRESH = "risk_just_drawn"


def page() -> None:
    """Draw the list of the address's request."""
    request, problems = risk.open_request()
    view = risk.shown(request)
    st.html(sections.STYLE)
    link_problems(problems)
    st.title(f"Ward list, {view.place.label} compared with {view.compared.label}")
    lead = f"No ward of {view.place.label} meets these conditions."
    if view.result.rows:
        lead = f"{_who_is_listed(view)} {_how_sure(view)} {_outside(view)}"
    prose(f"<p class='atlas-lead' role='status'>{escaped(lead)}</p>")
    prose(f"<p class='atlas-list'>{escaped(_needs_here(view))}</p>")
    sections.own_notice(view)
    with st.container(key="risk_outdated"):
        used = [request.order, *(name for name, _ in request.reaching)]
        outdated_note(used, view.place.code)
    # There in every run, empty or not: the map below would start anew if its place moved.
    with st.container(key="risk_tests"):
        if view.tests is None:
            st.session_state[_FRESH] = True
            _test_when_at_rest(request.risk)
    with st.container(key="risk_list"):
        left, right = st.columns([2.1, 1], gap="large")
        with left:
            _list(view)
        with right:
            risk_map(view.index, view.place, view.compared.residents)
            with st.container(key="risk_controls"):
                controls(view)
    if not view.result.rows:
        sections.uses()
        return
    reasons(view)
    sections.groups(view)
    sections.councils(view)
    sections.who_is_missed(view)
    sections.divide(view)
    sections.uses()


@st.fragment(run_every=_PAUSE)
def _test_when_at_rest(asked: RiskRequest) -> None:
    """Run the tests once the list is drawn and the reader has stopped changing it."""
    if st.session_state.pop(_FRESH, False):
        prose(
            "<p class='atlas-note' role='status'>Next the list is tested: how sure is each place?"
            "</p>"
        )
        return
    risk.run_tests(asked)
    st.rerun()


def _who_is_listed(view: Shown) -> str:
    request, result = view.request, view.result
    count, place = len(result.rows), view.place.label
    share = result.residents / result.area_residents if result.area_residents else float("nan")
    aloud = about_one_in(share)
    living = f"{people(result.residents)} people live {'there' if count == 1 else 'in them'}"
    said = f"{living}, {aloud or percent(share)} of the residents of {place}"
    said += f" ({percent(share)}; Census 2021)." if aloud else " (Census 2021)."
    whole = int(view.area.sum())
    are = "is" if count == 1 else "are"
    known = " with data" if whole < len(atlas().places.positions(view.place.code)) else ""
    if request.cut == "share":
        name = SHARES.get(request.limit, f"{request.limit:.1%}")
        listed = f"{count:,} of the {whole:,} wards of {place}{known} {are} in the highest-risk"
        if request.limit in SHARES and not _filtered(replace(request, cut="top")):
            base = "" if view.compared.codes == (view.place.code,) else view.compared.label
            said += f" {against_definition(share, request.limit, name, base)}".rstrip()
        return f"{listed} {name} of {view.compared.label}. {said}"
    if request.order == BY_RISK and not _filtered(request) and 1 < count < whole:
        wards = count_word(count)
        return f"The {wards} wards of {place} with the highest risk, of {whole:,}{known}. {said}"
    return f"{count:,} of the {whole:,} wards of {place}{known} {are} listed. {said}"


def _needs_here(view: Shown) -> str:
    """Say how many of a place's residents live where each of the two needs is high."""
    rows = atlas().places.positions(view.place.code)
    people_ = np.nan_to_num(atlas().snapshot.wards["population"].to_numpy()[rows])
    if not people_.sum():
        return ""

    def share(high: Bools) -> float:
        return float(people_[high[rows]].sum() / people_.sum())

    found = needs(view.index)
    first, second = list(found.high.items())[:2]
    names = [found.method.components[key].label.lower() for key, _ in (first, second)]
    text = (
        f"{percent(share(first[1]))} of the residents of {view.place.label} live in wards in the "
        f"highest fifth of {view.compared.label} for {names[0]}. For {names[1]} the share is "
        f"{percent(share(second[1]))}."
    )
    if max(share(first[1]), share(second[1])) > 2 * share(view.index.in_highest(FIFTH)):
        text += " The score counts both needs: a ward high on one alone can stay below the fifth."
    return text


def _filtered(request: ListRequest) -> bool:
    plain = replace(ListRequest(area=request.area, risk=request.risk), limit=request.limit)
    return request != plain


def _how_sure(view: Shown) -> str:
    rows = list(view.result.rows)
    high = view.index.in_highest(FIFTH)[rows]
    fifth = f"the highest fifth of {view.compared.label}"
    if not high.any():
        return f"{'It is not' if len(rows) == 1 else 'None of them is'} in {fifth}."
    inside = int(high.sum())
    some = "One of them is" if inside == 1 else f"{inside:,} of them are"
    all_ = "It is" if len(rows) == 1 else "All are"
    first = f"{all_ if high.all() else some} in {fifth}"
    if view.tests is None:
        return f"{first}."
    sure, fairly = (
        int((view.tests.tier[rows] == tier.key).sum()) for tier in view.index.peers.method.tiers[:2]
    )
    if inside == 1:
        tier = str(view.tests.tier[rows][high][0])
        return f"{first}; that {tier if tier == 'could change' else f'is {tier}'}."
    tiers = {"sure": sure, "fairly sure": fairly, "could change": inside - sure - fairly}
    said = [f"{number:,} {tier}" for tier, number in tiers.items() if number]
    alone = next(tier for tier, number in tiers.items() if number)
    return f"{first}: {listed(said) if len(said) > 1 else f'all {alone}'}."


def _outside(view: Shown) -> str:
    out = missed(view.pockets.by_ward, view.result.listed, view.area)
    if not out["residents"]:
        return "No small area of high risk lies outside them."
    number, count = int(out["pockets"]), len(view.result.rows)
    return (
        f"Another {people(float(out['residents']))} people live in {number:,} "
        f"pocket{'' if number == 1 else 's'} of high risk outside "
        f"{'this ward' if count == 1 else f'these {count_word(count)} wards'}."
    )


def _list(view: Shown) -> None:
    if not view.result.rows:
        empty(
            "No ward is left.",
            f"None of {view.place.label} passes all conditions.",
            "Choose a larger share, a closer base or fewer filters.",
        )
        return
    slot, lines = st.container(), view.result.table
    made = paged(lines, f"risk_page_{len(lines)}", partial(_table, view, _standing(view)), TABLE)
    slot.html(f"<div class='atlas-tight'>{made}</div>")
    take_away(view)
    sections.other_lengths(view)
    sections.contents()


def _table(
    view: Shown, standing: Sequence[Cell], part: pd.DataFrame, which: str, anchor: str
) -> str:
    order = view.request.order
    shown = f" Rows {which}." if len(part) < len(view.result.table) else ""
    caption = (
        f"A risk of 90 means that 90 in 100 of {view.compared.residents} live in wards at lower "
        "risk. 80 or more is the highest fifth; “sure” says how sure it is that a ward is in it. "
        f"In order of {orders(view.measures)[order].lower()}.{shown}"
    )
    headings = [*numbers("Place"), "Ward", *numbers("Risk"), "Standing", "Kind of need"]
    headings += [] if order == BY_RISK else numbers(orders(view.measures)[order])
    headings += numbers("Residents")
    headings += [cell("Running total", number=True, css=_WIDE)]
    headings += [cell("In pockets", number=True, css=_WIDE)]
    return table(escaped(caption), headings, _rows(view, standing, part), anchor)


def _rows(view: Shown, standing: Sequence[Cell], part: pd.DataFrame) -> Sequence[Row]:
    points = driver_points(view.index)
    inside = view.pockets.by_ward["pocket_people_tenth"].to_numpy()
    body = []
    outdated = _outdated()
    for at, line in zip(part.index, part.to_dict("records"), strict=True):
        row = view.result.rows[at]
        drivers = main_drivers(view.index, row, points)
        driver = view.index.peers.method.column(drivers[0]).short if drivers else "none stands out"
        cells = [
            f"{at + 1:,}",
            _ward(line, natural(str(line["authority_name"])) in outdated),
            f"{int(line['score'])}",
            standing[at],
            _under(str(line["need"]), driver.removesuffix(" (share)")),
        ]
        if view.request.order != BY_RISK:
            number = written_number(view.request.order, line["number"], view.measures)
            cells.append(cell(number, number=True))
        cells += [
            f"{line['residents']:,}",
            cell(f"{line['cumulative_residents']:,}", number=True, css=_WIDE),
            cell(f"{np.nan_to_num(inside[row]):,.0f}", number=True, css=_WIDE),
        ]
        body.append(cells)
    return body


@per_snapshot
def _outdated(shared: Atlas) -> set[str]:
    """Return which councils' broadband has moved so far that figures of their wards are old."""
    known = shared.snapshot
    return (
        {each.name for each in moved(known.wards, known.councils)} if len(known.councils) else set()
    )


def _ward(line: Mapping[Hashable, Any], outdated: bool) -> Cell:
    name = linked_ward(str(line["ward_name"]), str(line["ward_code"])).html
    council = natural(str(line["authority_name"]))
    by_hand = " · added by hand" if line["by_hand"] else ""
    by_hand += " · based on one small area" if line["single"] else ""
    by_hand += " · broadband figure out of date" if outdated else ""
    return Cell(f"{name}<span class='atlas-under'>{escaped(council + by_hand)}</span>")


def _standing(view: Shown) -> list[Cell]:
    """Say of each listed ward where it stands, how sure that is, and among which places here."""
    rows = np.array(view.result.rows)
    ends = [""] * len(rows)
    if view.tests is not None:
        low, high = view.tests.places_among(rows)
        # Few draws may leave a ward where the list has it: its own place belongs to what is said.
        own = 1 + np.argsort(np.argsort(view.index.rank[rows], kind="stable"))
        low, high = np.minimum(low, own), np.maximum(high, own)
        ends = [
            f"{ordinal(int(a))} here" if a == b else f"{ordinal(int(a))} to {ordinal(int(b))} here"
            for a, b in zip(low, high, strict=True)
        ]
    inside, band = view.index.in_highest(FIFTH), view.index.band
    words = []
    for row in rows:
        if not inside[row]:
            words.append(("below the highest fifth", ""))
            continue
        sure = "being tested" if view.tests is None else str(view.tests.tier[row])
        tenth = band[row] == view.index.peers.method.bands
        words.append(("highest tenth", f"fifth: {sure}") if tenth else ("highest fifth", sure))
    return [
        _under(said, ", ".join(filter(None, (sure, place))))
        for (said, sure), place in zip(words, ends, strict=True)
    ]


def _under(text: str, below: str) -> Cell:
    return Cell(f"{escaped(text)}<span class='atlas-under'>{escaped(below)}</span>")
