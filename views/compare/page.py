"""Two to four places side by side, and the wards that are most like one."""

from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from atlas.briefing.area import with_article
from atlas.catalogue.columns import Column, averaged, declared_columns, shown
from atlas.compare import comparison
from atlas.files.spreadsheets import Field, field_of
from atlas.places.places import ENGLAND, Place
from atlas.places.site_map import link
from atlas.places.view_url import DEFAULT_MEASURE, View, serialised
from atlas.risk.request import RiskRequest
from atlas.text.lists import listed
from atlas.ward.sentences import dated, years_of
from views.cached import risk
from views.kit.controls import choose_measure
from views.kit.downloads import address_of, take_away
from views.kit.html import TABLE, Cell, Row, cell, escaped, items, linked, numbers, prose, table
from views.kit.legend import show_chart
from views.kit.place_picker import similar_section
from views.session import uploads, url
from views.session.browser_store import focus_on
from views.session.snapshot import atlas

_WITH = "with"
_LOOK = Path(__file__).with_name("compare.css")
_INK, _QUIET, _RANGE, _MIDDLE = "#1A1F26", "#545D68", "#C3CAD1", "#7F8A95"


def page() -> None:
    """Draw the places of the address side by side."""
    st.html(_LOOK)
    view = url.view()
    places = comparison.chosen_places(atlas().places, [view.ward or view.place, *_others(view)])
    st.title("Compare places")
    # Measures come by theme, shares and averages first; the visitor's own come last.
    columns = url.measures_in_order()
    measured = comparison.side_by_side(
        uploads.ward_figures(), atlas().places, [p.code for p in places], columns
    )
    chosen = next((m for m in measured if m.column.name == view.measure), None)
    prose(f"<p class='atlas-lead' role='status'>{escaped(_lead(places, chosen))}</p>")
    _choose(places)
    if len(places) >= comparison.LEAST:
        choose_measure(view)
        if chosen:
            frame = _spread(places, chosen)
            st.html("<h2 class='atlas-h2'>How their wards spread</h2>")
            same = "A line and a diamond for each place. The text below says the same."
            show_chart(_chart(frame, chosen.column), same, "compare_chart")
            prose(f"<p class='atlas-note'>{escaped(_words(frame, chosen.column))}</p>")
        else:
            prose(
                "<p class='atlas-note'>A total is not drawn for places of different kinds: the "
                "larger place has more by nature. Choose a share, a score or a distance.</p>"
            )
        _all_measures(places, measured)
    if view.ward:
        _wards_alike(view)
    else:
        similar_section(view.place)


def _others(view: View) -> list[str]:
    given = st.query_params.get(_WITH)
    if given is None:
        holders = atlas().places.containing(view.ward or view.place)
        return list(dict.fromkeys([*(place.code for place in holders[:1]), ENGLAND]))
    return given.split(".")


def _lead(places: tuple[Place, ...], chosen: comparison.Measured | None) -> str:
    if len(places) < comparison.LEAST:
        return (
            f"Add a place to stand beside {places[0].label}: up to {comparison.MOST} places of "
            "any kind, with every measure."
        )
    names = listed([place.label for place in places])
    if chosen is None:
        return f"{names}, side by side."
    column = chosen.column
    figures = "; ".join(
        f"{_figure(column, place, value)} in {with_article(place.label)}"
        for place, value in zip(places, chosen.values, strict=True)
    )
    scale = " (score, 0 to 100)" if column.name == DEFAULT_MEASURE else ""
    said = [f"{column.label}{scale}: {figures}."]
    if direction := column.direction_in_words:
        said.append(f"{direction[0].upper()}{direction[1:]}.")
    if when := years_of(column, atlas().sources):
        said.append(f"Sources dated {when}.")
    return " ".join(said)


def _choose(places: tuple[Place, ...]) -> None:
    others = places[1:]
    with st.container(key="compared", horizontal=True):
        prose(f"<p class='atlas-here'>{escaped(places[0].label)}</p>")
        for place in others:
            st.button(
                f"Remove {place.label}",
                key=f"away_{place.code}",
                icon=":material/close:",
                on_click=_put_and_go_on,
                args=([p.code for p in others if p is not place],),
            )
    if len(places) >= comparison.MOST:
        prose(
            f"<p class='atlas-note'>{comparison.MOST} places fit side by side: "
            "remove one first.</p>"
        )
        return
    typed = st.text_input(
        "Add a place",
        key="compare_search",
        max_chars=80,
        placeholder="Postcode, town, ward, council…",
    )
    answer = atlas().search.find(typed or "", limit=6)
    hits = [answer.certain] if answer.certain else answer.hits
    if answer.message:
        prose(f"<p role='status' class='atlas-note'>{escaped(answer.message)}</p>")
    with st.container(key="compare_hits", horizontal=True):
        for hit in hits:
            if hit.code not in [place.code for place in places]:
                st.button(
                    f"Add {hit.labelled_with_kind}",
                    key=f"add_{hit.code}",
                    on_click=_put_and_go_on,
                    args=([*(p.code for p in others), hit.code],),
                )


