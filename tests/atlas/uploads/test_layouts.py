"""Real layouts in many dresses: right by default, after one choice, or refused; never wrong."""

from collections import Counter

import pytest

from atlas.uploads import check_file
from atlas.uploads.check_file import Surroundings
from atlas.uploads.reading.extract import extract
from tests.atlas.uploads.layouts import LayoutFile, files, outcome
from views.your_data.open_file import surroundings

# One file of each layout, each in another dress: all of them are in the full run.
_SAMPLE = [each for n, each in enumerate(files()) if n % 9 == 0]


@pytest.fixture(scope="module")
def around() -> Surroundings:
    return surroundings()


@pytest.mark.parametrize("file", _SAMPLE, ids=lambda file: file.name)
def test_no_file_is_read_wrongly(
    file: LayoutFile, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the fence, which has tests of its own and costs half a second.
    monkeypatch.setattr(check_file, "read_upload", extract)
    came, found = outcome(file, around)
    assert came != "wrong", found


@pytest.mark.slow
def test_none_of_all_files_is_read_wrongly(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(files()) >= 200
    behind_the_fence = Counter(outcome(file, around)[0] for file in _SAMPLE)
    monkeypatch.setattr(check_file, "read_upload", extract)
    found = {file.name: outcome(file, around)[0] for file in files()}
    outcomes = Counter(found.values())
    assert [name for name, came in found.items() if came == "wrong"] == []
    assert behind_the_fence["wrong"] == 0
    assert outcomes["right by default"] > 200
