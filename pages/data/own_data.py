"""Your own data: places to get help and figures by area, brought for this visit alone."""

from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Direction
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import natural
from atlas.uploads.area_columns import WAYS, Geography
from atlas.uploads.measures import LONGEST, SHORTEST, Offer, OwnMeasure, Request, offer, own_measure
from atlas.uploads.numbers import UNITS
from atlas.uploads.reading.table import RefusedError, Table
from atlas.uploads.venues import VenueReport, read_venues, unread_words, venue_columns
from views.kit.downloads import csv_button, xlsx_button
from views.kit.html import cell, escaped, plain_markdown, table
from views.kit.row_report import notes, row_report
from views.kit.upload_box import brought_file, clear_messages
from views.session import uploads, url
from views.session.snapshot import atlas
from views.session.ward_outlines import ward_at

_PLACES, _FIGURES, _OPEN = "own_places", "own_figures", "own_open_table"
_SHOWN = 25
_NEED: dict[Direction, str] = {
    "more": "Higher = more need",
    "less": "Higher = less need",
    "none": "It says nothing about need",
}
_STYLE = Path(__file__).resolve().parents[2] / "views/your_data/your_data.css"


def page() -> None:
    st.html(_STYLE)
    st.title("Your own data")
    st.html(
        "<p class='atlas-lead'>Bring the places that you know give help, or figures of your own "
        "by ward, small area or postcode. They stand beside the published figures, for you alone "
        "and for this visit only.</p>"
    )
    _held()
    _what_happens()
    _places()
    _figures()


