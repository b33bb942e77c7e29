"""What the analysts' commands share: their options, the data they open, how they end."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from atlas.commands.command import Command
from atlas.files.spreadsheets import Field, to_csv
from atlas.places.places import Places
from atlas.risk.scorer import Scorer
from atlas.snapshot.snapshot import SnapshotError, load
from atlas.snapshot.versions import current_folder

Data = Annotated[
    Path,
    typer.Option(
        default_factory=current_folder, show_default="the one in force", help="snapshot folder"
    ),
]
OutFile = Annotated[Path, typer.Option("--out", help="file to write")]
OutFolder = Annotated[Path, typer.Option("--out", help="folder to write")]


class FileCommand(Command):
    """A command that is refused in one line, with exit code 2."""

    # Everything of the Atlas's own that a command can be refused for is a ValueError.
    refusals = (SnapshotError, ValueError, OSError)
    code = 2
    before = "atlas: "


class AnalysisCommand(FileCommand):
    """A command whose list options take several values after one name: ``--base A B``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the name of a list option before each of its values."""
        names = {name for option in self.params if option.multiple for name in option.opts}
        spread: list[str] = []
        name = ""
        for text in args:
            if text.startswith("--"):
                name = text if text in names else ""
                spread += [] if name else [text]
            else:
                spread += [name, text] if name else [text]
        return super().parse_args(ctx, spread)


def opened(data: Path) -> Scorer:
    """Return what scores the wards of a snapshot folder. Raises ``SnapshotError``."""
    snapshot = load(data)
    return Scorer(snapshot, Places(snapshot.wards))


def unmarked_csv(rows: pd.DataFrame, fields: Sequence[Field]) -> bytes:
    """Return a CSV without the mark that Excel wants: R, Python and QGIS would read it as text."""
    return to_csv(rows, fields).removeprefix(BOM_UTF8)
