"""Ready-made lists: each is found again from its address, and holds what its sentence says."""

import pytest

from atlas.places.notices import Notices
from atlas.risk.request import RiskRequest
from atlas.ward_list.common_jobs import JOBS, job_of, without_job
from atlas.ward_list.risk_list import ListRequest, build, request_from
from tests import real_data

LEEDS = "E08000035"


@pytest.mark.parametrize("key", JOBS)
def test_a_job_is_known_again_from_its_link(key: str) -> None:
    scorer, notices = real_data.scorer(), Notices()
    asked = JOBS[key].asked(ListRequest(LEEDS, need="age_and_health"))
    assert request_from(asked.query(), scorer.places, notices, scorer.england) == asked
    assert job_of(asked) == key and not notices.sentences
    assert job_of(without_job(asked)) == ""


def test_older_and_far_from_help_in_leeds() -> None:
    scorer = real_data.scorer()
    wards, places = scorer.snapshot.wards, scorer.places
    asked = JOBS["older_far"].asked(ListRequest(LEEDS, limit=100))
    standard = RiskRequest()
    pockets = scorer.pockets(standard)
    found = build(asked, wards, places, scorer.index(standard), None, pockets)
    inside = wards.iloc[places.positions(LEEDS)]
    wanted = inside[(inside["age_75_plus_rate"] >= 0.09) & (inside["library_distance_km"] >= 1.609)]
    assert 0 < len(wanted) < len(inside)
    assert list(found.table["ward_code"]) == list(
        wanted.sort_values("age_75_plus_rate", ascending=False)["ward_code"]
    )
