"""Heavy work in a process of its own, which takes only what visitors leave of the processor.

Threads of one Python process share one interpreter: a workbook written, a choice proven or a
thousand sheets made in the server's own process would hold up every page meanwhile.
"""

import hashlib
import logging
import os
import pickle  # noqa: S403 - between two of our own processes
import subprocess  # noqa: S404 - our own interpreter and module
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread, Timer
from typing import Any, TypeVar

from atlas.root import ROOT
from atlas.turns import BusyError, Failures, Turns

Made = TypeVar("Made")
# Seconds for one piece of work, and until a worker without any gives its memory back.
_LONGEST, _IDLE = 600.0, 60.0
# Bytes that its process may take, and how many pieces of work may wait for it.
_MEMORY, _WAITING = 1_200_000_000, 60
_NICE = 15

log = logging.getLogger("atlas.worker")


class WorkerError(Exception):
    """The work came to no end: it took too long or too much memory, or its process was ended."""


class Worker:
    """A process that does one piece of work after another; it is started when there is some.

    ``longest`` bounds one piece in seconds, ``memory`` the process in bytes. What came to no end
    is logged and not tried again at once, unless ``rests`` is False.
    """

    def __init__(
        self, longest: float = _LONGEST, memory: int = _MEMORY, *, rests: bool = True
    ) -> None:
        self._longest, self._memory, self._rests = longest, memory, rests
        self._turns, self._failed = Turns(waiting=_WAITING), Failures()
        self._child: subprocess.Popen[bytes] | None = None
        self._timer, self._late = Timer(0.0, self.rest), False

    def do(
        self,
        work: Callable[..., Made],
        *given: Any,
        told: Callable[[Any], object] | None = None,
        seconds: float | None = None,
    ) -> Made:
        """Return what a function of a module makes of what is given to it, in so many ``seconds``.

        With ``told`` it gets one argument more: a function by which it says how far it is. What
        ``told`` raises ends the work. Raises what the work raises, :class:`WorkerError`, and
        :class:`atlas.turns.BusyError` where too many wait.
        """
        asked = pickle.dumps((work, given, told is not None))
        name = hashlib.sha256(asked).digest()
        if self._failed.resting(name):
            raise WorkerError("it came to no end a short while ago")
        with self._turns.turn():
            self._timer.cancel()
            self._late = False
            self._after(self._longest if seconds is None else seconds, self._stop)
            try:
                kind, said = self._answer(self._given(asked), told)
            except BaseException as error:
                self._end()
                if self._rests and isinstance(error, WorkerError):
                    about = {"work": getattr(work, "__name__", ""), "reason": str(error)}
                    log.error("work not done", extra=about | self._failed.add(name))
                raise
            finally:
                self._timer.cancel()
                self._after(_IDLE, self.rest)
        self._failed.forget(name)
        if kind == "failed":
            raise said
        made: Made = said
        return made

    def _answer(
        self, child: subprocess.Popen[bytes], told: Callable[[Any], object] | None
    ) -> tuple[str, Any]:
        """Return "made" and what the work makes, or "failed" and what it raises."""
        assert child.stdout  # noqa: S101 - it was started so
        try:
            while True:
                kind, said = pickle.load(child.stdout)  # noqa: S301
                if kind != "told":
                    break
                if told:
                    told(said)
        except (EOFError, pickle.UnpicklingError) as error:
            raise self._ended() from error
        if isinstance(said, MemoryError):
            raise WorkerError("it took too much memory") from said
        return kind, said

    def _ended(self) -> WorkerError:
        late = "it took longer than the time allowed"
        return WorkerError(late if self._late else "its process ended early")

    def _given(self, asked: bytes) -> subprocess.Popen[bytes]:
        """Hand over what is asked; a worker that has ended meanwhile gives way to a new one."""
        for child in (self._child, None):
            try:
                child = child or self._started()
                assert child.stdin  # noqa: S101 - it was started so
                # Asked once the process is there: if time runs out later, it is ended.
                if self._late:
                    break
                child.stdin.write(asked)
                child.stdin.flush()
            except OSError:
                self._end()
            else:
                return child
        raise self._ended()

    def _started(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "atlas.worker", str(self._memory)],
            cwd=ROOT,
            # What libraries set aside for each thread counts as memory too, on a large machine.
            env=os.environ | {"OMP_NUM_THREADS": "2", "ARROW_DEFAULT_MEMORY_POOL": "system"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return self._child

    def _stop(self) -> None:
        self._late = True
        if child := self._child:
            child.kill()

    def _after(self, seconds: float, what: Callable[[], object]) -> None:
        self._timer = Timer(seconds, what)
        self._timer.daemon = True
        self._timer.start()

    def rest(self) -> None:
        """Give back the memory that the process holds; the next work starts a new one."""
        with suppress(BusyError), self._turns.turn():
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child:
            child.kill()
            with suppress(OSError):  # what it did not read is of no interest
                child.communicate()


def _leave_with(server: int) -> None:
    """End this process once the server has: nobody would take what it makes."""
    while os.getppid() == server:
        time.sleep(1)
    os._exit(1)


def main(memory: int = _MEMORY) -> None:
    """Do what is asked for on standard input, until that ends, in so many bytes of memory."""
    if hasattr(os, "nice"):  # Windows has none
        os.nice(_NICE)
    with suppress(ImportError, OSError, ValueError):  # nor this, and macOS does not take it
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    Thread(target=_leave_with, args=(os.getppid(),), daemon=True).start()
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


# A browser waits three minutes for a file. The largest, England's wards with their outlines, takes
# 0.4 GB; a server has its memory for the datastore's files and an area's sheets besides.
for_files, for_long_work = Worker(longest=120.0, memory=700_000_000), Worker()

if __name__ == "__main__":
    main(int(sys.argv[1]))
