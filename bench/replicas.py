"""More processes, more readers: ``python -m bench.replicas`` writes ``bench/replicas.json``.

One, two and four processes stand behind nginx, set up from ``deploy/nginx.conf.template``; readers
without pauses ask as fast as they are answered. Each reader has an address of its own (127.0.x.y)
and keeps its cookie, as a browser does. Readers, nginx and processes share the machine's cores,
so the file also holds what each of them used: where the cores are all taken, more processes
cannot give more answers, and the processor time of one answer says what a free core would add.
"""

import argparse
import asyncio
import json
import os
import resource
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from string import Template

import pandas as pd

from atlas.places.places import Places
from atlas.snapshot.snapshot import load
from bench.load import Seen, read, views_of
from bench.visitors import BEHIND_PROXY, Visitor, cpu_seconds, percentile, rss_mb
from tests.servers import ROOT, Server, free_port, running, served_atlas

RESULT = Path(__file__).with_suffix(".json")
TEMPLATE = ROOT / "deploy" / "nginx.conf.template"
# What two busy processes get of two cores when nobody else works on the machine.
_BOTH_CORES = 1.7


@contextmanager
def nginx(servers: list[Server]) -> Iterator[tuple[int, int]]:
    """Run nginx before some processes; give its port and its process id."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder, "nginx.conf")
        conf.write_text(
            Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
                ATLAS_LISTEN=f"127.0.0.1:{port}",
                ATLAS_TLS="/dev/null",
                ATLAS_SERVERS=" ".join(f"server 127.0.0.1:{each.port};" for each in servers),
                ATLAS_COOKIE_FLAGS="",
                ATLAS_RUN=folder,
            ),
            encoding="utf-8",
        )
        command = ["nginx", "-c", str(conf), "-p", folder, "-g", "daemon off;"]
        with running(command, port, seconds=20) as proxy:
            yield port, proxy.process.pid


async def readers(port: int, count: int, turns: int, offset: int) -> Seen:
    """Let readers read without pauses; each comes from another address, with another cookie."""
    wards = load().wards
    places, seen = Places(wards), Seen()

    async def one(number: int) -> None:
        visitor = Visitor(port, number, source=f"127.0.{offset}.{number + 1}")
        visitor.cookie = f"atlas_route={secrets.token_hex(16)}"
        await read(visitor, views_of(wards, places, number, turns), 0, seen)

    start = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    seen.seconds = time.perf_counter() - start
    return seen


def trial(processes: int, count: int, turns: int) -> dict[str, object]:
    """Measure one number of processes."""
    with ExitStack() as stack:
        servers = [stack.enter_context(served_atlas(BEHIND_PROXY)) for _ in range(processes)]
        port, proxy = stack.enter_context(nginx(servers))
        asyncio.run(readers(port, 4 * processes, 5, 1))  # every process has its data loaded
        atlas = [cpu_seconds(each.process.pid) for each in servers]
        own, passed = _own_cpu(), cpu_seconds(proxy, children=True)
        seen = asyncio.run(readers(port, count, turns, 2))
        spent = [cpu_seconds(s.process.pid) - b for s, b in zip(servers, atlas, strict=True)]
        memory = sum(rss_mb(each) for each in servers)
        return {
            "processes": processes,
            "readers": count,
            "answers": seen.answers,
            "answers_per_s": round(seen.answers / seen.seconds, 1),
            "rerun_p50_s": round(percentile(seen.again, 0.5), 2),
            "errors": seen.errors,
            "leaks": seen.leaks,
            "server_ms_per_answer": round(1000 * sum(spent) / seen.answers, 1),
            "answers_per_core_second": round(seen.answers / sum(spent), 1),
            "cores_used_by_processes": round(sum(spent) / seen.seconds, 2),
            "busiest_process_share": round(max(spent) / sum(spent), 2),
            "cores_used_by_readers": round((_own_cpu() - own) / seen.seconds, 2),
            "cores_used_by_nginx": round(
                (cpu_seconds(proxy, children=True) - passed) / seen.seconds, 2
            ),
            "memory_mb": round(memory),
        }


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the trials, print the table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=24, help="readers at the same time (24)")
    parser.add_argument("--turns", type=int, default=16, help="views of each reader (16)")
    options = parser.parse_args()
    rows = [trial(count, options.readers, options.turns) for count in (1, 2, 4)]
    print(pd.DataFrame(rows).T.to_string(header=False))
    one, two = (float(str(row["answers_per_s"])) for row in rows[:2])
    cores = float(str(rows[1]["cores_used_by_processes"]))
    free = cores >= _BOTH_CORES
    print(f"two processes give {two / one:.2f} times the answers of one, on {cores:.2f} cores")
    if not free:
        print("others used the second core: this run says nothing of what a free one would add")
    RESULT.write_text(
        json.dumps(
            {
                "cores": os.cpu_count(),
                "cores_shared_with_readers_and_nginx": True,
                "load_average_at_the_end": round(os.getloadavg()[0], 1),
                "two_over_one": round(two / one, 2),
                "second_core_was_free": free,
                "trials": rows,
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
