"""The checklist of a first hundred days, and a log of decisions that lives in a local file.

Nothing is kept on the server: the log is written to a file on the visitor's machine and read
from it again. A file is read strictly, because it can come from anywhere.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as declared

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


@dataclass(frozen=True)
class Decision:
    """What was decided, on which day, who carries it, and when it is looked at again."""

    day: date
    text: str
    owner: str
    review: date | None = None


@dataclass(frozen=True)
class Log:
    """One place's log: which steps are done, and what was decided, the oldest first."""

    place: str
    owner: str
    data_version: str
    done: frozenset[str] = frozenset()
    decisions: tuple[Decision, ...] = ()


class LogError(ValueError):
    """A file is not a decisions log; the message says what is wrong and is safe to show."""


def written(log: Log) -> bytes:
    """Return a log as a JSON file, readable by people; the same log gives the same bytes."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "place": log.place,
        "owner": log.owner,
        "data_version": log.data_version,
        "done": [step.key for step in declared_steps() if step.key in log.done],
        "decisions": [
            {
                "day": decision.day.isoformat(),
                "text": decision.text,
                "owner": decision.owner,
                "review": decision.review.isoformat() if decision.review else "",
            }
            for decision in log.decisions
        ],
    }
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
    names = {"format", "version", "place", "owner", "data_version", "done", "decisions"}
    _exactly(content, names, "The file")
    if content["format"] != FORMAT:
        raise LogError("The file is not a decisions log of the Atlas.")
    if content["version"] != VERSION or isinstance(content["version"], bool):
        raise LogError("The log was made by another version of the Atlas and cannot be read.")
    done = _listed(content["done"], len(declared_steps()), "steps")
    unknown = [key for key in done if key not in {step.key for step in declared_steps()}]
    if unknown:
        raise LogError("The log names a step that the checklist does not have.")
    decisions = _listed(content["decisions"], MOST_DECISIONS, "decisions")
    return Log(
        place=_text(content["place"], "place"),
        owner=_text(content["owner"], "owner"),
        data_version=_text(content["data_version"], "data version"),
        done=frozenset(done),
        decisions=tuple(_decision(entry, n) for n, entry in enumerate(decisions, start=1)),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LogError("The file says the same thing twice.")
    return found


def _exactly(content: object, names: set[str], what: str) -> None:
    if not isinstance(content, dict) or set(content) != names:
        raise LogError(f"{what} does not have exactly the parts of a decisions log.")


def _listed(value: object, most: int, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise LogError(f"The {what} of the log are not a list.")
    if len(value) > most:
        raise LogError(f"The log has more than {most} {what}.")
    if what == "steps" and not all(isinstance(entry, str) for entry in value):
        raise LogError("The steps of the log are not names.")
    return value


def _decision(entry: object, number: int) -> Decision:
    what = f"Decision {number}"
    _exactly(entry, {"day", "text", "owner", "review"}, what)
    assert isinstance(entry, dict)  # noqa: S101  told to the type checker; held by _exactly
    review = _text(entry["review"], "review date")
    return Decision(
        day=_day(entry["day"], what),
        text=_text(entry["text"], "decision"),
        owner=_text(entry["owner"], "owner"),
        review=_day(review, what) if review else None,
    )


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise LogError(f"The {what} in the log is not text.")
    if len(value) > LONGEST:
        raise LogError(f"The {what} in the log is longer than {LONGEST} characters.")
    if not value.isprintable():
        raise LogError(f"The {what} in the log has characters that cannot be shown.")
    return value


def _day(value: object, what: str) -> date:
    text = _text(value, "date")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LogError(f"{what} has a date that is none: write it as 2026-05-31.") from error
