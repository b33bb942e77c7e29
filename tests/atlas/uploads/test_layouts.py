"""Real layouts in many dresses: right by default, after one choice, or refused; never wrong."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import is_dataclass

import pytest

from atlas.uploads import check_file
from atlas.uploads.check_file import Surroundings
from atlas.uploads.reading.extract import Choices, Extract, extract
from atlas.uploads.reading.process import _extract
from atlas.uploads.reading.roles import Kind
from tests.atlas.uploads.layouts import LayoutFile, files, outcome
from views.your_data.open_file import surroundings

# One file of each layout, each in another dress: all of them are in the full run.
_SAMPLE = [each for n, each in enumerate(files()) if n % 9 == 0]


def plain(said: object) -> object:
    """What is said, with tuples as lists: JSON knows no others."""
    if is_dataclass(said):
        return plain(vars(said))
    if isinstance(said, Mapping):
        return {key: plain(each) for key, each in said.items()}
    return [plain(each) for each in said] if isinstance(said, list | tuple) else said


def answered(data: bytes, kind: Kind, choices: Choices | None = None) -> Extract:
    """Read without the fence, which has tests of its own and costs half a second.

    What is found is told and heard as the child and who asked it do.
    """
    found = extract(data, kind, choices or Choices())
    heard = _extract(json.loads(json.dumps(found, default=vars)))
    assert plain(heard) == plain(found)
    return heard


@pytest.fixture(scope="module")
def around() -> Surroundings:
    return surroundings()


@pytest.mark.parametrize("file", _SAMPLE, ids=lambda file: file.name)
def test_no_file_is_read_wrongly(
    file: LayoutFile, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_file, "read_upload", answered)
    came, found = outcome(file, around)
    assert came != "wrong", found


@pytest.mark.slow
def test_none_of_all_files_is_read_wrongly(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(files()) >= 200
    behind_the_fence = Counter(outcome(file, around)[0] for file in _SAMPLE)
    monkeypatch.setattr(check_file, "read_upload", answered)
    found = {file.name: outcome(file, around)[0] for file in files()}
    outcomes = Counter(found.values())
    assert [name for name, came in found.items() if came == "wrong"] == []
    assert behind_the_fence["wrong"] == 0
    assert outcomes["right by default"] > 200
