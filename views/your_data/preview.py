"""Looking at a file before it is added: its first rows, a role above every column, what will be."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from atlas.text.lists import counted
from atlas.uploads.reading.cell_shapes import WORDS
from atlas.uploads.reading.extract import ColumnRead, Extract
from atlas.uploads.reading.numbers import UNITS
from atlas.uploads.reading.roles import DETAILS, SINGLE, Kind, Role
from atlas.uploads.reading.table import quoted
from atlas.uploads.report import Report
from views.kit.html import escaped, plain_markdown, prose
from views.kit.row_report import notes, row_report
from views.session.browser_store import focus_on
from views.your_data.open_file import OpenFile, choose, close

_OF_KIND: dict[Kind, tuple[Role, ...]] = {
    "figures": ("figure", "area_code", "area_name", "council", "postcode", "filter", "ignore"),
    "places": (
        "name", "postcode", "latitude", "longitude", "easting", "northing", "opening_hours",
        "staffed_hours", "closed", *DETAILS, "ignore",
    ),
}  # fmt: skip
# So many columns are shown at first: those used, then others.
_SHOWN = 8


def preview(kind: Kind, found: OpenFile) -> None:
    """Show the open file, let the visitor change how it is read, and say what will happen."""
    prose(
        f"<h3 class='atlas-h3'>Look before you add: {escaped(found.file.name)}</h3>"
        f"<p>{counted(found.report.read.total, 'row')}. Nothing is added until you say so. Change "
        "what is not right.</p>"
    )
    if found.changes:
        st.warning(plain_markdown(found.changes))
    if found.refused:
        st.error(plain_markdown(found.refused))
    _where(kind, found.report.read)
    _columns(kind, found)
    _choices(kind, found)
    what_will_happen(kind, found.report)


def _key(kind: Kind, what: str) -> str:
    return f"preview_{kind}_{what}"


def _select(
    key: str,
    label: str,
    options: Sequence[str],
    chosen: str | None,
    change: Callable[[Any], None],
    **more: Any,
) -> None:
    """Offer options; what is chosen is part of the key, so that another reading is shown anew."""
    key = f"{key}_{chosen}"
    st.selectbox(
        plain_markdown(label),
        options,
        index=options.index(chosen) if chosen in options else None,
        key=key,
        on_change=lambda: change(st.session_state[key]),
        **more,
    )


def _where(kind: Kind, read: Extract) -> None:
    anew: dict[str, Any] = {"roles": {}, "units": {}, "values": {}}

    def sheet(name: str) -> None:
        choose(kind, sheet=name, heading_row=None, **anew)

    with st.container(horizontal=True, key=_key(kind, "where")):
        if len(read.sheets) > 1:
            _select(_key(kind, "sheet"), "Sheet", read.sheets, read.sheet, sheet, width=320)
        key = f"{_key(kind, 'heading_row')}_{read.heading_row}"
        st.number_input(
            "Row with the headings",
            min_value=0,
            value=read.heading_row,
            key=key,
            width=220,
            help="0 where the file has no headings.",
            on_change=lambda: choose(kind, heading_row=int(st.session_state[key]), **anew),
        )


def _columns(kind: Kind, found: OpenFile) -> None:
    """Show the first rows, a role above every column."""
    shown: Sequence[ColumnRead] = found.report.read.columns
    if len(shown) > _SHOWN:
        every = st.toggle(f"Show all {len(shown):,} columns", key=_key(kind, "every"))
        used = [column for column in shown if _used(column)]
        others = [column for column in shown if not _used(column)]
        shown = shown if every else [*used, *others][: max(_SHOWN, len(used))]
    with st.container(key=_key(kind, "columns")):
        for place, column in zip(st.columns(max(len(shown), 1)), shown, strict=False):
            with place:
                _column(kind, found, column)


def _used(column: ColumnRead) -> bool:
    """Tell whether a column matters here: a filter that holds one text tells nothing apart."""
    return column.role != "ignore" and (column.role != "filter" or len(column.options) > 1)


def _column(kind: Kind, found: OpenFile, column: ColumnRead) -> None:
    def change(role: Role) -> None:
        # One column alone has such a role: the last that it was given to.
        kept = {h: r for h, r in found.choices.roles.items() if role not in SINGLE or r != role}
        choose(kind, roles={**kept, column.heading: role})

    options = _OF_KIND[kind]
    key = f"{_key(kind, 'role')}_{column.heading}"
    chosen = column.role if column.role in options else "ignore"
    label = column.heading[:60]
    _select(key, label, options, chosen, change, format_func=WORDS["roles"].__getitem__)
    cells = "".join(f"<li>{escaped(text) or '&nbsp;'}</li>" for text in column.sample)
    st.html(f"<ul class='atlas-cells{' used' if _used(column) else ''}'>{cells}</ul>")


def _choices(kind: Kind, found: OpenFile) -> None:
    """Offer the values of the columns that tell rows apart, and the unit of the figure."""
    read = found.report.read
    filters = [column for column in read.of("filter") if len(column.options) > 1]
    with st.container(horizontal=True, key=_key(kind, "choices")):
        for column in filters:
            _filter(kind, found, column)
        for column in read.of("figure"):
            _unit(kind, found, column)


def _filter(kind: Kind, found: OpenFile, column: ColumnRead) -> None:
    _select(
        f"{_key(kind, 'value')}_{column.heading}",
        f"Rows where {column.heading[:40]} is",
        [text for text, _ in column.options],
        column.chosen,
        lambda text: choose(kind, values={**found.choices.values, column.heading: text}),
        width=320,
        format_func=lambda text: text or "(blank)",
    )


def _unit(kind: Kind, found: OpenFile, column: ColumnRead) -> None:
    _select(
        f"{_key(kind, 'unit')}_{column.heading}",
        f"Unit of {quoted(column.heading, 40)}",
        list(UNITS),
        column.unit,
        lambda unit: choose(kind, units={**found.choices.units, column.heading: unit}),
        format_func=lambda unit: UNITS[unit].words,
        placeholder="Choose the unit",
        width=320,
        help="Numbers are added up for larger areas; everything else is averaged, weighted by "
        "residents or households. Numbers of people from 1 to 4 are withheld; numbers of things "
        "are not.",
    )


def close_button(kind: Kind) -> None:
    """Offer to let the open file go."""
    st.button("Close this file", f"close_{kind}", on_click=_closed, args=(kind,), type="tertiary")


def _closed(kind: Kind) -> None:
    close(kind)
    # To the box for another file.
    focus_on(f"own_{kind}")


def what_will_happen(kind: Kind, report: Report) -> None:
    """Say what the file would become: rows kept, rows not kept and why, and a few examples."""
    kept, refused = len(report.kept), report.refused
    rows = counted(kept, "row will be kept", "rows will be kept") if kept else "No row will be kept"
    lost = f"; {len(refused):,} will not" if refused else ""
    if kind == "figures" and kept:
        wards = int((~np.isnan(report.wards)).sum())
        lost += f". {counted(wards, 'ward gets', 'wards get')} a figure"
    prose(
        f"<h3 class='atlas-h3'>What will happen</h3><p role='status'><strong>{rows}{lost}.</strong>"
        f"</p>{notes(report.examples)}{notes(report.notes)}"
    )
    if report.problem:
        st.error(plain_markdown(report.problem))
    row_report(report.problems, f"{_key(kind, 'report')}")
