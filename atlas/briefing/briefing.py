"""What a briefing says: numbers, sentences and tables about one place, each number with its origin.

Pure content, without layout: the page, the slides and the printed pack all draw it. Risk is
compared with England, by the standard weights or others; "target wards" are the wards in
England's highest-risk fifth of residents.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from atlas.briefing.area import BriefingArea, Point, area_of, declared_words
from atlas.briefing.fairness import Fairness, fairness_of
from atlas.briefing.guide_questions import Answer, answers_of
from atlas.briefing.jobs import Job, jobs_of
from atlas.briefing.next_sites import NextSite
from atlas.briefing.numbers import PlaceNumbers, Rows, share_of
from atlas.briefing.provenance import Number, Said, Term, Trace, total
from atlas.catalogue.columns import declared_columns
from atlas.catalogue.sources import declared_sources
from atlas.risk.reasons import amount, main_drivers
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import Robustness
from atlas.risk.scorer import Scorer
from atlas.text.lists import counted
from atlas.text.numbers import FEW, about_one_in, against_definition, people, percent

CENSUS = "Census 2021"
NAMED_WARDS = 5
LACKING_WARDS = 3


@dataclass(frozen=True)
class Headline:
    """One of the three numbers. ``large`` is how it stands in large type, ``caption`` under it;
    ``said`` is the sentence that is safe to say aloud, with base and date.
    """

    key: str
    large: Number
    caption: str
    said: Said


@dataclass(frozen=True)
class NamedWard:
    """A ward to start with: where it is, how sure its place in the highest fifth is, and why."""

    number: int
    code: str
    name: str
    council: str
    in_fifth: bool
    tier: str
    reason: Said
    residents: Number

    @property
    def standing(self) -> str:
        """Its place in words, with how sure that is where the tests were run."""
        if not self.in_fifth:
            return "below the highest fifth"
        return f"highest fifth; {self.tier}" if self.tier else "in the highest fifth"


@dataclass(frozen=True)
class Lacking:
    """A ward where help is missing: residents beyond a mile of a library."""

    code: str
    name: str
    council: str
    beyond: Number
    residents: Number


@dataclass(frozen=True)
class Briefing:
    """Everything that a briefing says about its area.

    ``levels`` gives every ward's fifth of England's residents by risk, 0 (lowest) to 4, or -1
    without data. ``weights`` are said in words, "" for the standard ones. ``tested`` tells
    whether the tiers are known yet; ``sites`` are the next places to get help, where they were
    asked for.
    """

    area: BriefingArea
    version: str
    councils: int
    headlines: tuple[Headline, ...]
    fairness: Fairness
    wards: tuple[NamedWard, ...]
    lacking: tuple[Lacking, ...]
    lacking_said: Said
    jobs: tuple[Job, ...]
    limits: tuple[Point, ...]
    answers: tuple[Answer, ...]
    levels: dict[str, int]
    weights: str
    tested: bool
    sites: tuple[NextSite, ...] = ()

    @property
    def title(self) -> str:
        """The briefing's heading."""
        return f"{self.area.name}: risk of digital exclusion"

    @property
    def about(self) -> str:
        """What kind of briefing it is, and of how many councils and wards."""
        councils, wards = counted(self.councils, "council"), counted(len(self.area.rows), "ward")
        unknown = sum(level < 0 for level in self.levels.values())
        without = f" ({unknown:,} without data)" if unknown else ""
        weights = f" · {self.weights}" if self.weights else ""
        return f"{self.area.kind} · {councils}, {wards}{without}{weights}"

    @property
    def base_and_date(self) -> str:
        """The sentences that stand under every briefing: base, dates, rounding, weights."""
        sources = declared_sources()
        text = (
            f"Residents of {sources['census_age'].dated}, rounded to the nearest ten. Risk is "
            f"compared with all England: Indices of Deprivation {sources['deprivation'].dated}, "
            f"{CENSUS}, broadband of {sources['broadband_msoa'].as_at:%B %Y}. Libraries of "
            f"{libraries_of()}; a mile is a straight line."
        )
        return f"{text} {self.weights}." if self.weights else text

    def texts(self) -> list[Said]:
        """Return every text that has numbers in it."""
        found = [headline.said for headline in self.headlines]
        found += [self.fairness.said, self.fairness.rest_said, self.lacking_said]
        found += [ward.reason for ward in self.wards]
        found += [job.said for job in self.jobs]
        found += [answer.known for answer in self.answers]
        return found

    def numbers(self) -> list[Number]:
        """Return every number that a briefing shows, in texts and in tables."""
        found = [headline.large for headline in self.headlines]
        found += [number for said in self.texts() for number in said.numbers]
        found += [number for line in self.fairness.lines for number in line.numbers]
        found += [ward.residents for ward in self.wards]
        found += [number for ward in self.lacking for number in (ward.beyond, ward.residents)]
        found += [number for site in self.sites for number in (site.added, site.risk)]
        return found


