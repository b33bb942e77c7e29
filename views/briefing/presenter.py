"""Presenter mode: one idea a screen in large type, moved on by the arrow keys."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from atlas.briefing.briefing import Briefing
from atlas.briefing.html import map_html, slide_html
from atlas.briefing.slides import Bars, Map, Slide
from atlas.maps.static_map import Picture
from views.briefing.fairness_chart import chart_key, chart_words, fairness_chart
from views.kit.html import escaped
from views.kit.legend import show_chart
from views.session.browser_store import focus_on

SLIDE = "slide"
_STYLE = Path(__file__).with_name("presenter.css")
MAP_WIDTH, MAP_HEIGHT = 1100, 560


def presenting() -> bool:
    """Tell whether the address asks for a slide."""
    return SLIDE in st.query_params


def present(
    slides: Sequence[Slide], made: Briefing, picture: Callable[[int, int], Picture]
) -> None:
    """Show the slide that the address names, and the way on.

    ``picture`` draws the map of a width and a height in pixels, where a slide shows it.
    """
    st.html(_STYLE)
    at = _number(st.query_params.get(SLIDE, ""), len(slides))
    slide = slides[at - 1]
    with st.container(key="present_slide"):
        st.title(slide.title)
        _draw(slide, made, picture)
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


def _draw(slide: Slide, made: Briefing, picture: Callable[[int, int], Picture]) -> None:
    if isinstance(slide.body, Bars):
        st.html(f"<p class='brief-say'>{escaped(slide.sentence)}</p>{chart_key()}")
        chart = fairness_chart(slide.body, 520, 20)
        show_chart(chart, chart_words(made.fairness, slide.body), "present_bars")
        return
    if isinstance(slide.body, Map):
        st.html(map_html(made, picture(MAP_WIDTH, MAP_HEIGHT)))
        return
    st.html(slide_html(slide))
