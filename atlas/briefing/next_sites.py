"""Where a next place to get help would bring most people within a mile, for a briefing.

Chosen one after the other: each is the best once those before it are there. In milliseconds, so
that a briefing need not wait for a proof; the page "Where next" proves the best choice together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from atlas.briefing.provenance import Number, Term, Trace, total
from atlas.places.places import natural
from atlas.planning.sites import SitePlan, SiteProblem
from atlas.text.numbers import people

SITES = 3


@dataclass(frozen=True)
class NextSite:
    """One place: where it is in words, its ward and council, and the residents it adds."""

    number: int
    where: str
    ward: str
    council: str
    added: Number


def next_sites(
    problem: SiteProblem, wards: pd.DataFrame, whereabouts: Callable[[SitePlan], Sequence[str]]
) -> tuple[NextSite, ...]:
    """Return up to three next places, the one that adds most residents first.

    ``problem`` counts all residents by straight line. ``whereabouts`` says of each pick of a plan
    where it is. A place that adds nobody is left out.
    """
    answers = problem.at_once(SITES)
    if not answers:
        return ()
    plan = problem.plan(SITES, answers[-1])
    named = wards.set_index("ward_code")
    near = problem.nearest <= problem.travel.limit
    found: list[NextSite] = []
    for pick, where in zip(plan.picks, whereabouts(plan), strict=True):
        reached = problem.travel.nearest(problem.residents, [pick.as_venue()])[:, 0]
        new = (reached <= problem.travel.limit) & ~near
        near |= new
        value = total(problem.weights[new])
        if not value or np.isnan(value):
            continue
        keys = tuple(problem.residents.codes[new])
        rule = f"small areas within a mile of the place {where} and of no library or place before"
        name = f"Residents that a place {where} would add"
        trace = Trace(Term("lsoas", keys, "population", "sum", rule))
        ward = named.loc[pick.ward_code]
        found.append(
            NextSite(
                len(found) + 1,
                where,
                str(ward["ward_name"]),
                natural(str(ward["authority_name"])),
                Number(name, value, people(value), trace),
            )
        )
    return tuple(found)
