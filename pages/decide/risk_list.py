"""The risk list: which wards, why, how firmly, how many people, and the file to take away."""

from collections.abc import Sequence
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import address, risk
from pages.parts.atlas import atlas
from pages.parts.downloads import address_of, csv_button, xlsx_button
from pages.parts.legend_view import show_legend
from pages.parts.map_view import ward_map
from pages.parts.markup import Cell, cell, escaped, linked, plain_markdown, table
from pages.parts.notices import empty
from pages.parts.risk_controls import (
    base_control,
    cut_control,
    filters_control,
    influence_table,
    weights_control,
)
from pages.parts.risk_reasons import reasons
from pages.parts.skip_link import TABLE
from wards.allocation import RULES, side_by_side
from wards.base import Base
from wards.cohorts import OVERLAP, cohort_table, counted_cohorts, declared_cohorts, headcounts
from wards.columns import declared_columns
from wards.evidence import evidence_paragraph
from wards.exports import Field, Sheet
from wards.index import Index
from wards.index_export import (
    HOW_NOT_TO_USE,
    HOW_TO_USE,
    Made,
    export_fields,
    export_rows,
    readme,
    to_geojson,
)
from wards.legend import Legend, LegendRow
from wards.map_values import MapView
from wards.palette import SEQUENTIAL
from wards.places import ENGLAND, Place, natural
from wards.pockets import Pockets, hides_a_pocket, missed
from wards.reasons import driver_points, main_drivers
from wards.risk_list import (
    BY_RISK,
    ListRequest,
    RiskList,
    build,
    by_authority,
    orders,
    rate_against_people,
)
from wards.robustness import Robustness
from wards.sentences import about_one_in, people, percent
from wards.settings import base_from
from wards.view_state import query

_PER_PAGE = 25
_FIFTHS = (
    "lowest-risk fifth",
    "second fifth",
    "middle fifth",
    "fourth fifth",
    "highest-risk fifth",
)
_SHARES = {0.05: "twentieth", 0.1: "tenth", 0.2: "fifth"}


def page() -> None:
    request, problems = risk.open_request()
    shared, place = atlas(), atlas().places[request.area]
    base = base_from(request.settings, shared.places)
    index = risk.assessor().index(request.settings)
    pockets = risk.assessor().pockets(request.settings)
    for problem in problems:
        st.warning(plain_markdown(problem), icon=":material/link_off:")
    st.title(f"Risk list, wards of {place.label} compared with {base.label}")
    lead = st.empty()
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        base_control(request)
        weights_control(request, index)
        st.html(f"<div class='atlas-narrow'>{influence_table(index)}</div>")
        cut_control(request)
    with right:
        tests = _tests(request)
    result = build(
        _without_tier(request, tests), shared.snapshot.wards, shared.places, index, tests, pockets
    )
    with left:
        filters_control(request, tests is not None)
    with lead:
        sentence = _lead(result, place, base, tests, pockets, index)
        st.html(f"<p class='atlas-lead'>{escaped(sentence)}</p>")
    with right:
        _map(request, place, base, index)
        if not result.rows:
            empty(
                "No ward is left.",
                f"None of {place.label} passes all conditions.",
                "Choose a larger share, a closer base or fewer filters.",
            )
            return
        _list(result, index, base, tests, pockets)
        reasons(request, result, index, base, tests, pockets)
        _take_away(request, result, place, tests, index, pockets)
    _authorities(result, place)
    _cohorts(result, place)
    _allocation(result)
    _missed(result, index, place, pockets)
    _uses()


def _without_tier(request: ListRequest, tests: Robustness | None) -> ListRequest:
    return request if tests else ListRequest(**{**vars(request), "tier": ""})


def _tests(request: ListRequest) -> Robustness | None:
    """Return the tests: run at once for presets against England, on request for anything else."""
    settings = request.settings
    tests = risk.kept_tests(settings)
    if tests:
        return tests
    plain = not (settings.weights or settings.influence or settings.inner)
    if plain and settings.base == (ENGLAND,):
        return risk.run_tests(settings)
    if st.button("Test how firm this list is (about two seconds)", type="primary"):
        return risk.run_tests(settings)
    return None


