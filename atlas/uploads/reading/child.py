"""The process that reads one brought file: ``python -m atlas.uploads.reading.child``.

The file comes in by standard input and its table goes out, as JSON, by standard output. Before a
byte is read the process gives up what it does not need: it can then open no file and no
connection, start no process and write nothing; memory and processor time are bounded.
"""

import codecs
import json
import resource
import sys

from atlas.uploads.reading.content import kind_of
from atlas.uploads.reading.delimited import read_delimited
from atlas.uploads.reading.limits import MOST_BYTES, PROCESS_BYTES, PROCESS_CPU_SECONDS
from atlas.uploads.reading.table import RefusedError, Table
from atlas.uploads.reading.workbook import read_workbook

TOO_MUCH_MEMORY = (
    "The file needs more memory than a table of this size should. Save the sheet with your table "
    "as CSV and upload that."
)


def give_up_everything() -> None:
    """Bound this process for good. Raises ``OSError`` where the system does not allow it."""
    # Read now: later no module could be opened.
    for name in ("utf-8-sig", "utf-16", "cp1252", "cp437"):
        codecs.lookup(name)
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_BYTES, PROCESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESS_CPU_SECONDS, PROCESS_CPU_SECONDS + 1))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    # The three standard streams are open; a fourth, to a file or the network, cannot be.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def read(data: bytes) -> Table:
    """Return the table in a file. Raises :class:`atlas.uploads.reading.table.RefusedError`."""
    return read_workbook(data) if kind_of(data) == "xlsx" else read_delimited(data)


def answer(data: bytes) -> dict[str, object]:
    """Return what goes to the parent: the table, or why there is none."""
    try:
        table = read(data)
    except RefusedError as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": TOO_MUCH_MEMORY}
    return {
        "headings": table.headings,
        "rows": [[row.number, *row.cells] for row in table.rows],
        "notes": table.notes,
        "problems": [
            [problem.row, problem.column, problem.what, problem.do] for problem in table.problems
        ],
    }


def main() -> None:
    """Read one file from standard input and answer on standard output."""
    give_up_everything()
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        said = json.dumps(answer(data), ensure_ascii=True)
    except MemoryError:
        said = json.dumps({"refused": TOO_MUCH_MEMORY})
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
