"""What the pages on support say: who is beyond reach, what a closure or a scenario changes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from atlas.access.closures import MOVED_WITHIN
from atlas.access.distance import EVERYONE, Venue
from atlas.access.next_best import Diversion
from atlas.access.support_score import HIGH_RISK_LITTLE_SUPPORT, declared_support
from atlas.access.travel import STRAIGHT, Travel
from atlas.places.places import Place
from atlas.text.numbers import FEW, about_one_in, people, percent, wards_of

LIBRARIES = "a library"
WITH_YOURS = "a library or one of your own places"
_UNKNOWN = "its library service did not report its libraries, or no small area fits it"
_RUN_BY = {
    "council unstaffed": "council, unstaffed",
    "commissioned": "commissioned by the council",
}


def beyond_sentence(
    place: Place,
    lines: pd.DataFrame,
    base: pd.DataFrame,
    of_what: str,
    travel: Travel = STRAIGHT,
) -> str:
    """Say who lives beyond reach, by :func:`support_score.cohort_reach` here and of England."""
    here = lines.set_index("cohort")
    share = float(here["share_beyond"][EVERYONE])
    if np.isnan(share):
        return f"How many residents of {place.label} live near help is not known: {_UNKNOWN}."
    aloud = about_one_in(share)
    england = float(base.set_index("cohort")["share_beyond"][EVERYONE])
    beyond = float(here["beyond"][EVERYONE])
    if beyond < FEW:
        who = "Almost all residents (over 99%)" if beyond > 1e-6 else "All residents"
        return (
            f"{who} of {place.label} live {travel.within}{in_line(travel)} of {of_what} "
            f"(in England {percent(england)} do not)."
        )
    base_said = "" if place.kind == "country" else f"England {percent(england)}"
    aside = "; ".join(filter(None, (aloud, base_said)))
    return (
        f"In {place.label} {people(beyond)} people, {percent(share)} of residents"
        f"{f' ({aside})' if aside else ''}, live {travel.beyond}{in_line(travel)} from {of_what}."
    )


def ward_sentences(name: str, line: pd.Series, travel: Travel = STRAIGHT) -> list[str]:
    """Say what help a ward has within reach, by its row of the support table; [] without data."""
    if np.isnan(line["residents"]) or np.isnan(line["support_score"]):
        return []
    method = declared_support()
    third = method.thirds[int(line["support_third"])]
    said = [
        f"{name} has {third} within reach ({line['support_score']:.0f} of 100; thirds of England’s "
        f"residents). {percent(float(line['near_share']))} of residents live {travel.within} of "
        f"help{in_line(travel)}. On an evening {percent(float(line['evening_share']))} have open "
        f"help within reach, at the weekend {percent(float(line['weekend_share']))}."
    ]
    beyond = float(line["residents"] - line["near_people"])
    if beyond >= 0.5:
        older = float(line["all_age_75_plus"] - line["near_age_75_plus"])
        disabled = float(line["all_disabled"] - line["near_disabled"])
        said.append(
            f"Beyond that live {people(beyond)} residents, among them {people(older)} aged 75 and "
            f"over and {people(disabled)} disabled residents (groups that overlap)."
        )
    if line["grid_cell"] == HIGH_RISK_LITTLE_SUPPORT:
        said.append("It is among the wards of England at high risk with little support.")
    return said


def grid_sentence(counts: pd.DataFrame) -> str:
    """Say how many wards are at high risk with little support, and who lives there; "" for none."""
    by_cell = counts.set_index("cell")
    wards = int(by_cell["wards"][HIGH_RISK_LITTLE_SUPPORT])
    total = int(by_cell["wards"].sum())
    if total == int(by_cell["wards"][-1]):
        return ""
    residents = float(by_cell["residents"][HIGH_RISK_LITTLE_SUPPORT])
    return wards_of(wards, total, "at high risk with little support within reach", residents)


def run_by(venue: Venue) -> str:
    """Return who runs a venue, in a few words for a table; "" where not known."""
    said = venue.note("run by")
    return _RUN_BY.get(said, said)


def loses_sentence(venue: Venue, line: pd.Series, after: str, travel: Travel = STRAIGHT) -> str:
    """Say who would lose reach if a venue closed, and where they would have to go instead.

    ``line`` is its row of :func:`catchments.catchments`; ``after`` names the venue that is
    next for the largest number, "" for none.
    """
    nearest = people(float(line["nearest_residents"]))
    lost = float(line["loses_residents"])
    text = f"{venue.name} is the nearest place for {nearest} residents. "
    if lost:
        text += (
            f"If it closed, {people(lost)} residents would have no help {travel.within}"
            f"{in_line(travel)}. "
        )
    else:
        text += f"If it closed, everyone {travel.within} of it would have another {travel.within}. "
    if not after or np.isnan(line["next_away"]):
        return text + "There is no other place to go to."
    return (
        f"{text}The next place is {away_words(float(line['next_away']), travel)} away on average; "
        f"{after} is next for the largest number of them."
    )


def next_best_sentence(
    venue: Venue, away: Diversion, venues: Sequence[Venue], travel: Travel = STRAIGHT
) -> str:
    """Say which place is next nearest for most residents where a venue closes, by its diversion."""
    if not away.places:
        return f"{venue.name} is the nearest place for nobody, so nobody has farther to go."
    who = "who would lose reach" if away.lose else f"for whom {venue.name} is the nearest place"
    residents = f"{people(away.residents)} residents {who}"
    if not away.first:
        return f"The {residents} would have no other place to go to."
    most = away.first[0]
    name = venues[most.venue].name
    far = f"{away_words(most.then, travel)} away on average in place of "
    far += away_words(most.now, travel)
    if len(away.places) == 1:
        return f"For all {residents}, the next nearest place is {name}, {far}."
    return (
        f"Of the {residents}, {percent(most.share)} would have {name} as their next nearest "
        f"place, {far}."
    )


def closures_sentence(place: Place, record: pd.DataFrame) -> str:
    """Say how many libraries of a place are reported closed since 2010; some may have moved."""
    closed = record[record["state"] == "closed"]
    total = len(record)
    if not total:
        return f"No library of {place.label} is on record."
    if closed.empty:
        return (
            f"None of the {total:,} libraries on record in {place.label} since 2010 is reported "
            "as closed."
        )
    near = int((closed["nearest_open_km"] * 1000 <= MOVED_WITHIN).sum())
    are = "is" if len(closed) == 1 else "are"
    text = (
        f"{len(closed):,} of the {total:,} libraries on record in {place.label} since 2010 {are} "
        "reported as closed."
    )
    if near:
        one = "One of them has" if near == 1 else f"{near:,} of them have"
        text += f" {one} a library within 800 m today: it may have moved there."
    return text


def what_if_sentence(
    place: Place,
    added: int,
    closed: int,
    changes: pd.DataFrame,
    travel: Travel = STRAIGHT,
    uncounted: int = 0,
) -> str:
    """Say what a scenario does to an area: residents newly in reach, out of it, and the balance.

    ``changes`` is :func:`atlas.planning.scenario.cohort_changes` of the area. ``closed`` are the
    libraries closed that count as help, ``uncounted`` those that do not.
    """
    if not added + closed:
        if uncounted:
            return (
                "Nothing changes: what you closed is run by communities, and only the library "
                "service counts here."
            )
        return "Nothing is changed yet: add a place or close a library to see who gains and loses."
    parts = []
    if added:
        parts.append("one new place" if added == 1 else f"{added:,} new places")
    if closed:
        parts.append("one library closed" if closed == 1 else f"{closed:,} libraries closed")
    line = {
        name: float(changes.set_index("cohort")[name][EVERYONE])
        for name in ("total", "before", "after", "gained", "lost")
    }
    if np.isnan(line["total"]):
        return f"What changes in {place.label} is not known: {_UNKNOWN}."
    whole = line["total"] or np.nan
    return (
        f"With {' and '.join(parts)}, {_many(line['gained'])} in {place.label} would newly be "
        f"{travel.within} of help{in_line(travel)}, and "
        f"{_many(line['lost'])} would no longer be: {percent_or_none(line['after'] / whole)} of "
        f"residents {travel.within} in place of {percent_or_none(line['before'] / whole)}. "
        "The risk of digital exclusion does not move: it describes who lives there."
    )


def _many(number: float) -> str:
    return f"{people(number)} residents" if number else "nobody"


def in_line(travel: Travel) -> str:
    """Return " in a straight line" where distances are that, "" on foot."""
    return "" if travel.on_foot else " in a straight line"


def away_words(distance: float, travel: Travel) -> str:
    """Write a distance of the travel's unit: '2.2 km' or '12 minutes', "none" for NaN."""
    if np.isnan(distance):
        return "none"
    return f"{distance:.0f} minutes" if travel.on_foot else f"{distance / 1000:.1f} km"


def percent_or_none(share: float) -> str:
    """Write a share as pages do, "no data" where it is not known."""
    return "no data" if np.isnan(share) else percent(share)
