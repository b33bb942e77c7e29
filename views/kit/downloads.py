"""Downloads of ward tables: CSV and XLSX, both made only when asked for."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column
from atlas.files.spreadsheets import Field, Sheet, field_of, to_csv, to_xlsx
from atlas.places.site_map import TAB
from atlas.ward.sentences import sources_of
from atlas.ward_list.by_measure import IDENTITY
from atlas.worker import for_files
from views.session import uploads
from views.session.snapshot import atlas

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERSION = Field("data_version", "Data version", "text", "Short hash of the snapshot's manifest.")
LINK = Field("link", "Link", "text", "The address that opens this view again.")


def table_fields(column: Column) -> list[Field]:
    """Return the fields of a ward table for one measure: names, the figure, people, fit."""
    names = [*IDENTITY, column.name, "population", "fit"]
    return [field_of(uploads.column(name)) for name in dict.fromkeys(names)]


def stamped(frame: pd.DataFrame, link: str) -> pd.DataFrame:
    """Return the frame with the data version and the link on every row."""
    return frame.assign(data_version=atlas().snapshot.version, link=link)


def readme(title: str, settings: dict[str, str], column: Column, link: str) -> dict[str, str]:
    """Return what a file says about itself: title, settings, sources, licence, version, link."""
    sources = sources_of(column, atlas().used)
    return {
        "Title": title,
        **settings,
        "Measure": f"{column.label} ({column.direction_in_words or 'says nothing about need'})",
        "Definition": column.definition,
        "Sources": "\n".join(f"{s.title}, {s.publisher}, {s.vintage}. {s.page}" for s in sources)
        or column.credit,
        "Licence": "Open Government Licence v3.0",
        "Data version": atlas().snapshot.version,
        "Wards": (
            f"Electoral wards of {atlas().snapshot.edition}; figures by best fit of LSOAs (2021)"
        ),
        "Link": link,
    }


def made_on() -> datetime:
    """Return the date written into a workbook: the newest day that the data describes."""
    newest = max(source.as_at for source in atlas().sources.values())
    return datetime(newest.year, newest.month, newest.day)


def csv_button(
    name: str,
    frame: Callable[[], pd.DataFrame],
    fields: Sequence[Field],
    key: str,
    label: str = "Download CSV",
) -> None:
    """Offer a CSV: one table, one line of headings, and no note among the figures.

    ``frame`` is called when the reader presses the button: outside of any visit, so that it may
    ask neither for the address nor for what the visit holds. What it needs it must have by then.
    """
    st.download_button(
        label,
        lambda: for_files.do(to_csv, frame(), fields),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
    )


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
    st.download_button(
        label,
        lambda: for_files.do(to_xlsx, sheets(), about, made),
        file_name=f"{name}.xlsx",
        mime=XLSX,
        key=key,
        on_click="ignore",
        icon=":material/download:",
    )


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
