"""Every place of help in an area: whom it serves, who would lose reach, and each in full."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from atlas.access.sentences import away_words, run_by
from atlas.catalogue.columns import measure_named
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place
from atlas.places.site_map import link as link_to
from atlas.places.view_url import View, query
from atlas.planning.equality import group_name
from views.cached.support import Now, support, venues_inside
from views.help_nearby.venue import hours_cell, label, opening_words, venue_details
from views.kit.controls import bound, paged
from views.kit.downloads import LINK, VERSION, address_of, csv_button, readme, stamped, xlsx_button
from views.kit.html import Cell, Row, escaped, linked, numbers, table
from views.kit.notices import empty
from views.kit.travel import travel
from views.session import url
from views.session.page_url import show_params
from views.session.snapshot import atlas

PAGE, KEYS = "libraries", ("cell", "library")
_ORDERS = {
    "Most residents who would lose reach": ("loses_residents", False),
    "Most residents who have it nearest": ("nearest_residents", False),
    "Fewest staffed hours": ("staffed_hours", True),
    "Name, A to Z": ("name", True),
}


def venue_list(view: View, place: Place, seen: Now, params: dict[str, str]) -> None:
    """Draw the places of help in an area; ``params`` are the page's own, with ``library``."""
    at = venues_inside(seen.venues, support().residents, place.code)
    st.html(
        "<h2 class='atlas-h2' id='places'>Every library, and who would lose reach if it closed</h2>"
    )
    rows = atlas().places.positions(place.code)
    if not at and atlas().snapshot.wards["open_libraries"].iloc[rows].isna().all():
        empty(f"No library is known in {place.label}.", "Nothing was reported of any.", "")
        return
    if not at:
        empty(
            f"No library stands in {place.label}.",
            "Its residents use those of other places.",
            "Choose a larger place to see them.",
        )
        return
    frame = seen.served.iloc[at].assign(
        at=at,
        name=[seen.venues[n].name for n in at],
        staffed_hours=[seen.venues[n].staffed_hours for n in at],
    )
    _venue_chosen_box(frame, seen, params)
    chosen = [n for n in at if seen.venues[n].venue_id == params.get("library")]
    if chosen:
        venue_details(seen.venues, chosen[0], seen.served.iloc[chosen[0]])
    _venue_table(view, place, seen, frame, params)
    _venue_files(view, place, seen, frame)


def _venue_chosen_box(frame: pd.DataFrame, seen: Now, params: dict[str, str]) -> None:
    ordered = frame.sort_values(["name", "venue_id"])
    names = {str(seen.venues[n].venue_id): label(seen.venues[n]) for n in ordered["at"].tolist()}
    chosen = params.get("library")
    bound(
        st.selectbox,
        "library_choice",
        chosen if chosen in names else None,
        lambda library: show_params(PAGE, KEYS, {**params, "library": library or ""}),
        names,
        label="One library in full",
        index=None,
        placeholder="Choose a library",
    )


def _venue_table(
    view: View, place: Place, seen: Now, frame: pd.DataFrame, params: dict[str, str]
) -> None:
    left, right = st.columns(2, vertical_alignment="bottom")
    order = left.selectbox("Order of the libraries", list(_ORDERS), key="venue_order")
    by, ascending = _ORDERS[order]
    ordered = frame.sort_values([by, "venue_id"], ascending=[ascending, True], kind="stable")
    headings = [
        "Library",
        "Run by",
        *numbers("Staffed hours a week"),
        "Open",
        *numbers("Nearest for", "Would lose reach", "Next place"),
    ]

    def drawn(part: pd.DataFrame, which: str, anchor: str) -> str:
        body = [_venue_row(line, view, seen, params) for line in part.to_dict("records")]
        caption = (
            f"Libraries in {escaped(place.label)}: {which}, "
            f"{escaped(order[0].lower() + order[1:])} "
            "first. Residents from any ward count, also from beyond the area. "
            f"{escaped(travel().measured)}; within reach: {escaped(travel().within)}"
        )
        return table(caption, headings, body, anchor)

    with right:
        made = paged(ordered, f"venue_page_{place.code}", drawn, label="Libraries shown")
    st.html(f"<div class='atlas-tight'>{made}</div>")


