"""Serves one small script that shows the ward map, for browser tests and benchmarks."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ROOT, free_port, running


@contextmanager
def served(script: Path, folder: Path) -> Iterator[str]:
    """Run one script with Streamlit, with the Atlas's static files and settings beside it."""
    shutil.copytree(ROOT / "static", folder / "static")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    start = (
        f"import runpy, sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        f"runpy.run_path({str(script)!r}, run_name='__main__')\n"
    )
    (folder / "app.py").write_text(start)
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with running(command, port, folder=folder) as server:
        yield server.address
