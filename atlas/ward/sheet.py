"""One ward on one sheet of paper, in plain English: what to know, where to get help, what is not
known, and how to put the sheet right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass as declared

from atlas.access.distance import DAYS, Venue, library_venues, nearest_to, points_of
from atlas.catalogue.columns import declared_columns, shown
from atlas.catalogue.declarations import STRICT, keyed, read_declaration
from atlas.catalogue.near import MILE
from atlas.catalogue.sources import declared_sources
from atlas.places.places import Place, Places, natural
from atlas.places.site_map import link
from atlas.risk.index import Index
from atlas.risk.method import Component
from atlas.risk.needs import needs
from atlas.risk.pockets import Pockets
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import Robustness
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import Snapshot
from atlas.text.numbers import about_one_in, count_word, people
from atlas.text.texts import texts
from atlas.ward.locator_map import Mark, Outlines
from atlas.ward.profile import Standings, need_below, ward_point
from atlas.ward.sentences import band_words

THINGS, VENUES = 3, 3
_DAYS = {day: day[:3] for day in DAYS}
# The published files whose figures are on the sheet.
_SAID = ("deprivation", "census_age", "broadband_msoa", "broadband_output_areas", "libraries")
# Shares of tests from which a ward below the highest fifth is said to come out in it.
MOST, SOME = 0.5, 0.05
_TEXTS = texts(Path(__file__).with_name("sheet_sentences.toml"))
_FIFTHS, CREDIT = _TEXTS["fifths"], _TEXTS["credit"]


def _share(name: str) -> str:
    column = declared_columns().get(name)
    if column is None or column.unit != "share" or not column.measure:
        raise ValueError(f"'{name}' is not a measure that is a share")
    return name


@declared(frozen=True, config=STRICT)
class Phrase:
    """What is said of one measure; ``sheet.toml`` describes the fields."""

    measure: Annotated[str, AfterValidator(_share)]
    group: str
    say: Annotated[str, Field(pattern=r"^\{Share\} ")]
    why: str
    figure: str


@cache
def declared_phrases(text: str | None = None) -> dict[str, Phrase]:
    """Return phrases by measure, own or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(dict[str, Phrase], __file__, partial(keyed, field="measure"), text)


@dataclass(frozen=True)
class Thing:
    """One thing to know: a sentence, how it compares, why it matters, and the exact figures."""

    sentence: str
    compared: str
    why: str
    figures: str


@dataclass(frozen=True)
class HelpPlace:
    """A place to get help; ``number`` is its mark on the map. All texts are outside text."""

    number: int
    name: str
    where: str
    address: str
    opening: str
    on_map: bool


@dataclass(frozen=True)
class WardSheet:
    """All that a ward's sheet says, as plain text (``picture``: SVG); no ``things`` if no data."""

    ward: Place
    council: Place
    headline: str
    lead: tuple[str, ...]
    things: tuple[Thing, ...]
    places: tuple[HelpPlace, ...]
    places_note: str
    helps: tuple[str, ...]
    unknown: tuple[str, ...]
    picture: str
    picture_words: str
    contact: str
    foot: tuple[str, ...]


def headline(ward: str, fifth: int, tier: str, often: float) -> str:
    """Open a sheet: the ward's fifth of England by risk, as sure as its tests allow.

    ``fifth`` is 1 to 5, 5 the highest risk; ``tier`` is how sure its place in the highest fifth
    is (:func:`atlas.risk.robustness.tier_of`), "" below it or where that was not tested;
    ``often`` is the share of tests that put it there, or NaN.
    """
    if fifth == len(_FIFTHS):
        said = _TEXTS["tiers"].get(tier, _FIFTHS[4 if tier else 3])
    else:
        said = _TEXTS["below"] if often >= MOST else _FIFTHS[fifth - 1]
        said += f" {_TEXTS['depends']}" if SOME <= often < MOST else ""
    return str(said.format(ward=ward))


def share_in_words(share: float) -> str:
    """Say a share for paper: 'about one in three', 'about 43 in every 100', 'almost no'."""
    if share < 0.005:
        return "almost no"
    if share > 0.985:
        return "almost all"
    return about_one_in(share) or f"about {round(share * 100)} in every 100"


def compared_with_england(here: float, england: float) -> str:
    """Say how a share compares with England's."""
    if share_in_words(here) == share_in_words(england) or abs(here / england - 1) < 0.05:
        return "That is about the same as in England as a whole."
    much = abs(here - england) > 0.5 * england
    word = ("many more" if much else "more") if here > england else "fewer"
    return f"That is {word} than in England as a whole ({share_in_words(england)})."


