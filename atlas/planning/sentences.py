"""What chosen sites mean, in sentences that can be said aloud."""

from collections.abc import Sequence

import numpy as np

from atlas.access.distance import EVERYONE, Venue
from atlas.access.travel import Travel
from atlas.catalogue.cohorts import declared_cohorts
from atlas.catalogue.near import UNSTAFFED
from atlas.places.places import Place
from atlas.planning.maximal_cover import Solution
from atlas.planning.scenario import Alternatives
from atlas.planning.site_files import cohort_label
from atlas.planning.sites import SitePlan
from atlas.text.numbers import FEW, about_one_in, count_word, people, percent

HELP = "help"


def group_words(cohort: str) -> str:
    """Return a cohort as it stands inside a sentence: 'residents aged 75 and over'."""
    label = cohort_label(cohort)
    return label[0].lower() + label[1:]


def plan_sentence(plan: SitePlan, place: Place) -> str:
    """Say what the chosen sites would change, in a whole area or around one ward."""
    if not plan.picks:
        return _nothing(plan, place)
    return _reach(plan, place) if plan.objective == "reach" else _distance(plan, place)


def _nothing(plan: SitePlan, place: Place) -> str:
    group = group_words(plan.cohort)
    if not plan.people:
        return f"No {group} are counted in {place.label}, so no site can be chosen for them."
    if plan.beyond < FEW:
        # By floating point: nobody at all.
        all_of = f"All {people(plan.people)}" if plan.beyond < 1e-6 else "Almost all"
        return (
            f"{all_of} {group} of {place.label} live {plan.travel.within} of {HELP} already: a new "
            "place would bring nobody new within reach."
        )
    reach = plan.objective == "reach"
    what = "bring anybody new within reach" if reach else "shorten anybody’s way"
    return (
        f"None of the {plan.candidates:,} candidates would {what}. {people(plan.beyond)} {group} "
        f"of {place.label} live {plan.travel.beyond} from {HELP}: try other kinds of candidates."
    )


def _new_places(count: int) -> str:
    return f"{count_word(count).capitalize()} new {'place' if count == 1 else 'places'}"


def _reach(plan: SitePlan, place: Place) -> str:
    group, count = group_words(plan.cohort), len(plan.picks)
    share = plan.newly_reached / plan.beyond
    aloud = about_one_in(share)
    said = f"{aloud} ({percent(share)})" if aloud else percent(share)
    text = (
        f"{_new_places(count)} could bring {people(plan.newly_reached)} more {group} of "
        f"{place.label} {plan.travel.within} of {HELP}. That is {said} of the "
        f"{people(plan.beyond)} who live farther away today."
    )
    if count < plan.sites:
        text += f" More than {count_word(count)} would bring nobody else within reach."
    return text


def _distance(plan: SitePlan, place: Place) -> str:
    before, after = (way(plan.travel, mean) for mean in (plan.mean_before, plan.mean_after))
    text = (
        f"{_new_places(len(plan.picks))} could shorten the way to the nearest {HELP} from {before} "
        f"to {after} on average for {people(plan.people)} {group_words(plan.cohort)} of "
        f"{place.label}."
    )
    if plan.newly_reached > 0:
        text += f" {people(plan.newly_reached)} of them would newly be {plan.travel.within}."
    return text


def way(travel: Travel, distance: float) -> str:
    """Write a distance as sentences do: '1.24 km' or '14.2 minutes'; 'no data' where unknown."""
    if not np.isfinite(distance):
        return "no data"
    return f"{distance:.1f} minutes" if travel.on_foot else f"{distance / 1000:.2f} km"


