"""Bad downloads handled: every case of ``tests/pipelines/publishers/corpus.py``, fetched over HTTP.

``python -m bench.downloads`` prints a table and writes ``bench/downloads.json``. A case is right
when a sound file was taken, or a faulty one refused with the message that fits it while the file
that was there before stayed as it was, byte for byte; and when it was over by its deadline.
"""

import json
import os
import re
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.peak import Peak
from pipelines.download.content import sha256
from pipelines.download.fetch import FetchError, Policy, fetch, sidecar_of
from tests.pipelines.publishers.corpus import ARCGIS, CSV, GEOJSON, WIRE, ZIPS, Case
from tests.pipelines.publishers.services import ROOT
from tests.pipelines.publishers.web import Server

RESULT = Path(__file__).with_suffix(".json")
GROUPS = {
    "connections and servers": WIRE,
    "CSV files": CSV,
    "GeoJSON files": GEOJSON,
    "zips and workbooks": ZIPS,
    "ArcGIS services": ARCGIS,
}
OLD = b"the file that was there before"
GRACE_SECONDS = 2.0
USUAL = Policy(connect=3, read=5, attempt=15, deadline=25, tries=3, pause=0.01, https_only=False)


def run(case: Case, server: Server) -> dict[str, object]:
    """Fetch one case over an old file; say whether it came out right, and in how many seconds."""
    server.routes.clear()
    server.hits.clear()
    source = case.declared(server)
    policy = replace(USUAL, arcgis_base=server.root + ROOT, **case.policy)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / source.file
        target.parent.mkdir(parents=True)
        target.write_bytes(OLD)
        sidecar_of(target).write_text(json.dumps({"sha256": sha256(target)}), encoding="utf-8")
        start = time.perf_counter()
        try:
            fetch(source, Path(folder), refresh=True, policy=policy)
            message = ""
        except FetchError as error:
            message = str(error)
        seconds = time.perf_counter() - start
        kept = target.read_bytes() == OLD
        left = [path.name for path in target.parent.iterdir() if path.name.startswith(".")]
    fits = bool(re.search(case.says, message, re.DOTALL)) and source.page in message
    judged = (not message and not kept) if case.good else (kept and fits)
    in_time = seconds <= policy.deadline + GRACE_SECONDS
    return {
        "name": case.name,
        "expected": "taken" if case.good else "refused",
        "right": judged and in_time and not left,
        "seconds": round(seconds, 2),
        "message": message.split(source.title)[-1][:160],
    }


def main() -> int:
    """Run every case, print the table, write the figures; 0 where every case came out right."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    results: dict[str, list[dict[str, object]]] = {}
    peak = Peak("atlas.worker")
    peak.start()
    with Server() as server:
        for group, cases in GROUPS.items():
            results[group] = [run(case, server) for case in cases]
            right = sum(bool(result["right"]) for result in results[group])
            print(f"{group:26} {right:3} of {len(cases):3} right")
    every = [result for group in results.values() for result in group]
    refused = [result for result in every if result["expected"] == "refused"]
    wrong = [result for result in every if not result["right"]]
    figures = {
        "cases": len(every),
        "right": len(every) - len(wrong),
        "faulty": len(refused),
        "faulty_handled": sum(bool(result["right"]) for result in refused),
        "false_alarms": sum(result["expected"] == "taken" for result in wrong),
        "slowest_seconds": max(float(str(result["seconds"])) for result in every),
        "download_process_peak_mb": peak.kib // 1024,
        "wrong": wrong,
    }
    RESULT.write_text(json.dumps({**figures, "groups": results}, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:26} {value}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
