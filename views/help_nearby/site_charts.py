"""The curve of what each further site adds; it stands beside a table with the same figures."""

import altair as alt
import pandas as pd

BRAND, QUIET, INK, ACCENT = "#12436D", "#8A9099", "#1A1F26", "#B4500F"


def reach_curve(
    lines: pd.DataFrame, chosen: int, title: str, description: str
) -> alt.LayerChart | alt.FacetChart:
    """Return the curve: a line of totals, a thin one of bounds above it, the chosen number marked.

    ``lines`` has ``sites`` (0, 1, ...), ``total`` and ``bound``, in the unit of ``title``.
    """
    x = alt.X(
        "sites:Q",
        title="Number of new places",
        axis=alt.Axis(tickMinStep=1, values=lines["sites"].tolist(), grid=False, format="d"),
    )
    y = alt.Y("total:Q", title=title, axis=alt.Axis(format=",.0f", tickCount=5))
    told = [
        alt.Tooltip("sites:Q", title="New places"),
        alt.Tooltip("total:Q", title=title, format=",.0f"),
    ]
    base = alt.Chart(lines)
    line = base.mark_line(color=BRAND, strokeWidth=2).encode(x=x, y=y)
    points = base.mark_point(filled=True, color=BRAND, size=55, opacity=1).encode(
        x=x, y=y, tooltip=told
    )
    here = (
        alt.Chart(lines[lines["sites"] == chosen])
        .mark_point(filled=False, color=ACCENT, size=260, strokeWidth=3)
        .encode(x=x, y=y, tooltip=told)
    )
    layers = [line, points, here]
    if (lines["bound"] > lines["total"] * 1.0005).any():
        bounds = base.mark_line(color=QUIET, strokeDash=[4, 4]).encode(
            x=x, y=alt.Y("bound:Q", title=title)
        )
        layers = [bounds, *layers]
    return alt.layer(*layers).properties(height=260, description=description)
