"""The decisions log: what is written is read back, and nothing else is taken for a log."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.briefing.decisions_log import (
    LARGEST,
    LONGEST,
    MOST_DECISIONS,
    Decision,
    Log,
    LogError,
    declared_steps,
    read,
    written,
)

KEYS = [step.key for step in declared_steps()]
LOG = Log(
    "E47000001",
    "Ada Lovelace",
    "150aba88",
    frozenset({"champion"}),
    (Decision(date(2026, 5, 4), "Two new venues – “by autumn”", "Library service"),),
)
# What can be printed: Python counts the space among it, and no other separator.
PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
lines = st.text(PRINTABLE, max_size=LONGEST)
decisions = st.builds(Decision, st.dates(), lines, lines, st.one_of(st.none(), st.dates()))


@given(
    st.builds(
        Log,
        lines,
        lines,
        lines,
        st.frozensets(st.sampled_from(KEYS)),
        st.lists(decisions, max_size=5).map(tuple),
    )
)
def test_what_is_written_is_read_back(log: Log) -> None:
    assert read(written(log)) == log
    assert written(read(written(log))) == written(log)
    # Some editors put a mark before the first character when they save.
    assert read(b"\xef\xbb\xbf" + written(log)) == log


def changed(**parts: object) -> bytes:
    return json.dumps(json.loads(written(LOG)) | parts).encode()


def decision(**parts: object) -> bytes:
    plain = json.loads(written(LOG))["decisions"][0]
    return changed(decisions=[plain | parts])


BAD = {
    "nothing": b"",
    "no json": b"{",
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a number": b"1e999",
    "deep": b"[" * 100_000,
    "too large": b" " * (LARGEST + 1),
    "twice": written(LOG).replace(b'"owner": "Ada', b'"place": "x", "owner": "Ada', 1),
    "another format": changed(format="x"),
    "another version": changed(version=2),
    "true is no version": changed(version=True),
    "a part too many": changed(extra=1),
    "an unknown step": changed(done=["win"]),
    "steps that are no names": changed(done=[1]),
    "steps that are no list": changed(done={"champion": 1}),
    "a place that is no text": changed(place=None),
    "a long owner": changed(owner="x" * (LONGEST + 1)),
    "a hidden sign": changed(owner="a\u202eb"),
    "a line end": changed(owner="a\nb"),
    "a decision that is no table": changed(decisions=["x"]),
    "a decision with a part too few": changed(decisions=[{"day": "2026-05-04"}]),
    "many decisions": changed(decisions=[{}] * (MOST_DECISIONS + 1)),
    "no date": decision(day="yesterday"),
    "a day that is none": decision(day="2026-02-30"),
    "a review that is none": decision(review="soon"),
    "a text that is a number": decision(text=5),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_anything_else_is_refused_in_plain_words(data: bytes) -> None:
    with pytest.raises(LogError) as told:
        read(data)
    assert str(told.value).endswith(".")
    assert "Traceback" not in str(told.value) and "json" not in str(told.value)


def test_a_part_too_few_is_refused() -> None:
    content = json.loads(written(LOG))
    for name in content:
        with pytest.raises(LogError):
            read(json.dumps({k: v for k, v in content.items() if k != name}).encode())


def test_the_checklist_ends_on_day_100_and_names_its_sources() -> None:
    steps = declared_steps()
    assert [step.by for step in steps] == sorted(step.by for step in steps)
    assert steps[-1].by == 100 and len(set(KEYS)) == len(KEYS)
    assert {step.origin for step in steps} == {"guide", "ours"}


@pytest.mark.parametrize("name", ["no date", "a day that is none", "a review that is none"])
def test_a_date_that_is_none_is_named_with_its_decision(name: str) -> None:
    with pytest.raises(LogError, match="Decision 1 has a date that is none: write it as 2026"):
        read(BAD[name])
