"""Noticing personal details in a brought table, so that it can be refused.

The Atlas describes areas. Nothing about a person belongs in it, so a table that seems to hold
such details is not taken, and what was noticed is never repeated.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from atlas.uploads.reading.cell_shapes import WORDS as COLUMN_WORDS
from atlas.uploads.reading.cell_shapes import code_in, simple
from atlas.uploads.reading.roles import Kind, Role
from atlas.uploads.reading.table import RefusedError, Table, quoted, refusal

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\w.,])(?:\+44|0044|0)[\s\-()]*(?:\d[\s\-()]*){9,10}(?![\d.,])")
_TEN_DIGITS = re.compile(r"(?<![\d.])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\d.])")
_INSURANCE = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof)\.?\s+[a-z]", re.IGNORECASE)

# What any of the details has: an @ sign, or pairs of digits, in at least so many characters.
_MAYBE = re.compile(r"@|\d{2}\D{0,3}\d{2}")
_SHORTEST = 6

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_PERSON_HEADINGS = frozenset(_WORDS["person_headings"])
_CONTACT_HEADINGS = frozenset(_WORDS["contact_headings"])
_OFFICE_HEADINGS = frozenset(_WORDS["office_headings"])
_PLACE_WORDS = frozenset(COLUMN_WORDS["name_words"]["places"])
_FIRST_NAMES = frozenset(_WORDS["first_names"])
_ID_OF_PERSON = re.compile(
    rf"(?:{'|'.join(_WORDS['persons'])}) (?:id|ids|ref|reference|identifier|urn)"
)


def detail_in(text: str) -> str:
    """Return what personal detail a text seems to hold, in words; "" for none."""
    if "@" in text and _EMAIL.search(text):
        return "an email address"
    if _INSURANCE.search(text):
        return "a National Insurance number"
    for found in _TEN_DIGITS.finditer(text):
        if found[2] and _is_nhs_number(found[1] + found[3] + found[4]):
            return "an NHS number"
    if _PHONE.search(text):
        return "a phone number"
    return ""


def _is_nhs_number(digits: str) -> bool:
    """Tell whether ten digits have the check digit of an NHS number (modulus 11)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)
    )
    return (11 - total % 11) % 11 == int(digits[9])


def is_contact(heading: str) -> bool:
    """Tell whether a heading announces ways to reach somebody."""
    return simple(heading) in _CONTACT_HEADINGS


def refuse_people(table: Table, roles: Mapping[str, Role], kind: Kind) -> None:
    """Raise :class:`RefusedError` where a table seems to hold details about people.

    ``roles`` tell under which headings names of areas and places are expected. In a file of places
    only headings are looked at here: its cells are, one by one, where they are read. The message
    says row, column and kind of detail, never the detail.
    """
    for at, heading in enumerate(table.headings):
        told = simple(heading)
        if told in _OFFICE_HEADINGS:
            # People elected or appointed, whose names are public.
            continue
        used = kind == "places" and roles[heading] != "ignore"
        person = told in _PERSON_HEADINGS or _ID_OF_PERSON.fullmatch(told)
        if not used and (person or (kind == "figures" and is_contact(heading))):
            raise refusal("about_people", column=quoted(heading))
        if kind == "figures":
            cells = [row.cells[at] for row in table.rows]
            _refuse_details(table, cells, heading)
            named = roles[heading] in ("area_name", "council") and "postcode" not in roles.values()
            if not named and _PLACE_WORDS.isdisjoint(told.split()):
                _refuse_names(table, cells, heading)


def _refuse_details(table: Table, cells: Sequence[str], heading: str) -> None:
    bare, valid = 0, 0
    for text in dict.fromkeys(cells):
        if len(text) < _SHORTEST or code_in(text) == text or not _MAYBE.search(text):
            continue
        if len(text) == 10 and text.isascii() and text.isdigit():
            bare += 1
            valid += _is_nhs_number(text)
        elif detail := detail_in(text):
            raise _holds(table.rows[cells.index(text)].number, heading, detail)
    # One number in eleven passes by chance; a whole column does not.
    if bare and valid == bare:
        first = next(at for at, text in enumerate(cells) if len(text) == 10 and text.isdigit())
        raise _holds(table.rows[first].number, heading, "an NHS number")


def _refuse_names(table: Table, cells: Sequence[str], heading: str) -> None:
    texts = [text for text in dict.fromkeys(cells) if text]
    named = [text for text in texts if _is_name(text)]
    if named and len(named) >= len(texts) / 2:
        raise _holds(table.rows[cells.index(named[0])].number, heading, "the name of a person")


def _is_name(text: str) -> bool:
    if " " not in text:
        return False
    words = text.replace(",", " ").split()
    if _TITLE.match(text) and len(words) <= 4:
        return True
    return 2 <= len(words) <= 3 and any(word.casefold() in _FIRST_NAMES for word in words[:2])


def _holds(row: int, heading: str, detail: str) -> RefusedError:
    return refusal("personal_detail", row=row, column=quoted(heading), detail=detail)
