"""The panels of a briefing as HTML: the same on the page and in the printed pack.

All names are outside text and are escaped here; the result is trusted markup.
"""

import base64
from html import escape

from atlas.briefing.area import declared_words
from atlas.briefing.briefing import Briefing
from atlas.briefing.fairness import Line
from atlas.briefing.slides import (
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


def headlines_html(briefing: Briefing) -> str:
    """Return the three numbers, each with its sentence."""
    cards = "".join(
        "<section class='brief-card'><h2 class='brief-number'>"
        f"<span>{escape(h.large.shown)}</span> <small>{escape(h.caption)}</small></h2>"
        f"<p>{escape(h.said.text)}</p></section>"
        for h in briefing.headlines
    )
    return f"<div class='brief-three'>{cards}</div>"


def map_html(briefing: Briefing, picture: Picture) -> str:
    """Return the map with its words and its legend."""
    words = map_words(briefing)
    data = base64.b64encode(svg(picture, words).encode()).decode()
    return (
        f"<img class='brief-map' alt='{escape(words)}' width='{picture.width}' "
        f"height='{picture.height}' src='data:image/svg+xml;base64,{data}'>{_legend(briefing)}"
    )


def _legend(briefing: Briefing) -> str:
    items = [
        f"<li><span class='brief-key' style='background:{SEQUENTIAL[level]}'></span>"
        f"{('Lowest risk', '', '', '', 'Highest risk')[level]}</li>"
        for level in range(5)
    ]
    if -1 in briefing.levels.values():
        stripes = f"repeating-linear-gradient(45deg,{NO_DATA[0]} 0 3px,{NO_DATA[1]} 3px 4px)"
        items.append(
            f"<li><span class='brief-key' style='background:{stripes}'></span>No data</li>"
        )
    items.append("<li class='brief-legend-note'>fifths of England’s residents</li>")
    return f"<ul class='brief-legend'>{''.join(items)}</ul>"


def wards_html(briefing: Briefing) -> str:
    """Return the wards to start with, as an ordered list."""
    items = "".join(
        f"<li><strong>{escape(w.name)}</strong>, {escape(w.council)} "
        f"<span class='brief-tier'>{escape(w.standing)}</span>"
        f"<span class='brief-people'>{escape(w.residents.shown)} residents</span>"
        f"<span class='brief-why'>{escape(w.reason.text)}</span></li>"
        for w in briefing.wards
    )
    note = f"<p class='brief-small'>{escape(tier_words())}</p>" if briefing.tested else ""
    return f"<ol class='brief-wards'>{items}</ol>{note}"


def help_html(briefing: Briefing) -> str:
    """Return where help is missing."""
    named = ", ".join(
        f"<strong>{escape(w.name)}</strong> "
        f"({escape(w.beyond.shown)} of {escape(w.residents.shown)})"
        for w in briefing.lacking
    )
    lacking = f" {named}." if named else ""
    return f"<p>{escape(briefing.lacking_said.text)}{lacking}</p>{_sites_html(briefing)}"


def _sites_html(briefing: Briefing) -> str:
    if not briefing.sites:
        return ""
    # The council of a council's own briefing need not be said each time.
    one = briefing.councils == 1
    items = "".join(
        f"<li><strong>{escape(s.where[0].upper() + s.where[1:])}</strong> "
        f"({escape(s.ward)}{'' if one else f', {escape(s.council)}'}): "
        f"{escape(s.added.shown)}</li>"
        for s in briefing.sites
    )
    return f"<p><strong>{SITES_SAID}</strong></p><ol>{items}</ol>"


def limits_html(briefing: Briefing) -> str:
    """Return the two things that the data cannot say."""
    return "".join(
        f"<p><strong>{escape(limit.title)}.</strong> {escape(limit.text)} "
        f"<em>{escape(limit.ask)}</em></p>"
        for limit in briefing.limits
    )


def questions_html(briefing: Briefing) -> str:
    """Return the six questions with what is known and whom to ask, and who reported them."""
    items = "".join(
        f"<li><strong>{escape(a.question.asked)}</strong> {escape(a.known.text)} "
        f"<em>{escape(a.question.unknown)} {escape(a.question.ask)}</em></li>"
        for a in briefing.answers
    )
    reports = {a.question.report.publisher: a.question.report for a in briefing.answers}
    links = " and ".join(
        f"<a href='{escape(r.page)}' rel='noopener noreferrer' target='_blank'>"
        f"{escape(r.publisher)}</a> ({escape(r.when)})"
        for r in reports.values()
    )
    return (
        f"<ol class='brief-questions'>{items}</ol><p class='brief-small'>Questions of "
        f"{escape(declared_words().guide.words)}, as reported by {links}; the last in the report’s "
        "own words. The answers are ours.</p>"
    )


def bars_html(lines: tuple[Line, ...], series: tuple[str, str]) -> str:
    """Return the fairness bars as a table whose cells carry their bars: nothing but HTML."""
    longest = max((max(x.share_area.value, x.share_target.value) for x in lines), default=1.0)
    rows = "".join(
        f"<tr{' class=brief-own' if line.own else ''}><th scope='row'>{escape(line.name)}</th>"
        f"{_bar(line.share_area.value, line.share_area.shown, longest, 'all')}"
        f"{_bar(line.share_target.value, line.share_target.shown, longest, 'target')}</tr>"
        for line in lines
    )
    return (
        "<table class='brief-bars'><caption>Shares by council</caption><thead><tr>"
        f"<th scope='col'>Council</th><th scope='col'>{escape(series[0])}</th>"
        f"<th scope='col'>{escape(series[1])}</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _bar(value: float, written: str, longest: float, kind: str) -> str:
    width = 100 * value / longest if value == value and longest > 0 else 0.0
    return (
        f"<td><span class='brief-bar brief-bar-{kind}' style='width:{0.66 * width:.1f}%'></span>"
        f"<span class='brief-share'>{escape(written)}</span></td>"
    )


def grid_html(grid: Grid) -> str:
    """Return a table with caption, column heads and row heads."""
    head = "".join(
        f"<th scope='col'{_right(grid, n)}>{escape(h)}</th>" for n, h in enumerate(grid.headings)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<th scope='row'>{escape(text)}</th>"
            if n == 0
            else f"<td{_right(grid, n)}>{escape(text)}</td>"
            for n, text in enumerate(row)
        )
        + "</tr>"
        for row in grid.rows
    )
    return (
        f"<table class='brief-grid'><caption>{escape(grid.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _right(grid: Grid, column: int) -> str:
    return " class='brief-right'" if column in grid.numeric else ""


def slide_html(slide: Slide, body: str) -> str:
    """Return a slide for presenting. ``body`` is trusted markup, drawn from ``slide.body``."""
    sentence = f"<p class='brief-say'>{escape(slide.sentence)}</p>" if slide.sentence else ""
    return f"<div class='brief-slide brief-slide-{slide.key}'>{body}{sentence}</div>"


def body_html(body: Body) -> str:
    """Return a slide's body; "" for pictures and charts, which the caller draws."""
    if isinstance(body, Big):
        return f"<p class='brief-huge'>{escape(body.large)}</p>"
    if isinstance(body, Grid):
        return grid_html(body)
    if isinstance(body, Points):
        return "".join(
            f"<section class='brief-point'><h2>{escape(p.head)}</h2><p>{escape(p.text)} "
            f"<em>{escape(p.ask)}</em></p></section>"
            for p in body.points
        )
    if isinstance(body, Bars):
        return bars_html(body.lines, body.series)
    return ""
