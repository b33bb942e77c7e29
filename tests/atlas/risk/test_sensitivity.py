from pathlib import Path

import numpy as np
import pytest

from atlas.risk.index import choose, index_of, peers
from atlas.risk.influence import weighting_of
from atlas.risk.method import declared_method
from atlas.risk.sensitivity import read_sensitivity, sensitivity, sensitivity_table
from atlas.snapshot.snapshot import load
from tests.toys.index import INDICATORS, RISK, code, ladder, table

METHOD = declared_method()
EQUAL = dict.fromkeys(METHOD.risk_components(), 1.0)


def test_where_all_indicators_agree_a_place_depends_on_nothing() -> None:
    found = sensitivity(index_of(peers(ladder(20)), choose(EQUAL)), 16)
    assert found.variance.tolist() == [0] * 20 and found.most(3) == []


def test_a_choice_that_changes_nothing_has_no_share() -> None:
    """The toy says nothing of small areas, and one component alone has no weights to vary."""
    rng = np.random.default_rng(5)
    columns = {name: rng.random(40).round(2).tolist() for name in INDICATORS}
    frame = table([100.0] * 40, **{**columns, "low_skills_rate": columns["income_deprived_rate"]})
    for name in ("deprived_households_rate", "social_rented_rate"):
        frame[name] = frame["income_deprived_rate"]
    found = sensitivity(index_of(peers(frame), choose({"money_and_skills": 1})), 32)
    for name in ("weights", "small wards", "another indicator", "an indicator left out"):
        assert not np.nan_to_num(found.total[name]).any(), name


def test_a_ward_without_a_score_depends_on_nothing_known() -> None:
    frame = ladder(6)
    frame.loc[2, ["population", *INDICATORS]] = np.nan
    found = sensitivity(index_of(peers(frame), choose(EQUAL)), 8)
    assert np.isnan(found.variance[2]) and found.most(2) == []
    assert code(3) == frame["ward_code"][2]


def test_a_snapshots_table_reads_back_in_the_order_of_its_wards(tmp_path: Path) -> None:
    frame = table(
        [100.0] * 9,
        **{name: [(n * k) % 9 / 10 for n in range(9)] for k, name in enumerate(RISK, 1)},
    )
    index = index_of(peers(frame), choose(EQUAL))
    found = sensitivity(index, 16)
    path = tmp_path / "sensitivity.csv"
    sensitivity_table(found, index.peers.codes).to_csv(path, index=False)
    codes = index.peers.codes[::-1]
    back = read_sensitivity(path, codes)
    assert back.variance.tolist() == np.round(found.variance)[::-1].tolist()
    assert back.variance.any()
    for name, values in found.total.items():
        assert back.total[name] == pytest.approx(values[::-1], abs=0.0051, nan_ok=True)
        assert back.first[name] == pytest.approx(found.first[name][::-1], abs=0.0051, nan_ok=True)


def test_england_depends_most_on_scaling_and_what_is_left_out_and_least_on_small_wards() -> None:
    index = index_of(peers(load().wards), weighting_of(METHOD.presets["standard"], METHOD))
    shares = sensitivity(index, 64).shares(index.in_highest(0.2))
    order = sorted(shares, key=lambda name: -shares[name][1])
    assert set(order[:2]) == {"scaling", "an indicator left out"}
    # Without figures of councils broadband stays as published.
    assert order[-2:] == ["small wards", "broadband of councils today"]
    firsts, totals = zip(*shares.values(), strict=True)
    assert sum(firsts) < 1 < sum(totals)
    assert all(total > 0 for total in totals[:-1]) and totals[-1] == 0
    assert sum(firsts) == pytest.approx(0.8, abs=0.2)
