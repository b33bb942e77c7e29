"""All attacks and outages in one go: ``python -m bench.siege`` prints a table, writes its JSON.

The server is the program's own, started from a copy of the site whose data may be damaged; outages
of a disk have a server each. Every attack comes from this machine and ends after a set time. Beside
each, a reader looks at pages, now
and then as a new visitor, and somebody asks for a static file and for readiness. The table says
what became of the attempt, how long reader and files waited (median and worst), and how many
seconds after its end an answer was as fast as before (at most three times the quiet median).
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import random
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.uploads import of_england
from bench.visitors import BEHIND_PROXY, PATIENCE, Visitor, cpu_seconds, put_file, rss_mb
from tests.servers import ROOT, Server, free_port, running

RESULT = Path(__file__).with_suffix(".json")
EACH_SECOND, WORST, QUIET = 100, 1.0, "nobody attacks"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "tests", "bench", "deploy", ".*_cache", "shared"
)
DIGITS, SEED = "9" * 401, 20_261_128
PARAMETERS = (
    (
        "help_nearby",
        f'tab=what_if&scenario={{"closed":[],"added":[{{"name":"x","easting":{DIGITS}}}]}}',
    ),
    ("ward_list", f"weights=money:{DIGITS}&top={DIGITS}&against={',' * 2000}"),
    ("help_nearby", f"tab=where_next&sites={DIGITS * 10}&group=%00<b>"),
    ("compare", f"with={'.' * 5000}"),
    ("briefing", f"slide={DIGITS}&place={'E' * 5000}"),
    ("map", f"tab={DIGITS}&place=%ff%00&measure={{{{7*7}}}}&ward={'x' * 9000}"),
)


@dataclass
class Besieged:
    """A server under attack: its own copy of the site, and until when the attack goes on."""

    server: Server
    site: Path
    datastore: Path
    environment: dict[str, str]
    until: float = 0.0

    @property
    def port(self) -> int:
        return self.server.port

    def going_on(self) -> bool:
        """Say whether the attack has not ended yet."""
        return time.monotonic() < self.until


@dataclass
class Felt:
    """What a bystander felt, in seconds: answers with a page, and files or readiness."""

    pages: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    lost: int = 0


Attack = Callable[[Besieged], Awaitable[str]]


async def reader(at: Besieged, felt: Felt, number: int, newcomers: bool) -> None:
    """Look at pages until the attack ends; every third time as a new visitor, if there may be."""
    visitor, turn = Visitor(at.port, number), 0
    await visitor.arrive()
    await visitor.see("my_area", "ward=E05011368")
    while at.going_on():
        if newcomers and turn % 3 == 2:
            await visitor.leave()
            visitor = Visitor(at.port, number + turn)
        start = time.perf_counter()
        try:
            if visitor.socket is None:
                await visitor.arrive()
            await visitor.see("my_area", f"ward=E0501136{turn % 8}")
            felt.pages.append(time.perf_counter() - start)
            felt.lost += bool(visitor.exceptions) or not visitor.headings
        except (OSError, ConnectionClosed, InvalidStatus, TimeoutError):
            felt.lost += 1
            visitor = Visitor(at.port, number + turn)
        turn += 1
        await asyncio.sleep(0.3)
    await visitor.leave()


async def asker(at: Besieged, felt: Felt) -> None:
    """Ask for a static file and for readiness until the attack ends."""
    while at.going_on():
        for path in ("/app/static/atlas/ward_map.js", "/readyz"):
            status, took, _ = await asyncio.to_thread(get, at.port, path)
            felt.files.append(took)
            felt.lost += status == 0
        await asyncio.sleep(0.2)


def get(port: int, path: str) -> tuple[int, float, bytes]:
    """Ask for an address; return status (0: no answer), seconds and body."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, time.perf_counter() - start, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, time.perf_counter() - start, b""
    finally:
        connection.close()


async def many(at: Besieged, path: str, count: int = 60) -> Counter[int]:
    """Ask for one address many times at once; return how often each status came."""
    asked = (asyncio.to_thread(get, at.port, path) for _ in range(count))
    return Counter(status for status, *_ in await asyncio.gather(*asked))


# What attackers do. Each goes on until the attack's end and says what became of it.


async def nothing(at: Besieged) -> str:
    await asyncio.sleep(at.until - time.monotonic())
    return "-"


