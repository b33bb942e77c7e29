"""Where every figure comes from: the published files, their caveats and licences."""

from datetime import date

import streamlit as st

from atlas.catalogue.sources import Source
from atlas.datastore.audit import age_in_words
from atlas.text.days import written_day
from views.data_and_method.words import WORDS
from views.kit.doors import go_to
from views.kit.html import TABLE, Cell, escaped, items, outward, prose, table
from views.session.snapshot import atlas


def page() -> None:
    """Draw the published files, each with its caveats."""
    used = list(atlas().sources.values())
    st.title("Data and sources")
    prose(f"<p class='atlas-lead'>{escaped(_lead(used))}</p>")
    st.html(f"<h2 class='atlas-h2'>Published files</h2>{_datasets(used)}")
    st.html(f"<h2 class='atlas-h2'>Caveats and attribution</h2>{_details(used)}")
    go_to("datastore", "Download the data, with what each column means")


def _lead(used: list[Source]) -> str:
    days = sorted(source.as_at for source in used)
    return (
        f"Every figure in the Atlas comes from {len(used)} published files, those for maps and "
        f"names included. The oldest is dated {written_day(days[0])}, the newest "
        f"{written_day(days[-1])}. Data version {atlas().snapshot.version}."
    )


def _datasets(used: list[Source]) -> str:
    today = date.today()
    rows = [
        [
            Cell(
                f"{outward(source.title, source.page)}<br>{escaped(source.publisher)}<br>"
                f"{outward(source.licence_name, source.licence_url)}"
            ),
            Cell(
                f"{escaped(source.dated)}<br>{age_in_words(source.as_at, today)} since "
                f"{written_day(source.as_at)}"
            ),
            _rows(source),
        ]
        for source in used
    ]
    headings = ["File, publisher and licence", "Date and age", "Rows"]
    return table("Files that this data version was made from", headings, rows, TABLE)


def _rows(source: Source) -> str:
    rows = atlas().snapshot.provenance["sources"][source.key].get("rows")
    things = WORDS["sources"]["rows"]
    named = things.get(source.key, things.get(source.geography, "rows"))
    return f"{rows:,} {named}" if rows else named


def _details(used: list[Source]) -> str:
    read, none = atlas().snapshot.provenance["sources"], "<p>No caveat is recorded.</p>"
    return "".join(
        f"<details class='atlas-details'><summary>{escaped(source.title)}</summary>"
        f"{f'<ul>{items(source.caveats)}</ul>' if source.caveats else none}"
        f"<p>{escaped(source.attribution)}</p>"
        f"<p class='atlas-note'>Checksum (SHA-256) of the file read: "
        f"<code>{escaped(str(read[source.key].get('sha256', 'not recorded')))}</code></p></details>"
        for source in used
    )
