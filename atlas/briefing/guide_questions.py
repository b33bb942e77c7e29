"""What the data answers to the questions of techUK's guide, as the press reported them."""

from dataclasses import dataclass

import numpy as np

from atlas.briefing.area import BriefingArea, Question, declared_words
from atlas.briefing.numbers import PlaceNumbers
from atlas.briefing.provenance import Said
from atlas.catalogue.columns import declared_columns
from atlas.text.lists import counted

# Groups that pledges usually name, and how a sentence names them.
PLEDGED = {
    "age_75_plus_people": "are seventy-five or over",
    "disabled_people": "are disabled",
    "income_deprived_people": "are in families on a low income",
}


@dataclass(frozen=True)
class Answer:
    """A question, what the data answers to it ("" where nothing), and whom to ask."""

    question: Question
    known: Said


def answers_of(numbers: PlaceNumbers, area: BriefingArea) -> tuple[Answer, ...]:
    """Return the six questions with what is known of a place."""
    known = {
        "achieve": _pledged,
        "mechanisms": _libraries,
        "skills": _skills,
        "data": _joined_data,
        "regulation": _withheld,
    }
    return tuple(
        Answer(q, known[q.key](numbers, area) if q.key in known else Said(""))
        for q in declared_words().questions
    )


def _pledged(numbers: PlaceNumbers, area: BriefingArea) -> Said:
    counts = [
        numbers.sum(area.rows, name, area.rule, declared_columns()[name].label) for name in PLEDGED
    ]
    parts = [
        f"{count.shown} {words}" for count, words in zip(counts, PLEDGED.values(), strict=True)
    ]
    return Said(f"{', '.join(parts)} (groups overlap: never add them).", tuple(counts))


def _libraries(numbers: PlaceNumbers, area: BriefingArea) -> Said:
    count = numbers.sum(area.rows, "open_libraries", area.rule, "Libraries")
    if count.value != count.value:
        return Said("Its libraries were not reported.")
    if not count.value:
        return Said("Open data names no library here that counts as help.")
    if count.value == 1:
        return Said(f"Open data names {count.shown} library here that counts as help.", (count,))
    text = (
        f"{count.shown} libraries are the venues that open data names and that count as help. Two "
        "may share a building."
    )
    return Said(text, (count,))


def _skills(numbers: PlaceNumbers, area: BriefingArea) -> Said:
    column = declared_columns()["low_skills_rate"]
    own = numbers.mean(area.rows, column, area.rule, f"{column.label}, {area.name}")
    text = f"{own.shown} of working-age adults have few qualifications or little English"
    end = "; a rate only, no headcount is published."
    if area.is_england:
        return Said(f"{text}{end}", (own,))
    england = numbers.mean(numbers.every_row, column, "all wards", f"{column.label}, England")
    return Said(f"{text} (England {england.shown}){end}", (own, england))


def _joined_data(numbers: PlaceNumbers, area: BriefingArea) -> Said:
    known = area.rows[~np.isnan(numbers.values("population")[area.rows])]
    rule = f"{area.rule} that have residents in the data"
    count = numbers.count(known, rule, "Wards with data")
    text = (
        f"In the Atlas: {counted(len(known), 'ward')} joined from national files, with an open "
        "datastore and an audit of gaps."
    )
    return Said(text, (count,))


def _withheld(numbers: PlaceNumbers, area: BriefingArea) -> Said:
    withheld = "Small areas with a withheld count"
    count = numbers.sum(area.rows, "income_suppressed_areas", area.rule, withheld)
    start = "All figures are open government data"
    if not count.value:
        return Said(f"{start}; no income count is withheld here.")
    if count.value == 1:
        return Said(f"{start}; a very low income count is withheld for one small area.")
    text = f"{start}; very low income counts are withheld for {count.shown} small areas."
    return Said(text, (count,))
