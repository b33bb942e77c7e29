import numpy as np
import pandas as pd
import pytest

from atlas.places.places import Places
from atlas.risk.index import choose, peers
from atlas.risk.method import declared_method
from atlas.risk.pockets import hides_a_pocket, missed, pockets_of, within_ward
from atlas.risk.request import RiskRequest
from atlas.risk.scorer import Scorer
from tests import real_data
from tests.toys.index import INDICATORS, code, ladder

EQUAL = dict.fromkeys(declared_method().risk_components(), 1.0)


def twenty_small_areas() -> pd.DataFrame:
    """LSOAs 1 to 20 of 1,000 residents, rising risk: 1-10 in ward 1, 11-18 and 20 in ward 2, 19
    in ward 3. The tenth at highest risk is 19 and 20, the fifth 17 to 20.
    """
    homes = [1] * 10 + [2] * 8 + [3, 2]
    return (
        ladder(20)
        .drop(columns=["ward_code", "ward_name"])
        .assign(
            lsoa_code=[f"E01{n:06d}" for n in range(20)],
            small_area_name=[f"Town {n:03d}A" for n in range(20)],
            ward_code=[code(n) for n in homes],
        )
    )


WARDS = pd.DataFrame({"ward_code": [code(n) for n in (1, 2, 3, 4)]})


def counted(lsoas: pd.DataFrame) -> pd.DataFrame:
    return pockets_of(peers(lsoas, key="lsoa_code"), choose(EQUAL), lsoas, WARDS).by_ward


def test_pockets_their_residents_and_their_extent_by_ward() -> None:
    by_ward = counted(twenty_small_areas())
    assert by_ward["pockets_tenth"].tolist()[:3] == [0, 1, 1]
    assert by_ward["pocket_people_fifth"].tolist()[:3] == [0, 3000, 1000]
    assert by_ward["extent_fifth"].tolist()[:3] == pytest.approx([0, 1 / 3, 1])
    # Ward 4 has no small area: nothing is known of its pockets, not "none".
    assert by_ward.iloc[3].isna().all()


def test_a_small_area_without_figures_is_neither_pocket_nor_resident() -> None:
    lsoas = twenty_small_areas()
    lsoas.loc[19, INDICATORS] = np.nan
    by_ward = counted(lsoas)
    assert by_ward["small_areas_scored"].tolist()[:3] == [10, 8, 1]
    assert by_ward["extent_fifth"][1] == pytest.approx(2 / 8)


def test_what_a_list_leaves_out() -> None:
    by_ward = counted(twenty_small_areas())
    listed, area = np.array([False, False, True, False]), np.ones(4, dtype=bool)
    assert hides_a_pocket(by_ward, listed).tolist() == [False, True, False, False]
    assert missed(by_ward, listed, area).to_dict() == {
        "wards": 1,
        "pockets": 1,
        "residents": 1000,
        "all_residents": 2000,
    }
    assert missed(by_ward, area, area)["residents"] == 0


def test_a_wards_small_areas_come_highest_risk_first() -> None:
    lsoas = twenty_small_areas()
    found = pockets_of(peers(lsoas, key="lsoa_code"), choose(EQUAL), lsoas, WARDS)
    strip = within_ward(found, lsoas, code(2))
    assert strip["lsoa_code"].tolist()[0] == "E01000019"
    assert strip["pocket"].tolist()[:4] == ["tenth", "fifth", "fifth", ""]
    assert len(strip) == 9 and within_ward(found, lsoas, code(4)).empty


def test_in_england_pockets_hold_a_tenth_of_residents_and_many_are_on_no_list() -> None:
    snapshot = real_data.snapshot()
    scorer = Scorer(snapshot, Places(snapshot.wards))
    by_ward = scorer.pockets(RiskRequest()).by_ward
    index = scorer.index(RiskRequest())
    england = snapshot.wards["population"].sum()
    assert 0.099 < by_ward["pocket_people_tenth"].sum() / england <= 0.1
    out = missed(by_ward, index.in_highest(0.1), index.scored)
    assert 1_500_000 < out["residents"] < out["all_residents"]
    assert (by_ward["pocket_people_tenth"] <= snapshot.wards["population"]).sum() == 6784
