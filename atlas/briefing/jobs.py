"""Two different jobs: where need is high for money and skills, and for age and health."""

from dataclasses import dataclass

import numpy as np

from atlas.briefing.area import BriefingArea
from atlas.briefing.numbers import PlaceNumbers, share_of
from atlas.briefing.provenance import Number, Said, Term, Trace
from atlas.risk.method import Component
from atlas.risk.needs import HIGHEST, needs_of

JOBS = 2


@dataclass(frozen=True)
class Job:
    """One need of a place: what is said of it, and what usually helps.

    ``residents`` are those of wards in England's highest fifth for it, None without such a ward.
    ``said`` names residents and wards in England's highest fifth for it and the leading ward, or
    where the highest ward stands if there is none.
    """

    need: str
    said: Said
    helps: str
    residents: Number | None = None


def jobs_of(numbers: PlaceNumbers, area: BriefingArea) -> tuple[Job, ...]:
    """Return the two needs, in declared order; none where no ward has a score."""
    if not numbers.index.scored[area.rows].any():
        return ()
    parts = needs_of(numbers.index.peers.method)[:JOBS]
    return tuple(_job(numbers, area, part) for part in parts)


def _job(numbers: PlaceNumbers, area: BriefingArea, part: Component) -> Job:
    values = numbers.needs[part.key]
    known = area.rows[~np.isnan(values[area.rows])]
    order = np.lexsort((numbers.codes[known].astype(str), -values[known]))
    first = int(known[order][0])
    code, name, council = numbers.named(first)
    leading = f"{name}, {council}"
    rows = known[values[known] >= HIGHEST - 1e-9]
    if not len(rows):
        term = Term(numbers.needs_table, (code,), part.key, "value", f"ward {name}")
        value = round(float(values[first]), 6)
        place = Number(f"{part.label} of {name}", value, f"{int(value)}%", Trace(term))
        said = Said(
            f"No ward is in England’s highest fifth. The highest is {leading}: {place.shown} of "
            "the residents of England live in wards where it is lower.",
            (place,),
        )
        return Job(part.label, said, part.helps)
    rule = f"{area.rule} with {part.key} of 80 or more in {numbers.needs_table}"
    living = numbers.residents(rows, rule, f"Residents of wards high on {part.label.lower()}")
    whole = numbers.residents(area.rows, area.rule, f"Residents of {area.name}")
    share = share_of(living, whole, f"Share of residents in wards high on {part.label.lower()}")
    beside = "" if area.is_england else "; in England a fifth"
    who = f"{living.shown} residents ({share.shown}{beside})"
    if len(rows) == 1:
        text = f"{who} live in one ward in the highest fifth for this need alone: {leading}."
        return Job(part.label, Said(text, (living, share)), part.helps, living)
    count = numbers.count(rows, rule, f"Wards high on {part.label.lower()}")
    text = (
        f"{who} live in {count.shown} wards in the highest fifth for this need alone. The highest "
        f"is {leading}."
    )
    return Job(part.label, Said(text, (living, share, count)), part.helps, living)
