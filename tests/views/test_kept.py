"""What visits share is made once, however many ask for it at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from views.session.kept import Kept


def test_many_who_ask_at_once_get_what_one_of_them_made() -> None:
    kept: Kept[str, object] = Kept(4)
    asked, made = Barrier(8), []

    def make() -> object:
        made.append(object())
        time.sleep(0.1)  # so that the others come meanwhile
        return made[-1]

    def ask(_: int) -> object:
        asked.wait(10)
        return kept.get_or_make("it", make)

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(ask, range(8)))
    assert len(made) == 1 and set(map(id, given)) == {id(made[0])}


def test_what_is_made_holds_up_nobody_who_asks_for_something_else() -> None:
    kept: Kept[str, str] = Kept(4)
    begun, end = Event(), Event()

    def slow() -> str:
        begun.set()
        assert end.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(kept.get_or_make, "one", slow)
        assert begun.wait(10)
        assert kept.get_or_make("other", lambda: "other") == "other"
        end.set()
        assert one.result(10) == "slow"


def test_a_failure_is_kept_by_nobody_and_old_results_go() -> None:
    kept: Kept[int, int] = Kept(2)
    with pytest.raises(ZeroDivisionError):
        kept.get_or_make(0, lambda: 1 // 0)
    for number in range(4):
        kept.get_or_make(number, lambda number=number: number)  # type: ignore[misc]
    assert [kept.get(number) for number in range(4)] == [None, None, 2, 3]
