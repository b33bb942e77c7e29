"""The skills lens: where more adults have few qualifications or little English, and which venues
there are. A rate only: no headcount is published, so none is given.
"""

from dataclasses import dataclass

import numpy as np

from atlas.briefing.area import BriefingArea
from atlas.briefing.numbers import PlaceNumbers
from atlas.briefing.provenance import Number, Said
from atlas.catalogue.columns import declared_columns
from atlas.catalogue.sources import declared_sources
from atlas.places.places import natural

WARDS = 10
RATE = "low_skills_rate"


@dataclass(frozen=True)
class SkillLine:
    """One council or ward: its rate, the libraries in it and their weekly hours.

    ``hours`` leaves out libraries that do not report them.
    """

    code: str
    name: str
    council: str
    rate: Number
    libraries: Number
    hours: Number


@dataclass(frozen=True)
class Skills:
    """The lens on one place: councils and the wards with the highest rates, highest first."""

    said: Said
    councils: tuple[SkillLine, ...]
    wards: tuple[SkillLine, ...]


def skills_of(numbers: PlaceNumbers, area: BriefingArea) -> Skills:
    """Return the skills lens on a place."""
    column = declared_columns()[RATE]
    own = numbers.mean(area.rows, column, area.rule, f"{column.label}, {area.name}")
    england = numbers.mean(numbers.every_row, column, "all wards", f"{column.label}, England")
    dated = declared_sources()["deprivation"].dated
    said = Said(
        f"In {area.said} {own.shown} of working-age adults have few qualifications or little "
        f"English, against {england.shown} in England (Indices of Deprivation {dated}). It is "
        "a rate: no headcount is published.",
        (own, england),
    )
    home = numbers.wards["authority_code"].to_numpy(dtype=object)[area.rows]
    councils = [_line(numbers, area.rows[home == code], True) for code in sorted(set(home))]
    rates = numbers.values(RATE)[area.rows]
    known = area.rows[~np.isnan(rates)]
    order = np.lexsort((numbers.codes[known].astype(str), -numbers.values(RATE)[known]))
    wards = [_line(numbers, np.array([row]), False) for row in known[order][:WARDS]]
    return Skills(said, tuple(sorted(councils, key=_highest_first)), tuple(wards))


def _highest_first(line: SkillLine) -> tuple[float, str]:
    return (-np.nan_to_num(line.rate.value, nan=-1.0), line.code)


def _line(numbers: PlaceNumbers, rows: np.ndarray, council: bool) -> SkillLine:
    first = numbers.wards.iloc[int(rows[0])]
    authority = natural(str(first["authority_name"]))
    name = authority if council else str(first["ward_name"])
    rule = f"wards of {name}" if council else f"the ward {name}"
    return SkillLine(
        code=str(first["authority_code" if council else "ward_code"]),
        name=name,
        council=authority,
        rate=numbers.mean(rows, declared_columns()[RATE], rule, f"Share of adults, {name}"),
        libraries=numbers.sum(rows, "open_libraries", rule, f"Libraries, {name}"),
        hours=numbers.sum(rows, "library_hours_per_week", rule, f"Staffed hours a week, {name}"),
    )
