"""How well scores agree with what was observed: households that were not online in 2021.

The outcome is one form in one month, with help allowed, and says nothing of cost or devices. It
is evidence for or against a method, never its target. Agreement is Spearman's correlation over
wards, and the share of a list's wards that are also in the list by the outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from atlas.arrays import SAME, Floats
from atlas.risk.index import Index, Peers, Weighting, choose, index_of, population_percentile
from atlas.risk.influence import effective_influence
from atlas.risk.method import Method
from atlas.risk.request import RiskRequest
from atlas.risk.robustness import Robustness
from atlas.risk.scorer import Scorer
from atlas.text.lists import listed

OUTCOME = "not_online_rate"
SHARES = {"overlap_tenth": 0.1, "overlap_fifth": 0.2}
# The declared criteria for the weights: what share of the score's variance each may explain.
MAIN_LEAST, MAIN_MOST, OTHER_LEAST = 0.30, 0.60, 0.05
# Candidates whose agreement differs by less are equal: the one declared first is the simplest.
CLOSE = 0.02
FIT_STEP = 10  # per cent


def spearman(one: Floats, other: Floats) -> float:
    """Return the rank correlation over the rows where both are known; NaN for fewer than three."""
    pair = pd.DataFrame({"one": one, "other": other}).round(SAME)
    return float(pair.corr("spearman", min_periods=3).to_numpy()[0, 1])


def overlap(one: Floats, other: Floats, people: Floats, share: float) -> float:
    """Return the share of the wards in the highest ``share`` by ``one`` that are by both."""
    known = np.where(np.isnan(one) | np.isnan(other), np.nan, people)
    places = (population_percentile(values, known) for values in (one, other))
    inside, also = (place >= 100 * (1 - share) - 1e-9 for place in places)
    return float((inside & also).sum() / inside.sum()) if inside.any() else float("nan")


def agreement(values: Floats, outcome: Floats, people: Floats) -> dict[str, float]:
    """Return ``rho``, ``overlap_tenth`` and ``overlap_fifth`` of a measure with the outcome."""
    overlaps = {name: overlap(values, outcome, people, share) for name, share in SHARES.items()}
    return {"rho": spearman(values, outcome), **overlaps}


def agreement_table(measures: Mapping[str, Floats], wards: pd.DataFrame) -> pd.DataFrame:
    """Return the agreement of each measure, for England and each region.

    ``measures`` by label, higher = more need, in the rows of ``wards``. Columns: ``measure, area,
    rho, overlap_tenth, overlap_fifth``; the tenth and fifth are those of the area's residents.
    """
    outcome, people = (wards[name].to_numpy(dtype=float) for name in (OUTCOME, "population"))
    areas = {"England": np.arange(len(wards)), **wards.groupby("region_name").indices}
    lines = [
        {"measure": label, "area": area, **agreement(values[at], outcome[at], people[at])}
        for label, values in measures.items()
        for area, at in areas.items()
    ]
    return pd.DataFrame(lines)


def calibration(index: Index, tests: Robustness, wards: pd.DataFrame) -> pd.DataFrame:
    """Return how many households were not online in the wards of each tier, those below the highest
    fifth last: ``tier``, ``wards``, ``households``, ``not_online_rate`` (of all of these, 0 to 1).
    """
    rate, homes = (wards[name].to_numpy(dtype=float) for name in (OUTCOME, "households"))
    known = index.scored & ~np.isnan(rate)
    lines = []
    for tier in (*(tier.key for tier in index.peers.method.tiers), ""):
        rows = known & (tests.tier == tier)
        households = float(homes[rows].sum())
        share = float((rate[rows] * homes[rows]).sum() / (households or np.nan))
        lines.append((tier or "below the highest fifth", int(rows.sum()), households, share))
    return pd.DataFrame(lines, columns=["tier", "wards", "households", OUTCOME])


def misses(index: Index, wards: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the wards that the score misses most and overstates most, ``count`` of each.

    Columns: ``ward_code``, ``score``, ``observed`` (the share of residents in wards where fewer
    were not online, 0 to 100), ``gap`` (observed less score), ``kind``, ``reason``.
    """
    outcome = wards[OUTCOME].to_numpy(dtype=float)
    observed = population_percentile(outcome, index.peers.people)
    gap = np.where(np.isnan(index.score), np.nan, observed - index.score)
    order = np.argsort(np.where(np.isnan(gap), 0, gap), kind="stable")
    rows = np.concatenate([order[::-1][:count], order[:count]])
    kinds = np.repeat(["missed", "overstated"], count)
    return pd.DataFrame(
        {
            "ward_code": index.peers.codes[rows],
            "score": index.cut_score[rows],
            "observed": observed[rows],
            "gap": gap[rows],
            "kind": kinds,
            "reason": [_reason(index, *each) for each in zip(rows, kinds, strict=True)],
        }
    )


