"""What a scenario does: who gains and loses, each change, and the wards that move in the grid."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.catchments import catchments
from atlas.access.sentences import in_line, loses_sentence
from atlas.access.support_score import HIGH_RISK_LITTLE_SUPPORT, declared_support
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place, natural
from atlas.planning.equality import (
    NOT_IN_DATA,
    TOO_LONG,
    Paper,
    equality_paper,
    number_words,
    share_words,
)
from atlas.planning.scenario import (
    ALTERNATIVES_WITHIN,
    Scenario,
    alternatives,
    far_from,
    venues_after,
)
from atlas.planning.sentences import spot_sentence
from atlas.planning.sites import candidates_near
from atlas.text.lists import counted
from atlas.text.numbers import people
from atlas.uploads.reading.table import letters
from views.cached.support import Now, support
from views.help_nearby.grid import CELL_LABELS
from views.help_nearby.venues import next_best_places
from views.help_nearby.where_next import KIND_WORDS
from views.kit.downloads import csv_button, file_button, offer, xlsx_button
from views.kit.html import TABLE, Row, cell, escaped, linked_ward, numbers, prose, table
from views.kit.travel import travel
from views.session.snapshot import atlas

_GROUP_FIELDS = (
    Field("group", "Group", "text"),
    Field("total", "In the area", "people"),
    Field("before", "Within reach before", "people"),
    Field("after", "Within reach after", "people"),
    Field("gained", "Gained", "people", "Within reach after and not before."),
    Field("lost", "Lost", "people", "Within reach before and not after."),
    Field("share_before", "Share before", "share"),
    Field("share_after", "Share after", "share"),
    Field("counted", "Counted", "text", "How honest the count is, or that there is none."),
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
        + table(caption, headings, body, css="atlas-tight atlas-groups")
        + f"<p class='atlas-note'>{escaped(said)}</p>"
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
    sheets = [Sheet("Groups", _GROUP_FIELDS, groups), *others]
    name = f"what-if-{place.code}"
    about = _about(place, scenario, paper)
    offer(lambda: xlsx_button(name, lambda: sheets, about, "what_if_xlsx", "Excel"))
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


_SHOWN = 25


def each_change(scenario: Scenario, seen: Now) -> None:
    """Draw what each change does by itself, given the others, and what could stand in for it."""
    st.html("<h2 class='atlas-h2'>Each change by itself</h2>")
    for number in range(len(scenario.added)):
        _one_added(number, scenario, seen)
    known = {venue.venue_id for venue in seen.venues}
    for number, venue_id in enumerate(scenario.closed):
        if venue_id in known:
            _one_closed(number, scenario, seen)


def _one_closed(number: int, scenario: Scenario, seen: Now) -> None:
    """Draw one closure as it is with the other changes made: another that closes is no help."""
    venue_id, others = scenario.closed[number], scenario.without(len(scenario.added) + number)
    venues = venues_after(others, seen.venues)
    at = next(n for n, venue in enumerate(venues) if venue.venue_id == venue_id)
    served = catchments(support().residents, venues, travel()) if len(others) else seen.served
    line = served.iloc[at]
    after = int(line["next_venue"])
    text = loses_sentence(venues[at], line, "" if after < 0 else venues[after].name, travel())
    rest = (
        "That is with the other changes made."
        if len(others)
        else "That is with every other place as it is today."
    )
    prose(
        f"<h3 class='atlas-h3'>Closed: {escaped(venues[at].name)}</h3><p>{escaped(text)} {rest}</p>"
    )
    next_best_places(venues, at)


def _one_added(number: int, scenario: Scenario, seen: Now) -> None:
    place, residents, by = scenario.added[number], support().residents, travel()
    heading = f"<h3 class='atlas-h3'>{letters(number)}. Added: {escaped(place.name)}</h3>"
    if far_from(scenario, residents.points)[number]:
        prose(
            f"{heading}<p>Whom it would reach is not known: the library service there did not "
            "report its libraries.</p>"
        )
        return
    snapshot = atlas().snapshot
    around = candidates_near(
        place.easting, place.northing, ALTERNATIVES_WITHIN, snapshot.lsoas, snapshot.libraries
    )
    found = alternatives(number, scenario, seen.venues, residents, around, by)
    text = (
        f"{people(found.within)} residents live {by.within} of it: {_none(found.here)} of them "
        f"have no other place {by.within}, {_none(found.within - found.here)} have one already "
        "(double coverage)."
    )
    prose(f"{heading}<p>{escaped(text)} {escaped(spot_sentence(found, by))}</p>")
    if not found.best:
        return
    body = [
        [
            each.candidate.name,
            KIND_WORDS[each.candidate.kind],
            linked_ward(atlas().places[each.candidate.ward_code].label, each.candidate.ward_code),
            f"{each.metres / 1000:.1f} km",
            f"{each.newly:,.0f}",
        ]
        for each in found.best
    ]
    headings = ["Spot", "What it is", "Ward", *numbers("Away", "Newly in reach")]
    caption = (
        f"Spots up to 5 km from {escaped(place.name)} that would newly reach most residents in its "
        f"stead, of {found.spots:,}: centres of small areas, libraries that are unstaffed or state "
        "no hours, and libraries closed since 2010. The centre of a small area is a neighbourhood, "
        "not a building; a closed library’s building may be gone"
    )
    st.html(table(caption, headings, body, css="atlas-tight"))


def _none(number: float) -> str:
    return people(number) if number else "none"


def wards_moved(place: Place, moved: pd.DataFrame, link: str) -> None:
    """Draw the wards that change (:func:`atlas.planning.scenario.ward_changes`), with a file."""
    st.html("<h2 class='atlas-h2' id='moved'>Wards that change</h2>")
    if moved.empty:
        prose("<p>No ward of the area changes its reach, its support or its cell.</p>")
        return
    prose(f"<p class='atlas-lead'>{escaped(_moved_sentence(place, moved))}</p>")
    body = [_moved_row(line) for line in moved.head(_SHOWN).to_dict("records")]
    headings = ["Ward", "Council", "Before", "After", *numbers("Support", "Residents within reach")]
    more = len(moved) - min(len(moved), _SHOWN)
    caption = (
        f"Wards of {escaped(place.label)} whose cell, support or reach changes"
        + (f": the first {_SHOWN} of {len(moved):,}, all in the file" if more else "")
        + ". Risk stays as it is"
    )
    st.html(table(caption, headings, body, TABLE, "atlas-tight"))
    sheet, name = moved_sheet(moved), f"what-if-{place.code}"
    csv_button(name, lambda: sheet.frame, sheet.fields, "what_if_csv", link=link or TOO_LONG)


def moved_sheet(moved: pd.DataFrame) -> Sheet:
    """Return the wards that change as a sheet of a workbook."""
    wards = atlas().snapshot.wards.iloc[moved["row"].to_numpy()]
    frame = moved.assign(
        ward_name=wards["ward_name"].to_numpy(),
        authority_name=wards["authority_name"].to_numpy(),
        cell_before=[_cell_name(number) for number in moved["grid_cell_before"]],
        cell_after=[_cell_name(number) for number in moved["grid_cell_after"]],
    )
    return Sheet("Wards that change", _WARD_FIELDS, frame)


def _moved_sentence(place: Place, moved: pd.DataFrame) -> str:
    cells = moved[moved["moved"]]
    left = int((cells["grid_cell_before"] == HIGH_RISK_LITTLE_SUPPORT).sum())
    joined = int((cells["grid_cell_after"] == HIGH_RISK_LITTLE_SUPPORT).sum())
    change = f"ward of {place.label} changes", f"wards of {place.label} change"
    if cells.empty:
        many = counted(len(moved), *change)
        return f"{many} in support or reach, and none in its cell of the grid."
    return (
        f"{counted(len(cells), *change)} cell in the grid of risk and support: {left:,} would "
        f"leave “high risk, little support” and {joined:,} would join it."
    )


def _moved_row(line: Mapping[Hashable, Any]) -> Row:
    wards, row = atlas().snapshot.wards, int(line["row"])
    code = str(line["ward_code"])
    return [
        linked_ward(str(wards["ward_name"].iloc[row]), code),
        natural(str(wards["authority_name"].iloc[row])),
        _cell_name(line["grid_cell_before"]),
        _cell_name(line["grid_cell_after"]) if line["moved"] else "the same",
        f"{line['support_score_before']:.0f} → {line['support_score_after']:.0f}",
        f"{line['near_people_before']:,.0f} → {line['near_people_after']:,.0f}",
    ]


def _cell_name(number: float) -> str:
    return "no data" if np.isnan(number) else CELL_LABELS[int(number)]


_WARD_FIELDS = (
    Field("ward_code", "Ward code", "code"),
    Field("ward_name", "Ward", "text"),
    Field("authority_name", "Council", "text"),
    Field("cell_before", "Risk and support before", "text"),
    Field("cell_after", "Risk and support after", "text"),
    Field("support_score_before", "Support before", "score", "0 to 100, 100 the most."),
    Field("support_score_after", "Support after", "score", "0 to 100, 100 the most."),
    Field("near_people_before", "Residents within reach before", "people"),
    Field("near_people_after", "Residents within reach after", "people"),
)
