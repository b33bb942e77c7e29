"""Chosen sites for the pages: problems and answers by data version, kept and shared.

A visitor's own places are in no key and no value that others see: questions with them are kept
for the visit alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from atlas.access.distance import Residents, Venue, ward_of
from atlas.access.travel import Travel
from atlas.places.places import Place
from atlas.planning.maximal_cover import Solution
from atlas.planning.scenario import Scenario, venues_after
from atlas.planning.sentences import ward_sentence
from atlas.planning.site_url import SiteRequest
from atlas.planning.sites import (
    MOST_SITES,
    NoSitesError,
    SitePlan,
    SiteProblem,
    candidates_in,
    prove_each,
    site_problem,
)
from atlas.worker import for_long_work
from views.cached.support import support
from views.kit.travel import travel
from views.session.kept import Kept, kept_in_visit
from views.session.request_queue import WAITING, long_turn
from views.session.snapshot import atlas
from views.session.uploads import own_venues

# Where the session keeps the question that has the visitor's own places in it.
_WITH_OWN = "sites_with_own"
_NO_CHANGE = Scenario()
# Above so many candidates a proof takes more than a second or two, and waits to be asked for.
PROVEN_AT_ONCE = 6_000
SECONDS = 60.0

Key = tuple[Travel, SiteRequest, bool, Scenario]


@dataclass
class Question:
    """One question and the answers found so far, by number of sites.

    ``quick`` are greedy answers for 1, 2, ... sites; ``proven`` the best ones, as far as they
    have been worked out. Only :func:`prove` adds to it.
    """

    problem: SiteProblem
    quick: tuple[Solution, ...]
    proven: dict[int, Solution] = field(default_factory=dict)

    @property
    def small(self) -> bool:
        """Whether a proof takes so short that nobody need ask for it."""
        return self.problem.gains.candidates <= PROVEN_AT_ONCE

    @property
    def finished(self) -> bool:
        """Whether the best answers for all numbers of sites are known."""
        return len(self.proven) == len(self.quick)

    def answer(self, sites: int) -> Solution:
        """Return the best answer known for a number of sites."""
        return self.proven.get(sites, self.quick[sites - 1])


_questions: Kept[Key, Question] = Kept(6)
_plans: Kept[tuple[Travel, str], SitePlan] = Kept(256)


def question(
    request: SiteRequest, service_only: bool = False, scenario: Scenario = _NO_CHANGE
) -> Question:
    """Return the question that a request asks, for any number of sites, made once and shared.

    With ``service_only`` community-run libraries are no help; what is help today is as ``scenario``
    leaves it. Raises :class:`atlas.planning.sites.NoSitesError` with what to ask instead.
    """
    rule, own = travel(), own_venues()
    asked = SiteRequest(request.place, request.cohort, 1, request.objective, request.kinds)
    key, made = (rule, asked, service_only, scenario), support(service_only)
    help_now = venues_after(scenario, made.libraries)

    def make() -> Question:
        problem = _problem(asked, rule, made.residents, help_now, own)
        return Question(problem, problem.at_once(MOST_SITES))

    if own:
        return kept_in_visit(_WITH_OWN, (atlas(), key, own), make)
    st.session_state.pop(_WITH_OWN, None)
    return _questions.get_or_make(key, make)


def _problem(
    asked: SiteRequest,
    rule: Travel,
    residents: Residents,
    libraries: tuple[Venue, ...],
    own: tuple[Venue, ...],
) -> SiteProblem:
    """Pose a question. A visitor's own places are candidates where they are asked for as such,
    and else places that help already.
    """
    snapshot, places, choose = atlas().snapshot, atlas().places, "yours" in asked.kinds
    placed = [replace(v, ward_code=ward_of(v, residents)) for v in own] if choose else []
    inside = places.wards(asked.place)
    options = candidates_in(inside, snapshot.lsoas, snapshot.libraries, asked.kinds, placed)
    helping = libraries if choose else (*libraries, *own)
    about = asked.place, asked.cohort, places, residents, helping, options
    return site_problem(*about, rule, asked.objective)


def prove(asked: Question, progress: Callable[[float, str], object]) -> None:
    """Work out the best answers one after the other and keep each as it is found.

    A visitor who comes second waits. ``progress`` is told the share done and
    what is being done; whatever it raises stops the work, and what was found stays. Raises
    :class:`atlas.worker.WorkerError` and :class:`atlas.turns.BusyError`.
    """
    with long_turn(lambda: progress(0.0, WAITING)):
        if asked.finished:
            return

        proven: list[Solution] = []

        def told(said: Solution | tuple[float, float, float]) -> None:
            if isinstance(said, tuple):
                progress(said[0], _doing(asked, *said))
            else:
                proven.append(said)
                asked.proven[len(proven)] = said

        given = asked.problem.gains, SECONDS
        if asked.small:
            prove_each(*given, told)
        else:
            for_long_work.do(prove_each, *given, told=told)


def _doing(asked: Question, done: float, total: float, bound: float) -> str:
    sites = min(int(done * MOST_SITES) + 1, MOST_SITES)
    room = (bound / total - 1) if total else 0.0
    return (
        f"Proving the best choice of {sites} of {asked.problem.gains.candidates:,} candidates: "
        f"no other can be more than {room:.1%} better"
    )


def _best(place: str, own: tuple[Venue, ...] = ()) -> SitePlan:
    """Return the best site of a ward for people at risk among all candidates.

    A ward's candidates lie in it and serve its whole council. Raises
    :class:`atlas.planning.sites.NoSitesError`.
    """
    # Of single sites the one that adds most is the best there is.
    made = support()
    problem = _problem(SiteRequest(place), made.by, made.residents, made.libraries, own)
    return problem.plan(1, problem.at_once(1)[0])


def best_site_of_ward(ward: Place, council: Place) -> str:
    """Say where in a ward one new place would reach most people at risk, "" where nobody knows."""
    own, code = own_venues(), ward.code
    try:
        # Not kept: what has a visitor's own places in it is shared with nobody.
        kept = None if own else _plans.get_or_make((travel(), code), lambda: _best(code))
        plan = kept or _best(code, own)
    except NoSitesError:
        return ""
    near = whereabouts(plan)[0] if plan.picks else ""
    return ward_sentence(plan, ward, council, near)


def whereabouts(plan: SitePlan) -> Sequence[str]:
    """Say where each chosen site is: a building's name, or the postcode nearest to a centre."""
    words = []
    for pick in plan.picks:
        if pick.kind != "neighbourhood":
            words.append(f"at {pick.name}")
            continue
        near = atlas().postcodes.nearest_in_ward(pick.ward_code, pick.easting, pick.northing)
        words.append(f"near postcode {near}" if near else f"at the centre of {pick.name}")
    return words
