"""Find a place from what a visitor types: a postcode, a town, a ward, a council, a region.

Everything is answered from the snapshot in memory, so nothing that is typed leaves the machine.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from rapidfuzz import fuzz, process

from atlas.catalogue.sources import declared_sources
from atlas.places.names import NameKind, PlaceName, declared_names
from atlas.places.places import ENGLAND, KIND_WORDS, Place, Places
from atlas.places.postcodes import Postcodes
from atlas.text.postcode_text import normalised, spaced

LONGEST_QUERY = 60
_NAME_KINDS: tuple[NameKind, ...] = ("council", "former council", "town", "neighbourhood")
_KIND_ORDER = {kind: order for order, kind in enumerate((*KIND_WORDS, *_NAME_KINDS))}
_DISTRICT = re.compile(r"[a-z]{1,2}\d[a-z0-9]?")
_PART_OF_POSTCODE = re.compile(rf"{_DISTRICT.pattern} ?\d?[a-z]?")
_FIRST_PART = re.compile(r"(.+?) (?:and|upon|on|under|with) ")
_MARKUP = re.compile(r"<[^>]*>?")
# From 0 to 100: how like a name must be to what was typed, and the beginning of a longer name.
_LIKE_ENOUGH, _BEGINNING_COUNTS = 75, 0.95

# The countries of postcode areas outside England, and of those on both sides of its border.
_ELSEWHERE, _PERHAPS_IN = (
    {area: country for country, areas in said.items() for area in areas}
    for said in (declared_names().outside, declared_names().border)
)


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
    kept = text.casefold().replace("&", " and ")
    if not kept.isascii():
        letters = unicodedata.normalize("NFKD", kept)
        kept = "".join(c for c in letters if not unicodedata.combining(c))
    kept = re.sub(r"['’.]", "", kept)
    words = re.sub(r"[^a-z0-9]+", " ", kept).split()
    return " ".join("st" if word == "saint" else word for word in words)


@dataclass(frozen=True)
class _Entry:
    """A name, the words that find it, and its place, labelled as the hit is shown."""

    name: str
    words: str
    place: Place
    order: int


class Search:
    """The search box's index: the names of every place, and the postcodes."""

    def __init__(
        self, places: Places, postcodes: Postcodes, names: Sequence[PlaceName] = ()
    ) -> None:
        self._places, self._postcodes = places, postcodes
        self._notes: dict[str, str] = {}
        own = [*places.areas(), *(places[code] for code in places.wards(ENGLAND))]
        self._entries = [
            _Entry(name, _words(p), p, _KIND_ORDER[p.kind]) for p in own for name in _said(p)
        ]
        self._entries += self._declared_entries()
        self._entries += [entry for name in names for entry in self._named_entries(name)]
        self._entries.sort(key=lambda entry: (entry.order, entry.place.label, entry.place.code))
        by_word: dict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            for word in set(f"{entry.name} {entry.words}".split()):
                by_word[word].append(number)
        self._all_names = [entry.name for entry in self._entries]
        self._begun: dict[int, list[str]] = {}
        self._vocabulary = sorted(by_word)
        self._numbers = [by_word[word] for word in self._vocabulary]

    def _declared_entries(self) -> list[_Entry]:
        """Return the entries of the declared names, and keep what is said with them."""
        found = []
        for known in declared_names().known_as:
            led_to = [self._places[code] for code in known.places if code in self._places]
            for name in map(plain, known.names if led_to else ()):
                self._notes[name] = known.note
                # In their own order, before whatever else bears the name.
                found += [_Entry(name, "", place, n - 99) for n, place in enumerate(led_to)]
        return found

    def _named_entries(self, name: PlaceName) -> list[_Entry]:
        """Return an entry for each place that a published name leads to, labelled by the name."""
        found = []
        for place in (self._places[code] for code in name.places if code in self._places):
            label, order = f"{name.name}: {place.label}", _KIND_ORDER[name.kind]
            if name.kind == "council":
                label, order = place.label, _KIND_ORDER[place.kind]
            elif name.kind == "former council":
                label = f"{name.name}, now {place.label}"
            labelled = replace(place, label=label)
            found.append(_Entry(plain(name.name), plain(place.label), labelled, order))
        return found

    def find(self, text: str, limit: int = 8) -> Answer:
        """Answer whatever was typed; with more than ``limit`` hits only where all have the name."""
        text = _MARKUP.sub(" ", text[:LONGEST_QUERY])
        query = plain(text)
        # One letter says nothing, nor do signs alone, although "&" is read as "and".
        if len(query) < 2 or not any(sign.isalnum() for sign in text):
            return Answer()
        postcode = normalised(text)
        if postcode:
            return self._postcode(postcode)
        for code in (text.strip().upper(), text.strip().lower()):
            if _is_code(code) and code in self._places:
                return Answer((self._places[code],), self._places[code])
        return self._district(query, limit) or self._named(query, limit)

    def _postcode(self, postcode: str) -> Answer:
        written = spaced(postcode)
        hit = self._postcodes.find(postcode)
        if hit is None:
            said = not_in_use(postcode)
            advice = " Try a neighbour's postcode, or the name of the ward or council."
            return Answer(message=said + (advice if "in use" in said else ""))
        if hit.ward_code not in self._places:
            vintage = declared_sources()["postcodes"].vintage
            return Answer(
                message=f"{written} is in no ward that the Atlas knows (postcode file of "
                f"{vintage}). Search for the ward or the council by name instead."
            )
        ward = self._places[hit.ward_code]
        return Answer((ward,), ward, f"{written} is in {ward.label}.")

    def _district(self, query: str, limit: int) -> Answer | None:
        """Answer a postcode district, such as M13, with its wards; None where it is none."""
        if not _DISTRICT.fullmatch(query):
            return None
        found = self._postcodes.wards_of_district(query)
        wards = tuple(self._places[code] for code in found if code in self._places)
        if len(wards) == 1:
            return Answer(wards, message=f"{query.upper()} is in one ward:")
        said = (
            f"{query.upper()} touches {len(wards):,} wards, those with most of its postcodes "
            "first. Type the whole postcode to find one."
        )
        return Answer(wards[:limit], message=said) if wards else None

    def _named(self, query: str, limit: int) -> Answer:
        graded = self._graded(query)
        if graded:
            hits = _each_once(self._entries[number].place for _, number in graded)
            exact = _each_once(self._entries[n].place for grade, n in graded if grade == 0)
            shown = tuple(hits[: max(limit, len(exact))])
            said = self._notes.get(query) or _how_many(shown, len(exact), len(hits))
            return Answer(shown, message=said)
        near = self._misspelt(query, limit)
        if near:
            return Answer(near, message="No place has exactly that name. Did you mean:")
        if _PART_OF_POSTCODE.fullmatch(query):
            return Answer(message=_part_of_postcode(query))
        return Answer(
            message="No town, ward, council or region in England has that name. Check the "
            "spelling, try the council, or type a full postcode such as M1 1AD."
        )

    def _graded(self, query: str) -> list[tuple[int, int]]:
        """Return (grade, entry number) of every match, best first; grade 0 is the exact name.

        Letters inside a word count only where no word begins with them.
        """
        tokens = query.split()
        numbers = set.intersection(*map(self._beginning_with, tokens))
        if not numbers and len(query) > 2:
            numbers = set.intersection(*map(self._holding, tokens))
        return sorted((_grade(query, self._entries[number].name), number) for number in numbers)

    def _beginning_with(self, token: str) -> set[int]:
        first = bisect_left(self._vocabulary, token)
        last = bisect_left(self._vocabulary, token + "~", first)
        return set().union(*self._numbers[first:last])

    def _holding(self, token: str) -> set[int]:
        words = zip(self._vocabulary, self._numbers, strict=True)
        return set().union(*(numbers for word, numbers in words if token in word))

    def _misspelt(self, query: str, limit: int) -> tuple[Place, ...]:
        close: dict[int, float] = {}
        count = len(query.split())
        for texts, share in ((self._all_names, 1.0), (self._beginnings(count), _BEGINNING_COUNTS)):
            cutoff = _LIKE_ENOUGH / share
            likely = process.extract(query, texts, scorer=fuzz.ratio, score_cutoff=cutoff, limit=50)
            for _, likeness, number in likely:
                close[number] = max(close.get(number, 0), likeness * share)
        ordered = sorted(close, key=lambda number: (-close[number], number))
        return tuple(_each_once(self._entries[number].place for number in ordered)[:limit])

    def _beginnings(self, count: int) -> list[str]:
        # "Bournmouth" is like the beginning of a longer name; that counts almost as much.
        if count not in self._begun:
            self._begun[count] = [" ".join(name.split()[:count]) for name in self._all_names]
        return self._begun[count]


