"""Parameters of the address that belong to one page."""

from collections.abc import Collection, Mapping

import streamlit as st

# A link longer than this is cut by some programs that it is sent through.
LONGEST = 1_500


def given(keys: Collection[str]) -> dict[str, str]:
    """Return the parameters of the address that bear one of the names."""
    return {key: st.query_params[key] for key in keys if key in st.query_params}


def put(keys: Collection[str], values: Mapping[str, str]) -> None:
    """Put parameters into the address, in place of all that bear one of the names."""
    for key in given(keys):
        if key not in values:
            del st.query_params[key]
    st.query_params.update(values)


def open_params(page: str, keys: tuple[str, ...]) -> dict[str, str]:
    """Return a page's parameters: those of the address, and what was too long for it."""
    return st.session_state.get(f"{page}_params", {}) | given(keys)


def show_params(page: str, keys: tuple[str, ...], values: Mapping[str, str]) -> None:
    """Put a page's parameters into the address; empty ones are left out.

    What is too long for a link is remembered for the visit alone.
    """
    told = {key: values[key] for key in keys if values.get(key)}
    put(keys, {key: value for key, value in told.items() if len(value) <= LONGEST})
    long = {key: value for key, value in told.items() if len(value) > LONGEST}
    st.session_state[f"{page}_params"] = long


def forget_params() -> None:
    """Forget what the visit remembers of addresses: what a page failed on must not stay with it."""
    for key in [key for key in st.session_state if str(key).endswith("_params")]:
        del st.session_state[key]
