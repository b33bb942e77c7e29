"""Pictures and their words: a map's legend as HTML, and charts with one description each."""

from typing import Any

import altair as alt
import streamlit as st

from atlas.maps.legend import Bar, Legend, LegendRow, named_legend
from atlas.maps.palette import NO_DATA
from atlas.maps.payload import MapView
from atlas.text.safe_text import safe_text
from views.kit.html import drawn
from views.session.snapshot import atlas

_WIDTH, _HEIGHT = 240, 36


def show_chart(chart: alt.Chart | alt.LayerChart | alt.FacetChart, words: str, key: str) -> None:
    """Show a chart as one picture: ``words`` are read aloud, and its single marks are not."""
    drawn = chart.properties(description=words)
    drawn.config = alt.Config(
        aria=False,
        view=alt.ViewConfig(stroke=None),
        mark=alt.MarkConfig(aria=False),
        axis=alt.AxisConfig(aria=False),
        legend=alt.LegendConfig(aria=False),
    )
    st.altair_chart(drawn, width="stretch", key=key)


def show_legend(legend: Legend) -> None:
    """Show a legend: direction, one row per class with wards and residents, and the spread."""
    st.html(legend_html(legend))


def show_names(view: MapView, method: str, **settings: Any) -> None:
    """Show the legend of a view whose classes have names."""
    residents = atlas().snapshot.wards["population"].set_axis(atlas().codes)
    show_legend(named_legend(view, residents, method, **settings))


def legend_html(legend: Legend) -> str:
    """The legend as an HTML table; every text in it is made safe."""
    rows = "".join(_row(row) for row in (*legend.rows, legend.no_data))
    direction = f" ({safe_text(legend.direction)})" if legend.direction else ""
    return (
        "<div class='atlas-legend'><table><caption>"
        f"<strong>{safe_text(legend.title)}</strong>{direction}</caption>"
        "<thead><tr><th scope='col'>Class</th><th scope='col'>Wards</th>"
        f"<th scope='col'>Residents</th></tr></thead><tbody>{rows}</tbody></table>"
        f"{_histogram(legend)}<p>{safe_text(legend.method)}</p></div>"
    )


def _row(row: LegendRow) -> str:
    name = row.bounds or "no data"
    # Where there is no data the residents are not known either, which is not the same as none.
    residents = f"{row.residents:,.0f}" if row.bounds or not row.wards else "unknown"
    look = f"background:{row.colour}" if row.colour else hatched()
    return (
        f"<tr><th scope='row'><span class='atlas-key' style='{look}'></span>"
        f"<span>{safe_text(name)}</span> <small>{safe_text(row.name if row.bounds else '')}</small>"
        f"</th><td>{row.wards:,}</td><td>{residents}</td></tr>"
    )


def hatched() -> str:
    """Return the style of a key for places without data."""
    ground, line = NO_DATA
    return f"background:repeating-linear-gradient(135deg,{ground} 0 3px,{line} 3px 4.5px)"


def _histogram(legend: Legend) -> str:
    if not legend.bars:
        return ""
    tallest = max(bar.wards for bar in legend.bars) or 1
    step = _WIDTH / len(legend.bars)
    bars = "".join(
        _bar(bar, number * step, step, tallest) for number, bar in enumerate(legend.bars)
    )
    words = f"How many wards have each value, from {legend.lowest} to {legend.highest}"
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' "
        f"preserveAspectRatio='none'>{bars}</svg>"
    )
    return (
        f"{drawn(svg, words, 'atlas-legend-bars')}<div class='atlas-legend-ends' "
        f"aria-hidden='true'><span>{safe_text(legend.lowest)}</span><span>"
        f"{safe_text(legend.highest)}</span></div>"
    )


def _bar(bar: Bar, left: float, step: float, tallest: int) -> str:
    height = bar.wards / tallest * (_HEIGHT - 1)
    return (
        f"<rect x='{left:.1f}' y='{_HEIGHT - height:.1f}' width='{step - 0.6:.1f}' "
        f"height='{height:.1f}' fill='{bar.colour}' stroke='#8A8F94' stroke-width='0.3'/>"
    )
