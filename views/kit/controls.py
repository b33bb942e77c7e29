"""The controls that several pages share: measure, base, and how classes are cut."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column
from atlas.maps.classes import METHODS, Method
from atlas.places.view_url import BREAKS, DEFAULT_MEASURE, View
from atlas.risk.needs import KIND_OF_NEED
from views.session import url
from views.session.snapshot import atlas

_PER_PAGE = 25
# A longer table is printed a page at a time: London's 680 wards still print whole, England's
# would fill 150 sheets.
_PRINTED_WHOLE = 700


def bound(
    widget: Callable[..., Any],
    key: str,
    shown: object,
    chosen: Callable[[Any], object],
    words: Mapping[Any, str] | None = None,
    **given: Any,
) -> None:
    """Draw a control that shows what the address says; ``chosen`` puts a reader's choice there.

    ``words`` say each option of a control that chooses between some; ``given`` is for it alone.
    """
    if words is not None:
        given |= {"options": list(words), "format_func": words.__getitem__}

    def changed() -> None:
        if not url.going_back():
            chosen(st.session_state[key])

    st.session_state[key] = shown
    widget(key=key, on_change=changed, **given)


def paged(
    lines: pd.DataFrame,
    key: str,
    drawn: Callable[[pd.DataFrame, str, str], str],
    anchor: str = "",
    label: str = "",
) -> str:
    """Let the reader turn the pages of a table; return one page of it, and the whole for paper.

    ``drawn`` makes the HTML of a table of some lines, from them, the words that say which they
    are ("1 to 25 of 215"), and the table's ``anchor``. With a ``label`` the lines are chosen in a
    box of that name: two turners on one page would be read aloud by one name, Streamlit's.
    """

    def which(page: int) -> str:
        end = min(page * _PER_PAGE, len(lines))
        return f"{(page - 1) * _PER_PAGE + 1:,} to {end:,} of {len(lines):,}"

    pages = max(1, -(-len(lines) // _PER_PAGE))
    number = 1
    if pages > 1 and label:
        number = st.selectbox(label, range(1, pages + 1), format_func=which, key=key)
    elif pages > 1:
        number = st.pagination(pages, key=key)
    part = lines.iloc[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    seen = drawn(part, which(number), anchor)
    if pages == 1:
        return seen
    seen = f"<p class='atlas-hidden' role='status'>Rows {which(number)}.</p>{seen}"
    if len(lines) > _PRINTED_WHOLE:
        return seen
    whole = drawn(lines, f"all {len(lines):,}", "")
    return f"<div class='atlas-screen'>{seen}</div><div class='atlas-paper'>{whole}</div>"


def measure_in_words(column: Column) -> str:
    """Return the words under which a measure is chosen."""
    return f"{column.theme}: {column.label}"


def choose_measure(view: View, *, kinds: bool = False) -> None:
    """Let the reader choose a measure, or the ``kinds`` of need; the address holds the choice."""
    words = {column.name: measure_in_words(column) for column in url.measures_in_order()}
    if kinds:
        words = {KIND_OF_NEED: "Composite index: Kind of need", **words}
    shown = view.measure if view.measure in words else DEFAULT_MEASURE
    _of_the_view(view, "measure", "Measure", words, shown)


def choose_base(view: View) -> None:
    """Let the reader choose what the place is compared with: any area that holds it."""
    places = atlas().places
    options = [area.code for area in places.containing(view.place)]
    # The place against itself is a fair question, and a link may name any other area.
    options += [code for code in (view.place, view.base) if code not in options]
    _of_the_view(
        view,
        "base",
        "Compared with",
        {code: places[code].label for code in options},
        view.base,
        help="The figures of this area stand beside those of the place, and the map’s classes are "
        "cut from its wards. They do not move when you look at another place.",
    )


def choose_breaks(view: View) -> None:
    """Let the reader choose how the map's classes are cut."""
    words = {name: METHODS[cast(Method, name)] for name in BREAKS}
    _of_the_view(view, "breaks", "Classes", words, view.breaks)


def _of_the_view(
    view: View, name: str, label: str, words: Mapping[str, str], shown: str, **given: Any
) -> None:
    bound(
        st.selectbox,
        f"{name}_choice",
        shown,
        lambda chosen: url.show(replace(view, **{name: chosen})),
        words,
        label=label,
        **given,
    )
