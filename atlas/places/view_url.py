"""What a link says: the place, ward, measure and base in an address.

The address is the state. Everything in it is checked against known codes before use; what cannot
be used is left out, and the reader is told.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from atlas.catalogue.columns import OWN
from atlas.places.places import ENGLAND, Places

DEFAULT_MEASURE = "risk_score"
# The first is the usual one: the same fifths of residents that bands, lists and briefings use.
BREAKS = ("population fifths", "quantiles", "jenks", "equal")


@dataclass(frozen=True)
class View:
    """One view: which area, which ward of it, which measure, against which base.

    ``ward`` is "" where none is selected; a selected ward always lies in ``place``. ``breaks``
    names how the map's classes are cut.
    """

    place: str = ENGLAND
    ward: str = ""
    measure: str = DEFAULT_MEASURE
    base: str = ENGLAND
    breaks: str = BREAKS[0]


def parse(
    params: Mapping[str, str], places: Places, measures: Collection[str]
) -> tuple[View, tuple[str, ...]]:
    """Read a view of one of ``measures`` from an address, and a sentence on each part of no use."""
    problems: list[str] = []
    place, ward = _place_and_ward(params, places, problems)
    measure = params.get("measure", "") or DEFAULT_MEASURE
    if measure not in measures:
        problems.append(
            "The link shows somebody’s own data, which only their own visit has, so overall risk "
            "is shown. Their file can be brought again under “Your own data”."
            if measure.startswith(OWN)
            else f"The link asks for a measure that the Atlas does not have ({_quoted(measure)}), "
            "so the first one is shown."
        )
        measure = DEFAULT_MEASURE
    base = params.get("base", "") or ENGLAND
    if not places.is_area(base):
        problems.append(
            f"The link compares with a place that the Atlas does not know ({_quoted(base)}), "
            "so England is used."
        )
        base = ENGLAND
    breaks = params.get("breaks", "")
    view = View(place, ward, measure, base, breaks if breaks in BREAKS else BREAKS[0])
    return view, tuple(problems)


def _place_and_ward(
    params: Mapping[str, str], places: Places, problems: list[str]
) -> tuple[str, str]:
    place, ward = params.get("place", "") or "", params.get("ward", "") or ""
    if places.is_ward(place) and not ward:
        place, ward = "", place
    if place and not places.is_area(place):
        problems.append(
            f"The link names a place that the Atlas does not know ({_quoted(place)}). It may be "
            "of another year’s councils."
        )
        place = ""
    if ward and not places.is_ward(ward):
        problems.append(
            f"The link names a ward that the Atlas does not know ({_quoted(ward)}). Ward codes "
            "change when boundaries do: search for the ward by name."
        )
        ward = ""
    if ward and place and not places.within(ward, place):
        problems.append(
            f"{places[ward].label} is not in {places[place].label}, so its own council is shown."
        )
        place = ""
    if not place:
        place = places.trail(ward)[-2].code if ward else ENGLAND
    return place, ward


def _quoted(text: str) -> str:
    # A link can hold anything; only what a code is made of is repeated to the reader.
    return f"“{re.sub(r'[^A-Za-z0-9_ -]', '', text)[:30]}”"


def serialised(view: View) -> dict[str, str]:
    """Return the parameters of an address that opens this view; defaults are left out."""
    plain = View()
    params = {
        name: value for name, value in vars(view).items() if value and value != getattr(plain, name)
    }
    # A ward alone opens its own council, so a ward seen from England has to say England.
    return {"place": view.place} | params if view.ward else params


def moved(view: View, places: Places, place: str, ward: str = "") -> View:
    """Return the view of another place; measure and base stay, and a ward that lies in it."""
    kept = view.ward if view.ward and places.within(view.ward, place) else ""
    return replace(view, place=place, ward=ward or kept)


def query(view: View) -> str:
    """Return the query string that reopens a view, with its '?', or "" for the plain one."""
    params = serialised(view)
    return f"?{urlencode(params)}" if params else ""
