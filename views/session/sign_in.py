"""The one door of a private build: no page runs for anyone who has not signed in.

``app.py`` asks here before it does anything else. In the public build nothing is asked.
"""

import time

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from serving.settings import settings


def allowed() -> bool:
    """Tell whether this visitor may see pages: in a private build, with a sign-in that holds."""
    rule = settings().sign_in
    return not rule.required or rule.admits(st.user.to_dict(), time.time())


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


def way_out() -> None:
    """Offer to sign out, at the end of the page, where signing in was needed."""
    if settings().sign_in.required:
        st.button("Sign out", on_click=st.logout, key="sign_out")


def _configured() -> bool:
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False
