"""Who gains and who loses reach by a scenario: a table, a workbook, and a paper of one page."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from atlas.access.sentences import in_line
from atlas.access.support_score import declared_support
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place
from atlas.planning.equality import (
    NOT_IN_DATA,
    TOO_LONG,
    Paper,
    equality_paper,
    number_words,
    share_words,
)
from atlas.planning.scenario import Scenario
from atlas.text.numbers import people
from views.kit.downloads import LINK, VERSION, file_button, offer, stamped, xlsx_button
from views.kit.html import Row, cell, escaped, numbers, prose, table
from views.kit.travel import travel

_FIELDS = (
    Field("group", "Group", "text"),
    Field("total", "In the area", "people"),
    Field("before", "Within reach before", "people"),
    Field("after", "Within reach after", "people"),
    Field("gained", "Gained", "people", "Within reach after and not before."),
    Field("lost", "Lost", "people", "Within reach before and not after."),
    Field("share_before", "Share before", "share"),
    Field("share_after", "Share after", "share"),
    Field("counted", "Counted", "text", "How honest the count is, or that there is none."),
    VERSION,
    LINK,
)


def who_gains(
    place: Place, groups: pd.DataFrame, changes: pd.DataFrame, rest: pd.DataFrame
) -> None:
    """Draw before beside after for every group; ``groups`` is the table of equality.

    ``changes`` are those of the area and ``rest`` those of all other small areas.
    """
    by = travel()
    body = [_row(line) for _, line in groups.iterrows()]
    names = ("In the area", "Before", "After", "Gained", "Lost", "Share")
    headings = ["Group", *numbers(*names), "Counted"]
    caption = (
        f"Residents and households of {escaped(place.label)} {by.within} of help{in_line(by)}, "
        "before and after. Groups overlap; never add them up"
    )
    said = " ".join(_notes(place, changes.iloc[0], rest.iloc[0]))
    prose(
        "<h2 class='atlas-h2' id='equality'>Who gains and who loses</h2>"
        f"<div class='atlas-tight atlas-groups'>{table(caption, headings, body)}</div>"
        f"<p class='atlas-note'>{escaped(said)}</p>"
    )


def _row(line: pd.Series) -> Row:
    first, counted = cell(str(line["group"])), cell(str(line["counted"]))
    if line["counted"] == NOT_IN_DATA:
        # Said beside the name, where a phone shows it without scrolling.
        return [first, counted, *["–"] * 5, counted]
    numbers = [
        number_words(line["total"]),
        *(number_words(line[name]) for name in ("before", "after")),
        _signed(line["gained"], "+"),
        _signed(line["lost"], "−"),
    ]
    return [first, *numbers, share_words(line), counted]


def _signed(number: float, sign: str) -> str:
    return f"{sign}{number:,.0f}" if number >= 0.5 else number_words(number)


def _notes(place: Place, line: pd.Series, rest: pd.Series) -> list[str]:
    notes = []
    if pd.notna(line["twice_before"]):
        notes.append(
            f"{travel().within.capitalize()} of two places or more: "
            f"{people(float(line['twice_before']))} residents before, "
            f"{people(float(line['twice_after']))} after."
        )
    if rest["gained"] > 0 or rest["lost"] > 0:
        notes.append(
            f"Beyond {place.label}, {people(float(rest['gained']))} residents come into reach and "
            f"{people(float(rest['lost']))} lose it."
        )
    return notes


def take_away(
    place: Place, groups: pd.DataFrame, paper: Paper, scenario: Scenario, others: Sequence[Sheet]
) -> None:
    """Offer the table as a workbook, with ``others`` behind it, and as a paper of one page."""
    sheets = [Sheet("Groups", _FIELDS, stamped(groups, paper.link)), *others]
    name = f"what-if-{place.code}"
    with st.container(horizontal=True):
        about = _about(place, scenario, paper)
        xlsx_button(name, lambda: sheets, about, "what_if_xlsx")
        offer(lambda: xlsx_button(name, lambda: sheets, about, "what_if_xlsx_row", "Excel"))
        file_button(
            "Paper for an equality assessment",
            lambda: equality_paper(groups, paper),
            f"who-gains-and-loses-{place.code}.html",
            "equality_paper",
            help="One page of A4 to print, save as PDF or open in Word.",
        )


def _about(place: Place, scenario: Scenario, paper: Paper) -> dict[str, str]:
    """What the workbook says of itself: the changes, how they are measured, how to reopen."""
    method, by = declared_support(), travel()
    source = f" ({by.measured})" if by.on_foot else ""
    return {
        "Title": f"What if: who gains and who loses in {place.label}",
        "Places added": ", ".join(each.name for each in scenario.added) or "none",
        "Libraries closed (identifiers)": ", ".join(scenario.closed) or "none",
        "Within reach": f"{by.within}{in_line(by)}{source}",
        "Support": f"{method.title}, version {method.version}: {method.direction}",
        "Figures": "Libraries as reported for 31 December 2023, residents of the Census of 2021",
        "Data version": paper.version,
        "Link": paper.link or TOO_LONG,
    }
