"""The figures of one place as JSON, for scripts: values with their units, dates and sources."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from atlas.catalogue.columns import Column, declared_columns
from atlas.places.area_figures import figure
from atlas.places.places import ENGLAND, Place, Places
from atlas.places.site_map import link
from atlas.snapshot.snapshot import Snapshot
from atlas.ward.sentences import sources_of
from atlas.ward.sheet import Sheets

LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


def place_link(place: Place) -> str:
    """Return the address of a place's plain page below the site's root."""
    return f"{'ward' if place.kind == 'ward' else 'area'}/{place.code}"


def app_link(place: Place) -> str:
    """Return the address of the page of the site that says most about a place."""
    if place.kind == "ward":
        return link("my_area", {"ward": place.code})
    return link("map", {} if place.code == ENGLAND else {"place": place.code})


def twin(
    snapshot: Snapshot, places: Places, sheets: Sheets, place: Place, site: str
) -> dict[str, Any]:
    """Return what is published of a ward or an area, ready for JSON.

    ``site`` is the address of the site's root, for the links. A figure that is missing is null.
    Only a ward has a score; an area's figures are put together from its wards as each is declared.
    """
    page = site + place_link(place)
    return {
        "code": place.code,
        "name": place.label,
        "kind": place.kind,
        "within": [_named(area) for area in places.trail(place.code)[:-1]],
        "risk": _risk(places, sheets, place) if place.kind == "ward" else None,
        "figures": _figures(snapshot, places, place),
        "data_version": snapshot.version,
        "wards_of": snapshot.edition,
        "page": page,
        "explore": site + app_link(place),
        "licence": LICENCE,
        "attribution": list(snapshot.attributions),
    }


def _named(place: Place) -> dict[str, str]:
    return {"code": place.code, "name": place.label, "kind": place.kind}


def _risk(places: Places, sheets: Sheets, ward: Place) -> Mapping[str, Any]:
    at, index = places.row(ward.code), sheets.index
    tier = str(sheets.tests.tier[at]) if sheets.tests else ""
    score, band = float(index.score[at]), float(index.band[at])
    known = not np.isnan(score)
    return {
        "score": round(score, 1) if known else None,
        "score_says": "Share of England's residents, in per cent, in wards at lower risk.",
        "fifth_of_residents": int(np.ceil(band / 2)) if known else None,
        "fifth_says": "1 is the lowest risk, 5 the highest.",
        "how_sure": tier or None,
    }


def _figures(snapshot: Snapshot, places: Places, place: Place) -> Sequence[Mapping[str, Any]]:
    ward = place.kind == "ward"
    rows = np.array([places.row(place.code)]) if ward else places.positions(place.code)
    return [
        {
            "name": column.name,
            "label": column.label,
            "value": _value(snapshot, column, rows, ward=ward),
            "unit": column.unit,
            "higher_means": {"more": "more need", "less": "less need"}.get(column.need),
            "as_at": max((s.as_at.isoformat() for s in sources_of(column, used)), default=None),
            "sources": [
                {"title": source.title, "publisher": source.publisher, "page": source.page}
                for source in sources_of(column, used)
            ],
        }
        for used in [tuple(snapshot.provenance["sources"])]
        for column in declared_columns().values()
        if column.measure and column.name in snapshot.wards
        if ward or column.aggregate != "none"
    ]


def _value(snapshot: Snapshot, column: Column, rows: np.ndarray, *, ward: bool) -> float | None:
    values = snapshot.wards[column.name].to_numpy(dtype=float)[rows]
    found = float(values[0]) if ward else figure(snapshot.wards, column, rows)
    return None if np.isnan(found) else round(found, 6)
