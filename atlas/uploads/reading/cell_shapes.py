"""What a cell looks like (a code, a postcode, a year, a blank), and how headings compare."""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from atlas.text.postcode_text import normalised, postcodes_in


def _declared(file: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))


def _as_sets(words: Any) -> Any:
    if isinstance(words, dict):
        return {key: _as_sets(each) for key, each in words.items()}
    return frozenset(words) if isinstance(words, list) else words


# The words by which columns are known, and what cells and headings look like.
WORDS: dict[str, Any] = _as_sets(_declared("column_words.toml"))
PATTERNS = {
    section: SimpleNamespace(**{key: re.compile(text) for key, text in texts.items()})
    for section, texts in _declared("patterns.toml").items()
}
_FORMS = PATTERNS["cells"]
_GRID_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_LONGEST = 400

# The first letters of a GSS code, and the kind of area that they stand for.
KINDS: dict[str, str] = {
    start: kind for kind, starts in WORDS["codes"].items() for start in starts.split()
}


def is_blank(cell: str) -> bool:
    """Tell whether a cell says that there is nothing to say."""
    return len(cell) < 17 and cell.casefold() in WORDS["answers"]["blank"]


def code_in(cell: str) -> str:
    """Return the one GSS code of a cell such as “E01000001 : City of London 001A”, or ""."""
    if len(cell) < 9:
        return ""
    if cell[:3] in KINDS and len(cell) == 9 and cell[3:].isdecimal():
        return cell
    found = set(_FORMS.code.findall(cell.upper()))
    return found.pop() if len(found) == 1 else ""


def coordinates_in(cell: str) -> tuple[str, str] | None:
    """Return two coordinates that stand in one cell, east before north; None where none do.

    >>> coordinates_in("53.4631, -2.2486"), coordinates_in("SJ 8398 9812")
    (('-2.2486', '53.4631'), ('383985', '398125'))
    """
    if len(cell) < 7:
        return None
    if found := _FORMS.grid_reference.fullmatch(cell.strip().upper()):
        return _of_grid_reference(found[1], found[2].replace(" ", ""))
    found = _FORMS.coordinates.fullmatch(cell.strip())
    if not found:
        return None
    first, second = found.groups()
    north = 40 < float(first.strip("NSEWnsew° ")) < 100
    return (second, first) if north else (first, second)


def _of_grid_reference(square: str, digits: str) -> tuple[str, str] | None:
    """Return the middle of a reference's square, in metres of the National Grid."""
    if len(digits) % 2:
        return None
    large, small = map(_GRID_LETTERS.index, square)
    east = (large - 2) % 5 * 5 + small % 5
    north = 19 - large // 5 * 5 - small // 5
    half, metres = len(digits) // 2, 10 ** (5 - len(digits) // 2)
    parts = (east, digits[:half]), (north, digits[half:])
    first, second = (str(km * 100_000 + int(n) * metres + metres // 2) for km, n in parts)
    return first, second


def shape_of(cell: str) -> str:
    """Return what a cell names by its shape alone, "" where that is nothing of note.

    Kinds of area (``ward``, ``lsoa``, ``lsoa name`` ...), ``other code``, ``postcode``, ``postcode
    inside`` (a longer text), ``sector``, ``district``, ``coordinates``, ``year`` or ``period``.
    """
    # No address of a page and no long text, such as an outline, names an area.
    if len(cell) > _LONGEST or "://" in cell:
        return ""
    if code := code_in(cell):
        return KINDS.get(code[:3], "other code")
    if _FORMS.year.fullmatch(cell):
        return "year"
    if len(cell) <= 12 and normalised(cell):
        return "postcode"
    if len(cell) <= 6 and (part := _FORMS.district.fullmatch(cell.upper())):
        return "sector" if part[1] else "district"
    if len(cell) <= 40 and _FORMS.period.fullmatch(cell):
        return "period"
    if len(cell) <= 60 and coordinates_in(cell):
        return "coordinates"
    if len(cell) <= 60 and (small := _FORMS.small_area.fullmatch(cell)):
        return "lsoa name" if small[1] else "msoa name"
    return "postcode inside" if len(cell) > 8 and postcodes_in(cell) else ""


@lru_cache(maxsize=20_000)
def simple(heading: str) -> str:
    """Return a heading without what does not matter: case, brackets, accents, marks of notes.

    >>> simple("EstablishmentName"), simple("Cafés_open (week)")
    ('establishment name', 'cafes open week')
    """
    words = _FORMS.between_words.sub(" ", _FORMS.note.sub("", heading)).casefold().split()
    return _FORMS.accents.sub("", unicodedata.normalize("NFKD", " ".join(words)))


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def period_of(text: str) -> tuple[int, int, int, str]:
    """Return year, month and day of a period as far as it names them, to find the latest."""
    if found := _FORMS.iso.match(text):
        return int(found[1]), int(found[2]), int(found[3] or 0), text
    if found := _FORMS.day.search(text):
        return _year(found[3]), int(found[2]), int(found[1]), text
    years = re.findall(r"(?:19|20)\d\d", text) or re.findall(r"\b\d\d$", text)
    months = [n for n, month in enumerate(_MONTHS) if month in text.casefold()]
    months += [int(quarter) for quarter in _FORMS.quarter.findall(text)]
    return max(map(_year, years), default=0), max(months, default=0), 0, text


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)
