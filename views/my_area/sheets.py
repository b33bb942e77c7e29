"""One ward in plain English on one sheet of paper, and all sheets of an area at once."""

from pathlib import Path

import streamlit as st

from atlas.places.places import Place
from atlas.places.site_map import script, tab_params
from atlas.places.view_url import View
from atlas.ward.sheet import Sheets
from atlas.ward.sheet_html import STYLE, article, batch, document, file_name
from views.cached.ward_sheets import sheets
from views.kit.doors import go_to
from views.kit.html import escaped, plain_markdown
from views.session import url
from views.session.kept import Kept
from views.session.request_queue import WAITING, long_turn
from views.session.snapshot import atlas

_LOOK = Path(__file__).with_name("ward_sheets.css")
_MOST = 1_000
_MADE, _CONTACT = "ward_sheets_made", "sheet_contact"
# By area and the site's own address: the last few, for those who ask for the same.
_zips: Kept[tuple[str, str], bytes] = Kept(4)
_WAYS = {
    "measures": "Every measure of this ward",
    "help_nearby": "All help near here",
    "map": "See it on the map",
}


def page() -> None:
    """Draw the sheet of the ward in view, or the places to choose one from."""
    st.html(STYLE)
    st.html(_LOOK)
    view = url.view()
    area = atlas().places[view.place]
    maker = sheets(" ".join(st.session_state.get(_CONTACT, "").split()))
    if view.ward:
        _one(maker, view.ward)
    else:
        choose_a_ward(area, "my_area")
    with st.expander("Sheets for print: a contact, and all wards at once"):
        _contact()
        _all(maker, area)


def _one(maker: Sheets, ward_code: str) -> None:
    made = maker.sheet(ward_code)
    st.title(made.ward.label)
    st.html(f"<div class='atlas-sheet'>{article(made, level=2)}</div>")
    with st.container(horizontal=True, key="my_area_ways"):
        st.download_button(
            "Print this sheet",
            lambda: document(made.ward.label, [made]),
            file_name=file_name(made.ward),
            mime="text/html",
            key="one_sheet",
            on_click="ignore",
            type="primary",
            icon=":material/print:",
            help="Downloads a web page that works without the internet. Print it from any "
            "browser: one A4 page.",
        )
        for key, words in _WAYS.items():
            go_to(key, words, url.link(url.view()))


def choose_a_ward(area: Place, key: str) -> None:
    """Draw the places inside an area, each leading to the tab ``key`` of a ward or on to wards."""
    st.html(_LOOK)
    inside = atlas().places.children(area.code)
    st.title(f"My area: {area.label}")
    st.html(
        "<p class='atlas-lead'>Type a postcode or the name of a ward, or choose below. You get one "
        "page in plain English: what to know about the ward, and where to get help.</p>"
    )
    with st.container(key="my_area_choice", horizontal=True, gap=None):
        for place in inside:
            there = View(area.code, place.code) if place.kind == "ward" else View(place.code)
            name = place.name if place.kind == "ward" else place.label
            st.page_link(
                script(key),
                label=plain_markdown(name),
                query_params=tab_params(key) | url.link(there),
            )
    go_to("map", "Choose on the map", url.link(url.view()))


def _contact() -> None:
    st.text_input(
        "Who can readers contact about a mistake?",
        key=_CONTACT,
        max_chars=80,
        placeholder="A name, phone number or e-mail, printed on each sheet",
        help="Printed under “Is something wrong?”. Left empty, the sheet names the people who gave "
        "it out and the library service. It is not kept.",
    )


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

            def make() -> bytes:
                return batch(maker, area, codes, lambda done: _tell(bar, done, len(codes)))

            with long_turn(lambda: bar.progress(0.0, WAITING)):
                # Nobody is given what holds somebody's own words or places.
                shared = not (maker.contact or maker.own)
                key = (area.code, maker.address)
                packed = _zips.get_or_make(key, make) if shared else make()
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
