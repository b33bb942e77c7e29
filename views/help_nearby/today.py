"""Libraries and support: who is beyond reach, where risk meets little support, what closed."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access import sentences
from atlas.access.closures import FIFTHS, closures_by_fifth, closures_by_service, closures_by_year
from atlas.access.support_score import cohort_reach, declared_support, grid_counts
from atlas.catalogue.columns import shown
from atlas.maps.payload import Mark
from atlas.places.places import ENGLAND, Place, natural
from atlas.places.view_url import View
from atlas.planning.equality import group_name
from atlas.planning.scenario_marks import scenario_marks
from views.cached.support import Now, areas_inside, now, support
from views.help_nearby.grid import CELL_LABELS, cell_list, grid_and_map, grid_note, support_method
from views.help_nearby.reach_charts import beyond_chart, closures_chart
from views.help_nearby.scenario_controls import carried, open_scenario
from views.help_nearby.venues import KEYS, PAGE, venue_list
from views.kit.html import escaped, numbers, prose, table
from views.kit.legend import show_chart
from views.kit.notices import empty
from views.kit.travel import counted_switch, libraries_note, service_only, travel, travel_note
from views.session import url
from views.session.page_url import open_params
from views.session.snapshot import atlas


def page() -> None:
    """Draw who is near help today."""
    view = url.view()
    place = atlas().places[view.place]
    params = open_params(PAGE, KEYS)
    only = service_only()
    seen = now(only)
    rows = atlas().places.positions(place.code)
    counts = grid_counts(seen.side.table, rows)
    st.html(Path(__file__).with_name("help_nearby.css"))
    st.title(f"Help nearby, {place.label}")
    lines, england = _reach(seen, place.code), _reach(seen, ENGLAND)
    what = sentences.WITH_YOURS if seen.own else sentences.LIBRARIES
    if only:
        what = what.replace("a library", "a library of the library service", 1)
    lead = sentences.beyond_sentence(place, lines, england, what, travel())
    lead = f"{lead} {sentences.grid_sentence(counts)}".strip()
    prose(
        f"<p class='atlas-lead'>{escaped(lead)}</p>"
        "<p class='atlas-note'>Libraries are as reported to Arts Council England for 31 December "
        "2023. Residents are of the Census of 21 March 2021 (Office for National Statistics).</p>"
        "<p class='atlas-contents'><a href='#grid' target='_self'>Risk and support</a>"
        "<a href='#beyond' target='_self'>Who is beyond reach</a>"
        "<a href='#places' target='_self'>Every library</a>"
        "<a href='#closed' target='_self'>Closures since 2010</a></p>"
    )
    scenario = open_scenario(seen)
    carried(scenario, seen, "This tab shows help as it is today. Tried in What if:")
    counted_switch()
    marks = scenario_marks(scenario, seen.venues)
    _grid(view, place, seen, rows, params, marks)
    _beyond(place, lines, england)
    prose(f"{travel_note()}{libraries_note(place.code, only)}")
    venue_list(view, place, seen, params)
    closures(place, rows)


def _reach(seen: Now, place: str) -> pd.DataFrame:
    residents = support().residents
    return cohort_reach(residents, seen.side.reach.near, areas_inside(residents, place))


def _grid(
    view: View,
    place: Place,
    seen: Now,
    rows: np.ndarray,
    params: dict[str, str],
    marks: tuple[Mark, ...],
) -> None:
    st.html("<h2 class='atlas-h2' id='grid'>Where risk meets little support</h2>")
    grid_and_map(seen.side.table, place, view.ward, key="libraries_map", marks=marks)
    grid_note()
    with st.expander("How the support score is made"):
        st.html(support_method())
    if view.ward:
        _chosen_ward(view.ward, seen)
    cell_list(view, place, seen, rows, params)


def _chosen_ward(code: str, seen: Now) -> None:
    row = atlas().places.row(code)
    line = seen.side.table.iloc[row]
    ward = atlas().places[code].label
    if np.isnan(line["grid_cell"]):
        prose(f"<p class='atlas-note'>{escaped(ward)}: no small area fits it best, no data.</p>")
        return
    method = declared_support()
    parts = [
        f"{m.column.short[0].lower()}{m.column.short[1:]} {shown(m.column, line[name])}"
        for name, m in method.measures.items()
    ]
    prose(
        f"<p><strong>{escaped(ward)}</strong>: {escaped(CELL_LABELS[int(line['grid_cell'])])}; "
        f"support {line['support_score']:.0f} of 100 ({escaped('; '.join(parts))}).</p>"
    )


def _beyond(place: Place, lines: pd.DataFrame, england: pd.DataFrame) -> None:
    by = travel()
    st.html(f"<h2 class='atlas-h2' id='beyond'>Who lives {escaped(by.beyond)} from help</h2>")
    if not lines["total"].any():
        empty(
            "Who lives beyond reach is not known here.",
            "The library service did not report, or no small area fits the place.",
            "",
        )
        return
    whole = england.set_index("cohort")["share_beyond"]
    frame = lines.assign(
        label=[group_name(str(key)) for key in lines["cohort"]],
        share=lines["share_beyond"],
        england=[float(whole[key]) for key in lines["cohort"]],
    )
    everyone = float(frame["share"].iloc[0])
    body = [
        [
            line["label"],
            f"{line['total']:,.0f}",
            f"{line['beyond']:,.0f}",
            sentences.percent_or_none(line["share"]),
            f"{line['share'] / everyone:.2f} ×" if line["share"] >= 0 < everyone else "no data",
            sentences.percent_or_none(line["england"]),
        ]
        for line in frame.to_dict("records")
    ]
    headings = [
        "Group",
        *numbers(
            "In the area", "Beyond reach", "Share", "Against all residents", "Share in England"
        ),
    ]
    with st.container(width=900):
        words = f"Share of each group that lives {by.beyond} from help, in {place.label} and in "
        words += "England. The table below has the same figures."
        show_chart(beyond_chart(frame, place.label, by.beyond), words, "beyond_chart")
    caption = (
        f"Residents and households of {escaped(place.label)} "
        f"{escaped(by.beyond + sentences.in_line(by))} from help. Groups overlap: one person can "
        "be in several; never add them up. Broadband groups are households, estimated from the "
        "share of premises"
    )
    st.html(table(caption, headings, body, css="atlas-tight"))


_PER_PAGE = 25


def closures(place: Place, rows: np.ndarray) -> None:
    """Draw what closed in a place; ``rows`` are its wards in the ward table."""
    codes = set(atlas().snapshot.wards["ward_code"].iloc[rows])
    record = support().record
    record = record[record["ward_code"].isin(codes)]
    prose(
        "<h2 class='atlas-h2' id='closed'>Closures since 2010, as reported</h2>"
        f"<p class='atlas-lead'>{escaped(sentences.closures_sentence(place, record))}</p>"
        "<p class='atlas-note'>The record is what library services returned. A row that closed may "
        "be a library that moved, merged or changed hands. Services differ in how fully they "
        "report the years before 2016. Libraries without a year that are no longer reported as "
        "operating are counted apart. New libraries are on the record too, and open ones that do "
        "not count as help.</p>"
    )
    if not (record["state"] == "closed").any():
        return
    with st.container(width=900):
        by_year = closures_by_year(record)
        counts = ", ".join(f"{year} {count}" for year, count in by_year.items() if count)
        words = f"Libraries of {place.label} reported closed in each year since 2010: {counts}."
        show_chart(closures_chart(by_year), words, "closures_chart")
    names = {-1: "no data", **dict(enumerate(name.capitalize() for name in FIFTHS))}
    by_fifth = closures_by_fifth(record, atlas().snapshot.wards, rows)
    _tallies(
        "Deprivation",
        [names[int(fifth)] for fifth in by_fifth["fifth"]],
        by_fifth,
        f"Libraries of {escaped(place.label)} by deprivation of the ward where each stands or "
        "stood: fifths of England’s residents, Index of Multiple Deprivation 2025",
    )
    services = closures_by_service(record)
    lost = services[services["closed"] > 0]
    more = f"; {len(lost) - _PER_PAGE:,} more have some" if len(lost) > _PER_PAGE else ""
    _tallies(
        "Library service",
        [natural(str(name)) for name in lost["authority_name"]],
        lost,
        f"Library services with libraries in {escaped(place.label)} that are reported closed, most "
        f"first{more}. Only libraries in the area count",
    )


def _tallies(heading: str, names: list[str], lines: pd.DataFrame, caption: str) -> None:
    """Draw a table of what is on record, open and closed, a line for each of the ``names``."""
    columns = ("On record", "Open", "Closed", "Share closed", "Closed, another within 800 m")
    headings = [heading, *numbers(*columns, "Not reported")]
    body = [
        [
            name,
            *(f"{line[column]:,}" for column in ("on_record", "open", "closed")),
            sentences.percent_or_none(float(line["share_closed"])),
            *(f"{line[column]:,}" for column in ("another_near", "not_reported")),
        ]
        for name, line in zip(names, lines.to_dict("records"), strict=True)
    ]
    st.html(table(caption, headings, body[:_PER_PAGE], css="atlas-tight"))
