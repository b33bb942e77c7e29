"""Build time, peak memory and what the join conserves: ``make bench MIRROR=folder``."""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from atlas.catalogue.vintages import PINNED, declared_vintages
from atlas.snapshot import snapshot
from bench import MEASURED
from pipelines import build
from pipelines.publish.snapshot_files import describe, faults_in_snapshot

RESULT = MEASURED / "build.json"
# The build and the one child that it works with: the sum of both peaks is not exceeded.
PROCESSES = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def measure(mirror: Path) -> dict[str, object]:
    """Build once into a temporary folder; return seconds per step, memory, and conservation."""
    begun: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "data"
        start = time.perf_counter()
        build.build(mirror, out, say=lambda step: begun.append((step, time.perf_counter())))
        end = time.perf_counter()
        data = snapshot.load(out)
        same = describe(out, {}) == describe(snapshot.DATA, {})
        sound = faults_in_snapshot(out) == []
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    times = [moment for _, moment in begun] + [end]
    return {
        "seconds": round(end - start, 1),
        "steps": {
            step: round(after - before, 1)
            for (step, before), after in zip(begun, times[1:], strict=True)
        },
        # On Linux ru_maxrss is in KiB.
        "peak_memory_mb": sum(resource.getrusage(whose).ru_maxrss for whose in PROCESSES) // 1024,
        "snapshot_mb": round(size / 1e6, 1),
        "identical_to_committed": same,
        "sound": sound,
        "conservation": conservation(data, mirror),
    }


def conservation(data: snapshot.Snapshot, mirror: Path) -> dict[str, dict[str, float]]:
    """Compare England's totals in the ward table with the publishers' files, read anew."""
    folder = build.Folder(mirror, declared_vintages()[PINNED])
    tables = build.read_tables(folder, build.sources_used(folder))
    counts = {
        "population": "census_age",
        "households": "census_tenure",
        "disabled_people": "census_disability",
        "income_deprived_people": "deprivation_indicators",
        "deprived_households": "census_household_deprivation",
    }
    wards = data.wards
    figures = {
        name: _pair(tables[key][name].sum(), wards[name].sum()) for name, key in counts.items()
    }
    scores = tables["deprivation"].merge(tables["census_age"], on="lsoa_code")
    figures["imd_score x population"] = _pair(
        (scores["imd_score"] * scores["population"]).sum(),
        (wards["imd_score"] * wards["population"]).sum(),
    )
    return figures


def _pair(source: float, published: float) -> dict[str, float]:
    return {"source": float(source), "wards": float(published)}


def main() -> int:
    """Measure, print and write; exit 1 where the rebuilt snapshot differs from the committed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, required=True, help="the published files")
    result = measure(parser.parse_args().mirror)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"build {result['seconds']} s, peak memory {result['peak_memory_mb']} MB,")
    print(f"snapshot {result['snapshot_mb']} MB, identical to data/: ", end="")
    print(result["identical_to_committed"])
    table = pd.DataFrame(result["conservation"]).T
    table["difference"] = table["wards"] - table["source"]
    print(table.to_string(float_format="{:,.2f}".format))
    return 0 if result["identical_to_committed"] and result["sound"] else 1


if __name__ == "__main__":
    sys.exit(main())
