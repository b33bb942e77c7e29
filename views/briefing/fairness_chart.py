"""The fairness bars as a chart: two shares of each council, told apart without colour."""

import altair as alt
import pandas as pd

from atlas.briefing.fairness import Fairness
from atlas.briefing.slides import SHARE_COLOURS, Bars

SHORT = ("all residents", "those in highest-risk wards")


def fairness_chart(bars: Bars, height: int, size: int) -> alt.LayerChart:
    """Return the chart, ``height`` pixels high with text of ``size`` pixels."""
    rows = [
        {"council": line.name, "of": of, "share": number.value, "shown": number.shown}
        for line in bars.lines
        for of, number in zip(SHORT, (line.share_area, line.share_target), strict=True)
    ]
    order = [line.name for line in bars.lines]
    longest = max(max(x.share_area.value, x.share_target.value) for x in bars.lines)
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("council:N", sort=order, title=None).axis(
            labelLimit=190,
            labelOverlap=False,
            labelFontSize=size,
            labelColor="#1A1F26",
            ticks=False,
            domain=False,
            labelPadding=6,
        ),
        yOffset=alt.YOffset("of:N", sort=list(SHORT)),
        x=alt.X("share:Q", title=None).axis(None).scale(domain=[0, longest * 1.18]),
    )
    drawn = base.mark_bar(stroke="#12436D", strokeWidth=0.6).encode(
        color=alt.Color("of:N", sort=list(SHORT), title="Share of")
        .scale(domain=list(SHORT), range=list(SHARE_COLOURS))
        .legend(None),
        tooltip=[
            alt.Tooltip("council:N", title="Council"),
            alt.Tooltip("of:N", title="Share of"),
            alt.Tooltip("shown:N", title="Share"),
        ],
    )
    # Figures of neighbouring bars must not touch.
    close = height / len(rows) < size
    text = base.mark_text(align="left", dx=4, fontSize=size - (3 if close else 1)).encode(
        text="shown:N"
    )
    return (drawn + text).properties(height=height)


def chart_key() -> str:
    """Return the chart's legend as HTML."""
    keys = "".join(
        f"<span class='brief-key' style='background:{colour}'></span> share of {words} "
        for colour, words in zip(SHARE_COLOURS, SHORT, strict=True)
    )
    return f"<p class='brief-small brief-chart-key'>{keys}</p>"


def chart_words(compared: Fairness, bars: Bars) -> str:
    """Return the chart in words."""
    return f"Bars for the {compared.parts} of {compared.among}. {bars.words}"
