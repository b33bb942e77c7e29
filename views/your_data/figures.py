"""Your data: figures by area, looked at first and then held as measures for this visit."""

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Direction
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import natural
from atlas.risk.uploaded_components import part_key
from atlas.text.lists import counted
from atlas.uploads.figures import (
    LONGEST,
    SHORTEST,
    Description,
    OwnMeasure,
    own_measure,
    suggested_name,
)
from atlas.uploads.reading.table import RefusedError
from views.kit.doors import go_to
from views.kit.downloads import template_buttons
from views.kit.html import escaped, plain_markdown, prose
from views.kit.row_report import notes, row_report
from views.kit.upload_box import brought_file
from views.session import uploads, url
from views.session.browser_store import focus_on
from views.session.snapshot import atlas
from views.your_data.open_file import OpenFile, close, open_file, opened
from views.your_data.preview import close_button, preview

BOX = "own_figures"
_NEED: dict[Direction, str] = {
    "more": "Higher = more need",
    "less": "Higher = less need",
    "none": "It says nothing about need",
}
_WARD_FIELDS = (
    Field("Ward code", "Ward code", "code", "GSS code of the ward (May 2024)."),
    Field("Ward name", "Ward name", "text", "For you to read; the code is what counts."),
    Field("Council", "Council", "text", "For you to read."),
    Field("Figure", "Figure", "text", "Your numbers. Leave blank where there is none."),
)
_ABOUT = {
    "Title": "Template: figures by ward",
    "How to use it": "Fill in the column “Figure” of the sheet “Wards”, rename it if you like, and "
    "bring the file to the page “Your own data”. You can add more columns of figures.",
}


def figures() -> None:
    """Show the box for a file of figures, the file that is open, and the measures held."""
    prose(
        "<h2 class='atlas-h2'>Figures by area</h2>"
        "<p>One row for each area, and a column of numbers. Areas may be wards, LSOAs, MSOAs, "
        "postcodes, or districts or sectors of these. A ward’s name with its council will do. The "
        "template lists the wards of the place in view.</p>"
    )
    sheet = Sheet("Wards", _WARD_FIELDS, _wards_in_view())
    template_buttons("figures-template", sheet, _ABOUT, "figures")
    if len(uploads.own_measures()) >= uploads.MOST_MEASURES:
        st.info(
            f"{uploads.MOST_MEASURES} measures are held, the most there can be. Remove one first."
        )
    elif found := opened("figures"):
        preview("figures", found)
        _describe(found)
    elif brought_file(BOX, "Your file of figures", lambda file: open_file("figures", file)):
        st.rerun()
    for measure in uploads.held().measures:
        _measure(measure)


def _wards_in_view() -> pd.DataFrame:
    wards = atlas().snapshot.wards.iloc[atlas().places.positions(url.view().place)]
    columns = {"ward_code": "Ward code", "ward_name": "Ward name", "authority_name": "Council"}
    wards = wards[list(columns)].rename(columns=columns)
    return wards.assign(Council=wards["Council"].map(natural), Figure="")


def _describe(found: OpenFile) -> None:
    """Let the visitor say what the figures measure, and add them."""
    told = None if found.report.problem else _told(found)
    with st.container(horizontal=True):
        add = told and st.button("Add this measure", type="primary", icon=":material/add:")
        close_button("figures")
    if told and add:
        _add(found, told)


def _told(found: OpenFile) -> Description:
    name = suggested_name(found.report.read, found.file.name)[:LONGEST]
    left, middle, right = st.columns(3)
    label = left.text_input(
        "Name of the measure",
        value=name if len(name) >= SHORTEST else f"Own figures ({name})",
        max_chars=LONGEST,
        key=f"own_label_{name}",
        help="As it should stand on the map and in the list: “Residents in digital skills "
        "courses”.",
    )
    need = middle.selectbox("Direction", list(_NEED), format_func=_NEED.__getitem__, key="own_need")
    source = right.text_input(
        "Whose figures, of when (optional)", max_chars=LONGEST, key="own_source"
    )
    return Description(label, need, source)


def _add(found: OpenFile, told: Description) -> None:
    try:
        measure = own_measure(found.report, told, uploads.held().given + 1, found.brought)
    except RefusedError as refused:
        st.error(plain_markdown(str(refused)))
        return
    uploads.hold_measure(measure)
    close("figures")
    focus_on(f"drop_{measure.column.name}")
    st.rerun()


def _measure(measure: OwnMeasure) -> None:
    column = measure.column
    wards = counted(measure.wards, "ward has", "wards have")
    words = f" ({column.direction_in_words})" if column.direction_in_words else ""
    prose(
        f"<h3 class='atlas-h3'>{escaped(column.label)}{escaped(words)}</h3>"
        f"<p role='status'>{wards} a figure; {measure.used:,} of "
        f"{counted(measure.rows, 'row')} used. From {escaped(column.credit)}.</p>"
        f"{notes(measure.notes)}"
    )
    shown = {**url.link(url.view()), "measure": column.name}
    with st.container(horizontal=True, vertical_alignment="center"):
        go_to("map", "See it on the map", shown)
        ordered = {**url.link(url.view()), "order": part_key(measure)}
        go_to("ward_list", "Make a list of it, or let it count", ordered)
        st.button(
            "Remove",
            key=f"drop_{column.name}",
            on_click=_drop,
            args=(column.name,),
            type="tertiary",
            icon=":material/delete:",
            help=f"Lets go of {column.label}",
        )
    row_report(measure.problems, f"report_{column.name}")


def _drop(name: str) -> None:
    uploads.drop_measure(name)
    focus_on(BOX)
