"""The file that a visitor looks at before anything of it is added: kept for this visit alone."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import streamlit as st

from atlas.places.ward_at_point import WardOutlines
from atlas.text.days import written_day
from atlas.uploads.areas import Geography
from atlas.uploads.check_file import Surroundings, report_of
from atlas.uploads.reading.extract import Choices
from atlas.uploads.reading.process import read_upload
from atlas.uploads.reading.roles import Kind
from atlas.uploads.reading.table import RefusedError, named
from atlas.uploads.report import Report
from views.kit.upload_box import BroughtFile
from views.session import url
from views.session.kept import per_snapshot
from views.session.snapshot import Atlas, atlas

_OPEN, _HEADINGS = "open_{}", "headings_brought"


@dataclass(frozen=True)
class OpenFile:
    """One file that was brought: the reader's choices and what it would become with them.

    ``changes`` says how its columns differ from those of a file of the same name brought before
    in this visit, ``refused`` why the last choice could not be followed.
    """

    file: BroughtFile = field(repr=False)
    report: Report = field(repr=False)
    choices: Choices = field(default_factory=Choices)
    place: str = ""
    changes: str = ""
    refused: str = ""

    @property
    def brought(self) -> str:
        """The file's name and day, as “learners.csv, brought on 28 November 2026”."""
        return f"{self.file.name}, brought on {written_day(date.today())}"


def opened(kind: Kind) -> OpenFile | None:
    """Return the open file of a kind, read for the place in view, or None."""
    found: OpenFile | None = st.session_state.get(_OPEN.format(kind))
    if found and found.place != url.view().place:
        # Another place is in view: the same reading, kept to that place.
        place = url.view().place
        found = replace(
            found, place=place, report=report_of(found.report.read, surroundings(), place)
        )
        st.session_state[_OPEN.format(kind)] = found
    return found


def open_file(kind: Kind, file: BroughtFile) -> OpenFile:
    """Read a file that was just brought. Raises :class:`RefusedError` where it cannot be read."""
    place = url.view().place
    report = report_of(read_upload(file.data, kind), surroundings(), place)
    found = OpenFile(file, report, place=place, changes=_changes(file.name, report))
    st.session_state[_OPEN.format(kind)] = found
    return found


def choose(kind: Kind, **changed: Any) -> None:
    """Read the open file again with choices changed, as :class:`Choices` names them."""
    found = st.session_state[_OPEN.format(kind)]
    choices = replace(found.choices, **changed)
    try:
        read = read_upload(found.file.data, kind, choices)
        report = report_of(read, surroundings(), found.place)
        found = replace(found, choices=choices, report=report, refused="")
    except RefusedError as refused:
        found = replace(found, refused=str(refused))
    st.session_state[_OPEN.format(kind)] = found


def close(kind: Kind) -> None:
    """Let the open file of a kind go."""
    st.session_state.pop(_OPEN.format(kind), None)


def surroundings() -> Surroundings:
    """Return what files are checked against: the snapshot of this visit."""
    return Surroundings(geography(), atlas().places, outlines().find, date.today())


@per_snapshot
def geography(shared: Atlas) -> Geography:
    """Return the areas of this visit's snapshot."""
    return Geography.of(shared.snapshot, shared.postcodes)


@per_snapshot
def outlines(shared: Atlas) -> WardOutlines:
    """Return the ward outlines of this visit's snapshot."""
    return WardOutlines(shared.snapshot.path("boundaries_wards.geojson"))


def _changes(name: str, report: Report) -> str:
    """Say how the columns of a file differ from those of the last one of its name."""
    seen: dict[str, tuple[str, ...]] = st.session_state.setdefault(_HEADINGS, {})
    now = tuple(column.heading for column in report.read.columns)
    before = seen.get(name, now)
    seen[name] = now
    differ = {
        "new": [heading for heading in now if heading not in before],
        "gone": [heading for heading in before if heading not in now],
    }
    parts = "; ".join(f"{how}: {named(which, 8)}" for how, which in differ.items() if which)
    return f"The columns of this file have changed since last time ({parts})." if parts else ""
