"""Whom a briefing is about: a mayor's area, a region, a council, or several places together."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from atlas.places.comparison_base import NAMED_AT_MOST, base_of
from atlas.places.places import ENGLAND, Place, Places

_DECLARATION = Path(__file__).with_name("briefing.toml")


@dataclass(frozen=True)
class Report:
    """Where the press reported a question: publisher, title, when and address."""

    publisher: str
    title: str
    when: str
    page: str


@dataclass(frozen=True)
class Question:
    """A question of the guide. ``quoted`` is false where a report tells it in its own words."""

    key: str
    asked: str
    report: Report
    quoted: bool
    unknown: str
    ask: str


@dataclass(frozen=True)
class Limit:
    """One thing that the data cannot say, and whom to ask instead."""

    title: str
    text: str
    ask: str


@dataclass(frozen=True)
class Words:
    """What ``briefing.toml`` declares."""

    without_mayor: frozenset[str]
    mayoral_region: str
    mayoral_region_name: str
    with_article: frozenset[str]
    guide: str
    questions: tuple[Question, ...]
    limits: tuple[Limit, ...]


@cache
def declared_words() -> Words:
    """Return the declared words of a briefing."""
    declared: dict[str, Any] = tomllib.loads(_DECLARATION.read_text(encoding="utf-8"))
    reports = {key: Report(**entry) for key, entry in declared["reported"].items()}
    guide = declared["guide"]
    return Words(
        without_mayor=frozenset(declared["without_mayor"]),
        mayoral_region=declared["mayoral_region"]["code"],
        mayoral_region_name=declared["mayoral_region"]["name"],
        with_article=frozenset(declared["with_article"]),
        guide=f"{guide['publisher']}, {guide['title']}, {guide['when']}",
        questions=tuple(
            Question(report=reports[entry.pop("reported")], **entry)
            for entry in declared["question"]
        ),
        limits=tuple(Limit(**entry) for entry in declared["limit"]),
    )


@dataclass(frozen=True)
class Subject:
    """What a briefing is about. ``rows`` are its wards' row numbers in the ward table.

    ``name`` heads the page; ``said`` stands in a sentence ("the West Midlands") and ``whose``
    before a noun ("the West Midlands’"). ``kind`` is what the briefing is called.
    """

    codes: tuple[str, ...]
    name: str
    said: str
    whose: str
    kind: str
    rows: npt.NDArray[np.intp]

    @property
    def is_england(self) -> bool:
        """Whether it is the whole country."""
        return self.codes == (ENGLAND,)


def subject_of(places: Places, codes: Sequence[str]) -> Subject:
    """Return the subject made of the given areas; without any, England.

    Order and repetition do not matter, and a place inside another one adds nothing. Raises
    :class:`atlas.places.comparison_base.UnknownPlaceError` for a code without wards.
    """
    base = base_of(places, codes)
    kept = tuple(
        code
        for code in base.codes
        if not any(other != code and places.within(code, other) for other in base.codes)
    )
    rows = np.unique(np.concatenate([places.positions(code) for code in kept]))
    if len(kept) > 1:
        names = [_name(places[code]) for code in kept]
        if len(names) > NAMED_AT_MOST:
            names = [*names[: NAMED_AT_MOST - 1], f"{len(kept) - NAMED_AT_MOST + 1} more places"]
        name = f"{', '.join(names[:-1])} and {names[-1]}"
        return Subject(kept, name, name, possessive(name), "Briefing on several places", rows)
    place = places[kept[0]]
    name = _name(place)
    said = with_article(name)
    return Subject(kept, name, said, possessive(said), _kind(place), rows)


def _name(place: Place) -> str:
    words = declared_words()
    return words.mayoral_region_name if place.code == words.mayoral_region else place.name


def with_article(name: str) -> str:
    """Return a place's name as it is said within a sentence: "the West Midlands"."""
    return f"the {name}" if name in declared_words().with_article else name


def possessive(name: str) -> str:
    """Return whose something is: "Cornwall’s", "the West Midlands’"."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def _kind(place: Place) -> str:
    words = declared_words()
    if place.code == words.mayoral_region:
        return "Mayor’s briefing"
    if place.kind == "combined authority":
        return "Regional briefing" if place.code in words.without_mayor else "Mayor’s briefing"
    return {
        "country": "National briefing",
        "region": "Regional briefing",
        "authority": "Council briefing",
    }.get(place.kind, "Ward briefing")


def common_holder(places: Places, subject: Subject) -> Place:
    """Return the smallest area that has more authorities than a single council, and holds it.

    A council's is its combined authority, or its region where it has none.
    """
    holders = places.containing(subject.codes[0])
    return next(place for place in holders if place.kind != "authority")
