"""The command line for analysts, on the same functions as the pages.

python -m atlas index --base E92000001 --out FILE
python -m atlas list --area E47000001 --top 20 --out FILE
python -m atlas sites --place E47000001 --cohort age_75_plus --sites 5 --out FILE
python -m atlas datastore --out FOLDER
"""

import argparse
import sys
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pandas as pd

from atlas import sites_command
from atlas.catalogue.sources import declared_sources
from atlas.datastore.datastore import Datastore
from atlas.files.spreadsheets import Sheet, to_csv, to_xlsx
from atlas.places.comparison_base import UnknownPlaceError, base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND, Places
from atlas.risk.export import (
    ATTRIBUTION,
    LIMITS,
    Made,
    export_fields,
    export_rows,
    readme,
    to_geojson,
)
from atlas.risk.index import index_table
from atlas.risk.method import declared_method
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import robustness_of, robustness_table
from atlas.risk.scorer import Assessor
from atlas.snapshot.snapshot import SnapshotError, load
from atlas.snapshot.versions import current_folder
from atlas.ward_list.risk_list import FITS, CutKind, ListRequest, RiskList, build, orders

WRONG = 2


class WrongCommandError(Exception):
    """What was asked for cannot be done; the message says what to ask instead."""


def main(given: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 with a message where it cannot be done."""
    asked = _parser().parse_args(given)
    try:
        snapshot = load(asked.data)
        assessor = Assessor(snapshot, Places(snapshot.wards))
        asked.run(asked, assessor)
    except (SnapshotError, UnknownPlaceError, WrongCommandError, ValueError, OSError) as error:
        print(f"atlas: {error}", file=sys.stderr)
        return WRONG
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atlas", description="The Atlas's risk index.")
    commands = parser.add_subparsers(required=True)
    index = commands.add_parser("index", help="score every ward and test how firm its place is")
    index.set_defaults(run=_index)
    listing = commands.add_parser("list", help="write a targeting list")
    listing.set_defaults(run=_list)
    for command in (index, listing):
        _index_arguments(command)
    _list_arguments(listing)
    sites = commands.add_parser("sites", help="choose where the next places to get help would go")
    sites.set_defaults(run=sites_command.run)
    sites_command.add_arguments(sites)
    store = commands.add_parser("datastore", help="write every table in open formats")
    store.set_defaults(run=_datastore)
    store.add_argument("--out", type=Path, required=True, help="folder to write")
    store.add_argument("--data", type=Path, default=current_folder(), help="snapshot folder")
    return parser


def _index_arguments(command: argparse.ArgumentParser) -> None:
    method = declared_method()
    command.add_argument(
        "--base", nargs="+", default=[ENGLAND], help="GSS codes to compare with (default England)"
    )
    command.add_argument("--out", type=Path, required=True, help="file to write")
    command.add_argument("--preset", choices=list(method.presets), default="standard")
    command.add_argument("--weights", default="", help="own nominal weights: component:number,...")
    command.add_argument("--influence", default="", help="intended influence: component:number,...")
    command.add_argument("--inner", default="", help="own inner weights: indicator:number,...")
    command.add_argument("--draws", type=int, default=method.tests.draws, help="tests to run")
    command.add_argument("--data", type=Path, default=current_folder(), help="snapshot folder")


def _list_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--area", default=ENGLAND, help="GSS code of the area to list wards of")
    cut = command.add_mutually_exclusive_group()
    cut.add_argument("--share", type=float, help="highest-risk share of the base's residents")
    cut.add_argument("--top", type=float, help="so many wards")
    cut.add_argument("--people", type=float, help="as many wards as hold at most so many residents")
    command.add_argument("--order", choices=list(orders()), default="risk")
    command.add_argument("--tier", choices=[tier.key for tier in declared_method().tiers])
    command.add_argument("--fit", choices=FITS, help="the weakest fit to let in")
    command.add_argument("--pockets-only", action="store_true")
    command.add_argument("--spread", type=int, default=0, help="keep so many contrasting wards")
    command.add_argument("--include", nargs="*", default=[], help="ward codes to add")
    command.add_argument("--exclude", nargs="*", default=[], help="ward codes to leave out")


def _risk_request(asked: argparse.Namespace, assessor: Assessor) -> RiskRequest:
    codes = [code for given in asked.base for code in given.split(",") if code]
    base = base_of(assessor.places, codes)
    notices = Notices()
    query = {
        "preset": asked.preset,
        "weights": asked.weights,
        "influence": asked.influence,
        "inner": asked.inner,
        "against": ",".join(base.codes),
    }
    risk_request = risk_request_from(query, assessor.places, notices, assessor.england)
    # A visitor's link falls back with a notice; an analyst's command must not.
    if notices.sentences:
        raise WrongCommandError(
            "these weights cannot be used. Write them as component:number, with commas between, "
            f"from: {', '.join(declared_method().components)}"
        )
    if asked.draws < 1:
        raise WrongCommandError("--draws must be 1 or more")
    return risk_request


def _index(asked: argparse.Namespace, assessor: Assessor) -> None:
    index = assessor.index(_risk_request(asked, assessor))
    drawn = robustness_of(index, asked.draws)
    scores = index_table(index).drop(columns=["rank", "reason"])
    frame = pd.concat([scores, robustness_table(index, drawn)], axis=1)
    # In every row, as in a list: rows are taken out of files, and a first row apart would be lost.
    frame = frame.assign(limits=LIMITS, attribution=ATTRIBUTION)
    frame.to_csv(asked.out, index=False, lineterminator="\n")
    print(f"{int(index.scored.sum()):,} of {len(frame):,} wards scored: {asked.out}")


def _list(asked: argparse.Namespace, assessor: Assessor) -> None:
    risk_request = _risk_request(asked, assessor)
    request = _request(asked, assessor.places, risk_request)
    made = assessor.made(risk_request, asked.draws)
    result = build(request, made.wards, assessor.places, made.index, made.robustness, made.pockets)
    asked.out.write_bytes(_file(asked.out, made, result, assessor))
    print(f"{len(result.rows):,} wards, {result.residents:,} residents: {asked.out}")


def _request(asked: argparse.Namespace, places: Places, risk_request: RiskRequest) -> ListRequest:
    if asked.area not in places:
        raise UnknownPlaceError(f"{asked.area} is not the code of an English place")
    request = ListRequest(
        area=asked.area,
        risk=risk_request,
        order=asked.order,
        tier=asked.tier or "",
        fit=asked.fit or "",
        pockets_only=asked.pockets_only,
        spread=asked.spread,
        include=tuple(asked.include),
        exclude=tuple(asked.exclude),
    )
    kinds: tuple[CutKind, ...] = ("share", "top", "people")
    for kind in kinds:
        if (limit := getattr(asked, kind)) is not None:
            if not limit > 0:
                raise WrongCommandError(f"--{kind} must be above 0")
            return replace(request, cut=kind, limit=limit)
    return request


def _datastore(asked: argparse.Namespace, assessor: Assessor) -> None:
    descriptor = Datastore(assessor.snapshot).write(asked.out)
    size = sum(entry["bytes"] for entry in descriptor["resources"])
    files = len(descriptor["resources"])
    print(f"{files} files, {size / 1e6:.0f} MB, edition {descriptor['version']}: {asked.out}")


def _file(path: Path, made: Made, result: RiskList, assessor: Assessor) -> bytes:
    link = f"/risk_list?{urlencode(result.request.query())}"
    title = f"Wards of {assessor.places[result.request.area].label} at risk of digital exclusion"
    rows, fields = export_rows(made, result.rows, link), export_fields(made)
    about = readme(made, title, {}, link)
    if path.suffix == ".xlsx":
        # The date of the newest figures, not the clock's: the same request gives the same bytes.
        newest = max(source.as_at for source in declared_sources().values())
        made_on = datetime(newest.year, newest.month, newest.day)
        return to_xlsx([Sheet("Wards", fields, rows)], about, made_on)
    if path.suffix in (".geojson", ".json"):
        return to_geojson(rows, assessor.snapshot.path("boundaries_wards.geojson"), about)
    # Without the mark that Excel wants: R, Python and QGIS would read it into the first heading.
    return to_csv(rows, fields).removeprefix(BOM_UTF8)


if __name__ == "__main__":
    sys.exit(main())
