"""What changed from one snapshot to the next: areas, coverage, figures, bands and tiers.

An officer whose list was built on the last version has to know which of its wards moved, and why
a total is another. The same comparison guards publication: data that shrank is refused.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from atlas.catalogue.columns import Column, columns_of, shown
from atlas.places.places import Places
from atlas.risk.index import Index
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import FIFTH, robustness_of
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import Snapshot

# Beyond this share of the wards, moved bands mean that something else than the figures changed.
MOST_BANDS_MOVED = 0.25


@dataclass(frozen=True)
class Ward:
    """A ward by code, name and council, with what it was ``before`` and is ``now``, in words."""

    code: str
    name: str
    council: str
    before: str
    now: str


@dataclass(frozen=True)
class Coverage:
    """In how many wards a column has a figure, and which of the wards in both versions lost it."""

    column: str
    label: str
    before: int
    now: int
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """How one column's figures moved over the wards that both versions have.

    ``correlation`` is Spearman's, NaN where either version has fewer than three figures or one
    value only. Medians are written as the pages write them.
    """

    column: str
    label: str
    wards_changed: int
    before: str
    now: str
    correlation: float


@dataclass(frozen=True)
class Edition:
    """A published file that is new, gone, or of other bytes than before."""

    source: str
    title: str
    before: str
    now: str


@dataclass(frozen=True)
class Changes:
    """Everything that differs between two snapshots.

    ``rows`` holds (before, now) by table; ``totals`` by column: England's sum, to the unit.
    ``bands`` are wards whose band against England moved, ``tiers`` wards that were or are in
    England's highest-risk fifth and whose tier moved.
    """

    before: str
    now: str
    editions: tuple[Edition, ...]
    rows: Mapping[str, tuple[int, int]]
    totals: Mapping[str, tuple[int, int]]
    began: tuple[Ward, ...]
    ended: tuple[Ward, ...]
    coverage: tuple[Coverage, ...]
    figures: tuple[Figure, ...]
    bands: tuple[Ward, ...]
    tiers: tuple[Ward, ...]
    wards: int

    @property
    def nothing(self) -> bool:
        """Whether the two are the same version."""
        return self.before == self.now

    def reasons_to_stop(self) -> list[str]:
        """Return in words why a person should look before this is published; none is good."""
        found = [
            f"{each.label}: {len(each.lost)} wards lost their figure, such as {each.lost[0]}"
            for each in self.coverage
            if each.lost
        ]
        before, now = self.totals.get("population", (0, 0))
        if before and abs(now - before) > 0.05 * before:
            found.append(f"residents went from {before:,} to {now:,}, more than a twentieth")
        if len(self.bands) > MOST_BANDS_MOVED * max(self.wards, 1):
            found.append(f"{len(self.bands):,} of {self.wards:,} wards moved to another risk band")
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the changes as plain values for JSON; an unknown correlation is null."""
        plain = asdict(self)
        for figure in plain["figures"]:
            if np.isnan(figure["correlation"]):
                figure["correlation"] = None
        return plain


def changes_between(before: Snapshot, now: Snapshot) -> Changes:
    """Compare two snapshots. Wards are matched by code; the index is made anew on both."""
    names = _names(before) | _names(now)
    both = sorted(set(before.wards["ward_code"]) & set(now.wards["ward_code"]))
    old, new = (each.wards.set_index("ward_code").reindex(both) for each in (before, now))
    shared = set(before.wards) & set(now.wards)
    columns = [c for c in columns_of("wards") if c.aggregate != "none" and c.name in shared]
    bands, tiers = _moved(before, now, both, names)
    return Changes(
        before=before.version,
        now=now.version,
        editions=_editions(before, now),
        rows={
            name: (len(getattr(before, name)), len(getattr(now, name)))
            for name in ("wards", "lsoas", "libraries")
        },
        totals={c.name: (_sum(before, c), _sum(now, c)) for c in columns if c.aggregate == "sum"},
        began=_only_in(now, before, names),
        ended=_only_in(before, now, names),
        coverage=tuple(_coverage(column, before, now, old, new) for column in columns),
        figures=tuple(each for column in columns if (each := _figure(column, old, new))),
        bands=bands,
        tiers=tiers,
        wards=len(both),
    )


