"""The named owner of a briefing: kept for the visit only, never in an address or a file here."""

import streamlit as st

_OWNER, _BOX = "brief_owner", "brief_owner_box"
LONGEST = 80


def owner() -> str:
    """Return the name given in this visit, "" where none was."""
    return st.session_state.get(_OWNER, "")


def owner_box() -> str:
    """Draw the box for the owner's name and return what it holds."""
    st.session_state[_BOX] = owner()
    st.text_input(
        "Owner",
        key=_BOX,
        max_chars=LONGEST,
        placeholder="Who answers for it",
        help="The person who answers for this briefing. The name stands on every page of the "
        "pack, or “not named”. It is kept for this visit only.",
        on_change=_given,
    )
    return owner()


def _given() -> None:
    st.session_state[_OWNER] = " ".join(st.session_state[_BOX].split())