def _venue_row(line: Mapping[Hashable, Any], view: View, seen: Now, params: dict[str, str]) -> Row:
    venue = seen.venues[int(line["at"])]
    link = {**url.link(view), **params, "library": venue.venue_id}
    yours = " (yours)" if venue.origin == "yours" else ""
    name = linked(venue.name, link_to("help_nearby", link))
    return [
        Cell(f"{name.html}{yours}"),
        run_by(venue),
        hours_cell(venue),
        opening_words(venue),
        f"{float(line['nearest_residents']):,.0f}",
        f"{float(line['loses_residents']):,.0f}",
        away_words(float(line["next_away"]), travel()),
    ]


def _venue_files(view: View, place: Place, seen: Now, frame: pd.DataFrame) -> None:
    link = address_of(query(view))
    fields = _venue_fields()
    title = f"Libraries of {place.label}, and whom they serve"
    settings = {"Distance": f"{travel().measured}; within reach: {travel().within}"}
    about = readme(title, settings, measure_named("support_score"), link)
    name = f"libraries-{place.code}"
    with st.container(horizontal=True):
        xlsx_button(
            name,
            lambda: [Sheet("Libraries", fields, stamped(_venue_frame(seen, frame), link))],
            about,
            "venues_xlsx",
        )
        csv_button(name, lambda: stamped(_venue_frame(seen, frame), link), fields, "venues_csv")


def _venue_fields() -> list[Field]:
    fields = [
        Field("venue_id", "Library id", "code"),
        Field("name", "Library", "text"),
        Field("service", "Library service", "text"),
        Field("run_by", "Run by", "text"),
        Field("address", "Address", "text"),
        Field("postcode", "Postcode", "text"),
        Field("ward_code", "Ward code", "code"),
        Field("easting", "Easting", "count", "Metres, British National Grid (EPSG:27700)."),
        Field("northing", "Northing", "count", "Metres, British National Grid (EPSG:27700)."),
        Field("shares", "Shares its building with", "text"),
        Field("staffed_hours", "Staffed hours a week", "hours", "Blank where not reported."),
        Field("hours", "Open", "text", "Parts of the day as published, not clock times."),
        Field("next_name", "Next place", "text", "Next nearest for the most residents."),
        Field(
            "next_away",
            "Minutes on foot to the next place" if travel().on_foot else "Next place (km)",
            "count" if travel().on_foot else "km",
            "Average of the residents who have it nearest.",
        ),
    ]
    for key in support().residents.people:
        label = group_name(key)
        fields.append(Field(f"nearest_{key}", f"{label}: it is the nearest for", "people"))
        fields.append(Field(f"loses_{key}", f"{label}: would lose reach", "people"))
    return [*fields, VERSION, LINK]


def _venue_frame(seen: Now, frame: pd.DataFrame) -> pd.DataFrame:
    venues = [seen.venues[n] for n in frame["at"]]
    return frame.assign(
        service=[venue.note("service") for venue in venues],
        run_by=[run_by(venue) for venue in venues],
        address=[venue.address for venue in venues],
        postcode=[venue.postcode for venue in venues],
        ward_code=[venue.ward_code for venue in venues],
        easting=[venue.easting for venue in venues],
        northing=[venue.northing for venue in venues],
        shares=[venue.note("shares its building with") for venue in venues],
        hours=["; ".join(f"{day}: {text}" for day, text in v.hours) for v in venues],
        next_away=frame["next_away"] / (1 if travel().on_foot else 1000),
        next_name=["" if n < 0 else seen.venues[int(n)].name for n in frame["next_venue"]],
    )
