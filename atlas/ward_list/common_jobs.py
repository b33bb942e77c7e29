"""Ready-made lists for jobs that come up often: each one sentence, an order and conditions."""

from dataclasses import dataclass, replace

from atlas.ward_list.risk_list import BY_RISK, ListRequest


@dataclass(frozen=True)
class Job:
    """A ready-made list; ``reaching`` and ``order`` are as in :class:`ListRequest`."""

    label: str
    sentence: str
    order: str
    reaching: tuple[tuple[str, float], ...] = ()

    def asked(self, request: ListRequest) -> ListRequest:
        """Return the request for this job at the request's place, weights and length."""
        plain = ListRequest(request.area, request.risk, request.cut, request.limit)
        return replace(plain, order=self.order, reaching=self.reaching)


# Limits are about the average of England, so that each list is of places above it.
JOBS = {
    "landline": Job(
        "Landline switch-off",
        "At least 9% of residents are 75 and over, 17% are disabled, and 3% of homes cannot get "
        "superfast broadband. Mobile signal is known by council only.",
        "superfast_unavailable_rate",
        (("age_75_plus_rate", 0.09), ("disabled_rate", 0.17), ("superfast_unavailable_rate", 0.03)),
    ),
    "older_far": Job(
        "Older and far from help",
        "At least 9% of residents are 75 and over, and the nearest library is a mile or more away "
        "on average.",
        "age_75_plus_rate",
        (("age_75_plus_rate", 0.09), ("library_distance_km", 1.609)),
    ),
    "low_income": Job(
        "Low income",
        "The largest shares of residents who are income deprived come first.",
        "income_deprived_rate",
    ),
    "low_income_no_line": Job(
        "Low income and no fast line",
        "At least 23% of residents are income deprived, and 3% of homes cannot get superfast "
        "broadband.",
        "income_deprived_rate",
        (("income_deprived_rate", 0.23), ("superfast_unavailable_rate", 0.03)),
    ),
}


def job_of(request: ListRequest) -> str:
    """Return the key of the job that a request is for, "" for a list of the reader's own."""
    return next((key for key, job in JOBS.items() if job.asked(request) == request), "")


def without_job(request: ListRequest) -> ListRequest:
    """Return the request in order of risk and without the conditions of a job."""
    return replace(request, order=BY_RISK, reaching=())
