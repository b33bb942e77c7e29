"""Whom a briefing is about: a mayor's area, a region, a council, or several places together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pydantic.dataclasses import dataclass as declared

from atlas.catalogue.declarations import STRICT, read_declaration
from atlas.places.areas import declared_areas
from atlas.places.comparison_base import NAMED_AT_MOST, base_of
from atlas.places.places import ENGLAND, Place, Places
from atlas.text.lists import listed

_DECLARATION = Path(__file__).with_name("briefing.toml")
LONGEST_NAME = 60
_NOT_IN_A_NAME = re.compile(r"[^\w ’'&,.()-]|_")


@declared(frozen=True, config=STRICT)
class Report:
    """Where the press reported a question: publisher, title, when and address."""

    publisher: str
    title: str
    when: str
    page: str


@declared(frozen=True, config=STRICT)
class Question:
    """A question of the guide. ``quoted`` is false where a report tells it in its own words."""

    key: str
    asked: str
    report: Report
    quoted: bool
    unknown: str
    ask: str


@declared(frozen=True, config=STRICT)
class Point:
    """A heading with a text, and whom to ask: of a slide, or what the data cannot say."""

    title: str
    text: str
    ask: str


@declared(frozen=True, config=STRICT)
class Region:
    """A region that has a mayor of its own, and what its briefing calls it."""

    code: str
    name: str


@declared(frozen=True, config=STRICT)
class Guide:
    """The guide for mayors that the questions come from."""

    title: str
    publisher: str
    when: str

    @property
    def words(self) -> str:
        """The guide as a source is named: publisher, title, date."""
        return f"{self.publisher}, {self.title}, {self.when}"


@declared(frozen=True, config=STRICT)
class Words:
    """What ``briefing.toml`` declares."""

    mayoral_region: Region
    with_article: frozenset[str]
    guide: Guide
    questions: Annotated[tuple[Question, ...], Field(validation_alias="question")]
    limits: Annotated[tuple[Point, ...], Field(validation_alias="limit")]


@cache
def declared_words() -> Words:
    """Return the declared words of a briefing."""
    return read_declaration(Words, _DECLARATION, _with_reports)


def _with_reports(table: dict[str, Any]) -> dict[str, Any]:
    reports = table.pop("reported", {})
    for question in table.get("question", []):
        question["report"] = reports.get(question.pop("reported", None))
    return table


@dataclass(frozen=True)
class BriefingArea:
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
    def rule(self) -> str:
        """Which rows of the ward table it has, in words."""
        return f"wards of {self.name}"

    @property
    def is_england(self) -> bool:
        """Whether it is the whole country."""
        return self.codes == (ENGLAND,)


def area_of(places: Places, codes: Sequence[str], name: str = "") -> BriefingArea:
    """Return the area that a briefing is about, made of the given places; without any, England.

    Order and repetition do not matter, and a place inside another one adds nothing. ``name`` is
    what the reader calls several areas together; without it their own names are listed. Raises
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
        name = name or listed([_name(places[code]) for code in kept], NAMED_AT_MOST)
        return BriefingArea(kept, name, name, possessive(name), "Briefing on several places", rows)
    place = places[kept[0]]
    name = _name(place)
    said = with_article(name)
    return BriefingArea(kept, name, said, possessive(said), _kind(place), rows)


def group_name(text: str) -> str:
    """Return what may stand as a reader's own name for places together: words, at most 60 signs.

    An address can hold anything; letters, digits and plain punctuation are kept.
    """
    return " ".join(_NOT_IN_A_NAME.sub(" ", text).split())[:LONGEST_NAME].strip()


def _name(place: Place) -> str:
    region = declared_words().mayoral_region
    return region.name if place.code == region.code else place.name


def with_article(name: str) -> str:
    """Return a place's name as it is said within a sentence: "the West Midlands"."""
    return f"the {name}" if name in declared_words().with_article else name


def possessive(name: str) -> str:
    """Return whose something is: "Cornwall’s", "the West Midlands’"."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def _kind(place: Place) -> str:
    area = declared_areas().get(place.code)
    if area and area.mayor:
        kind = "Mayor’s briefing"
    else:
        kind = {
            "country": "National briefing",
            "region": "Regional briefing",
            "combined authority": "Regional briefing",
            "county": "County briefing",
            "ward": "Ward briefing",
        }.get(place.kind, "Council briefing")
    return f"{kind} ({area.note})" if area and area.note else kind
