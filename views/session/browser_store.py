"""What only a reader's own browser can do: keep their work, open a page, move the focus.

A scenario and decisions logs can be kept. They lie in the browser's storage for this site alone;
the server has them for the visit and no longer.
"""

import json
from pathlib import Path

import streamlit as st
from streamlit.components.v1 import declare_component

from atlas.briefing.decisions_log import read, written
from views.session import own_work, uploads
from views.session.page_url import LONGEST, open_params, show_params
from views.session.snapshot import atlas

_frame = declare_component("kept", path=Path(__file__).with_name("browser_store_frame"))
# Pages where work is begun or let go: there the browser is asked what it keeps.
_TABS = frozenset(("saved_work", "what_if", "first_100_days", "your_data"))
_KEEPING, _CLEAR, _RESTORED = "store_keeping", "store_clear", "store_restored"
# The scenario of a link beside another that was kept; logs that were kept and cannot be read.
_OTHER, _UNREAD = "store_other", "store_unread"
_FOCUS, _FOCUSED = "browser_focus", "browser_focused"
# What takes the focus where no control is near what is gone.
HEADING = "heading"
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
    for key in (_OTHER, _UNREAD):
        st.session_state.pop(key, None)


def forget() -> None:
    """Let go of the scenario, and of all that the browser keeps."""
    keep(False)
    _show_scenario("")


def unsaved() -> bool:
    """Tell whether a reload would lose something that the reader brought or made."""
    held = uploads.held()
    brought = bool(held.places or held.measures or own_work.local_report())
    made = bool(own_work.logs()) or len(scenario_text()) > LONGEST
    return brought or (made and not keeping())


def scenario_text() -> str:
    """Return the scenario of the visit as the address has it, "" without one."""
    return open_params(_WHAT_IF, (_SCENARIO,)).get(_SCENARIO, "")


def _show_scenario(text: str) -> None:
    show_params(_WHAT_IF, (_SCENARIO,), {_SCENARIO: text})


def other_scenario() -> str:
    """Return the scenario that the browser keeps while a link shows another, "" for none."""
    of_link, kept = st.session_state.get(_OTHER, ("", ""))
    if of_link != scenario_text():
        # The reader has changed it: from now on theirs is the one to keep.
        st.session_state.pop(_OTHER, None)
        return ""
    return str(kept)


def show_other() -> None:
    """Go on with the scenario that the browser keeps."""
    _show_scenario(other_scenario())


def _unread() -> list[str]:
    return st.session_state.get(_UNREAD, [])


def _text() -> str:
    logs = [written(own_work.signed(log)).decode() for log in own_work.logs().values()]
    kept = {_SCENARIO: other_scenario() or scenario_text(), "logs": [*logs, *_unread()]}
    return json.dumps(kept)


def focus_on(key: str) -> None:
    """Have the browser give the focus to the control whose key begins so, or to the page's
    ``HEADING``, once the page is drawn: for where the control that was pressed goes away.
    """
    # Counted, so that the browser follows the same wish a second time.
    st.session_state[_FOCUSED] = st.session_state.get(_FOCUSED, 0) + 1
    st.session_state[_FOCUS] = f"{key} {st.session_state[_FOCUSED]}"


def open_page(address: str) -> None:
    """Have the browser open an address of the site, as one step of its history."""
    with st.container(key="browser_way"):
        _frame(open=address, key="browser_open")


def run(tab: str) -> None:
    """Tell the browser what to keep, and take back what it kept: once in a run, after the page."""
    clear, focus = st.session_state.pop(_CLEAR, False), st.session_state.pop(_FOCUS, "")
    if not (clear or focus or keeping() or unsaved() or tab in _TABS):
        return
    for text in _unread() if tab in _TABS else ():
        st.warning(f"{_named(text)} that this browser keeps cannot be read. It stays as it is.")
    with st.container(key="browser_store"):
        found = _frame(
            unsaved=unsaved(),
            kept=_text() if keeping() else "",
            clear=clear,
            focus=focus,
            key="browser_kept",
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
        scenario, logs = content[_SCENARIO], [str(each) for each in content["logs"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    if not isinstance(scenario, str):
        return False
    st.session_state[_UNREAD] = [each for each in logs if not _log_restored(each)]
    if scenario and scenario_text() not in ("", scenario):
        st.session_state[_OTHER] = (scenario_text(), scenario)
    elif scenario:
        _show_scenario(scenario)
    return True


def _log_restored(text: str) -> bool:
    try:
        log = read(text.encode())
    except ValueError:
        return False
    if log.place not in own_work.logs():
        own_work.keep_log(log)
    return True


def _named(text: str) -> str:
    """Name a log that cannot be read by its place, as far as that can be told."""
    try:
        return f"The decisions log of {atlas().places[json.loads(text)['place']].label}"
    except (ValueError, LookupError, TypeError, RecursionError):
        return "A decisions log"