@dataclass(frozen=True)
class Sheets:
    """Makes the sheets of one snapshot; ``index`` and ``tests`` compare with England.

    ``spots`` are the places of ``libraries``; ``own`` are places that the reader added; ``contact``
    is whom to tell of a mistake; ``address`` the Atlas's own, or "".
    """

    snapshot: Snapshot
    places: Places
    standings: Standings
    outlines: Outlines
    index: Index
    tests: Robustness | None
    pockets: Pockets
    libraries: tuple[Venue, ...]
    spots: np.ndarray
    own: tuple[Venue, ...] = ()
    contact: str = ""
    address: str = ""

    @classmethod
    def of(cls, scorer: Scorer, tests: Robustness | None) -> "Sheets":
        """Return a maker for a scorer's snapshot and standard weights, with nothing of a reader."""
        snapshot, standard = scorer.snapshot, RiskRequest()
        libraries = library_venues(snapshot.libraries)
        return cls(
            snapshot=snapshot,
            places=scorer.places,
            standings=Standings(snapshot.wards, scorer.places),
            outlines=Outlines(snapshot.path("boundaries_wards.geojson")),
            index=scorer.index(standard),
            tests=tests,
            pockets=scorer.pockets(standard),
            libraries=libraries,
            spots=points_of(libraries),
        )

    @cached_property
    def venues(self) -> tuple[Venue, ...]:
        """The libraries and the reader's own places."""
        return (*self.libraries, *self.own)

    @cached_property
    def _spots(self) -> np.ndarray:
        return np.vstack([self.spots, points_of(self.own)])

    def sheet(self, ward_code: str) -> WardSheet:
        """Return the sheet of one ward. Raises ``KeyError`` for an unknown code."""
        ward, at = self.places[ward_code], self.places.row(ward_code)
        council = self.places[str(self._row(ward_code)["authority_code"])]
        near = self._near(ward_code)
        marks = [Mark(n, v.easting, v.northing) for n, (v, _) in enumerate(near, 1)]
        shown_marks = {mark.number for mark in self.outlines.shown(ward_code, marks)}
        places = tuple(
            HelpPlace(
                number=n,
                name=venue.name,
                where=_where(metres, venue.ward_code == ward_code),
                address=", ".join(filter(None, (venue.address, venue.postcode))),
                opening=opening(venue),
                on_map=n in shown_marks,
            )
            for n, (venue, metres) in enumerate(near, 1)
        )
        return WardSheet(
            ward=ward,
            council=council,
            headline=self._headline(ward, council),
            lead=self._lead(ward),
            things=self._things(ward_code),
            places=places,
            places_note=self._places_note(ward_code),
            helps=tuple(f"{part.label}: {part.plain}." for part in self._high(at)),
            unknown=self._unknown(ward),
            picture=self.outlines.picture(ward_code, marks),
            picture_words=_picture_words(ward, council, places),
            contact=self.contact,
            foot=self._foot(ward),
        )

    def _row(self, ward_code: str) -> pd.Series:
        return self.snapshot.wards.iloc[self.places.row(ward_code)]

    def _fifth(self, at: int) -> int | None:
        """Return the ward's fifth of England's residents by risk, 5 the highest."""
        band = float(self.index.band[at])
        return None if np.isnan(band) else int(np.ceil(band * len(_FIFTHS) / 10))

    def _headline(self, ward: Place, council: Place) -> str:
        at, tests = self.places.row(ward.code), self.tests
        fifth = self._fifth(at)
        if fifth is None:
            return f"There is no risk score for {ward.name}, a ward of {council.name}."
        tier, often = (tests.tier[at], tests.share_worst_fifth[at]) if tests else ("", np.nan)
        return headline(ward.name, fifth, str(tier), float(often))

    def _lead(self, ward: Place) -> tuple[str, ...]:
        at = self.places.row(ward.code)
        population = float(self.snapshot.wards["population"].iloc[at])
        if np.isnan(population):
            return (
                "No small area that figures are published for fits this ward well.",
                "Look at the sheets of the wards next to it.",
            )
        living = f"About {people(population)} people live here (Census, March 2021)."
        lead = [living, _TEXTS["what"]]
        if (fifth := self._fifth(at)) is not None:
            lead += [_TEXTS["some"]] if fifth <= 2 else []
            lead += self._firmness(at, fifth)
            if parts := self._high(at):
                most = ", and ".join(part.label.lower() for part in parts)
                lead.append(f"What stands out here is {most}.")
            lead += self._pockets(at)
        return tuple(lead)

    def _firmness(self, at: int, fifth: int) -> list[str]:
        if self.tests is None or np.isnan(self.tests.share_worst_fifth[at]):
            return []
        # Cut, not rounded: 94.9 in 100 is not yet sure.
        often = int(float(self.tests.share_worst_fifth[at]) * 100 + 1e-9)
        if fifth == len(_FIFTHS):
            said = f"It was in the highest fifth in {often} of every 100 tests."
            return [f"We tested this in many ways. {said}"] if often < 100 else []
        many = "most" if often > 50 else "some"
        said = f"In {many} of them it came out in the highest fifth ({often} of every 100)."
        return [f"We tested this in many ways. {said}"] if often >= 5 else []

    def _high(self, at: int) -> list[Component]:
        """The needs that are in England's highest fifth in a ward."""
        found = needs(self.index)
        return [found.method.components[key] for key in found.keys(at)]

    def _places_note(self, ward_code: str) -> str:
        row = self._row(ward_code)
        unreported = row["fit"] != "none" and pd.isna(row["near_library_people"])
        said = _TEXTS["unreported" if unreported else "reported"]
        return f"{said} Check the times before you go."

    def _pockets(self, at: int) -> list[str]:
        row = self.pockets.by_ward.iloc[at]
        inside, scored = int(row["pockets_tenth"]), int(row["small_areas_scored"])
        if not inside or inside == scored:
            return []
        parts_are = "part of it is" if inside == 1 else "parts of it are"
        part = f"{count_word(inside).capitalize()} {parts_are}"
        return [
            f"Not all streets are alike. {part} among the tenth of small areas in England with "
            f"the highest risk. About {people(float(row['pocket_people_tenth']))} people live "
            "there."
        ]

    def _things(self, ward_code: str) -> tuple[Thing, ...]:
        best: dict[str, tuple[float, Thing]] = {}
        for phrase in declared_phrases().values():
            column = declared_columns()[phrase.measure]
            found = self.standings.line(ward_code, column)
            need = need_below(found)
            if np.isnan(need) or need <= best.get(phrase.group, (-1.0, None))[0]:
                continue
            here, england = found.value, found.standings[-1].figure
            share = share_in_words(here)
            thing = Thing(
                sentence=phrase.say.format(Share=share[0].upper() + share[1:]),
                compared=compared_with_england(here, england),
                why=phrase.why,
                figures=f"{phrase.figure}: {shown(column, here)} here, {shown(column, england)} in "
                "England",
            )
            best[phrase.group] = (need, thing)
        ordered = sorted(best.values(), key=lambda pair: -pair[0])
        return tuple(thing for _, thing in ordered[:THINGS])

    def _near(self, ward_code: str) -> list[tuple[Venue, float]]:
        point = ward_point(self.snapshot.lsoas, ward_code) or self.outlines.middle(ward_code)
        return [(self.venues[at], metres) for at, metres in nearest_to(self._spots, point, VENUES)]

    def _unknown(self, ward: Place) -> tuple[str, ...]:
        known = self._row(ward.code)["fit"] not in ("weak", "fair")
        points = [*_TEXTS["unknown"], _TEXTS["all_help" if self.own else "other_help"]]
        return tuple(points if known else [*points, _TEXTS["exact"]])

    def _foot(self, ward: Place) -> tuple[str, ...]:
        used = [key for key in self.snapshot.provenance["sources"] if key in _SAID]
        said = (declared_sources()[key] for key in used)
        sources = "; ".join(f"{source.publisher}, {source.dated}" for source in said)
        here = f"{self.address}{link('my_area', {'ward': ward.code})}"
        more = f" More: {here}" if self.address else ""
        return (
            _TEXTS["about"],
            f"Sources: {sources}. {CREDIT} Digital Inclusion Atlas, data version "
            f"{self.snapshot.version}, ward {ward.code} (May 2024).{more}",
        )


