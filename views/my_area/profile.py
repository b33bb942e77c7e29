"""One ward on a page that can be printed: every measure, its place, and where help is near."""

import numpy as np
import streamlit as st

from atlas.catalogue.columns import shown
from atlas.places.area_figures import count_of
from atlas.places.newer import context_sentence
from atlas.risk.needs import needs
from atlas.risk.request import RiskRequest
from atlas.text.numbers import people
from atlas.ward.profile import Line, NearLibrary, Profile, profile, stands_out
from atlas.ward.sentences import (
    band_words,
    brief_standing,
    count_and_rate_sentence,
    dated,
    fit_sentence,
    library_sentence,
    phrase,
    standing_words,
    withheld_sentence,
)
from views.cached import risk
from views.cached.sites import best_site_of_ward
from views.kit.ended_wards import predecessors_note
from views.kit.html import Cell, cell, escaped, table
from views.kit.notices import empty, outdated_note
from views.kit.skip_link import TABLE
from views.kit.travel import libraries_note
from views.my_area.sheets import choose_a_ward
from views.my_area.strip_plots import crowd, ends_of, published_crowd, published_ends, strip
from views.my_area.support import own_places_near, support_said
from views.session import uploads, url
from views.session.snapshot import atlas


def page() -> None:
    """Draw every measure of the ward in view."""
    view = url.view()
    if not view.ward:
        choose_a_ward(atlas().places[view.place], "measures")
        return
    shared = atlas()
    found = profile(
        uploads.ward_figures(),
        shared.snapshot.lsoas,
        shared.snapshot.libraries,
        shared.places,
        view.ward,
        uploads.all_measures(),
    )
    st.title(found.ward.label)
    st.html(f"<p class='atlas-lead'>{escaped(_who(found))}</p>")
    predecessors_note(found.ward.code)
    if found.fit == "none":
        empty("There are no figures for this ward.", fit_sentence("none", 0), "")
        return
    _in_short(found)
    _measures(found)
    _libraries(found)


def _who(found: Profile) -> str:
    trail = [area.label for area in found.areas[1:]]
    where = ", ".join(dict.fromkeys(trail))
    if np.isnan(found.population):
        return f"A ward of {found.areas[0].label}, {where}."
    kind = str(atlas().snapshot.wards["rural_urban"].iloc[atlas().places.row(found.ward.code)])
    said = f" Most residents live in an area of the class “{kind}”." if kind else ""
    return (
        f"{people(found.population)} residents in {people(found.households)} households on Census "
        f"day 2021. A ward of {found.areas[0].label}, {where}.{said}"
    )


def _in_short(found: Profile) -> None:
    points = [_stands_out(found)]
    if found.libraries:
        near = found.libraries[0]
        points.append(f"The nearest open library is {near.name}: {library_sentence(near)}.")
    points += needs(risk.index(RiskRequest())).sentences(atlas().places.row(found.ward.code))
    points.append(" ".join(support_said(found.ward.code)))
    points.append(best_site_of_ward(found.ward, found.areas[0]))
    points += [fit_sentence(found.fit, found.small_areas), withheld_sentence(found.withheld)]
    items = "".join(f"<li>{escaped(point)}</li>" for point in points if point)
    st.html(f"<h2 class='atlas-h2'>In short</h2><ul class='atlas-list'>{items}</ul>")


def _stands_out(found: Profile) -> str:
    telling = stands_out(found.lines)[:3]
    name = found.ward.name
    if not telling:
        return (
            f"On no share or distance below is {name} among the fifth of England’s wards where "
            "more residents are at risk of digital exclusion."
        )
    parts = [
        f"{phrase(line.column)} ({shown(line.column, line.value)}, "
        f"{standing_words(line.standings[-1], where=False)})"
        for line in telling
    ]
    return f"Compared with England’s wards, {name} stands out for: {'; '.join(parts)}."


def _measures(found: Profile) -> None:
    st.html(
        "<h2 class='atlas-h2'>Every measure, and this ward’s place</h2>"
        "<p class='atlas-note'>Each strip shows the wards of one area from the lowest figure to "
        "the highest. The tall mark with a round head is this ward; the short bar is the whole "
        "area’s own figure.</p>"
    )
    paired = {c.name for line in found.lines if (c := count_of(line.column))}
    lines = [line for line in found.lines if line.column.name not in paired]
    themes = dict.fromkeys(line.column.theme for line in lines)
    for theme in themes:
        cards = "".join(_card(line, found) for line in lines if line.column.theme == theme)
        st.html(f"<h3 class='atlas-h3'>{escaped(theme)}</h3><div class='atlas-cards'>{cards}</div>")
        if theme == "Home connection":
            _newer_coverage(found)


