"""The store of versions: switching, going back, ageing, and a kill at any moment."""

import json
import os
import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atlas.snapshot import versions
from atlas.snapshot.versions import Entry, LastRefresh, State, age_sentences
from pipelines.publish import snapshot_files, store
from pipelines.publish.snapshot_files import PublicationError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def built(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "wards.csv").write_text(text)
    outputs = snapshot_files.describe(folder, {})
    (folder / "provenance.json").write_text(json.dumps({"outputs": outputs}))
    return folder


def published(place: Path, text: str, at: datetime = NOON) -> str:
    with store.staging(place) as staging:
        version = store.add(place, built(staging / "snapshot", text))
    store.switch(place, version, "refresh", at)
    return version


@pytest.fixture(autouse=True)
def committed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = built(tmp_path / "data", "as committed")
    monkeypatch.setattr(versions, "DATA", folder)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


def test_without_a_store_the_committed_folder_is_current(place: Path, committed: Path) -> None:
    assert versions.current_folder(place) == committed


def test_a_published_version_is_current_and_whole(place: Path) -> None:
    version = published(place, "one")
    folder = versions.current_folder(place)
    assert folder == place / "versions" / version
    assert snapshot_files.faults_in_snapshot(folder) == []
    assert not (place / ".staging").exists()


def test_going_back_goes_one_step_each_time_down_to_the_committed_data(
    place: Path, committed: Path
) -> None:
    one, two = published(place, "one"), published(place, "two")
    assert store.roll_back(place) == (two, one)
    assert versions.current_folder(place).name == one
    assert store.roll_back(place) == (one, "data")
    assert versions.current_folder(place) == committed
    with pytest.raises(PublicationError, match="Nothing was published before"):
        store.roll_back(place)


def test_going_forward_again_is_going_to_a_named_version(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    store.roll_back(place)
    assert store.roll_back(place, two) == (one, two)
    assert store.roll_back(place) == (two, one)


def test_a_damaged_or_absent_version_is_refused_and_the_current_one_stays(place: Path) -> None:
    one, two = published(place, "one"), published(place, "two")
    (place / "versions" / one / "wards.csv").write_text("tampered")
    with pytest.raises(PublicationError, match="other bytes"):
        store.roll_back(place)
    with pytest.raises(PublicationError, match="cannot be shown"):
        store.roll_back(place, "0000dead")
    assert versions.current_folder(place).name == two


def test_what_is_not_what_its_manifest_says_is_not_added(place: Path) -> None:
    with store.staging(place) as staging:
        folder = built(staging / "snapshot", "one")
        (folder / "wards.csv").write_text("two")
        with pytest.raises(PublicationError, match="other bytes"):
            store.add(place, folder)


def test_a_version_gone_back_from_is_known_until_it_is_published_again(place: Path) -> None:
    one = published(place, "one")
    store.roll_back(place)
    assert store.was_rolled_back(versions.read_state(place), one)
    published(place, "one")
    assert not store.was_rolled_back(versions.read_state(place), one)


def test_versions_go_by_age_and_the_one_to_go_back_to_stays(place: Path) -> None:
    days = [NOON + timedelta(days=n) for n in (0, 10, 20, 100)]
    names = [published(place, text, at) for text, at in zip("abcd", days, strict=True)]
    # a went out of force on day 10, b on day 20, c on day 100.
    assert store.forget(place, 30, days[3]) == sorted(names[:2])
    left = sorted(path.name for path in (place / "versions").iterdir())
    assert left == sorted(names[2:])
    assert store.forget(place, 0, days[3] + timedelta(days=365)) == []


@pytest.mark.parametrize("year", [1970, 2200])
def test_a_clock_that_jumps_takes_no_version_that_is_shown_or_can_be_gone_back_to(
    year: int, place: Path
) -> None:
    versions_of_today = [published(place, name) for name in ("one", "two", "three")]
    store.forget(place, 30, now=datetime(year, 1, 1, tzinfo=UTC))
    assert {path.name for path in (place / "versions").iterdir()} >= set(versions_of_today[1:])
    store.roll_back(place)
    assert versions.current_folder(place).name == versions_of_today[1]
    assert snapshot_files.faults_in_snapshot(versions.current_folder(place)) == []


def test_a_version_that_a_crash_kept_from_ever_being_shown_is_removed(place: Path) -> None:
    published(place, "one")
    with store.staging(place) as staging:
        orphan = store.add(place, built(staging / "snapshot", "two"))
    assert store.forget(place, 30, NOON) == [orphan]


def test_two_writers_at_once_are_refused(place: Path) -> None:
    with (
        store.only_one(place),
        pytest.raises(PublicationError, match="Another refresh"),
        store.only_one(place),
    ):
        pass


def test_a_state_that_cannot_be_read_leaves_the_committed_data(
    place: Path, committed: Path
) -> None:
    published(place, "one")
    (place / "state.json").write_text('{"history": [')
    with pytest.raises(versions.StoreError, match="cannot be read"):
        versions.read_state(place)
    assert versions.candidates(place) == [committed]


def test_the_state_reads_back_as_it_was_written(place: Path) -> None:
    state = State(
        (Entry("data", NOON, "start"), Entry("3f9a12cd", NOON, "refresh")),
        LastRefresh(NOON, False, "build", ("libraries",)),
    )
    store.write_state(place, state)
    assert versions.read_state(place) == state


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_version_to_show(place: Path) -> None:
    published(place, "first")
    seen = set()
    kills = 0
    # On a busy machine a publication takes longer: then later kills are tried, and more of them.
    while kills < 40 or (len(seen) <= 5 and kills < 400):
        kills += 1
        child = os.fork()
        if child == 0:  # publishes until it is killed
            number = 0
            while True:
                number += 1
                published(place, f"{os.getpid()} {number}")
        time.sleep(random.uniform(0, 0.03 * (1 + kills // 40)))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        folder = versions.current_folder(place)
        assert snapshot_files.faults_in_snapshot(folder) == []
        seen.add(folder.name)
    assert len(seen) > 5, "the kills came before anything was published"


DAY = NOON.date()


def sentences(state: State, shown: str) -> str:
    return " ".join(age_sentences(state, shown, datetime(2025, 10, 30).date(), DAY))


def test_the_age_is_said_whatever_is_shown() -> None:
    assert sentences(State(()), "data") == (
        "The newest figures are dated October 2025, 13 months ago."
    )


def test_a_published_version_says_when() -> None:
    state = State((Entry("data", NOON, "start"), Entry("a", NOON - timedelta(days=12), "refresh")))
    assert "published on 12 November 2026, 12 days ago" in sentences(state, "a")


def test_a_visit_that_began_before_is_told_of_the_newer_version() -> None:
    state = State((Entry("a", NOON, "refresh"), Entry("b", NOON, "refresh")))
    assert "A newer version was published on 24 November 2026" in sentences(state, "a")
    assert "newer" not in sentences(state, "b")


@pytest.mark.parametrize(
    ("refresh", "said"),
    [
        (LastRefresh(NOON, True, "", ()), ""),
        (LastRefresh(NOON, False, "fetch", ()), "failed, so the last good figures are shown"),
        (LastRefresh(NOON, True, "", ("a",)), "1 published file could not be fetched again"),
        (LastRefresh(NOON, True, "", ("a", "b")), "the last good copies are used"),
    ],
)
def test_a_refresh_that_went_wrong_is_said(refresh: LastRefresh, said: str) -> None:
    state = State((Entry("a", NOON, "refresh"),), refresh)
    assert said in sentences(state, "a")
    assert ("refresh of" in sentences(state, "a")) == bool(said)
