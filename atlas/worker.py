"""Heavy work in a process of its own, which takes only what visitors leave of the processor.

Threads of one Python process share one interpreter: a workbook written, a choice proven or a
thousand sheets made in the server's own process would hold up every page meanwhile.
"""

import os
import pickle  # noqa: S403 - between two of our own processes
import subprocess  # noqa: S404 - our own interpreter and module
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Timer
from typing import Any, TypeVar

from atlas.root import ROOT

Made = TypeVar("Made")
# Seconds for one piece of work, and until a worker without any gives its memory back.
_LONGEST, _IDLE = 600.0, 60.0
_NICE = 15


class WorkerError(Exception):
    """The work came to no end: it took too long, or its process was ended."""


class Worker:
    """A process that does one piece of work after another; it is started when there is some."""

    def __init__(self, longest: float = _LONGEST) -> None:
        self._longest, self._one = longest, Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._timer = Timer(0.0, self.rest)

    def do(
        self, work: Callable[..., Made], *given: Any, told: Callable[[Any], object] | None = None
    ) -> Made:
        """Return what a function of a module makes of what is given to it.

        With ``told`` it gets one argument more: a function by which it says how far it is. What
        ``told`` raises ends the work. Raises what the work raises, and :class:`WorkerError`.
        """
        asked = pickle.dumps((work, given, told is not None))
        with self._one:
            self._timer.cancel()
            child = self._given(asked)
            assert child.stdout  # noqa: S101 - it was started so
            self._after(self._longest, child.kill)
            try:
                while True:
                    kind, said = pickle.load(child.stdout)  # noqa: S301
                    if kind != "told":
                        break
                    if told:
                        told(said)
            except (EOFError, pickle.UnpicklingError) as error:
                self._end()
                raise WorkerError("the work came to no end") from error
            except BaseException:
                self._end()
                raise
            finally:
                self._timer.cancel()
                self._after(_IDLE, self.rest)
        if kind == "failed":
            raise said
        made: Made = said
        return made

    def _given(self, asked: bytes) -> subprocess.Popen[bytes]:
        """Hand over what is asked; a worker that has ended meanwhile gives way to a new one."""
        for child in (self._child, None):
            child = child or self._started()
            assert child.stdin  # noqa: S101 - it was started so
            try:
                child.stdin.write(asked)
                child.stdin.flush()
            except OSError:
                self._end()
            else:
                return child
        raise WorkerError("no work can be done")

    def _started(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "atlas.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._child

    def _after(self, seconds: float, what: Callable[[], object]) -> None:
        self._timer = Timer(seconds, what)
        self._timer.daemon = True
        self._timer.start()

    def rest(self) -> None:
        """Give back the memory that the process holds; the next work starts a new one."""
        with self._one:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            with suppress(OSError):  # what it did not read is of no interest
                child.communicate()


def main() -> None:
    """Do what is asked for on standard input, until that ends."""
    if hasattr(os, "nice"):  # Windows has none
        os.nice(_NICE)
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Work that reads would wait for ever where it is asked, and what it prints is no answer.
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)

    def say(kind: str, said: object) -> None:
        answers.write(pickle.dumps((kind, said)))
        answers.flush()

    with suppress(EOFError):
        while True:
            work, given, aloud = pickle.load(asked)  # noqa: S301
            try:
                say("made", work(*given, *([partial(say, "told")] if aloud else [])))
            except Exception as error:  # noqa: BLE001 - whoever asked is told
                say("failed", error)


for_files, for_long_work = Worker(), Worker()

if __name__ == "__main__":
    main()
