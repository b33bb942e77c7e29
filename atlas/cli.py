"""The ``atlas`` command: everything the program does, from published files to served pages.

This is the top of the program: it knows every other part, and none knows it. The parts beside
the package are imported when they are needed, once the way to them is known.
"""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from atlas.commands.analysis import AnalysisCommand, FileCommand
from atlas.commands.check_file import check
from atlas.commands.command import exit_code, program
from atlas.commands.sites import sites
from atlas.commands.table_files import datastore, evidence, index, write_list
from atlas.root import ROOT


def main(given: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; 2 for what cannot be understood or done."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    return exit_code(_atlas(), given, "atlas")


def _atlas() -> typer.Typer:
    from pipelines.__main__ import app as pipelines

    app = program("Ward by ward, where in England people are at risk of digital exclusion.")
    app.command()(serve)
    analysis = partial(app.command, cls=AnalysisCommand)
    analysis("index")(index)
    analysis("list")(write_list)
    analysis("evidence")(evidence)
    analysis("sites")(sites)
    analysis("datastore")(datastore)
    app.command("check-file", cls=FileCommand)(check)
    app.add_typer(pipelines)
    return app


def serve(
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port")] = 8501,
) -> None:
    """Show the Atlas in a browser, or to the public behind a proxy, until interrupted."""
    from serve import main as serve_pages

    serve_pages(host, port)
