"""What one hostile visitor can do to the others: ``python -m bench.flood`` writes the JSON.

While twenty readers look at pages, somebody sends 100 messages a second down one socket: first
reruns of the heaviest page, then every message that clears, reloads or debugs. Meanwhile the
health address is asked ten times a second. Uploads follow: thirty files of 9 MB from one page.
The same without the flood is the measure. The tool only ever talks to a server that it has
started itself, on loopback, for a fixed time.
"""

import argparse
import asyncio
import contextlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed

from atlas.places.places import Places
from atlas.snapshot.snapshot import load
from bench.load import Seen, read, views_of
from bench.visitors import BEHIND_PROXY, Visitor, percentile, put_file, rss_mb
from tests.servers import Server, served_atlas

RESULT = Path(__file__).with_suffix(".json")
READERS, PAUSE, ATTACKER = 8, 2.0, 61_000
EACH_SECOND = 100


@dataclass
class Health:
    """What the health address answered, and in how many seconds."""

    asked: int = 0
    took: list[float] = field(default_factory=list)


def reruns() -> list[bytes]:
    """Return reruns of different views of the heaviest page."""
    made = []
    for number in range(40):
        message = BackMsg()
        message.rerun_script.page_name = "risk_list"
        message.rerun_script.query_string = f"place=E47000001&weights={number % 20 + 1}"
        made.append(message.SerializeToString())
    return made


def mischief() -> list[bytes]:
    """Return messages that ask for what no visitor may do."""
    return [
        BackMsg(clear_cache=True).SerializeToString(),
        BackMsg(load_git_info=True).SerializeToString(),
        BackMsg(set_run_on_save=True).SerializeToString(),
        BackMsg(debug_shutdown_runtime=True).SerializeToString(),
        BackMsg(debug_disconnect_websocket=True).SerializeToString(),
    ]


async def flood(server: Server, messages: list[bytes], until: float) -> int:
    """Send messages at the set rate until a moment; return how many were taken by the network."""
    attacker, sent, start = Visitor(server.port, ATTACKER), 0, time.monotonic()
    await attacker.arrive()
    assert attacker.socket
    reader = asyncio.create_task(_swallow(attacker))
    with contextlib.suppress(ConnectionClosed):
        while time.monotonic() < until:
            await attacker.socket.send(messages[sent % len(messages)])
            sent += 1
            await asyncio.sleep(max(0.0, start + sent / EACH_SECOND - time.monotonic()))
    reader.cancel()
    await attacker.leave()
    return sent


async def _swallow(attacker: Visitor) -> None:
    assert attacker.socket
    with contextlib.suppress(ConnectionClosed):
        async for _ in attacker.socket:
            pass


async def ask_health(server: Server, health: Health, until: float) -> None:
    """Ask the health address ten times a second until a moment."""
    while time.monotonic() < until:
        health.asked += 1
        took = await asyncio.to_thread(server.healthy)
        if took is not None:
            health.took.append(took)
        await asyncio.sleep(0.1)


async def readers(server: Server, seen: Seen, until: float, offset: int) -> None:
    """Let readers read until a moment, with pauses."""
    wards = load().wards
    places = Places(wards)

    async def one(number: int) -> None:
        turn = 0
        await asyncio.sleep(PAUSE * number / READERS)
        while time.monotonic() < until:
            views = views_of(wards, places, number, 4)
            visitor = Visitor(server.port, offset + number * 100 + turn)
            await read(visitor, views, PAUSE, seen)
            turn += 1

    await asyncio.gather(*(one(number) for number in range(READERS)))


async def trial(server: Server, messages: list[bytes], seconds: float, offset: int) -> dict:
    """Run readers and health checks, with a flood where there are messages."""
    seen, health = Seen(), Health()
    until = time.monotonic() + seconds
    work = [readers(server, seen, until, offset), ask_health(server, health, until)]
    taken = 0
    if messages:
        *_, taken = await asyncio.gather(*work, flood(server, messages, until))
    else:
        await asyncio.gather(*work)
    start = time.perf_counter()
    recovered = await asyncio.to_thread(server.healthy)
    return {
        "messages_sent": taken,
        "health_ok_share": round(len(health.took) / health.asked, 4),
        "health_p95_ms": round(1000 * percentile(health.took, 0.95), 1),
        "answers_to_others": len(seen.first) + len(seen.again),
        "others_p50_ms": round(1000 * percentile(seen.again, 0.5)),
        "others_p95_ms": round(1000 * percentile(seen.again, 0.95)),
        "errors": seen.errors,
        "leaks": seen.leaks,
        "ok_after_ms": round(1000 * (time.perf_counter() - start)) if recovered else None,
    }


def upload_grab(server: Server) -> dict[str, object]:
    """Send thirty files of 9 MB into one open page; return what was taken of them."""
    return asyncio.run(_upload_grab(server))


async def _upload_grab(server: Server) -> dict[str, object]:
    visitor = Visitor(server.port, ATTACKER + 1)
    await visitor.arrive()
    await visitor.ask("postcodes", "")
    await visitor.read_to_the_end()
    before, answers = rss_mb(server), []
    for number in range(30):
        path = f"/_stcore/upload_file/{visitor.session}/invented-{number}"
        answers.append(await asyncio.to_thread(put_file, server.port, path, b"x" * 9_000_000))
    taken = rss_mb(server) - before
    await visitor.leave()
    return {
        "files_sent": len(answers),
        "taken_in": answers.count(204),
        "refused": len(answers) - answers.count(204),
        "memory_grown_mb": round(taken, 1),
    }


def main() -> None:
    """Run all of it against one process, print the table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=25, help="length of each trial (25)")
    options = parser.parse_args()
    trials = {"no flood": [], "100 reruns a second": reruns(), "100 forbidden a second": mischief()}
    rows = {}
    with served_atlas(BEHIND_PROXY) as server:
        asyncio.run(trial(server, [], 5, 40_000))  # warm
        for number, (name, messages) in enumerate(trials.items()):
            rows[name] = asyncio.run(
                trial(server, messages, options.seconds, 41_000 + 2000 * number)
            )
        uploads = upload_grab(server)
    print(pd.DataFrame(rows).to_string())
    print(uploads)
    RESULT.write_text(
        json.dumps(
            {"cores": os.cpu_count(), "cores_shared": True, "trials": rows, "uploads": uploads},
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
