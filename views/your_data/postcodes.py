"""Postcode check: a pasted list becomes wards, with their risk, tier and drivers."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from atlas.files.spreadsheets import Field
from atlas.places.places import natural
from atlas.places.view_url import query
from atlas.risk.request import RiskRequest
from atlas.text.lists import counted
from atlas.uploads.postcode_list import MOST_POSTCODES, PostcodeList, listed_in, listed_postcodes
from atlas.uploads.reading.process import read_upload
from atlas.ward_list.postcode_check import WardsOfPostcodes, look_up
from serving.settings import settings
from views.cached import risk
from views.kit.downloads import address_of, take_away
from views.kit.html import Cell, escaped, linked_ward, numbers, prose, table
from views.kit.row_report import notes, row_report
from views.kit.upload_box import BroughtFile, brought_file
from views.session import url
from views.session.snapshot import atlas
from views.ward_list.sections import STYLE

_FIELDS = (
    Field("postcode", "Postcode", "code"),
    Field("ward_code", "Ward code", "code"),
    Field("ward_name", "Ward", "text"),
    Field("authority_name", "Council", "text"),
    Field("residents", "Residents of the ward", "people"),
    Field("band", "Risk band (10 = highest)", "count", "Tenth of England’s residents."),
    Field("tier", "How sure", "text", "Of being in the highest fifth; blank below it."),
    Field("drivers", "Main drivers", "text", "Indicators that raise the ward’s risk most."),
)
_SHOWN = 200
# A list of 20,000 with an address around each, and no more than one message may hold.
_LONGEST = 1_000_000
_TEXT, _FILE, _LISTED = "postcodes_text", "postcodes_file", "postcodes_listed"


def page() -> None:
    """Draw the box for postcodes, and the wards of those given."""
    st.html(STYLE)
    st.title("Postcode check")
    prose(
        f"<p class='atlas-lead'>Paste up to {MOST_POSTCODES:,} postcodes and see which wards they "
        "are in, and how these stand in England. A ward’s risk says nothing about the people at an "
        "address.</p>"
        "<p class='atlas-note'>Leave out names and house numbers. The list goes to this Atlas’s "
        "own server, which keeps it for this visit only and passes it on to nobody.</p>"
    )
    with st.form("postcodes_form", border=False):
        text = st.text_area(
            "Postcodes", height=180, max_chars=_LONGEST, placeholder="M1 1AD\nOX1 1BX", key=_TEXT
        )
        pressed = st.form_submit_button("Check postcodes", type="primary")
    if settings().uploads.allowed and (made := brought_file(_FILE, "Or a file of them", _read)):
        st.session_state[_LISTED] = made
    listed = _pasted(text) if text.strip() else st.session_state.get(_LISTED)
    if listed is None:
        if pressed:
            st.warning("Paste at least one postcode first.")
        return
    asked = RiskRequest()
    tests = risk.run_tests(asked)
    hits = [hit for _, hit in listed.found]
    index = risk.scorer().index(asked)
    found = look_up(hits, atlas().places, atlas().snapshot.wards, index, tests)
    _summary(found)
    if listed.notes:
        st.html(notes(listed.notes))
    row_report(listed.problems, "postcode_rows")
    if not found.found.empty:
        _wards(found)
        about = {
            "Title": "Postcodes by ward",
            "Data version": atlas().snapshot.version,
            "Link": address_of(query(url.view())),
        }
        take_away("postcodes-by-ward", lambda: found.found, _FIELDS, about, "postcodes")


def _pasted(text: str) -> PostcodeList:
    if len(text) >= _LONGEST:
        st.warning(
            f"The paste was cut at {_LONGEST:,} characters, the most that fit. Bring the list as a "
            "file instead."
        )
    return listed_postcodes(enumerate(text.splitlines(), start=1), atlas().postcodes.find)


def _read(file: BroughtFile) -> PostcodeList:
    return listed_in(read_upload(file.data, "postcodes"), atlas().postcodes.find)


def _summary(found: WardsOfPostcodes) -> None:
    postcodes, wards = len(found.found), len(found.by_ward)
    if not postcodes:
        prose(
            "<p class='atlas-lead' role='status'>None of these postcodes was found. Write one on "
            "each line, such as M1 1AD.</p>"
        )
        return
    high = int((found.found["band"] == 10).sum())
    blank = int(found.found["band"].isna().sum())
    without = f" {_number(blank)} in a ward without data." if blank else ""
    prose(
        f"<p class='atlas-lead' role='status'>{counted(postcodes, 'postcode')} found in "
        f"{counted(wards, 'ward')}. {_number(high)} in a ward of England’s highest-risk tenth."
        f"{without}</p>"
    )


def _number(number: int) -> str:
    return "One is" if number == 1 else "None is" if not number else f"{number:,} are"


def _wards(found: WardsOfPostcodes) -> None:
    headings = ["Ward", *numbers("Postcodes", "Risk band"), "How sure", "Main drivers"]
    rows = [
        [
            _ward(line),
            f"{line['postcodes']:,}",
            "no data" if pd.isna(line["band"]) else f"{line['band']:.0f}",
            str(line["tier"]) or ("no data" if pd.isna(line["band"]) else "not in it"),
            str(line["drivers"]) or "no data",
        ]
        for line in found.by_ward.head(_SHOWN).to_dict("records")
    ]
    more = len(found.by_ward) - _SHOWN
    caption = (
        "Wards of the postcodes. Risk band: tenths of England’s residents, 10 = highest risk. How "
        "sure: whether tests of the method keep the ward in the highest fifth."
        + (f" The first {_SHOWN} wards; the file has all." if more > 0 else "")
    )
    st.html(table(caption, headings, rows, css="atlas-tight"))


def _ward(line: Mapping[Hashable, Any]) -> Cell:
    name = linked_ward(str(line["ward_name"]), str(line["ward_code"]))
    council = escaped(natural(str(line["authority_name"])))
    return Cell(f"{name.html}<span class='atlas-under'>{council}</span>")
