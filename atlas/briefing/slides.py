"""A briefing as a row of slides, one idea on each: for presenting, for PowerPoint and for paper."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from atlas.briefing.area import Point, declared_words
from atlas.briefing.briefing import Briefing, Headline
from atlas.briefing.fairness import Line
from atlas.briefing.provenance import Number
from atlas.catalogue.sources import declared_sources
from atlas.files.spreadsheets import HOW_NOT_TO_USE
from atlas.risk.method import declared_method
from atlas.text.days import written_day
from atlas.text.lists import counted, listed
from atlas.text.numbers import count_word, people

ATLAS = "Digital Inclusion Atlas"
QUESTIONS_A_SLIDE = 3
_STATEMENT = re.compile(r"(?<!\bSt)[.:;] ")
AT_RISK_SAID = "At risk: income deprived, or 75 and over. A person who is both counts twice."
SOURCES = (
    "deprivation",
    "census_age",
    "census_disability",
    "broadband_msoa",
    "libraries",
    "ward_boundaries",
)
# What the two bars of an authority are, in their order.
SERIES = ("Share of all residents", "Share of those in highest-risk wards")
# Light and dark of one blue: apart in greyscale and for every kind of colour vision.
SHARE_COLOURS = ("#A9BED1", "#12436D")
FIFTHS = (
    "lowest-risk fifth",
    "second fifth",
    "middle fifth",
    "fourth fifth",
    "highest-risk fifth",
)


@dataclass(frozen=True)
class Stamp:
    """Who answers for a briefing, of which day it is, the data version, and the address of the
    view, "" where it is not known.
    """

    owner: str
    day: date
    version: str
    link: str = ""

    @property
    def words(self) -> str:
        """The stamp in one line; a blank owner is shown."""
        owner = f"Owner: {self.owner}" if self.owner else "Owner: not named"
        return f"{owner} · {written_day(self.day)} · data {self.version}"


@dataclass(frozen=True)
class Big:
    """One number in large type."""

    large: str


@dataclass(frozen=True)
class Map:
    """The picture of wards by fifth, with the named wards on it, and what it shows in words."""

    alternative: str


@dataclass(frozen=True)
class Bars:
    """Two shares of each authority side by side."""

    lines: tuple[Line, ...]

    @property
    def words(self) -> str:
        """What the bars show, in words."""
        parts = (
            f"{line.name}: {line.share_area.shown} of residents, {line.share_target.shown} of "
            "residents in highest-risk wards"
            for line in self.lines
        )
        return f"{'; '.join(parts)}."


@dataclass(frozen=True)
class Grid:
    """A table. ``numeric`` are the columns that are aligned right, ``widths`` their parts."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Points:
    """Several points under each other."""

    points: tuple[Point, ...]


Body = Big | Map | Bars | Grid | Points | None


@dataclass(frozen=True)
class Slide:
    """One idea: a title, the sentence to say, something to look at, and notes with origins."""

    key: str
    title: str
    sentence: str
    body: Body
    notes: str = ""


def slides_of(briefing: Briefing, stamp: Stamp) -> tuple[Slide, ...]:
    """Return the slides of a briefing in the order of a ten-minute talk."""
    standing, *others = (_headline(briefing, headline) for headline in briefing.headlines)
    return (
        _cover(briefing, stamp),
        standing,
        *_jobs(briefing),
        *others,
        _map(briefing),
        _fairness(briefing),
        _wards(briefing),
        _help(briefing),
        *_sites(briefing),
        *_recommended(briefing),
        _limits(briefing),
        *_questions(briefing),
    )


def _cover(briefing: Briefing, stamp: Stamp) -> Slide:
    return Slide(
        "cover",
        f"{briefing.title} in {counted(len(briefing.area.rows), 'ward')}",
        f"{briefing.about}. {stamp.words}.",
        None,
        f"{briefing.base_and_date} Made with the {ATLAS}. {' '.join(HOW_NOT_TO_USE)}",
    )


def _headline(briefing: Briefing, headline: Headline) -> Slide:
    numbers = (headline.large, *headline.said.numbers)
    title = f"{headline.large.shown} {headline.caption}"
    if np.isnan(headline.large.value):
        title = f"it is {title}"
    # A share of England's residents is no figure of the place.
    if "England’s residents" not in title:
        title = f"In {briefing.area.said}, {title}"
    body = Big(headline.large.shown)
    return Slide(headline.key, title, headline.said.text, body, _origins(numbers))