def flood(messages: list[bytes]) -> Attack:
    """Return an attack that sends messages 100 times a second down one socket."""

    async def attack(at: Besieged) -> str:
        attacker, sent, start = Visitor(at.port, 61_000), 0, time.monotonic()
        await attacker.arrive()
        assert attacker.socket
        reading = asyncio.create_task(_swallow(attacker))
        with contextlib.suppress(ConnectionClosed):
            while at.going_on():
                await attacker.socket.send(messages[sent % len(messages)])
                sent += 1
                await asyncio.sleep(max(0.0, start + sent / EACH_SECOND - time.monotonic()))
        reading.cancel()
        await attacker.leave()
        return f"{sent} messages taken by the network"

    return attack


async def _swallow(attacker: Visitor) -> None:
    assert attacker.socket
    with contextlib.suppress(ConnectionClosed):
        async for _ in attacker.socket:
            pass


def reruns() -> list[bytes]:
    """Return reruns of different views of the heaviest page."""
    made = []
    for number in range(40):
        message = BackMsg()
        message.rerun_script.page_name = "ward_list"
        message.rerun_script.query_string = f"place=E47000001&weights={number % 20 + 1}"
        made.append(message.SerializeToString())
    return made


def mischief() -> list[bytes]:
    """Return messages that ask for what no visitor may do."""
    asked = ("clear_cache", "load_git_info", "set_run_on_save", "debug_shutdown_runtime")
    return [BackMsg(**{name: True}).SerializeToString() for name in asked]


async def half_open(at: Besieged) -> str:
    """Begin requests that never end, a thousand and three hundred at a time."""
    held: list[socket.socket] = []
    try:
        for number in range(1300):
            made = await asyncio.to_thread(socket.create_connection, ("127.0.0.1", at.port), 30)
            held.append(made)
            made.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " if number % 2 else b"")
        await asyncio.sleep(max(0.0, at.until - time.monotonic()))
        return f"{sum(_ended(each) for each in held)} of {len(held)} closed by the server"
    finally:
        for each in held:
            each.close()