def _lead(
    result: RiskList,
    place: Place,
    base: Base,
    tests: Robustness | None,
    pockets: Pockets,
    index: Index,
) -> str:
    request = result.request
    if not result.rows:
        return f"No ward of {place.label} meets these conditions."
    count = "1 ward" if len(result.rows) == 1 else f"{len(result.rows):,} wards"
    share = result.residents / result.area_residents if result.area_residents else float("nan")
    aloud = about_one_in(share)
    are = "is" if len(result.rows) == 1 else "are"
    listed = f"{are} listed"
    if request.cut == "share":
        name = _SHARES.get(request.limit, f"{request.limit:.1%}")
        listed = f"{are} in the highest-risk {name} of {base.residents}"
    text = (
        f"{count} of {place.label} {listed}: {people(result.residents)} residents, "
        f"{percent(share)} of the area{f', {aloud}' if aloud else ''}."
    )
    if tests is not None:
        tiers = tests.tier_for(request.share)[list(result.rows)]
        text += (
            f" {int((tiers == 'robust').sum()):,} of them stay there in at least 95 of 100 tests."
        )
    out = missed(pockets.by_ward, result.listed, _area(place) & index.scored)
    return (
        f"{text} Another {people(float(out['residents']))} people live in {int(out['pockets']):,} "
        "pockets of high risk outside these wards."
    )


def _area(place: Place) -> np.ndarray:
    inside = np.zeros(len(atlas().snapshot.wards), dtype=bool)
    inside[atlas().places.positions(place.code)] = True
    return inside


def _map(request: ListRequest, place: Place, base: Base, index: Index) -> None:
    wards = atlas().snapshot.wards
    codes = pd.Index(wards["ward_code"])
    fifth = np.where(index.scored, np.minimum(np.floor(np.nan_to_num(index.place) / 20), 4), -1)
    members = None if place.code == ENGLAND else list(codes[atlas().places.positions(place.code)])
    view = address.view()
    with st.expander("Map of risk", expanded=True):
        chosen = ward_map(
            MapView(
                files=atlas().maps,
                values=pd.Series(index.score, index=codes),
                classes=pd.Series(fifth.astype(int), index=codes),
                label="Risk of digital exclusion",
                unit="score",
                decimals=0,
                direction="higher = more need",
                class_labels=_FIFTHS,
                place=place.code,
                place_name=place.label,
                members=members,
                selected=view.ward or None,
            ),
            key="risk_map",
            height=440,
        )
        show_legend(_legend(place, base, index, fifth))
    if chosen and chosen != view.ward:
        st.query_params["ward"] = chosen
        st.rerun()


def _legend(place: Place, base: Base, index: Index, fifth: np.ndarray) -> Legend:
    inside = _area(place)
    residents = np.nan_to_num(atlas().snapshot.wards["population"].to_numpy())

    def row(colour: str, number: int, name: str, bounds: str) -> LegendRow:
        there = inside & (fifth == number)
        return LegendRow(colour, name, bounds, int(there.sum()), float(residents[there].sum()))

    rows = [row(SEQUENTIAL[n], n, "", _FIFTHS[n].capitalize()) for n in range(4, -1, -1)]
    return Legend(
        title="Risk of digital exclusion",
        direction="higher = more need",
        method=f"Fifths of {base.residents}",
        rows=tuple(rows),
        no_data=row("", -1, "", ""),
        bars=(),
        lowest="",
        highest="",
    )


