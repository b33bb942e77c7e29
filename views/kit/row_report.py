"""What became of a brought file, row by row: a table on the page, all of it as a file."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from atlas.files.spreadsheets import Field
from atlas.uploads.reading.table import Problem
from views.kit.downloads import csv_button
from views.kit.html import Row, escaped, numbers, table

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
    items = "".join(f"<li>{escaped(sentence)}</li>" for sentence in sentences if sentence)
    return f"<ul class='atlas-plain'>{items}</ul>" if items else ""


def row_report(problems: Sequence[Problem], key: str) -> None:
    """Show the first problems as a table and offer all of them as CSV; nothing where none."""
    if not problems:
        return
    shown = problems[:_SHOWN]
    count = f"the first {len(shown)} of {len(problems):,}" if len(problems) > _SHOWN else "all"
    headings = [*numbers("Row"), "Column", "What", "What to do"]
    st.html(
        "<div class='atlas-rows atlas-tight'>"
        + table(
            f"Rows that need a look ({count})",
            [*headings, "Row used?"],
            [_row(problem) for problem in shown],
        )
        + "</div>"
    )
    csv_button("rows-to-look-at", lambda: _frame(problems), _FIELDS, key, "Download this report")


def _row(problem: Problem) -> Row:
    return [
        f"{problem.row:,}",
        problem.column or "whole row",
        problem.what,
        problem.do,
        _used(problem),
    ]


def _used(problem: Problem) -> str:
    return "yes" if problem.kept else "no"


def _frame(problems: Sequence[Problem]) -> pd.DataFrame:
    rows = [(p.row, p.column, p.what, p.do, _used(p)) for p in problems]
    return pd.DataFrame(rows, columns=[field.name for field in _FIELDS])
