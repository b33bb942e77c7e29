"""The published files that the Atlas is made from, as declared in ``sources.toml``."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, Text, among, keyed, read_declaration
from atlas.text.texts import texts

# What each licence is called, and where it can be read.
LICENCES: dict[str, list[str]] = texts(Path(__file__).with_name("licences.toml"))

# What is made from a file of these is published under its licence, apart from the rest.
SHARE_ALIKE = frozenset({"ODbL-1.0"})


_Licence = Annotated[
    str, among(lambda: LICENCES, f"there is no licence '{{}}' among {', '.join(LICENCES)}")
]


def _least_and_most(rows: tuple[int, int]) -> tuple[int, int]:
    if rows[0] > rows[1]:
        raise ValueError("rows must be [least, most]")
    return rows


@dataclass(frozen=True, config=STRICT)
class Source:
    """One published file.

    ``file`` is its place below a mirror or download folder. ``rows`` is the least and the most
    rows that the whole published file may have. ``columns`` are the headers that a reader asks
    for by name. ``as_at`` is the day that the figures describe, or with ``edition`` that of
    publication, where their own days are earlier and differ; a newer edition should be there
    ``old_after`` months later (0: the edition of wards decides). ``geography`` is the code system
    and vintage of its key. A file comes from one of ``urls``, from an ArcGIS service (the first
    of ``arcgis`` that answers, asked for ``where``), or, where the publisher refuses scripts and
    neither is named, from a person who opened ``page``. An ``optional`` source may be absent.

    ``short`` is its heading where the title is too long. ``reader`` names the function of
    ``pipelines/readers`` that gives its figures by small area ("census.read_age"). ``rows`` are
    those of the sheet ``sheet`` of a workbook, whose header row holds the first of ``columns``,
    or of the ``member`` of an archive (a regular expression).
    """

    key: str
    title: Text
    publisher: Text
    licence: _Licence
    attribution: Text
    page: Text
    file: Text
    format: str
    vintage: Text
    as_at: date
    geography: str
    rows: Annotated[tuple[int, int], AfterValidator(_least_and_most)]
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    max_bytes: int
    caveats: tuple[str, ...]
    urls: tuple[str, ...] = ()
    arcgis: tuple[str, ...] = ()
    where: str = "1=1"
    sha256: str = ""
    optional: bool = False
    edition: bool = False
    old_after: int = 0
    short: str = ""
    reader: str = ""
    sheet: str = ""
    member: str = ""

    def is_old(self, today: date) -> bool:
        """Tell whether its figures are older than the months after which they are renewed."""
        months = (today.year - self.as_at.year) * 12 + today.month - self.as_at.month
        return 0 < self.old_after < months

    @property
    def dated(self) -> str:
        """When its figures are of: "July 2025", or when they were published."""
        return f"published {self.as_at:%B %Y}" if self.edition else self.vintage

    @property
    def licence_name(self) -> str:
        """The licence in words."""
        return LICENCES[self.licence][0]

    @property
    def licence_url(self) -> str:
        """Where the licence can be read."""
        return LICENCES[self.licence][1]


def overlaid(sources: Mapping[str, Source], entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return sources as entries, with parsed TOML over them: changed fields or new sources."""
    usual = {key: asdict(source) for key, source in sources.items()}
    return usual | {
        key: {**usual.get(key, {}), **entry} if isinstance(entry, dict) else entry
        for key, entry in keyed(entries).items()
    }


@cache
def declared_sources(text: str | None = None) -> dict[str, Source]:
    """Return sources by key, declared or of a TOML ``text``. Raises :class:`DeclarationError`."""
    return read_declaration(dict[str, Source], __file__, keyed, text)
