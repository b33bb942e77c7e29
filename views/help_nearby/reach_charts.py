"""Charts of the pages on help; each stands beside a table with the same figures."""

from typing import Any

import altair as alt
import pandas as pd

BRAND, QUIET, ACCENT = "#12436D", "#8A9099", "#B4500F"


def beyond_chart(lines: pd.DataFrame, place: str, beyond: str) -> alt.Chart | alt.LayerChart:
    """Return a dot for each group: its share beyond reach in a place, and one for England's.

    ``lines`` has ``label``, ``share`` and ``england`` (0-1), in the order to show;
    ``beyond`` says how far, "more than a mile".
    """
    order = lines["label"].tolist()
    long = pd.concat(
        [
            pd.DataFrame({"label": order, "share": lines["share"], "where": place}),
            pd.DataFrame({"label": order, "share": lines["england"], "where": "England"}),
        ]
    )
    names = list(dict.fromkeys([place, "England"]))

    def told_apart(*looks: str) -> dict[str, Any]:
        scale = alt.Scale(domain=names, range=looks[: len(names)])
        return {"scale": scale, "legend": alt.Legend(orient="top", title=None)}

    return (
        alt.Chart(long)
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=alt.X(
                "share:Q",
                title=f"Share living {beyond} from help",
                axis=alt.Axis(format=".0%", tickCount=5),
                scale=alt.Scale(domainMin=0),
            ),
            # Each name stands above its dots: beside them it would leave a phone no room for dots.
            y=alt.Y("label:N", sort=order, title=None).axis(
                labelAlign="left", labelPadding=-2, labelOffset=-13, labelLimit=320, ticks=False
            ),
            color=alt.Color("where:N", **told_apart(BRAND, QUIET)),
            shape=alt.Shape("where:N", **told_apart("circle", "diamond")),
            tooltip=[
                alt.Tooltip("where:N", title="Area"),
                alt.Tooltip("label:N", title="Group"),
                alt.Tooltip("share:Q", title="Beyond reach", format=".0%"),
            ],
        )
        .properties(height=40 * len(order) + 60)
    )


def closures_chart(by_year: pd.Series) -> alt.Chart:
    """Return bars of libraries reported closed in each year (index: year, values: how many)."""
    frame = pd.DataFrame({"year": by_year.index.astype(str), "closed": by_year.to_numpy()})
    return (
        alt.Chart(frame)
        .mark_bar(color=BRAND)
        .encode(
            x=alt.X("year:O", title="Year of closure, as reported", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("closed:Q", title="Libraries", axis=alt.Axis(tickMinStep=1, format=",.0f")),
            tooltip=[
                alt.Tooltip("year:O", title="Year"),
                alt.Tooltip("closed:Q", title="Libraries reported closed"),
            ],
        )
        .properties(height=180)
    )


def reach_curve(lines: pd.DataFrame, chosen: int, title: str) -> alt.LayerChart | alt.FacetChart:
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
    base = alt.Chart(lines).encode(x=x, y=y)
    marked = alt.Chart(lines[lines["sites"] == chosen]).encode(x=x, y=y, tooltip=told)
    layers = [
        base.mark_line(color=BRAND, strokeWidth=2),
        base.mark_point(filled=True, color=BRAND, size=55, opacity=1).encode(tooltip=told),
        marked.mark_point(filled=False, color=ACCENT, size=260, strokeWidth=3),
    ]
    if (lines["bound"] > lines["total"] * 1.0005).any():
        above = base.encode(y=alt.Y("bound:Q", title=title))
        layers = [above.mark_line(color=QUIET, strokeDash=[4, 4]), *layers]
    return alt.layer(*layers).properties(height=260)
