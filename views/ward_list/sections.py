"""The parts of the risk list beside the list: councils, groups, a division, who is missed, uses."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from atlas.catalogue import cohorts
from atlas.files.spreadsheets import Field
from atlas.places.places import natural
from atlas.risk.export import HOW_NOT_TO_USE, HOW_TO_USE
from atlas.risk.pockets import hides_a_pocket, missed
from atlas.risk.uploaded_components import own_columns, own_words, without_own_figure
from atlas.text.lists import counted
from atlas.text.numbers import about_one_in, people, percent
from atlas.ward_list.allocation import RULES, side_by_side
from atlas.ward_list.risk_list import by_authority, rate_against_people
from views.cached import risk
from views.cached.risk import Shown
from views.kit.downloads import address_of, csv_button
from views.kit.html import Row, cell, escaped, items, numbers, prose, table
from views.session.snapshot import atlas

# The look that the risk list, the postcode check and the method share.
STYLE = Path(__file__).with_name("ward_list.css")
SECTIONS = {
    "why": "Why a ward is here",
    "groups": "How many people",
    "councils": "Councils",
    "missed": "Who is missed",
    "divide": "Divide devices or money",
    "uses": "How to use it",
}
_FIRST, _SHOWN = 10, 25
_LENGTHS = (5, 10, 20, 50, 100, 200)
_MOST_DIVIDED = 200


def heading(key: str, text: str) -> str:
    """Return the heading of a section, with the id that the links of the page lead to."""
    return f"<h2 class='atlas-h2 atlas-section' id='{key}'>{escaped(text)}</h2>"


def contents() -> None:
    """Offer a link to each section."""
    links = "<span aria-hidden='true'> · </span>".join(
        f"<a href='#{key}' target='_self'>{escaped(text)}</a>" for key, text in SECTIONS.items()
    )
    st.html(
        f"<nav class='atlas-contents' aria-label='Parts of this page'>Further down: {links}</nav>"
    )


def other_lengths(view: Shown) -> None:
    """Say how many residents a shorter or longer list in the same order would cover."""
    longest = replace(view.request, cut="top", limit=float(_LENGTHS[-1]), spread=0)
    covered = risk.shown(longest).result.table
    lengths = [length for length in _LENGTHS if length <= len(covered)]
    if len(lengths) < 2:
        return
    headings = ["Wards", *numbers("Residents", "Of the area")]
    rows = [
        [
            f"{length:,}",
            f"{covered['cumulative_residents'].iloc[length - 1]:,}",
            percent(float(covered["cumulative_share"].iloc[length - 1])),
        ]
        for length in lengths
    ]
    with st.expander("What a shorter or longer list would cover"):
        st.html(table("Residents covered as the list grows", headings, rows))


def councils(view: Shown) -> None:
    """Say how the list falls among councils, each beside its share of the area's residents."""
    lines = by_authority(view.result, atlas().snapshot.wards, atlas().places)
    if len(lines) < 2:
        return
    some = lines[lines["listed"] > 0].sort_values(
        ["listed_residents", "authority_code"], ascending=[False, True]
    )
    headings = [
        "Council",
        *numbers("Wards listed", "Residents listed", "Of the list", "Of the area"),
    ]
    body = [
        [
            natural(str(line["authority_name"])),
            f"{line['listed']:,} of {line['wards']:,}",
            f"{line['listed_residents']:,}",
            percent(float(line["share_of_list"])),
            percent(float(line["share_of_area"])),
        ]
        for line in some.head(_SHOWN).to_dict("records")
    ]
    first = some.iloc[0]
    place, name = view.place.label, natural(str(first["authority_name"]))
    lead = (
        f"{len(some):,} of the {len(lines):,} councils of {place} have wards on the list. "
        f"{name} has the largest share: {percent(float(first['share_of_list']))} of the residents "
        f"listed, against {percent(float(first['share_of_area']))} of the people of {place}."
    )
    more = "" if len(some) <= _SHOWN else f"; the first {_SHOWN}, all are in the Excel file"
    caption = f"Councils with wards on the list, by residents of those wards{more}"
    prose(
        heading("councils", "How the list falls among councils")
        + f"<p class='atlas-list'>{escaped(lead)}</p>"
        + table(caption, headings, body)
    )


