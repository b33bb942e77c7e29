"""Fresh data without downtime: fetch, build, check, compare, publish as a new version, switch.

Whatever fails, the version in force stays; how it went is recorded for the foot of every page.
"""

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from atlas.catalogue.sources import Source
from atlas.catalogue.vintages import Vintage
from atlas.datastore.changes import Changes, changes_between
from atlas.snapshot import versions
from atlas.snapshot.snapshot import MANIFEST, SnapshotError, load, load_earlier, version_of
from pipelines import PipelineError, build
from pipelines.download import fetch
from pipelines.publish import store
from pipelines.publish.changes_report import report

REPORTS = "reports"
KEEP_DAYS = 30.0

Fetch = Callable[[Source], Path]
Say = Callable[[str], None]


class RefreshError(PipelineError):
    """Nothing was published and the version in force stays; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What a refresh did: the version now in force, sources not fetched anew, versions removed."""

    version: str
    kept: tuple[str, ...]
    forgotten: tuple[str, ...]


def refresh(
    folder: Path,
    downloads: Path,
    vintage: Vintage,
    fetch_one: Fetch,
    *,
    say: Say = print,
    accept_changes: bool = False,
    keep_days: float = KEEP_DAYS,
) -> Outcome:
    """Bring the store ``folder`` up to date from the publishers, by way of ``downloads``.

    Wards are those of ``vintage``. A published file that cannot be had anew is used as it was, if a
    sound copy is there, and is named in the outcome. Versions not in force for ``keep_days`` are
    removed. Raises :class:`RefreshError`; a store in use by another refresh ``PublicationError``.
    """
    with store.only_one(folder):
        step = "fetch"
        kept: tuple[str, ...] = ()
        try:
            say("Fetching")
            kept = _fetched(downloads, vintage.sources.values(), fetch_one, say)
            step = "build"
            with store.staging(folder) as staging:
                new = staging / "snapshot"
                there = (
                    each for each in versions.candidates(folder) if (each / MANIFEST).is_file()
                )
                previous = next(there, None)
                build.build(
                    downloads,
                    new,
                    say=say,
                    accept_changes=accept_changes,
                    previous=previous,
                    vintage=vintage,
                )
                step = "compare"
                say("Comparing with the version in force")
                version = _published(folder, previous, new, accept_changes, say)
        except (PipelineError, SnapshotError, OSError) as error:
            with suppress(OSError, versions.StoreError):
                _note(folder, False, step, kept)
            failed = f"The refresh failed at the step '{step}'"
            if isinstance(error, OSError):
                why = error.strerror or type(error).__name__
                raise RefreshError(f"{failed} ({why}); the version in force stays.") from error
            raise RefreshError(f"{failed}; the version in force stays.\n{error}") from error
        _tell_what_is_old(vintage, downloads, say)
        gone: list[str] = []
        # The version is published: what cannot be written now is written next time.
        with suppress(OSError):
            _note(folder, True, "", kept)
            gone = store.forget(folder, keep_days)
        return Outcome(version, kept, tuple(gone))


def _fetched(
    downloads: Path, sources: Iterable[Source], fetch_one: Fetch, say: Say
) -> tuple[str, ...]:
    kept, absent = [], []
    for source in sources:
        target = downloads / source.file
        # A file without a record was put there by a person, and is theirs to replace.
        by_hand = target.is_file() and not fetch.sidecar_of(target).is_file()
        try:
            if not by_hand:
                fetch_one(source)
        except fetch.FetchError as error:
            if fetch.is_complete(target):
                kept.append(source.key)
                say(f"{source.key}: not fetched anew, the last copy is used. {error}")
            elif not source.optional:
                absent.append(f"{source.key}: {error}")
    if absent:
        raise RefreshError("\n".join(absent))
    return tuple(kept)


def _tell_what_is_old(vintage: Vintage, downloads: Path, say: Say) -> None:
    today = datetime.now(UTC).date()
    for source in vintage.sources.values():
        if (downloads / source.file).is_file() and source.is_old(today):
            say(
                f"{source.key}: figures of {source.vintage}, more than {source.old_after} months "
                f"old. Look for a newer edition: {source.page}"
            )


def _published(
    folder: Path, previous: Path | None, new: Path, accept_changes: bool, say: Say
) -> str:
    if previous and _essence(previous) == _essence(new):
        say("The files give what is in force already: nothing to publish.")
        return version_of(previous)
    _refuse_the_unwanted(folder, new, accept_changes)
    if previous:
        changes = changes_between(load_earlier(previous), load(new))
        _write_report(folder, changes, say)
        reasons = changes.reasons_to_stop()
        if reasons and not accept_changes:
            raise RefreshError(
                "The new version differs more than a new edition should:\n- "
                + "\n- ".join(reasons)
                + "\nLook at the report; if it is right, run this again with --accept-changes."
            )
    say("Publishing")
    version = store.add(folder, new)
    store.switch(folder, version, "refresh")
    return version


def _essence(folder: Path) -> tuple[Any, Any]:
    """What tells a snapshot from another, the time at which files were fetched apart."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = {key: source["sha256"] for key, source in manifest["sources"].items()}
    return files, manifest["outputs"]


def _refuse_the_unwanted(folder: Path, new: Path, accept_changes: bool) -> None:
    """Do not bring back by itself what a person went back from."""
    state = versions.read_state(folder)
    for version in {entry.version for entry in state.history}:
        there = versions.folder_of(folder, version)
        if (
            not accept_changes
            and store.was_rolled_back(state, version)
            and there.is_dir()
            and _essence(there) == _essence(new)
        ):
            raise RefreshError(
                f"The files still give version {version}, from which somebody went back. To "
                "publish it all the same, run this again with --accept-changes."
            )


def _write_report(folder: Path, changes: Changes, say: Say) -> None:
    """Write the report for people and for programs; both are there before anything is shown."""
    reports = folder / REPORTS
    name = f"{changes.before}-to-{changes.now}"
    as_text = json.dumps(changes.as_json(), ensure_ascii=False, indent=1)
    store.write_whole(reports / f"{name}.json", as_text.encode())
    text = report(changes)
    (reports / f"{name}.md").write_text(text, encoding="utf-8")
    say(text)
    say(f"This report: {reports / name}.md and .json")


def _note(folder: Path, ok: bool, step: str, kept: tuple[str, ...]) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    store.note_refresh(folder, versions.LastRefresh(now, ok, step, kept))


def versions_in_words(folder: Path) -> str:
    """Return the store's history, newest last, for a person."""
    state = versions.read_state(folder)
    if state.current is None:
        return f"Nothing was published to {folder}: the Atlas shows data/."
    lines = [f"{each.at:%Y-%m-%d %H:%M} {each.how:9} {each.version}" for each in state.history]
    there = {versions.COMMITTED, *(path.name for path in (folder / "versions").glob("*"))}
    lines = [
        f"{line}{'' if each.version in there else '  (removed)'}"
        for line, each in zip(lines, state.history, strict=True)
    ]
    lines[-1] += "  <- in force"
    return "\n".join(lines)
