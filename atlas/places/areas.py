"""The areas that people name above the council, as declared in ``areas.toml``."""

import re
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic.dataclasses import dataclass as declared

from atlas.catalogue.declarations import STRICT, Text, keyed, read_declaration
from atlas.text.days import written_day

AreaKind = Literal["region", "combined authority", "county", "future council"]

_ONS_CODE = re.compile(r"E(12|47|10)\d{6}")
# Plain words: safe in an address and in a file's name, and unlike any ONS code.
_OWN_CODE = re.compile(r"[a-z]+(-[a-z]+)*")


def day_in_words(day: str) -> str:
    """Return "2027-04-01" as "1 April 2027" and "2027-05" as "May 2027". Raises ``ValueError``."""
    if len(day) == len("2027-05"):
        return f"{date.fromisoformat(f'{day}-01'):%B %Y}"
    return written_day(date.fromisoformat(day))


def _day(day: str) -> str:
    if day:
        day_in_words(day)
    return day


Day = Annotated[str, AfterValidator(_day)]


@declared(frozen=True, config=STRICT)
class Area:
    """One declared area, as ``areas.toml`` says; no ``councils`` where ONS's lookups name them."""

    code: str
    name: Text
    kind: AreaKind
    law: Text
    status: Literal["in force", "to come", "proposed"] = "in force"
    since: Day = ""
    mayor: Day = ""
    councils: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _could_be(self) -> Self:
        code = _OWN_CODE if self.councils else _ONS_CODE
        if not code.fullmatch(self.code):
            raise ValueError(f"the code does not have the form {code.pattern}")
        if len(set(self.councils)) < len(self.councils):
            raise ValueError("a council stands twice")
        if self.status == "to come" and not self.since:
            raise ValueError("it is to come, but no day is given")
        return self

    @property
    def standing(self) -> str:
        """Whether it is in force, in words: "in force since 1 April 2011, first mayor May 2017"."""
        if self.status == "proposed":
            return "proposed: to come, not yet confirmed"
        if self.status == "to come":
            return f"from {day_in_words(self.since)}"
        since = f" since {day_in_words(self.since)}" if self.since else ""
        mayor = f", first mayor {day_in_words(self.mayor)}" if self.mayor else ""
        return f"in force{since}{mayor}"

    @property
    def note(self) -> str:
        """What its name is never without: "proposed", "from 1 April 2027"; "" while in force."""
        return "" if self.status == "in force" else self.standing.partition(":")[0]


@cache
def declared_areas(text: str | None = None) -> dict[str, Area]:
    """Return areas by code, declared or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(dict[str, Area], __file__, lambda table: keyed(table, "code"), text)
