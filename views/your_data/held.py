"""Your data: what this visit holds, and what becomes of it."""

from pathlib import Path

import streamlit as st

from atlas.text.lists import counted
from views.kit.html import escaped, prose
from views.kit.upload_box import clear_messages
from views.session import browser_store, own_work, uploads
from views.your_data import figures, places
from views.your_data.open_file import close, opened

_STYLE = Path(__file__).with_name("your_data.css")


def held() -> None:
    """Say what is held, with a button that lets everything go."""
    st.html(_STYLE)
    now = uploads.held()
    parts = []
    if venues := uploads.own_venues():
        parts.append(counted(len(venues), "place"))
    if now.measures:
        parts.append(counted(len(now.measures), "measure"))
    text = f"You have added {' and '.join(parts)}." if parts else "You have not added any data."
    waiting = sum(opened(kind) is not None for kind in ("places", "figures"))
    more = {
        f" {counted(waiting, 'file is', 'files are')} open and not yet added.": waiting,
        " Saved work has your decisions or answers.": own_work.logs() or own_work.local_report(),
        " What if has your scenario.": browser_store.scenario_text(),
        " This browser keeps your scenario and decisions.": browser_store.keeping(),
    }
    text += "".join(said for said, holds in more.items() if holds)
    with st.container(
        key="own_held",
        border=True,
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
    ):
        prose(f"<p role='status'><strong>{escaped(text)}</strong></p>")
        st.button(
            "Forget my data",
            disabled=not (parts or any(more.values())),
            on_click=_forget,
            icon=":material/delete:",
            help="Lets everything go at once: places, measures, open files, scenario, decisions, "
            "answers and what this browser keeps.",
        )


def _forget() -> None:
    uploads.forget()
    own_work.forget_work()
    browser_store.forget()
    for kind in ("places", "figures"):
        close(kind)
    for key in (places.BOX, figures.BOX):
        clear_messages(key)
    browser_store.focus_on(browser_store.HEADING)


def what_happens() -> None:
    """Say where brought data goes, who sees it, and what is refused."""
    with st.expander("What happens with your data"):
        prose(
            "<ul class='atlas-list'>"
            "<li>It goes to this Atlas’s own server and to nobody else. It is read there by a "
            "separate process that can write nothing and reach nothing.</li>"
            "<li>It is held in the server’s memory for this visit: not saved, not logged, not seen "
            "by other visitors. It goes when you press “Forget my data”, and about a minute after "
            "you close the page.</li>"
            "<li>Leaving or reloading the page loses it: your browser asks first. Only a scenario "
            "and decisions logs can be kept in your browser, if you choose it under “Saved "
            "work”.</li>"
            "<li>A link that you share does not carry it. A file that you download does.</li>"
            "<li>Bring areas and places, never people: tables with names, emails, phone, NHS or "
            "National Insurance numbers are refused. Numbers of people from 1 to 4 are shown as "
            "“fewer than 5”.</li>"
            "<li>The Atlas cannot check your figures. They change no published figure, and "
            "count in the ward list only where you give them a weight.</li></ul>"
        )
