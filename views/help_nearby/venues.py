"""Places of help in an area: whom each serves, who would lose reach, and each in full."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.distance import Venue
from atlas.access.next_best import Diversion, NextBest, next_best
from atlas.access.opening_hours import opens_evening, opens_weekend
from atlas.access.sentences import away_words, in_line, loses_sentence, next_best_sentence, run_by
from atlas.catalogue.columns import measure_named
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place
from atlas.places.site_map import link as link_to
from atlas.places.view_url import View, query
from atlas.planning.equality import group_name
from atlas.text.lists import counted
from atlas.text.numbers import percent
from atlas.ward.sentences import band_words
from views.cached.support import Now, support, venues_inside
from views.kit.controls import bound, paged
from views.kit.doors import go_to
from views.kit.downloads import address_of, csv_button, readme, xlsx_button
from views.kit.html import Cell, Row, cell, escaped, linked, numbers, prose, table
from views.kit.notices import empty
from views.kit.travel import travel
from views.session import url
from views.session.page_url import show_params
from views.session.snapshot import atlas

_METRES = "Metres, British National Grid (EPSG:27700)."
_ORIGINS = {"library": "", "yours": " (yours)", "what if": " (new)"}


def label(venue: Venue) -> str:
    """Return a venue's name, with its postcode or else its address."""
    where = venue.postcode or venue.address
    return f"{venue.name} ({where})" if where else venue.name


def hours_cell(venue: Venue) -> Cell:
    """Return a venue's staffed hours a week for a table."""
    hours = venue.staffed_hours
    return cell("not reported" if np.isnan(hours) else f"{hours:g}", number=True)


def opening_words(venue: Venue) -> str:
    """Say in a few words on how many days a venue is open, and whether late or at the weekend."""
    closed = ("closed", "not known")
    days = [day for day, text in venue.hours if band_words(text) not in closed]
    if not days:
        return "not reported"
    parts = [counted(len(days), "day")]
    parts += ["an evening"] if opens_evening(venue) else []
    parts += ["weekend"] if opens_weekend(venue) else []
    return ", ".join(parts)


def venue_details(venues: Sequence[Venue], at: int, line: pd.Series) -> None:
    """Draw the details of ``venues[at]``; ``line`` is its row of the catchments of them all."""
    venue, next_at = venues[at], int(line["next_venue"])
    after = "" if next_at < 0 else venues[next_at].name
    prose(
        f"<h3 class='atlas-h3'>{escaped(venue.name)}</h3>"
        f"<p class='atlas-lead'>{escaped(loses_sentence(venue, line, after, travel()))}</p>"
    )
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        st.html(_cohorts(venue, line))
    with right:
        st.html(_facts(venue))
    next_best_places(venues, at)
    if venue.origin == "library":
        closing = {**url.link(url.view()), "close": venue.venue_id}
        go_to("what_if", "Try closing it on the map", closing)


def _cohorts(venue: Venue, line: pd.Series) -> str:
    keys = [str(name).removeprefix("nearest_") for name in line.index if "nearest_" in str(name)]
    rows = [
        [
            group_name(key),
            f"{float(line[f'nearest_{key}']):,.0f}",
            f"{float(line[f'loses_{key}']):,.0f}",
        ]
        for key in keys
    ]
    headings = ["Group", *numbers("It is the nearest for", "Would lose reach")]
    caption = (
        f"Whom {escaped(venue.name)} serves. Losing reach: nearest to it, {travel().within} of it "
        "and of no other place. Groups overlap; do not add them up"
    )
    return table(caption, headings, rows)


def _facts(venue: Venue) -> str:
    where = ", ".join(part for part in (venue.address, venue.postcode) if part)
    facts = [
        ("Address", where),
        ("Library service", venue.note("service")),
        ("Run by", run_by(venue)),
        ("Staffed hours a week", hours_cell(venue).html),
        ("Shares its building with", venue.note("shares its building with")),
    ]
    known = ("service", "run by", "shares its building with")
    facts += [(heading.capitalize(), text) for heading, text in venue.notes if heading not in known]
    rows = [[heading, text] for heading, text in facts if text]
    rows += [[day, band_words(text)] for day, text in venue.hours]
    caption = f"Facts about {escaped(venue.name)}"
    return table(caption, ["What", "As reported"], rows, css="atlas-days")


