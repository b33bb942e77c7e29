"""The grid of risk and support: as a table that is the map's legend too, as a map, as a list."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.distance import EVERYONE
from atlas.access.support_score import (
    CELLS,
    HIGH_RISK_LITTLE_SUPPORT,
    declared_support,
    grid_counts,
)
from atlas.catalogue.columns import declared_columns, measure_named, shown
from atlas.files.spreadsheets import Field, field_of
from atlas.maps.click import Spot
from atlas.maps.palette import GRID
from atlas.maps.payload import Mark
from atlas.places.places import Place, natural
from atlas.places.view_url import View, query
from atlas.planning.equality import group_name
from atlas.text.lists import counted
from atlas.text.numbers import percent
from views.cached.support import Now, support
from views.help_nearby.venues import KEYS, PAGE
from views.kit.controls import bound, paged
from views.kit.downloads import address_of, readme, take_away
from views.kit.html import TABLE, described, escaped, linked_ward, numbers, prose, table
from views.kit.legend import hatched
from views.kit.notices import empty
from views.kit.travel import travel
from views.kit.ward_map import picture_of, ward_map
from views.session import url
from views.session.page_url import show_params
from views.session.snapshot import atlas

CELL_LABELS = tuple(declared_support().cell_label(cell) for cell in range(CELLS))


def grid_table(counts: pd.DataFrame, caption: str, anchor: str = "") -> str:
    """Return the grid as an HTML table: rows of risk from high, columns from little support.

    ``counts`` is :func:`support_score.grid_counts`. Each cell has its colour on the map, its
    wards and its residents. ``anchor`` is the id that a link may lead to.
    """
    method = declared_support()
    lines = counts.set_index("cell")
    columns = range(3)
    head = "".join(
        f"<th scope='col'>{escaped(method.thirds[column].capitalize())}</th>" for column in columns
    )
    rows = "".join(
        f"<tr><th scope='row'>{escaped(method.risk_levels[risk].capitalize())}</th>"
        + "".join(_cell(lines, 3 * risk + 2 - column) for column in columns)
        + "</tr>"
        for risk in (2, 1, 0)
    )
    missing = int(lines["wards"].get(-1, 0))
    note = (
        f"<p><span class='atlas-key' style='{hatched()}'></span>No data: "
        f"{counted(missing, 'ward')}</p>"
        if missing
        else ""
    )
    target = (
        f" id='{anchor}' tabindex='0' role='group' aria-label='Table that scrolls sideways'"
        if anchor
        else ""
    )
    return (
        f"<div class='atlas-grid'{target}><table><caption>"
        f"{escaped(caption)}</caption><thead><tr><td></td>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>{note}</div>"
    )


def _cell(lines: pd.DataFrame, cell: int) -> str:
    wards, residents = int(lines["wards"][cell]), float(lines["residents"][cell])
    name = "ward" if wards == 1 else "wards"
    return (
        f"<td><span class='atlas-key' style='background:{GRID[cell]}'></span>"
        f"<strong>{wards:,}</strong> {name}<small>{residents:,.0f} residents</small></td>"
    )


def grid_and_map(
    table: pd.DataFrame,
    place: Place,
    ward: str,
    *,
    key: str,
    when: str = "",
    marks: Sequence[Mark] = (),
    anchor: str = "",
    on_ward: Callable[[str, Spot | None], object] = url.open_ward,
) -> None:
    """Show the grid, which is the map's key, and the map, whose ``on_ward`` it takes.

    ``table`` is :func:`support_score.support_table`; ``ward`` the one selected, "" for none;
    ``when`` tells maps side by side apart ("before"). ``marks`` are drawn above everything.
    """
    title = f"{when.capitalize()}: wards" if when else "Wards"
    caption = f"{title} and residents of {place.label} by risk and support"
    counts = grid_counts(table, atlas().places.positions(place.code))
    # Over a whole region the libraries' dots would hide the wards.
    near_enough = place.kind in ("authority", "ward")
    picture = picture_of(
        place,
        ward,
        table["support_score"].to_numpy(),
        table["grid_cell"].fillna(-1).to_numpy(),
        label=f"Support within reach{f', {when}' if when else ''} (100 = most)",
        unit="score",
        class_labels=tuple(label.capitalize() for label in CELL_LABELS),
        colours=GRID,
        layers=frozenset({"outlines", "labels", *(["libraries"] if near_enough else [])}),
        marks=marks,
    )
    # Side by side there is no room for two columns each. A narrow screen has the key first.
    beside = (st.container(), st.container()) if when else st.columns([1, 1.5], gap="medium")
    beside[0].html(grid_table(counts, caption, anchor))
    with beside[1], st.container(key=f"grid_map_{when or 'now'}"):
        ward_map(picture, key=key, height=380 if when else 480, on_ward=on_ward)


def grid_note() -> None:
    """Say what the rows and columns of the grid are parts of."""
    prose(
        "<p class='atlas-note'>High risk is England’s highest fifth: the fifth of residents in the "
        "wards at highest risk. Low risk is the lowest fifth. Little support is the third of "
        "residents with least help within reach. The two are measured apart: "
        "opening a library changes support and leaves risk where it is. Rural wards are large, so "
        "the map shows land; the grid counts residents.</p>"
    )


def support_method() -> str:
    """Return the method of the support score as markup, without a heading."""
    method = declared_support()
    total = sum(measure.weight for measure in method.measures.values())
    rows = [
        [
            described(measure.column.label, measure.column.definition),
            measure.part,
            f"{100 * measure.weight / total:g}%",
        ]
        for measure in method.measures.values()
    ]
    headings = ["Measure", "Part", *numbers("Weight")]
    return (
        f"<p>{escaped(method.title)}, version {escaped(method.version)}: "
        f"{escaped(method.direction)}. Each measure becomes the share of England’s residents "
        "in wards with less of it; the score is their weighted mean. Below "
        f"{percent(method.least_known)} of the weight a ward has no score.</p>"
        + table("What the support score is made of", headings, rows)
    )


_ORDERS = {
    "Highest risk first": ("risk_score", False),
    "Least support first": ("support_score", True),
    "Most residents beyond reach first": ("beyond_people", False),
}


def cell_list(
    view: View, place: Place, seen: Now, rows: np.ndarray, params: dict[str, str]
) -> None:
    """Draw the wards of the cell that ``params`` name, and files of all wards of the place."""
    given, listed = params.get("cell", ""), _listed(seen, rows)
    here = listed["grid_cell"].dropna()
    # Without one named: of highest risk the cell of least support that has a ward here.
    first = int(here.max()) if len(here) else HIGH_RISK_LITTLE_SUPPORT
    chosen = int(given) if given in map(str, range(9)) else first
    left, right = st.columns([1.3, 1], vertical_alignment="bottom")
    with left:
        bound(
            st.selectbox,
            "grid_cell",
            chosen,
            lambda cell: show_params(PAGE, KEYS, {**params, "cell": str(cell)}),
            {cell: CELL_LABELS[cell].capitalize() for cell in range(8, -1, -1)},
            label="List the wards at",
        )
    order = right.selectbox("In the order", list(_ORDERS), key="grid_order")
    by, ascending = _ORDERS[order]
    part = listed[listed["grid_cell"] == chosen].sort_values(
        [by, "ward_code"], ascending=[ascending, True], kind="stable"
    )
    if part.empty:
        empty(
            "No ward is listed.",
            f"None of the wards of {place.label} is at {CELL_LABELS[chosen]}.",
            "Choose another part of the grid, or a larger place.",
        )
    else:
        _ward_table(view, place, part, chosen)
    _ward_files(view, place, listed)


def _listed(seen: Now, rows: np.ndarray) -> pd.DataFrame:
    wards = atlas().snapshot.wards.iloc[rows].drop(columns="support_score")
    made = seen.side.table.iloc[rows].drop(columns="ward_code")
    frame = pd.concat([wards, made], axis=1)
    cells = frame["grid_cell"]
    return frame.assign(
        beyond_people=frame["residents"] - frame["near_people"],
        cell_name=[("" if np.isnan(n) else CELL_LABELS[int(n)]) for n in cells],
    )


def _ward_table(view: View, place: Place, part: pd.DataFrame, chosen: int) -> None:
    measures = declared_support().measures
    headings = [
        "Ward",
        "Council",
        *numbers("Risk", "Support", "Within reach", "Nearest", "Hours per 1,000", "Residents"),
    ]

    def drawn(lines: pd.DataFrame, which: str, anchor: str) -> str:
        body = [
            [
                linked_ward(str(line["ward_name"]), str(line["ward_code"])),
                natural(str(line["authority_name"])),
                f"{line['risk_score']:.1f}",
                f"{line['support_score']:.0f}",
                *(
                    shown(measures[name].column, line[name])
                    for name in ("near_share", "nearest_km", "hours_per_1000")
                ),
                f"{line['residents']:,.0f}",
            ]
            for line in lines.to_dict("records")
        ]
        caption = (
            f"Wards of {escaped(place.label)} at {escaped(CELL_LABELS[chosen])}: {which}. "
            "Risk: higher = more need; support: "
            "higher = more help within reach; both 0 to 100, compared with England"
        )
        return table(caption, headings, body, anchor)

    made = paged(part, f"grid_page_{place.code}_{chosen}", drawn, TABLE)
    st.html(f"<div class='atlas-tight'>{made}</div>")


def _ward_fields() -> list[Field]:
    within = travel().within
    names = ("ward_code", "ward_name", "authority_code", "authority_name")
    fields = [field_of(declared_columns()[name]) for name in names]
    fields.append(field_of(measure_named("risk_score")))
    fields += [
        Field("support_score", "Support within reach", "score", "0 to 100, 100 the most."),
        Field(
            "cell_name",
            "Risk and support",
            "text",
            "High risk: England’s highest fifth of residents. Support: thirds.",
        ),
    ]
    fields += [field_of(measure.column) for measure in declared_support().measures.values()]
    fields += [
        Field("residents", "Residents", "people", "Usual residents, 21 March 2021."),
        Field("near_people", f"Residents {within}", "people"),
        Field("beyond_people", f"Residents not {within}", "people"),
    ]
    for key in support().residents.people:
        if key != EVERYONE:
            label = group_name(key)
            fields.append(Field(f"all_{key}", label, "people"))
            fields.append(Field(f"near_{key}", f"{label}, {within}", "people"))
    return fields


def _ward_files(view: View, place: Place, listed: pd.DataFrame) -> None:
    link = address_of(query(view))
    fields = _ward_fields()
    title = f"Support within reach, wards of {place.label}"
    about = readme(
        title,
        {"Distance": f"{travel().measured}; within reach: {travel().within}"},
        measure_named("support_score"),
        link,
    )
    take_away(f"support-{place.code}", lambda: listed, fields, about, "support")
