"""Work in a process of its own: what it makes, says and raises comes back, and it can be ended."""

import fcntl
import math
import operator
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from atlas import turns, worker
from atlas.briefing.briefing import Maker
from atlas.briefing.powerpoint import powerpoint
from atlas.files.spreadsheets import Field, Sheet, to_xlsx
from atlas.risk.request import RiskRequest
from atlas.root import ROOT
from atlas.snapshot.snapshot import DATA, SnapshotError
from atlas.turns import BusyError, Turns
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import batch, batch_of
from atlas.worker import Worker, WorkerError
from tests import real_data
from tests.atlas.briefing.test_powerpoint import drawn, stamp


@pytest.fixture
def made() -> Iterator[Worker]:
    found = Worker()
    yield found
    found._end()


def test_what_is_made_comes_back_from_one_process_of_low_priority(made: Worker) -> None:
    assert made.do(math.gcd, 12, 18) == 6
    one = made.do(os.getpid)
    assert one == made.do(os.getpid) != os.getpid()
    assert os.getpriority(os.PRIO_PROCESS, one) >= 15


def test_who_asks_hears_how_far_it_is_and_can_end_it(made: Worker) -> None:
    heard: list[str] = []
    one = made.do(os.getpid)
    # It asks the function for every line whether to indent it.
    assert made.do(textwrap.indent, "one\ntwo\n", ">", told=heard.append) == "one\ntwo\n"
    assert heard == ["one\n", "two\n"]

    def stop(line: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        made.do(textwrap.indent, "one\n" * 100_000, ">", told=stop)
    assert made.do(os.getpid) != one


def test_what_goes_wrong_is_told_and_the_next_work_is_done(made: Worker) -> None:
    one = made.do(os.getpid)
    with pytest.raises(ZeroDivisionError):
        made.do(operator.truediv, 1, 0)
    # What the work raises says nothing against its process.
    assert made.do(os.getpid) == one
    with pytest.raises(WorkerError):
        made.do(os._exit, 1)
    assert made.do(math.gcd, 4, 6) == 2
    child = made._child
    assert child
    child.kill()
    child.wait()
    assert made.do(math.gcd, 4, 6) == 2


def test_a_process_that_cannot_be_started_is_logged_and_rests(
    made: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **settings: object) -> None:
        raise BlockingIOError

    with monkeypatch.context() as system:
        system.setattr(worker.subprocess, "Popen", refuse)
        with pytest.raises(WorkerError, match="ended early"):
            made.do(math.gcd, 4, 6)
    (line,) = caplog.records
    assert vars(line)["work"] == "gcd" and vars(line)["pause"] == 60
    with pytest.raises(WorkerError, match="a short while ago"):
        made.do(math.gcd, 4, 6)
    assert made.do(math.gcd, 9, 6) == 3


def test_a_system_without_priorities_works_too() -> None:
    script = "import os; del os.nice; from atlas.worker import main; main()"
    subprocess.run([sys.executable, "-c", script], stdin=subprocess.DEVNULL, cwd=ROOT, check=True)


def test_an_error_that_cannot_be_handed_over_ends_the_work_alone(made: Worker) -> None:
    with pytest.raises(WorkerError):
        made.do(eval, "(_ for _ in ()).throw(ValueError(lambda: 0))")
    assert made.do(math.gcd, 4, 6) == 2


def test_work_that_reads_what_is_typed_finds_nothing_and_does_not_wait(made: Worker) -> None:
    made._longest = 20.0
    with pytest.raises(EOFError):
        made.do(input)
    assert made.do(subprocess.run, ["cat"]).returncode == 0
    assert made.do(math.gcd, 4, 6) == 2


def test_what_several_ask_for_at_once_is_done_one_after_the_other(made: Worker) -> None:
    numbers = range(1, 30)
    with ThreadPoolExecutor(8) as callers:
        found = callers.map(lambda n: made.do(math.gcd, 12, n), numbers)
        assert list(found) == [math.gcd(12, n) for n in numbers]
        assert len(set(callers.map(lambda _: made.do(os.getpid), numbers))) == 1


@pytest.mark.slow
def test_files_and_sheets_come_out_as_they_would_in_the_server(made: Worker) -> None:
    scorer, rutland = real_data.scorer(), "E06000017"
    briefing = Maker(scorer).briefing([rutland])
    deck = briefing, stamp(briefing), drawn(briefing)
    assert made.do(powerpoint, *deck) == powerpoint(*deck)
    rows = Sheet("Wards", [Field("ward_name", "Ward", "text")], scorer.wards.head(9))
    about = [rows], {"Title": "Nine wards"}, datetime(2025, 10, 30)
    assert made.do(to_xlsx, *about) == to_xlsx(*about)
    tests = scorer.made(RiskRequest(), draws=20).robustness
    heard: list[float] = []
    sheets = replace(Sheets.of(scorer, tests), contact="Ann")
    codes = list(scorer.wards["ward_code"].iloc[scorer.places.positions(rutland)])
    given = tests, {"contact": "Ann"}, rutland
    version = scorer.snapshot.version
    zipped = made.do(batch_of, DATA, version, *given, told=heard.append)
    assert zipped == batch(sheets, scorer.places[rutland], codes)
    assert len(heard) == len(codes) and heard[-1] == 1.0
    with pytest.raises(SnapshotError):
        made.do(batch_of, DATA, "another", *given, told=heard.append)


def test_work_that_takes_too_long_is_ended(made: Worker) -> None:
    made.do(math.gcd, 4, 6)
    for bound in ({"seconds": 0.05}, {}):
        made._longest = 600.0 if bound else 0.05
        with pytest.raises(WorkerError, match="longer than the time allowed"):
            made.do(time.sleep, 60 - len(bound), **bound)


_HOLDS = "import fcntl, time; held = open({!r}, 'w'); fcntl.flock(held, 2); time.sleep(100)"
_ASKS = "from atlas.worker import Worker; Worker().do(exec, {!r})"


def _free(path: Path) -> bool:
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def test_work_ends_with_a_server_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "held"
    path.touch()
    asks = _ASKS.format(_HOLDS.format(str(path)))
    with subprocess.Popen([sys.executable, "-c", asks], cwd=ROOT) as server:  # noqa: S603
        deadline = time.monotonic() + 30
        while _free(path) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not _free(path)
        server.kill()
    deadline = time.monotonic() + 30
    while not _free(path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _free(path)


def test_work_that_takes_too_much_memory_ends_in_a_line_and_rests(
    made: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = eval, f"len(bytes({10 * made._memory}))"
    for said in ("it took too much memory", "it came to no end a short while ago"):
        with pytest.raises(WorkerError, match=said):
            made.do(*greedy)
        assert made._child is None
    (line,) = caplog.records
    assert line.getMessage() == "work not done" and vars(line)["pause"] == 60
    assert made.do(math.gcd, 4, 6) == 2
    later = time.monotonic() + 61
    monkeypatch.setattr(turns.time, "monotonic", lambda: later)
    with pytest.raises(WorkerError, match="too much memory"):
        made.do(*greedy)


def test_who_would_wait_behind_many_is_refused(made: Worker) -> None:
    made._turns = Turns(waiting=0)
    with pytest.raises(BusyError):
        made.do(math.gcd, 4, 6)


def test_a_worker_without_work_gives_its_memory_back(
    made: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_IDLE", 0.0)
    made.do(math.gcd, 4, 6)
    made._timer.join(20)
    assert made._child is None
