"""``atlas sites``: where the next places would reach most people, as a file."""

import os
from pathlib import Path
from typing import Annotated

import typer

from atlas.access.distance import EVERYONE, Residents, library_venues, residents_in
from atlas.access.travel import MINUTES, SETTING, Travel, travel_by
from atlas.catalogue.cohorts import AT_RISK, counted_cohorts
from atlas.catalogue.near import MILE
from atlas.commands.analysis import Data, opened, unmarked_csv
from atlas.commands.command import choice
from atlas.places.comparison_base import UnknownPlaceError
from atlas.places.places import ENGLAND, Places
from atlas.planning import site_files
from atlas.planning.maximal_cover import best
from atlas.planning.site_url import WORDS
from atlas.planning.sites import (
    MOST_SITES,
    NoSitesError,
    Objective,
    SitePlan,
    candidates_in,
    site_problem,
)
from atlas.snapshot.snapshot import Snapshot

_SHORT = {word: kind for word, kind in WORDS.items() if kind != "yours"}
# A group counted as "everyone less those near a library" has no part in where one should go.
_GROUPS = [EVERYONE, *(cohort.key for cohort in counted_cohorts() if not cohort.less)]


def sites(
    out: Annotated[Path, typer.Option(help="file to write: .csv or .json")],
    data: Data,
    kinds: Annotated[
        list[str],
        choice(
            _SHORT,
            "candidates: centres of small areas, unstaffed libraries, closed libraries",
            default_factory=lambda: list(_SHORT),
            show_default="all",
        ),
    ],
    place: Annotated[str, typer.Option(help="GSS code of the area or ward to serve")] = ENGLAND,
    cohort: Annotated[
        str, typer.Option(metavar="GROUP", help=f"whom to count: {', '.join(_GROUPS)}")
    ] = AT_RISK,
    number: Annotated[
        int, typer.Option("--sites", help=f"how many sites at most, 1 to {MOST_SITES}")
    ] = 5,
    objective: Annotated[
        Objective,
        typer.Option(
            help="reach: bring the most people within reach; distance: shorten their way most"
        ),
    ] = "reach",
    metres: Annotated[
        float | None,
        typer.Option(help="what is within reach, in a straight line (default a mile)"),
    ] = None,
    walking: Annotated[
        Path | None,
        typer.Option(
            help="walking times (CSV or Parquet), in place of straight lines; "
            f"without --metres, by default those that {SETTING} names"
        ),
    ] = None,
    minutes: Annotated[float, typer.Option(help="what is within reach on foot")] = MINUTES,
    seconds: Annotated[float, typer.Option(help="how long to look for proof")] = 10.0,
) -> None:
    """Choose where the next places to get help would go."""
    _refuse(number, out, {"metres": metres, "minutes": minutes, "seconds": seconds})
    if metres is not None and walking:
        raise NoSitesError("use only one of --metres and --walking")
    scorer = opened(data)
    snapshot, places = scorer.snapshot, scorer.places
    if place not in places:
        raise UnknownPlaceError(f"{place} is not the code of an English place")
    residents = residents_in(snapshot)
    if cohort not in residents.people:
        raise NoSitesError(
            f"'{cohort}' has no headcount by small area. Choose from: {', '.join(residents.people)}"
        )
    wanted = [_SHORT[name] for name in kinds]
    options = candidates_in(places.wards(place), snapshot.lsoas, snapshot.libraries, wanted)
    asked = place, cohort, places, residents, library_venues(snapshot.libraries), options
    problem = site_problem(*asked, _travel(metres, walking, minutes, residents), objective)
    plan = problem.plan(number, best(problem.gains, number, seconds))
    out.write_bytes(_file(out, plan, places, snapshot))
    solution, unit = plan.solution, site_files.added_unit(plan).replace("_", " × ")
    count = "1 site adds" if len(plan.picks) == 1 else f"{len(plan.picks)} sites add"
    print(
        f"{count} {float(site_files.amounts(plan, solution.total)):,.0f} {unit} "
        f"({solution.method}, gap {solution.gap:.2%}, {solution.seconds:.2f} s): {out}"
    )


def _file(path: Path, plan: SitePlan, places: Places, snapshot: Snapshot) -> bytes:
    rows = site_files.site_rows(plan, snapshot.wards)
    if path.suffix.lower() == ".json":
        about = site_files.site_readme(plan, places, snapshot.version)
        return site_files.to_json(
            rows, plan, about | {"Attribution": "\n".join(snapshot.attributions)}
        )
    return unmarked_csv(rows, site_files.site_fields(plan))


def _travel(
    metres: float | None, walking: Path | None, minutes: float, residents: Residents
) -> Travel:
    times = walking or os.environ.get(SETTING)
    if metres is not None or not times:
        return Travel(metres or MILE)
    return travel_by(Path(times), list(residents.codes), minutes)


def _refuse(number: int, out: Path, limits: dict[str, float | None]) -> None:
    if not 1 <= number <= MOST_SITES:
        raise NoSitesError(f"--sites must be from 1 to {MOST_SITES}")
    for name, value in limits.items():
        # Written this way round, so that a value that is no number is refused too.
        if value is not None and not 0 < value < float("inf"):
            raise NoSitesError(f"--{name} must be above 0")
    if out.suffix.lower() not in (".csv", ".json"):
        raise NoSitesError("--out must end in .csv or .json")
