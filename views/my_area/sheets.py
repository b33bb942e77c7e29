"""One ward in plain English on one sheet of paper, and all sheets of an area at once."""

from pathlib import Path

import streamlit as st

from atlas.places.places import Place
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import STYLE, article, batch, document, file_name
from views.cached.ward_sheets import sheets
from views.kit.html import escaped
from views.kit.notices import empty
from views.session import url
from views.session.request_queue import WAITING, long_turn
from views.session.snapshot import atlas

_LOOK = Path(__file__).with_name("ward_sheets.css")
_MOST = 1_000
_MADE = "ward_sheets_made"


def page() -> None:
    """Draw the sheet of the ward in view, and offer those of its area."""
    st.html(STYLE)
    st.html(_LOOK)
    st.title("Ward sheets")
    st.html(
        "<p class='atlas-lead'>One ward on one A4 sheet, in plain English and large type: what to "
        "know, where to get help near by, and what nobody knows. For halls, libraries and doors; "
        "it holds in black and white and needs no internet.</p>"
    )
    view = url.view()
    contact = st.text_input(
        "Whom should readers tell of a mistake?",
        key="sheet_contact",
        max_chars=80,
        placeholder="A name, phone number or e-mail, printed on each sheet",
        help="Printed under “Is something wrong?”. Left empty, the sheet names the people who gave "
        "it out and the library service. It is not kept.",
    )
    maker = sheets(" ".join((contact or "").split()))
    if view.ward:
        _one(maker, view.ward)
    else:
        empty(
            "No ward is chosen yet.",
            "A sheet is about one ward.",
            "Type a postcode or the name of a ward under “Find a place”, or take all sheets of an "
            "area below.",
        )
    _all(maker, atlas().places[view.place])


def _one(maker: Sheets, ward_code: str) -> None:
    made = maker.sheet(ward_code)
    st.download_button(
        "Download this sheet",
        lambda: document(made.ward.label, [made]),
        file_name=file_name(made.ward),
        mime="text/html",
        key="one_sheet",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
        help="A web page that works without the internet. Print it from any browser: one A4 page.",
    )
    st.html(f"<div class='atlas-sheet'>{article(made, level=2)}</div>")


def _all(maker: Sheets, area: Place) -> None:
    codes = list(atlas().snapshot.wards["ward_code"].iloc[atlas().places.positions(area.code)])
    with st.container(key="all_sheets"):
        st.html(f"<h2 class='atlas-h2'>All wards of {escaped(area.label)}</h2>")
        if len(codes) > _MOST:
            st.html(
                f"<p class='atlas-list'>{escaped(area.label)} has {len(codes):,} wards, too many "
                "for one file. Choose a region, a combined authority or a council under “Find a "
                "place”.</p>"
            )
            return
        st.html(
            f"<p class='atlas-list'>{_many(len(codes))} in one zip: a page for each ward that "
            "works without the internet, a list of them, and one page to print them all.</p>"
        )
        wanted = (atlas().snapshot.version, area.code, maker.contact, maker.own)
        if st.button(f"Make all {len(codes):,} sheets", key="make_sheets"):
            bar = st.progress(0.0, "Making the sheets")
            with long_turn(lambda: bar.progress(0.0, WAITING)):
                packed = batch(maker, area, codes, lambda done: _tell(bar, done, len(codes)))
            st.session_state[_MADE] = (wanted, packed)
            bar.empty()
        made = st.session_state.get(_MADE)
        if made and made[0] == wanted:
            st.download_button(
                f"Download {len(codes):,} sheets, {len(made[1]) / 1e6:.1f} MB",
                made[1],
                file_name=f"ward-sheets-{area.code}.zip",
                mime="application/zip",
                key="sheets_zip",
                on_click="ignore",
                icon=":material/download:",
            )


def _many(number: int) -> str:
    return "One sheet" if number == 1 else f"{number:,} sheets"


def _tell(bar: "st.delta_generator.DeltaGenerator", done: float, of: int) -> None:
    bar.progress(done, f"Making the sheets: {round(done * of):,} of {of:,}")
