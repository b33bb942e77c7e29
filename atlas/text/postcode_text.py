"""Postcodes in text: their shape alone, without knowing which exist."""

import re

# The shapes of British postcodes: one or two letters, a digit, perhaps one more character, then
# a digit and two letters, of which six never stand there (so that WD24CD is none).
_OUT, _IN = r"[A-Z]{1,2}[0-9][A-Z0-9]?", r"[0-9][ABD-HJLNP-UW-Z]{2}"
_SHAPE = re.compile(_OUT + _IN)
_INSIDE = re.compile(rf"(?<![A-Z0-9])({_OUT})[\s.\-]{{0,3}}({_IN})(?![A-Z0-9])(?!\s+FLOOR)")
# The same with letters O and I where digits should be, or the reverse.
_SLIPPED = re.compile(
    r"(?<![A-Z0-9])([A-Z01]{1,2}[0-9OI][A-Z0-9]?)[\s.\-]{0,3}([0-9OI][A-Z]{2})(?![A-Z0-9])"
)
_TO_DIGIT, _TO_LETTER = str.maketrans("OI", "01"), str.maketrans("01", "OI")


def normalised(text: str) -> str | None:
    """Return ``text`` as a postcode without a space ("m1 1ad" -> "M11AD"), None if it is none."""
    compact = re.sub(r"[\s\-.()\[\],;:]+", "", text[:24]).upper()
    return compact if _SHAPE.fullmatch(compact) else None


def spaced(postcode: str) -> str:
    """Return a postcode as people write it: "M11AD" -> "M1 1AD"."""
    return f"{postcode[:-3]} {postcode[-3:]}"


def postcodes_in(text: str) -> list[str]:
    """Return every postcode in a text, in order and without spaces.

    >>> postcodes_in("M1 1AD / (M15 5AZ). and ol6-6aa")
    ['M11AD', 'M155AZ', 'OL66AA']
    """
    return [a + b for a, b in _INSIDE.findall(text.upper())]


def meant_postcodes(text: str) -> list[str]:
    """Return what a text may mean where O and 0, or I and 1, were mixed up; nothing is assumed.

    >>> meant_postcodes("MI5 5AZ"), meant_postcodes("the hall")
    (['M155AZ'], [])
    """
    found = []
    for area, rest in _SLIPPED.findall(text.upper()):
        for letters in (2, 1):
            first, second = area[:letters].translate(_TO_LETTER), area[letters:]
            digits = second[:1].translate(_TO_DIGIT) + second[1:]
            right = rest[:1].translate(_TO_DIGIT) + rest[1:]
            meant = first + digits + right
            if _SHAPE.fullmatch(meant) and meant != area + rest:
                found.append(meant)
    return found
