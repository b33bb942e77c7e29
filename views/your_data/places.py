"""Your data: places to get help, looked at first and then held for this visit."""

import pandas as pd
import streamlit as st

from atlas.files.spreadsheets import Field, Sheet
from atlas.text.lists import counted
from atlas.uploads.report import Report
from atlas.uploads.venues import UNKNOWN_KIND, VENUE_COLUMNS
from views.kit.doors import go_to
from views.kit.downloads import template_buttons
from views.kit.html import cell, escaped, prose, table
from views.kit.row_report import notes, row_report
from views.kit.upload_box import brought_file
from views.session import uploads, url
from views.session.browser_store import HEADING, focus_on
from views.session.snapshot import atlas
from views.your_data.open_file import OpenFile, close, open_file, opened
from views.your_data.preview import close_button, preview

BOX = "own_places"
_SHOWN = 25
_ABOUT = {
    "Title": "Template: places to get help",
    "How to use it": "Fill in the sheet “Places”, one row for each place, and bring it to the page "
    "“Your own data”. Delete the example. A row needs a name, and a postcode or a pair of "
    "coordinates.",
}


def places() -> None:
    """Show the box for a file of places, the file that is open, and the places held."""
    prose(
        "<h2 class='atlas-h2'>Places to get help</h2>"
        "<p>One row for each place: its name, and a postcode or coordinates. Everything else may "
        "stay blank. Your own list will do, or the template.</p>"
    )
    template_buttons("places-template", _template(), _ABOUT, "places")
    if found := opened("places"):
        preview("places", found)
        _take(found)
    elif brought_file(BOX, "Your file of places", lambda file: open_file("places", file)):
        st.rerun()
    if held := uploads.held().places:
        _held(held)


def _take(found: OpenFile) -> None:
    count = len(found.report.venues)
    label = "Add this place" if count == 1 else f"Add these {count:,} places"
    held = uploads.own_venues()
    if held:
        prose(f"<p>They take the place of the {len(held):,} held now.</p>")
    with st.container(horizontal=True):
        add = st.button(label, type="primary", icon=":material/add:", disabled=not count)
        close_button("places")
    if add:
        uploads.hold_places(found.report, found.brought)
        close("places")
        focus_on(HEADING)
        st.rerun()


def _template() -> Sheet:
    columns = VENUE_COLUMNS.values()
    fields = [Field(each["heading"], each["heading"], "text", each["note"]) for each in columns]
    example = pd.DataFrame([{each["heading"]: each["example"] for each in columns}])
    return Sheet("Places", fields, example)


def _held(report: Report) -> None:
    venues = report.venues
    count = counted(len(venues), "place is", "places are")
    text = f"{count} held, from {uploads.held().places_from}."
    prose(f"<p class='atlas-lead' role='status'>{escaped(text)}</p>{notes(report.notes)}")
    names = atlas().places
    # On a narrow screen there is no room for a column that says nothing.
    typed = any(venue.kind != UNKNOWN_KIND for venue in venues)
    body = [
        [
            cell(f"{number}. {venue.name}"),
            *[cell(venue.kind)] * typed,
            cell(names[venue.ward_code].label if venue.ward_code in names else "not known"),
            cell(venue.postcode or "by coordinates"),
            cell("; ".join(text for _, text in venue.hours) or "not known"),
        ]
        for number, venue in enumerate(venues[:_SHOWN], start=1)
    ]
    go_to("map", "See them on the map", url.link(url.view()))
    some = f"the first {_SHOWN} of {len(venues):,}" if len(venues) > _SHOWN else "all"
    headings = ["Place", *["Type"] * typed, "Ward", "Postcode", "Opening hours"]
    st.html(table(f"Places held ({some})", list(map(cell, headings)), body))
    row_report(report.problems, "places_report")
