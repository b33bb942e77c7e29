"""``python -m atlas sites``: where the next places would reach most people.

python -m atlas sites --place E47000001 --cohort age_75_plus --sites 5 --out sites.csv
"""

import argparse
import os
from codecs import BOM_UTF8
from pathlib import Path

from atlas.access.distance import EVERYONE, Residents, library_venues, residents_of
from atlas.access.travel import MINUTES, SETTING, Travel, travel_by
from atlas.catalogue.cohorts import counted_cohorts
from atlas.catalogue.near import MILE
from atlas.files.spreadsheets import to_csv, with_notes
from atlas.places.comparison_base import UnknownPlaceError
from atlas.places.places import ENGLAND
from atlas.planning.site_files import (
    added_unit,
    amounts,
    site_fields,
    site_readme,
    site_rows,
    to_json,
)
from atlas.planning.sites import MOST_SITES, OBJECTIVES, NoSitesError, best_sites
from atlas.risk.scorer import Assessor
from atlas.snapshot.versions import current_folder

_SHORT = {
    "neighbourhoods": "neighbourhood",
    "unstaffed": "unstaffed library",
    "closed": "closed library",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    # A group counted as "everyone less those near a library" has no part in where one should go.
    cohorts = [EVERYONE, *(cohort.key for cohort in counted_cohorts() if not cohort.less)]
    command.add_argument("--place", default=ENGLAND, help="GSS code of the area or ward to serve")
    command.add_argument(
        "--cohort",
        default=EVERYONE,
        metavar="GROUP",
        help=f"whom to count: {', '.join(cohorts)} (default {EVERYONE})",
    )
    command.add_argument(
        "--sites", type=int, default=5, help=f"how many sites at most, 1 to {MOST_SITES}"
    )
    command.add_argument(
        "--objective",
        choices=list(OBJECTIVES),
        default="reach",
        help="reach: bring the most people within reach; distance: shorten their way most",
    )
    command.add_argument(
        "--kinds",
        nargs="+",
        choices=list(_SHORT),
        default=list(_SHORT),
        help="candidates: centres of small areas, open libraries without staff, closed libraries",
    )
    rule = command.add_mutually_exclusive_group()
    rule.add_argument(
        "--metres", type=float, help="what is within reach, in a straight line (default a mile)"
    )
    rule.add_argument(
        "--walking",
        type=Path,
        default=os.environ.get(SETTING) or None,
        help=f"walking times (CSV or Parquet), in place of straight lines; default: {SETTING}",
    )
    command.add_argument(
        "--minutes", type=float, default=MINUTES, help="what is within reach on foot (default 20)"
    )
    command.add_argument(
        "--seconds", type=float, default=10.0, help="how long to look for proof (default 10)"
    )
    command.add_argument("--out", type=Path, required=True, help="file to write: .csv or .json")
    command.add_argument("--data", type=Path, default=current_folder(), help="snapshot folder")


def run(asked: argparse.Namespace, assessor: Assessor) -> None:
    """Choose the sites, write the file and say what they add.

    Raises ``ValueError`` (all errors of the Atlas's own are one) with what to ask instead.
    """
    _refuse(asked)
    snapshot, places = assessor.snapshot, assessor.places
    if asked.place not in places:
        raise UnknownPlaceError(f"{asked.place} is not the code of an English place")
    residents = residents_of(snapshot.lsoas)
    if asked.cohort not in residents.people:
        raise NoSitesError(
            f"'{asked.cohort}' has no headcount by small area. Choose from: "
            f"{', '.join(residents.people)}"
        )
    plan = best_sites(
        asked.place,
        asked.cohort,
        asked.sites,
        snapshot,
        places,
        residents,
        library_venues(snapshot.libraries),
        kinds=[_SHORT[name] for name in asked.kinds],  # type: ignore[misc]
        travel=_travel(asked, residents),
        objective=asked.objective,
        seconds=asked.seconds,
    )
    rows = site_rows(plan, snapshot.wards)
    if asked.out.suffix.lower() == ".json":
        about = site_readme(plan, places, snapshot.version)
        about |= {"Attribution": "\n".join(snapshot.attributions)}
        data = to_json(rows, plan, about)
    else:
        # Without the mark that Excel wants: R, Python and QGIS would read it into a heading.
        noted = with_notes(rows, site_fields(plan), snapshot.attributions)
        data = to_csv(*noted).removeprefix(BOM_UTF8)
    asked.out.write_bytes(data)
    solution, unit = plan.solution, added_unit(plan).replace("_", " × ")
    count = "1 site adds" if len(plan.picks) == 1 else f"{len(plan.picks)} sites add"
    print(
        f"{count} {float(amounts(plan, solution.total)):,.0f} {unit} "
        f"({solution.method}, gap {solution.gap:.2%}, {solution.seconds:.2f} s): {asked.out}"
    )


def _travel(asked: argparse.Namespace, residents: Residents) -> Travel:
    if asked.metres is not None or not asked.walking:
        return Travel(asked.metres or MILE)
    return travel_by(Path(asked.walking), list(residents.codes), asked.minutes)


def _refuse(asked: argparse.Namespace) -> None:
    if not 1 <= asked.sites <= MOST_SITES:
        raise NoSitesError(f"--sites must be from 1 to {MOST_SITES}")
    for name in ("metres", "minutes", "seconds"):
        value = getattr(asked, name)
        # Written this way round, so that a value that is no number is refused too.
        if value is not None and not 0 < value < float("inf"):
            raise NoSitesError(f"--{name} must be above 0")
    if asked.out.suffix.lower() not in (".csv", ".json"):
        raise NoSitesError("--out must end in .csv or .json")
