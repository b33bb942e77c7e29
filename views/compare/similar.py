"""Councils like one, as the Office for National Statistics finds them."""

import streamlit as st

from atlas.catalogue.sources import declared_sources
from atlas.compare.comparison import similar_councils
from atlas.places.view_url import View, query
from views.kit.html import Cell, cell, escaped, linked, table
from views.session.snapshot import atlas


def similar_section(council: str) -> None:
    """Show the councils most like one, each a link to the two side by side; else nothing."""
    known = similar_councils(atlas().snapshot.councils, council)
    if not known:
        return
    name = atlas().places[council].label
    address = f"compare{query(View(place=council))}&with="
    rows = [
        [cell(respect), Cell(", ".join(_link(code, address) for code in codes))]
        for respect, codes in known.items()
    ]
    st.html(
        f"<h2 class='atlas-h2'>Councils like {escaped(name)}</h2>"
        + table(
            f"Councils in England most like {escaped(name)}, the most alike first",
            [cell("Alike"), cell("Councils")],
            rows,
        )
        + "<p class='atlas-note'>Statistically similar areas of the Office for National "
        f"Statistics, {declared_sources()['similar_councils'].vintage}: a start for comparing, not "
        "a ranking. A link sets the two councils side by side.</p>"
    )


def _link(code: str, address: str) -> str:
    return linked(atlas().places[code].label, f"{address}{code}").html
