"""What the risk list says of a visitor's own measures that count in it."""

import numpy as np
import streamlit as st

from atlas.risk.uploaded_components import own_columns, own_words, without_own_figure
from atlas.text.lists import counted
from views.cached.risk import Shown
from views.kit.html import escaped
from views.session.snapshot import atlas


def own_notice(view: Shown) -> None:
    """Say which own measures count, who else sees that, and which wards they leave out."""
    words = own_words(view.index)
    if not words:
        return
    sentences = [
        f"Your own {'measure counts' if len(words) == 1 else 'measures count'} in this list: "
        f"{' '.join(words)}",
        "A link or another visitor does not have your figures: this address opens with the "
        "published weights there.",
        *_left_out(view),
        "Pockets are made from small areas, where your figures are not known: they use the "
        "published parts alone.",
        *_totals(view),
    ]
    lines = "".join(f"<li>{escaped(text)}</li>" for text in sentences)
    st.html(
        "<section class='atlas-own-counts' aria-label='Your own measures in this list'>"
        f"<ul class='atlas-list'>{lines}</ul></section>"
    )


def _left_out(view: Shown) -> list[str]:
    count = without_own_figure(view.index)
    if not count:
        return []
    known = view.index.scored
    scored = int(known.sum())
    here = np.zeros(len(known), dtype=bool)
    here[atlas().places.positions(view.place.code)] = True
    lacking = int((here & ~known).sum())
    wards = counted(count, "ward has", "wards have")
    said = f"{wards} no score, because your figures do not cover them"
    if lacking and view.base.codes != (view.place.code,):
        said += f", {lacking:,} of them in {view.place.label}"
    return [
        f"{said}. Shares, tenths and ranks are among the {scored:,} wards of {view.base.label} "
        "that have one, not among all of them."
    ]


def _totals(view: Shown) -> list[str]:
    totals = [f"“{c.label}”" for c in own_columns(view.index) if c.aggregate == "sum"]
    if not totals:
        return []
    verb = "is a total" if len(totals) == 1 else "are totals"
    return [
        f"{', '.join(totals)} {verb}: a ward with more residents stands higher by its size alone. "
        "A rate per resident compares wards better."
    ]