def _held() -> None:
    now = uploads.held()
    open_table = st.session_state.get(_OPEN)
    parts = []
    if venues := uploads.own_venues():
        parts.append("1 place" if len(venues) == 1 else f"{len(venues):,} places")
    if now.measures:
        count = len(now.measures)
        parts.append("1 measure" if count == 1 else f"{count} measures")
    if open_table:
        parts.append("1 file of figures that is not yet a measure")
    text = f"Held now: {', '.join(parts)}." if parts else "Held now: nothing of yours."
    with st.container(
        key="own_held",
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        st.html(f"<p role='status'><strong>{escaped(text)}</strong></p>")
        st.button(
            "Forget my data",
            disabled=not parts,
            on_click=_forget,
            icon=":material/delete:",
            help="Lets everything go at once: places, measures and open files.",
        )


def _forget() -> None:
    uploads.forget()
    st.session_state.pop(_OPEN, None)
    for key in (_PLACES, _FIGURES):
        clear_messages(key)


def _what_happens() -> None:
    st.html(
        "<h2 class='atlas-h2'>What happens with your data</h2>"
        "<ul class='atlas-list'>"
        "<li>It goes to this Atlas’s own server and to nobody else. It is read there by a separate "
        "process that can write nothing and reach nothing.</li>"
        "<li>It is held in the server’s memory for this visit: not saved, not logged, not seen by "
        "other visitors. It goes when you press “Forget my data”, and about a minute after you "
        "close the page.</li>"
        "<li>A link that you share does not carry it. A file that you download does.</li>"
        "<li>Bring areas and places, never people: tables with names, emails, phone, NHS or "
        "National Insurance numbers are refused. Counts from 1 to 4 are shown as “fewer than "
        "5”.</li>"
        "<li>The Atlas cannot check your figures. They change no published figure, and "
        "count in the risk list only where you give them a weight.</li></ul>"
    )


def _places() -> None:
    st.html(
        "<h2 class='atlas-h2'>Places to get help</h2>"
        "<p>One row for each place: its name, and a postcode or coordinates. Everything else may "
        "stay blank. The template names each column.</p>"
    )
    with st.container(horizontal=True):
        csv_button(
            "places-template",
            _places_example,
            _place_fields(),
            "places_csv",
            "Template (CSV)",
            notes=False,
        )
        xlsx_button(
            "places-template", _places_sheets, _ABOUT_PLACES, "places_xlsx", "Template (Excel)"
        )
    report = brought_file(_PLACES, "Your file of places", _read_places)
    if report is not None:
        uploads.hold_places(report)
        st.rerun()
    if found := uploads.held().places:
        _places_report(found)


_ABOUT_PLACES = {
    "Title": "Template: places to get help",
    "How to use it": "Fill in the sheet “Places”, one row for each place, and bring it to the page "
    "“Your own data”. Delete the example. A row needs a name, and a postcode or a pair of "
    "coordinates.",
}


def _place_fields() -> list[Field]:
    return [Field(c.heading, c.heading, "text", c.note) for c in venue_columns().values()]


def _places_example() -> pd.DataFrame:
    return pd.DataFrame([{c.heading: c.example for c in venue_columns().values()}])


def _places_sheets() -> list[Sheet]:
    return [Sheet("Places", _place_fields(), _places_example())]


def _read_places(given: Table) -> VenueReport:
    return read_venues(given, atlas().postcodes.find, ward_at, date.today())


def _places_report(found: VenueReport) -> None:
    count = len(found.venues)
    rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
    places = "1 place is" if count == 1 else f"{count:,} places are"
    text = f"{places} held, from {rows}; {found.left_out:,} left out."
    st.html(
        f"<p class='atlas-lead' role='status'>{escaped(text)}</p>"
        + notes([*found.notes, unread_words(found.unread)])
    )
    row_report(found.problems, "places_report")
    if not found.venues:
        return
    names = atlas().places
    body = [
        [
            cell(f"{number}. {venue.name}"),
            cell(venue.kind),
            cell(names[venue.ward_code].label if venue.ward_code in names else "not known"),
            cell(venue.postcode or "by coordinates"),
            cell("; ".join(text for _, text in venue.hours) or "not known"),
        ]
        for number, venue in enumerate(found.venues[:_SHOWN], start=1)
    ]
    st.page_link(
        "pages/explore/ward_map.py",
        label="See them on the map",
        icon=":material/map:",
        query_params=url.link(url.view()),
    )
    some = f"the first {_SHOWN} of {count:,}" if count > _SHOWN else "all"
    headings = [cell(text) for text in ("Place", "Type", "Ward", "Postcode", "Opening hours")]
    st.html(table(f"Places held ({some})", headings, body))


def _figures() -> None:
    st.html(
        "<h2 class='atlas-h2'>Figures by area</h2>"
        "<p>One row for each area, and a column of numbers. Areas may be ward codes (May 2024), "
        "LSOA codes (2021), postcodes, or a ward’s name with its council. The template lists the "
        "wards of the place in view.</p>"
    )
    with st.container(horizontal=True):
        csv_button(
            "figures-template",
            _wards_in_view,
            _WARD_FIELDS,
            "figures_csv",
            "Template (CSV)",
            notes=False,
        )
        xlsx_button(
            "figures-template", _ward_sheets, _ABOUT_FIGURES, "figures_xlsx", "Template (Excel)"
        )
    if len(uploads.own_measures()) >= uploads.MOST_MEASURES:
        st.info(
            f"{uploads.MOST_MEASURES} measures are held, the most there can be. Remove one first."
        )
    else:
        opened = brought_file(_FIGURES, "Your file of figures", lambda t: (t, offer(t)))
        if opened is not None:
            st.session_state[_OPEN] = opened
            st.rerun()
        if _OPEN in st.session_state:
            _describe(*st.session_state[_OPEN])
    for measure in uploads.held().measures:
        _measure(measure)


_WARD_FIELDS = (
    Field("Ward code", "Ward code", "code", "GSS code of the ward (May 2024)."),
    Field("Ward name", "Ward name", "text", "For you to read; the code is what counts."),
    Field("Council", "Council", "text", "For you to read."),
    Field("Figure", "Figure", "text", "Your numbers. Leave blank where there is none."),
)
_ABOUT_FIGURES = {
    "Title": "Template: figures by ward",
    "How to use it": "Fill in the column “Figure” of the sheet “Wards”, rename it if you like, and "
    "bring the file to the page “Your own data”. You can add more columns of figures.",
}


def _wards_in_view() -> pd.DataFrame:
    place = url.view().place
    wards = atlas().snapshot.wards.iloc[atlas().places.positions(place)]
    return pd.DataFrame(
        {
            "Ward code": wards["ward_code"],
            "Ward name": wards["ward_name"],
            "Council": wards["authority_name"].map(natural),
            "Figure": "",
        }
    )


def _ward_sheets() -> list[Sheet]:
    return [Sheet("Wards", _WARD_FIELDS, _wards_in_view())]


def _describe(given: Table, found: Offer) -> None:
    """Let the visitor say what one column of their file measures, and add it."""
    count = "1 row" if len(given.rows) == 1 else f"{len(given.rows):,} rows"
    st.html(
        f"<h3 class='atlas-h3'>What do the figures measure?</h3><p>The file has {count}. Say what "
        f"one of its columns is; you can add others after it.</p>{notes(given.notes)}"
    )
    left, right = st.columns(2)
    with left:
        heading = st.selectbox("Column of figures", list(found.figures), key="own_heading")
        way = st.selectbox(
            "Areas are given by", list(found.ways), format_func=WAYS.__getitem__, key="own_way"
        )
        label = st.text_input(
            "Name of the measure",
            value=heading if len(heading) >= SHORTEST else f"Own figures ({heading})",
            max_chars=LONGEST,
            key=f"own_label_{heading}",
            help="As it should stand on the map and in the list: “Residents in digital skills "
            "courses”.",
        )
    with right:
        units = list(UNITS)
        unit = st.selectbox(
            "Unit",
            units,
            index=units.index(found.figures[heading]),
            format_func=lambda key: UNITS[key].words,
            key=f"own_unit_{heading}",
            help="Numbers are added up for larger areas; everything else is averaged, weighted by "
            "residents.",
        )
        need = st.selectbox("Direction", list(_NEED), format_func=_NEED.__getitem__, key="own_need")
        source = st.text_input(
            "Whose figures, of when (optional)", max_chars=LONGEST, key="own_source"
        )
    with st.container(horizontal=True):
        add = st.button("Add this measure", type="primary", icon=":material/add:")
        st.button("Close this file", on_click=_close, type="tertiary")
    if add:
        _add(given, Request(label, heading, way, unit, need, source))


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def _add(given: Table, request: Request) -> None:
    number = uploads.held().given + 1
    try:
        measure = own_measure(given, request, _areas(), number)
    except RefusedError as refused:
        st.error(plain_markdown(str(refused)))
        return
    uploads.hold_measure(measure)
    st.rerun()


def _areas() -> Geography:
    shared = atlas().snapshot
    return Geography(shared.wards, shared.lsoas, atlas().postcodes.find, shared.ended)


def _measure(measure: OwnMeasure) -> None:
    column = measure.column
    wards = "1 ward has" if measure.wards == 1 else f"{measure.wards:,} wards have"
    rows = "1 row" if measure.rows == 1 else f"{measure.rows:,} rows"
    words = f" ({column.direction_in_words})" if column.direction_in_words else ""
    st.html(
        f"<h3 class='atlas-h3'>{escaped(column.label)}{escaped(words)}</h3>"
        f"<p role='status'>{wards} a figure; {measure.used:,} of {rows} used.</p>"
        + notes(measure.notes)
    )
    shown = {**url.link(url.view()), "measure": column.name}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "pages/explore/ward_map.py",
            label="See it on the map",
            icon=":material/map:",
            query_params=shown,
        )
        st.page_link(
            "pages/decide/targeting_list.py",
            label="Make a list of it",
            icon=":material/list:",
            query_params=shown,
        )
        st.page_link(
            "pages/decide/risk_list.py",
            label="Let it count in the risk list",
            icon=":material/tune:",
            query_params=url.link(url.view()),
        )
        st.button(
            "Remove",
            key=f"drop_{column.name}",
            on_click=uploads.drop_measure,
            args=(column.name,),
            type="tertiary",
            icon=":material/delete:",
            help=f"Lets go of {column.label}",
        )
    row_report(measure.problems, f"report_{column.name}")


page()
