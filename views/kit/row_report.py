"""What became of a brought file, row by row: a table on the page, all of it as a file."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from atlas.files.spreadsheets import Field
from atlas.uploads.reading.table import Problem
from views.kit.downloads import csv_button
from views.kit.html import items, numbers, table

_SHOWN = 25
_FIELDS = (
    Field("row", "Row", "count"),
    Field("column", "Column", "text"),
    Field("what", "What", "text"),
    Field("do", "What to do", "text"),
    Field("used", "Used", "text"),
)


def notes(sentences: Sequence[str]) -> str:
    """Return how a file was read, as a list; "" where there is nothing to say."""
    listed = items(sentences)
    return f"<ul class='atlas-plain'>{listed}</ul>" if listed else ""


def row_report(problems: Sequence[Problem], key: str) -> None:
    """Show the first problems as a table and offer all of them as CSV; nothing where none."""
    if not problems:
        return
    rows = [(p.row, p.column, p.what, p.do, "yes" if p.kept else "no") for p in problems]
    count = f"the first {_SHOWN} of {len(problems):,}" if len(problems) > _SHOWN else "all"
    headings = [*numbers("Row"), "Column", "What", "What to do", "Row used?"]
    body = [[f"{row:,}", column or "whole row", *rest] for row, column, *rest in rows[:_SHOWN]]
    caption = f"Rows that need a look ({count})"
    st.html(table(caption, headings, body, css="atlas-rows atlas-tight"))
    names = [field.name for field in _FIELDS]
    report = partial(pd.DataFrame, rows, columns=names)
    csv_button("rows-to-look-at", report, _FIELDS, key, "Download this report")
