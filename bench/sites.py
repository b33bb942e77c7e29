"""Time the choice of new places in every combined authority and in Greater London.

python -m bench.sites            writes bench/sites.json

For each place, group and number of sites: seconds from the tables to a proven answer, the gap,
the total, and what the quick answer reaches. Both aims; the slowest of all groups; the three best
next places in Greater Manchester; and the solver without the Atlas's bound and reductions.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from atlas.access.distance import library_venues, residents_in
from atlas.places.places import Places
from atlas.planning.cover_reductions import layers
from atlas.planning.maximal_cover import best_each
from atlas.planning.site_files import amounts, site_rows
from atlas.planning.sites import (
    KINDS,
    OBJECTIVES,
    Objective,
    SiteProblem,
    candidates_in,
    site_problem,
)
from atlas.snapshot.snapshot import Snapshot, load

OUT = Path(__file__).with_name("sites.json")
LONDON, MANCHESTER = "E12000007", "E47000001"
GROUPS = ("residents", "age_75_plus")
NUMBERS = (5, 10)


class Bench:
    """The snapshot made ready, and problems timed from there."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.places = Places(snapshot.wards)
        self.residents = residents_in(snapshot)
        self.libraries = library_venues(snapshot.libraries)

    def areas(self) -> list[str]:
        """Combined authorities, and Greater London."""
        found = [p.code for p in self.places.areas() if p.kind == "combined authority"]
        return [*found, LONDON]

    def problem(self, place: str, cohort: str, objective: Objective) -> SiteProblem:
        """Build one question from the tables."""
        tables = self.snapshot.lsoas, self.snapshot.libraries
        options = candidates_in(self.places.wards(place), *tables, tuple(KINDS))
        asked = place, cohort, self.places, self.residents, self.libraries
        return site_problem(*asked, options, objective=objective)

    def solved(self, place: str, cohort: str, objective: Objective, sites: int) -> dict[str, Any]:
        """Time one question from the tables to its answer."""
        start = time.perf_counter()
        problem = self.problem(place, cohort, objective)
        quick = problem.at_once(sites)[-1]
        greedy_at = time.perf_counter() - start
        *_, found = best_each(problem.gains, sites, 10.0)
        seconds = time.perf_counter() - start
        plan = problem.plan(sites, found)
        return {
            "place": self.places[place].label,
            "group": cohort,
            "aim": objective,
            "sites": sites,
            "candidates": len(problem.candidates),
            "greedy_seconds": round(greedy_at, 3),
            "seconds": round(seconds, 3),
            "method": found.method,
            "gap": round(found.gap, 6),
            "total": round(float(amounts(plan, found.total))),
            "greedy_total": round(float(amounts(plan, quick.total))),
            "newly_reached": round(plan.newly_reached),
            "beyond_before": round(plan.beyond),
        }


def plainly(problem: SiteProblem, sites: int, seconds: float) -> dict[str, Any]:
    """Solve with HiGHS alone, for comparison."""
    start = time.perf_counter()
    weights, covers = layers(problem.gains.by_group)
    groups, candidates = covers.shape
    scale = weights.sum() / 1e4
    result = milp(
        -np.concatenate([np.zeros(candidates), weights / scale]),
        integrality=np.concatenate([np.ones(candidates), np.zeros(groups)]),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(
                sparse.hstack([-covers, sparse.eye_array(groups)], format="csr"), -np.inf, 0
            ),
            LinearConstraint(
                sparse.csr_array(np.concatenate([np.ones(candidates), np.zeros(groups)])[None, :]),
                -np.inf,
                sites,
            ),
        ],
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    ours = time.perf_counter()
    total = problem.proven(sites, 10.0)
    best = list(total)[-1].total
    return {
        "highs_alone_seconds": round(ours - start, 2),
        "highs_alone_total_over_ours": round(float(-result.fun) * scale / best, 9),
        "ours_seconds_for_every_number_up_to_it": round(time.perf_counter() - ours, 2),
    }


def main() -> None:
    """Run everything, print a table and write the figures."""
    bench = Bench(load())
    lines = [
        bench.solved(place, group, objective, sites)
        for place in bench.areas()
        for group in GROUPS
        for objective in OBJECTIVES
        for sites in NUMBERS
    ]
    for line in lines:
        print(
            f"{line['place']:34}{line['group']:13}{line['aim']:9}{line['sites']:3} "
            f"{line['seconds']:7.2f} s  gap {line['gap']:.2%}  total {line['total']:>9,}"
        )
    every = [
        bench.solved(place, group, objective, 10)
        for place in bench.areas()
        for group in bench.residents.people
        if group not in GROUPS
        for objective in OBJECTIVES
    ]
    slowest = max([*lines, *every], key=lambda line: line["seconds"])
    unproven = sum(line["method"] != "proven" for line in [*lines, *every])
    print(f"slowest of {len(lines) + len(every)}: {slowest['place']}, {slowest['seconds']} s")
    print(f"not proven: {unproven}")
    best = bench.problem(MANCHESTER, "residents", "reach")
    plan = best.plan(3, list(best.proven(3))[-1])
    three = site_rows(plan, bench.snapshot.wards)[
        ["rank", "candidate_id", "candidate_name", "kind", "ward_name", "authority_name"]
        + ["people_added"]
    ]
    print(three.to_string(index=False))
    alone = {
        "Greater Manchester, residents, distance, 10": plainly(
            bench.problem(MANCHESTER, "residents", "distance"), 10, 120
        ),
        "London, age_75_plus, distance, 10": plainly(
            bench.problem(LONDON, "age_75_plus", "distance"), 10, 120
        ),
    }
    print(json.dumps(alone, indent=1))
    content = {
        "snapshot": bench.snapshot.version,
        "what": "seconds from the tables to proven answers for 1, 2, ... sites, one process",
        "runs": len(lines) + len(every),
        "not_proven": unproven,
        "slowest": slowest,
        "lines": lines,
        "three_best_in_greater_manchester": three.to_dict("records"),
        "solver_alone": alone,
    }
    OUT.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
