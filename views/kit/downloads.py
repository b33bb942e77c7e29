"""Downloads of ward tables: CSV and XLSX, both made only when asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column, behind_measures
from atlas.files.open_formats import MEDIA_TYPES
from atlas.files.spreadsheets import Field, Sheet, field_of, to_csv, to_xlsx
from atlas.places.site_map import TAB
from atlas.ward.sentences import sources_of
from atlas.ward_list.by_measure import IDENTITY
from atlas.worker import for_files
from views.session import uploads
from views.session.snapshot import atlas

# Where a visit keeps what a page has for its row of actions.
OFFERED = "offered_actions"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS = MEDIA_TYPES | {
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "html": "text/html",
    "zip": "application/zip",
}
_STAMP = (
    Field("data_version", "Data version", "text", "Short hash of the snapshot's manifest."),
    Field("link", "Link", "text", "The address that opens this view again."),
)


def table_fields(column: Column) -> list[Field]:
    """Return the fields of a ward table for one measure: names, the figure, people, fit."""
    names = [*IDENTITY, column.name, "population", "fit"]
    return [field_of(uploads.column(name)) for name in dict.fromkeys(names)]


def readme(title: str, settings: dict[str, str], column: Column, link: str) -> dict[str, str]:
    """Return what a file says about itself: title, settings, sources, licence, version, link."""
    sources = sources_of(column, atlas().sources)
    return {
        "Title": title,
        **settings,
        "Measure": f"{column.label} ({column.direction_in_words or 'says nothing about need'})",
        "Definition": column.definition,
        "Sources": "\n".join(f"{s.title}, {s.publisher}, {s.dated}. {s.page}" for s in sources)
        or column.credit,
        "Licence": "Open Government Licence v3.0",
        "Data version": atlas().snapshot.version,
        "Wards": (
            f"Electoral wards of {atlas().snapshot.edition}; figures by best fit of LSOAs (2021)"
        ),
        "Link": link,
    }


def made_on() -> datetime:
    """Return the date written into a workbook: the newest day that its figures describe."""
    newest = max(source.as_at for source in behind_measures(atlas().sources))
    return datetime(newest.year, newest.month, newest.day)


def file_button(
    label: str, data: Callable[[], bytes] | bytes, name: str, key: str, **given: Any
) -> None:
    """Offer a file, of the kind that its name ends in; ``given`` is for Streamlit's button.

    ``data`` is called when the reader presses the button: outside of any visit, so that it may
    ask neither for the address nor for what the visit holds. What it needs it must have by then.
    """
    look = {"icon": ":material/download:"} | given
    kind = _KINDS[name.rpartition(".")[2]]
    st.download_button(label, data, file_name=name, mime=kind, key=key, on_click="ignore", **look)


def csv_button(
    name: str,
    frame: Callable[[], pd.DataFrame],
    fields: Sequence[Field],
    key: str,
    label: str = "Download CSV",
    kinds: Sequence[Field] = (),
    link: str = "",
) -> None:
    """Offer a CSV: one table, one line of headings, and no note among the figures.

    ``frame`` is called as the ``data`` of :func:`file_button` is; ``kinds`` as of a ``Sheet``.
    With a ``link`` that opens its view, every row has it and the data version.
    """
    stamp = {"data_version": atlas().snapshot.version, "link": link} if link else {}
    every = [*fields, *(field for field in _STAMP if field.name in stamp)]

    def data() -> bytes:
        return for_files.do(to_csv, frame().assign(**stamp), every, kinds)

    file_button(label, data, f"{name}.csv", key)


def xlsx_button(
    name: str,
    sheets: Callable[[], Sequence[Sheet]],
    about: dict[str, str],
    key: str,
    label: str = "Download Excel",
) -> None:
    """Offer a workbook; ``sheets`` is called as the ``frame`` of :func:`csv_button` is."""
    made = made_on()
    about = {"Attribution": "\n".join(atlas().snapshot.attributions)} | about
    file_button(label, lambda: for_files.do(to_xlsx, sheets(), about, made), f"{name}.xlsx", key)


def take_away(
    name: str,
    frame: Callable[[], pd.DataFrame],
    fields: Sequence[Field],
    about: dict[str, str],
    key: str,
    kinds: Sequence[Field] = (),
) -> None:
    """Offer the main table of a page: as CSV here, as Excel in the page's row of actions.

    ``frame`` and ``kinds`` are as those of :func:`csv_button`, whose link is in ``about``.
    """

    def sheets() -> list[Sheet]:
        return [Sheet("Table", fields, frame(), kinds)]

    offer(lambda: xlsx_button(name, sheets, about, f"{key}_xlsx", "Excel"))
    csv_button(name, frame, fields, f"{key}_csv", kinds=kinds, link=about["Link"])


def offer(draw: Callable[[], None]) -> None:
    """Have a page's own file, which ``draw`` draws, among the actions at its end."""
    st.session_state[OFFERED].append(draw)


def template_buttons(name: str, sheet: Sheet, about: dict[str, str], key: str) -> None:
    """Offer a table to fill in, as CSV and as a workbook."""
    with st.container(horizontal=True):
        csv_button(name, lambda: sheet.frame, sheet.fields, f"{key}_csv", "Template (CSV)")
        xlsx_button(name, lambda: [sheet], about, f"{key}_xlsx", "Template (Excel)")


def address_of(query: str) -> str:
    """Return the whole address of a view of this page and tab, as this visitor reached it."""
    tab = st.query_params.get(TAB, "")
    if tab and f"{TAB}=" not in query:
        query = f"?{TAB}={tab}{query.replace('?', '&', 1)}"
    return f"{(st.context.url or '').split('?')[0]}{query}"
