"""The panels of a briefing as HTML: the same on the page and in the printed pack.

All text is escaped in ``panels.html``; the result is trusted markup.
"""

import base64
from pathlib import Path

from markupsafe import Markup

from atlas.briefing.area import declared_words
from atlas.briefing.briefing import Briefing
from atlas.briefing.fairness import Line
from atlas.briefing.slides import (
    AT_RISK_SAID,
    SITES_SAID,
    Bars,
    Big,
    Body,
    Grid,
    Points,
    Slide,
    map_words,
    tier_words,
)
from atlas.maps.palette import NO_DATA, SEQUENTIAL
from atlas.maps.static_map import Picture, svg
from atlas.text.templates import macros

_PANELS = macros(Path(__file__).with_name("panels.html"))


def panels(briefing: Briefing, *, helps: bool) -> dict[str, Markup]:
    """Return the panels in words by name; ``helps`` says beside each need what usually helps."""
    return {
        "headlines": _PANELS.headlines(briefing),
        "wards": _PANELS.wards(briefing, tier_words() if briefing.tested else ""),
        "help": _PANELS.help(briefing, SITES_SAID, AT_RISK_SAID),
        "jobs": _PANELS.jobs(briefing, helps),
        "limits": _PANELS.limits(briefing),
        "questions": _PANELS.questions(briefing, declared_words().guide.words),
    }


def map_html(briefing: Briefing, picture: Picture) -> Markup:
    """Return the map with its words and its legend."""
    words = map_words(briefing)
    data = base64.b64encode(svg(picture, words).encode()).decode()
    stripes = NO_DATA if -1 in briefing.levels.values() else ()
    return _PANELS.map(picture, words, data, SEQUENTIAL, stripes)


def bars_html(lines: tuple[Line, ...], series: tuple[str, str]) -> Markup:
    """Return the fairness bars as a table whose cells carry their bars."""
    longest = max((max(x.share_area.value, x.share_target.value) for x in lines), default=1.0)
    return _PANELS.bars(lines, series, longest)


def grid_html(grid: Grid) -> Markup:
    """Return a table with caption, column heads and row heads."""
    return _PANELS.grid(grid)


def slide_html(slide: Slide) -> Markup:
    """Return a slide for presenting, without the pictures and charts that the caller draws."""
    return _PANELS.slide(slide, _body_html(slide.body))


def _body_html(body: Body) -> Markup:
    if isinstance(body, Big):
        return _PANELS.big(body.large)
    if isinstance(body, Grid):
        return grid_html(body)
    if isinstance(body, Points):
        return _PANELS.points(body.points)
    if isinstance(body, Bars):
        return bars_html(body.lines, body.series)
    return Markup()
