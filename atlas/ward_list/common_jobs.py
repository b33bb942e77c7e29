"""Ready-made lists for jobs that come up often: each one sentence, an order and conditions."""

from dataclasses import replace

from pydantic.dataclasses import dataclass

from atlas.catalogue.declarations import STRICT, Text, read_declaration
from atlas.ward_list.risk_list import BY_RISK, ListRequest


@dataclass(frozen=True, config=STRICT)
class Job:
    """A ready-made list; ``reaching`` and ``order`` are as in :class:`ListRequest`."""

    label: Text
    sentence: Text
    order: Text
    reaching: tuple[tuple[str, float], ...] = ()

    def asked(self, request: ListRequest) -> ListRequest:
        """Return the request for this job at the request's place, weights and length."""
        plain = ListRequest(request.area, request.risk, request.cut, request.limit)
        return replace(plain, order=self.order, reaching=self.reaching)


JOBS = read_declaration(dict[str, Job], __file__)


def job_of(request: ListRequest) -> str:
    """Return the key of the job that a request is for, "" for a list of the reader's own."""
    return next((key for key, job in JOBS.items() if job.asked(request) == request), "")


def without_job(request: ListRequest) -> ListRequest:
    """Return the request in order of risk and without the conditions of a job."""
    return replace(request, order=BY_RISK, reaching=())
