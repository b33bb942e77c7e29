"""The process that reads one brought file: ``python -m atlas.uploads.reading.child``.

What is asked comes in by standard input, one line of JSON and then the file; what the file gives
goes out, as JSON, by standard output. Before a byte is read the process gives up what it does not
need: it can then open no file and no connection, start no process and write nothing; memory and
processor time are bounded.
"""

import codecs
import json
import sys

from atlas.uploads.reading.extract import Choices, extract
from atlas.uploads.reading.limits import MOST_BYTES, PROCESS_BYTES, PROCESS_CPU_SECONDS
from atlas.uploads.reading.table import RefusedError, refused


def give_up_everything() -> None:
    """Bound this process for good. Raises ``OSError`` where the system does not allow it."""
    import resource  # Windows has none, and process.py starts no child there

    # Read now: later no module could be opened.
    for name in ("utf-8-sig", "utf-16", "cp1252", "cp437"):
        codecs.lookup(name)
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_BYTES, PROCESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESS_CPU_SECONDS, PROCESS_CPU_SECONDS + 1))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))
    # The three standard streams are open; a fourth, to a file or the network, cannot be.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def main() -> None:
    """Read one file from standard input; tell on standard output what it gives, or why nothing."""
    give_up_everything()
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        found = extract(data, asked["kind"], Choices(**asked["choices"]))
        said = json.dumps(found, default=vars)
    except RefusedError as error:
        said = json.dumps({"refused": str(error)})
    except MemoryError:
        said = json.dumps({"refused": refused("too_much_memory")})
    sys.stdout.write(said)


if __name__ == "__main__":
    main()
