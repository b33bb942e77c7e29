"""Every file of the corpus gets a clear message, at once, and leaves nothing behind."""

import re

import pytest

from atlas.uploads.check_file import Surroundings
from tests.atlas.uploads.corpus import CASES, Case, said
from tests.sampling import sampled
from views.your_data.open_file import surroundings

_UNFIT = re.compile(
    r"Traceback|Error\b|Exception|<class|\bNone\b|wards/|\.py\b|errno", re.IGNORECASE
)


_TO_DO = re.compile(
    r"\b(upload|save|add|delete|fill|keep|check|give|rename|choose|correct|head)\b", re.IGNORECASE
)


@pytest.fixture(scope="module")
def around() -> Surroundings:
    return surroundings()


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


def _marked(case: Case) -> object:
    return pytest.param(case, id=case.name, marks=pytest.mark.slow if case.heavy else ())


@pytest.mark.parametrize("case", sampled([_marked(case) for case in CASES], 3))
def test_each_file_gets_its_message(case: Case, around: Surroundings) -> None:
    refused, text = said(case, case.make(), around)
    assert case.words in text
    assert refused == case.refused, text
    assert len(text) < 4_000
    # The words of a program mean nothing to a visitor, nor should they learn its paths.
    assert not _UNFIT.search(text.replace("spreadsheet’s error", "")), text
    if refused:
        # What to do, not only what is wrong.
        assert re.search(
            r"\b(upload|save|add|delete|fill|keep|check|give|rename|choose|correct|head)\b",
            text,
            re.I,
        )