def _reason(index: Index, row: int, kind: str) -> str:
    """Say the plain reason for a gap where the data shows one, else that it shows none."""
    if index.peers.small_areas[row] == 1:
        return "its figures are those of one small area"
    parts = {
        index.peers.method.components[key].label.lower(): float(values[row])
        for key, values in index.components.items()
    }
    high = [f"{label} ({int(value)})" for label, value in parts.items() if value >= 80]
    if kind == "overstated" and high:
        return f"high on {listed(high)}, yet most answered online"
    low = [f"{label} ({int(value)})" for label, value in parts.items() if value < 40]
    if kind == "missed" and low:
        return f"low on {listed(low)}, yet many did not answer online"
    return "the data shows no reason"


def tried(england: Peers) -> dict[str, Index]:
    """Score every declared candidate on England's wards, by label in declared order."""
    found = {}
    for each in england.method.candidates:
        weighting = choose(each.weights, scaling=each.scaling, method=england.method)
        taken = england.values[each.take] if each.take else None
        group = england if taken is None else england.with_values(each.instead_of, taken)
        found[each.label] = index_of(group, weighting)
    return found


@dataclass(frozen=True)
class Crossed:
    """Scores on regions that were left out as each was chosen; ``chosen`` names it by region."""

    pooled: Floats
    chosen: Mapping[str, str]


def crossed(
    totals: Mapping[str, Floats],
    outcome: Floats,
    people: Floats,
    regions: npt.NDArray[np.object_],
    close: float = CLOSE,
) -> Crossed:
    """Choose among scores by their agreement outside each region, and take them inside it.

    Agreement is the correlation plus the overlap of the tenths. Of those within ``close`` of the
    best the first is chosen. ``totals`` are by name, the simplest first.
    """
    pooled, chosen = np.full(len(outcome), np.nan), {}
    for region in sorted({name for name in regions if isinstance(name, str) and name}):
        inside = regions == region
        outside = np.where(inside, np.nan, outcome)
        found = {
            name: spearman(values, outside)
            + overlap(values, outside, people, SHARES["overlap_tenth"])
            for name, values in totals.items()
        }
        best = max(found.values())
        chosen[region] = next(key for key, value in found.items() if value >= best - close)
        pooled[inside] = totals[chosen[region]][inside]
    return Crossed(pooled, chosen)


def grid(method: Method) -> dict[str, Weighting]:
    """Return all exponential weightings of the components of risk in steps of a tenth, by name."""
    parts, steps = method.risk_components(), range(0, 101, FIT_STEP)
    shares = [(a, b, 100 - a - b) for a, b in product(steps, steps) if a + b <= 100]
    return {
        ", ".join(map(str, each)): choose(dict(zip(parts, each, strict=True)), method=method)
        for each in shares
    }


@dataclass(frozen=True)
class Evidence:
    """All that is said of the agreement with the outcome; made once for a snapshot.

    ``agreements`` as :func:`agreement_table`. ``candidates``: ``label``, the shares of influence,
    ``within`` the declared limits or not, ``rho`` and ``overlap_tenth`` for England.
    ``standard`` and ``fitted`` are choices made with each region left out, ``pooled`` their
    agreement over England.
    """

    agreements: pd.DataFrame
    candidates: pd.DataFrame
    standard: Crossed
    fitted: Crossed
    pooled: Mapping[str, Mapping[str, float]]


def has_outcome(wards: pd.DataFrame) -> bool:
    """Tell whether a snapshot's wards hold the outcome."""
    return OUTCOME in wards and bool(wards[OUTCOME].notna().any())


def evidence_of(scorer: Scorer) -> Evidence:
    """Work out the evidence for England's wards, which must hold the outcome; a few seconds."""
    england, wards = scorer.england, scorer.wards
    outcome, regions = wards[OUTCOME].to_numpy(dtype=float), wards["region_name"].to_numpy()
    found = tried(england)
    candidates = pd.DataFrame([_candidate_line(*each, outcome) for each in found.items()])
    allowed = {label: found[label].total for label in candidates["label"][candidates["within"]]}
    fits = {name: index_of(england, made).total for name, made in grid(england.method).items()}
    standard = crossed(allowed, outcome, england.people, regions)
    fitted = crossed(fits, outcome, england.people, regions, close=0.0)
    pooled = {
        name: agreement(made.pooled, outcome, england.people)
        for name, made in (("standard", standard), ("fitted", fitted))
    }
    agreements = agreement_table(_measures(england, scorer.by_preset(RiskRequest())), wards)
    return Evidence(agreements, candidates, standard, fitted, pooled)


def _measures(england: Peers, presets: Mapping[str, Index]) -> dict[str, Floats]:
    method, standard = england.method, presets["standard"]
    columns = [i.key for i in method.indicators.values() if i.component in standard.components]
    columns += [each.take for each in method.alternatives if each.take not in columns]
    return {
        "Risk score (standard)": standard.total,
        **{method.presets[k].label: v.total for k, v in presets.items() if k != "standard"},
        **{method.components[key].label: v for key, v in standard.components.items()},
        **{method.column(name).label: england.values[name] for name in columns},
    }


def _candidate_line(label: str, index: Index, outcome: Floats) -> dict[str, object]:
    influence = effective_influence(index)
    *main, other = influence.values()
    within = all(MAIN_LEAST <= each <= MAIN_MOST for each in main) and other >= OTHER_LEAST
    agrees = agreement(index.total, outcome, index.peers.people)
    return {"label": label, **influence, "within": within, **agrees}