def _ended(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def sockets(addresses: list[str]) -> Attack:
    """Return an attack that opens a silent page from each address, in turn."""

    async def attack(at: Besieged) -> str:
        visitors, refused = [], 0
        for number, address in enumerate(addresses):
            visitor = Visitor(at.port, 62_000 + number, address=address)
            try:
                await visitor.arrive()
                visitors.append(visitor)
            except (InvalidStatus, OSError):
                refused += 1
        await asyncio.sleep(max(0.0, at.until - time.monotonic()))
        await asyncio.gather(*(visitor.leave() for visitor in visitors))
        return f"{len(visitors)} let in, {refused} refused"

    return attack


async def unknown_file(at: Besieged) -> str:
    """Ask for a file that the datastore does not have, while it has none at all."""
    found: Counter[int] = Counter()
    while at.going_on():
        found += await many(at, "/datastore/nothing.csv")
    return f"answers {dict(found)}"


async def file_not_made(at: Besieged) -> str:
    """Ask for a file that is not made yet, again and again until it is."""
    found: Counter[int] = Counter()
    while at.going_on() or (not found[200] and time.monotonic() < at.until + 240):
        found += await many(at, "/datastore/wards.csv")
        await asyncio.sleep(0.5)
    return f"answers {dict(found)}; made once"


async def file_damaged(at: Besieged) -> str:
    """Cut a file of the datastore, and ask for it until it is whole again."""
    (path,) = at.datastore.glob("*-*/libraries.csv")
    path.write_bytes(path.read_bytes()[:1000])
    found: Counter[int] = Counter()
    served = 0
    while at.going_on() or (not found[200] and time.monotonic() < at.until + 240):
        status, _, body = await asyncio.to_thread(get, at.port, "/datastore/libraries.csv")
        found[status] += 1
        served += status == 200 and len(body) <= 1000
        await asyncio.sleep(0.5)
    return f"answers {dict(found)}; damaged ones served: {served}"


async def build_that_fails(at: Besieged) -> str:
    """Ask for a file where nothing can be made: its folder is a file."""
    shutil.rmtree(at.datastore)
    at.datastore.write_text("in the way")
    found: Counter[int] = Counter()
    while at.going_on():
        found += await many(at, "/datastore/wards.csv")
        await asyncio.sleep(0.5)
    at.datastore.unlink()
    tries = at.server.log.read_text(encoding="utf-8").count("datastore not made")
    return f"answers {dict(found)}; builds begun: {tries}"


async def two_servers(at: Besieged) -> str:
    """Ask two servers that share a folder for a file that neither has made."""
    shutil.rmtree(at.datastore, ignore_errors=True)
    found: Counter[int] = Counter()
    with beside(at) as other:
        ports, bodies = (at.port, other.port), {}
        while len(bodies) < 2 and time.monotonic() < at.until + 240:
            for port in ports:
                status, _, body = await asyncio.to_thread(get, port, "/datastore/libraries.csv")
                found[status] += 1
                if status == 200:
                    bodies[port] = body
            await asyncio.sleep(0.5)
    made = len([path for path in at.datastore.iterdir() if path.is_dir()])
    same = len(set(bodies.values())) == 1
    return f"answers {dict(found)}; editions made: {made}; both give the same: {same}"


async def killed_at_start(at: Besieged) -> str:
    """Kill another server of the same folders at random moments of its start; start it again."""
    choose, kills = random.Random(SEED), 0
    while at.going_on():
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            *command(port),
            cwd=at.site,
            env={**os.environ, **at.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await asyncio.sleep(choose.uniform(0.1, 6))
        await asyncio.to_thread(get, port, "/datastore/wards.csv")
        process.kill()
        await process.wait()
        kills += 1
    start = time.monotonic()
    with beside(at) as other:
        status, *_ = await asyncio.to_thread(get, other.port, "/readyz")
        took = time.monotonic() - start
    return f"{kills} kills, then ready ({status}) {took:.1f} s after the next start"


async def data_gone(at: Besieged) -> str:
    """Take the data away, as a disk that vanishes does, and put it back."""
    data, gone, said = at.site / "data", at.site / "gone", []
    for there in (False, True):
        data.rename(gone) if not there else gone.rename(data)
        await asyncio.sleep(2)
        ready = await asyncio.to_thread(get, at.port, "/readyz")
        page = await asyncio.to_thread(get, at.port, "/")
        said.append(f"{'back' if there else 'gone'}: {ready[0]}/{page[0]}")
    await asyncio.sleep(max(0.0, at.until - time.monotonic()))
    return "readiness/new visits " + ", ".join(said)


async def broken_disk(at: Besieged) -> str:
    """Ask for a file that the disk has no room for, or may not be written to."""
    found: Counter[int] = Counter()
    while at.going_on():
        found += await many(at, "/datastore/wards.csv", 20)
        await asyncio.sleep(0.5)
    failed = at.server.log.read_text(encoding="utf-8").count("datastore not made")
    ready, *_ = await asyncio.to_thread(get, at.port, "/readyz")
    return f"answers {dict(found)}; builds that failed: {failed}; readiness {ready}"


def damage(name: str, states: dict[str, bytes]) -> Attack:
    """Return an attack that puts a file of the data into one state after another."""

    async def attack(at: Besieged) -> str:
        path, said = at.site / "data" / name, []
        whole = path.read_bytes()
        for state, content in {**states, "restored": whole}.items():
            path.write_bytes(content)
            await asyncio.sleep(2)
            ready = await asyncio.to_thread(get, at.port, "/readyz")
            page = await asyncio.to_thread(get, at.port, "/")
            said.append(f"{state}: {ready[0]}/{page[0]}")
        await asyncio.sleep(max(0.0, at.until - time.monotonic()))
        return "readiness/new visits " + ", ".join(said)

    return attack


async def parameters(at: Besieged) -> str:
    """Open pages with parameters of any size and kind, then the same visit without them."""
    asked = failed = 0
    while at.going_on():
        for number, (page, query) in enumerate(PARAMETERS):
            visitor = Visitor(at.port, 63_000 + number)
            await visitor.arrive()
            for each in (query, ""):
                await visitor.see(page, each)
                asked, failed = asked + 1, failed + visitor.exceptions
            await visitor.leave()
    return f"{asked} pages, {failed} exceptions"


async def upload_grab(at: Besieged) -> str:
    """Send files of 9 MB into one open page, under names that the server never gave."""
    visitor, before = Visitor(at.port, 64_000), rss_mb(at.server)
    await visitor.arrive()
    await visitor.see("", "")
    answers: Counter[int] = Counter()
    while at.going_on() and answers.total() < 30:
        path = f"/_stcore/upload_file/{visitor.session}/invented-{answers.total()}"
        answers[await asyncio.to_thread(put_file, at.port, path, b"x" * 9_000_000)] += 1
    grown = rss_mb(at.server) - before
    await visitor.leave()
    await asyncio.sleep(max(0.0, at.until - time.monotonic()))
    return f"answers {dict(answers)}, memory {grown:+.0f} MB"


async def big_uploads(at: Besieged) -> str:
    """Bring every small area of England as a file, four visitors at once, again and again."""
    data, taken = of_england(), []

    async def bring(number: int) -> None:
        while at.going_on():
            visitor = Visitor(at.port, number)
            await visitor.arrive()
            await visitor.see("your_data", "")
            taken.append(await visitor.bring("your_data", "", visitor.uploaders[-1], data))
            await visitor.leave()

    await asyncio.gather(*(bring(65_000 + number) for number in range(4)))
    return f"{len(taken)} files of {len(data) / 1e6:.0f} MB read, slowest {max(taken):.1f} s"


async def garbage(at: Besieged) -> str:
    """Send what is no HTTP, as fast as it is answered."""
    before, sent = at.server.log.stat().st_size, 0
    while at.going_on():
        with contextlib.suppress(OSError):
            made = await asyncio.to_thread(socket.create_connection, ("127.0.0.1", at.port), 10)
            with made:
                made.sendall(b"\x16\x03\x01 nothing\r\n\r\n")
                sent += 1
    grown = at.server.log.stat().st_size - before
    return f"{sent} sent, the log grew by {grown / 1000:.0f} kB"


def heavy(page: str, query: str, *, press: str = "", file: str = "", visitors: int = 3) -> Attack:
    """Return an attack that asks for what costs most: a button pressed, or a file made."""

    async def attack(at: Besieged) -> str:
        spent, taken = cpu_seconds(at.server.process.pid), []

        async def ask(number: int) -> None:
            visitor = Visitor(at.port, number)
            await visitor.arrive()
            await visitor.see(page, query)
            while at.going_on():
                if press in visitor.buttons:
                    taken.append(await visitor.see(page, query, press))
                elif file:
                    taken.append(await visitor.take(file))
                else:
                    break
            await visitor.leave()

        await asyncio.gather(*(ask(66_000 + number) for number in range(visitors)))
        spent = cpu_seconds(at.server.process.pid) - spent
        await asyncio.sleep(max(0.0, at.until - time.monotonic()))
        if not taken:
            return "not offered"
        return f"{len(taken)} made, slowest {max(taken):.1f} s, {spent / len(taken):.1f} CPU-s each"

    return attack


@dataclass(frozen=True)
class Attempt:
    """One attack, and what it is called. ``newcomers``: new visits must be let in meanwhile.

    ``disk`` are options of the mount that a server of its own has for the datastore's files.
    """

    name: str
    attack: Attack
    newcomers: bool = True
    disk: str = ""


FOUR_ADDRESSES = [f"172.16.0.{number % 4}" for number in range(400)]
ONE_NETWORK = [f"2001:db8::{number:x}" for number in range(1, 151)]
MANIFEST = {"half": b'{"outputs": {"wa', "{}": b"{}", "empty": b"", "NULs": b"\0" * 4000}

ATTEMPTS = (
    Attempt(QUIET, nothing),
    Attempt("datastore: unknown file, none made yet", unknown_file),
    Attempt("datastore: file that is not made yet", file_not_made),
    Attempt("datastore: file cut short", file_damaged),
    Attempt("datastore: build that fails", build_that_fails),
    Attempt("datastore: two servers, one folder", two_servers),
    Attempt("datastore: full disk", broken_disk, disk="size=4m"),
    Attempt("datastore: read-only disk", broken_disk, disk="ro"),
    Attempt("killed while starting, again and again", killed_at_start),
    Attempt("100 reruns a second", flood(reruns())),
    Attempt("100 forbidden messages a second", flood(mischief())),
    Attempt("1,300 half-open connections", half_open),
    Attempt("400 silent pages from 4 addresses", sockets(FOUR_ADDRESSES)),
    Attempt("150 pages from one IPv6 network", sockets(ONE_NETWORK)),
    Attempt("manifest damaged", damage("provenance.json", MANIFEST), newcomers=False),
    Attempt("table damaged", damage("wards.csv", {"cut": b"ward_code\nE0"}), newcomers=False),
    Attempt("data folder gone, and back", data_gone, newcomers=False),
    Attempt("parameters of any size", parameters),
    Attempt("30 files of 9 MB into one page", upload_grab),
    Attempt("4 visitors bring 4 MB each", big_uploads),
    Attempt("what is no HTTP", garbage),
    Attempt(
        "all ward sheets of a region, 3 visitors",
        heavy("my_area", "place=E12000007", press="make_sheets"),
    ),
    Attempt(
        "best places proven for England, 3 visitors",
        heavy("help_nearby", "tab=where_next&place=E92000001", press="prove"),
    ),
    Attempt(
        "the ward list of England as a workbook, 3 visitors",
        heavy("ward_list", "place=E92000001", file="risk_xlsx"),
    ),
)


def command(port: int) -> list[str]:
    """Return how the program is started."""
    return [sys.executable, "serve.py", "--port", str(port)]


@contextmanager
def beside(at: Besieged) -> Iterator[Server]:
    """Run another server of the same site and datastore."""
    port = free_port()
    with running(command(port), port, folder=at.site, environment=at.environment) as server:
        yield server


@contextmanager
def besieged(disk: str = "") -> Iterator[Besieged]:
    """Run the program from a copy of the site, with a datastore that is not made yet."""
    with tempfile.TemporaryDirectory(prefix="siege-") as place:
        site, datastore, port = Path(place, "site"), Path(place, "datastore"), free_port()
        shutil.copytree(ROOT, site, ignore=LEFT_OUT)
        settings = Path(place, "serving.toml")
        settings.write_text(BEHIND_PROXY, encoding="utf-8")
        environment = {"ATLAS_SERVING": str(settings), "ATLAS_DATASTORE": str(datastore)}
        started = command(port)
        if disk:
            datastore.mkdir()
            mounted = f"mount -t tmpfs -o {disk} none {datastore} && exec {shlex.join(started)}"
            started = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounted]
        with running(started, port, folder=site, environment=environment) as server:
            yield Besieged(server, site, datastore, environment)


async def attempted(at: Besieged, attempt: Attempt, seconds: float, number: int) -> dict:
    """Carry out one attack beside a bystander; return its row of the table, without recovery."""
    felt, at.until = Felt(), time.monotonic() + seconds
    attack = asyncio.create_task(attempt.attack(at))
    watching = [reader(at, felt, 1000 * number, attempt.newcomers), asker(at, felt)]
    await asyncio.gather(*watching)
    happened = await attack
    return {
        "attempt": attempt.name,
        "what happened": happened,
        "page median s": round(statistics.median(felt.pages), 2),
        "page worst s": round(max(felt.pages), 2),
        "file worst s": round(max(felt.files), 2),
        "lost": felt.lost,
    }


async def recovered(at: Besieged, quiet: float) -> float:
    """Return the seconds until a new visitor is answered about as fast as in quiet."""
    start = time.monotonic()
    while time.monotonic() < start + PATIENCE:
        visitor = Visitor(at.port, 99_000)
        with contextlib.suppress(OSError, ConnectionClosed, InvalidStatus):
            await visitor.arrive()
            if await visitor.see("my_area", "ward=E05011368") <= 3 * quiet:
                await visitor.leave()
                break
            await visitor.leave()
    return round(time.monotonic() - start, 1)


def main() -> int:
    """Carry out all attacks, print the table, write the file; 0 where every bystander was well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="length of each attack (15)")
    parser.add_argument("--only", nargs="+", default=[""], help="attempts whose name holds this")
    options = parser.parse_args()
    rows: list[dict] = []
    with besieged() as at:
        asyncio.run(recovered(at, 1.0))  # the data is loaded, the caches are warm
        for number, attempt in enumerate(ATTEMPTS):
            if any(part in attempt.name for part in (QUIET, *options.only)):
                with besieged(attempt.disk) if attempt.disk else nullcontext(at) as under:
                    if attempt.disk:
                        asyncio.run(recovered(under, 1.0))
                    row = asyncio.run(attempted(under, attempt, options.seconds, number))
                    quiet = (rows or [row])[0]["page median s"]
                    again = asyncio.run(recovered(under, quiet))
                rows.append(row | {"recovered after s": again})
                print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
        alive = at.server.process.poll() is None
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    found = {"cores": os.cpu_count(), "load": round(os.getloadavg()[1], 1), "attempts": rows}
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    well = (table[["page worst s", "file worst s"]] <= WORST).all().all() and not table[
        "lost"
    ].sum()
    return 0 if alive and well else 1


if __name__ == "__main__":
    raise SystemExit(main())
