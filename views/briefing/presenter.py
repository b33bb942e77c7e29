"""Presenter mode, one idea a screen in large type, and the bars that it and the screen show."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from atlas.briefing.briefing import Briefing
from atlas.briefing.fairness import Fairness
from atlas.briefing.html import slide_html
from atlas.briefing.slides import SHARE_COLOURS, Bars, Map, Slide
from views.cached import briefings
from views.kit.html import escaped
from views.kit.legend import show_chart
from views.session.browser_store import focus_on

SLIDE = "slide"
_STYLE = Path(__file__).with_name("presenter.css")
MAP_WIDTH, MAP_HEIGHT = 1100, 560


def presenting() -> bool:
    """Tell whether the address asks for a slide."""
    return SLIDE in st.query_params


def present(slides: Sequence[Slide], made: Briefing) -> None:
    """Show the slide that the address names, and the way on."""
    st.html(_STYLE)
    at = _number(st.query_params.get(SLIDE, ""), len(slides))
    slide = slides[at - 1]
    with st.container(key="present_slide"):
        st.title(slide.title)
        _draw(slide, made)
    # Never greyed out: the focus stays on a button that is pressed at either end.
    ways = {"First": ("Home", 1), "Back": ("Left", at - 1), "Next": ("Right", at + 1)}
    with st.container(key="present_way", horizontal=True, vertical_alignment="center"):
        for label, (key, to) in (ways | {"Last": ("End", len(slides))}).items():
            st.button(
                label,
                key=f"present_{label.lower()}",
                shortcut=key,
                type="primary" if label == "Next" else "secondary",
                on_click=st.query_params.update,
                args=({SLIDE: str(min(max(to, 1), len(slides)))},),
            )
        st.html(
            f"<p class='brief-where' aria-live='polite'>{at} of {len(slides)}: "
            f"{escaped(made.area.name)}<span class='atlas-hidden'>. {escaped(slide.title)}</span>"
            "</p>"
        )
        st.button("Leave", key="present_leave", shortcut="Escape", on_click=_leave)


def _number(text: str, last: int) -> int:
    # A number of thousands of digits is none that Python reads.
    readable = text.isascii() and text.isdecimal() and len(text) < 10
    return min(max(int(text), 1), last) if readable else 1


def _leave() -> None:
    st.query_params.pop(SLIDE, None)
    focus_on("brief_present")


def _draw(slide: Slide, made: Briefing) -> None:
    if isinstance(slide.body, Bars):
        said = f"<p class='brief-say'>{escaped(slide.sentence)}</p>" if slide.sentence else ""
        st.html(f"{said}{chart_key()}")
        chart = fairness_chart(slide.body, 520, 20)
        show_chart(chart, chart_words(made.fairness, slide.body), "present_bars")
        return
    if isinstance(slide.body, Map):
        st.html(briefings.map_of(made, MAP_WIDTH, MAP_HEIGHT))
        return
    st.html(slide_html(slide))


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