def _where(metres: float, inside: bool) -> str:
    away = f"about {metres / MILE:.1f} miles from the middle of the ward"
    return f"In the ward, {away}" if inside else away.capitalize()


def opening(venue: Venue) -> str:
    """Say when a place is open, days with the same times together; says so where not known."""
    own = venue.origin != "library"
    notes = [f"{heading}: {text}" for heading, text in venue.notes] if own else []
    if not venue.hours:
        return "; ".join(["Opening times not known", *notes])
    same: dict[str, list[str]] = {}
    for day, band in venue.hours:
        words = band if own else band_words(band)
        same.setdefault(words, []).append(_DAYS.get(day, day))
    closed = same.pop("closed", [])
    parts = [f"{_days(days)}: {words}" for words, days in same.items()]
    parts += [f"closed {_days(closed)}"] if closed else []
    text = "; ".join([*parts, *notes])
    return text[0].upper() + text[1:]


def _days(days: Sequence[str]) -> str:
    """Write days in order, three or more in a row as "Mon to Fri"."""
    order = list(_DAYS.values())
    if len(days) == len(order):
        return "every day"
    if any(day not in order for day in days):
        return ", ".join(days)
    runs: list[list[str]] = []
    for day in days:
        if runs and order.index(day) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _picture_words(ward: Place, council: Place, places: Sequence[HelpPlace]) -> str:
    seen = [f"{place.number} {place.name}" for place in places if place.on_map]
    marks = f" Numbers mark places to get help: {'; '.join(seen)}." if seen else ""
    return (
        f"Map of {ward.name} among the wards next to it, and of where it lies in "
        f"{natural(council.name)}.{marks}"
    )
