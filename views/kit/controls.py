"""The controls that several pages share: measure, base, and how classes are cut."""

from collections.abc import Callable
from typing import cast

import pandas as pd
import streamlit as st

from atlas.maps.classes import METHODS, Method
from atlas.places.view_url import BREAKS, DEFAULT_MEASURE, View
from atlas.risk.needs import KIND_OF_NEED
from views.session import url
from views.session.snapshot import atlas

_PER_PAGE = 25


def page_of(lines: pd.DataFrame, key: str) -> tuple[pd.DataFrame, str]:
    """Let the reader turn the pages of a table; return one page, and which lines those are."""
    pages = max(1, -(-len(lines) // _PER_PAGE))
    number = st.pagination(pages, key=key) if pages > 1 else 1
    start = (number - 1) * _PER_PAGE
    part = lines.iloc[start : start + _PER_PAGE]
    return part, f"{start + 1:,} to {start + len(part):,} of {len(lines):,}"


def choose_measure(view: View, *, kinds: bool = False) -> None:
    """Let the reader choose a measure, or the ``kinds`` of need; the address holds the choice."""
    columns = {column.name: column for column in url.measures_in_order()}
    words = {name: f"{column.theme}: {column.label}" for name, column in columns.items()}
    if kinds:
        words = {KIND_OF_NEED: "Composite index: Kind of need", **words}
    chosen = view.measure if view.measure in words else DEFAULT_MEASURE
    _choose("measure", "Measure", list(words), chosen, words.__getitem__)


def choose_base(view: View) -> None:
    """Let the reader choose what the place is compared with: any area that holds it."""
    places = atlas().places
    options = [area.code for area in places.containing(view.place)]
    # The place against itself is a fair question, and a link may name any other area.
    options += [code for code in (view.place, view.base) if code not in options]
    _choose(
        "base",
        "Compared with",
        options,
        view.base,
        lambda code: places[code].label,
        "The figures of this area stand beside those of the place, and the map’s classes are cut "
        "from its wards. They do not move when you look at another place.",
    )


def choose_breaks(view: View) -> None:
    """Let the reader choose how the map's classes are cut."""
    _choose(
        "breaks", "Classes", list(BREAKS), view.breaks, lambda name: METHODS[cast(Method, name)]
    )


def _choose(
    name: str,
    label: str,
    options: list[str],
    chosen: str,
    say: Callable[[str], str],
    explain: str | None = None,
) -> None:
    st.session_state[f"{name}_choice"] = chosen
    st.selectbox(
        label,
        options,
        key=f"{name}_choice",
        format_func=say,
        help=explain,
        on_change=_chosen,
        args=(name,),
    )


def _chosen(name: str) -> None:
    current = url.view()
    url.show(View(**{**vars(current), name: st.session_state[f"{name}_choice"]}))
