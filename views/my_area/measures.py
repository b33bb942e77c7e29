"""Every measure of one ward, folded by theme: its figure, and its place in a strip of wards."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from atlas.access.sentences import ward_sentences
from atlas.catalogue.columns import averaged, shown
from atlas.places.area_figures import count_of
from atlas.places.newer import context_sentence
from atlas.places.places import Place
from atlas.risk.needs import needs
from atlas.risk.request import RiskRequest
from atlas.text.numbers import people
from atlas.ward import sentences
from atlas.ward.profile import Line, Standings
from views.cached import risk
from views.cached.sites import best_site_of_ward
from views.cached.support import now
from views.kit.html import Cell, cell, drawn, escaped, items, numbers, prose, table
from views.kit.notices import empty, outdated_note
from views.kit.travel import libraries_note, travel
from views.session import uploads
from views.session.kept import Kept
from views.session.snapshot import atlas

# The themes of wards, 80 kB each.
_kept: Kept[str, str] = Kept(128)


def measures(ward_code: str) -> None:
    """Draw what is known of a ward in more detail, and each measure behind its theme's name."""
    places = atlas().places
    ward, row = places[ward_code], atlas().snapshot.wards.iloc[places.row(ward_code)]
    if row["fit"] == "none":
        empty("There are no figures for this ward.", sentences.fit_sentence("none", 0), "")
        return
    kind = row["rural_urban"] and (
        f" Most residents live in an area of the class “{row['rural_urban']}”."
    )
    points = [
        f"{people(row['population'])} residents in {people(row['households'])} households on "
        f"Census day 2021.{kind}",
        *needs(risk.index(RiskRequest())).sentences(places.row(ward_code)),
        " ".join(ward_sentences(ward.name, now().side.table.iloc[places.row(ward_code)], travel())),
        best_site_of_ward(ward, next(iter(places.containing(ward_code)))),
        sentences.fit_sentence(str(row["fit"]), int(row["small_areas"])),
        sentences.withheld_sentence(int(np.nan_to_num(row["income_suppressed_areas"]))),
    ]
    prose(
        f"<h2 class='atlas-h2'>{escaped(ward.name)} in more detail</h2>"
        f"<ul class='atlas-list'>{items(points)}</ul>{libraries_note(ward_code)}"
    )
    outdated_note(["gigabit_unavailable_rate"], places.trail(ward_code)[-2].code)
    # Only what is published is kept for others: a visitor's own measures are worked out anew.
    own = uploads.own_measures()
    st.html(_themes(ward) if own else _kept.get_or_make(ward_code, lambda: _themes(ward)))


def _themes(ward: Place) -> str:
    """Return the themes as HTML, each folded; printed all, once a reader has opened one."""
    shared, own = atlas().standings, Standings(uploads.ward_figures(), atlas().places)
    lines = [
        (own if each.credit else shared).line(ward.code, each) for each in uploads.all_measures()
    ]
    paired = {count.name for each in lines if (count := count_of(each.column))}
    lines = [each for each in lines if each.column.name not in paired]
    folded = ""
    for theme in dict.fromkeys(each.column.theme for each in lines):
        cards = "".join(_card(each, ward) for each in lines if each.column.theme == theme)
        newer = _newer_coverage(ward) if theme == "Home connection" else ""
        folded += (
            f"<details class='atlas-details'><summary><h3>{escaped(theme)}</h3></summary>"
            f"<div class='atlas-cards'>{cards}</div>{newer}</details>"
        )
    return (
        "<section class='atlas-themes'><h2 class='atlas-h2'>Every measure, by theme</h2>"
        "<p class='atlas-note'>Each strip shows the wards of one area from the lowest figure to "
        "the highest. The tall mark with a round head is this ward. The short bar is the figure "
        "of the whole area. Open a theme before you print, and a second page has them all.</p>"
        f"{folded}</section>"
    )


def _newer_coverage(ward: Place) -> str:
    council = atlas().places.trail(ward.code)[-2]
    councils = atlas().snapshot.councils.set_index("authority_code")
    if council.code not in councils.index:
        return ""
    said = context_sentence(council.name, councils.loc[[council.code]].iloc[0])
    return f"<p class='atlas-note'>{escaped(said)}</p>"


def _card(line: Line, ward: Place) -> str:
    column = line.column
    unknown = "<p class='atlas-note'>No data is published for this ward’s small areas.</p>"
    body = _lanes(line) if line.standings else unknown
    count, apart = _counted(line, ward)
    direction = f"{column.direction_in_words}. " if column.direction_in_words else ""
    note = f"{direction}{sentences.dated(column, atlas().sources)}. {apart}".strip()
    return (
        f"<section class='atlas-card'><h4>{escaped(column.label)}</h4>"
        f"<p class='atlas-figure'>{escaped(shown(column, line.value))}"
        f"<span>{escaped(count)}</span></p>{body}"
        f"<p class='atlas-note'>{escaped(note[0].upper() + note[1:])}</p></section>"
    )


def _counted(line: Line, ward: Place) -> tuple[str, str]:
    """Return the count beside a rate, and why the two differ, each "" where there is none."""
    column = count_of(line.column)
    if column is None:
        return "", ""
    value = atlas().standings.value(ward.code, column.name)
    if np.isnan(value):
        return "", ""
    said = f"{value:,.0f} {'households' if column.unit == 'households' else 'residents'}"
    if line.column.count or column.unit != "people":
        return said, ""
    residents = atlas().standings.value(ward.code, "population")
    return said, sentences.count_and_rate_sentence(value, residents, line.value)


