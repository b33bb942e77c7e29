"""Handing a brought file to the process that reads it, and waiting for it no longer than set."""

import json
import os
import subprocess  # noqa: S404 - one fixed command, no shell, nothing of the visitor in it
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from atlas.turns import BusyError, Turns
from atlas.uploads.reading import limits
from atlas.uploads.reading.content import kind_of
from atlas.uploads.reading.extract import Choices, ColumnRead, Extract
from atlas.uploads.reading.roles import Kind
from atlas.uploads.reading.table import Problem, RefusedError, refusal

_ROOT = Path(__file__).resolve().parents[3]
_COMMAND = (sys.executable, "-B", "-s", "-m", "atlas.uploads.reading.child")
_turns = Turns(limits.AT_ONCE, limits.MOST_WAITING, limits.WAIT_SECONDS)


def read_upload(
    data: bytes, kind: Kind, choices: Choices | None = None, command: tuple[str, ...] = _COMMAND
) -> Extract:
    """Return what a file that a visitor brought gives, in their choices.

    The bytes are read by a process of bounded memory and processor time that can open nothing; few
    at once, so that uploads never take the whole machine. Raises :class:`RefusedError`
    with a message for the visitor, whatever the file holds. ``command`` starts the process.
    """
    kind_of(data)
    if sys.platform == "win32":
        raise refusal("no_bounds")
    asked = {"kind": kind, "choices": asdict(choices or Choices())}
    try:
        with _turns.turn():
            return _extract(_answer(json.dumps(asked).encode() + b"\n" + data, command))
    except BusyError:
        raise refusal("busy") from None


def _answer(data: bytes, command: tuple[str, ...]) -> dict:
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env={"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
    ) as child:
        # From its start: what it loads would hold up a page as its reading does.
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, limits.PROCESS_NICENESS)
        try:
            answer, _ = child.communicate(data, timeout=limits.DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            # Its processor time is bounded well below this: what it lacked was a turn.
            raise refusal("busy") from None
    if child.returncode != 0:
        # Ended by the system: for its time (signal 24 or 9) or, most often, its memory.
        raise refusal("too_long" if child.returncode in (-24, -9) else "too_much_memory")
    said: dict = json.loads(answer)
    return said


def _extract(said: dict) -> Extract:
    if "refused" in said:
        raise RefusedError(said["refused"])
    columns = [ColumnRead(**column) for column in said["columns"]]
    problems = [Problem(**problem) for problem in said["problems"]]
    return Extract(**said | {"columns": columns, "problems": problems})
