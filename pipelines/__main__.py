"""Command line: ``python -m pipelines fetch | build | check | refresh | rollback | ...``.

Exit code 0 on success, 1 where a file, a check or a publication failed (nothing is then changed),
2 for a command that cannot be understood.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import PINNED, declared_vintages
from atlas.snapshot.snapshot import DATA
from atlas.snapshot.versions import StoreError, store_folder
from pipelines import build, checks
from pipelines.download import fetch
from pipelines.download.archives import ArchiveError
from pipelines.publish import refresh, snapshot_files, store
from pipelines.readers.fields import ReadError

DOWNLOADS = Path("downloads")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; print what went wrong, and what to do about it, instead of a traceback."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except (
        ArchiveError,
        ReadError,
        fetch.FetchError,
        build.MissingFilesError,
        checks.ChecksFailedError,
        snapshot_files.PublicationError,
        refresh.RefreshError,
        StoreError,
    ) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipelines", description="From published files to the Atlas's data/."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    fetching = commands.add_parser("fetch", help="download the published files")
    fetching.add_argument("keys", nargs="*", metavar="SOURCE", help="only these (see: sources)")
    fetching.add_argument("--to", type=Path, default=DOWNLOADS, help="download folder (downloads)")
    fetching.add_argument("--mirror", type=Path, help="copy from this folder, without a network")
    fetching.add_argument("--file", type=Path, help="use this file for the one SOURCE named")
    fetching.add_argument("--refresh", action="store_true", help="download again what is there")
    fetching.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST", help="may be redirected there"
    )
    fetching.set_defaults(run=_fetch)

    building = commands.add_parser("build", help="build data/ from the published files")
    building.add_argument("--mirror", type=Path, default=DOWNLOADS, help="where they are")
    building.add_argument("--out", type=Path, default=DATA, help="the snapshot folder (data)")
    building.add_argument(
        "--accept-changes",
        action="store_true",
        help="publish although figures moved a lot since the last snapshot",
    )
    building.set_defaults(run=_build)

    checking = commands.add_parser("check", help="compare a snapshot with its manifest")
    checking.add_argument("folder", type=Path, nargs="?", default=DATA)
    checking.set_defaults(run=_check)

    _refresh_commands(commands)

    listing = commands.add_parser("sources", help="list the published files and their pages")
    listing.set_defaults(run=_sources)
    for command in commands.choices.values():
        if command.get_default("run") in (_fetch, _build, _refresh, _sources):
            command.add_argument(
                "--wards",
                choices=list(declared_vintages()),
                default=PINNED,
                help=f"the edition of wards ({PINNED})",
            )
    return parser


def _refresh_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    refreshing = commands.add_parser(
        "refresh", help="fetch, build, check, compare and publish a new version, without downtime"
    )
    refreshing.add_argument("--to", type=Path, default=DOWNLOADS, help="download folder")
    refreshing.add_argument("--mirror", type=Path, help="copy from this folder, without a network")
    refreshing.add_argument(
        "--accept-changes",
        action="store_true",
        help="publish although figures moved a lot, shrank, or were rolled back from",
    )
    refreshing.add_argument(
        "--keep-days",
        type=float,
        default=refresh.KEEP_DAYS,
        help=f"remove versions out of force for so many days ({refresh.KEEP_DAYS:g})",
    )
    refreshing.set_defaults(run=_refresh, file=None, refresh=True, allow_host=[])

    back = commands.add_parser("rollback", help="show the version before the one in force again")
    back.add_argument("version", nargs="?", help="this version instead (see: versions)")
    back.set_defaults(run=_rollback)

    history = commands.add_parser("versions", help="list what was published when")
    history.set_defaults(run=_versions)
    for command in (refreshing, back, history):
        command.add_argument(
            "--store", type=Path, default=store_folder(), help="the folder of versions (snapshots)"
        )


def _refresh(options: argparse.Namespace) -> int:
    outcome = refresh.refresh(
        options.store,
        options.to,
        declared_vintages()[options.wards],
        lambda source: _fetch_one(source, options),
        accept_changes=options.accept_changes,
        keep_days=options.keep_days,
    )
    if outcome.kept:
        print(f"Not fetched anew, the last copies were used: {', '.join(outcome.kept)}")
    if outcome.forgotten:
        print(f"Removed for their age: {', '.join(outcome.forgotten)}")
    print(f"In force: version {outcome.version}")
    return 0


def _rollback(options: argparse.Namespace) -> int:
    with store.only_one(options.store):
        before, now = store.roll_back(options.store, options.version)
    print(f"In force: {now} (before: {before}). New visits see it at once.")
    return 0


def _versions(options: argparse.Namespace) -> int:
    print(refresh.versions_in_words(options.store))
    return 0


def _fetch(options: argparse.Namespace) -> int:
    sources = _named(options)
    if options.file and len(sources) != 1:
        print("--file goes with exactly one SOURCE, such as: fetch libraries --file my.csv")
        return 2
    failures = []
    for source in sources:
        try:
            _fetch_one(source, options)
        except fetch.FetchError as error:
            failures.append(source)
            # Only what the build cannot do without makes the command fail.
            word = "optional, " if source.optional else ""
            print(f"{source.key} ({word}not fetched): {error}\n", file=sys.stderr)
    needed = [source.key for source in failures if not source.optional]
    print(f"{len(sources) - len(failures)} of {len(sources)} files are in {options.to}")
    return 1 if needed else 0


def _fetch_one(source: Source, options: argparse.Namespace) -> Path:
    with tqdm(desc=source.key, unit="B", unit_scale=True, leave=True) as bar:

        def progress(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return fetch.fetch(
            source,
            options.to,
            mirror=options.mirror,
            given=options.file,
            refresh=options.refresh,
            policy=fetch.Policy(extra_hosts=frozenset(options.allow_host)),
            progress=progress,
        )


def _named(options: argparse.Namespace) -> list[Source]:
    keys, declared = options.keys, declared_vintages()[options.wards].sources
    unknown = [key for key in keys if key not in declared]
    if unknown:
        known = ", ".join(declared)
        raise fetch.FetchError(f"There is no source called {unknown[0]}. There are: {known}.")
    return [declared[key] for key in keys] if keys else list(declared.values())


def _build(options: argparse.Namespace) -> int:
    with tqdm(total=len(build.STEPS), unit="step") as bar:

        def say(message: str) -> None:
            bar.write(message)
            bar.update(1)

        build.build(
            options.mirror,
            options.out,
            say=say,
            accept_changes=options.accept_changes,
            vintage=declared_vintages()[options.wards],
        )
    print(f"Published to {options.out}")
    return 0


def _check(options: argparse.Namespace) -> int:
    found = snapshot_files.faults_in_snapshot(options.folder)
    for fault in found:
        print(f"- {fault}", file=sys.stderr)
    print(f"{options.folder}: {'sound' if not found else f'{len(found)} faults'}")
    return 1 if found else 0


def _sources(options: argparse.Namespace) -> int:
    for source in declared_vintages()[options.wards].sources.values():
        note = " (optional)" if source.optional else ""
        print(f"{source.key}{note}\n    {source.title}, {source.publisher}, {source.vintage}")
        print(f"    {source.page}\n    {source.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
