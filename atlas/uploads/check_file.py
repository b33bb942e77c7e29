"""Checking a file as the pages do, without a browser: ``atlas check-file``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from atlas.places.places import Places
from atlas.uploads.areas import Geography
from atlas.uploads.figures import figures_report
from atlas.uploads.postcode_list import postcodes_report
from atlas.uploads.reading.extract import Choices, Extract
from atlas.uploads.reading.numbers import UNITS, UnitKey
from atlas.uploads.reading.process import read_upload
from atlas.uploads.reading.roles import ROLES, Kind, Role
from atlas.uploads.reading.table import RefusedError
from atlas.uploads.report import Report, as_json
from atlas.uploads.venues import Ground, WardAt, venues_report

FILE_KINDS: tuple[Kind, ...] = get_args(Kind)[:3]


@dataclass(frozen=True)
class Surroundings:
    """What a file is checked against: a snapshot's areas and places, and the day."""

    areas: Geography
    places: Places
    ward_at: WardAt
    today: date


def report_of(read: Extract, around: Surroundings, place: str) -> Report:
    """Return what a file would become in the place in view, by the kind that it was read as.

    Raises ``KeyError`` for a place that the snapshot does not have.
    """
    inside = around.places.inside(place)
    label = around.places[place].label
    if read.kind == "figures":
        return figures_report(read, around.areas, inside, label)
    if read.kind == "postcodes":
        return postcodes_report(read, around.areas.find_postcode)
    codes = () if inside.all() else frozenset(around.areas.wards["ward_code"][inside])
    ground = Ground(around.areas.find_postcode, around.ward_at, around.today, codes, label)
    return venues_report(read, ground)


def check_file(
    data: bytes, kind: Kind, choices: Choices, place: str, around: Callable[[], Surroundings]
) -> dict[str, object]:
    """Return the report of a file as JSON writes it; nothing is accepted where it is refused.

    ``around`` is asked only for a file that can be read. Raises ``KeyError`` for an unknown place.
    """
    try:
        read = read_upload(data, kind, choices)
    except RefusedError as refused:
        return as_json(Report(Extract(kind), problem=str(refused)))
    return as_json(report_of(read, around(), place))


def choices_from(settings: Sequence[str]) -> Choices:
    """Read choices such as “Heading=role”; a figure may name its unit and a filter its value.

    >>> choices_from(["Sex=filter:All persons", "Value=figure:percentage"]).units
    {'Value': 'percentage'}

    Raises ``ValueError`` for anything else, saying what may stand there.
    """
    roles: dict[str, Role] = {}
    units: dict[str, UnitKey] = {}
    values: dict[str, str] = {}
    for setting in settings:
        heading, equals, told = setting.rpartition("=")
        role, colon, more = told.partition(":")
        if not equals or role not in ROLES:
            raise ValueError(f"--set needs Heading=role, where role is one of: {', '.join(ROLES)}")
        roles[heading] = role
        if role == "figure" and colon:
            if more not in UNITS:
                raise ValueError(f"a figure's unit is one of: {', '.join(UNITS)}")
            units[heading] = more
        elif colon:
            values[heading] = more
    return Choices(roles=roles, units=units, values=values)
