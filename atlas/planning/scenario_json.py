"""A scenario as a small JSON file, and its strict reading: whatever is in it, nothing breaks."""

import json
import re
from dataclasses import asdict, fields
from typing import Any

from atlas.places.england import EAST, NORTH
from atlas.planning.scenario import MOST_CHANGES, Added, Scenario
from atlas.text.safe_text import plain

FORMAT = "digital-inclusion-atlas-scenario"
VERSION = 1
LARGEST = 64 * 1024  # bytes
LONGEST_NAME = 80
MOST_HOURS = 168.0

_VENUE_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEYS = {"format", "version", "added", "closed"}
_ADDED_KEYS = {field.name for field in fields(Added)}


class ScenarioError(ValueError):
    """A scenario cannot be used; the message says what is wrong and is safe to show."""


def clean_name(text: str) -> str:
    """Return a name of visible characters, at most 80; "New place" where nothing is left."""
    return plain(text, LONGEST_NAME) or "New place"


def to_json(scenario: Scenario, indent: int | None = 1) -> str:
    """Return a scenario as JSON text; :func:`from_json` gives the same scenario back."""
    added = [asdict(place) for place in scenario.added]
    content = {"format": FORMAT, "version": VERSION, "added": added, "closed": [*scenario.closed]}
    return json.dumps(
        content,
        ensure_ascii=False,
        indent=indent,
        separators=None if indent else (",", ":"),
        allow_nan=False,
    )


def from_json(data: bytes | str) -> Scenario:
    """Read a scenario. Raises :class:`ScenarioError` with a sentence that says what is wrong, for
    anything else than one of at most 64 kB and 50 changes whose places are in England's box.
    """
    text = _text(data)
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ScenarioError):
            raise
        raise ScenarioError(
            "This is not a scenario file: it is not JSON. Open one that this page saved."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ScenarioError("This is not a scenario of the Atlas. Open one that this page saved.")
    if type(content.get("version")) is not int or content["version"] != VERSION:
        raise ScenarioError(f"The scenario is not of version {VERSION}, the one known here.")
    _only(content, _KEYS, "The scenario")
    added, closed = content.get("added", []), content.get("closed", [])
    if not isinstance(added, list) or not isinstance(closed, list):
        raise ScenarioError("“added” and “closed” must be lists.")
    if len(added) + len(closed) > MOST_CHANGES:
        raise ScenarioError(
            f"The scenario has {len(added) + len(closed):,} changes; {MOST_CHANGES} can be tried."
        )
    for number, venue_id in enumerate(closed, 1):
        if not isinstance(venue_id, str) or not _VENUE_ID.fullmatch(venue_id):
            raise ScenarioError(f"Closed library {number} is not an identifier of a library.")
    places = tuple(_added(entry, number) for number, entry in enumerate(added, 1))
    return Scenario(places, tuple(dict.fromkeys(closed)))


def _text(data: bytes | str) -> str:
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise ScenarioError(f"The file has {size:,} bytes; a scenario has at most {LARGEST:,}.")
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "The file is not text in UTF-8. Open one that this page saved."
        raise ScenarioError(message) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ScenarioError("The scenario says something twice.")
    return found


def _no_constant(name: str) -> float:
    raise ScenarioError("The scenario has a number that is none (NaN or infinity).")


def _only(content: dict[str, Any], known: set[str], what: str) -> None:
    if unknown := len(set(content) - known):
        raise ScenarioError(f"{what} has {unknown} entries that are not known here.")


def _added(entry: object, number: int) -> Added:
    what = f"Added place {number}"
    if not isinstance(entry, dict):
        raise ScenarioError(f"{what} is not written as a place.")
    _only(entry, _ADDED_KEYS, what)
    name = entry.get("name", "")
    if not isinstance(name, str):
        raise ScenarioError(f"The name of added place {number} is not text.")
    return Added(
        name=clean_name(name),
        easting=_whole(entry.get("easting"), *EAST, f"{what}: the easting"),
        northing=_whole(entry.get("northing"), *NORTH, f"{what}: the northing"),
        staffed_hours=_hours(entry.get("staffed_hours"), what),
        evening=_flag(entry.get("evening", False), what),
        weekend=_flag(entry.get("weekend", False), what),
    )


def _whole(value: object, least: int, most: int, what: str) -> int:
    if type(value) not in (int, float):
        raise ScenarioError(f"{what} is not a number.")
    # Compared before anything else: a whole number of any length cannot become a float.
    if not least <= value <= most:  # type: ignore[operator]
        raise ScenarioError(
            f"{what} is not in England. Coordinates are metres on the British National Grid, "
            "such as 384000 and 398000."
        )
    return round(value)  # type: ignore[call-overload]


def _hours(value: object, what: str) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= MOST_HOURS:  # type: ignore[operator]
        raise ScenarioError(f"{what}: staffed hours a week are a number from 0 to 168.")
    return float(value)  # type: ignore[arg-type]


def _flag(value: object, what: str) -> bool:
    if not isinstance(value, bool):
        raise ScenarioError(f"{what}: “evening” and “weekend” are true or false.")
    return value
