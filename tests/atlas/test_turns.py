"""Turns go in the order of asking, few wait, and what failed rests longer each time."""

from threading import Event, Thread

import pytest

from atlas import turns as module
from atlas.turns import BusyError, Failures, Turns

AMPLE = 20.0


def queued(turns: Turns, threads: list[Thread]) -> None:
    """Start threads so that they ask for a turn one after the other."""
    for number, thread in enumerate(threads, 1):
        thread.start()
        while len(turns._queue) < number:
            Event().wait(0.001)


def test_who_comes_first_is_served_first_and_is_told_while_waiting() -> None:
    turns, told, order = Turns(), Event(), []

    def wait(number: int) -> None:
        with turns.turn(told.set):
            order.append(number)

    threads = [Thread(target=wait, args=(number,)) for number in range(5)]
    with turns.turn():
        queued(turns, threads)
        assert told.wait(AMPLE)
    for thread in threads:
        thread.join(AMPLE)
    assert order == [0, 1, 2, 3, 4]


def test_so_many_at_once_and_no_more() -> None:
    turns = Turns(at_once=2, seconds=0.0)
    with turns.turn(), turns.turn(), pytest.raises(BusyError), turns.turn():
        pass
    with turns.turn(), turns.turn():
        pass


def test_where_many_wait_the_next_is_refused_at_once() -> None:
    turns = Turns(waiting=2, seconds=AMPLE)

    def wait() -> None:
        with turns.turn():
            pass

    threads = [Thread(target=wait) for _ in range(2)]
    with turns.turn():
        queued(turns, threads)
        with pytest.raises(BusyError, match="too many wait"):
            wait()
    for thread in threads:
        thread.join(AMPLE)
    wait()


@pytest.mark.parametrize("error", [InterruptedError, SystemExit])
def test_who_is_called_away_while_waiting_or_working_holds_nobody_up(
    error: type[BaseException],
) -> None:
    turns = Turns()

    def called_away() -> None:
        raise error

    with turns.turn():
        with pytest.raises(error), turns.turn(called_away):
            pass
        assert not turns._queue
    with pytest.raises(error), turns.turn():
        raise error
    with turns.turn(called_away):
        pass


def test_what_failed_rests_longer_each_time_and_only_so_much_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, failures = 0.0, Failures()
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    said = [failures.add("sheets")["pause"] for _ in range(8)]
    assert said == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert failures.resting("sheets") and not failures.resting("another")
    now = 3600.0
    assert not failures.resting("sheets")
    for number in range(10_000):
        failures.add(number)
    assert len(failures._held) == 256 and failures.resting(9_999)
    failures.forget(9_999)
    assert not failures.resting(9_999)
