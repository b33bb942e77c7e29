"""What was measured of the Atlas's accessibility, for its own statement.

The figures are written by ``python -m bench.accessibility``; nothing here repeats one by hand.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).resolve().parents[2] / "measured" / "accessibility.json"


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
