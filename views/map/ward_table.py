"""The table that says the same as the map: a real HTML table, sorted and paged on the server."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from atlas.catalogue.columns import Column, shown
from atlas.places.places import Place, natural
from atlas.places.site_map import link as link_to
from atlas.places.view_url import View, serialised
from atlas.ward_list.by_measure import in_order
from views.kit.controls import paged
from views.kit.downloads import table_fields, take_away
from views.kit.html import TABLE, Row, cell, escaped, linked, numbers, table
from views.session.snapshot import atlas

_SHOWN = ("ward_code", "ward_name", "authority_name", "population", "small_areas")
ORDERS = ("Highest first", "Lowest first", "Ward, A to Z", "Council, A to Z", "Most residents")


def ward_table(
    view: View,
    column: Column,
    place: Place,
    class_names: pd.Series,
    whole: pd.DataFrame,
    about: Mapping[str, str],
) -> None:
    """Draw the table of an area's wards. ``class_names`` gives each ward code its map class.

    ``whole`` is the ward table with the figures that the map shows; ``about`` says what
    its files are.
    """
    rows = atlas().places.positions(place.code)
    # The page needs a few columns, the file all of them: only a download takes those.
    wards = whole[list(dict.fromkeys([*_SHOWN, column.name]))].iloc[rows]
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    order = left.selectbox("Order of the table", ORDERS, key="table_order")
    ordered = _ordered(wards, column, order)
    page = st.empty()
    with right:
        _page(page, ordered, view, column, place, class_names, order)
    take_away(
        f"wards-{place.code}-{column.name}",
        lambda: whole.loc[ordered.index],
        table_fields(column),
        {**about, "Order": order},
        "table",
    )


# Only this is drawn anew for another page of the table; the files depend on its order.
@st.fragment
def _page(
    where: DeltaGenerator,
    ordered: pd.DataFrame,
    view: View,
    column: Column,
    place: Place,
    class_names: pd.Series,
    order: str,
) -> None:
    direction = f" ({column.direction_in_words})" if column.direction_in_words else ""

    def drawn(part: pd.DataFrame, which: str, anchor: str) -> str:
        caption = (
            f"{escaped(column.label)}{direction}, wards of {escaped(place.label)}: rows {which}, "
            f"{escaped(order.lower())}"
        )
        of_ward = ["Ward", "Council", *numbers(column.short)]
        headings = [*of_ward, "Map class", *numbers("Residents"), "Based on"]
        return table(caption, headings, _rows(part, view, column, class_names), anchor)

    where.html(paged(ordered, f"table_page_{place.code}", drawn, TABLE))


def _ordered(wards: pd.DataFrame, column: Column, order: str) -> pd.DataFrame:
    numbers = {
        "Highest first": (column.name, True),
        "Lowest first": (column.name, False),
        "Most residents": ("population", True),
    }
    if order in numbers:
        name, highest_first = numbers[order]
        return wards.iloc[in_order(wards, name, highest_first=highest_first)]
    names = ["ward_name"] if order == "Ward, A to Z" else ["authority_name", "ward_name"]
    return wards.sort_values([*names, "ward_code"], kind="stable")


def _rows(part: pd.DataFrame, view: View, column: Column, class_names: pd.Series) -> list[Row]:
    taken = zip(
        part["ward_code"],
        part["ward_name"],
        part["authority_name"],
        part[column.name],
        part["population"],
        part["small_areas"],
        strict=True,
    )
    return [
        [
            linked(name, link_to("my_area", serialised(replace(view, ward=code)))),
            natural(council),
            shown(column, value),
            cell(class_names[code], css="atlas-nowrap"),
            "no data" if np.isnan(residents) else f"{residents:,.0f}",
            cell(_areas(int(areas)), css="atlas-nowrap"),
        ]
        for code, name, council, value, residents, areas in taken
    ]


def _areas(count: int) -> str:
    return {0: "no small area", 1: "1 small area"}.get(count, f"{count} small areas")
