"""Where a next place to get help would bring most people at risk within a mile, for a briefing.

Chosen one after the other: each is the best once those before it are there. In milliseconds, so
that a briefing need not wait for a proof; the page "Where next" proves the best choice together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from atlas.briefing.numbers import PlaceNumbers
from atlas.briefing.provenance import Number, Term, Trace, total
from atlas.catalogue.cohorts import declared_cohorts
from atlas.planning.sites import SitePlan, SiteProblem
from atlas.text.numbers import people

SITES = 3


@dataclass(frozen=True)
class NextSite:
    """One place: where it is in words, its ward and council, and the people at risk it adds.

    ``risk`` is the score of its ward.
    """

    number: int
    where: str
    ward: str
    council: str
    added: Number
    risk: Number


def next_sites(
    problem: SiteProblem, numbers: PlaceNumbers, whereabouts: Callable[[SitePlan], Sequence[str]]
) -> tuple[NextSite, ...]:
    """Return up to three next places, the one that adds most people at risk first.

    ``problem`` counts a group of two published counts by straight line. ``whereabouts`` says of
    each pick of a plan where it is. A place that adds nobody is left out.
    """
    answers = problem.at_once(SITES)
    if not answers:
        return ()
    plan = problem.plan(SITES, answers[-1])
    group = declared_cohorts()[problem.cohort]
    unreached = problem.reach.count == 0
    found: list[NextSite] = []
    for pick, where in zip(plan.picks, whereabouts(plan), strict=True):
        new = problem.travel.reach(problem.residents, [pick], unreached).count > 0
        unreached &= ~new
        shares = np.nan_to_num(problem.reach.share(new))
        counted = (shares > 0) & ~np.isnan(problem.weights)
        value = total((problem.weights * shares)[counted])
        if not value:
            continue
        keys, parts = tuple(problem.residents.codes[counted]), tuple(shares[counted].tolist())
        rule = (
            f"the part of each small area, by postcode, within a mile of the place {where} and of "
            "no library or place before"
        )
        name = f"Residents at risk that a place {where} would add"
        first, plus = (
            Term("lsoas", keys, column, "sum", rule, parts=parts)
            for column in (group.count, group.plus)
        )
        row = numbers.places.row(pick.ward_code)
        _, ward, council = numbers.named(row)
        added = Number(name, value, people(value), Trace(first, plus, "plus"))
        found.append(NextSite(len(found) + 1, where, ward, council, added, numbers.score(row)))
    return tuple(found)
