"""Who is beyond reach of staffed help in England, where high risk meets least of it, and how fast.

python -m bench.support          writes bench/support.json
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from atlas.access.catchments import catchments
from atlas.access.closures import closures_by_fifth, library_record
from atlas.access.distance import EVERYONE, library_venues, residents_in
from atlas.access.support_score import (
    HIGH_RISK_LITTLE_SUPPORT,
    cohort_reach,
    grid_counts,
    support_table,
)
from atlas.places.places import Places, natural
from atlas.planning.scenario import (
    ALTERNATIVES_WITHIN,
    Added,
    Scenario,
    alternatives,
    side_of,
    venues_after,
    ward_changes,
)
from atlas.planning.sites import candidates_near
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import load

OUT = Path(__file__).with_name("support.json")
REPEATS = 7
TENTH = 0.1


def milliseconds(action: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The median time of an action in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 1)


def main() -> None:
    snapshot = with_derived_columns(load())
    wards, places = snapshot.wards, Places(snapshot.wards)
    residents, venues = residents_in(snapshot), library_venues(snapshot.libraries)
    today = side_of(wards, residents, venues)
    table = today.table
    index = Scorer(snapshot, places).index(RiskRequest())
    highest = set(wards["ward_code"].to_numpy()[index.in_highest(TENTH)])
    inside = np.array([code in highest for code in residents.ward_codes])
    everywhere = np.ones(len(residents), dtype=bool)

    beyond = {}
    for name, area in (("England", everywhere), ("highest-risk tenth of wards", inside)):
        frame = cohort_reach(residents, today.near, area).set_index("cohort")
        beyond[name] = {
            str(key): {
                "total": round(float(line["total"])),
                "beyond_a_mile": round(float(line["beyond"])),
                "share": round(float(line["share_beyond"]), 4),
            }
            for key, line in frame.iterrows()
        }

    wanted = wards.assign(support=table["support_score"], cell=table["grid_cell"])
    wanted = wanted.assign(near_share=table["near_share"], nearest_km=table["nearest_km"])

    def listed(frame: Any) -> list[dict[str, Any]]:
        return [
            {
                "ward_code": row["ward_code"],
                "ward": f"{row['ward_name']}, {natural(row['authority_name'])}",
                "risk": round(row["risk_score"], 1),
                "support": round(row["support"], 1),
                "within_a_mile": round(row["near_share"], 3),
                "nearest_km": round(row["nearest_km"], 1),
                "residents": int(row["population"]),
            }
            for row in frame.to_dict("records")
        ]

    tenth = wanted[wanted["ward_code"].isin(highest)]
    least = tenth.sort_values(["support", "ward_code"]).head(10)
    both = wanted[wanted["cell"] == HIGH_RISK_LITTLE_SUPPORT]
    most = both.sort_values(["risk_score", "ward_code"], ascending=[False, True]).head(10)

    far = int(np.argmax(snapshot.lsoas["library_distance_km"].to_numpy()))
    hall = Added("Hall", round(residents.easting[far]), round(residents.northing[far]), 20.0)
    scenario = Scenario((hall,), (venues[0].venue_id, venues[1].venue_id))
    around = candidates_near(
        hall.easting, hall.northing, ALTERNATIVES_WITHIN, snapshot.lsoas, snapshot.libraries
    )
    after = side_of(wards, residents, venues_after(scenario, venues), table)
    record = library_record(snapshot.libraries, wards)
    fifths = closures_by_fifth(record, wards)
    result = {
        "data_version": snapshot.version,
        "venues": len(venues),
        "beyond_a_mile": beyond,
        "grid": grid_counts(table).to_dict("records"),
        "least_support_in_the_highest_risk_tenth": listed(least),
        "highest_risk_with_little_support": listed(most),
        "closed_since_2010": int((record["state"] == "closed").sum()),
        "closed_by_deprivation_fifth": fifths[
            ["fifth", "on_record", "closed", "share_closed", "another_near"]
        ].to_dict("records"),
        "milliseconds": {
            "support of every ward": milliseconds(lambda: support_table(wards, residents, venues)),
            "whom every library serves": milliseconds(lambda: catchments(residents, venues)),
            "a scenario of three changes, all England": milliseconds(
                lambda: side_of(wards, residents, venues_after(scenario, venues), table)
            ),
            "wards that change": milliseconds(
                lambda: ward_changes(today, after, np.arange(len(wards)))
            ),
            "alternatives to one place": milliseconds(
                lambda: alternatives(0, scenario, venues, residents, around)
            ),
        },
    }
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name, groups in beyond.items():
        line = groups[EVERYONE]
        print(f"{name}: {line['beyond_a_mile']:,} of {line['total']:,} ({line['share']:.1%})")
    for title in ("least_support_in_the_highest_risk_tenth", "highest_risk_with_little_support"):
        print(f"\n{title.replace('_', ' ')}")
        for row in result[title]:
            print(
                f"  {row['ward']:55} risk {row['risk']:5} support {row['support']:5} "
                f"{row['within_a_mile']:5.0%} within a mile, {row['nearest_km']:4} km, "
                f"{row['residents']:,} residents"
            )
    print()
    for row in result["closed_by_deprivation_fifth"]:
        name = f"fifth {row['fifth'] + 1}, 1 most deprived" if row["fifth"] >= 0 else "no data"
        print(f"{name}: {row['closed']} of {row['on_record']} libraries reported closed")
    for name, took in result["milliseconds"].items():
        print(f"{name}: {took} ms")


if __name__ == "__main__":
    main()