def _said(place: Place) -> tuple[str, ...]:
    # People call Richmond upon Thames "Richmond": a council's first part is a name of its own.
    name = plain(place.name)
    first = _FIRST_PART.match(name) if place.kind == "authority" else None
    return (name, first.group(1)) if first else (name,)


def _words(place: Place) -> str:
    # A ward can also be found by its council, an area by its kind: "castle bedford".
    return f"{plain(place.label)} {KIND_WORDS[place.kind]}"


def _each_once(places: Iterable[Place]) -> list[Place]:
    found: dict[str, Place] = {}
    for place in places:
        found.setdefault(place.code, place)
    return list(found.values())


def _is_code(text: str) -> bool:
    # "cumbria" typed as a name is no code: only what ONS or an address would write is.
    return any(sign.isdigit() or sign == "-" for sign in text)


def _grade(query: str, name: str) -> int:
    if name == query:
        return 0
    if name.startswith(query):
        return 1
    return 2 if f" {query}" in f" {name}" else 3


def _how_many(hits: Sequence[Place], exact: int, total: int) -> str:
    called = [hit.kind == "ward" and hit.label.startswith(hits[0].name) for hit in hits[:exact]]
    if exact > 1 and all(called):
        return f"{exact} wards are called {hits[0].name}:"
    if total > len(hits):
        return f"The first {len(hits)} of {total:,} places. Type more of the name, or its council."
    return ""


def _part_of_postcode(query: str) -> str:
    if nation := _ELSEWHERE.get(_letters(query.upper())):
        return f"{query.upper()} is in {nation}. The Atlas covers England only."
    return "Type the whole postcode, such as M1 1AD."


def _letters(postcode: str) -> str:
    return "".join(takewhile(str.isalpha, postcode))


def not_in_use(postcode: str) -> str:
    """Say of a well-formed postcode that no area of England has it, or which country does."""
    written, area = spaced(postcode), _letters(postcode)
    if area in _ELSEWHERE:
        return f"{written} is in {_ELSEWHERE[area]}. The Atlas covers England only."
    perhaps = f"; it may be in {_PERHAPS_IN[area]}" if area in _PERHAPS_IN else ""
    vintage = declared_sources()["postcodes"].vintage
    return f"{written} was not in use in England in {vintage}{perhaps}."


def area_and_ward(places: Places, place: Place) -> tuple[str, str]:
    """Return the (place, ward) codes to show for a found place: a ward opens in its council."""
    if place.kind != "ward":
        return place.code, ""
    trail = places.trail(place.code)
    return (trail[-2].code if len(trail) > 1 else ENGLAND), place.code
