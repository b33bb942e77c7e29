"""How long the search box takes to answer each keystroke, on the published data.

python -m bench.search          writes bench/search.json
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from atlas.places.names import read_place_names
from atlas.places.places import Places
from atlas.places.postcodes import Postcodes
from atlas.places.search import Search
from atlas.snapshot.snapshot import load

OUT = Path(__file__).with_name("search.json")
REPEATS = 3
TYPED = (
    "Kent",
    "Kingston upon Hull, City of",
    "London Borough of Barnet",
    "Wythenshawe",
    "Ashton-under-Lyne",
    "Bournmouth",
    "Castle Bedford",
    "M13 9PL",
    "<b>",
    "xyzzy",
)


def milliseconds(search: Search, typed: str) -> float:
    """The time of one answer, in milliseconds."""
    start = time.perf_counter()
    search.find(typed, limit=6)
    return (time.perf_counter() - start) * 1000


def main() -> None:
    snapshot = load()
    places = Places(snapshot.wards)
    postcodes = Postcodes.load(snapshot.path("postcodes.parquet"))
    names = read_place_names(snapshot.path("place_names.csv"))
    start = time.perf_counter()
    search = Search(places, list(snapshot.wards["ward_code"]), postcodes, names)
    made = time.perf_counter() - start
    keys: dict[str, float] = {}
    for text in TYPED:
        for end in range(1, len(text) + 1):
            keys[text[:end]] = min(milliseconds(search, text[:end]) for _ in range(REPEATS))
    slowest = max(keys, key=lambda text: keys[text])
    found: dict[str, Any] = {
        "index_seconds": round(made, 2),
        "keystrokes": len(keys),
        "median_ms": round(float(np.median(list(keys.values()))), 2),
        "slowest_ms": round(keys[slowest], 1),
        "slowest": slowest,
    }
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
