"""The files of chosen sites: one row a site, with what it adds and how sure the choice is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd

from atlas.access.distance import EVERYONE
from atlas.access.travel import Travel
from atlas.catalogue.cohorts import declared_cohorts
from atlas.files.spreadsheets import HOW_NOT_TO_USE, Field
from atlas.places.places import Places, natural
from atlas.places.ward_at_point import degrees_of
from atlas.planning.sites import OBJECTIVES, Candidate, SitePlan

_METHOD = {
    "proven": "proven: no other choice of as many candidates has a higher total",
    "bounded": "the best found in the time given; no choice can exceed the bound",
    "greedy": "found step by step; no choice can exceed the bound",
}
STRAIGHT_LINE = (
    "Distances are straight lines, from the centre of each small area (LSOA). Who lives within a "
    "mile is counted by postcode, with a small area’s residents spread evenly over its postcodes. "
    "Rivers, railways and hills are not seen."
)
ON_FOOT = (
    "Walking times are those of the file {source}, from the population-weighted centre of each "
    "small area (LSOA). Places that it does not name are measured by straight line, a mile as "
    "twenty minutes."
)
NEIGHBOURHOOD = (
    "A candidate that is the centre of a small area is a neighbourhood and not a building: look "
    "for a room near it."
)
BORDER = (
    "Residents just beyond the border of the area are not counted; libraries beyond it are, for "
    "those who live inside."
)


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
    return ON_FOOT.format(source=travel.source) if travel.on_foot else STRAIGHT_LINE


def site_fields(plan: SitePlan) -> list[Field]:
    """Return the columns of the file in order."""
    unit = added_unit(plan)
    label = cohort_label(plan.cohort).lower()
    means = (
        f"{label} who come {plan.travel.within}, not counting those of sites ranked before"
        if plan.objective == "reach"
        else f"shorter way to the nearest place, summed over {label}"
    )
    return [
        Field("rank", "Rank", "count", "1 adds most."),
        Field("candidate_id", "Candidate", "code", "LSOA code, or identifier of the library."),
        Field("candidate_name", "Name", "text"),
        Field("kind", "Kind", "text", NEIGHBOURHOOD),
        Field("ward_code", "Ward code", "code"),
        Field("ward_name", "Ward", "text"),
        Field("authority_name", "Local authority", "text"),
        Field("easting", "Easting", "count", "Metres, British National Grid (EPSG:27700)."),
        Field("northing", "Northing", "count", "Metres, British National Grid (EPSG:27700)."),
        Field("longitude", "Longitude", "score", "Degrees, WGS 84 (EPSG:4326)."),
        Field("latitude", "Latitude", "score", "Degrees, WGS 84 (EPSG:4326)."),
        Field(f"{unit}_added", f"Added ({unit.replace('_', ' × ')})", "people", f"Adds: {means}."),
        Field("added_so_far", "Added so far", "people", "By this site and all before it."),
        Field("total", "Total", "people", "By all chosen sites together."),
        Field("bound", "Bound", "people", "No choice of as many candidates can add more."),
        Field("gap", "Gap", "share", "(bound - total) / bound; 0 where the choice is proven."),
    ]


def site_rows(plan: SitePlan, wards: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each chosen site as :func:`site_fields`; ``wards`` gives the names."""
    sites = pd.DataFrame(plan.picks, columns=[each.name for each in fields(Candidate)])
    east, north = (sites[name].to_numpy(dtype=float) for name in ("easting", "northing"))
    longitude, latitude = degrees_of(east, north)
    added = amounts(plan, plan.solution.added)
    known = wards.set_index("ward_code").reindex(sites["ward_code"])
    table = sites.rename(columns={"name": "candidate_name"}).assign(
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
        "How sure": _METHOD[plan.solution.method],
        "Distance": assumption(plan.travel),
        "Candidates": NEIGHBOURHOOD,
        "Border": BORDER,
        **({"Not known": unknown} if plan.unknown else {}),
        "Boundaries": "wards of May 2024; figures by best fit of LSOAs (2021)",
        "Data version": version,
        **({"Link": link} if link else {}),
        "Licence": "Contains public sector information licensed under the Open Government "
        "Licence v3.0. Sources: Office for National Statistics (Census 2021, centroids), Arts "
        "Council England (libraries), and the publishers of the chosen group's figures. Contains "
        "OS data © Crown copyright and database right 2025.",
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
