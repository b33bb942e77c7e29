"""Handing a brought file to the process that reads it, and waiting for it no longer than set."""

import json
import subprocess  # noqa: S404 - one fixed command, no shell, nothing of the visitor in it
import sys
from pathlib import Path
from threading import BoundedSemaphore

from atlas.uploads.reading.child import TOO_MUCH_MEMORY
from atlas.uploads.reading.content import kind_of
from atlas.uploads.reading.limits import AT_ONCE, DEADLINE_SECONDS, WAIT_SECONDS
from atlas.uploads.reading.table import Problem, RefusedError, Row, Table

_ROOT = Path(__file__).resolve().parents[3]
_COMMAND = (sys.executable, "-B", "-s", "-m", "atlas.uploads.reading.child")
_turns = BoundedSemaphore(AT_ONCE)


def read_upload(data: bytes, command: tuple[str, ...] = _COMMAND) -> Table:
    """Return the table in a file that a visitor brought.

    The bytes are read by a process of bounded memory and time that can open nothing; at most
    two at once, so that uploads never take the whole machine. Raises :class:`RefusedError` with a
    message for the visitor, whatever the file holds. ``command`` starts the process.
    """
    kind_of(data)
    if not _turns.acquire(timeout=WAIT_SECONDS):
        raise RefusedError("Other files are being read just now. Please try again in a minute.")
    try:
        return _table(_answer(data, command))
    finally:
        _turns.release()


def _answer(data: bytes, command: tuple[str, ...]) -> dict:
    try:
        done = subprocess.run(  # noqa: S603
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DEADLINE_SECONDS,
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RefusedError(_TOO_LONG) from None
    if done.returncode != 0:
        # Ended by the system: for its time (signal 24 or 9) or, most often, its memory.
        raise RefusedError(_TOO_LONG if done.returncode in (-24, -9) else TOO_MUCH_MEMORY)
    said: dict = json.loads(done.stdout)
    return said


_TOO_LONG = (
    "Reading the file took too long and was stopped. Keep only your table, save it as CSV and "
    "upload that."
)


def _table(said: dict) -> Table:
    if "refused" in said:
        raise RefusedError(said["refused"])
    return Table(
        headings=tuple(said["headings"]),
        rows=tuple(Row(number, tuple(cells)) for number, *cells in said["rows"]),
        notes=tuple(said["notes"]),
        problems=tuple(Problem(*problem) for problem in said["problems"]),
    )
