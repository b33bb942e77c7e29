"""Where the residents of a library that closes would go instead: a sentence and a table."""

from collections.abc import Sequence

import streamlit as st

from atlas.access.distance import Venue
from atlas.access.next_best import Diversion, NextBest, next_best
from atlas.access.sentences import away_words, in_line, next_best_sentence
from atlas.text.numbers import percent
from views.cached.support import support
from views.kit.html import Cell, cell, escaped, table
from views.kit.travel import travel

_ORIGINS = {"library": "", "yours": " (yours)", "what if": " (new)"}


def next_best_places(venues: Sequence[Venue], at: int) -> None:
    """Draw the next nearest places of those whom the closing of ``venues[at]`` concerns."""
    venue, by = venues[at], travel()
    away = next_best(support().residents, venues, at, by)
    said = next_best_sentence(venue, away, venues, by)
    st.html(f"<p>{escaped(said)}</p>{_table(venue, away, venues)}")


def _table(venue: Venue, away: Diversion, venues: Sequence[Venue]) -> str:
    if not away.places:
        return ""
    by = travel()
    rows = [
        _row(f"{venues[each.venue].name}{_ORIGINS[venues[each.venue].origin]}", each)
        for each in away.first
    ]
    rows += _others(away)
    if away.nowhere is not None:
        rows.append(_row("No other place", away.nowhere))
    headings = [cell("Next nearest place"), cell("Residents", number=True)]
    headings += [cell("Share", number=True), cell("Away now", number=True)]
    headings += [cell("Away then", number=True)]
    who = "would lose reach" if away.lose else "have it as their nearest place"
    caption = (
        f"Where the {away.residents:,.0f} residents who {who} would go if {escaped(venue.name)} "
        f"closed. Each is counted once; distances are averages{escaped(in_line(by))}"
        f"{' on foot' if by.on_foot else ''}, to it now and to the next place then"
    )
    return f"<div class='atlas-tight'>{table(caption, headings, rows)}</div>"


def _row(name: str, each: NextBest) -> list[Cell]:
    return [
        cell(name),
        cell(f"{each.residents:,.0f}", number=True),
        cell(percent(each.share), number=True),
        cell(away_words(each.now, travel()), number=True),
        cell(away_words(each.then, travel()), number=True),
    ]


def _others(away: Diversion) -> list[list[Cell]]:
    others = away.others
    if not others:
        return []
    name = "1 other place" if len(others) == 1 else f"{len(others):,} other places"
    return [_row(name, away.together(others))]
