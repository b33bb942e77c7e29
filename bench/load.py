"""How many readers one process holds: ``python -m bench.load`` writes ``bench/load.json``.

Each reader opens the map and then goes on to other views and pages, checking that every
answer is the one that was asked for: a heading of another reader's place would be a leak. Two ways
of reading are measured: with pauses, as people do (how long an answer takes), and without any
(how many answers a process gives). The readers run on the same processor cores as the server.
"""

import argparse
import asyncio
import json
import os
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from atlas.places.places import Places
from atlas.snapshot.snapshot import load
from bench.visitors import BEHIND_PROXY, Visitor, cpu_seconds, percentile, rss_mb
from tests.servers import Server, served_atlas

RESULT = Path(__file__).with_suffix(".json")
PAGES = ("map", "map", "my_area", "ward_list")
MEASURES = ("income_deprived_rate", "library_distance_km", "near_library_rate")
SEED = 20_260_101


@dataclass(frozen=True)
class View:
    """A page with a view, and the name that its heading must hold."""

    page: str
    query: str
    named: str


@dataclass
class Seen:
    """What the readers of one trial met."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    errors: int = 0
    leaks: int = 0
    seconds: float = 0.0
    answers: int = 0


def views_of(wards: pd.DataFrame, places: Places, number: int, count: int) -> list[View]:
    """Return one reader's views: a council and its wards that no other reader looks at."""
    councils = sorted(set(wards["authority_code"]))
    council = councils[number * 37 % len(councils)]
    inside = wards[wards["authority_code"] == council]
    choose = random.Random(SEED + number)
    made = []
    for turn in range(count):
        page = PAGES[turn % len(PAGES)]
        query = f"place={council}&measure={choose.choice(MEASURES)}"
        named = places[council].name
        if page == "my_area":
            ward = inside.iloc[choose.randrange(len(inside))]
            query, named = f"{query}&ward={ward['ward_code']}", str(ward["ward_name"])
        made.append(View(page, query, named))
    return made


async def read(visitor: Visitor, views: list[View], pause: float, seen: Seen) -> None:
    """Be one reader: all views, with pauses of ``pause`` seconds on average between them."""
    choose = random.Random(SEED - visitor.number)
    try:
        await visitor.arrive()
        for turn, view in enumerate(views):
            if turn and pause:
                await asyncio.sleep(choose.uniform(0.5, 1.5) * pause)
            took = await visitor.see(view.page, view.query)
            (seen.again if turn else seen.first).append(took)
            seen.answers += 1
            seen.errors += visitor.exceptions
            if not any(view.named in heading for heading in visitor.headings):
                seen.leaks += 1
    except (OSError, TimeoutError) as error:
        seen.errors += 1
        print(f"reader {visitor.number}: {type(error).__name__}")
    finally:
        await visitor.leave()


async def trial(
    server: Server, readers: int, turns: int, pause: float, offset: int, spread: float
) -> Seen:
    """Let ``readers`` read at the same time; they arrive within ``spread`` seconds."""
    snapshot = load()
    places, seen = Places(snapshot.wards), Seen()

    async def one(number: int) -> None:
        await asyncio.sleep(spread * number / readers)
        views = views_of(snapshot.wards, places, number, turns)
        await read(Visitor(server.port, offset + number), views, pause, seen)

    start = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(readers)))
    seen.seconds = time.perf_counter() - start
    return seen


def row(readers: int, how: str, seen: Seen, memory: float, spent: float) -> dict[str, object]:
    """Return the figures of a trial, seconds and MB."""
    return {
        "readers": readers,
        "how": how,
        "first_page_p50_s": round(percentile(seen.first, 0.5), 3),
        "rerun_p50_s": round(percentile(seen.again, 0.5), 3),
        "rerun_p95_s": round(percentile(seen.again, 0.95), 3),
        "answers_per_s": round(seen.answers / seen.seconds, 1),
        "server_ms_per_answer": round(1000 * spent / seen.answers, 1),
        "answers": seen.answers,
        "errors": seen.errors,
        "leaks": seen.leaks,
        "mb_per_session": round(memory, 2),
    }


def main() -> None:
    """Run the trials against one process, print the table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=9, help="views that each reader looks at (9)")
    options = parser.parse_args()
    rows = []
    with served_atlas(BEHIND_PROXY) as server:
        asyncio.run(trial(server, 5, 12, 0, 60_000, 0))  # the data is loaded, the caches are warm
        for number, (readers, how, pause, spread) in enumerate(
            [
                (20, "pauses of 3 s", 3.0, 3.0),
                (20, "no pauses", 0.0, 0.0),
                (100, "pauses of 8 s", 8.0, 8.0),
                (100, "no pauses", 0.0, 0.0),
            ]
        ):
            before, spent = rss_mb(server), cpu_seconds(server.process.pid)
            seen = asyncio.run(trial(server, readers, options.turns, pause, number * 1000, spread))
            spent = cpu_seconds(server.process.pid) - spent
            rows.append(row(readers, how, seen, (rss_mb(server) - before) / readers, spent))
            print(pd.DataFrame(rows).to_string(index=False), flush=True)
        memory = round(rss_mb(server))
    RESULT.write_text(
        json.dumps(
            {
                "cores": os.cpu_count(),
                "cores_shared_with_readers": True,
                "load_average_before": round(os.getloadavg()[2], 1),
                "server_mb_at_the_end": memory,
                "trials": rows,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
