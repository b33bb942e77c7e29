"""Editions of England's wards, as declared in ``vintages.toml``.

Ward codes change when boundaries do, each May. Everything that depends on the edition is here:
which published files, how many areas, and which authority codes other years' files use.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, among, keyed, read_declaration
from atlas.catalogue.sources import Source, declared_sources, overlaid

PINNED = "may_2024"
_AREAS = {
    *("lsoas", "wards", "authorities", "combined_authorities", "counties"),
    *("wards_without_lsoa", "suppressed_income_counts"),
}
_YEAR = re.compile(r"^(?:WD|LAD)(\d\d)CD$")


_Counted = Annotated[
    str, among(lambda: _AREAS, f"'{{}}' are not counted: take {', '.join(sorted(_AREAS))}")
]


@dataclass(frozen=True, config=STRICT)
class Vintage:
    """One edition of wards.

    ``title`` completes "wards of"; ``year`` is the two digits in ONS's column names (WD25CD).
    ``areas`` are the known numbers of areas; ``recoded`` maps other years' authority codes to
    this edition's. ``sources`` are the published files, by key.
    """

    key: str
    title: str
    year: Annotated[str, Field(pattern=r"^\d\d$")]
    areas: Mapping[_Counted, int]
    recoded: Mapping[str, str]
    sources: Mapping[str, Source]


@cache
def declared_vintages(text: str | None = None) -> dict[str, Vintage]:
    """Return the Atlas's own editions, or those of a TOML ``text``, by key; the pinned one first.

    They are laid over the sources of the pinned edition: columns and geographies that are named for
    its year are renamed to the edition's own. Raises :class:`DeclarationError` with every fault.
    """

    def arranged(table: dict[str, Any]) -> dict[str, Any]:
        return {
            key: {**entry, "sources": _sources(entry, table.get(PINNED, {}))}
            if isinstance(entry, dict)
            else entry
            for key, entry in keyed(table).items()
        }

    return read_declaration(dict[str, Vintage], __file__, arranged, text)


def _sources(entry: Mapping[str, Any], pinned: Mapping[str, Any]) -> dict[str, Any]:
    base = declared_sources()
    year, own = (str(each.get("year", "")) for each in (pinned, entry))
    if own != year:
        # An outline file of other wards than the edition's would be drawn under the wrong codes.
        base = {
            name: _renamed(source, year, own)
            for name, source in base.items()
            if year_of(source) in ("", year) or _stays(source, year)
        }
    return overlaid(base, entry.get("sources", {}))


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


def vintage_of(provenance: Mapping[str, Any]) -> Vintage:
    """Return the edition named by a snapshot's manifest; ``ValueError`` if none is declared."""
    geography = provenance["sources"]["ward_hierarchy"]["geography"]
    for vintage in declared_vintages().values():
        if geography == f"WD{vintage.year}":
            return vintage
    raise ValueError(f"no declared edition has wards {geography}")