def libraries_of() -> str:
    """Return the month of the library figures, in words."""
    return f"{declared_sources()['libraries'].as_at:%B %Y}"


class Maker:
    """Makes briefings of one snapshot and weights. What all places share is worked out once."""

    def __init__(self, scorer: Scorer, asked: RiskRequest | None = None) -> None:
        self.scorer = scorer
        self.numbers = PlaceNumbers(scorer, asked)

    def briefing(
        self, codes: Sequence[str], tests: Robustness | None = None, name: str = ""
    ) -> Briefing:
        """Return the briefing of the given areas together; of England without any.

        ``name`` is what the reader calls several areas together. Without ``tests`` (of the
        same index) the wards have no tier. Raises
        :class:`atlas.places.comparison_base.UnknownPlaceError` for a code without wards.
        """
        numbers = self.numbers
        area = area_of(numbers.places, codes, name)
        authorities = numbers.wards["authority_code"].to_numpy(dtype=object)[area.rows]
        lacking, jobs = _lacking(numbers, area), jobs_of(numbers, area)
        return Briefing(
            area=area,
            version=numbers.version,
            councils=len(set(authorities)),
            headlines=(
                _targeted(numbers, area),
                _beyond(numbers, area),
                _hidden(numbers, area, jobs),
            ),
            fairness=fairness_of(numbers.wards, numbers.places, numbers.in_fifth, area),
            wards=self.named(area, tests),
            lacking=lacking,
            lacking_said=_lacking_said(numbers, area, lacking),
            jobs=jobs,
            limits=declared_words().limits,
            answers=answers_of(numbers, area),
            levels=_levels(numbers, area),
            weights=numbers.weights,
            tested=tests is not None,
        )

    def named(
        self, area: BriefingArea, tests: Robustness | None, most: int = NAMED_WARDS
    ) -> tuple[NamedWard, ...]:
        """Return the ``most`` wards at highest risk in an area, the highest first."""
        first = _in_order(self.numbers, area)[:most]
        return tuple(
            _named_ward(self.numbers, number, row, tests) for number, row in enumerate(first, 1)
        )