def groups(view: Shown) -> None:
    """Count the groups that schemes ask for, each with how honest the count is."""
    lines = cohorts.cohort_table(atlas().snapshot.wards, view.result.listed)
    counted = lines[lines["number"].notna()]
    headings = ["Group", *numbers("In these wards", "Of England’s"), "How it is counted"]
    body = [
        [line["label"], f"{line['number']:,.0f}", percent(line["share"]), _count_words(line)]
        for line in counted.to_dict("records")
    ]
    cannot = [
        f"{label[0].lower()}{label[1:]}"
        for label in map(str, lines.loc[lines["number"].isna(), "label"])
    ]
    notes = items(lines["label"] + ": " + lines["note"])
    prose(
        heading("groups", "How many people that is")
        + table(f"Groups in the listed wards. {escaped(cohorts.OVERLAP)}", headings, body)
        + f"<p class='atlas-note'>Not measurable locally, so not given: "
        f"{escaped('; '.join(cannot))}.</p>"
        + "<details class='atlas-details'><summary>What each group is</summary>"
        f"<ul class='atlas-list'>{notes}</ul></details>"
    )


def _count_words(line: Mapping[Hashable, Any]) -> str:
    unknown = int(line["unknown_wards"])
    without = f"; {unknown:,} wards without a figure" if unknown else ""
    return f"{line['honesty']}{without}"


def divide(view: Shown) -> None:
    """Divide a number of devices, or an amount of money, between the wards by three rules."""
    st.html(heading("divide", "Divide devices or money between these wards"))
    if not st.toggle("Show the division", key="risk_divide"):
        return
    names = {c.key: c.label for c in cohorts.counted_cohorts()}
    left, right = st.columns(2)
    total = left.number_input("Devices, or whole pounds", 0, 100_000_000, 500, key="risk_total")
    need = right.selectbox(
        "Need is counted by", list(names), format_func=names.__getitem__, key="risk_group"
    )
    _division(view, int(total), need, names[need])


def _division(view: Shown, total: int, need: str, group: str) -> None:
    rows, wards = list(view.result.rows), atlas().snapshot.wards
    shares = side_by_side(
        total,
        list(wards["ward_code"].iloc[rows]),
        wards["population"].to_numpy()[rows].tolist(),
        cohorts.headcounts(wards, cohorts.declared_cohorts()[need])[rows].tolist(),
    )
    names = wards[["ward_code", "ward_name", "authority_name"]].iloc[rows].reset_index(drop=True)
    frame = names.assign(**{rule: shares[rule] for rule in RULES})
    fields = [
        Field("ward_code", "Ward code", "code"),
        Field("ward_name", "Ward", "text"),
        Field("authority_name", "Council", "text"),
        *(Field(rule, words, "count") for rule, words in RULES.items()),
    ]
    headings = ["Ward", *numbers(*RULES.values())]
    body: list[Row] = [
        [f"{line['ward_name']}, {natural(line['authority_name'])}"]
        + ["no data" if pd.isna(line[r]) else f"{line[r]:,}" for r in RULES]
        for line in frame.head(_MOST_DIVIDED).to_dict("records")
    ]
    sums = [f"{int(frame[rule].sum()):,}" for rule in RULES]
    body.append([cell("All listed wards", css="atlas-total"), *sums])
    more = "" if len(frame) <= _MOST_DIVIDED else f"; the first {_MOST_DIVIDED}, all are in the CSV"
    caption = (
        f"{total:,} divided to the last unit by each rule; the group is “{escaped(group)}”{more}"
    )
    st.html(table(caption, headings, body))
    link = address_of(f"?{urlencode(risk.query_string(view.request))}")
    csv_button(f"division-{view.place.code}", lambda: frame, fields, "risk_division", link=link)


def who_is_missed(view: Shown) -> None:
    """Name the wards that are not listed but hold pockets, and what a list by people would do."""
    by_ward = view.pockets.by_ward
    living = by_ward["pocket_people_tenth"].to_numpy()
    hiding = np.flatnonzero(hides_a_pocket(by_ward, view.result.listed) & view.area)
    prose(
        heading("missed", "Who this list misses")
        + f"<p class='atlas-list'>{escaped(_missed_words(view))}</p>"
    )
    if not len(hiding):
        return
    least = st.number_input(
        "Wards with at least so many residents in pockets", 1, 100_000, 1, 500, key="risk_least"
    )
    found = sorted(hiding[living[hiding] >= least], key=lambda row: (-living[row], row))
    caption = (
        f"{len(found):,} wards that are not on the list hold {least:,} or more residents in "
        f"pockets{'' if len(found) <= _FIRST else f': the first {_FIRST}'}"
    )
    rest = found[_FIRST:_SHOWN]
    further = f"The next {len(rest)}" if len(found) > _SHOWN else f"The other {len(rest)}"
    st.html(
        _pocket_table(view, caption, found[:_FIRST])
        + (
            f"<details class='atlas-details'><summary>{further}</summary>"
            f"{_pocket_table(view, f'{further} wards', rest)}</details>"
            if rest
            else ""
        )
    )


