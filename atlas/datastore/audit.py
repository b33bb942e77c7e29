"""The audit of data assets: which figures are held for each council, how old, how whole.

Published datasets are audited from the snapshot itself. Local ones, which only councils can know
of, are what a filled-in template says; nothing is assumed of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import product
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic.dataclasses import dataclass as declared

from atlas.catalogue.columns import Column, columns_of
from atlas.catalogue.declarations import STRICT, Text, keyed, read_declaration
from atlas.catalogue.sources import Source, declared_sources
from atlas.places.places import Place, Places
from atlas.snapshot.snapshot import Snapshot
from atlas.text.lists import counted
from atlas.text.texts import texts
from atlas.uploads.reading.personal_data import detail_in
from atlas.uploads.reading.table import Problem, RefusedError, Row, Table, quoted

_DECLARATION = Path(__file__).with_name("local_assets.toml")

Held = Literal["yes", "partly", "no", "not known"]
_TEXTS: dict[str, dict[str, str]] = texts(__file__)
HELD_WORDS, TEMPLATE = _TEXTS["held"], _TEXTS["template"]
_LONGEST = 120


@dataclass(frozen=True)
class Dataset:
    """A published dataset on the pages: the columns it gives, and ``what`` its coverage counts."""

    source: Source
    columns: tuple[Column, ...]
    what: Literal["small areas", "libraries"]


@dataclass(frozen=True)
class Holding:
    """One dataset for one council.

    ``known`` of ``of`` things have all their figures; ``withheld`` have one that the publisher
    suppressed. ``share`` is the share of residents (of libraries) covered, NaN where there is
    nothing to cover.
    """

    authority: str
    known: int
    of: int
    withheld: int
    share: float

    @property
    def gaps(self) -> int:
        """How many things lack a figure, or have one that is withheld."""
        return self.of - self.known + self.withheld

    @property
    def in_words(self) -> str:
        """The holding as the matrix shows it."""
        if not self.of:
            return "none here"
        if not self.known:
            return "not held"
        if not self.gaps:
            return "complete"
        return f"{self.gaps:,} {'gap' if self.gaps == 1 else 'gaps'} of {self.of:,}"


def published_datasets(used: Sequence[str]) -> list[Dataset]:
    """Return the datasets behind the measures; a column belongs to its first source in use."""
    given: dict[str, list[Column]] = {}
    for column in columns_of("lsoas"):
        if column.measure:
            first = next((key for key in column.sources if key in used), None)
            if first:
                given.setdefault(first, []).append(column)
    return [
        Dataset(source, tuple(given[key]), "libraries" if key == "libraries" else "small areas")
        for key, source in declared_sources().items()
        if key in given
    ]


class Audit:
    """The audit of one snapshot."""

    def __init__(self, snapshot: Snapshot, places: Places) -> None:
        self.snapshot = snapshot
        self.places = places
        self.datasets = published_datasets(tuple(snapshot.provenance["sources"]))

    def authorities(self, place: str) -> list[Place]:
        """Return the councils of a place by name; of a ward or a council, the council itself."""
        rows = self.places.positions(place)
        codes = pd.unique(self.snapshot.wards["authority_code"].to_numpy(dtype=object)[rows])
        return sorted((self.places[code] for code in codes), key=lambda p: (p.name, p.code))

    def holding(self, dataset: Dataset, authority: str) -> Holding:
        """Return what is held of a dataset for one council."""
        counts = self._counts[dataset.source.key]
        there = counts.reindex([authority], fill_value=0.0).to_numpy(dtype=float)[0]
        known, of, withheld, weight, covered = there
        share = covered / weight if weight > 0 else float("nan")
        return Holding(authority, int(known), int(of), int(withheld), share)

    @cached_property
    def _counts(self) -> dict[str, pd.DataFrame]:
        """For each dataset, by council: how many things are known, there and withheld, and how
        much they weigh (residents; each library 1), in all and where they are covered.
        """
        lsoas, wards, libraries = self.snapshot.lsoas, self.snapshot.wards, self.snapshot.libraries
        counted = libraries[libraries["counts_for_access"] == "true"]
        suppressed = lsoas["income_suppressed_areas"].fillna(0) > 0
        found = {}
        for dataset in self.datasets:
            names = [column.name for column in dataset.columns]
            if dataset.what == "libraries":
                council = counted["ward_code"].map(wards.set_index("ward_code")["authority_code"])
                known, weight = counted["hours_known"] == "true", pd.Series(1.0, counted.index)
                withheld = known & False
            else:
                council, weight = lsoas["authority_code"], lsoas["population"]
                # A count that the publisher withheld is a withheld figure, not a missing area.
                withheld = suppressed & ("income_deprived_people" in names)
                known = lsoas[names].notna().all(axis=1) | withheld
            covered = weight.where(known & ~withheld, 0.0)
            things = {"known": known, "of": 1, "withheld": withheld}
            table = pd.DataFrame({**things, "weight": weight, "covered": covered})
            found[dataset.source.key] = table.groupby(council.to_numpy()).sum()
        return found

    def fit(self, authority: str) -> dict[str, int]:
        """Return how many wards of a council are good, fair, weak and none by ``fit``."""
        wards = self.snapshot.wards
        grades = wards["fit"][wards["authority_code"] == authority].value_counts()
        return {grade: int(grades.get(grade, 0)) for grade in ("good", "fair", "weak", "none")}

    def table(self, place: str) -> pd.DataFrame:
        """Return one row for each dataset and council of a place.

        Columns: ``authority_code, authority_name, dataset, publisher, as_at, licence, counted,
        known, of, withheld, gaps, coverage`` (0 to 1, missing where there is nothing to cover).
        """
        names = "authority_code authority_name dataset publisher as_at licence counted known of"
        rows = []
        for authority, dataset in product(self.authorities(place), self.datasets):
            found, source = self.holding(dataset, authority.code), dataset.source
            about = (authority.code, authority.name, source.title, source.publisher)
            of_what = (source.as_at.isoformat(), source.licence_name, dataset.what)
            counts = (found.known, found.of, found.withheld, found.gaps, found.share)
            rows.append((*about, *of_what, *counts))
        return pd.DataFrame(rows, columns=[*names.split(), "withheld", "gaps", "coverage"])


def age_in_words(day: date, today: date) -> str:
    """Say how old a date is: '2 years 8 months', 'under a month'."""
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    parts = zip(divmod(max(months, 0), 12), ("year", "month"), strict=True)
    return " ".join(counted(*part) for part in parts if part[0]) or "under a month"


# --- local assets -----------------------------------------------------------------------------


@declared(frozen=True, config=STRICT)
class LocalAsset:
    """A kind of data that only councils can know of; ``local_assets.toml`` has the fields."""

    key: str
    label: Text
    why: Text
    ask: Text


@dataclass(frozen=True)
class LocalHolding:
    """What a template says of one asset and one council. All texts are outside text."""

    asset: str
    authority: str
    held: Held
    title: str = ""
    owner: str = ""
    as_at: str = ""
    areas: str = ""
    licence: str = ""
    notes: str = ""


@dataclass(frozen=True)
class LocalReport:
    """What became of a template: answers, problems by row, and how many rows are ``blank``."""

    answers: tuple[LocalHolding, ...]
    problems: tuple[Problem, ...]
    blank: int


@cache
def local_assets(text: str | None = None) -> dict[str, LocalAsset]:
    """Return the local data asked for, by key, or of a ``text``. Raises DeclarationError."""
    return read_declaration(dict[str, LocalAsset], _DECLARATION, keyed, text)


def template(authorities: Sequence[Place]) -> pd.DataFrame:
    """Return the empty template: one row for each council and kind of data."""
    empty = dict.fromkeys(TEMPLATE, "")
    rows = [
        {**empty, "Council code": council.code, "Council": council.name, "Data": asset.label}
        for council in authorities
        for asset in local_assets().values()
    ]
    return pd.DataFrame(rows, columns=list(TEMPLATE))


def read_local(table: Table, places: Places) -> LocalReport:
    """Return what a template says by row; RefusedError where the columns it needs are not there."""
    at = {name: n for n, name in enumerate(table.headings)}
    for heading in ("Council code", "Data", "Held? (yes, partly, no)"):
        if heading not in at:
            raise RefusedError(
                f"There is no column “{heading}”. Fill in the template as it is, without changing "
                "its first row, and bring it again."
            )
    answers: dict[tuple[str, str], LocalHolding] = {}
    problems = list(table.problems)
    blank = 0
    for row in table.rows:
        given = {
            field: row.cells[at[heading]]
            for heading, field in TEMPLATE.items()
            if field and heading in at
        }
        if not given["held"]:
            blank += 1
            continue
        answer = _answer(row, given, places)
        if isinstance(answer, Problem):
            problems.append(answer)
        elif (answer.authority, answer.asset) in answers:
            said = "This council and data were answered already."
            problems.append(Problem(row.number, "Data", said, "Keep one of the two rows."))
        else:
            answers[answer.authority, answer.asset] = answer
    return LocalReport(tuple(answers.values()), tuple(sorted(problems, key=lambda p: p.row)), blank)


def _answer(row: Row, given: dict[str, str], places: Places) -> LocalHolding | Problem:
    def problem(column: str, what: str, todo: str) -> Problem:
        return Problem(row.number, column, what, todo)

    code, held = given.pop("authority"), given.pop("held")
    if code.upper() not in places or places[code.upper()].kind != "authority":
        said = f"{quoted(code)} is not the code of a council."
        return problem("Council code", said, "Take the code from the template, such as E08000003.")
    named = given.pop("asset")
    asset = {a.label.casefold(): a.key for a in local_assets().values()}.get(named.casefold())
    if asset is None:
        said = f"{quoted(named)} is not one of the kinds of data asked for."
        return problem("Data", said, "Keep the words of the template.")
    answers: dict[str, Held] = {"yes": "yes", "partly": "partly", "no": "no"}
    if held.casefold() not in answers:
        advice = "Write yes, partly or no; leave it blank where nobody knows."
        return problem("Held?", f"{quoted(held)} is not an answer.", advice)
    for heading, name in TEMPLATE.items():
        text = given.get(name, "")
        if detail := detail_in(text):
            return problem(heading, f"It seems to hold {detail}.", "Name a team, not a person.")
        if len(text) > _LONGEST:
            return problem(heading, f"It is longer than {_LONGEST} characters.", "Shorten it.")
    return LocalHolding(asset, code.upper(), answers[held.casefold()], **given)