def proof_sentence(solution: Solution, count: int) -> str:
    """Say how sure it is that no other choice would do better."""
    many = "site" if count == 1 else f"{count_word(count)} sites"
    if solution.method == "proven":
        return f"Proven: no other choice of {many} among the candidates does better."
    found = "found step by step" if solution.method == "greedy" else "the best found so far"
    if not solution.total:
        return f"Not yet proven ({found})."
    # Rounded up, so that it never promises too much.
    percentage = (solution.bound / solution.total - 1) * 100
    tenths = 10 if percentage < 10 else 1
    most = f"{np.ceil(percentage * tenths) / tenths:.{tenths // 10}f}%"
    return f"Not yet proven ({found}): another choice could do better, but by at most {most}."


def paying_sentence(totals: Sequence[float], unit: str, verb: str = "add") -> str:
    """Say where the next site stops paying, by the totals of 1, 2, ... sites in a ``unit``."""
    steps = np.diff(np.concatenate([[0.0], np.asarray(totals, dtype=float)]))
    if not steps.size or steps[0] <= 0:
        return ""
    useful = int((steps > 0).sum())
    first, last = people(steps[0]), people(steps[useful - 1])
    if useful == 1:
        return f"One new place {verb}s {first} {unit}; a second would {verb} nothing."
    halved = np.flatnonzero(steps[:useful] < steps[0] / 2)
    text = f"The first place {verb}s {first} {unit}"
    if not halved.size:
        text += f", the {_ORDINALS[useful - 1]} still {last}."
    else:
        text += f"; from the {_ORDINALS[halved[0]]} on each {verb}s less than half of that"
        text += f". The {_ORDINALS[useful - 1]} {verb}s {last}."
    if useful < steps.size:
        text += f" More than {count_word(useful)} {verb} nothing."
    return text


_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


def ward_sentence(plan: SitePlan, ward: Place, council: Place, near: str) -> str:
    """Say where in a ward one new place would reach most of a group in its council; ``near`` says
    where that is: 'near postcode M15 5RE'.
    """
    group, note = group_words(plan.cohort), ""
    if plan.cohort != EVERYONE and declared_cohorts()[plan.cohort].honesty == "proxy":
        note = f" {declared_cohorts()[plan.cohort].note}"
    if not plan.picks:
        return (
            f"A new place in {ward.name} would bring no more {group} of {council.label} "
            f"{plan.travel.within} of {HELP}."
        )
    here = plan.newly_by_ward.get(ward.code, 0.0)
    where = (
        f"all of them in {ward.name}"
        if set(plan.newly_by_ward) == {ward.code}
        else f"{people(here)} of them in {ward.name}"
        if here
        else f"none of them in {ward.name} itself"
    )
    return (
        f"Within {ward.name} a new place would reach most {near}: "
        f"{people(plan.newly_reached)} more {group} of {council.label} {plan.travel.within} of "
        f"{HELP}; {where}.{note}"
    )


def spot_words(candidate: Venue) -> str:
    """Name a candidate inside a sentence, with what it is: 'the closed Moss Library'."""
    return {
        "neighbourhood": "the centre of small area {}",
        "closed library": "the closed {}",
        "unstaffed library": f"{{}} ({UNSTAFFED})",
        "yours": "{} (your own place)",
    }[candidate.kind].format(candidate.name)


def spot_sentence(found: Alternatives, travel: Travel) -> str:
    """Say how an added place compares with its :func:`atlas.planning.scenario.alternatives`."""
    here = f"{people(found.here)} residents" if found.here else "nobody"
    text = f"This spot brings {here} newly {travel.within} of help"
    if not found.spots:
        return f"{text}; no other spot up to 5 km away is known to compare it with."
    if not found.better:
        one = found.spots == 1
        tried = "The one other spot" if one else f"None of the {found.spots:,} other spots"
        return f"{text}. {tried} tried up to 5 km away would {'not ' if one else ''}bring more."
    best = found.best[0]
    text += (
        f"; the best of {found.spots:,} tried up to 5 km away, {spot_words(best.candidate)}, would "
        f"bring {people(best.newly)}."
    )
    if found.building and best.candidate.kind == "neighbourhood":
        text += (
            f" The best existing building, {spot_words(found.building.candidate)}, would bring "
            f"{people(found.building.newly)}."
        )
    return text
