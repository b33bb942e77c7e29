"""No parameter of an address makes a page fail, and what one fails on does not stay."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from serve import apologise
from serving.ready import Readiness
from serving.settings import settings
from tests.views.test_pages import html, opened
from views.briefing import presenter

DIGITS = "9" * 401
LONG = "9" * 5000
SCENARIO = (
    '{"format":"digital-inclusion-atlas-scenario","version":1,"closed":[],"added":'
    f'[{{"name":"x","easting":{DIGITS},"northing":398000}}]}}'
)


@pytest.mark.parametrize(
    ("page", "params"),
    [
        ("what_if", {"scenario": SCENARIO}),
        pytest.param(
            "ward_list",
            {"weights": f"money:{DIGITS}", "top": LONG, "limit": DIGITS, "against": "," * 2000},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "where_next",
            {"sites": LONG, "group": "\x00<b>", "sort": "." * 5000},
            marks=pytest.mark.slow,
        ),
        pytest.param("compare", {"with": "." * 5000 + LONG}, marks=pytest.mark.slow),
        pytest.param("briefing", {"slide": LONG}, marks=pytest.mark.slow),
    ],
)
def test_a_page_never_fails_on_its_address(page: str, params: dict[str, str]) -> None:
    app = opened(page, **params)
    assert not app.exception
    for name in params:
        app.query_params[name] = ""
    app.run()
    assert not app.exception and "Data version" in html(app)


@given(st.one_of(st.text(max_size=20), st.integers(0, 10**30).map(str), st.just(LONG)))
def test_the_number_of_a_slide_is_always_one_of_them(text: str) -> None:
    assert 1 <= presenter._number(text, 9) <= 9


def test_what_a_page_failed_on_is_forgotten_and_counted() -> None:
    readiness = Readiness(settings().ready)

    def page(failed: object) -> None:
        import streamlit

        streamlit.session_state["what_if_params"] = {"scenario": "it"}
        streamlit.session_state["brief_owner"] = "A. Name"
        failed(ValueError("it"))  # type: ignore[operator]

    app = AppTest.from_function(page, args=(partial(apologise, readiness),)).run(timeout=30)
    assert "could not be shown" in app.error[0].value
    assert "what_if_params" not in app.session_state
    assert app.session_state["brief_owner"] == "A. Name"
    assert readiness.page_failures == 1
