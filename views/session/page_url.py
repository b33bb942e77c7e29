"""Parameters of the address that belong to one page, remembered while other controls write it."""

from collections.abc import Mapping

import streamlit as st

# A link longer than this is cut by some programs that it is sent through.
LONGEST = 1_500


def open_params(page: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return a page's parameters: those of the address, or where it has none the remembered ones.

    Other controls write the address without them, so they are put back into it.
    """
    given = {key: st.query_params[key] for key in keys if key in st.query_params}
    if not given and (before := remembered(page)):
        given = before
        st.query_params.update(_linkable(given))
    st.session_state[f"{page}_params"] = given
    return dict(given)


def remembered(page: str) -> dict[str, str]:
    """Return what the visit remembers of a page's parameters."""
    before: dict[str, str] = st.session_state.get(f"{page}_params", {})
    return dict(before)


def show_params(page: str, keys: tuple[str, ...], values: Mapping[str, str]) -> None:
    """Put a page's parameters into the address; empty ones are left out.

    What is too long for a link is remembered for the visit alone.
    """
    given = {key: values[key] for key in keys if values.get(key)}
    short = _linkable(given)
    for key in keys:
        if key in st.query_params and key not in short:
            del st.query_params[key]
    st.query_params.update(short)
    st.session_state[f"{page}_params"] = given


def forget_params() -> None:
    """Forget what the visit remembers of addresses: what a page failed on must not stay with it."""
    for key in [key for key in st.session_state if str(key).endswith("_params")]:
        del st.session_state[key]


def _linkable(values: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in values.items() if len(value) <= LONGEST}
