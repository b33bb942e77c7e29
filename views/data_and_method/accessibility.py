"""The accessibility statement: what conforms, what does not and why, and how to tell us."""

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from atlas.text.days import written_day
from serving.settings import Contact, contact
from views.data_and_method.words import WORDS, passage
from views.kit.html import TABLE, escaped, items, numbers, outward, prose, table

# Written by ``python -m bench.accessibility``; no figure of it is repeated by hand.
MEASURED = Path(__file__).resolve().parents[2] / "measured" / "accessibility.json"
_ADVICE = "Equality Advisory and Support Service", "https://www.equalityadvisoryservice.com/"
_KEYS = {
    *("pages", "widths", "violations", "violations_streamlit_each", "nameless_ours"),
    *("nameless_streamlit_each", "most_stops_to_table", "keyboard_tasks", "keyboard_tasks_done"),
    *("axe", "chromium", "streamlit"),
}


def measured(path: Path = MEASURED) -> dict[str, Any] | None:
    """Return the figures of the last measurement, or None where no whole file has them."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        _day(found)
        return found if found.keys() >= _KEYS else None
    return None


def page() -> None:
    """Draw the accessibility statement."""
    st.title("Accessibility statement")
    found, who = measured(), contact()
    run = f" run by {who.operator}" if who.operator else ""
    prose(
        "<p class='atlas-lead'>This statement is about this copy of the Digital Inclusion Atlas"
        f"{escaped(run)}. It is built to work with the keyboard alone, a screen reader, 400% zoom, "
        "your own colours, or paper. It has not been tested with a screen reader yet.</p>"
        "<h2 class='atlas-h2'>How far it conforms</h2>" + passage("accessibility", "conforms")
    )
    _conforms(found)
    faults = "".join(
        f"<h3 class='atlas-h3'>{escaped(each['what'])}</h3>"
        f"<p class='atlas-list'><b>Where it comes from.</b> {escaped(each['why'])}</p>"
        f"<p class='atlas-list'><b>What to do instead.</b> {escaped(each['instead'])}</p>"
        for each in WORDS["accessibility"]["known"]
    )
    st.html(f"<h2 class='atlas-h2'>What does not conform, and why</h2>{faults}")
    prose(
        "<h2 class='atlas-h2'>Other ways to the same information</h2><ul class='atlas-list'>"
        "<li>Every list of wards can be had as a CSV file.</li>"
        "<li>My area prints on A4 paper; charts have their figures in a table beside "
        "them.</li>"
        "<li>All tables of the Atlas can be downloaded whole from "
        "<a href='data_and_method?tab=datastore' target='_self'>Datastore</a>.</li></ul>"
    )
    _tested(found)
    _tell_us(who)


def _conforms(found: dict[str, Any] | None) -> None:
    st.html("<h2 class='atlas-h2'>What was measured</h2>")
    if found is None:
        st.info("The measurements are not part of this installation.")
        return
    given = found | {"widths": ", ".join(found["widths"])}
    results: dict[str, str] = WORDS["accessibility"]["results"]
    rows = [(what, shown.format(**given)) for what, shown in results.items()]
    caption = f"Measured on {_day(found)} against WCAG 2.2 A, AA and best practice"
    st.html(table(caption, ["What", *numbers("Result")], rows, TABLE))


def _day(found: dict[str, Any]) -> str:
    return written_day(date.fromisoformat(found["date"]))


def _tested(found: dict[str, Any] | None) -> None:
    not_tested = items(WORDS["accessibility"]["not_tested"])
    how = passage("accessibility", "tests")
    if found:
        how = passage("accessibility", "tested", day=_day(found), found=found)
    prose(
        f"<h2 class='atlas-h2'>How it was tested</h2>{how}"
        f"<p class='atlas-list'>It was not tested:</p><ul class='atlas-list'>{not_tested}</ul>"
    )


def _tell_us(who: Contact) -> None:
    if who.email:
        where = f"write to <a href='mailto:{escaped(who.email)}'>{escaped(who.email)}</a>"
    elif who.page:
        where = f"use {outward(who.page, who.page)}"
    else:
        where = (
            "tell whoever gave you this address: whoever runs this copy of the Atlas has not named "
            "a contact yet"
        )
    prose(
        "<h2 class='atlas-h2'>Tell us</h2>"
        "<p class='atlas-list'>Is there a part that you cannot use? Do you need its information in "
        f"another form? Please {where}. Name the page and what you use.</p>"
        "<h2 class='atlas-h2'>If you are not content with the answer</h2>"
        "<p class='atlas-list'>The Equality and Human Rights Commission enforces the Public Sector "
        "Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018. If a "
        f"public body runs this copy and does not answer you well, the {outward(*_ADVICE)} can "
        "help.</p>"
    )
