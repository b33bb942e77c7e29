"""The wards of one cell of the grid as a list, and every ward's support as a file."""

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.distance import EVERYONE
from atlas.access.support_score import HIGH_RISK_LITTLE_SUPPORT, declared_support
from atlas.catalogue.columns import declared_columns, measure_named, shown
from atlas.files.spreadsheets import Field, field_of
from atlas.places.places import Place, natural
from atlas.places.view_url import View, query
from atlas.planning.equality import group_name
from views.cached.support import Now, support
from views.help_nearby.grid import CELL_LABELS
from views.help_nearby.venues import KEYS, PAGE
from views.kit.controls import bound, paged
from views.kit.downloads import LINK, VERSION, address_of, readme, stamped, take_away
from views.kit.html import TABLE, escaped, linked_ward, numbers, table
from views.kit.notices import empty
from views.kit.travel import travel
from views.session.page_url import show_params
from views.session.snapshot import atlas

_ORDERS = {
    "Highest risk first": ("risk_score", False),
    "Least support first": ("support_score", True),
    "Most residents beyond reach first": ("beyond_people", False),
}


def cell_list(
    view: View, place: Place, seen: Now, rows: np.ndarray, params: dict[str, str]
) -> None:
    """Draw the wards of one cell of the grid, and the files of all wards of the place.

    ``rows`` are the place's wards; ``params`` the page's own parameters, with ``cell``.
    """
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
    return [*fields, VERSION, LINK]


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
    name = f"support-{place.code}"
    take_away(name, lambda: stamped(listed, link), fields, about, "support")
