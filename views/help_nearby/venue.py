"""One place of help: when it is open, who runs it, whom it serves and who would lose reach."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.distance import Venue
from atlas.access.next_best import Diversion, NextBest, next_best
from atlas.access.opening_hours import opens_evening, opens_weekend
from atlas.access.sentences import away_words, in_line, loses_sentence, next_best_sentence, run_by
from atlas.planning.equality import group_name
from atlas.text.lists import counted
from atlas.text.numbers import percent
from atlas.ward.sentences import band_words
from views.cached.support import support
from views.kit.doors import go_to
from views.kit.html import Cell, Row, cell, escaped, numbers, prose, table
from views.kit.travel import travel
from views.session import url

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
    """Draw the details of ``venues[at]``.

    ``line`` is its row of :func:`atlas.access.catchments.catchments` of all the venues.
    """
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
    return (
        "<div class='atlas-days'>"
        + table(f"Facts about {escaped(venue.name)}", ["What", "As reported"], rows)
        + "</div>"
    )


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
    return f"<div class='atlas-tight'>{table(caption, headings, rows)}</div>"


def _next_row(name: str, each: NextBest) -> Row:
    return [
        name,
        f"{each.residents:,.0f}",
        percent(each.share),
        away_words(each.now, travel()),
        away_words(each.then, travel()),
    ]
