"""Parameters of the address that belong to one page."""

from collections.abc import Mapping

import streamlit as st

# A link longer than this is cut by some programs that it is sent through.
LONGEST = 1_500


def open_params(page: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return a page's parameters: those of the address, and what was too long for it."""
    long: dict[str, str] = st.session_state.get(f"{page}_params", {})
    return long | {key: st.query_params[key] for key in keys if key in st.query_params}


def show_params(page: str, keys: tuple[str, ...], values: Mapping[str, str]) -> None:
    """Put a page's parameters into the address; empty ones are left out.

    What is too long for a link is remembered for the visit alone.
    """
    given = {key: values[key] for key in keys if values.get(key)}
    short = {key: value for key, value in given.items() if len(value) <= LONGEST}
    for key in keys:
        if key in st.query_params and key not in short:
            del st.query_params[key]
    st.query_params.update(short)
    st.session_state[f"{page}_params"] = {k: v for k, v in given.items() if k not in short}


def forget_params() -> None:
    """Forget what the visit remembers of addresses: what a page failed on must not stay with it."""
    for key in [key for key in st.session_state if str(key).endswith("_params")]:
        del st.session_state[key]
