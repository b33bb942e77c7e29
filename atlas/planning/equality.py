"""Who gains and who loses reach by a scenario, group by group, and the paper that says so.

For a council to attach to its equality impact assessment: with what open data does not have.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from atlas.access.distance import EVERYONE
from atlas.catalogue.cohorts import OVERLAP, declared_cohorts
from atlas.catalogue.columns import declared_columns
from atlas.catalogue.sources import declared_sources
from atlas.files.qr_code import qr_picture
from atlas.text.days import written_day
from atlas.text.numbers import percent
from atlas.text.templates import macros, whole_page
from atlas.text.texts import texts

_TEMPLATE = Path(__file__).with_name("equality.html")
_STYLE = Path(__file__).with_name("equality.css")
NOT_IN_DATA, NOT_KNOWN = "not in the data", "not known here"
TOO_LONG = "The scenario is too long for a link: keep its file."
_LISTS = texts(__file__)
GROUPS, NOT_COUNTED = _LISTS["groups"], _LISTS["not_counted"]


def group_name(cohort: str) -> str:
    """Return how a table names a group; everyone is "All residents"."""
    return "All residents" if cohort == EVERYONE else declared_cohorts()[cohort].label


def equality_table(changes: pd.DataFrame) -> pd.DataFrame:
    """Return who is in reach before and after, group by group, and which groups are not counted.

    ``changes`` is :func:`atlas.planning.scenario.cohort_changes`. Columns: ``cohort`` (key, "" for
    a group of no figure), ``group``, ``total, before, after, gained, lost`` (NaN where not known),
    ``share_before, share_after`` and ``counted``: how honest the count is, or that there is none.
    """
    names = ["total", "before", "after", "gained", "lost"]
    known = changes.set_index("cohort")[names]
    keys = list(dict.fromkeys([*GROUPS, *known.index]))
    table = known.reindex(keys).rename_axis("cohort").reset_index()
    table["group"] = [group_name(key) for key in keys]
    table["counted"] = [_counted(key, known) for key in keys]
    none = pd.DataFrame({"cohort": "", "group": NOT_COUNTED, "counted": NOT_IN_DATA})
    table = pd.concat([table, none], ignore_index=True)
    for when in ("before", "after"):
        table[f"share_{when}"] = table[when] / table["total"].where(table["total"] > 0)
    return table


def _counted(key: str, known: pd.DataFrame) -> str:
    if key not in known.index:
        return NOT_IN_DATA
    if known["total"].isna()[key]:
        return NOT_KNOWN
    honesty = "exact" if key == EVERYONE else declared_cohorts()[key].honesty
    return "an estimate" if honesty == "proxy" else honesty


@dataclass(frozen=True)
class Paper:
    """What the paper says besides its table: the place, the changes and the sentence on them,
    ``within`` what people are counted, ``notes`` on the count, the address of the view ("" for
    none), the data version and the day.
    """

    place: str
    sentence: str
    changes: tuple[str, ...]
    within: str
    notes: tuple[str, ...]
    link: str
    version: str
    day: date

    @property
    def title(self) -> str:
        """The paper's heading."""
        return f"{self.place}: who gains and who loses a place to get help"

    @property
    def again(self) -> str:
        """How to open the figures again."""
        return f"These figures again: {self.link}" if self.link else TOO_LONG

    @property
    def stamp(self) -> str:
        """When the paper was made, and of which data."""
        return f"Made on {written_day(self.day)}, data version {self.version}."


def equality_paper(table: pd.DataFrame, paper: Paper) -> bytes:
    """Return the paper on an :func:`equality_table` as HTML that prints on one sheet of A4."""
    table = table[table["cohort"].isin([*GROUPS, ""])]
    rows = [_row(line) for _, line in table[table["counted"] != NOT_IN_DATA].iterrows()]
    missing = table["group"][table["counted"] == NOT_IN_DATA].tolist()
    cohorts = [declared_cohorts()[key] for key in table["cohort"] if key in declared_cohorts()]
    notes = [f"{c.label}: {c.note}" for c in cohorts if c.honesty != "exact"]
    body = macros(_TEMPLATE).body(
        paper,
        rows,
        missing,
        [OVERLAP, *notes, *paper.notes],
        _LISTS["to_add"],
        _sources({name for cohort in cohorts for name in cohort.columns}),
        qr_picture(paper.link),
    )
    return whole_page(paper.title, _STYLE.read_text(encoding="utf-8"), body).encode()


def _row(line: pd.Series) -> list[str]:
    numbers = [number_words(line[name]) for name in ("total", "before", "after", "gained", "lost")]
    return [str(line["group"]), *numbers, share_words(line), str(line["counted"])]


def number_words(number: float) -> str:
    """Write a count of the table: '1,230', "not known" for NaN."""
    return "not known" if number != number else f"{number:,.0f}"


def share_words(line: pd.Series) -> str:
    """Write the share of a group in reach before and after, "not known" where it is not."""
    before, after = float(line["share_before"]), float(line["share_after"])
    return "not known" if before != before else f"{percent(before)} → {percent(after)}"


def _sources(columns: set[str]) -> list[str]:
    """Return where the figures come from, each with its publisher and date."""
    declared = declared_sources()
    keys = {key for name in columns for key in declared_columns()[name].sources}
    named = [s for key, s in declared.items() if key in keys | {"libraries", "census_age"}]
    return [f"{s.publisher}: {s.title}, {s.dated}" for s in named]
