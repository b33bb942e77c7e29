"""What was measured of the Atlas's accessibility, for its own statement.

The figures are written by ``python -m bench.accessibility``; nothing here repeats one by hand.
"""

import json
import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).resolve().parents[2] / "measured" / "accessibility.json"
CONTACT_VARIABLE = "ATLAS_CONTACT"
OPERATOR_VARIABLE = "ATLAS_OPERATOR"
_EMAIL = re.compile(r"[A-Za-z0-9.+_-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ADDRESS = re.compile(r"https://[A-Za-z0-9./_~%?=&#-]+")


@dataclass(frozen=True)
class Measured:
    """Figures of the last measurement, over all pages and widths.

    ``violations`` are axe's of ours, ``violations_streamlit`` the most of Streamlit's own on one
    page; ``nameless`` and ``nameless_streamlit`` count likewise the focusable nodes without a
    name; ``stops`` are the most presses of Tab from the top of a page to its table.
    """

    day: date
    pages: int
    widths: tuple[str, ...]
    violations: int
    violations_streamlit: int
    nameless: int
    nameless_streamlit: int
    stops: int
    tasks: int
    tasks_done: int
    axe: str
    chromium: str
    streamlit: str


@dataclass(frozen=True)
class Contact:
    """Who runs this copy: a name, and an email address or an https page, "" where not set."""

    operator: str
    email: str
    page: str


def measured(path: Path = MEASURED) -> Measured | None:
    """Return the figures of the last measurement, or None where there is no such file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _measured(found)
    except (OSError, ValueError, KeyError):
        return None


def _measured(found: dict[str, Any]) -> Measured:
    return Measured(
        day=date.fromisoformat(found["date"]),
        pages=int(found["pages"]),
        widths=tuple(found["widths"]),
        violations=int(found["violations"]),
        violations_streamlit=int(found["violations_streamlit_each"]),
        nameless=int(found["nameless_ours"]),
        nameless_streamlit=int(found["nameless_streamlit_each"]),
        stops=int(found["most_stops_to_table"]),
        tasks=int(found["keyboard_tasks"]),
        tasks_done=int(found["keyboard_tasks_done"]),
        axe=str(found["axe"]),
        chromium=str(found["chromium"]),
        streamlit=str(found["streamlit"]),
    )


def contact() -> Contact:
    """Return the contact that the operator set in the environment.

    ``ATLAS_CONTACT`` is an email address or an https page, ``ATLAS_OPERATOR`` a name. What is
    neither is taken as not set, so that no odd address reaches a page.
    """
    given = os.environ.get(CONTACT_VARIABLE, "").strip()
    return Contact(
        operator=os.environ.get(OPERATOR_VARIABLE, "").strip()[:120],
        email=given if _EMAIL.fullmatch(given) else "",
        page=given if _ADDRESS.fullmatch(given) else "",
    )