def _put_and_go_on(codes: list[str]) -> None:
    """Show these places beside the first; the focus goes on to the box for another."""
    st.query_params[_WITH] = ".".join(codes)
    st.session_state["compare_search"] = ""
    focus_on("compare_search" if len(codes) < comparison.MOST - 1 else "away_")


def _spread(places: tuple[Place, ...], chosen: comparison.Measured) -> pd.DataFrame:
    values = uploads.ward_figures()[chosen.column.name].to_numpy(dtype=float)
    rows = []
    for place, figure in zip(places, chosen.values, strict=True):
        known = values[atlas().places.positions(place.code)]
        known = known[~np.isnan(known)]
        low, quarter, three, high = (
            np.quantile(known, [0, 0.25, 0.75, 1]) if known.size > 1 else [np.nan] * 4
        )
        rows.append((place.label, figure, low, quarter, three, high, known.size))
    names = ["place", "figure", "low", "quarter", "three_quarters", "high", "wards"]
    return pd.DataFrame(rows, columns=names)


def _chart(frame: pd.DataFrame, column: Column) -> alt.LayerChart:
    share = column.unit == "share"
    title = f"{column.short}{f', {column.direction_in_words}' if column.direction_in_words else ''}"
    axis = alt.Axis(format=".0%" if share else "~s", tickCount=6, titleFontWeight="normal")
    order = list(frame["place"])
    where = alt.Y(
        "place:N", sort=order, title=None, axis=alt.Axis(labelLimit=260, labelFontSize=13)
    )
    base = alt.Chart(frame).encode(y=where)
    scale = alt.Scale(zero=False)
    thin = base.mark_rule(strokeWidth=3, color=_RANGE).encode(
        x=alt.X("low:Q", title=title, axis=axis, scale=scale), x2="high:Q"
    )
    thick = base.mark_rule(strokeWidth=12, color=_MIDDLE).encode(
        x=alt.X("quarter:Q", scale=scale), x2="three_quarters:Q"
    )
    point = base.mark_point(
        shape="diamond", size=150, filled=True, color=_INK, stroke="white", strokeWidth=1.5
    ).encode(x=alt.X("figure:Q", scale=scale))
    return (thin + thick + point).properties(height=52 * len(frame))


def _words(frame: pd.DataFrame, column: Column) -> str:
    parts = []
    for row in frame.to_dict("records"):
        several = int(row["wards"]) > 1
        figure = shown(averaged(column) if several else column, float(row["figure"]))
        said = f"{row['place']}: {figure}"
        if several:
            low, high = (shown(column, float(row[name])) for name in ("low", "high"))
            said += f", its {int(row['wards']):,} wards from {low} to {high}"
        parts.append(said)
    return (
        f"{column.label}. The diamond is the place’s own figure, the thin line its wards from "
        f"lowest to highest, the thick line the middle half of them. {'; '.join(parts)}."
    )


def _all_measures(places: tuple[Place, ...], measured: list[comparison.Measured]) -> None:
    st.html("<h2 class='atlas-h2'>Every measure</h2>")
    beside = list(dict.fromkeys((*places, atlas().places[ENGLAND])))
    headings = ["Measure", *numbers(*(place.label for place in beside))]
    themes = list(dict.fromkeys(m.column.theme for m in measured))
    for theme in themes:
        rows = [_row(m, beside) for m in measured if m.column.theme == theme]
        caption = f"{escaped(theme)}: figures of each place"
        anchor = TABLE if theme == themes[0] else ""
        made = table(caption, headings, rows, anchor, "atlas-compare")
        st.html(f"<h3 class='atlas-h3'>{escaped(theme)}</h3>{made}")
    _own_notes(places)
    prose(
        "<p class='atlas-note'>▲ marks the place with most need. Figures of areas are sums, or "
        "means weighted by residents or households, of their wards’ figures; wards without data "
        "are left out. Totals are shown where all places are of one kind.</p>"
    )
    link = address_of(f"?{urlencode(dict(st.query_params))}")
    fields, frame = _export(beside, measured)
    take_away(
        f"compare-{'-'.join(place.code for place in places)}",
        lambda: frame,
        fields,
        {
            "Title": f"{listed([place.label for place in places])}, side by side",
            "Data version": atlas().snapshot.version,
            "Link": link,
        },
        "compare",
        [field_of(m.column) for m in measured],
    )


