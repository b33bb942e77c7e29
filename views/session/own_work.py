"""What a reader has made or been told in this visit: decisions logs, answers, who owns them."""

from dataclasses import replace

import streamlit as st

from atlas.briefing.decisions_log import Log
from atlas.datastore.audit import LocalReport
from views.session.snapshot import atlas

_LOGS, _ANSWERS = "decisions_log", "audit_local"


def logs() -> dict[str, Log]:
    """Return the logs of this visit by place, those with something in them."""
    held: dict[str, Log] = st.session_state.get(_LOGS, {})
    return {place: log for place, log in held.items() if log.done or log.decisions}


def log_of(place: str) -> Log:
    """Return the log of a place (its codes, by comma), an empty one where there is none."""
    return logs().get(place) or Log(place, owner(), atlas().snapshot.version)


def keep_log(log: Log) -> None:
    """Hold a log in place of the one of its place."""
    st.session_state[_LOGS] = logs() | {log.place: log}


def signed(log: Log) -> Log:
    """Return a log as it is saved: with its owner, and the data version in force."""
    return replace(log, owner=owner(), data_version=atlas().snapshot.version)


def local_report() -> LocalReport | None:
    """Return what a filled-in template said of local data, None without one."""
    return st.session_state.get(_ANSWERS)


def hold_answers(report: LocalReport | None) -> None:
    """Hold what a template said in place of what was held; None lets it go."""
    st.session_state[_ANSWERS] = report


def forget_work() -> None:
    """Let logs and answers go."""
    for key in (_LOGS, _ANSWERS):
        st.session_state.pop(key, None)


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
        placeholder="A person’s name",
        help="The person responsible for this briefing. The name stands on every page of the "
        "pack, or “not named”. It is kept for this visit only.",
        on_change=_given,
    )
    return owner()


def _given() -> None:
    st.session_state[_OWNER] = " ".join(st.session_state[_BOX].split())
