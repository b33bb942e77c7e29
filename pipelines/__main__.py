"""Command line: ``python -m pipelines fetch | build | check | refresh | rollback | ...``.

Exit code 0 on success, 1 where a file, a check or a publication failed (nothing is then changed),
2 for a command that cannot be understood.
"""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import PINNED, declared_vintages
from atlas.commands.command import Command, choice, exit_code, program
from atlas.snapshot.snapshot import DATA
from atlas.snapshot.versions import StoreError, store_folder
from pipelines import PipelineError
from pipelines import build as building
from pipelines.download import fetch as fetching
from pipelines.publish import refresh as refreshing
from pipelines.publish import snapshot_files, store

DOWNLOADS = Path("downloads")


class PipelineCommand(Command):
    """A command that ends with 1 where a file, a check or a publication fails."""

    refusals = (PipelineError, StoreError)


app = program("From published files to the Atlas's data/.")
_command = partial(app.command, cls=PipelineCommand)

To = Annotated[Path, typer.Option(help="download folder")]
Mirror = Annotated[Path | None, typer.Option(help="copy from this folder, without a network")]
Wards = Annotated[str, choice(declared_vintages(), "the edition of wards")]
AcceptChanges = Annotated[
    bool,
    typer.Option(
        "--accept-changes",
        help="publish although figures moved a lot (refresh: or shrank, or were rolled back from)",
    ),
]
Store = Annotated[
    Path,
    typer.Option(
        "--store",
        default_factory=store_folder,
        show_default="snapshots",
        help="the folder of versions",
    ),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print what went wrong, and what to do about it, instead of a traceback."""
    return exit_code(app, arguments, "python -m pipelines")


@_command()
def fetch(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="only these (see: sources)")
    ] = None,
    to: To = DOWNLOADS,
    mirror: Mirror = None,
    file: Annotated[
        Path | None, typer.Option(help="use this file for the one SOURCE named")
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="download again what is there")
    ] = False,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="may be redirected there")
    ] = None,
    wards: Wards = PINNED,
) -> int:
    """Download the published files."""
    sources = _named(keys or [], wards)
    if file and len(sources) != 1:
        print("--file goes with exactly one SOURCE, such as: fetch libraries --file my.csv")
        return 2
    failures = []
    for source in sources:
        try:
            _fetch_one(source, to, mirror, given=file, refresh=refresh, allowed=allow_host or ())
        except fetching.FetchError as error:
            failures.append(source)
            # Only what the build cannot do without makes the command fail.
            word = "optional, " if source.optional else ""
            print(f"{source.key} ({word}not fetched): {error}\n", file=sys.stderr)
    needed = [source.key for source in failures if not source.optional]
    print(f"{len(sources) - len(failures)} of {len(sources)} files are in {to}")
    return 1 if needed else 0


@_command()
def build(
    mirror: Annotated[Path, typer.Option(help="where they are")] = DOWNLOADS,
    out: Annotated[Path, typer.Option(help="the snapshot folder")] = Path("data"),
    accept_changes: AcceptChanges = False,
    wards: Wards = PINNED,
) -> None:
    """Build data/ from the published files."""
    with tqdm(total=len(building.STEPS), unit="step") as bar:

        def say(message: str) -> None:
            bar.write(message)
            bar.update(1)

        vintage = declared_vintages()[wards]
        building.build(mirror, out, say=say, accept_changes=accept_changes, vintage=vintage)
    print(f"Published to {out}")


@_command()
def check(folder: Annotated[Path, typer.Argument(help="snapshot folder")] = DATA) -> int:
    """Compare a snapshot with its manifest."""
    found = snapshot_files.faults_in_snapshot(folder)
    for fault in found:
        print(f"- {fault}", file=sys.stderr)
    print(f"{folder}: {'sound' if not found else f'{len(found)} faults'}")
    return 1 if found else 0


@_command()
def refresh(
    store_: Store,
    to: To = DOWNLOADS,
    mirror: Mirror = None,
    accept_changes: AcceptChanges = False,
    keep_days: Annotated[
        float, typer.Option(help="remove versions out of force for so many days")
    ] = refreshing.KEEP_DAYS,
    wards: Wards = PINNED,
) -> None:
    """Fetch, build, check, compare and publish a new version, without downtime."""
    outcome = refreshing.refresh(
        store_,
        to,
        declared_vintages()[wards],
        lambda source: _fetch_one(source, to, mirror, refresh=True),
        accept_changes=accept_changes,
        keep_days=keep_days,
    )
    if outcome.kept:
        print(f"Not fetched anew, the last copies were used: {', '.join(outcome.kept)}")
    if outcome.forgotten:
        print(f"Removed for their age: {', '.join(outcome.forgotten)}")
    print(f"In force: version {outcome.version}")


@_command()
def rollback(
    store_: Store,
    version: Annotated[
        str | None, typer.Argument(help="this version instead (see: versions)")
    ] = None,
) -> None:
    """Show the version before the one in force again."""
    with store.only_one(store_):
        before, now = store.roll_back(store_, version)
    print(f"In force: {now} (before: {before}). New visits see it at once.")


@_command()
def versions(store_: Store) -> None:
    """List what was published when."""
    print(refreshing.versions_in_words(store_))


@_command()
def sources(wards: Wards = PINNED) -> None:
    """List the published files and their pages."""
    for source in declared_vintages()[wards].sources.values():
        note = " (optional)" if source.optional else ""
        print(f"{source.key}{note}\n    {source.title}, {source.publisher}, {source.vintage}")
        print(f"    {source.page}\n    {source.file}")


def _named(keys: list[str], wards: str) -> list[Source]:
    declared = declared_vintages()[wards].sources
    unknown = [key for key in keys if key not in declared]
    if unknown:
        known = ", ".join(declared)
        raise fetching.FetchError(f"There is no source called {unknown[0]}. There are: {known}.")
    return [declared[key] for key in keys] if keys else list(declared.values())


def _fetch_one(
    source: Source,
    to: Path,
    mirror: Path | None,
    *,
    refresh: bool,
    given: Path | None = None,
    allowed: Sequence[str] = (),
) -> Path:
    with tqdm(desc=source.key, unit="B", unit_scale=True, leave=True) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return fetching.fetch(
            source,
            to,
            mirror=mirror,
            given=given,
            refresh=refresh,
            policy=fetching.Policy(extra_hosts=frozenset(allowed)),
            progress=progress,
        )


if __name__ == "__main__":
    sys.exit(main())
