"""Noticing personal details in a brought table, so that it can be refused.

The Atlas describes areas. Nothing about a person belongs in it, so a table that seems to hold
such details is not taken, and what was noticed is never repeated.
"""

import re
from collections.abc import Collection
from pathlib import Path

from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, read_declaration
from atlas.uploads.headings import simple
from atlas.uploads.reading.table import RefusedError, Table, quoted

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\d.,])(?:\+44|0044|0)[\s\-()]*(?:\d[\s\-()]*){9,10}(?![\d.,])")
_TEN_DIGITS = re.compile(r"(?<![\d.])(\d{3})([ -]?)(\d{3})\2(\d{4})(?![\d.])")
_INSURANCE = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof)\.?\s+[a-z]", re.IGNORECASE)

_SHOWN_NOTHING = "Nothing of the file was kept."


@dataclass(frozen=True, config=STRICT)
class PersonalWords:
    """What ``personal_data.toml`` declares: words that tell a table about people."""

    person_headings: frozenset[str]
    contact_headings: frozenset[str]
    first_names: frozenset[str]


_WORDS = read_declaration(PersonalWords, Path(__file__).with_suffix(".toml"))


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


def about_a_person(heading: str) -> bool:
    """Tell whether a heading announces details about people."""
    return simple(heading) in _WORDS.person_headings


def is_contact(heading: str) -> bool:
    """Tell whether a heading announces ways to reach somebody."""
    return simple(heading) in _WORDS.contact_headings


def refuse_people(table: Table, area_headings: Collection[str] = ()) -> None:
    """Raise :class:`RefusedError` where a table seems to hold details about people.

    ``area_headings`` name areas, so that names are expected under them. The message says row,
    column and kind of detail, never the detail.
    """
    for heading in table.headings:
        if about_a_person(heading) or is_contact(heading):
            raise RefusedError(
                f"The column {quoted(heading)} seems to be about people. The Atlas takes figures "
                f"of areas only: delete that column and upload the file again. {_SHOWN_NOTHING}"
            )
    for at, heading in enumerate(table.headings):
        _refuse_details(table, at, heading)
        if heading not in area_headings:
            _refuse_names(table, at, heading)


def _refuse_details(table: Table, at: int, heading: str) -> None:
    bare, valid, first = 0, 0, 0
    for row in table.rows:
        text = row.cells[at]
        if len(text) == 10 and text.isascii() and text.isdigit():
            bare += 1
            valid += _is_nhs_number(text)
            first = first or row.number
        elif detail := detail_in(text):
            _refuse(row.number, heading, detail)
    # One number in eleven passes by chance; a whole column does not.
    if bare and valid == bare:
        _refuse(first, heading, "an NHS number")


def _refuse_names(table: Table, at: int, heading: str) -> None:
    texts = [(row.number, row.cells[at]) for row in table.rows if row.cells[at]]
    named = [number for number, text in texts if _is_name(text)]
    if named and len(named) >= len(texts) / 2:
        _refuse(named[0], heading, "the name of a person")


def _is_name(text: str) -> bool:
    words = text.replace(",", " ").split()
    if _TITLE.match(text) and len(words) <= 4:
        return True
    return 2 <= len(words) <= 3 and any(word.casefold() in _WORDS.first_names for word in words[:2])


def _refuse(row: int, heading: str, detail: str) -> None:
    raise RefusedError(
        f"Row {row:,}, column {quoted(heading)} looks like {detail}. The Atlas takes figures of "
        f"areas only: delete everything about people and upload the file again. {_SHOWN_NOTHING}"
    )
