"""Find a place from what a visitor types: a postcode, a ward, a council, a region.

Everything is answered from the snapshot in memory, so nothing that is typed leaves the machine.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from atlas.catalogue.sources import declared_sources
from atlas.places.places import ENGLAND, KIND_WORDS, Place, Places
from atlas.places.postcodes import Postcodes
from atlas.text.postcode_text import normalised, spaced

LONGEST_QUERY = 60
_ALIKE = 75.0  # of 100: below it a name is no misspelling of another
_KIND_ORDER = {kind: order for order, kind in enumerate(KIND_WORDS)}
_PART_OF_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z0-9]? ?\d?[a-z]?")

# Postcode areas that lie wholly outside England; those that straddle a border are not listed.
_OUTSIDE = {
    "Scotland": ("AB", "DD", "EH", "FK", "G", "HS", "IV", "KA", "KW", "KY", "ML", "PA", "PH", "ZE"),
    "Wales": ("CF", "LL", "SA"),
    "Northern Ireland": ("BT",),
    "Guernsey": ("GY",),
    "the Isle of Man": ("IM",),
    "Jersey": ("JE",),
}
_ELSEWHERE = {area: nation for nation, areas in _OUTSIDE.items() for area in areas}


@dataclass(frozen=True)
class Answer:
    """What a search found.

    ``hits`` are places, best first. ``certain`` is the one place that the text can only mean (a
    postcode's ward, a GSS code), else None. ``message`` says in a sentence what happened and,
    where nothing was found, what to do; "" where the hits speak for themselves.
    """

    hits: tuple[Place, ...] = ()
    certain: Place | None = None
    message: str = ""


def plain(text: str) -> str:
    """Return text for comparison: lower case, no accents or punctuation, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    kept = "".join(c for c in letters if not unicodedata.combining(c))
    kept = re.sub(r"['’.]", "", kept)
    words = re.sub(r"[^a-z0-9]+", " ", kept).split()
    return " ".join("st" if word == "saint" else word for word in words)


class Search:
    """The search box's index: every place's name, its council, and the postcodes."""

    def __init__(self, places: Places, ward_codes: list[str], postcodes: Postcodes | None) -> None:
        self._places = places
        self._postcodes = postcodes
        entries = [*places.areas(), *(places[code] for code in ward_codes)]
        self._entries = entries
        self._names = [plain(entry.name) for entry in entries]
        # A ward can also be found by its council, an area by its kind: "castle bedford".
        self._full = [f" {plain(entry.label)} {KIND_WORDS[entry.kind]} " for entry in entries]

    def find(self, text: str, limit: int = 8) -> Answer:
        """Answer what a visitor typed; never raises, whatever it is.

        Where more than ``limit`` places bear exactly the name, all of them are returned.
        """
        text = text[:LONGEST_QUERY]
        query = plain(text)
        if not query:
            return Answer()
        postcode = normalised(text)
        if postcode:
            return self._postcode(postcode)
        code = query.upper()
        if code in self._places:
            return Answer((self._places[code],), self._places[code])
        return self._named(query, limit)

    def _postcode(self, postcode: str) -> Answer:
        written = spaced(postcode)
        hit = self._postcodes.find(postcode) if self._postcodes else None
        if hit is None:
            return Answer(message=_unknown(postcode))
        if hit.ward_code not in self._places:
            vintage = declared_sources()["postcodes"].vintage
            return Answer(
                message=f"{written} is in no ward that the Atlas knows (postcode file of "
                f"{vintage}). Search for the ward or the council by name instead."
            )
        ward = self._places[hit.ward_code]
        return Answer((ward,), ward, f"{written} is in {ward.label}.")

    def _named(self, query: str, limit: int) -> Answer:
        graded = self._graded(query)
        if graded:
            exact = sum(grade == 0 for grade, _ in graded)
            numbers = [number for _, number in graded[: max(limit, exact)]]
            hits = tuple(self._entries[number] for number in numbers)
            return Answer(hits, message=_how_many(hits, exact, len(graded)))
        near = self._misspelt(query, limit)
        if near:
            return Answer(near, message="No place has exactly that name. Did you mean:")
        if _PART_OF_POSTCODE.fullmatch(query):
            return Answer(message="Type the whole postcode, such as M1 1AD.")
        return Answer(
            message="No ward, council or region in England has that name. Check the spelling, "
            "try the council, or type a full postcode such as M1 1AD."
        )

    def _graded(self, query: str) -> list[tuple[int, int]]:
        """Return (grade, entry number) of every match, best first; grade 0 is the exact name."""
        tokens = query.split()
        found = []
        for number, full in enumerate(self._full):
            if all(token in full for token in tokens):
                found.append((_grade(query, tokens, self._names[number], full), number))
        return sorted(found, key=self._order)

    def _order(self, graded: tuple[int, int]) -> tuple[int, int, str, str]:
        grade, number = graded
        entry = self._entries[number]
        return grade, _KIND_ORDER[entry.kind], entry.label, entry.code

    def _misspelt(self, query: str, limit: int) -> tuple[Place, ...]:
        # "Bournmouth" is like the beginning of a longer name; that counts almost as much.
        words = query.count(" ") + 1
        beginnings = [" ".join(name.split(" ", words)[:words]) for name in self._names]
        likeness: dict[int, float] = defaultdict(float)
        for texts, share in ((self._names, 1.0), (beginnings, 0.95)):
            found = process.extract(
                query, texts, scorer=fuzz.ratio, score_cutoff=_ALIKE / share, limit=None
            )
            for _, score, number in found:
                likeness[number] = max(likeness[number], score * share)
        near = sorted(likeness, key=lambda n: (-likeness[n], *self._order((0, n))[1:]))
        return tuple(self._entries[number] for number in near[:limit])


def _grade(query: str, tokens: list[str], name: str, full: str) -> int:
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    if f" {query}" in f" {name}":
        return 2
    if all(f" {token}" in full for token in tokens):
        return 3
    return 4


def _how_many(hits: tuple[Place, ...], exact: int, total: int) -> str:
    if exact > 1 and all(hit.kind == "ward" for hit in hits[:exact]):
        return f"{exact} wards are called {hits[0].name}:"
    if total > len(hits):
        return f"The first {len(hits)} of {total:,} places. Type more of the name, or its council."
    return ""


def _unknown(postcode: str) -> str:
    written = spaced(postcode)
    area = re.match(r"[A-Z]+", postcode)
    nation = _ELSEWHERE.get(area.group() if area else "")
    if nation:
        return f"{written} is in {nation}. The Atlas covers England only."
    vintage = declared_sources()["postcodes"].vintage
    return (
        f"{written} is not in the postcode file of {vintage}. It may be newer than that, or "
        "outside England. Try a neighbour's postcode, or the name of the ward or council."
    )


def area_and_ward(places: Places, place: Place) -> tuple[str, str]:
    """Return the (place, ward) codes to show for a found place: a ward opens in its council."""
    if place.kind != "ward":
        return place.code, ""
    trail = places.trail(place.code)
    return (trail[-2].code if len(trail) > 1 else ENGLAND), place.code
