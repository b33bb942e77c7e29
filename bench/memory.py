"""Whether memory levels off: ``python -m bench.memory`` writes ``bench/memory.json``.

Five hundred visits come and go, twenty at a time, through all tabs of the site map; then the
briefing on every area is read, twice. What the server holds is noted after every fifty visits and
areas. It levels off where the second half adds little to the first, and the second reading to the
first.
"""

import asyncio
import json
import time
from pathlib import Path

import pandas as pd

from atlas.places.places import Places
from atlas.places.site_map import link
from atlas.snapshot.snapshot import load
from bench.crawl import TABS
from bench.visitors import BEHIND_PROXY, Visitor, rss_mb
from tests.servers import Server, served_atlas

RESULT = Path(__file__).with_suffix(".json")
VISITS, AT_ONCE, STEP = 500, 20, 50
# Streamlit keeps a closed visit for a minute.
_KEPT_SECONDS = 75


async def visit(server: Server, wards: pd.DataFrame, number: int) -> int:
    """See four tabs of a council, other tabs and another council each time; count what failed."""
    visitor, failed = Visitor(server.port, 70_000 + number), 0
    ward = wards.iloc[number * 13 % len(wards)]
    place = {"place": ward["authority_code"], "ward": ward["ward_code"]}
    await visitor.arrive()
    for turn in range(4):
        page, _, query = link(TABS[(4 * number + turn) % len(TABS)], place).partition("?")
        await visitor.see(page, query)
        failed += visitor.exceptions
    await visitor.leave()
    return failed


async def visits(server: Server, held: list[float]) -> int:
    """Let all visits come and go; return how many answers failed."""
    wards, failed = load().wards, 0
    for first in range(0, VISITS, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        failed += sum(await asyncio.gather(*(visit(server, wards, number) for number in numbers)))
        if (first + AT_ONCE) % STEP < AT_ONCE:
            held.append(round(rss_mb(server)))
    return failed


async def briefings(server: Server, held: list[float]) -> int:
    """Read the briefing on every area; return how many pages failed."""
    failed = 0
    for number, area in enumerate(Places(load().wards).areas()):
        if number % STEP == 0:
            visitor = Visitor(server.port, 75_000 + number)
            await visitor.arrive()
        await visitor.see("briefing", f"place={area.code}")
        failed += visitor.exceptions
        if number % STEP == STEP - 1:
            await visitor.leave()
            held.append(round(rss_mb(server)))
    await visitor.leave()
    held.append(round(rss_mb(server)))
    return failed


def main() -> int:
    """Measure, print and write; 0 where memory levelled off and nothing failed."""
    with served_atlas(BEHIND_PROXY) as server:
        failed = asyncio.run(visits(server, held := []))
        figures: dict[str, object] = {"after_visits_mb": held}
        time.sleep(_KEPT_SECONDS)
        figures["a_minute_later_mb"] = round(rss_mb(server))
        rounds = []
        for _ in range(2):
            failed += asyncio.run(briefings(server, held := []))
            rounds.append(held)
        figures |= {"after_briefings_mb": rounds, "failed": failed}
    print(pd.Series(figures).to_string())
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    half = figures["after_visits_mb"][len(figures["after_visits_mb"]) // 2]
    grown = figures["after_visits_mb"][-1] / half, rounds[1][-1] / rounds[0][-1]
    return int(bool(failed) or max(grown) > 1.1)


if __name__ == "__main__":
    raise SystemExit(main())
