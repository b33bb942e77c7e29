"""What a scenario does: who gains and loses, each change, and the wards that move in the grid."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.catchments import catchments
from atlas.access.sentences import loses_sentence
from atlas.access.support_score import HIGH_RISK_LITTLE_SUPPORT
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place, natural
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
from views.help_nearby.site_sections import KIND_WORDS
from views.help_nearby.venue import next_best_places
from views.kit.downloads import LINK, VERSION, csv_button, stamped
from views.kit.html import TABLE, Row, escaped, linked_ward, numbers, prose, table
from views.kit.travel import travel
from views.session.snapshot import atlas

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
    st.html(f"<div class='atlas-tight'>{table(caption, headings, body)}</div>")


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
    st.html(f"<div class='atlas-tight'>{table(caption, headings, body, TABLE)}</div>")
    sheet = moved_sheet(moved, link)
    csv_button(f"what-if-{place.code}", lambda: sheet.frame, sheet.fields, "what_if_csv")


def moved_sheet(moved: pd.DataFrame, link: str) -> Sheet:
    """Return the wards that change as a sheet of a workbook."""
    wards = atlas().snapshot.wards.iloc[moved["row"].to_numpy()]
    frame = moved.assign(
        ward_name=wards["ward_name"].to_numpy(),
        authority_name=wards["authority_name"].to_numpy(),
        cell_before=[_cell_name(number) for number in moved["grid_cell_before"]],
        cell_after=[_cell_name(number) for number in moved["grid_cell_after"]],
    )
    return Sheet("Wards that change", _FIELDS, stamped(frame, link))


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


_FIELDS = (
    Field("ward_code", "Ward code", "code"),
    Field("ward_name", "Ward", "text"),
    Field("authority_name", "Council", "text"),
    Field("cell_before", "Risk and support before", "text"),
    Field("cell_after", "Risk and support after", "text"),
    Field("support_score_before", "Support before", "score", "0 to 100, 100 the most."),
    Field("support_score_after", "Support after", "score", "0 to 100, 100 the most."),
    Field("near_people_before", "Residents within reach before", "people"),
    Field("near_people_after", "Residents within reach after", "people"),
    VERSION,
    LINK,
)