def _names(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    wards = snapshot.wards
    names = zip(wards["ward_name"], wards["authority_name"], strict=True)
    return dict(zip(wards["ward_code"], names, strict=True))


def _sum(snapshot: Snapshot, column: Column) -> int:
    return int(round(float(snapshot.wards[column.name].sum())))


def _only_in(
    here: Snapshot, there: Snapshot, names: dict[str, tuple[str, str]]
) -> tuple[Ward, ...]:
    codes = sorted(set(here.wards["ward_code"]) - set(there.wards["ward_code"]))
    return tuple(Ward(code, *names[code], "", "") for code in codes)


def _editions(before: Snapshot, now: Snapshot) -> tuple[Edition, ...]:
    old, new = before.provenance["sources"], now.provenance["sources"]
    none = {"sha256": "", "vintage": ""}
    pairs = {key: (old.get(key, none), new.get(key, none)) for key in sorted({*old, *new})}
    return tuple(
        Edition(key, {**was, **now}["title"], was["vintage"], now["vintage"])
        for key, (was, now) in pairs.items()
        if was["sha256"] != now["sha256"]
    )


def _coverage(
    column: Column, before: Snapshot, now: Snapshot, old: pd.DataFrame, new: pd.DataFrame
) -> Coverage:
    lost = old[column.name].notna() & new[column.name].isna()
    return Coverage(
        column.name,
        column.label,
        int(before.wards[column.name].notna().sum()),
        int(now.wards[column.name].notna().sum()),
        tuple(new.index[lost]),
    )


def _figure(column: Column, old: pd.DataFrame, new: pd.DataFrame) -> Figure | None:
    pair = pd.DataFrame({"before": old[column.name], "now": new[column.name]}).dropna()
    changed = int((pair["before"] != pair["now"]).sum())
    if not changed:
        return None
    comparable = len(pair) >= 3 and pair.nunique().min() > 1
    rank = float(pair["before"].corr(pair["now"], method="spearman")) if comparable else np.nan
    return Figure(
        column.name,
        column.label,
        changed,
        shown(column, float(pair["before"].median())),
        shown(column, float(pair["now"].median())),
        rank,
    )


def _moved(
    before: Snapshot, now: Snapshot, codes: list[str], names: dict[str, tuple[str, str]]
) -> tuple[tuple[Ward, ...], tuple[Ward, ...]]:
    old, new = _judged(before, codes), _judged(now, codes)
    bands = [
        Ward(code, *names[code], _band(a), _band(b))
        for code, a, b in zip(codes, old["band"], new["band"], strict=True)
        if _band(a) != _band(b)
    ]
    listed = old["listed"] | new["listed"]
    tiers = [
        Ward(code, *names[code], a or "not listed", b or "not listed")
        for code, a, b, here in zip(codes, old["tier"], new["tier"], listed, strict=True)
        if here and a != b
    ]
    return tuple(bands), tuple(tiers)


def _judged(snapshot: Snapshot, codes: list[str]) -> pd.DataFrame:
    """Band, place in the highest-risk fifth and tier of each ward, in the order of ``codes``."""
    index: Index = Scorer(snapshot, Places(snapshot.wards)).index(RiskRequest())
    listed = index.in_highest(FIFTH)
    tier = robustness_of(index).tier
    frame = pd.DataFrame({"band": index.band, "listed": listed, "tier": tier})
    frame.index = pd.Index(snapshot.wards["ward_code"])
    return frame.reindex(codes)


def _band(value: float) -> str:
    return "no score" if np.isnan(value) else f"band {value:.0f}"
