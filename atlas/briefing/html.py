"""The panels of a briefing as HTML: the same on the page and in the printed pack.

All text is escaped in ``panels.html``; the result is trusted markup.
"""

from pathlib import Path

from markupsafe import Markup

from atlas.briefing.area import declared_words
from atlas.briefing.briefing import Briefing
from atlas.briefing.fairness import Line
from atlas.briefing.slides import (
    AT_RISK_SAID,
    SERIES,
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
from atlas.text.safe_text import picture_address
from atlas.text.templates import macros

PANELS = macros(Path(__file__).with_name("panels.html"))


def panels(briefing: Briefing, *, helps: bool) -> dict[str, Markup]:
    """Return the panels in words by name; ``helps`` says beside each need what usually helps."""
    return {
        "headlines": PANELS.headlines(briefing),
        "wards": PANELS.wards(briefing, tier_words() if briefing.tested else ""),
        "help": PANELS.help(briefing, AT_RISK_SAID),
        "jobs": PANELS.jobs(briefing, helps),
        "limits": PANELS.limits(briefing),
        "questions": PANELS.questions(briefing, declared_words().guide.words),
    }


def map_html(briefing: Briefing, picture: Picture) -> Markup:
    """Return the map with its words and its legend."""
    words = map_words(briefing)
    address = picture_address(svg(picture, words))
    stripes = NO_DATA if -1 in briefing.levels.values() else ()
    return PANELS.map(picture, words, address, SEQUENTIAL, stripes)


def bars_html(lines: tuple[Line, ...]) -> Markup:
    """Return the fairness bars as a table whose cells carry their bars."""
    longest = max((max(x.share_area.value, x.share_target.value) for x in lines), default=1.0)
    return PANELS.bars(lines, SERIES, longest)


def slide_html(slide: Slide) -> Markup:
    """Return a slide for presenting, without the map and chart that the caller draws."""
    return PANELS.slide(slide, _body_html(slide.body))


def _body_html(body: Body) -> Markup:
    if isinstance(body, Big):
        return PANELS.big(body.large)
    if isinstance(body, Grid):
        return PANELS.grid(body)
    if isinstance(body, Points):
        return PANELS.points(body.points)
    return Markup()
