"""Closures since 2010, as services reported them: a sentence, a chart, two tables."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from atlas.access.closures import FIFTHS, closures_by_fifth, closures_by_service, closures_by_year
from atlas.access.sentences import closures_sentence, percent_or_none
from atlas.places.places import Place, natural
from views.cached.support import support
from views.help_nearby.reach_charts import closures_chart
from views.kit.html import Row, escaped, numbers, prose, table
from views.kit.legend import show_chart
from views.session.snapshot import atlas

_PER_PAGE = 25


def closures(place: Place, rows: np.ndarray) -> None:
    """Draw what closed in a place; ``rows`` are its wards in the ward table."""
    codes = set(atlas().snapshot.wards["ward_code"].iloc[rows])
    record = support().record
    record = record[record["ward_code"].isin(codes)]
    prose(
        "<h2 class='atlas-h2' id='closed'>Closures since 2010, as reported</h2>"
        f"<p class='atlas-lead'>{escaped(closures_sentence(place, record))}</p>"
        "<p class='atlas-note'>The record is what library services returned. A row that closed may "
        "be a library that moved, merged or changed hands. Services differ in how fully they "
        "report the years before 2016. Libraries without a year that are no longer reported as "
        "operating are counted apart. New libraries are on the record too, and open ones that do "
        "not count as help.</p>"
    )
    if not (record["state"] == "closed").any():
        return
    with st.container(width=900):
        by_year = closures_by_year(record)
        counts = ", ".join(f"{year} {count}" for year, count in by_year.items() if count)
        words = f"Libraries of {place.label} reported closed in each year since 2010: {counts}."
        show_chart(closures_chart(by_year), words, "closures_chart")
    st.html(_fifths(place, record, rows))
    st.html(_services(place, record))


_TALLY = numbers(
    *("On record", "Open", "Closed", "Share closed"),
    *("Closed, another within 800 m", "Not reported"),
)


def _tally(line: Mapping[Hashable, Any]) -> Row:
    return [
        *(f"{line[name]:,}" for name in ("on_record", "open", "closed")),
        percent_or_none(float(line["share_closed"])),
        *(f"{line[name]:,}" for name in ("another_near", "not_reported")),
    ]


def _fifths(place: Place, record: pd.DataFrame, rows: np.ndarray) -> str:
    lines = closures_by_fifth(record, atlas().snapshot.wards, rows)
    names = {-1: "no data", **dict(enumerate(name.capitalize() for name in FIFTHS))}
    body = [[names[int(line["fifth"])], *_tally(line)] for line in lines.to_dict("records")]
    caption = (
        f"Libraries of {escaped(place.label)} by deprivation of the ward where each stands or "
        "stood: fifths of England’s residents, Index of Multiple Deprivation 2025"
    )
    return f"<div class='atlas-tight'>{table(caption, ['Deprivation', *_TALLY], body)}</div>"


def _services(place: Place, record: pd.DataFrame) -> str:
    lines = closures_by_service(record)
    part = lines[lines["closed"] > 0].head(_PER_PAGE)
    lost = part.to_dict("records")
    body = [[natural(str(line["authority_name"])), *_tally(line)] for line in lost]
    more = int((lines["closed"] > 0).sum()) - len(part)
    caption = (
        f"Library services with libraries in {escaped(place.label)} that are reported closed, most "
        f"first{f'; {more:,} more have some' if more else ''}. Only libraries in the area count"
    )
    return f"<div class='atlas-tight'>{table(caption, ['Library service', *_TALLY], body)}</div>"
