import numpy as np
import pytest

from atlas.risk.index import choose, index_of, peers
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.risk.needs import kind_labels, needs, needs_of
from atlas.snapshot.snapshot import load
from tests.toys.index import INDICATORS, RISK, ladder, table

METHOD = declared_method()
EQUAL = dict.fromkeys(METHOD.risk_components(), 1.0)


def test_a_need_is_high_in_the_highest_fifth_of_residents() -> None:
    """Ten equal wards: money rises, age falls, connection is the same everywhere."""
    rising = [n / 10 for n in range(10)]
    money = dict.fromkeys(["income_deprived_rate", "low_skills_rate"], rising)
    age = dict.fromkeys(["age_75_plus_rate", "age_65_74_rate", "disabled_rate"], rising[::-1])
    same = dict.fromkeys(["superfast_unavailable_rate", "gigabit_unavailable_rate"], [0.1] * 10)
    found = needs(index_of(peers(table([100.0] * 10, **money, **age, **same)), choose(EQUAL)))
    assert found.high["money_and_skills"].tolist() == [False] * 8 + [True] * 2
    assert found.high["age_and_health"].tolist() == [True] * 2 + [False] * 8
    assert found.words(9) == "money and skills" and found.words(0) == "age and health"
    assert found.words(5) == "none in the highest fifth"
    assert found.kinds.tolist() == [1, 1, *[4] * 6, 0, 0]


def test_both_and_connection_alone_are_kinds_of_their_own() -> None:
    rising = [n / 10 for n in range(10)]
    frame = table([100.0] * 10, **dict.fromkeys(RISK, rising))
    frame["superfast_unavailable_rate"] = frame["gigabit_unavailable_rate"] = rising[::-1]
    found = needs(index_of(peers(frame), choose(EQUAL)))
    assert found.kinds.tolist() == [3, 3, *[4] * 6, 2, 2]
    assert kind_labels(METHOD)[2] == "Both of these"
    assert found.words(9) == "money and skills; age and health"


def test_needs_do_not_depend_on_the_weights_of_components() -> None:
    index = index_of(peers(ladder(10)), choose({"money_and_skills": 1}))
    assert needs(index).high["age_and_health"].sum() == 2


def test_a_ward_without_data_has_no_kind_of_need() -> None:
    frame = ladder(5)
    frame.loc[4, ["population", *INDICATORS]] = np.nan
    found = needs(index_of(peers(frame), choose(EQUAL)))
    assert found.words(4) == "" and found.kinds[4] == -1 and found.sentences(4) == []


def test_every_need_says_what_helps_and_who_says_so() -> None:
    for part in needs_of(METHOD):
        assert part.label and part.helps and part.plain and part.source


def test_in_england_the_two_main_needs_are_needs_of_different_wards() -> None:
    index = index_of(peers(load().wards), weighting_of(METHOD.presets["standard"], METHOD))
    found = needs(index)
    money, age = found.high["money_and_skills"], found.high["age_and_health"]
    assert (money & age).sum() < 0.25 * min(money.sum(), age.sum())
    people = index.peers.people
    for high in found.high.values():
        assert people[high].sum() / np.nansum(people) == pytest.approx(0.2, abs=0.002)
