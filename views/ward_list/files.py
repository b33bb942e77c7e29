"""What a reader takes away from the risk list: workbook, CSV, GeoJSON, evidence paragraph."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from atlas.catalogue.cohorts import cohort_table, counted_cohorts, declared_cohorts
from atlas.catalogue.columns import Column
from atlas.files.spreadsheets import Field, Sheet, field_of
from atlas.risk.export import Made, export_fields, export_rows, readme, to_geojson
from atlas.risk.method import declared_method
from atlas.ward_list.evidence_paragraph import evidence_paragraph
from atlas.ward_list.risk_list import ListRequest, by_authority, conditions_said, orders
from atlas.worker import for_files
from views.cached import risk
from views.cached.risk import Shown
from views.kit.downloads import address_of, csv_button, file_button, offer, xlsx_button
from views.kit.html import prose
from views.session.snapshot import atlas
from views.ward_list.controls import weights_in_words

_AUTHORITY_FIELDS = (
    Field("authority_code", "Council code", "code"),
    Field("authority_name", "Council", "text"),
    Field("wards", "Wards", "count", "All wards of the council in the area."),
    Field("listed", "Wards listed", "count"),
    Field("residents", "Residents", "people", "All residents of the council in the area."),
    Field("listed_residents", "Residents of listed wards", "people"),
    Field("share_of_area", "Share of the area", "share"),
    Field("share_of_list", "Share of the list", "share"),
)
_COHORT_FIELDS = (
    Field("label", "Group", "text"),
    Field("honesty", "How it is counted", "text"),
    Field("number", "In the listed wards", "people"),
    Field("england", "England", "people"),
    Field("share", "Share of England's", "share"),
    Field("unknown_wards", "Wards without a figure", "count"),
    Field("note", "Note", "text"),
)


def take_away(view: Shown) -> None:
    """Offer the list as files, each with its settings, limits and the link back to this view."""
    if view.tests is None:
        prose(
            "<p class='atlas-note'>Files follow when the tests are done, in a second or two: a "
            "file always says how sure each place on the list is.</p>"
        )
        return
    link = address_of(f"?{urlencode(risk.query_string(view.request))}")
    made = risk.made(view, view.tests)
    title = f"Ward list, {view.place.label} compared with {made.base.label}"
    about = readme(made, title, said(view.request, view.measures), link)
    name = f"risk-list-{view.place.code}"

    fields, ordered = export_fields(made), view.measures.get(view.request.order)
    if ordered and ordered.name not in {field.name for field in fields}:
        fields = [*fields, field_of(ordered)]

    def frame() -> pd.DataFrame:
        listed = export_rows(made, view.result.rows, link)
        numbers = {ordered.name: view.result.table["number"].to_numpy()} if ordered else {}
        return listed.assign(**numbers)

    offer(
        lambda: xlsx_button(
            name, lambda: _sheets(view, fields, frame()), about, "risk_xlsx", "Excel"
        )
    )
    with st.container(horizontal=True):
        csv_button(name, frame, fields, "risk_csv")
        snapshot = atlas().snapshot
        file_button(
            "Download GeoJSON",
            lambda: for_files.do(
                to_geojson, frame(), snapshot.path("boundaries_wards.geojson"), about
            ),
            f"{name}.geojson",
            "risk_geojson",
        )
    with st.expander("Evidence paragraph, ready to paste"):
        _evidence(view, made, link)


def _evidence(view: Shown, made: Made, link: str) -> None:
    names = {c.key: c.label for c in counted_cohorts()}
    chosen = st.multiselect(
        "Groups to count", list(names), format_func=names.__getitem__, key="risk_evidence"
    )
    cohorts = [declared_cohorts()[key] for key in chosen]
    text = evidence_paragraph(made, view.result, atlas().places, cohorts, link)
    st.code(text, language=None, wrap_lines=True)


def said(request: ListRequest, measures: Mapping[str, Column]) -> dict[str, str]:
    """Return what was chosen for a list in words, for the files; what was not is left out."""
    limit = {
        "share": f"highest-risk {request.limit:.1%} of the residents compared with",
        "top": f"the first {request.limit:,.0f} wards",
        "people": f"as many wards as hold at most {request.limit:,.0f} residents",
    }
    chosen = {
        "Weighting": weights_in_words(request.risk) if request.risk.is_own else request.risk.preset,
        "Limit": limit[request.cut],
        "Order": orders(measures)[request.order],
        "How sure": f"{request.tier} or surer" if request.tier else "",
        "Kind of need": request.need and declared_method().components[request.need].label,
        "Councils": ", ".join(atlas().places[code].label for code in request.councils),
        "Measures": "; ".join(conditions_said(request, measures)),
        "Rural or urban": request.setting,
        "Fit": request.fit,
        "Only wards that hold a pocket": "yes" if request.pockets_only else "",
        "Contrasting wards kept": str(request.spread or ""),
        "Added by hand": _wards_named(request.include),
        "Left out by hand": _wards_named(request.exclude),
    }
    return {heading: text for heading, text in chosen.items() if text}


def _wards_named(codes: Sequence[str]) -> str:
    wards, places = atlas().snapshot.wards, atlas().places

    def named(code: str) -> str:
        if not places.is_ward(code):
            return code
        ward = wards.iloc[places.row(code)]
        return f"{ward['ward_name']}, {ward['authority_name']} ({code})"

    return "; ".join(map(named, codes))


def _sheets(view: Shown, fields: Sequence[Field], frame: pd.DataFrame) -> list[Sheet]:
    shares = by_authority(view.result, atlas().snapshot.wards, atlas().places)
    cohorts = cohort_table(atlas().snapshot.wards, view.result.listed)
    return [
        Sheet("Wards", fields, frame),
        Sheet("Councils", _AUTHORITY_FIELDS, shares),
        Sheet("Groups", _COHORT_FIELDS, cohorts),
    ]
