"""Sheets to print: the one on the page, or all of an area at once, with a contact on each."""

from collections.abc import Sequence

import streamlit as st

from atlas.places.places import Place
from atlas.snapshot.snapshot import SnapshotError
from atlas.text.lists import counted
from atlas.turns import BusyError
from atlas.ward.sheet import Sheets, WardSheet
from atlas.ward.sheet_html import batch, batch_of, document, file_name
from atlas.worker import WorkerError, for_long_work
from views.kit.downloads import file_button
from views.kit.html import escaped, prose
from views.kit.notices import unfinished
from views.session.kept import Kept
from views.session.request_queue import WAITING, long_turn
from views.session.snapshot import atlas

_MOST = 1_000
_MADE, _CONTACT = "ward_sheets_made", "sheet_contact"
# By area and the site's own address: the last few, for those who ask for the same.
_zips: Kept[tuple[str, str], bytes] = Kept(4)


def contact() -> str:
    """Return whom the sheets name for mistakes, "" where the visitor named nobody."""
    return " ".join(st.session_state.get(_CONTACT, "").split())


def one_sheet(made: WardSheet) -> None:
    """Offer one sheet as a page that works offline and prints on one A4 page."""
    file_button(
        "Print this sheet",
        lambda: document(made.ward.label, [made]),
        file_name(made.ward),
        "one_sheet",
        type="primary",
        icon=":material/print:",
        help="Downloads a web page that works without the internet. Print it from any browser: "
        "one A4 page.",
    )


def ask_for_contact() -> None:
    """Ask whom the sheets shall name for mistakes."""
    st.text_input(
        "Who can readers contact about a mistake?",
        key=_CONTACT,
        max_chars=80,
        placeholder="A name, phone number or email, printed on each sheet",
        help="Printed under “Is something wrong?”. If you leave it empty, the sheet names the "
        "people who gave it out and the library service. It is not kept.",
    )


def all_sheets(maker: Sheets, area: Place) -> None:
    """Offer the sheets of all wards of an area in one zip."""
    codes = atlas().places.wards(area.code)
    with st.container(key="all_sheets"):
        st.html(f"<h2 class='atlas-h2'>All wards of {escaped(area.label)}</h2>")
        if len(codes) > _MOST:
            prose(
                f"<p class='atlas-list'>{escaped(area.label)} has {len(codes):,} wards, too many "
                "for one file. Choose a region, a combined authority or a council under “Find a "
                "place”.</p>"
            )
            return
        prose(
            f"<p class='atlas-list'>{counted(len(codes), 'sheet')} in one zip file. It has a page "
            "for each ward that works without the internet, a list of them, and one page to print "
            "them all.</p>"
        )
        wanted = (atlas().snapshot.version, area.code, maker.contact, maker.own)
        if st.button(f"Make {counted(len(codes), 'sheet')}", key="make_sheets"):
            with st.empty():
                try:
                    st.session_state[_MADE] = (wanted, _packed(maker, area, codes))
                except (BusyError, WorkerError) as error:
                    st.info(unfinished("The sheets could not be made.", error))
        made = st.session_state.get(_MADE)
        if made and made[0] == wanted:
            label = f"Download {counted(len(codes), 'sheet')}, {len(made[1]) / 1e6:.1f} MB"
            file_button(label, made[1], f"ward-sheets-{area.code}.zip", "sheets_zip")


def _packed(maker: Sheets, area: Place, codes: Sequence[str]) -> bytes:
    bar = st.progress(0.0, "Making the sheets")

    def tell(done: float) -> None:
        bar.progress(done, f"Making the sheets: {round(done * len(codes)):,} of {len(codes):,}")

    def make() -> bytes:
        readers = {"own": maker.own, "contact": maker.contact, "address": maker.address}
        begun = maker.snapshot
        given = begun.folder, begun.version, maker.tests, readers, area.code
        try:
            return for_long_work.do(batch_of, *given, told=tell)
        except SnapshotError:
            # The folder is no longer what this visit began with, which goes on all the same.
            return batch(maker, area, codes, tell)

    with long_turn(lambda: bar.progress(0.0, WAITING)):
        # Nobody is given what holds somebody's own words or places.
        shared = not (maker.contact or maker.own)
        packed = _zips.get_or_make((area.code, maker.address), make) if shared else make()
    bar.empty()
    return packed
