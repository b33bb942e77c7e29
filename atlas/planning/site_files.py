"""The files of chosen sites: one row a site, with what it adds and how sure the choice is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from atlas.access.distance import EVERYONE
from atlas.access.travel import Travel
from atlas.catalogue.cohorts import declared_cohorts
from atlas.files.spreadsheets import HOW_NOT_TO_USE, Field
from atlas.places.places import Places, natural
from atlas.places.ward_at_point import degrees_of
from atlas.planning.sites import OBJECTIVES, SitePlan
from atlas.text.texts import texts

_TEXTS = texts(__file__)
NEIGHBOURHOOD, BORDER = _TEXTS["neighbourhood"], _TEXTS["border"]


def cohort_label(cohort: str) -> str:
    """Return how a cohort is named: 'Residents aged 75 and over'. Everyone is 'Residents'."""
    return "Residents" if cohort == EVERYONE else declared_cohorts()[cohort].label


def added_unit(plan: SitePlan) -> str:
    """Return what sites add: 'people' brought within reach, 'person_km' or 'person_minutes'."""
    if plan.objective == "reach":
        counted = declared_cohorts().get(plan.cohort)
        return "households" if counted and counted.unit == "households" else "people"
    return "person_minutes" if plan.travel.on_foot else "person_km"


def amounts(plan: SitePlan, values: Any) -> Any:
    """Return totals of a plan in :func:`added_unit`, in place of metres times people."""
    by_metre = plan.objective == "distance" and not plan.travel.on_foot
    return np.asarray(values, dtype=float) / (1000 if by_metre else 1)


def assumption(travel: Travel) -> str:
    """Say how distances were measured."""
    said: str = _TEXTS["on_foot" if travel.on_foot else "straight_line"]
    return said.format(source=travel.source)


def site_fields(plan: SitePlan) -> list[Field]:
    """Return the columns of the file in order."""
    unit, group = added_unit(plan), cohort_label(plan.cohort).lower()
    adds = _TEXTS["adds"][plan.objective].format(group=group, within=plan.travel.within)
    told = {"unit": unit, "said": unit.replace("_", " × "), "adds": adds}
    told["neighbourhood"] = NEIGHBOURHOOD
    return [
        Field(**{"name": key} | {name: text.format(**told) for name, text in said.items()})
        for key, said in _TEXTS["fields"].items()
    ]


def site_rows(plan: SitePlan, wards: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each chosen site as :func:`site_fields`; ``wards`` gives the names."""
    names = ("venue_id", "name", "kind", "ward_code", "easting", "northing")
    sites = pd.DataFrame([[getattr(v, name) for name in names] for v in plan.picks], columns=names)
    east, north = (sites[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    longitude, latitude = degrees_of(east, north)
    added = amounts(plan, plan.solution.added)
    known = wards.set_index("ward_code").reindex(sites["ward_code"])
    table = sites.rename(columns={"venue_id": "candidate_id", "name": "candidate_name"}).assign(
        rank=np.arange(1, len(sites) + 1),
        ward_name=known["ward_name"].to_numpy(),
        authority_name=[natural(str(name)) for name in known["authority_name"]],
        easting=np.round(east, 1),
        northing=np.round(north, 1),
        longitude=np.round(longitude, 6),
        latitude=np.round(latitude, 6),
        added_so_far=np.round(np.cumsum(added), 3),
        total=np.round(float(amounts(plan, plan.solution.total)), 3),
        bound=np.round(float(amounts(plan, plan.solution.bound)), 3),
        gap=np.round(plan.solution.gap, 6),
        **{f"{added_unit(plan)}_added": np.round(added, 3)},
    )
    return table[[field.name for field in site_fields(plan)]]


def site_readme(
    plan: SitePlan, places: Places, version: str, link: str = "", changes: Sequence[str] = ()
) -> dict[str, str]:
    """Return what a file of sites says about itself; ``changes`` are a scenario's, in words."""
    place = places[plan.place_code]
    unit = added_unit(plan).replace("_", " × ")
    unknown = f"{plan.unknown:,} small areas have no figure for this group: nobody counted"
    return {
        "Title": f"Where next: places to get help, {place.label}",
        "Area": f"{place.label} ({place.code})",
        "Group": f"{cohort_label(plan.cohort)}: {plan.people:,.0f} in all, {plan.reached:,.0f} "
        f"{plan.travel.within} of help {'with these changes' if changes else 'today'}",
        **({"Counted as if": "; ".join(changes)} if changes else {}),
        "Question": f"{OBJECTIVES[plan.objective]}, with at most {plan.sites} sites of "
        f"{plan.candidates:,} candidates",
        "Total": f"{float(amounts(plan, plan.solution.total)):,.0f} ({unit})",
        "How sure": _TEXTS["method"][plan.solution.method],
        "Distance": assumption(plan.travel),
        "Candidates": NEIGHBOURHOOD,
        "Border": BORDER,
        **({"Not known": unknown} if plan.unknown else {}),
        "Boundaries": "wards of May 2024; figures by best fit of LSOAs (2021)",
        "Data version": version,
        **({"Link": link} if link else {}),
        "Licence": _TEXTS["licence"],
        **{f"How not to use it ({n})": text for n, text in enumerate(HOW_NOT_TO_USE, 1)},
    }


def to_json(frame: pd.DataFrame, plan: SitePlan, about: Mapping[str, str]) -> bytes:
    """Return the sites as JSON: what they are about, total, bound and gap, then the sites."""
    solution = plan.solution
    rows = frame.drop(columns=["total", "bound", "gap"]).astype(object)
    means = {
        f"mean_{plan.travel.unit}_{when}": value if np.isfinite(value) else None
        for when, value in (("before", plan.mean_before), ("after", plan.mean_after))
    }
    content = {
        "about": dict(about),
        "unit": added_unit(plan),
        "total": round(float(amounts(plan, solution.total)), 3),
        "bound": round(float(amounts(plan, solution.bound)), 3),
        "gap": solution.gap,
        "method": solution.method,
        "seconds": round(solution.seconds, 3),
        "people": plan.people,
        "reached_before": round(plan.reached, 3),
        "newly_reached": round(plan.newly_reached, 3),
        **means,
        "sites": rows.where(rows.notna(), None).to_dict("records"),
    }
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8")
