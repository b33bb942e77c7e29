"""Which snapshot is in force: a published version of the store, or the committed ``data/``.

The store is a folder of whole, immutable snapshots, ``versions/VERSION/``, and one small file,
``state.json``, that says which of them is current, what was current before, and how the last
refresh went. That file is replaced in one step, so whoever reads it once knows everything.
Without a store the Atlas runs on ``data/``, as in a plain checkout. The foot of every page says
how old the data is, and whether a refresh went wrong.
"""

import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter

from atlas.root import WORKING
from atlas.snapshot.snapshot import DATA
from atlas.text.days import written_day

STORE = WORKING / "snapshots"
STORE_VARIABLE = "ATLAS_SNAPSHOTS"
STATE = "state.json"
VERSIONS = "versions"
# What the history calls the committed folder, which is there whatever was published.
COMMITTED = "data"


class StoreError(Exception):
    """The store cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """One moment at which a version became current: ``how`` is ``refresh`` or ``rollback``."""

    version: str
    at: datetime
    how: str


@dataclass(frozen=True)
class LastRefresh:
    """How the last refresh went.

    ``ok``: whether it ended well. ``step`` is the one that failed, "" otherwise. ``kept`` are the
    keys of published files that could not be fetched anew, so that their last copy was used.
    """

    at: datetime
    ok: bool
    step: str
    kept: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """The whole of ``state.json``: ``history`` is oldest first, its last entry is current."""

    history: tuple[Entry, ...]
    last_refresh: LastRefresh | None = None

    @property
    def current(self) -> Entry | None:
        """The entry in force, or None where nothing was published to the store."""
        return self.history[-1] if self.history else None


_STATE = TypeAdapter(State)


def as_json(state: State) -> bytes:
    """Return the text of a ``state.json``."""
    return _STATE.dump_json(state, indent=1)


def store_folder() -> Path:
    """Return the store: ``$ATLAS_SNAPSHOTS``, else ``snapshots/`` of the working folder."""
    return Path(os.environ.get(STORE_VARIABLE) or STORE).absolute()


def read_state(store: Path) -> State:
    """Read a store's state; an absent store is an empty one. Raises :class:`StoreError`."""
    try:
        return _STATE.validate_json((store / STATE).read_bytes())
    except FileNotFoundError:
        return State(())
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{store / STATE} cannot be read. Publish anew with `python -m pipelines refresh`, or "
            "remove the file to run on data/."
        ) from error


def folder_of(store: Path, version: str) -> Path:
    """Return where a version lies; the committed one lies in ``data/``."""
    return DATA if version == COMMITTED else store / VERSIONS / version


def candidates(store: Path) -> list[Path]:
    """Return the folders to open, each once: the current version, those before it, ``data/``."""
    try:
        history = read_state(store).history
    except StoreError:
        history = ()
    folders = [folder_of(store, entry.version) for entry in reversed(history)]
    return list(dict.fromkeys([*folders, DATA]))


def current_folder(store: Path | None = None) -> Path:
    """Return the folder of the snapshot in force."""
    return candidates(store_folder() if store is None else store)[0]


def age_sentences(
    state: State, shown: str, newest: date, today: date, damaged: bool = False
) -> tuple[str, ...]:
    """Return what a reader should know about the age of the version ``shown`` (``data`` for the
    committed folder). ``newest`` is the day that its newest figures describe; ``damaged`` tells
    that the version in force is.
    """
    said = [f"The newest figures are dated {newest:%B %Y}{_months(newest, today)}."]
    current = state.current
    if damaged:
        said.append("The newest files on this server are damaged, so the last good ones are shown.")
    elif current and current.version == shown != COMMITTED:
        said.append(
            f"This version was published on {written_day(current.at)}{_ago(current.at, today)}."
        )
    elif current and any(entry.version == shown for entry in state.history):
        word = "A newer" if current.how == "refresh" else "Another"
        said.append(
            f"{word} version was published on {written_day(current.at)}: "
            "reload this page to see it."
        )
    last = state.last_refresh
    if last and not last.ok:
        said.append(
            f"The refresh of {written_day(last.at)} failed, so the last good figures are shown."
        )
    elif last and last.kept:
        files = "1 published file" if len(last.kept) == 1 else f"{len(last.kept)} published files"
        said.append(
            f"At the refresh of {written_day(last.at)} {files} could not be fetched again: "
            f"the last good {'copy is' if len(last.kept) == 1 else 'copies are'} used."
        )
    return tuple(said)


def _ago(at: date, today: date) -> str:
    days = (today - date(at.year, at.month, at.day)).days
    if days <= 0:
        return ", today"
    return ", yesterday" if days == 1 else f", {days} days ago"


def _months(day: date, today: date) -> str:
    months = (today.year - day.year) * 12 + today.month - day.month
    if months < 1:
        return ""
    return f", {months} {'month' if months == 1 else 'months'} ago"
