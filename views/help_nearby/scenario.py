"""What a scenario does: who gains and loses, each change, and the wards that move in the grid."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.catchments import catchments
from atlas.access.sentences import in_line, loses_sentence
from atlas.access.support_score import HIGH_RISK_LITTLE_SUPPORT, declared_support
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.places import Place, natural
from atlas.planning.scenario import (
    ALTERNATIVES_WITHIN,
    Scenario,
    Side,
    alternatives,
    reached_by,
    venues_after,
    ward_changes,
)
from atlas.planning.scenario_marks import letter
from atlas.planning.sentences import spot_sentence
from atlas.planning.sites import candidates_near
from atlas.text.numbers import people, percent
from views.cached.support import Now, support
from views.help_nearby.grid import CELL_LABELS
from views.help_nearby.next_best import next_best_places
from views.help_nearby.site_sections import KIND_WORDS
from views.help_nearby.venue import cohort_label
from views.kit.downloads import LINK, VERSION, csv_button, stamped, xlsx_button
from views.kit.html import Cell, cell, escaped, linked_ward, table
from views.kit.skip_link import TABLE
from views.kit.travel import travel
from views.session.snapshot import atlas

_SHOWN = 25


def headline(place: Place, changes: pd.DataFrame, elsewhere: pd.DataFrame) -> None:
    """Draw before beside after for every group; ``elsewhere`` counts the rest of England."""
    by = travel()
    body = [
        [
            cell(cohort_label(str(line["cohort"]))),
            cell(f"{line['total']:,.0f}", number=True),
            *(cell(f"{line[name]:,.0f}", number=True) for name in ("before", "after")),
            cell(_signed(line["gained"], "+"), number=True),
            cell(_signed(line["lost"], "−"), number=True),
            cell(_shares(line), number=True),
        ]
        for line in _records(changes)
    ]
    headings = [cell("Group"), cell("In the area", number=True)]
    headings += [cell("Before", number=True), cell("After", number=True)]
    headings += [cell("Newly", number=True), cell("No longer", number=True)]
    headings += [cell("Share", number=True)]
    caption = (
        f"Residents and households of {escaped(place.label)} {by.within} of help"
        f"{in_line(by)}, before and after. Groups overlap; never add them up"
    )
    line = changes.iloc[0]
    notes = [
        f"{by.within.capitalize()} of two places or more: "
        f"{people(float(line['twice_before']))} residents before, "
        f"{people(float(line['twice_after']))} after."
    ]
    rest = elsewhere.iloc[0]
    if rest["gained"] or rest["lost"]:
        notes.append(
            f"Beyond {place.label}, {people(float(rest['gained']))} residents come into reach and "
            f"{people(float(rest['lost']))} lose it."
        )
    st.html(
        f"<div class='atlas-tight atlas-groups'>{table(caption, headings, body)}</div>"
        f"<p class='atlas-note'>{escaped(' '.join(notes))}</p>"
    )


def _signed(number: float, sign: str) -> str:
    return f"{sign}{number:,.0f}" if round(number) else "0"


def _shares(line: dict[str, Any]) -> str:
    if not line["total"]:
        return "no data"
    return f"{percent(line['before'] / line['total'])} → {percent(line['after'] / line['total'])}"


def each_change(scenario: Scenario, seen: Now) -> None:
    """Draw what each change does by itself, given the others, and what could stand in for it."""
    st.html("<h2 class='atlas-h2'>Each change by itself</h2>")
    for number in range(len(scenario.added)):
        _one_added(number, scenario, seen)
    for number in range(len(scenario.closed)):
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
    st.html(
        f"<h3 class='atlas-h3'>Closed: {escaped(venues[at].name)}</h3><p>{escaped(text)} {rest}</p>"
    )
    next_best_places(venues, at)


def _one_added(number: int, scenario: Scenario, seen: Now) -> None:
    place, residents, by = scenario.added[number], support().residents, travel()
    reached = reached_by(number, scenario, seen.venues, residents, by)
    text = (
        f"{people(reached.within)} residents live {by.within} of it: {_none(reached.newly)} of "
        f"them have no other place {by.within}, {_none(reached.doubled)} have one already "
        "(double coverage)."
    )
    snapshot = atlas().snapshot
    around = candidates_near(
        place.easting, place.northing, ALTERNATIVES_WITHIN, snapshot.lsoas, snapshot.libraries
    )
    found = alternatives(number, scenario, seen.venues, residents, around, by)
    st.html(
        f"<h3 class='atlas-h3'>{letter(number)}. Added: {escaped(place.name)}</h3>"
        f"<p>{escaped(text)} {escaped(spot_sentence(found, by))}</p>"
    )
    if not found.best:
        return
    body = [
        [
            cell(each.candidate.name),
            cell(KIND_WORDS[each.candidate.kind]),
            _ward(each.candidate.ward_code),
            cell(f"{each.metres / 1000:.1f} km", number=True),
            cell(f"{each.newly:,.0f}", number=True),
        ]
        for each in found.best
    ]
    headings = [cell("Spot"), cell("What it is"), cell("Ward"), cell("Away", number=True)]
    headings += [cell("Newly in reach", number=True)]
    caption = (
        f"Spots up to 5 km from {escaped(place.name)} that would newly reach most residents in its "
        f"stead, of {found.spots:,}: centres of small areas, libraries that are unstaffed or state "
        "no hours, and libraries closed since 2010. The centre of a small area is a neighbourhood, "
        "not a building; a closed library’s building may be gone"
    )
    st.html(f"<div class='atlas-tight'>{table(caption, headings, body)}</div>")


def _none(number: float) -> str:
    return people(number) if number else "none"


def _ward(code: str) -> Cell:
    return linked_ward(atlas().places[code].label, code)


def wards_moved(
    place: Place, sides: tuple[Side, Side], rows: np.ndarray, scenario: Scenario, link: str
) -> None:
    """Draw the wards that change, and offer them as a file."""
    before, after = sides
    moved = ward_changes(before, after, rows)
    st.html("<h2 class='atlas-h2' id='moved'>Wards that change</h2>")
    if moved.empty:
        st.html("<p>No ward of the area changes its reach, its support or its cell.</p>")
        return
    st.html(f"<p class='atlas-lead'>{escaped(_moved_sentence(place, moved))}</p>")
    body = [_moved_row(line) for line in _records(moved.head(_SHOWN))]
    headings = [cell("Ward"), cell("Council"), cell("Before"), cell("After")]
    headings += [cell("Support", number=True), cell("Residents within reach", number=True)]
    more = len(moved) - min(len(moved), _SHOWN)
    caption = (
        f"Wards of {escaped(place.label)} whose cell, support or reach changes"
        + (f": the first {_SHOWN} of {len(moved):,}, all in the file" if more else "")
        + ". Risk stays as it is"
    )
    st.html(f"<div class='atlas-tight'>{table(caption, headings, body, TABLE)}</div>")
    name = f"what-if-{place.code}"

    def frame() -> pd.DataFrame:
        return stamped(_frame(moved), link)

    with st.container(horizontal=True):
        csv_button(name, frame, _FIELDS, "what_if_csv")
        about = _about(place, scenario, link)
        xlsx_button(
            name, lambda: [Sheet("Wards that change", _FIELDS, frame())], about, "what_if_xlsx"
        )


def _about(place: Place, scenario: Scenario, link: str) -> dict[str, str]:
    """What the workbook says of itself: the changes, how they are measured, how to reopen."""
    method = declared_support()
    return {
        "Title": f"What if: wards of {place.label} that change",
        "Places added": ", ".join(each.name for each in scenario.added) or "none",
        "Libraries closed (identifiers)": ", ".join(scenario.closed) or "none",
        "Within reach": f"{travel().within}{in_line(travel())}{_source()}",
        "Support": f"{method.title}, version {method.version}: {method.direction}",
        "Figures": "Libraries as reported for 31 December 2023, residents of the Census of 2021",
        "Data version": atlas().snapshot.version,
        "Link": link,
    }


def _source() -> str:
    return f" ({travel().measured})" if travel().on_foot else ""


def _moved_sentence(place: Place, moved: pd.DataFrame) -> str:
    cells = moved[moved["moved"]]
    left = int((cells["grid_cell_before"] == HIGH_RISK_LITTLE_SUPPORT).sum())
    joined = int((cells["grid_cell_after"] == HIGH_RISK_LITTLE_SUPPORT).sum())
    if cells.empty:
        return (
            f"{_wards(len(moved))} of {place.label} {_change(len(moved))} in support or reach, and "
            "none in its cell of the grid."
        )
    return (
        f"{_wards(len(cells))} of {place.label} {_change(len(cells))} cell in the grid of risk and "
        f"support: {left:,} would leave “high risk, little support” and {joined:,} would join it."
    )


def _wards(count: int) -> str:
    return "1 ward" if count == 1 else f"{count:,} wards"


def _change(count: int) -> str:
    return "changes" if count == 1 else "change"


def _moved_row(line: dict[str, Any]) -> list[Cell]:
    wards, row = atlas().snapshot.wards, int(line["row"])
    code = str(line["ward_code"])
    return [
        linked_ward(str(wards["ward_name"].iloc[row]), code),
        cell(natural(str(wards["authority_name"].iloc[row]))),
        cell(_cell_name(line["grid_cell_before"])),
        cell(_cell_name(line["grid_cell_after"]) if line["moved"] else "the same"),
        cell(f"{line['support_score_before']:.0f} → {line['support_score_after']:.0f}", True),
        cell(f"{line['near_people_before']:,.0f} → {line['near_people_after']:,.0f}", True),
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


def _frame(moved: pd.DataFrame) -> pd.DataFrame:
    wards = atlas().snapshot.wards.iloc[moved["row"].to_numpy()]
    return moved.assign(
        ward_name=wards["ward_name"].to_numpy(),
        authority_name=wards["authority_name"].to_numpy(),
        cell_before=[_cell_name(number) for number in moved["grid_cell_before"]],
        cell_after=[_cell_name(number) for number in moved["grid_cell_after"]],
    )


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