def _map(briefing: Briefing) -> Slide:
    named = ", ".join(f"{ward.number} {ward.name}" for ward in briefing.wards)
    levels = list(briefing.levels.values())
    high, every = levels.count(len(FIFTHS) - 1), len(levels) - levels.count(-1)
    wards = f"of the {every:,} wards" if every > 1 else "of one ward"
    return Slide(
        "map",
        f"{f'{high:,}' if high else 'None'} {wards} of {briefing.area.said} "
        f"{'is' if high < 2 else 'are'} in England’s highest-risk fifth",
        f"Darker wards are at higher risk. Marked: {named}.",
        Map(map_words(briefing)),
        f"Fifths of England’s residents by risk. {briefing.base_and_date}",
    )


def map_words(briefing: Briefing) -> str:
    """Say what the picture of wards shows: how many wards of each fifth, and which are marked."""
    levels = list(briefing.levels.values())
    counts = [
        f"{levels.count(level):,} in England’s {FIFTHS[level]}"
        for level in range(4, -1, -1)
        if levels.count(level)
    ]
    none = f", {levels.count(-1):,} without data" if -1 in levels else ""
    named = ", ".join(ward.name for ward in briefing.wards)
    return (
        f"Map of the wards of {briefing.area.name} by risk of digital exclusion: "
        f"{', '.join(counts)}{none}. Marked are {named}."
    )


def _fairness(briefing: Briefing) -> Slide:
    fair = briefing.fairness
    return Slide(
        "fairness",
        *_parted(fair.said.text),
        Bars(fair.brief()) if fair.comparable else None,
        _origins(fair.said.numbers),
    )


def tier_words() -> str:
    """Say what the two surest tiers mean, from their declared shares of tests."""
    sure, fairly = declared_method().tiers[:2]
    return (
        f"{sure.key.capitalize()}: in the highest fifth in at least {sure.least:.0%} of tests of "
        f"the method; {fairly.key}: in at least {fairly.least:.0%}."
    )


def _wards(briefing: Briefing) -> Slide:
    rows = tuple(
        (str(w.number), w.name, w.council, w.standing, _kept(w.reason.text), w.residents.shown)
        for w in briefing.wards
    )
    living = people(sum(ward.residents.value for ward in briefing.wards))
    count = counted(len(briefing.wards), "ward")
    return Slide(
        "wards",
        f"Start in {count} of {briefing.area.said}, where {living} residents live",
        f"The wards of {briefing.area.said} with the highest risk, compared with England. "
        f"{tier_words() if briefing.tested else ''}".strip(),
        Grid(
            "Wards with the highest risk, each with its main reason",
            ("", "Ward", "Council", "Standing", "Main reason", "Residents"),
            rows,
            (0.4, 2.2, 1.6, 2.0, 4.5, 1.5),
            frozenset({5}),
        ),
        _origins([n for w in briefing.wards for n in (*w.reason.numbers, w.residents)]),
    )


def _kept(text: str) -> str:
    """Keep England's figure in one piece, so that no line holds its end alone."""
    return text.replace("(England ", "(England\u00a0")


def _jobs(briefing: Briefing) -> list[Slide]:
    if not briefing.jobs:
        return []
    return [
        Slide(
            "jobs",
            _needs_title(briefing),
            "High: in England’s highest fifth. The two are mostly needs of different wards, and "
            "want different help.",
            Grid(
                "The two needs of this place",
                ("Need", "Where", "What usually helps"),
                tuple((job.need, job.said.text, job.helps) for job in briefing.jobs),
                (2, 4, 4),
            ),
            _origins([number for job in briefing.jobs for number in job.said.numbers]),
        )
    ]


def _needs_title(briefing: Briefing) -> str:
    high = [
        f"{job.residents.shown} residents where need is high for {job.need.lower()}"
        for job in briefing.jobs
        if job.residents
    ]
    if not high:
        return f"No ward of {briefing.area.said} stands high on either of two needs"
    return f"{_capital(briefing.area.said)} has {listed(high)}"


def _help(briefing: Briefing) -> Slide:
    rows = tuple((w.name, w.council, w.beyond.shown, w.residents.shown) for w in briefing.lacking)
    numbers = (
        *briefing.lacking_said.numbers,
        *(n for w in briefing.lacking for n in (w.beyond, w.residents)),
    )
    grid = Grid(
        "Wards with most residents more than a mile from a library",
        ("Ward", "Council", "Beyond a mile", "All residents"),
        rows,
        (3.0, 3.0, 2.0, 2.0),
        frozenset({2, 3}),
    )
    title, rest = _parted(briefing.lacking_said.text)
    # Of other help than libraries nothing is known, here as anywhere.
    other = briefing.limits[-1]
    said = rest or f"{other.text} {other.ask}"
    return Slide("help", title, said, grid if rows else None, _origins(numbers))


