"""The targeting list: rank, filter, cut, see who is covered, take the file away."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from atlas.catalogue.columns import Column, shown
from atlas.files.spreadsheets import Field, Sheet
from atlas.places.area_figures import count_of, figure
from atlas.places.places import Place, natural
from atlas.places.site_map import link as link_to
from atlas.places.view_url import FITS, ListSettings, View, query, serialised
from atlas.text.numbers import about_one_in, people, percent
from atlas.ward.sentences import dated, superlative
from atlas.ward_list.targeting import by_authority, left_out, ranked
from views.kit.controls import choose_measure
from views.kit.downloads import (
    LINK,
    VERSION,
    address_of,
    csv_button,
    readme,
    stamped,
    table_fields,
    xlsx_button,
)
from views.kit.html import Cell, cell, escaped, linked, table
from views.kit.notices import empty, outdated_note
from views.kit.skip_link import TABLE
from views.session import uploads, url
from views.session.snapshot import atlas

_FIT_WORDS = {"weak": "1 area", "fair": "2 areas", "good": "3+ areas"}
_PER_PAGE = 25
_EXTRA = (
    Field("place_in_list", "Place in list", "count", "1 is the ward with most need."),
    Field("people_so_far", "Residents so far", "people", "Residents of this ward and all above."),
)


def page() -> None:
    """Draw the wards in order of the measure in view."""
    view, settings = url.view(), url.list_settings()
    column = uploads.measure(view.measure)
    place = atlas().places[view.place]
    rows = atlas().places.positions(place.code)
    listed = ranked(uploads.ward_figures(), column, settings, rows)
    st.title(f"Targeting list, wards of {place.label}")
    st.html(f"<p class='atlas-lead'>{_lead(listed, column, place, rows)}</p>")
    outdated_note(column.name, place.code)
    wide, _ = st.columns([2, 1])
    with wide:
        choose_measure(view)
    left, right = st.columns([1, 2.4], gap="large")
    with left:
        _cut(settings, listed, rows)
        _filters(settings, column, place)
    with right:
        if listed.empty:
            _nothing_left(place)
            return
        _covered(listed, rows)
        _list(listed, view, column)
        _take_away(listed, view, settings, column, place, rows)
        _authorities(listed, place, rows)
        _explained(column, settings, rows)


def _lead(listed: pd.DataFrame, column: Column, place: Place, rows: np.ndarray) -> str:
    chosen = listed[listed["chosen"]]
    if chosen.empty:
        return f"No ward of {escaped(place.label)} passes these filters."
    wards = atlas().snapshot.wards
    residents = float(chosen["population"].sum())
    share = residents / float(wards["population"].iloc[rows].sum())
    count = "1 ward" if len(chosen) == 1 else f"{len(chosen):,} wards"
    aloud = about_one_in(share)
    text = (
        f"The {count} of {place.label} with {superlative(column)} "
        f"{'holds' if len(chosen) == 1 else 'hold'} {people(residents)} residents: "
        f"{percent(share)} of the area"
        f"{f', {aloud}' if aloud else ''}."
    )
    return f"{escaped(text)} {escaped(_affected(chosen, column, rows))}"


def _affected(chosen: pd.DataFrame, column: Column, rows: np.ndarray) -> str:
    """Say how many of those whom the measure counts live in the chosen wards."""
    counted = column if column.unit in ("people", "households") else count_of(column)
    if counted is None or counted.need == "less":
        return ""
    wards = uploads.ward_figures()
    places = np.array([atlas().places.row(code) for code in chosen["ward_code"]])
    inside, whole = figure(wards, counted, places), figure(wards, counted, rows)
    if not whole > 0:
        return ""
    return (
        f"{counted.short}: {people(inside)} of the area’s {people(whole)} "
        f"({percent(inside / whole)})."
    )


def _cut(settings: ListSettings, listed: pd.DataFrame, rows: np.ndarray) -> None:
    by_people = settings.until > 0
    st.session_state["cut_by"] = "Residents to reach" if by_people else "Number of wards"
    st.segmented_control(
        "Cut the list by",
        ["Number of wards", "Residents to reach"],
        key="cut_by",
        required=True,
        on_change=_cut_by,
        args=(listed,),
    )
    if by_people:
        most = max(int(atlas().snapshot.wards["population"].iloc[rows].sum()), 1000)
        step = 1000 if most < 1_000_000 else 10_000
        top = -(-most // step) * step
        st.session_state["until"] = min(-(-settings.until // step) * step, top)
        st.slider(
            "Residents to reach",
            step,
            top,
            step=step,
            key="until",
            format="localized",
            on_change=_slid,
        )
    elif len(listed) > 1:
        longest = min(len(listed), 500)
        st.session_state["top"] = min(settings.top, longest)
        st.slider("Wards from the top", 1, longest, key="top", on_change=_slid)


def _cut_by(listed: pd.DataFrame) -> None:
    settings = url.list_settings()
    chosen = listed[listed["chosen"]]
    if st.session_state["cut_by"] == "Residents to reach":
        reached = int(chosen["population"].sum()) or 1000
        url.show(url.view(), replace(settings, until=reached))
    else:
        url.show(url.view(), replace(settings, until=0, top=max(len(chosen), 1)))


def _slid() -> None:
    settings = url.list_settings()
    if settings.until:
        settings = replace(settings, until=int(st.session_state["until"]))
    else:
        settings = replace(settings, top=int(st.session_state["top"]))
    url.show(url.view(), settings)


def _filters(settings: ListSettings, column: Column, place: Place) -> None:
    councils = [p for p in _councils(place)]
    names = {council.code: council.label for council in councils}
    scale = 100 if column.unit == "share" else 1
    st.session_state["only"] = [code for code in settings.authorities if code in names]
    st.session_state["least"] = None if settings.limit is None else settings.limit * scale
    st.session_state["people"] = settings.people
    st.session_state["fits"] = list(settings.fits)
    if len(councils) > 1:
        st.multiselect(
            "Only these councils",
            list(names),
            format_func=names.__getitem__,
            key="only",
            placeholder="All councils",
            on_change=_filtered,
            args=(scale,),
        )
    unit = {"share": " (%)", "km": " (km)", "hours": " (hours)"}.get(column.unit, "")
    bound = "at most" if column.need == "less" else "at least"
    st.number_input(
        f"{column.short} {bound}{unit}",
        value=None,
        key="least",
        placeholder="Any figure",
        on_change=_filtered,
        args=(scale,),
    )
    st.number_input(
        "Residents at least",
        min_value=0,
        step=500,
        key="people",
        on_change=_filtered,
        args=(scale,),
    )
    st.pills(
        "Figures that rest on (small areas)",
        FITS,
        selection_mode="multi",
        format_func=_FIT_WORDS.__getitem__,
        key="fits",
        on_change=_filtered,
        args=(scale,),
        help="A ward’s figures rest on the small areas (LSOAs) that fit it best. On one or two "
        "they may describe a somewhat different area than the ward.",
    )
    if settings != ListSettings(top=settings.top, until=settings.until):
        st.button("Clear filters", on_click=_clear, type="tertiary")


def _councils(place: Place) -> list[Place]:
    places = atlas().places
    rows = places.positions(place.code)
    codes = pd.unique(atlas().snapshot.wards["authority_code"].iloc[rows])
    return sorted((places[code] for code in codes), key=lambda council: council.label)


def _filtered(scale: int) -> None:
    state = st.session_state
    limit = state["least"]
    fits = tuple(fit for fit in FITS if fit in state["fits"])
    url.show(
        url.view(),
        replace(
            url.list_settings(),
            authorities=tuple(state.get("only", ())),
            limit=None if limit is None else float(f"{limit / scale:.9f}"),
            people=int(state["people"] or 0),
            fits=fits or FITS,
        ),
    )


def _clear() -> None:
    settings = url.list_settings()
    url.show(url.view(), ListSettings(top=settings.top, until=settings.until))


def _nothing_left(place: Place) -> None:
    empty(
        "No ward is left.",
        f"None of the wards of {place.label} passes all filters.",
        "Lower a threshold or clear the filters.",
    )


def _covered(listed: pd.DataFrame, rows: np.ndarray) -> None:
    """Say what the cut would cover at other lengths, as a small table."""
    residents = float(atlas().snapshot.wards["population"].iloc[rows].sum())
    now = int(listed["chosen"].sum())
    lengths = sorted({n for n in (5, 10, 20, 50, 100, 200, now) if 0 < n <= len(listed)})[:7]
    cells = []
    for length in lengths:
        so_far = float(listed["people_so_far"].iloc[length - 1])
        here = "atlas-chosen-cell" if length == now else ""
        mark = " (your list)" if length == now else ""
        cells.append(
            [
                cell(f"{length:,}{mark}", css=here),
                cell(f"{so_far:,.0f}", number=True, css=here),
                cell(percent(so_far / residents) if residents else "no data", True, here),
            ]
        )
    headings = [cell("Wards listed"), cell("Residents covered", True), cell("Of the area", True)]
    with st.expander("What a shorter or longer list would cover"):
        st.html(table("Residents covered as the list grows", headings, cells))


def _list(listed: pd.DataFrame, view: View, column: Column) -> None:
    chosen = listed[listed["chosen"]]
    pages = max(1, -(-len(chosen) // _PER_PAGE))
    number = st.pagination(pages, key=f"list_page_{pages}") if pages > 1 else 1
    part = chosen.iloc[(number - 1) * _PER_PAGE : number * _PER_PAGE]
    direction = f" ({column.direction_in_words})" if column.direction_in_words else ""
    caption = f"{column.label}{direction}. {dated(column, atlas().used)}."
    if pages > 1:
        caption += f" Wards {part['place_in_list'].iloc[0]:,} to {part['place_in_list'].iloc[-1]:,}"
        caption += f" of {len(chosen):,}."
    headings = [
        cell("Ward"),
        cell("Council"),
        cell(column.short, number=True),
        cell("Residents", number=True),
        cell("Residents so far", number=True),
        cell("Rests on"),
    ]
    body = [_row(r, view, column) for r in _records(part)]
    st.html(table(escaped(caption), headings, body, TABLE))


def _records(frame: pd.DataFrame) -> list[dict[str, str | float]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _row(row: dict[str, str | float], view: View, column: Column) -> list[Cell]:
    code, name = str(row["ward_code"]), str(row["ward_name"])
    ward = linked(name, link_to("measures", serialised(replace(view, ward=code))))
    return [
        Cell(f"<span class='atlas-place'>{int(row['place_in_list'])}</span> {ward.html}"),
        cell(natural(str(row["authority_name"]))),
        cell(shown(column, row[column.name]), number=True),
        cell(f"{row['population']:,.0f}", number=True),
        cell(f"{row['people_so_far']:,.0f}", number=True),
        cell(_FIT_WORDS.get(str(row["fit"]), ""), css="atlas-nowrap"),
    ]


def _take_away(
    listed: pd.DataFrame,
    view: View,
    settings: ListSettings,
    column: Column,
    place: Place,
    rows: np.ndarray,
) -> None:
    link = address_of(query(view, settings))
    chosen = listed[listed["chosen"]]
    fields = [_EXTRA[0], *table_fields(column), _EXTRA[1], VERSION, LINK]
    title = f"Targeting list, wards of {place.label}"
    about = readme(title, _said(settings, column, len(chosen)), column, link)
    name = f"targeting-list-{place.code}-{column.name}"

    def sheets() -> list[Sheet]:
        shares = by_authority(listed, atlas().snapshot.wards, rows)
        return [
            Sheet("Wards", fields, stamped(chosen, link)),
            Sheet("Councils", _AUTHORITY_FIELDS, shares),
        ]

    with st.container(horizontal=True):
        xlsx_button(name, sheets, about, "list_xlsx")
        csv_button(name, lambda: stamped(chosen, link), fields, "list_csv")


_AUTHORITY_FIELDS = (
    Field("authority_code", "Council code", "code"),
    Field("authority_name", "Council", "text"),
    Field("listed", "Wards listed", "count", "Wards of the council that the list takes."),
    Field("wards", "Wards", "count", "All wards of the council in the area."),
    Field("residents_listed", "Residents listed", "people", "Residents of the listed wards."),
    Field("residents", "Residents", "people", "All residents of the council in the area."),
    Field("share_of_residents", "Of its residents", "share", "Residents listed out of its own."),
    Field("share_of_list", "Of the list", "share", "Residents listed out of the whole list."),
    Field("share_of_area", "Of the area", "share", "Its residents out of the area's."),
)


def _said(settings: ListSettings, column: Column, count: int) -> dict[str, str]:
    """Return the settings in words, for a README."""
    words = "at most" if column.need == "less" else "at least"
    limit = "none" if settings.limit is None else f"{words} {shown(column, settings.limit)}"
    places = atlas().places
    return {
        "Wards listed": f"{count:,}",
        "Cut": f"until {settings.until:,} residents" if settings.until else f"first {settings.top}",
        "Order": "lowest first" if column.need == "less" else "highest first; ties by ward code",
        "Only these councils": ", ".join(places[c].label for c in settings.authorities) or "all",
        "Threshold": limit,
        "Residents at least": f"{settings.people:,}",
        "Figures rest on": ", ".join(_FIT_WORDS[fit] for fit in settings.fits),
    }


def _authorities(listed: pd.DataFrame, place: Place, rows: np.ndarray) -> None:
    shares = by_authority(listed, atlas().snapshot.wards, rows)
    if len(shares) < 2:
        return
    some = shares[shares["listed"] > 0]
    none = len(shares) - len(some)
    headings = [
        cell("Council"),
        cell("Wards listed", number=True),
        cell("Residents listed", number=True),
        cell("Share of the list", number=True),
        cell("Share of the area’s residents", number=True),
    ]
    body = [
        [
            cell(natural(str(row["authority_name"]))),
            cell(f"{row['listed']:.0f} of {row['wards']:.0f}", number=True),
            cell(f"{row['residents_listed']:,.0f}", number=True),
            cell(percent(float(row["share_of_list"])), number=True),
            cell(percent(float(row["share_of_area"])), number=True),
        ]
        for row in _records(some.head(_PER_PAGE))
    ]
    st.html(
        "<h2 class='atlas-h2'>How the list falls among councils</h2>"
        + table(f"Councils of {escaped(place.label)} with wards on the list", headings, body)
    )
    if none or len(some) > _PER_PAGE:
        more = max(len(some) - _PER_PAGE, 0)
        parts = (
            [f"{more:,} more councils have wards on the list (in the Excel file)"] if more else []
        )
        parts += [f"{none:,} councils of the area have none"] if none else []
        st.html(f"<p class='atlas-note'>{escaped('; '.join(parts))}.</p>")


def _explained(column: Column, settings: ListSettings, rows: np.ndarray) -> None:
    out = left_out(uploads.ward_figures(), column, settings, rows)
    order = "Lowest figures first" if column.need == "less" else "Highest figures first"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in out.items())
    text = f"{order}; wards with equal figures are in order of their codes. {column.definition}"
    if reasons:
        text += f" Wards left out: {reasons}."
    st.html(f"<p class='atlas-note atlas-after'>{escaped(text)}</p>")
