"""The published files that the Atlas is made from, as declared in ``sources.toml``."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from atlas.catalogue.declarations import DeclarationError

_DECLARATION = Path(__file__).with_name("sources.toml")

LICENCES = {
    "OGL-UK-3.0": (
        "Open Government Licence v3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
}


@dataclass(frozen=True)
class Source:
    """One published file.

    ``file`` is its place below a mirror or download folder. ``rows`` is the least and the most
    rows that the whole published file may have. ``columns`` are the headers that a reader asks
    for by name. ``as_at`` is the day that the figures describe. ``geography`` is the code system
    and vintage of its key. A file comes from one of ``urls``, from an ArcGIS service (the first
    of ``arcgis`` that answers, asked for ``where``), or, where the publisher refuses scripts
    (``refuses_scripts``), from a person who opened ``page``. An ``optional`` source may be absent.

    ``short`` is its heading where the title is too long. ``reader`` names the function of
    ``pipelines/readers`` that gives its figures by small area ("census.read_age"). ``rows`` are
    those of the sheet ``sheet`` of a workbook, whose header row holds the first of ``columns``,
    or of the ``member`` of an archive (a regular expression).
    """

    key: str
    title: str
    publisher: str
    licence: str
    attribution: str
    page: str
    file: str
    format: str
    vintage: str
    as_at: date
    geography: str
    rows: tuple[int, int]
    columns: tuple[str, ...]
    max_bytes: int
    caveats: tuple[str, ...]
    urls: tuple[str, ...] = ()
    arcgis: tuple[str, ...] = ()
    where: str = "1=1"
    sha256: str = ""
    optional: bool = False
    refuses_scripts: bool = False
    short: str = ""
    reader: str = ""
    sheet: str = ""
    member: str = ""

    @property
    def licence_name(self) -> str:
        """The licence in words."""
        return LICENCES[self.licence][0]

    @property
    def licence_url(self) -> str:
        """Where the licence can be read."""
        return LICENCES[self.licence][1]


_FIELDS = {field.name for field in fields(Source)}


def parse(text: str) -> dict[str, Source]:
    """Read declarations from TOML text.

    Returns a dictionary from key to :class:`Source`, in the order of the text. Raises
    :class:`DeclarationError` for an unknown, missing or empty field or an unknown licence.
    """
    return overlaid({}, tomllib.loads(text))


def overlaid(sources: Mapping[str, Source], entries: Mapping[str, Any]) -> dict[str, Source]:
    """Return ``sources`` with parsed TOML entries laid over them: changed fields, or new sources.

    Raises :class:`DeclarationError` as :func:`parse` does.
    """
    result = dict(sources)
    for key, entry in entries.items():
        unknown = set(entry) - _FIELDS
        if unknown:
            raise DeclarationError(f"source '{key}' has unknown fields: {sorted(unknown)}")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in entry.items()
        }
        try:
            old = sources.get(key)
            source = replace(old, **given) if old else Source(key=key, **given)
        except TypeError as error:
            raise DeclarationError(f"source '{key}': {error}") from error
        _refuse_gaps(source)
        result[key] = source
    return result


def _refuse_gaps(source: Source) -> None:
    # A field that may be empty will be empty, and the audit page would then print a blank.
    for name in ("title", "publisher", "attribution", "page", "file", "vintage", "columns"):
        if not getattr(source, name):
            raise DeclarationError(f"source '{source.key}' leaves '{name}' empty")
    if source.licence not in LICENCES:
        raise DeclarationError(f"source '{source.key}' has an unknown licence '{source.licence}'")
    if len(source.rows) != 2 or source.rows[0] > source.rows[1]:
        raise DeclarationError(f"source '{source.key}': rows must be [least, most]")


@cache
def declared_sources() -> dict[str, Source]:
    """Return the Atlas's own sources, by key."""
    return parse(_DECLARATION.read_text(encoding="utf-8"))
