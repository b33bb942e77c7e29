"""The child process that downloads: started at the first job, killed at a deadline."""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.1  # how often the growing file is looked at
_ENDED = {"problem": "the download process ended early", "again": True}
_LATE = {"problem": "it took longer than the time allowed", "again": True}


class DownloadChild:
    """Carries out the jobs of :mod:`pipelines.download.transfer`, one after another, in one child.

    Use it in a ``with`` statement, at whose end the child is ended, whatever happened.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str | None] = queue.Queue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def carry(
        self, job: dict[str, Any], limit: float, progress: Callable[[int], None]
    ) -> dict[str, Any]:
        """Return the answer to ``job``, or a ``problem`` where there is none by ``limit``.

        ``limit`` is a moment of ``time.monotonic``; ``progress`` is told the bytes so far.
        """
        child = self._child or self._started()
        try:
            _send(child, job)
        except OSError:
            self._end()
            return _ENDED
        target = Path(job["target"])
        while time.monotonic() < limit:
            try:
                answer = self._answers.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if target.exists():
                    progress(target.stat().st_size)
                continue
            if answer is None:
                self._end()
                return _ENDED
            return dict(json.loads(answer))
        self._end()
        return _LATE

    def _started(self) -> "subprocess.Popen[str]":
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "pipelines.download.transfer"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._child, self._answers = child, queue.Queue()
        threading.Thread(target=_listen, args=(child, self._answers), daemon=True).start()
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        if child.stdin:
            with suppress(OSError):  # what a dead child did not read is of no interest
                child.stdin.close()


def _send(child: "subprocess.Popen[str]", job: dict[str, Any]) -> None:
    if child.stdin is None:
        raise OSError("no way to send")
    child.stdin.write(json.dumps(job) + "\n")
    child.stdin.flush()


def _listen(child: "subprocess.Popen[str]", answers: "queue.Queue[str | None]") -> None:
    """Move answers into a queue, which unlike a pipe can be waited for with a limit."""
    if child.stdout:
        with child.stdout:
            for line in child.stdout:
                answers.put(line)
    answers.put(None)
