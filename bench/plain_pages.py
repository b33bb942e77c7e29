"""Make every plain page once and check it: markup, weight, no script.

    python -m bench.plain_pages

For all wards and areas: faults (none), bytes of the largest page and of the middle one, and seconds
of processor time a page. Writes bench/plain_pages.json.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.serving.test_plain_pages import faults, made_of, published


def main() -> int:
    """Check all pages, print what is wrong, write the figures; 1 where something is wrong."""
    pages = published()
    codes = [place.code for place in pages.places.areas()]
    codes += pages.snapshot.wards["ward_code"].tolist()
    sizes: list[int] = []

    def made() -> Iterator[tuple[str, str]]:
        for code, page in made_of(pages, codes):
            sizes.append(len(page.encode()))
            if len(sizes) % 1000 == 0:
                print(f"{len(sizes):,} of {len(codes):,} pages", flush=True)
            yield code, page

    begun = time.process_time()
    found = faults(made())
    spent = time.process_time() - begun
    result = {
        "pages": len(sizes),
        "faults": len(found),
        "largest_bytes": max(sizes),
        "median_bytes": round(statistics.median(sizes)),
        "ms_per_page": round(1000 * spent / len(sizes), 1),
    }
    print("\n".join([*found[:20], json.dumps(result)]))
    text = json.dumps(result, indent=1) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
