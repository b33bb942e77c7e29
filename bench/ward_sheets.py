"""Time all ward sheets of Greater Manchester, made as the page makes them.

python -m bench.ward_sheets            writes bench/ward_sheets.json
"""

import io
import json
import time
import zipfile
from pathlib import Path

from atlas.places.places import Places
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer, with_derived_columns
from atlas.snapshot.snapshot import load
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import batch

OUT = Path(__file__).with_name("ward_sheets.json")
AREA = "E47000001"


def main() -> None:
    """Measure, print a table and write it."""
    start = time.perf_counter()
    snapshot = with_derived_columns(load())
    places = Places(snapshot.wards)
    scorer = Scorer(snapshot, places)
    maker = Sheets.of(scorer, scorer.made(RiskRequest()).robustness)
    ready = time.perf_counter()
    codes = list(snapshot.wards["ward_code"].iloc[places.positions(AREA)])
    packed = batch(maker, places[AREA], codes)
    end = time.perf_counter()
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        sheets = sum(name.startswith("wards/") for name in opened.namelist())
    found = {
        "area": places[AREA].label,
        "sheets": sheets,
        "seconds_to_make_ready": round(ready - start, 1),
        "seconds_to_make_sheets": round(end - ready, 1),
        "zip_megabytes": round(len(packed) / 1e6, 2),
    }
    for name, value in found.items():
        print(f"{name.replace('_', ' '):<24} {value}")
    OUT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
