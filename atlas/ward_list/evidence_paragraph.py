"""A paragraph of evidence for a bid: figures, base, date, source, licence and caveat."""

from collections.abc import Iterable

import numpy as np

from atlas.arrays import Bools
from atlas.catalogue.cohorts import Cohort, headcounts
from atlas.catalogue.sources import declared_sources
from atlas.places.places import Places
from atlas.risk.export import Made, own_limits
from atlas.risk.pockets import missed
from atlas.text.numbers import people, percent
from atlas.ward_list.risk_list import RiskList

SOURCES = ("deprivation", "census_age", "census_disability", "broadband_msoa")


def evidence_paragraph(
    made: Made, result: RiskList, places: Places, cohorts: Iterable[Cohort], link: str
) -> str:
    """Return text to paste, the same any day: what a list found, how firmly, of which sources."""
    place, rows = places[result.request.area], list(result.rows)
    if not rows:
        return f"No ward of {place.label} meets the chosen conditions."
    wards = "1 ward" if len(rows) == 1 else f"{len(rows):,} wards"
    whole = result.area_residents
    share = f" ({percent(result.residents / whole)})" if whole else ""
    parts = [
        f"{wards} of {place.label}, with {people(result.residents)} of its "
        f"{people(whole)} residents{share}, were selected by the risk of digital "
        f"exclusion compared with {made.base.label}.",
        _firmness(made, result),
        *(_cohort(made, rows, cohort) for cohort in cohorts),
        _pockets(made, result, places.inside(place.code) & made.index.scored),
        *own_limits(made),
        f"Source: Digital Inclusion Atlas, index version {made.index.peers.method.version}, data "
        f"version {made.snapshot.version}, from {_sources()}. Open Government Licence v3.0.",
        "The index describes areas and is indicative: it does not count people who are digitally "
        "excluded, and its ranks depend on choices of method.",
        f"View: {link}" if link else "",
    ]
    return " ".join(part for part in parts if part)


def _firmness(made: Made, result: RiskList) -> str:
    tiers = made.robustness.tier[list(result.rows)]
    sure, fairly = (int((tiers == tier.key).sum()) for tier in made.index.peers.method.tiers[:2])
    return (
        f"It is sure that {sure:,} of them, and fairly sure that {fairly:,} more, are in the fifth "
        f"of {made.base.residents} at highest risk: that held in at least 95%, and in at least "
        f"half, of {made.robustness.draws:,} tests of the method."
    )


def _cohort(made: Made, rows: list[int], cohort: Cohort) -> str:
    number = float(np.nansum(headcounts(made.wards, cohort)[rows]))
    kind = ", an estimate from area rates" if cohort.honesty == "proxy" else ""
    return f"{cohort.label} there: {people(number)}{kind}."


def _pockets(made: Made, result: RiskList, area: Bools) -> str:
    out = missed(made.pockets.by_ward, result.listed, area)
    return (
        f"A further {people(float(out['residents']))} residents live in {int(out['pockets']):,} "
        "small areas of England's highest-risk tenth outside these wards."
    )


def _sources() -> str:
    named = [declared_sources()[key] for key in SOURCES]
    return "; ".join(f"{source.publisher}, {source.title} ({source.dated})" for source in named)
