"""Postcode check: a pasted list becomes wards, with their risk, tier and drivers."""

import pandas as pd
import streamlit as st

from pages.parts import risk
from pages.parts.atlas import atlas
from pages.parts.downloads import csv_button
from pages.parts.markup import cell, escaped, table
from wards.exports import Field
from wards.pasted_postcodes import MOST, Pasted, look_up
from wards.places import natural
from wards.settings import Settings

_FIELDS = (
    Field("postcode", "Postcode", "code"),
    Field("ward_code", "Ward code", "code"),
    Field("ward_name", "Ward", "text"),
    Field("authority_name", "Council", "text"),
    Field("residents", "Residents of the ward", "people"),
    Field("band", "Risk band (10 = highest)", "count"),
    Field("tier", "Tier", "text"),
    Field("drivers", "Main drivers", "text"),
)
_SHOWN = 200


def page() -> None:
    st.title("Postcode check")
    st.html(
        f"<p class='atlas-lead'>Paste up to {MOST:,} postcodes, of venues or of a scheme’s area, "
        "and see which wards they are in and how those stand in England. A ward’s risk says "
        "nothing about the people at an address.</p>"
        "<p class='atlas-note'>The list is looked up in the Atlas’s own tables, kept only while "
        "this page is open, and never stored or passed on. Paste postcodes alone, no names.</p>"
    )
    text = st.text_area("Postcodes", height=180, max_chars=40_000, placeholder="M1 1AD\nOX1 1BX")
    if not text.strip():
        return
    settings = Settings()
    tests = risk.kept_tests(settings) or risk.run_tests(settings)
    found = look_up(
        text,
        risk.postcodes(),
        atlas().places,
        atlas().snapshot.wards,
        risk.assessor().index(settings),
        tests,
    )
    _summary(found)
    if not found.found.empty:
        _wards(found)
        csv_button("postcodes-by-ward", lambda: found.found, _FIELDS, "postcodes_csv")
    _problems(found)


def _summary(found: Pasted) -> None:
    postcodes, wards = len(found.found), len(found.by_ward)
    high = int((found.found["band"] == 10).sum())
    st.html(
        f"<p class='atlas-lead' role='status'>{postcodes:,} postcodes found in {wards:,} wards; "
        f"{high:,} of them are in wards of England’s highest-risk tenth.</p>"
    )


def _wards(found: Pasted) -> None:
    headings = [cell("Ward"), cell("Council"), cell("Postcodes", number=True)]
    headings += [cell("Risk band (10 = highest)", number=True), cell("Tier"), cell("Main drivers")]
    rows = [
        [
            cell(str(line["ward_name"])),
            cell(natural(str(line["authority_name"]))),
            cell(f"{line['postcodes']:,}", number=True),
            cell("no data" if pd.isna(line["band"]) else f"{line['band']:.0f}", number=True),
            cell(str(line["tier"]) or "no data"),
            cell(str(line["drivers"])),
        ]
        for line in found.by_ward.head(_SHOWN).to_dict("records")
    ]
    st.html(table("Wards of the postcodes, compared with England", headings, rows))


def _problems(found: Pasted) -> None:
    notes = []
    if found.unmatched:
        notes.append(f"Not in the Atlas (new, ended or outside England): {_some(found.unmatched)}.")
    if found.unreadable:
        notes.append(f"Not a postcode: {_some(found.unreadable)}.")
    if found.repeated:
        notes.append(f"Repeated, counted once: {found.repeated:,}.")
    if found.left_over:
        notes.append(f"Beyond the first {MOST:,} and not looked up: {found.left_over:,}.")
    st.html("".join(f"<p class='atlas-note'>{escaped(note)}</p>" for note in notes))


def _some(entries: tuple[str, ...]) -> str:
    more = len(entries) - 50
    return ", ".join(entries[:50]) + (f" and {more:,} more" if more > 0 else "")


page()
