"""When a place is open, read from what was published: parts of the day, or clock times.

Nothing is guessed: what does not say that a place is open counts as not known to be open.
"""

import re

from atlas.access.distance import Venue

# An evening is from six; "morning to evening" bands of the library file are called All Day.
EVENING_FROM = 18
_EVENING_BANDS = re.compile(r"\bEve\b|^All Day\b")
_NOT_OPEN = re.compile(
    r"^\s*$|closed|unknown|varied|no regular|appointment|^\s*[-–—]\s*$", re.IGNORECASE
)
_CLOSING = re.compile(
    r"(?:-|–|—|to|until|till)\s*(\d{1,2})(?:[:.h]?(\d{2}))?\s*(am|pm)?", re.IGNORECASE
)
_WEEKEND = ("saturday", "sunday", "sat", "sun")
# A visitor's own file says a whole week in one text: "Mon-Fri 9-5, Sat 10-1".
_NAMES_WEEKEND = re.compile(
    r"\b(?:sat|sun)(?:urday|day)?s?\b(?!\W*(?:closed|by app))|\bweekends?\b(?!\W*closed)|\bdaily\b"
    r"|\bevery day\b|\b7 days\b",
    re.IGNORECASE,
)


def opens_evening(venue: Venue) -> bool:
    """Tell whether the venue is known to be open on at least one evening (after six) a week."""
    return any(_is_evening(text) for _, text in venue.hours if not _NOT_OPEN.search(text))


def opens_weekend(venue: Venue) -> bool:
    """Tell whether the venue is known to be open on a Saturday or a Sunday."""
    return any(
        not _NOT_OPEN.search(text)
        if day.strip().casefold() in _WEEKEND
        else bool(_NAMES_WEEKEND.search(text))
        for day, text in venue.hours
    )


def _is_evening(text: str) -> bool:
    if _EVENING_BANDS.search(text):
        return True
    return any(_closes(*found.groups()) > EVENING_FROM for found in _CLOSING.finditer(text))


def _closes(hour: str, minute: str | None, half: str | None) -> float:
    """Return a closing time in hours after midnight; "5" without am or pm is the afternoon."""
    at = int(hour) + int(minute or 0) / 60
    afternoon = (half or "").casefold() == "pm" or (not half and at <= 8)
    return at + 12 if afternoon and at < 12 else at