def _newer_coverage(found: Profile) -> None:
    """Set the council's newer figures beside the ward's, and say where they are far apart."""
    council = found.areas[0]
    outdated_note(["gigabit_unavailable_rate"], council.code)
    councils = atlas().snapshot.councils.set_index("authority_code")
    if council.code in councils.index:
        said = context_sentence(council.name, councils.loc[[council.code]].iloc[0])
        st.html(f"<p class='atlas-note'>{escaped(said)}</p>")


def _card(line: Line, found: Profile) -> str:
    column = line.column
    if not line.standings:
        body = "<p class='atlas-note'>No data is published for this ward’s small areas.</p>"
    else:
        body = _lanes(line, TABLE if line is found.lines[0] else "")
    direction = f"{column.direction_in_words}. " if column.direction_in_words else ""
    note = f"{direction}{dated(column, atlas().used)}. {_apart(line, found)}".strip()
    return (
        f"<section class='atlas-card'><h4>{escaped(column.label)}</h4>"
        f"<p class='atlas-figure'>{escaped(shown(column, line.value))}"
        f"<span>{escaped(_count(line, found))}</span></p>{body}"
        f"<p class='atlas-note'>{escaped(note[0].upper() + note[1:])}</p></section>"
    )


def _apart(line: Line, found: Profile) -> str:
    """Say why a count of residents and the rate that is published beside it differ, if they do."""
    column = count_of(line.column)
    if column is None or line.column.count or column.unit != "people":
        return ""
    value = uploads.ward_figures()[column.name].iloc[atlas().places.row(found.ward.code)]
    return count_and_rate_sentence(float(value), found.population, line.value)


def _count(line: Line, found: Profile) -> str:
    column = count_of(line.column)
    if column is None:
        return ""
    value = uploads.ward_figures()[column.name].iloc[atlas().places.row(found.ward.code)]
    noun = "households" if column.unit == "households" else "residents"
    return "" if np.isnan(value) else f"{value:,.0f} {noun}"


def _lanes(line: Line, anchor: str) -> str:
    values = uploads.ward_figures()[line.column.name].to_numpy(dtype=float)
    name, version = line.column.name, atlas().snapshot.version
    # Only what is published is kept for others: a visitor's own measure is worked out anew.
    own = bool(line.column.credit)
    axis = (ends_of(values) if own else published_ends(version, name)).reaching(line.value)
    rows = []
    for place in line.standings:
        words = standing_words(place, where=False)
        is_total = line.column.aggregate == "sum"
        average = float("nan") if is_total else place.figure
        crowded = (
            crowd(values[atlas().places.positions(place.area.code)], axis)
            if own
            else published_crowd(version, name, place.area.code, axis)
        )
        picture = strip(crowded, line.value, average, axis, f"{place.area.label}: {words}")
        rows.append(
            [
                cell(place.area.name),
                Cell(picture, css="atlas-lane"),
                cell("" if is_total else shown(line.column, place.figure), number=True),
                cell(brief_standing(place)),
            ]
        )
    headings = [
        cell("Area"),
        cell("Its wards", css="atlas-lane"),
        cell("Area’s figure", number=True),
        cell("Place"),
    ]
    if line.column.aggregate == "sum":
        rows = [[*row[:2], row[3]] for row in rows]
        headings.pop(2)
    return table(f"Place among wards: {escaped(line.column.label)}", headings, rows, anchor)


def _libraries(found: Profile) -> None:
    st.html("<h2 class='atlas-h2'>Nearest libraries</h2>")
    if not found.libraries:
        why = "Libraries were not reported here, or the ward has no small area to measure from."
        empty("No library can be named.", why, "")
        return
    cards = "".join(_library_card(library) for library in found.libraries)
    st.html(
        f"<div class='atlas-cards atlas-three'>{cards}</div>"
        f"{libraries_note(found.ward.code)}"
        "<p class='atlas-note'>Libraries as councils reported them for 31 "
        "December 2023; distances in a straight line from where the ward’s residents live on "
        "average. Opening is published as parts of the day, not clock times: check with the "
        "library before you go.</p>"
    )
    own_places_near(found.ward.code)


def _library_card(library: NearLibrary) -> str:
    where = ", ".join(part for part in (library.address, library.postcode) if part)
    days = [[cell(day), cell(band_words(band))] for day, band in library.hours]
    opening = (
        table(f"Opening of {escaped(library.name)}", [cell("Day"), cell("Open")], days)
        if days
        else "<p class='atlas-note'>Opening hours were not reported.</p>"
    )
    said = library_sentence(library)
    return (
        f"<section class='atlas-card'><h3>{escaped(library.name)}</h3>"
        f"<p>{escaped(said[0].upper() + said[1:])}.</p>"
        f"<p class='atlas-note'>{escaped(where)}</p>{opening}</section>"
    )
