"""Editions of England's wards, as declared in ``vintages.toml``.

Ward codes change when boundaries do, each May. Everything that depends on the edition is here:
which published files, how many areas, and which authority codes other years' files use.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from atlas.catalogue.sources import DeclarationError, Source, declared_sources, overlaid

_DECLARATION = Path(__file__).with_name("vintages.toml")
PINNED = "may_2024"
_AREAS = {
    "lsoas",
    "wards",
    "authorities",
    "combined_authorities",
    "counties",
    "wards_without_lsoa",
    "suppressed_income_counts",
}
_KNOWN = {"title", "year", "areas", "recoded", "sources"}
_YEAR = re.compile(r"^(?:WD|LAD)(\d\d)CD$")


@dataclass(frozen=True)
class Vintage:
    """One edition of wards.

    ``title`` completes "wards of"; ``year`` is the two digits in ONS's column names (WD25CD).
    ``areas`` are the known numbers of areas; ``recoded`` maps other years' authority codes to
    this edition's. ``sources`` are the published files, by key.
    """

    key: str
    title: str
    year: str
    areas: Mapping[str, int]
    recoded: Mapping[str, str]
    sources: Mapping[str, Source]


def parse(text: str, base: Mapping[str, Source], pinned: str = PINNED) -> dict[str, Vintage]:
    """Read editions from TOML text, laid over the sources of the ``pinned`` edition.

    Columns and geographies named for the pinned year are renamed to the edition's own. Raises
    :class:`DeclarationError` for an unknown or missing field.
    """
    entries = tomllib.loads(text)
    try:
        years = {key: str(entry["year"]) for key, entry in entries.items()}
        return {
            key: _vintage(key, entry, base, years[pinned], key == pinned)
            for key, entry in entries.items()
        }
    except KeyError as error:
        raise DeclarationError(f"an edition of wards lacks {error}") from error


def _vintage(
    key: str, entry: dict[str, Any], base: Mapping[str, Source], year: str, is_pinned: bool
) -> Vintage:
    unknown = (set(entry) - _KNOWN) | (set(entry["areas"]) - _AREAS)
    if unknown:
        raise DeclarationError(f"edition '{key}' has unknown fields: {sorted(unknown)}")
    own = str(entry["year"])
    sources = dict(base)
    if not is_pinned:
        # An outline file of other wards than the edition's would be drawn under the wrong codes.
        sources = {
            name: _renamed(source, year, own)
            for name, source in base.items()
            if year_of(source) in ("", year) or _stays(source, year)
        }
    sources = overlaid(sources, entry.get("sources", {}))
    return Vintage(
        key,
        entry["title"],
        own,
        MappingProxyType(dict(entry["areas"])),
        MappingProxyType(dict(entry["recoded"])),
        MappingProxyType(sources),
    )


def _stays(source: Source, year: str) -> bool:
    # The lookup of combined authorities keeps its own year: codes are brought over by `recoded`.
    return source.geography.startswith("LAD") and not source.geography.endswith(year)


def _renamed(source: Source, year: str, own: str) -> Source:
    names = re.compile(rf"^(WD|LAD|RGN|CTYUA){year}(?=CD$|NM$|$)")
    if year_of(source) != year:
        return source
    return replace(
        source,
        columns=tuple(names.sub(rf"\g<1>{own}", column) for column in source.columns),
        geography=names.sub(rf"\g<1>{own}", source.geography),
    )


def year_of(source: Source) -> str:
    """Return the two digits of the edition in a source's ward or authority codes, "" if none."""
    found = [match[1] for column in source.columns if (match := _YEAR.match(column))]
    return found[0] if found else ""


@cache
def declared_vintages() -> dict[str, Vintage]:
    """Return the Atlas's own editions, by key; the pinned one first."""
    return parse(_DECLARATION.read_text(encoding="utf-8"), declared_sources())


def vintage_of(provenance: Mapping[str, Any]) -> Vintage:
    """Return the edition that a snapshot was built on, from its manifest.

    Raises ``ValueError`` where the manifest names wards of an edition that is not declared.
    """
    geography = provenance["sources"]["ward_hierarchy"]["geography"]
    for vintage in declared_vintages().values():
        if geography == f"WD{vintage.year}":
            return vintage
    raise ValueError(f"no declared edition has wards {geography}")
