"""``atlas index``, ``list``, ``evidence`` and ``datastore``: the Atlas's tables as files."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from atlas.catalogue.columns import behind_measures
from atlas.catalogue.sources import declared_sources
from atlas.commands.analysis import Data, OutFile, OutFolder, opened, unmarked_csv
from atlas.commands.command import choice
from atlas.datastore.datastore import Datastore
from atlas.files.spreadsheets import Sheet, to_xlsx
from atlas.places.comparison_base import UnknownPlaceError, base_of
from atlas.places.notices import Notices
from atlas.places.places import ENGLAND
from atlas.places.site_map import link as link_to
from atlas.risk import export
from atlas.risk.evidence import OUTCOME, evidence_of, has_outcome
from atlas.risk.index import index_table
from atlas.risk.method import declared_method
from atlas.risk.needs import needs
from atlas.risk.request import RiskRequest, risk_request_from
from atlas.risk.robustness import robustness_of, robustness_table
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import load
from atlas.ward_list.risk_list import FITS, CutKind, ListRequest, RiskList, build, orders

_METHOD = declared_method()
_TIERS = [tier.key for tier in _METHOD.tiers]

Base = Annotated[
    list[str],
    typer.Option(
        default_factory=lambda: [ENGLAND],
        show_default="England",
        metavar="CODE...",
        help="GSS codes to compare with",
    ),
]
Preset = Annotated[str, choice(_METHOD.presets, "declared weights")]
Weights = Annotated[str, typer.Option(help="own nominal weights: component:number,...")]
Influence = Annotated[str, typer.Option(help="intended influence: component:number,...")]
Inner = Annotated[str, typer.Option(help="own inner weights: indicator:number,...")]
Draws = Annotated[int, typer.Option(help="tests to run")]


class WrongCommandError(ValueError):
    """What was asked for cannot be done; the message says what to ask instead."""


def index(
    out: OutFile,
    data: Data,
    base: Base,
    draws: Draws = _METHOD.tests.draws,
    preset: Preset = "standard",
    weights: Weights = "",
    influence: Influence = "",
    inner: Inner = "",
) -> None:
    """Score every ward and test how firm its place is."""
    scorer = opened(data)
    risk_request = _risk_request(scorer, base, draws, (preset, weights, influence, inner))
    scored = scorer.index(risk_request)
    drawn = robustness_of(scored, draws)
    scores = index_table(scored).drop(columns="reason")
    scores["need"] = list(map(needs(scored).words, range(len(scores))))
    frame = pd.concat([scores, robustness_table(drawn)], axis=1)
    # In every row, as in a list: rows are taken out of files, and a first row apart would be lost.
    frame = frame.assign(limits=export.LIMITS, attribution=export.ATTRIBUTION)
    frame.to_csv(out, index=False, lineterminator="\n")
    print(f"{int(scored.scored.sum()):,} of {len(frame):,} wards scored: {out}")


def write_list(
    out: OutFile,
    data: Data,
    base: Base,
    draws: Draws = _METHOD.tests.draws,
    preset: Preset = "standard",
    weights: Weights = "",
    influence: Influence = "",
    inner: Inner = "",
    area: Annotated[str, typer.Option(help="GSS code of the area to list wards of")] = ENGLAND,
    share: Annotated[
        float | None, typer.Option(help="highest-risk share of the base's residents")
    ] = None,
    top: Annotated[float | None, typer.Option(help="so many wards")] = None,
    people: Annotated[
        float | None, typer.Option(help="as many wards as hold at most so many residents")
    ] = None,
    order: Annotated[str, choice(orders({}), "rank by")] = "risk",
    tier: Annotated[str | None, choice(_TIERS, "only these")] = None,
    fit: Annotated[str | None, choice(FITS, "the weakest fit to let in")] = None,
    pockets_only: Annotated[
        bool, typer.Option("--pockets-only", help="only wards with pockets of high risk")
    ] = False,
    include: Annotated[
        list[str] | None, typer.Option(metavar="CODE...", help="ward codes to add")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(metavar="CODE...", help="ward codes to leave out")
    ] = None,
    spread: Annotated[int, typer.Option(help="keep so many contrasting wards")] = 0,
) -> None:
    """Write a ward list."""
    scorer = opened(data)
    risk_request = _risk_request(scorer, base, draws, (preset, weights, influence, inner))
    if area not in scorer.places:
        raise UnknownPlaceError(f"{area} is not the code of an English place")
    request = ListRequest(
        area=area,
        risk=risk_request,
        order=order,
        tier=tier or "",
        fit=fit or "",
        pockets_only=pockets_only,
        spread=spread,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    request = _cut(request, {"share": share, "top": top, "people": people})
    made = scorer.made(risk_request, draws)
    result = build(request, made.wards, scorer.places, made.index, made.robustness, made.pockets)
    out.write_bytes(_file(out, made, result, scorer))
    print(f"{len(result.rows):,} wards, {result.residents:,} residents: {out}")


def _risk_request(
    scorer: Scorer, base: list[str], draws: int, given: tuple[str, str, str, str]
) -> RiskRequest:
    codes = [code for text in base for code in text.split(",") if code]
    query = dict(zip(("preset", "weights", "influence", "inner"), given, strict=True))
    query["against"] = ",".join(base_of(scorer.places, codes).codes)
    notices = Notices()
    risk_request = risk_request_from(query, scorer.places, notices, scorer.england)
    # A visitor's link falls back with a notice; an analyst's command must not.
    if notices.sentences:
        raise WrongCommandError(
            "these weights cannot be used. Write them as component:number, with commas between, "
            f"from: {', '.join(_METHOD.components)}"
        )
    if draws < 1:
        raise WrongCommandError("--draws must be 1 or more")
    return risk_request


def _cut(request: ListRequest, limits: dict[CutKind, float | None]) -> ListRequest:
    given = [(kind, limit) for kind, limit in limits.items() if limit is not None]
    if len(given) > 1:
        raise WrongCommandError(f"use only one of {', '.join(f'--{kind}' for kind in limits)}")
    for kind, limit in given:
        if not limit > 0:
            raise WrongCommandError(f"--{kind} must be above 0")
        return replace(request, cut=kind, limit=limit)
    return request


def _file(path: Path, made: export.Made, result: RiskList, scorer: Scorer) -> bytes:
    link = f"/{link_to('ward_list', result.request.query())}"
    title = f"Wards of {scorer.places[result.request.area].label} at risk of digital exclusion"
    rows, fields = export.export_rows(made, result.rows, link), export.export_fields(made)
    about = export.readme(made, title, {}, link)
    if path.suffix == ".xlsx":
        # The date of the newest figures, not the clock's: the same request gives the same bytes.
        newest = max(source.as_at for source in behind_measures(declared_sources()))
        made_on = datetime(newest.year, newest.month, newest.day)
        return to_xlsx([Sheet("Wards", fields, rows)], about, made_on)
    if path.suffix in (".geojson", ".json"):
        return export.to_geojson(rows, scorer.snapshot.path("boundaries_wards.geojson"), about)
    return unmarked_csv(rows, fields)


def evidence(out: OutFile, data: Data) -> None:
    """Write the score's agreement with households not online in 2021, by region."""
    scorer = opened(data)
    if not has_outcome(scorer.wards):
        raise ValueError(f"the snapshot has no '{OUTCOME}': build it anew, or name another folder")
    found = evidence_of(scorer)
    frame = found.agreements.round(4).assign(limits=export.LIMITS, attribution=export.ATTRIBUTION)
    frame.to_csv(out, index=False, lineterminator="\n")
    print(f"{len(frame):,} lines, pooled correlation {found.pooled['standard']['rho']:.3f}: {out}")


def datastore(out: OutFolder, data: Data) -> None:
    """Write every table in open formats."""
    descriptor = Datastore(load(data)).write(out)
    size = sum(entry["bytes"] for entry in descriptor["resources"])
    files = len(descriptor["resources"])
    print(f"{files} files, {size / 1e6:.0f} MB, edition {descriptor['version']}: {out}")