def _own_notes(places: tuple[Place, ...]) -> None:
    """Say how many wards of each place the visitor's own measures cover, and how they add up."""
    wards = uploads.ward_figures()
    notes = []
    for column in uploads.own_measures():
        covered = []
        for place in places:
            rows = atlas().places.positions(place.code)
            known = int(wards[column.name].iloc[rows].notna().sum())
            covered.append(f"{known:,} of {len(rows):,} in {place.label}")
        how = (
            "a sum of the wards that have a figure, shown only where all places are of one kind"
            if column.aggregate == "sum"
            else "a mean weighted by residents of the wards that have a figure"
        )
        notes.append(f"{column.label}: wards with a figure, {'; '.join(covered)}. It is {how}.")
    if notes:
        prose(
            "<p class='atlas-note'>Your own data: brought by you for this visit, not published, "
            f"not checked.</p><ul class='atlas-list'>{items(notes)}</ul>"
        )


def _row(measured: comparison.Measured, beside: list[Place]) -> Row:
    column = measured.column
    note = ", ".join(
        part for part in (column.direction_in_words, dated(column, atlas().sources)) if part
    )
    name = Cell(f"{escaped(column.label)}<br><small>{escaped(note)}</small>")
    most = measured.most_need
    cells = [
        Cell(
            f"<strong><span aria-hidden='true'>▲ </span>{escaped(value)}</strong>"
            "<span class='atlas-hidden'> (most need)</span>",
            number=True,
        )
        if at == most
        else cell(value, number=True)
        for at, value in enumerate(map(partial(_figure, column), beside, _values(measured, beside)))
    ]
    return [name, *cells]


def _figure(column: Column, place: Place, value: float) -> str:
    return shown(column if place.kind == "ward" else averaged(column), value)


def _values(measured: comparison.Measured, beside: list[Place]) -> tuple[float, ...]:
    """Return the figures of the places, England's last where it is not among those chosen."""
    return (*measured.values, measured.england)[: len(beside)]


def _export(
    beside: list[Place], measured: list[comparison.Measured]
) -> tuple[list[Field], pd.DataFrame]:
    rows = {
        "label": [m.column.label for m in measured],
        "unit": [m.column.unit for m in measured],
        "direction": [m.column.direction_in_words for m in measured],
    }
    words = ("Measure", "Unit", "Direction")
    fields = [Field(name, said, "text") for name, said in zip(rows, words, strict=True)]
    fields += [Field(place.code, place.label, "score") for place in beside]
    figures = zip(*(_values(m, beside) for m in measured), strict=True)
    rows |= {place.code: list(column) for place, column in zip(beside, figures, strict=True)}
    rows["measure"] = [m.column.name for m in measured]
    return [*fields, Field("measure", "Name in the data", "text")], pd.DataFrame(rows)


def _wards_alike(view: View) -> None:
    ward = atlas().places[view.ward]
    council = atlas().places.trail(view.ward)[-2]
    st.html(f"<h2 class='atlas-h2'>Wards like {escaped(ward.name)}</h2>")
    elsewhere = st.checkbox(f"Only outside {council.label}", key="alike_elsewhere")
    own = atlas().places.wards(council.code) if elsewhere else []
    index = risk.scorer().index(RiskRequest())
    found = comparison.alike(index, view.ward, 6, own)
    if not found:
        prose(
            f"<p class='atlas-list'>{escaped(ward.name)} has no figure for one of the indicators, "
            "so no ward can be called like it.</p>"
        )
        return
    apart = " Your own measures have no part in it." if uploads.own_measures() else ""
    prose(
        f"<p class='atlas-list'>Of all wards of England these are nearest to {escaped(ward.name)} "
        "on the indicators of the risk index. A difference of 10 means that on average, over the "
        "indicators, 10 in 100 of England’s residents live between the two. They may have met the "
        "same questions: it is worth asking what they tried. They need not be alike in anything "
        f"else.{apart}</p>"
    )
    headings = ["Ward", *numbers("Difference", "Overall risk"), "Most alike in", "Differs most in"]
    rows = [_alike_row(each, view) for each in found]
    st.html(table(f"Wards most like {escaped(ward.label)}, nearest first", headings, rows))


def _alike_row(each: comparison.Alike, view: View) -> Row:
    place = atlas().places[each.code]
    at = atlas().places.row(each.code)
    column = declared_columns()["risk_score"]
    score = float(atlas().snapshot.wards[column.name].iloc[at])
    address_there = link("compare", {**serialised(view), _WITH: each.code})
    return [
        linked(place.label, address_there),
        f"{each.distance:.0f}",
        shown(column, score),
        declared_columns()[each.closest].short,
        declared_columns()[each.furthest].short,
    ]