def _lanes(line: Line) -> str:
    name, version = line.column.name, atlas().snapshot.version

    def values() -> np.ndarray:
        return uploads.ward_figures()[name].to_numpy(dtype=float)

    own = bool(line.column.credit)
    axis = (ends_of(values()) if own else published_ends(version, name)).reaching(line.value)
    rows = []
    for place in line.standings:
        words = sentences.standing_words(place, where=False)
        is_total = line.column.aggregate == "sum"
        average = float("nan") if is_total else place.figure
        crowded = (
            crowd(values()[atlas().places.positions(place.area.code)], axis)
            if own
            else published_crowd(version, name, place.area.code, axis)
        )
        picture = strip(crowded, line.value, average, axis, f"{place.area.label}: {words}")
        rows.append(
            [
                place.area.name,
                Cell(picture, css="atlas-lane"),
                "" if is_total else shown(averaged(line.column), place.figure),
                sentences.brief_standing(place),
            ]
        )
    headings = ["Area", cell("Its wards", css="atlas-lane"), *numbers("Area’s figure"), "Place"]
    if line.column.aggregate == "sum":
        rows = [[*row[:2], row[3]] for row in rows]
        headings.pop(2)
    return table(f"Place among wards: {escaped(line.column.label)}", headings, rows)


WIDTH, HEIGHT = 240, 18
_BINS = 60
_FEW = 60  # up to so many wards each gets its own line
_GREY, _DARK, _MARK = "#9AA3AD", "#545D68", "#B4500F"


@dataclass(frozen=True)
class Axis:
    """The ends that all strips of one measure share, in the measure's unit."""

    low: float
    high: float

    def reaching(self, value: float) -> "Axis":
        """Return the axis, drawn out where the value lies beyond it."""
        return Axis(min(self.low, value), max(self.high, value))

    def at(self, value: float) -> float:
        """Return the horizontal place of a value, inside the picture's margins."""
        if self.high <= self.low:
            return WIDTH / 2
        share = (value - self.low) / (self.high - self.low)
        return 4 + min(max(share, 0.0), 1.0) * (WIDTH - 8)


def ends_of(values: np.ndarray) -> Axis:
    """Return an axis over the values (NaN = no data), without the far 0.5% at either end.

    One extreme ward would otherwise squeeze all others together.
    """
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, [0.005, 0.995])
    return Axis(float(low), float(high))


def crowd(values: np.ndarray, axis: Axis) -> str:
    """Return the marks of an area's wards (NaN = no data): the same whichever ward is shown.

    Few wards are lines; many are a profile of how many have each value.
    """
    known = values[~np.isnan(values)]
    if known.size > _FEW:
        return _profile(known, axis)
    path = "".join(f"M{axis.at(value):.1f} 9v8" for value in known)
    return f'<path d="{path}" stroke="{_GREY}" stroke-width="1.200"/>'


@lru_cache(maxsize=256)
def published_ends(version: str, name: str) -> Axis:
    """Return the axis of one published measure over all wards of this visit's snapshot.

    ``version`` is the snapshot's, so that another version's axis is never taken for it.
    """
    return ends_of(atlas().snapshot.wards[name].to_numpy(dtype=float))


@lru_cache(maxsize=2048)
def published_crowd(version: str, name: str, area: str, axis: Axis) -> str:
    """Return the marks of one published measure in one area of this visit's snapshot."""
    shared = atlas()
    values = shared.snapshot.wards[name].to_numpy(dtype=float)
    return crowd(values[shared.places.positions(area)], axis)


def strip(crowded: str, ward_value: float, average: float, axis: Axis, words: str) -> str:
    """Return an ``<img>`` of an area's wards, its average and the ward itself.

    ``crowded`` are the marks of the area's wards on the same axis. The ward is the tall dark
    mark with a round head, the area's own figure the short bar: both tell apart without colour.
    ``words`` is the text alternative.
    """
    marks = crowded
    if not np.isnan(average):
        x = axis.at(average)
        marks += f'<path d="M{x:.1f} 8v9" stroke="{_DARK}" stroke-width="2"/>'
    x = axis.at(ward_value)
    marks += (
        f'<path d="M{x:.1f} 3v14" stroke="{_MARK}" stroke-width="2.500"/>'
        f'<circle cx="{x:.1f}" cy="4" r="3.500" fill="{_MARK}"/>'
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none"><path d="M4 17H{WIDTH - 4}" stroke="#D3D9DF"/>{marks}</svg>'
    )
    return drawn(svg, words, "atlas-strip")


def _profile(known: np.ndarray, axis: Axis) -> str:
    wide = axis.high - axis.low
    share = np.clip((known - axis.low) / wide, 0, 1) if wide > 0 else np.full(known.size, 0.5)
    # Counting bins of equal width this way takes a quarter of what np.histogram does.
    bins = np.minimum((share * _BINS).astype(int), _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    tops = 17 - counts / max(counts.max(), 1) * 11
    steps = "".join(f"V{top:.1f}h{(WIDTH - 8) / _BINS:.3f}" for top in tops)
    return f'<path d="M4 17{steps}V17z" fill="{_GREY}"/>'