def next_best_places(venues: Sequence[Venue], at: int) -> None:
    """Draw the next nearest places of those whom the closing of ``venues[at]`` concerns."""
    venue, by = venues[at], travel()
    away = next_best(support().residents, venues, at, by)
    said = next_best_sentence(venue, away, venues, by)
    prose(f"<p>{escaped(said)}</p>{_next_table(venue, away, venues)}")


def _next_table(venue: Venue, away: Diversion, venues: Sequence[Venue]) -> str:
    if not away.places:
        return ""
    by = travel()
    rows = [
        _next_row(f"{venues[each.venue].name}{_ORIGINS[venues[each.venue].origin]}", each)
        for each in away.first
    ]
    if others := away.others:
        rows.append(_next_row(counted(len(others), "other place"), away.together(others)))
    if away.nowhere is not None:
        rows.append(_next_row("No other place", away.nowhere))
    headings = ["Next nearest place", *numbers("Residents", "Share", "Away now", "Away then")]
    who = "would lose reach" if away.lose else "have it as their nearest place"
    caption = (
        f"Where the {away.residents:,.0f} residents who {who} would go if {escaped(venue.name)} "
        f"closed. Each is counted once; distances are averages{escaped(in_line(by))}"
        f"{' on foot' if by.on_foot else ''}, to it now and to the next place then"
    )
    return table(caption, headings, rows, css="atlas-tight")


def _next_row(name: str, each: NextBest) -> Row:
    return [
        name,
        f"{each.residents:,.0f}",
        percent(each.share),
        away_words(each.now, travel()),
        away_words(each.then, travel()),
    ]


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
            lambda: [Sheet("Libraries", fields, _venue_frame(seen, frame))],
            about,
            "venues_xlsx",
        )
        csv_button(name, lambda: _venue_frame(seen, frame), fields, "venues_csv", link=link)


def _venue_fields() -> list[Field]:
    on_foot = travel().on_foot
    away = "Minutes on foot to the next place" if on_foot else "Next place (km)"
    average = "Average of the residents who have it nearest."
    fields = [
        Field("venue_id", "Library id", "code"),
        Field("name", "Library", "text"),
        Field("service", "Library service", "text"),
        Field("run_by", "Run by", "text"),
        Field("address", "Address", "text"),
        Field("postcode", "Postcode", "text"),
        Field("ward_code", "Ward code", "code"),
        Field("easting", "Easting", "count", _METRES),
        Field("northing", "Northing", "count", _METRES),
        Field("shares", "Shares its building with", "text"),
        Field("staffed_hours", "Staffed hours a week", "hours", "Blank where not reported."),
        Field("hours", "Open", "text", "Parts of the day as published, not clock times."),
        Field("next_name", "Next place", "text", "Next nearest for the most residents."),
        Field("next_away", away, "count" if on_foot else "km", average),
    ]
    for key in support().residents.people:
        label = group_name(key)
        fields.append(Field(f"nearest_{key}", f"{label}: it is the nearest for", "people"))
        fields.append(Field(f"loses_{key}", f"{label}: would lose reach", "people"))
    return fields


def _venue_frame(seen: Now, frame: pd.DataFrame) -> pd.DataFrame:
    venues = [seen.venues[n] for n in frame["at"]]
    plain = ("address", "postcode", "ward_code", "easting", "northing")
    return frame.assign(
        **{name: [getattr(venue, name) for venue in venues] for name in plain},
        service=[venue.note("service") for venue in venues],
        run_by=[run_by(venue) for venue in venues],
        shares=[venue.note("shares its building with") for venue in venues],
        hours=["; ".join(f"{day}: {text}" for day, text in v.hours) for v in venues],
        next_away=frame["next_away"] / (1 if travel().on_foot else 1000),
        next_name=["" if n < 0 else seen.venues[int(n)].name for n in frame["next_venue"]],
    )
