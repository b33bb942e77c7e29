"""The map to take away: one page that works offline, with its wards, sources and link."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from atlas.catalogue.columns import Column, shown
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.maps.legend import Legend
from atlas.maps.offline_page import Beside
from atlas.maps.payload import MapView
from atlas.places.places import natural
from atlas.text.days import written_day
from views.kit.downloads import file_button
from views.kit.html import escaped, numbers, table
from views.kit.legend import legend_html
from views.kit.ward_map import saved_map


def save_button(
    picture: MapView,
    drawn: Legend,
    column: Column,
    listed: pd.DataFrame,
    lead: str,
    about: Mapping[str, str],
) -> None:
    """Offer the map as a page; ``listed`` are its wards in order, ``about`` says what it is."""
    told = {"Saved": written_day(date.today())} | {k: v for k, v in about.items() if k != "Title"}
    told["How not to use these figures"] = HOW_NOT_TO_USE[0]

    def made() -> bytes:
        words = _table(picture.place_name, column, listed)
        return saved_map(picture, Beside(lead, legend_html(drawn), words, told))

    file_button(
        "Save as a page that works offline",
        made,
        f"{picture.place}-{column.name}.html",
        "save_map",
        type="tertiary",
        help="One HTML file with the map inside. The button on the map itself saves a picture.",
    )


def _table(place: str, column: Column, listed: pd.DataFrame) -> str:
    body = [
        [
            f"{row['place_in_list']:,}. {row['ward_name']}",
            natural(str(row["authority_name"])),
            shown(column, row[column.name]),
            f"{row['population']:,.0f}",
        ]
        for row in listed.to_dict("records")
    ]
    headings = ["Ward", "Council", *numbers(column.short, "Residents")]
    first = "lowest" if column.need == "less" else "highest"
    caption = f"{escaped(column.label)}, wards of {escaped(place)}, {first} first"
    return table(caption, headings, body)
