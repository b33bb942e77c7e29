"""Pages take turns: short runs one at a time, long ones hold nobody up."""

from threading import Event, Thread

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException

from views.session.request_queue import RequestQueue

AMPLE = 20.0


def test_short_runs_never_overlap() -> None:
    turns, inside, most = RequestQueue(longest=AMPLE), [0], [0]

    def run() -> None:
        for _ in range(30):
            with turns.turn():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                Event().wait(0.0005)
                inside[0] -= 1

    threads = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(AMPLE)
    assert not any(thread.is_alive() for thread in threads)
    assert most == [1] and inside == [0]


def test_a_long_run_is_overtaken_and_its_end_takes_no_turn_from_another() -> None:
    turns, leave, entered = RequestQueue(longest=0.02), Event(), Event()

    def long() -> None:
        with turns.turn():
            entered.set()
            leave.wait(AMPLE)

    thread = Thread(target=long)
    thread.start()
    assert entered.wait(AMPLE)
    with turns.turn():
        holder = turns._holder
        leave.set()
        thread.join(AMPLE)
        assert turns._holder is holder
    assert turns._holder is None


def test_a_run_that_fails_or_is_stopped_gives_its_turn_back() -> None:
    turns = RequestQueue(longest=AMPLE)
    for error in (RuntimeError, SystemExit):
        with pytest.raises(error), turns.turn():
            raise error
    with turns.turn():
        pass
    assert turns._holder is None


def test_a_run_that_breaks_off_for_another_leaves_it_the_rest_of_the_turn() -> None:
    now, order = [0.0], []
    turns = RequestQueue(longest=0.1, clock=lambda: now[0])

    def other() -> None:
        with turns.turn(visit="came second"):
            order.append("came second")

    thread = Thread(target=other)
    with pytest.raises(RerunException), turns.turn(visit="came first"):
        thread.start()
        while len(turns._waiting) < 1:
            Event().wait(0.001)
        raise RerunException(RerunData())
    with turns.turn(visit="came first"):
        order.append("came first")
        now[0] = 2.0  # its time is over, however often it begins again
        thread.join(AMPLE)
    assert order == ["came first", "came second"]


def test_a_visit_that_ends_amid_its_turn_holds_nobody_up_for_longer_than_that() -> None:
    now = [0.0]
    turns = RequestQueue(longest=1.0, clock=lambda: now[0])
    with pytest.raises(RerunException), turns.turn(visit="gone"):
        raise RerunException(RerunData())
    assert turns._holder == "gone"
    now[0] = 1.0
    with turns.turn(visit="next"):
        assert turns._holder == "next"


def test_who_waits_for_another_process_lets_the_next_one_work() -> None:
    turns = RequestQueue(longest=AMPLE)
    with turns.turn(visit="reads a file"):
        turns.leave("reads a file")
        with turns.turn(visit="looks at a page"):
            assert turns._holder == "looks at a page"
            turns.leave("reads a file")
            assert turns._holder == "looks at a page"
    assert turns._holder is None
