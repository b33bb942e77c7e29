"""The one door of a private build: no page runs for anyone who has not signed in.

``app.py`` asks here before it does anything else. In the public build nothing is asked.
"""

import time

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

_HOUR = 3600


def allowed(required: bool, hours: float) -> bool:
    """Tell whether this visitor may see pages.

    Where sign-in is required that takes a sign-in not older than ``hours``; a provider
    that does not tell when it was is not believed.
    """
    if not required:
        return True
    if not st.user.get("is_logged_in", False):
        return False
    issued = st.user.get("iat")
    return isinstance(issued, (int, float)) and time.time() - issued < hours * _HOUR


def ask() -> None:
    """Show the way in, in place of every page."""
    st.title("Sign in to this Atlas")
    if not _configured():
        st.error(
            "This Atlas is for people who have signed in, and signing in has not been set up. If "
            "you run it, add [auth] to .streamlit/secrets.toml; docs/operating.md says how."
        )
        return
    st.html(
        "<p class='atlas-lead'>This Atlas holds figures that are not for everyone. Sign in with "
        "your organisation’s account to see it.</p>"
    )
    st.button("Sign in", on_click=st.login, type="primary", key="sign_in")


def way_out(required: bool) -> None:
    """Offer to sign out, at the end of the sidebar, where signing in was needed."""
    if required:
        st.sidebar.button("Sign out", on_click=st.logout, key="sign_out")


def _configured() -> bool:
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False
