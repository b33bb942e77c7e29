"""A reader's own work in their own browser: kept where they ask for it, warned of where not.

A scenario and decisions logs can be kept. They lie in the browser's storage for this site alone;
the server has them for the visit and no longer.
"""

import json
from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from atlas.briefing.decisions_log import LogError, read, written
from views.session import own_work, uploads
from views.session.page_url import LONGEST, open_params, show_params

_frame = declare_component("kept", path=Path(__file__).with_name("browser_store_frame"))
# Pages where work is begun: there the browser is asked what it keeps.
_TABS = frozenset(("saved_work", "what_if", "first_100_days"))
_KEEPING, _CLEAR, _RESTORED = "store_keeping", "store_clear", "store_restored"
_WHAT_IF, _SCENARIO = "what_if", "scenario"
_LARGEST = 2_000_000


def keeping() -> bool:
    """Tell whether the reader has asked this browser to keep their work."""
    return bool(st.session_state.get(_KEEPING, False))


def keep(chosen: bool) -> None:
    """Keep work in the browser from now on, or let go of what it keeps."""
    st.session_state[_KEEPING] = chosen
    st.session_state[_CLEAR] = not chosen
    st.session_state[_RESTORED] = True


def unsaved() -> bool:
    """Tell whether a reload would lose something that the reader brought or made."""
    held = uploads.held()
    brought = bool(held.places or held.measures or own_work.local_report())
    made = bool(own_work.logs()) or len(_scenario()) > LONGEST
    return brought or (made and not keeping())


def _scenario() -> str:
    return open_params(_WHAT_IF, (_SCENARIO,)).get(_SCENARIO, "")


def _text() -> str:
    logs = [written(own_work.signed(log)).decode() for log in own_work.logs().values()]
    return json.dumps({_SCENARIO: _scenario(), "logs": logs}, ensure_ascii=False)


def run(tab: str) -> None:
    """Tell the browser what to keep, and take back what it kept when a visit begins.

    ``tab`` is the key of the tab that is open. Call it once in a run, after the page.
    """
    clear = st.session_state.pop(_CLEAR, False)
    if not (clear or keeping() or unsaved() or tab in _TABS):
        return
    with st.container(key="browser_store"):
        found = _frame(
            unsaved=unsaved(), kept=_text() if keeping() else "", clear=clear, key="browser_kept"
        )
    if isinstance(found, str) and not st.session_state.get(_RESTORED):
        st.session_state[_RESTORED] = True
        if _restored(found):
            st.session_state[_KEEPING] = True
            st.rerun()


def _restored(text: str) -> bool:
    """Take back what a browser kept; False for what cannot be read. What is here already stays."""
    try:
        content = json.loads(text) if len(text) <= _LARGEST else {}
        logs = [read(str(each).encode()) for each in content["logs"]]
        scenario = content[_SCENARIO]
    except (ValueError, LookupError, TypeError, RecursionError, LogError):
        return False
    for log in logs:
        if log.place not in own_work.logs():
            own_work.keep_log(log)
    if isinstance(scenario, str) and scenario and not _scenario():
        show_params(_WHAT_IF, (_SCENARIO,), {_SCENARIO: scenario})
    return True