def _pocket_table(view: Shown, caption: str, rows: list[int]) -> str:
    by_ward, wards = view.pockets.by_ward, atlas().snapshot.wards
    headings = ["Ward", "Council", *numbers("Pockets", "Residents in pockets", "Of its residents")]
    body = [
        [
            wards["ward_name"].iloc[row],
            natural(str(wards["authority_name"].iloc[row])),
            f"{by_ward['pockets_tenth'].iloc[row]:.0f}",
            f"{by_ward['pocket_people_tenth'].iloc[row]:,.0f}",
            percent(by_ward["extent_tenth"].iloc[row]),
        ]
        for row in rows
    ]
    return table(escaped(caption), headings, body)


def _missed_words(view: Shown) -> str:
    out = missed(view.pockets.by_ward, view.result.listed, view.area)
    place = view.place.label
    pocket = "A pocket is a small area (LSOA) in England’s highest-risk tenth."
    if not out["residents"]:
        return f"{pocket} The list misses none of those in {place}."
    share = float(out["residents"]) / float(out["all_residents"])
    aloud = about_one_in(share)
    agree = rate_against_people(view.result, view.index, atlas().places, view.pockets)
    return (
        f"{pocket} {people(float(out['residents']))} residents of {place} live in "
        f"{int(out['pockets']):,} pockets in {int(out['wards']):,} wards that are not on this "
        f"list: {percent(share)} of all who live in its pockets{f', {aloud}' if aloud else ''}. "
        "One could also list wards by how many people live in England’s highest-risk fifth of "
        f"small areas: {percent(agree)} of the wards would be the same."
    )


def uses() -> None:
    """Say how to use the list and how not to."""
    prose(
        heading("uses", "How to use this list, and how not to")
        + f"<h3 class='atlas-h3'>How to use it</h3><ul class='atlas-list'>{items(HOW_TO_USE)}</ul>"
        "<h3 class='atlas-h3'>How not to use it</h3>"
        f"<ul class='atlas-list'>{items(HOW_NOT_TO_USE)}</ul>"
        "<p class='atlas-note'><a href='data_and_method?tab=method' target='_self'>"
        "How the index is made</a></p>"
    )


def own_notice(view: Shown) -> None:
    """Say which own measures count, who else sees that, and which wards they leave out."""
    words = own_words(view.index)
    if not words:
        return
    sentences = [
        f"Your own {'measure counts' if len(words) == 1 else 'measures count'} in this list: "
        f"{' '.join(words)}",
        "A link or another visitor does not have your figures: this address opens with the "
        "published weights there.",
        *_left_out(view),
        "Pockets are made from small areas, where your figures are not known: they use the "
        "published parts alone.",
        *_totals(view),
    ]
    st.html(
        "<section class='atlas-own-counts' aria-label='Your own measures in this list'>"
        f"<ul class='atlas-list'>{items(sentences)}</ul></section>"
    )


def _left_out(view: Shown) -> list[str]:
    count = without_own_figure(view.index)
    if not count:
        return []
    known = view.index.scored
    scored = int(known.sum())
    here = np.zeros(len(known), dtype=bool)
    here[atlas().places.positions(view.place.code)] = True
    lacking = int((here & ~known).sum())
    wards = counted(count, "ward has", "wards have")
    said = f"{wards} no score, because your figures do not cover them"
    if lacking and view.base.codes != (view.place.code,):
        said += f", {lacking:,} of them in {view.place.label}"
    return [
        f"{said}. Shares, tenths and ranks are among the {scored:,} wards of {view.base.label} "
        "that have one, not among all of them."
    ]


def _totals(view: Shown) -> list[str]:
    totals = [f"“{c.label}”" for c in own_columns(view.index) if c.aggregate == "sum"]
    if not totals:
        return []
    verb = "is a total" if len(totals) == 1 else "are totals"
    return [
        f"{', '.join(totals)} {verb}: a ward with more residents stands higher by its size alone. "
        "A rate per resident compares wards better."
    ]