def _levels(numbers: PlaceNumbers, area: BriefingArea) -> dict[str, int]:
    band = np.nan_to_num(numbers.index.band[area.rows], nan=-1.0)
    fifth = np.where(band > 0, (band - 1) // 2, -1)
    return dict(zip(numbers.codes[area.rows], fifth.astype(int).tolist(), strict=True))


def _targeted(numbers: PlaceNumbers, area: BriefingArea) -> Headline:
    rows = area.rows[numbers.in_fifth[area.rows]]
    rule = f"{area.rule} with {numbers.in_fifth_said}"
    living = numbers.residents(rows, rule, "Residents of target wards")
    whole = numbers.residents(area.rows, area.rule, f"Residents of {area.name}")
    share = share_of(living, whole, "Share of residents in target wards")
    fifth = "England’s highest-risk fifth"
    if not len(rows) and numbers.index.scored[area.rows].any():
        return _highest(numbers, area)
    count = numbers.count(rows, rule, "Target wards")
    wards = "the one ward" if len(rows) == 1 else f"{count.shown} wards"
    text = (
        f"{living.shown} of {area.whose} {whole.shown} residents ({CENSUS}), {share.shown}"
        f"{_aside(about_one_in(share.value))}, live in {wards} in {fifth}. "
        + against_definition(share.value, 0.2, "fifth", "" if area.is_england else "England")
    ).strip()
    said = Said(text, (living, whole, share, *((count,) if len(rows) > 1 else ())))
    return Headline("targeted", living, f"residents live in wards in {fifth}", said)


def _highest(numbers: PlaceNumbers, area: BriefingArea) -> Headline:
    """Return the headline of a place without target wards: where its highest ward stands."""
    row = _in_order(numbers, area)[0]
    _, name, _ = numbers.named(row)
    score = numbers.score(row)
    standing = replace(score, shown=f"{score.shown}%")
    said = Said(
        f"No ward of {area.said} is in England’s highest-risk fifth. The highest is {name}: "
        f"{standing.shown} of the residents of England live in wards at lower risk.",
        (standing,),
    )
    caption = f"of England’s residents live in wards at lower risk than {name}, the highest here"
    return Headline("targeted", standing, caption, said)


def _beyond(numbers: PlaceNumbers, area: BriefingArea) -> Headline:
    beyond = numbers.beyond(area.rows, area.rule, "Residents beyond a mile of a library")
    share = numbers.beyond_share(area.rows, area.rule, "Share beyond a mile of a library")
    aloud = about_one_in(share.value)
    numbers_said: tuple[Number, ...] = ()
    if np.isnan(share.value):
        return _libraries_unknown(area, share)
    text = f"{_all_of(numbers, area.rows)} {area.said} live within a mile of a library"
    large, caption = _near(numbers, share, area), "of residents live within a mile of a library"
    if beyond.value >= FEW:
        numbers_said = (beyond, share)
        large = replace(share, shown=_digits(aloud) or share.shown)
        of = "of " if large.shown == share.shown else ""
        caption = f"{of}residents live more than a mile from a library"
        text = (
            f"{beyond.shown} residents of {area.said}, {share.shown}{_aside(aloud)}, live more "
            "than a mile from a library"
        )
    against = ""
    if not area.is_england:
        england = numbers.beyond_share(numbers.every_row, "all wards", "England’s share beyond")
        england = england if beyond.value >= FEW else _near(numbers, england)
        numbers_said = (*numbers_said, england)
        against = f"; England {england.shown}"
    said = Said(f"{text} ({libraries_of()}{against}).", numbers_said)
    return Headline("beyond", large, caption, said)


def _near(numbers: PlaceNumbers, beyond: Number, area: BriefingArea | None = None) -> Number:
    """Return the share near a library for the one beyond: of an area where hardly any are far."""
    shown = percent(1 - beyond.value)
    if area is not None:
        shown = "100%" if _all_of(numbers, area.rows).startswith("All") else "Over 99%"
    trace = replace(beyond.trace, joined="share")
    return Number("Share within a mile of a library", 1 - beyond.value, shown, trace)


def _all_of(numbers: PlaceNumbers, rows: Rows) -> str:
    """Begin a sentence on nearly everybody: all only where no postcode lies beyond."""
    everybody = not (numbers.values("near_library_rate")[rows] < 1).any()
    return "All residents of" if everybody else "Almost all residents of"


def _libraries_unknown(area: BriefingArea, share: Number) -> Headline:
    said = Said(
        f"How many residents of {area.said} live near a library is not known: its libraries were "
        "not reported."
    )
    large = Number(share.name, share.value, "not known", share.trace)
    return Headline("beyond", large, "how many live more than a mile from a library", said)


def _hidden(numbers: PlaceNumbers, area: BriefingArea, jobs: Sequence[Job]) -> Headline:
    counts = numbers.pockets.by_ward["pockets_tenth"].to_numpy(dtype=float)
    rows = area.rows[~numbers.in_fifth[area.rows] & (counts[area.rows] > 0)]
    keys = tuple(numbers.codes[rows])
    rule = f"{area.rule} without {numbers.in_fifth_said} that have pockets_tenth above 0"

    def summed(column: str) -> tuple[float, Trace]:
        values = numbers.pockets.by_ward[column].to_numpy(dtype=float)[rows]
        return total(values), Trace(Term(numbers.table, keys, column, "sum", rule))

    value, trace = summed("pocket_people_tenth")
    living = Number("Residents in pockets outside target wards", value, people(value), trace)
    caption = "residents live in high-risk pockets outside the highest fifth of wards"
    if not len(rows):
        text = (
            f"In {area.said} there is no small area in England’s highest-risk tenth outside "
            "the wards of the highest-risk fifth."
        )
        needed = [(job, job.residents) for job in jobs if job.residents]
        if not needed and jobs:
            job = max(jobs, key=lambda each: each.said.numbers[0].value)
            caption = f"of England’s residents live where need is lower: {job.need.lower()}"
            said = Said(f"{job.need}. {job.said.text}", job.said.numbers)
            return Headline("needs", job.said.numbers[0], caption, said)
        if not needed:
            return Headline("hidden", living, caption, Said(text))
        job, most = max(needed, key=lambda pair: pair[1].value)
        caption = f"residents live where need is among England’s highest: {job.need.lower()}"
        return Headline("needs", most, caption, Said(f"{job.said.text} {text}", job.said.numbers))
    value, trace = summed("pockets_tenth")
    count = Number("Pockets outside target wards", value, f"{value:,.0f}", trace)
    single = value == 1
    areas = "one small area" if single else f"{count.shown} small areas"
    text = (
        f"Another {living.shown} residents ({CENSUS}) live in {areas} in England’s highest-risk "
        f"tenth. {'Its ward is' if single else 'Their wards are'} below the highest fifth: a list "
        "of that fifth alone would miss them."
    )
    said = Said(text, (living,) if single else (living, count))
    return Headline("hidden", living, caption, said)


def _in_order(numbers: PlaceNumbers, area: BriefingArea) -> list[int]:
    """Return the rows of an area's wards that have a score, the highest risk first."""
    rows = area.rows[numbers.index.scored[area.rows]]
    order = np.lexsort((numbers.codes[rows].astype(str), -numbers.index.total[rows]))
    return [int(row) for row in rows[order]]


def _named_ward(
    numbers: PlaceNumbers, number: int, row: int, tests: Robustness | None
) -> NamedWard:
    code, name, council = numbers.named(row)
    return NamedWard(
        number,
        code,
        name,
        council,
        in_fifth=bool(numbers.in_fifth[row]),
        tier=str(tests.tier[row]) if tests else "",
        reason=_reason(numbers, row, name),
        residents=numbers.residents(np.array([row]), f"the ward {name}", f"Residents of {name}"),
    )


def _reason(numbers: PlaceNumbers, row: int, ward: str) -> Said:
    drivers = main_drivers(numbers.index, row, numbers.points)
    if not drivers:
        return Said("No single indicator stands out.")
    column = declared_columns()[drivers[0]]
    phrase = numbers.index.peers.method.indicators[column.name].phrase
    own = numbers.value(row, column, f"{column.label}, {ward}")
    england = numbers.mean(numbers.every_row, column, "all wards", f"{column.label}, England")
    return Said(f"{amount(column, own.value, phrase)} (England {england.shown})", (own, england))


def _lacking(numbers: PlaceNumbers, area: BriefingArea) -> tuple[Lacking, ...]:
    targeted = area.rows[numbers.in_fifth[area.rows]]
    rows = targeted if len(targeted) else area.rows
    near = numbers.values("near_library_people")[rows]
    beyond = np.nan_to_num(numbers.values("population")[rows] - near)
    order = np.lexsort((numbers.codes[rows].astype(str), -beyond))
    chosen = [int(rows[at]) for at in order[:LACKING_WARDS] if beyond[at] >= FEW]
    found = []
    for row in chosen:
        code, name, council = numbers.named(row)
        alone, rule = np.array([row]), f"the ward {name}"
        far = numbers.beyond(alone, rule, f"Beyond a mile of a library, {name}")
        living = numbers.residents(alone, rule, f"Residents of {name}")
        found.append(Lacking(code, name, council, far, living))
    return tuple(found)


def _lacking_said(numbers: PlaceNumbers, area: BriefingArea, lacking: tuple[Lacking, ...]) -> Said:
    rows = area.rows[numbers.in_fifth[area.rows]]
    known = rows if len(rows) else area.rows
    if not lacking and np.isnan(numbers.values("near_library_people")[known]).all():
        return Said("How many residents live near a library is not known.")
    if not lacking:
        which = f"{area.whose} highest-risk wards" if len(rows) else area.said
        return Said(f"{_all_of(numbers, known)} {which} live within a mile of a library.")
    if not len(rows):
        return Said(
            f"No ward of {area.said} is in the highest-risk fifth: these are the wards where "
            "most residents live more than a mile from a library."
        )
    rule = f"{area.rule} with {numbers.in_fifth_said}"
    beyond = numbers.beyond(rows, rule, "Residents of target wards beyond a mile of a library")
    text = (
        f"{beyond.shown} residents of {area.whose} highest-risk wards live more than a mile "
        "from a library. The largest numbers are in:"
    )
    return Said(text, (beyond,))


def _aside(aloud: str) -> str:
    return f" ({aloud})" if aloud else ""


def _digits(aloud: str) -> str:
    """Return "about one in eight" in large type: "1 in 8"; "" where there is no such fraction."""
    names = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    parts = aloud.removeprefix("about ").split(" in ")
    if len(parts) != 2:
        return ""
    return " in ".join(str(names.index(p) + 1) if p in names else p for p in parts)
