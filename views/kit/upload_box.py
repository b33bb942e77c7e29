"""A box to bring a file by; its bytes are taken at once and let go of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from atlas.text.safe_text import plain
from atlas.uploads.reading.table import RefusedError
from serving.settings import settings
from views.kit.html import plain_markdown
from views.session.request_queue import leave_turn

Made = TypeVar("Made")
_NAME = 80


@dataclass(frozen=True)
class BroughtFile:
    """A file as the visitor brought it: its name, made safe to show, and its bytes."""

    name: str
    data: bytes = field(repr=False)


def brought_file(key: str, label: str, make: Callable[[BroughtFile], Made]) -> Made | None:
    """Let the visitor bring a file; return what ``make`` made of it on the run it came, or None.

    What cannot be used is said beneath the box, in the words of its :class:`RefusedError`. The
    uploaded copy is removed from the server as soon as ``make`` has seen it.
    """
    if settings().site.frame_ancestors and "_streamlit_xsrf" not in st.context.cookies:
        # What proves that an upload is this page's own is not sent from inside another site.
        st.info("A page inside another site cannot take files. Open it in a tab of its own.")
        st.link_button("Open in a tab of its own", st.context.url or "")
        return None
    turn, said = f"{key}_turn", f"{key}_said"
    count = st.session_state.setdefault(turn, 0)
    file = st.file_uploader(
        label,
        type=["csv", "xlsx", "xls", "ods", "txt", "tsv"],
        key=f"{key}_{count}",
        help="CSV, Excel (.xlsx, .xls) or OpenDocument (.ods): at most 10 MB and 200,000 rows.",
    )
    made = None
    if file is not None:
        st.session_state[said] = ""
        try:
            with st.spinner("Reading and checking the file"):
                leave_turn()
                made = make(BroughtFile(plain(file.name, _NAME), file.getvalue()))
        except RefusedError as refused:
            st.session_state[said] = str(refused)
        let_go()
        # A new box: an empty one, so that the same file can be mended and brought again.
        st.session_state[turn] = count + 1
        if made is None:
            st.rerun()
    if st.session_state.get(said):
        st.error(plain_markdown(st.session_state[said]))
    return made


def clear_messages(key: str) -> None:
    """Let go of what was said about a file."""
    st.session_state.pop(f"{key}_said", None)


def let_go() -> None:
    """Remove the files of this visit from the server; what they held has been read."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)
