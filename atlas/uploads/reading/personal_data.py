"""Noticing personal details in a brought table, so that it can be refused.

The Atlas describes areas. Nothing about a person belongs in it, so a table that seems to hold
such details is not taken, and what was noticed is never repeated.
"""

from collections.abc import Sequence

from atlas.uploads.reading.cell_shapes import PATTERNS, WORDS, code_in, simple
from atlas.uploads.reading.roles import Kind, Roles
from atlas.uploads.reading.table import Table, quoted, refusal

_SHORTEST = 6

_WORDS, _FORMS = WORDS["people"], PATTERNS["people"]


def detail_in(text: str) -> str:
    """Return what personal detail a text seems to hold, in words; "" for none."""
    if "@" in text and _FORMS.email.search(text):
        return "an email address"
    if _FORMS.insurance.search(text):
        return "a National Insurance number"
    for found in _FORMS.ten_digits.finditer(text):
        if found[2] and _is_nhs_number(found[1] + found[3] + found[4]):
            return "an NHS number"
    if _FORMS.phone.search(text):
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
    return simple(heading) in _WORDS["contact_headings"]


def refuse_people(table: Table, roles: Roles, kind: Kind) -> None:
    """Raise :class:`RefusedError` where a table seems to hold details about people.

    ``roles`` tell under which headings names of areas and places are expected. In a file of places
    only headings are looked at here: its cells are, one by one, where they are read. The message
    says row, column and kind of detail, never the detail.
    """
    for at, heading in enumerate(table.headings):
        told = simple(heading)
        if told in _WORDS["office_headings"]:
            # People elected or appointed, whose names are public.
            continue
        used = kind == "places" and roles[heading] != "ignore"
        person = told in _WORDS["person_headings"] or _FORMS.identifier.fullmatch(told)
        if not used and (person or (kind == "figures" and is_contact(heading))):
            raise refusal("about_people", column=quoted(heading))
        if kind == "figures":
            cells = [row.cells[at] for row in table.rows]
            found = _detail_among(cells)
            named = roles[heading] in ("area_name", "council") and "postcode" not in roles.values()
            if not named and WORDS["name_words"]["places"].isdisjoint(told.split()):
                found = found or _name_among(cells)
            if found:
                row = table.rows[cells.index(found[0])].number
                raise refusal("personal_detail", row=row, column=quoted(heading), detail=found[1])


def _detail_among(cells: Sequence[str]) -> tuple[str, str] | None:
    """Return the first cell with a personal detail, and which; None for none."""
    bare, valid = 0, 0
    for text in dict.fromkeys(cells):
        if len(text) < _SHORTEST or code_in(text) == text or not _FORMS.maybe.search(text):
            continue
        if len(text) == 10 and text.isascii() and text.isdigit():
            bare += 1
            valid += _is_nhs_number(text)
        elif detail := detail_in(text):
            return text, detail
    # One number in eleven passes by chance; a whole column does not.
    if bare and valid == bare:
        return next(text for text in cells if len(text) == 10 and text.isdigit()), "an NHS number"
    return None


def _name_among(cells: Sequence[str]) -> tuple[str, str] | None:
    texts = [text for text in dict.fromkeys(cells) if text]
    named = [text for text in texts if _is_name(text)]
    many = named and len(named) >= len(texts) / 2
    return (named[0], "the name of a person") if many else None


def _is_name(text: str) -> bool:
    if " " not in text:
        return False
    words = text.replace(",", " ").split()
    if _FORMS.title.match(text) and len(words) <= 4:
        return True
    firsts = {word.casefold() for word in words[:2]}
    return 2 <= len(words) <= 3 and not firsts.isdisjoint(_WORDS["first_names"])