def _parted(text: str) -> tuple[str, str]:
    """Part a text after its first statement: a heading, and what is left to say, "" for nothing.

    No statement ends at the full stop of a name: "St. Helens".
    """
    head, *rest = _STATEMENT.split(text, maxsplit=1)
    return head.rstrip("."), _capital("".join(rest))


def _sites(briefing: Briefing) -> list[Slide]:
    if not briefing.sites:
        return []
    rows = tuple(
        (str(s.number), _capital(s.where), s.ward, s.council, s.risk.shown, s.added.shown)
        for s in briefing.sites
    )
    return [
        Slide(
            "sites",
            f"A new place in {briefing.sites[0].ward} would bring {briefing.sites[0].added.shown} "
            "residents at risk within a mile",
            f"Each is the best once those before it are there. {AT_RISK_SAID} A postcode stands "
            "for a neighbourhood: a building has to be found.",
            Grid(
                "Next places to get help, and the residents at risk each brings within a mile",
                ("", "Place", "Ward", "Council", "Ward’s risk", "Residents at risk added"),
                rows,
                (0.35, 3.3, 2.4, 2.2, 1.1, 1.6),
                frozenset({4, 5}),
            ),
            _origins([number for site in briefing.sites for number in (site.added, site.risk)]),
        )
    ]


def _recommended(briefing: Briefing) -> list[Slide]:
    """Return what the figures support, each with what must be asked before it is done."""
    if not briefing.wards:
        return []
    first, asks = briefing.wards[0], [limit.ask for limit in briefing.limits]
    names = listed([ward.name for ward in briefing.wards[:3]])
    points = [Point(f"Start in {names}", f"{first.name}: {first.reason.text}.", asks[0])]
    numbers = [*first.reason.numbers]
    if briefing.sites:
        site = briefing.sites[0]
        text = f"It would bring {site.added.shown} residents at risk within a mile of help."
        points.append(Point(f"Look for a room in {site.ward}, {site.where}", text, asks[-1]))
        numbers.append(site.added)
    needs = " ".join(f"{job.need}: {job.helps}." for job in briefing.jobs)
    points.append(Point("Offer the help that fits each need", needs, "Ask those who live there."))
    steps = counted(len(points), "step")
    title = (
        f"The figures support {steps} in {briefing.area.said}, each with a question to ask first"
    )
    return [Slide("recommended", title, "", Points(tuple(points)), _origins(numbers))]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _limits(briefing: Briefing) -> Slide:
    count = count_word(len(briefing.limits))
    title = f"{_capital(count)} things that the data cannot say about {briefing.area.said}"
    return Slide("limits", title, "", Points(briefing.limits), briefing.base_and_date)


def _questions(briefing: Briefing) -> list[Slide]:
    answers = briefing.answers
    words = declared_words()
    notes = f"Questions of {words.guide.words}, as reported: " + "; ".join(
        dict.fromkeys(
            f"{a.question.report.publisher}, {a.question.report.title}, {a.question.report.when}, "
            f"{a.question.report.page}"
            for a in answers
        )
    )
    slides = []
    for start in range(0, len(answers), QUESTIONS_A_SLIDE):
        part = answers[start : start + QUESTIONS_A_SLIDE]
        points = tuple(
            Point(a.question.asked, f"{a.known.text} {a.question.unknown}".strip(), a.question.ask)
            for a in part
        )
        slides.append(
            Slide(
                f"questions-{start // QUESTIONS_A_SLIDE + 1}",
                f"Questions {start + 1} to {start + len(part)} of {count_word(len(answers))} for "
                f"your team in {briefing.area.said}",
                "",
                Points(points),
                f"{notes}. {_origins([n for a in part for n in a.known.numbers])}",
            )
        )
    return slides


def _origins(numbers: Sequence[Number]) -> str:
    """Say where numbers come from, each once."""
    rows = origin_rows(numbers)
    return "\n".join(f"{name}: {shown} = {words} ({rule})." for name, shown, words, rule in rows)


def source_lines() -> list[str]:
    """Return the sources of a briefing, each with publisher and date, and the attributions."""
    named = [declared_sources()[key] for key in SOURCES]
    lines = [f"{s.publisher}: {s.title}, {s.dated}. {s.page}" for s in named]
    return [*lines, *dict.fromkeys(s.attribution for s in named)]


def origin_rows(numbers: Sequence[Number]) -> tuple[tuple[str, str, str, str], ...]:
    """Return name, figure, how it was worked out and from which rows, each number once."""
    rows = ((n.name, n.shown, n.trace.words, n.trace.first.rule) for n in numbers)
    return tuple(dict.fromkeys(rows))
