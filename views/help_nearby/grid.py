"""The 3 × 3 grid of risk and support: as a table that is also the map's legend, and as a map."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from atlas.access.support_score import CELLS, declared_support, grid_counts
from atlas.maps.click import Spot
from atlas.maps.palette import GRID
from atlas.maps.payload import Mark
from atlas.places.places import Place
from atlas.text.lists import counted
from atlas.text.numbers import percent
from views.kit.html import described, escaped, numbers, prose, table
from views.kit.legend import hatched
from views.kit.ward_map import picture_of, ward_map
from views.session import url
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
