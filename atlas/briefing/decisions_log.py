"""The checklist of a first hundred days, and a log of decisions that lives in a local file.

Nothing is kept on the server: the log is written to a file on the visitor's machine and read
from it again. A file is read strictly, because it can come from anywhere.
"""

import json
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass as declared
from pydantic_core import PydanticCustomError

from atlas.catalogue.declarations import STRICT, Text, read_declaration

_DECLARATION = Path(__file__).with_name("first_100_days.toml")
FORMAT = "digital-inclusion-atlas/decisions-log"
VERSION = 1
LARGEST = 200_000
MOST_DECISIONS = 200
LONGEST = 500
Origin = Literal["guide", "ours"]


@declared(frozen=True, config=STRICT)
class Step:
    """One step of the checklist. ``by`` is the day it is usually done by, 1 to 100."""

    key: str
    by: Annotated[int, Field(ge=1, le=100)]
    text: Text
    origin: Annotated[Origin, Field(validation_alias="from")]


@declared(frozen=True, config=STRICT)
class Checklist:
    """What ``first_100_days.toml`` declares."""

    steps: Annotated[tuple[Step, ...], Field(validation_alias="step")]


@cache
def declared_steps() -> tuple[Step, ...]:
    """Return the checklist in order."""
    return read_declaration(Checklist, _DECLARATION).steps


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("hidden", "")
    return text


def _step(key: str) -> str:
    if key not in {step.key for step in declared_steps()}:
        raise PydanticCustomError("step", "")
    return key


def _review(day: object) -> date | None:
    return None if day == "" else date.fromisoformat(str(day))


Line = Annotated[str, StringConstraints(max_length=LONGEST), AfterValidator(_printable)]


@dataclass(frozen=True)
class Decision:
    """What was decided, on which day, who carries it, and when it is looked at again."""

    __pydantic_config__ = STRICT

    day: date
    text: Line
    owner: Line
    review: Annotated[date | None, BeforeValidator(_review)] = None


@dataclass(frozen=True)
class Log:
    """One place's log: which steps are done, and what was decided, the oldest first."""

    __pydantic_config__ = STRICT

    place: Line
    owner: Line
    data_version: Line
    done: frozenset[Annotated[str, AfterValidator(_step)]] = frozenset()
    decisions: Annotated[tuple[Decision, ...], Field(max_length=MOST_DECISIONS)] = ()


_LOG = TypeAdapter(Log)
_OTHER_PARTS = "The file does not have exactly the parts of a decisions log."
# What else can be wrong with a log or a decision, by the fault that the check finds.
_NO_DATE = "has a date that is none: write it as 2026-05-31"
_FAULTS = {
    "string_type": "has something that is not text",
    "string_too_long": f"has a text longer than {LONGEST} characters",
    "hidden": "has characters that cannot be shown",
    "step": "names a step that the checklist does not have",
    "too_long": f"has more than {MOST_DECISIONS} decisions",
    "date_type": _NO_DATE,
    "value_error": _NO_DATE,
    "date_parsing": _NO_DATE,
}


class LogError(ValueError):
    """A file is not a decisions log; the message says what is wrong and is safe to show."""


def written(log: Log) -> bytes:
    """Return a log as a JSON file, readable by people; the same log gives the same bytes."""
    content = {"format": FORMAT, "version": VERSION, **_LOG.dump_python(log, mode="json")}
    content["done"] = [step.key for step in declared_steps() if step.key in log.done]
    for decision in content["decisions"]:
        decision["review"] = decision["review"] or ""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def read(data: bytes) -> Log:
    """Read a log from a file that :func:`written` made.

    Raises :class:`LogError` for a file that is too large, not JSON, of another kind or version,
    with a field too many or too few, of a wrong type, too long, or with a date that is none.
    """
    if len(data) > LARGEST:
        raise LogError("The file is too large to be a decisions log.")
    try:
        content = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, LogError):
            raise
        raise LogError("The file is not a decisions log: it cannot be read as JSON.") from error
    if not isinstance(content, dict) or content.pop("format", "") != FORMAT:
        raise LogError("The file is not a decisions log of the Atlas.")
    version = content.pop("version", None)
    if version != VERSION or isinstance(version, bool):
        raise LogError("The log was made by another version of the Atlas and cannot be read.")
    if {field.name for field in fields(Log)} - set(content):
        raise LogError(_OTHER_PARTS)
    try:
        # By way of JSON a strict check takes lists for tuples and sets.
        return _LOG.validate_json(json.dumps(content))
    except ValidationError as error:
        raise LogError(_said(error)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LogError("The file says the same thing twice.")
    return found


def _said(error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    if fault["type"] not in _FAULTS:
        return _OTHER_PARTS
    where = f"Decision {int(fault['loc'][1]) + 1}" if len(fault["loc"]) > 2 else "The log"
    return f"{where} {_FAULTS[fault['type']]}."
