"""What is within reach on the pages: a straight mile or walking times, and of which libraries."""

import logging
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from atlas.access.distance import buildings
from atlas.access.travel import SETTING, STRAIGHT, Travel, WalkingFileError, travel_by
from atlas.catalogue.near import LIBRARY_MEANS, LIBRARY_SERVICE, SERVICE_MEANS, UNSTAFFED
from atlas.planning.site_files import assumption
from views.kit.controls import bound
from views.kit.html import escaped
from views.session.kept import Kept
from views.session.page_url import open_params, show_params
from views.session.snapshot import atlas

log = logging.getLogger("atlas")

_NAMED = 6  # libraries: more are only counted
# The newest file read, by path and time.
_read: Kept[tuple[str, int], Travel] = Kept(1)
# The ward of each building with libraries that count: of all of them, and of the service's alone.
_housed: Kept[bool, pd.Series] = Kept(2)

# The choice of libraries that count, kept by the pages about help alike.
_COUNTED, _COUNT, _SERVICE = "libraries_counted", ("count",), "service"


def travel() -> Travel:
    """Return the operator's walking times where they are set and sound, else the straight mile."""
    path = os.environ.get(SETTING, "")
    if not path:
        return STRAIGHT
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError:
        changed = 0
    return _read.get_or_make((path, changed), lambda: _from_file(Path(path), changed))


def travel_note() -> str:
    """Return, as HTML, how distances were measured, and whether a walking-time file failed."""
    text = f"<p class='atlas-note'>{escaped(assumption(travel()))}</p>"
    if os.environ.get(SETTING) and travel() is STRAIGHT:
        text += (
            "<p class='atlas-note' role='status'>Walking times are set for this Atlas but cannot "
            "be used at present, so distances are straight lines.</p>"
        )
    return text


def libraries_words(place: str, service_only: bool = False) -> list[str]:
    """Say what counts as a library, and what of a place's libraries is not known."""
    rows = atlas().places.positions(place)
    wards = atlas().snapshot.wards.iloc[rows]
    said = [SERVICE_MEANS if service_only else LIBRARY_MEANS]
    libraries = atlas().snapshot.libraries
    there = libraries["ward_code"].isin(wards["ward_code"])
    counts = libraries["counts_for_access"] == "true"
    if service_only:
        counts &= libraries["library_class"] == LIBRARY_SERVICE
    reported = int((there & (libraries["library_class"] != "")).sum())
    counted = int((there & counts).sum())
    buildings_of = _housed.get_or_make(
        service_only, lambda: buildings(libraries, counts)["ward_code"]
    )
    housed = int(buildings_of.isin(wards["ward_code"]).sum())
    if not reported == counted == housed:
        noun = "building" if housed == 1 else "buildings"
        shared = "" if housed == counted else f", in {housed:,} {noun}"
        said.append(f"Open libraries reported here: {reported:,}. Counted: {counted:,}{shared}.")
    silent = libraries["library_name"][there & (libraries["library_class"] == UNSTAFFED)]
    if 0 < len(silent) <= _NAMED:
        said.append(
            f"Not counted, as unstaffed or without stated hours: {', '.join(sorted(silent))}."
        )
    elif len(silent):
        said.append(
            f"{len(silent)} libraries here are not counted: unstaffed, or without stated hours."
        )
    if borders := sorted(set(wards["border_with"]) - {""}):
        said.append(
            f"Libraries across the border in {' and '.join(borders)} are not counted: some wards "
            "here lie within two miles of it."
        )
    if (wards["near_library_people"].isna() & (wards["small_areas"] > 0)).any():
        said.append("Where a library service did not report, what is near is not known.")
    return said


def libraries_note(place: str, service_only: bool = False) -> str:
    """Return :func:`libraries_words` as HTML."""
    return f"<p class='atlas-note'>{escaped(' '.join(libraries_words(place, service_only)))}</p>"


def service_only() -> bool:
    """Tell whether the address asks for the library service alone."""
    return open_params(_COUNTED, _COUNT).get("count") == _SERVICE


def counted_switch() -> None:
    """Let the reader leave community-run libraries out, on this page and the ones like it."""
    bound(
        st.toggle,
        "service_only",
        service_only(),
        lambda only: show_params(_COUNTED, _COUNT, {"count": _SERVICE if only else ""}),
        label="Library service alone",
        help="Counts libraries that the council runs or commissions, and leaves out those that a "
        "community runs.",
    )


def _from_file(path: Path, changed: int) -> Travel:
    """Read a walking-time file, ``changed`` at this time; straight lines where it is not sound."""
    try:
        found = travel_by(path, list(atlas().snapshot.lsoas["lsoa_code"]))
    except WalkingFileError as error:
        log.error("walking times cannot be used: %s", error)
        return STRAIGHT
    return replace(found, stamp=str(changed))
