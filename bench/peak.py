"""The most memory that a child process of one kind ever held."""

import re
import threading
import time
from pathlib import Path


class Peak(threading.Thread):
    """Watches this process's children; ``kib`` is the most memory that one of them ever held.

    Only children whose command line has ``name`` in it count. What the system reports of ended
    children includes the memory of this process, from which each was split off; so they are
    looked at while they live.
    """

    def __init__(self, name: str) -> None:
        super().__init__(daemon=True)
        self.name_looked_for = name
        self.kib = 0

    def run(self) -> None:
        while True:
            time.sleep(0.01)
            for tasks in Path("/proc/self/task").glob("*/children"):
                for child in _text(tasks).split():
                    found = re.search(r"VmHWM:\s+(\d+)", _text(Path(f"/proc/{child}/status")))
                    name = _text(Path(f"/proc/{child}/cmdline"))
                    if found and self.name_looked_for in name:
                        self.kib = max(self.kib, int(found[1]))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""  # it ended in between