def _list(
    result: RiskList, index: Index, base: Base, tests: Robustness | None, pockets: Pockets
) -> None:
    pages = max(1, -(-len(result.rows) // _PER_PAGE))
    number = st.pagination(pages, key=f"risk_page_{pages}") if pages > 1 else 1
    part = result.table.iloc[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    rows = result.rows[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    order = result.request.order
    caption = (
        f"Risk from 0 to {index.choice.top:.0f}, higher = more need, compared with {base.label}. "
        f"Order: {orders()[order].lower()}."
    )
    headings = [cell("Ward"), cell("Council"), cell("Risk", number=True), cell("Tier")]
    headings += [cell("Rank in tests", number=True)] if tests else []
    headings += [] if order == BY_RISK else [cell(orders()[order], number=True)]
    headings += [cell("Main driver"), cell("Residents", number=True)]
    headings += [cell("So far", number=True), cell("In pockets", number=True)]
    body = _rows(part, rows, index, tests, pockets, order)
    st.html(f"<div class='atlas-tight'>{table(escaped(caption), headings, body, TABLE)}</div>")


def _rows(
    part: pd.DataFrame,
    rows: Sequence[int],
    index: Index,
    tests: Robustness | None,
    pockets: Pockets,
    order: str,
) -> list[list[Cell]]:
    points = driver_points(index)
    inside = pockets.by_ward["pocket_people_tenth"].to_numpy()
    body = []
    for row, line in zip(rows, part.to_dict("records"), strict=True):
        drivers = main_drivers(index, row, points)
        driver = declared_columns()[drivers[0]].short if drivers else ""
        mark = " (added by hand)" if line["by_hand"] else ""
        address_ = f"ward_profile{query(address.View(ward=str(line['ward_code'])))}"
        ward = linked(str(line["ward_name"]), address_)
        cells = [
            Cell(f"{ward.html}{escaped(mark)}"),
            cell(natural(str(line["authority_name"]))),
            cell(f"{line['score']:.1f}", number=True),
            cell(str(line["tier"]) or "not tested", css="atlas-nowrap"),
        ]
        if tests:
            cells.append(cell(_interval(tests, row), number=True))
        if order != BY_RISK:
            cells.append(cell(f"{line['number']:,.0f}", number=True))
        cells += [
            cell(driver.removesuffix(" (share)")),
            cell(f"{line['residents']:,}", number=True),
            cell(f"{line['cumulative_residents']:,}", number=True),
            cell(f"{np.nan_to_num(inside[row]):,.0f}", number=True),
        ]
        body.append(cells)
    return body


def _interval(tests: Robustness, row: int) -> str:
    middle, low, high = tests.median_rank[row], tests.rank_5[row], tests.rank_95[row]
    return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"


def _take_away(
    request: ListRequest,
    result: RiskList,
    place: Place,
    tests: Robustness | None,
    index: Index,
    pockets: Pockets,
) -> None:
    if tests is None:
        st.html(
            "<p class='atlas-note'>Test the list to download it: a file always says how firm "
            "each place is.</p>"
        )
        return
    link = address_of(f"?{urlencode(risk.query_string(request))}")
    made = risk.made(request.settings, tests, index, pockets)
    title = f"Risk list, wards of {place.label} compared with {made.base.label}"
    about = readme(made, title, _said(request), link)
    name = f"risk-list-{place.code}"

    def frame() -> pd.DataFrame:
        return export_rows(made, result.rows, link)

    with st.container(horizontal=True):
        xlsx_button(name, lambda: _sheets(made, result, frame()), about, "risk_xlsx")
        csv_button(name, frame, export_fields(made), "risk_csv")
        boundaries = atlas().snapshot.path("boundaries_wards.geojson")
        st.download_button(
            "Download GeoJSON",
            lambda: to_geojson(frame(), boundaries, about),
            file_name=f"{name}.geojson",
            mime="application/geo+json",
            key="risk_geojson",
            on_click="ignore",
            icon=":material/download:",
        )
    with st.expander("Evidence paragraph, ready to paste"):
        names = {c.key: c.label for c in counted_cohorts()}
        chosen = st.multiselect(
            "Groups to count", list(names), format_func=names.__getitem__, key="risk_evidence"
        )
        cohorts = [declared_cohorts()[key] for key in chosen]
        st.code(
            evidence_paragraph(made, result, place, cohorts, link), language=None, wrap_lines=True
        )


def _said(request: ListRequest) -> dict[str, str]:
    return {
        "Weighting": request.settings.preset
        if not (request.settings.weights or request.settings.influence)
        else "own weights",
        "Cut": f"{request.cut}: {request.limit:g}",
        "Order": orders()[request.order],
        "Tier": request.tier or "any",
        "Fit": request.fit or "any",
        "Only wards that hold a pocket": "yes" if request.pockets_only else "no",
        "Contrasting wards kept": str(request.spread or "all"),
        "Added by hand": ", ".join(request.include) or "none",
        "Left out by hand": ", ".join(request.exclude) or "none",
    }


def _sheets(made: Made, result: RiskList, frame: pd.DataFrame) -> list[Sheet]:
    shares = by_authority(result, atlas().snapshot.wards, atlas().places)
    cohorts = cohort_table(atlas().snapshot.wards, result.listed)
    return [
        Sheet("Wards", export_fields(made), frame),
        Sheet("Councils", _AUTHORITY_FIELDS, shares),
        Sheet("Groups", _COHORT_FIELDS, cohorts),
    ]


_AUTHORITY_FIELDS = (
    Field("authority_code", "Council code", "code"),
    Field("authority_name", "Council", "text"),
    Field("wards", "Wards", "count", "All wards of the council in the area."),
    Field("listed", "Wards listed", "count"),
    Field("residents", "Residents", "people", "All residents of the council in the area."),
    Field("listed_residents", "Residents of listed wards", "people"),
    Field("share_of_area", "Share of the area", "share"),
    Field("share_of_list", "Share of the list", "share"),
)
_COHORT_FIELDS = (
    Field("label", "Group", "text"),
    Field("honesty", "How it is counted", "text"),
    Field("number", "In the listed wards", "people"),
    Field("england", "England", "people"),
    Field("share", "Share of England's", "share"),
    Field("unknown_wards", "Wards without a figure", "count"),
    Field("note", "Note", "text"),
)


def _authorities(result: RiskList, place: Place) -> None:
    lines = by_authority(result, atlas().snapshot.wards, atlas().places)
    some = lines[lines["listed"] > 0].sort_values(
        ["listed_residents", "authority_code"], ascending=[False, True]
    )
    if len(lines) < 2:
        return
    headings = [cell("Council"), cell("Wards listed", number=True)]
    headings += [cell("Residents listed", number=True), cell("Share of the list", number=True)]
    headings += [cell("Share of the area’s residents", number=True)]
    body = [
        [
            cell(natural(str(line["authority_name"]))),
            cell(f"{line['listed']:,} of {line['wards']:,}", number=True),
            cell(f"{line['listed_residents']:,}", number=True),
            cell(percent(float(line["share_of_list"])), number=True),
            cell(percent(float(line["share_of_area"])), number=True),
        ]
        for line in some.head(_PER_PAGE).to_dict("records")
    ]
    caption = f"Councils of {escaped(place.label)} with wards on the list"
    none = len(lines) - len(some)
    st.html(
        "<h2 class='atlas-h2'>How the list falls among councils</h2>"
        + table(caption, headings, body)
        + f"<p class='atlas-note'>{none:,} other councils of the area have none.</p>"
    )


def _cohorts(result: RiskList, place: Place) -> None:
    lines = cohort_table(atlas().snapshot.wards, result.listed)
    headings = [cell("Group"), cell("How it is counted"), cell("In these wards", number=True)]
    headings += [cell("Of England’s", number=True)]
    body = [
        [
            cell(str(line["label"])),
            cell(str(line["honesty"])),
            cell("not given" if pd.isna(line["number"]) else f"{line['number']:,.0f}", number=True),
            cell("" if pd.isna(line["share"]) else percent(line["share"]), number=True),
        ]
        for line in lines.to_dict("records")
    ]
    notes = "".join(
        f"<li>{escaped(str(label))}: {escaped(str(note))}</li>"
        for label, note in zip(lines["label"], lines["note"], strict=True)
    )
    caption = f"Groups in the listed wards of {escaped(place.label)}. {escaped(OVERLAP)}"
    st.html(
        "<h2 class='atlas-h2'>How many people that is</h2>"
        + table(caption, headings, body)
        + "<details class='atlas-details'><summary>What each group is</summary>"
        f"<ul class='atlas-list'>{notes}</ul></details>"
    )


def _allocation(result: RiskList) -> None:
    if not st.toggle("Divide devices or money between these wards", key="risk_divide"):
        return
    with st.container():
        names = {c.key: c.label for c in counted_cohorts()}
        total = st.number_input("Devices, or whole pounds", 0, 100_000_000, 500, key="risk_total")
        need = st.selectbox(
            "Need is counted by", list(names), format_func=names.__getitem__, key="risk_need"
        )
        rows, wards = list(result.rows), atlas().snapshot.wards
        shares = side_by_side(
            int(total),
            list(wards["ward_code"].iloc[rows]),
            wards["population"].to_numpy()[rows].tolist(),
            headcounts(wards, declared_cohorts()[need])[rows].tolist(),
        )
        headings = [cell("Ward")] + [cell(words, number=True) for words in RULES.values()]
        body = [
            [cell(str(name))]
            + [cell("no data" if pd.isna(v) else f"{v:,}", number=True) for v in line]
            for name, line in zip(
                result.table["ward_name"], shares[list(RULES)].itertuples(index=False), strict=True
            )
        ]
        st.html(table(f"Each rule divides {total:,} to the last unit", headings, body[:200]))


def _missed(result: RiskList, index: Index, place: Place, pockets: Pockets) -> None:
    hiding = hides_a_pocket(pockets.by_ward, result.listed) & _area(place) & index.scored
    by_ward = pockets.by_ward["pocket_people_tenth"].to_numpy()
    rows = sorted(np.flatnonzero(hiding), key=lambda row: (-by_ward[row], row))[:_PER_PAGE]
    wards = atlas().snapshot.wards
    agree = rate_against_people(result, index, wards, atlas().places, pockets)
    note = (
        f"A list of the same length by number of people in high-risk small areas, in place of "
        f"risk, would share {agree:.0%} of its wards with the one by risk."
    )
    st.html(f"<h2 class='atlas-h2'>Who this list misses</h2><p class='atlas-note'>{note}</p>")
    if not rows:
        return
    headings = [cell("Ward"), cell("Council"), cell("Pockets", number=True)]
    headings += [cell("Residents in pockets", number=True), cell("Of its residents", number=True)]
    body = [
        [
            cell(str(wards["ward_name"].iloc[row])),
            cell(natural(str(wards["authority_name"].iloc[row]))),
            cell(f"{pockets.by_ward['pockets_tenth'].iloc[row]:.0f}", number=True),
            cell(f"{by_ward[row]:,.0f}", number=True),
            cell(percent(pockets.by_ward["extent_tenth"].iloc[row]), number=True),
        ]
        for row in rows
    ]
    caption = (
        f"Wards of {escaped(place.label)} that are not listed but hold small areas in England’s "
        f"highest-risk tenth: the first {len(rows)} of {int(hiding.sum()):,}"
    )
    st.html(table(caption, headings, body))


def _uses() -> None:
    how = "".join(f"<li>{escaped(text)}</li>" for text in HOW_TO_USE)
    how_not = "".join(f"<li>{escaped(text)}</li>" for text in HOW_NOT_TO_USE)
    st.html(
        f"<h2 class='atlas-h2'>How to use this list</h2><ul class='atlas-list'>{how}</ul>"
        f"<h2 class='atlas-h2'>How not to use it</h2><ul class='atlas-list'>{how_not}</ul>"
        "<p class='atlas-note'><a href='method' target='_self'>How the index is made</a></p>"
    )


page()
