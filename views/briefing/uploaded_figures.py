"""A visitor's own figures for the place that is briefed: below the screen, never in the pack."""

import numpy as np

from atlas.briefing.briefing import Briefing
from atlas.catalogue.columns import Column, shown
from atlas.places.places import natural
from views.kit.html import escaped, numbers, prose, table
from views.session import uploads
from views.session.snapshot import atlas


def own_figures(made: Briefing) -> None:
    """Show each own measure of the wards to start with, and the place's ward with most need."""
    columns = uploads.own_measures()
    if not columns:
        return
    rows = np.asarray(made.area.rows)
    said = "".join(f"<li>{escaped(_said(made, column, rows))}</li>" for column in columns)
    names = (", ".join(filter(None, (c.label, c.direction_in_words))) for c in columns)
    headings = ["Ward to start with", *numbers(*names)]
    lines = {w.code: uploads.ward_figures().iloc[atlas().places.row(w.code)] for w in made.wards}
    body = [
        [f"{w.name}, {w.council}", *(shown(c, lines[w.code][c.name]) for c in columns)]
        for w in made.wards
    ]
    prose(
        "<h2 class='atlas-h2'>Your own figures</h2>"
        "<p>Brought by you for this visit: not published, not checked, and not traceable to the "
        "Atlas’s tables. They are on no slide and in no pack, and no number above counts them.</p>"
        f"<ul class='atlas-list'>{said}</ul>"
        + (table("Your own figures of the wards to start with", headings, body) if body else "")
    )


def _said(made: Briefing, column: Column, rows: np.ndarray) -> str:
    inside = uploads.ward_figures().iloc[rows]
    known = inside[column.name].dropna()
    covered = f"{len(known):,} of the {len(rows):,} wards of {made.area.name} have a figure"
    if known.empty:
        return f"{column.label}: no ward of {made.area.name} has a figure."
    less = column.need == "less"
    most = float(known.min() if less else known.max())
    ends = inside[inside[column.name] == most]
    end, value = "lowest" if less else "highest", shown(column, most)
    if len(ends) > 1:
        return f"{column.label}: {covered}. The {end} is {value}, in {len(ends):,} wards."
    name = f"{ends['ward_name'].iloc[0]}, {natural(str(ends['authority_name'].iloc[0]))}"
    return f"{column.label}: {covered}. The {end} is {value}, in {name}."
