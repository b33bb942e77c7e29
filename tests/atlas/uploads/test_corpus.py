"""Every file of the corpus gets a clear message, at once, and leaves nothing behind."""

import re

import pytest

from atlas.uploads.area_columns import Geography
from tests.atlas.uploads.corpus import CASES, Case, World, said
from views.session.snapshot import atlas
from views.session.ward_outlines import ward_at

_UNFIT = re.compile(
    r"Traceback|Error\b|Exception|<class|\bNone\b|wards/|\.py\b|errno", re.IGNORECASE
)


@pytest.fixture(scope="module")
def world() -> World:
    shared = atlas().snapshot
    find = atlas().postcodes.find
    return World(Geography(shared.wards, shared.lsoas, find, shared.ended), find, ward_at)


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_gets_its_message(case: Case, world: World) -> None:
    refused, text = said(case, case.make(), world)
    assert case.words in text
    assert refused == case.refused, text
    assert len(text) < 4_000
    # The words of a program mean nothing to a visitor, nor should they learn its paths.
    assert not _UNFIT.search(text.replace("spreadsheet’s error", "")), text
    if refused:
        # What to do, not only what is wrong.
        assert re.search(r"\b(upload|save|add|delete|fill|keep|check|give|rename)\b", text, re.I)
