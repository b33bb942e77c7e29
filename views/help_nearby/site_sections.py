"""What the page on new places shows: map, table with files, curve, and what it cannot know."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from atlas.catalogue.columns import declared_columns, shown
from atlas.maps.payload import Mark
from atlas.places.places import natural
from atlas.places.view_url import View
from atlas.planning.equality import TOO_LONG
from atlas.planning.maximal_cover import Solution
from atlas.planning.sentences import group_words, paying_sentence
from atlas.planning.site_files import (
    BORDER,
    NEIGHBOURHOOD,
    added_unit,
    amounts,
    cohort_label,
    site_fields,
    site_readme,
    site_rows,
)
from atlas.planning.sites import Kind, SitePlan
from atlas.risk.request import RiskRequest
from atlas.text.numbers import percent
from views.cached import risk
from views.cached.sites import Question, whereabouts
from views.help_nearby.reach_charts import reach_curve
from views.kit.downloads import LINK, VERSION, stamped, take_away
from views.kit.html import TABLE, Cell, cell, escaped, linked_ward, numbers, prose, table
from views.kit.legend import show_chart, show_names
from views.kit.travel import travel_note
from views.kit.ward_map import picture_of, ward_map
from views.session.snapshot import atlas

_SHARES = (
    "nobody",
    "up to a quarter",
    "a quarter to a half",
    "a half to three quarters",
    "more than three quarters",
)
KIND_WORDS: dict[Kind, str] = {
    "neighbourhood": "Neighbourhood",
    "unstaffed library": "Library, unstaffed or hours not stated",
    "closed library": "Closed library",
    "yours": "Your own place",
}
# Headings of what a site adds, by its unit.
_ADDS = {
    "people": "People added",
    "households": "Households added",
    "person_km": "Kilometres saved, all together",
    "person_minutes": "Minutes saved, all together",
}


def site_map(view: View, plan: SitePlan, asked: Question) -> None:
    """Draw wards by the share of the group beyond reach today, and the chosen sites by rank."""
    wards = atlas().snapshot.wards
    share = _beyond_share(asked)
    classes = np.where(share > 0, np.minimum(np.floor(share * 4 - 1e-9) + 1, 4), 0)
    rows = site_rows(plan, wards)
    places = zip(
        rows["rank"],
        rows["ward_name"],
        whereabouts(plan),
        rows["longitude"],
        rows["latitude"],
        strict=True,
    )
    picture = picture_of(
        atlas().places[view.place],
        view.ward,
        share,
        np.where(np.isnan(share), -1, classes),
        label=f"{cohort_label(plan.cohort)} {plan.travel.beyond} from help",
        unit="share",
        direction="darker = more of them live beyond reach",
        class_labels=_SHARES,
        marks=[
            Mark(str(rank), f"{name}, {words}", longitude, latitude)
            for rank, name, words, longitude, latitude in places
        ],
    )
    ward_map(picture, key="sites_map", height=440)
    marked = "Numbered discs: the chosen sites, 1 adds most. " if plan.picks else ""
    show_names(picture, f"{marked}Share of the ward’s {group_words(plan.cohort)}")


def _beyond_share(asked: Question) -> np.ndarray:
    """Return for each ward the share of the group beyond reach today; NaN where not known."""
    problem = asked.problem
    row = pd.Index(atlas().snapshot.wards["ward_code"]).get_indexer(problem.residents.ward_codes)
    count = len(atlas().snapshot.wards)
    people = np.nan_to_num(problem.weights)
    far = people * (1 - np.nan_to_num(problem.reach.near))
    with np.errstate(invalid="ignore"):
        return np.bincount(row, far, minlength=count) / np.bincount(row, people, minlength=count)


def site_table(plan: SitePlan, link: str, changes: Sequence[str]) -> None:
    """Draw the table of chosen sites with what each adds, and offer it as files.

    ``changes`` are those that the sites were counted with; ``link`` opens them, "" for none.
    """
    rows, unit = site_rows(plan, atlas().snapshot.wards), added_unit(plan)
    column, score = declared_columns()["risk_score"], risk.index(RiskRequest()).score
    body = []
    for line, where in zip(rows.to_dict("records"), whereabouts(plan), strict=True):
        code = str(line["ward_code"])
        ward = linked_ward(str(line["ward_name"]), code)
        kind = KIND_WORDS[line["kind"]]
        if line["kind"] == "neighbourhood":
            kind += f": {line['candidate_name']}"
        body.append(
            [
                Cell(
                    f"<span class='atlas-disc'>{line['rank']}</span> "
                    f"{escaped(where[0].upper() + where[1:])}"
                    f"<span class='atlas-under'>{escaped(kind)}</span>"
                ),
                Cell(
                    f"{ward.html}<span class='atlas-under'>"
                    f"{escaped(natural(str(line['authority_name'])))}</span>"
                ),
                shown(column, float(score[atlas().places.row(code)]) if code else None),
                f"{line[f'{unit}_added']:,.0f}",
                cell(f"{line['added_so_far']:,.0f}", True, "atlas-wide-only"),
            ]
        )
    headings = [
        "Where",
        "Ward",
        *numbers("Ward’s risk, 0 to 100", _ADDS[unit]),
        cell("Running total", True, "atlas-wide-only"),
    ]
    counted = (
        f"{cohort_label(plan.cohort)} who newly come {plan.travel.within} of help; "
        "no one is counted for two places"
        if plan.objective == "reach"
        else f"How much shorter the way becomes, summed over {group_words(plan.cohort)}"
    )
    st.html(
        "<h2 class='atlas-h2'>The places, the one that adds most first</h2>"
        f"<div class='atlas-tight'>{table(escaped(counted), headings, body, TABLE)}</div>"
    )
    about = site_readme(plan, atlas().places, atlas().snapshot.version, link or TOO_LONG, changes)
    fields = [*site_fields(plan), VERSION, LINK]
    name = f"where-next-{plan.place_code}-{plan.cohort}{'-what-if' if changes else ''}"
    take_away(name, lambda: stamped(rows, link), fields, about, "sites")


def site_curve(plan: SitePlan, asked: Question) -> None:
    """Draw what each further site adds, as a sentence, a curve and a table."""
    answers = [asked.answer(sites) for sites in range(1, len(asked.quick) + 1)]
    totals = amounts(plan, [answer.total for answer in answers])
    bounds = amounts(plan, [answer.bound for answer in answers])
    unit = _ADDS[added_unit(plan)]
    what = {"People added": "people", "Households added": "households"}.get(
        unit, unit.split()[0].lower()
    )
    verb = "add" if plan.objective == "reach" else "save"
    lines = pd.DataFrame(
        {"sites": range(len(answers) + 1), "total": [0.0, *totals], "bound": [0.0, *bounds]}
    )
    prose(
        "<h2 class='atlas-h2'>Where the next place stops paying</h2>"
        f"<p>{escaped(paying_sentence(totals.tolist(), what, verb))}</p>"
    )
    left, right = st.columns([1.25, 1], gap="large")
    words = f"{unit} by number of new places: " + ", ".join(
        f"{sites} {total:,.0f}" for sites, total in enumerate(totals, 1)
    )
    with left:
        show_chart(reach_curve(lines, plan.sites, unit), f"{words}.", "reach_curve")
    with right:
        st.html(f"<div class='atlas-tight'>{_curve_table(plan, answers, unit)}</div>")


def _curve_table(plan: SitePlan, answers: Sequence[Solution], unit: str) -> str:
    totals = amounts(plan, [answer.total for answer in answers])
    before = float(amounts(plan, plan.beyond)) if plan.objective == "reach" else 0.0
    open_ones = any(answer.method != "proven" for answer in answers)
    headings = ["New places", *numbers(unit, "By one more")]
    headings += numbers("Of those beyond reach") if before else []
    headings += ["How sure"] if open_ones else []
    body = []
    for sites, (total, more) in enumerate(zip(totals, np.diff([0.0, *totals]), strict=True), 1):
        here = "atlas-chosen-cell" if sites == plan.sites else ""
        line: list[object] = [
            cell(f"{sites}{' (shown)' if here else ''}", css=here),
            cell(f"{total:,.0f}", True, here),
            cell(f"{more:,.0f}", True, here),
        ]
        line += [cell(percent(total / before), True, here)] if before else []
        answer = answers[sites - 1]
        most = f"at most {np.ceil(float(amounts(plan, answer.bound))):,.0f}"
        line += ["proven" if answer.method == "proven" else most] if open_ones else []
        body.append(line)
    caption = "The best choice for each number of places; it need not hold the one before."
    caption += "" if open_ones else " All are proven."
    return table(caption, headings, body)


def limits(plan: SitePlan) -> None:
    """Say what the choice rests on and what it cannot know."""
    points = [
        NEIGHBOURHOOD,
        BORDER,
        "Places to get help today are libraries that count, and places of your own "
        "where you brought some. Other places that help, such as community centres, are in no "
        "national record.",
        "A new place does not change the risk of a ward: it changes what help is near.",
        "Rent, rooms, buses, opening hours and whether people would come are not known here. Ask "
        "people who know the place.",
    ]
    items = "".join(f"<li>{escaped(point)}</li>" for point in points)
    prose(
        "<h2 class='atlas-h2'>What to know before using this</h2>"
        f"<ul class='atlas-list'>{items}</ul>{travel_note()}"
    )
