"""Put a published file into a folder: from its official address, a mirror, or a person's hand.

Whatever happens, a good file is only ever replaced by another that has passed every check: the
new one is written beside it, checked, synced to disk, and moved over it in one step.
"""

import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from atlas.catalogue.sources import Source
from atlas.worker import Worker, WorkerError
from pipelines import PipelineError
from pipelines.download import arcgis, content
from pipelines.download.archives import ArchiveError
from pipelines.download.transfer import transfer
from pipelines.readers.fields import ReadError
from pipelines.readers.trial import trial_of

Progress = Callable[[int, int | None], None]
# Where a declared address is known to redirect to: Ordnance Survey keeps its files at Azure.
ASSET_HOSTS = {"api.os.uk": frozenset({"omseprd1stdstordownload.blob.core.windows.net"})}
# Codes with which an ArcGIS service, in an answer of status 200, says that it is overloaded.
_PASSING = (429, 500, 502, 503, 504)
_LEFTOVER_SECONDS = 86_400
_downloads = Worker(rests=False)


class FetchError(PipelineError):
    """A file could not be had; what was there before is untouched. The message says what to do."""


@dataclass(frozen=True)
class Policy:
    """How long to wait, how often to try, and where a download may lead.

    Times are in seconds; ``deadline`` is for one source, tries and pauses included.
    """

    connect: float = 10
    read: float = 30
    attempt: float = 300
    deadline: float = 900
    tries: int = 5
    pause: float = 1
    redirects: int = 3
    https_only: bool = True
    extra_hosts: frozenset[str] = field(default_factory=frozenset)
    arcgis_base: str = arcgis.ONS


def fetch(
    source: Source,
    folder: Path,
    *,
    mirror: Path | None = None,
    given: Path | None = None,
    refresh: bool = False,
    policy: Policy = Policy(),  # noqa: B008 - frozen, so it can be shared
    progress: Progress = lambda done, total: None,
) -> Path:
    """Put ``source`` at its place below ``folder`` and return that place.

    It is copied from ``given`` (a file) or from ``mirror`` (a folder laid out like this one) or
    downloaded. A file that is there, with the hash that was recorded when it came, is not
    downloaded again unless ``refresh``. Beside it a ``.fetched.json`` records address, time,
    bytes, sha256, ETag and Last-Modified. Raises :class:`FetchError`.
    """
    target = folder / source.file
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_leftovers(target)
    if origin := given or (mirror and mirror / source.file):
        return _copied(source, origin, target)
    if not refresh and (is_complete(target) or _put_by_hand(source, target)):
        return target
    if source.arcgis:
        return _queried(source, target, policy, progress)
    return _downloaded(source, target, policy, progress)


def sidecar_of(target: Path) -> Path:
    """Return where the record of a file's retrieval lies."""
    return target.with_name(target.name + ".fetched.json")


def is_complete(target: Path) -> bool:
    """Say whether a file is there and is, byte for byte, the one that was recorded."""
    try:
        recorded = json.loads(sidecar_of(target).read_text(encoding="utf-8"))["sha256"]
        return bool(content.sha256(target) == recorded)
    except (OSError, ValueError, KeyError):
        return False


def _put_by_hand(source: Source, target: Path) -> bool:
    """Say whether a person saved a sound file there: it has no record, and is kept as it is.

    Raises :class:`FetchError` where it is not sound: it is theirs, so it is not overwritten.
    """
    if not target.is_file() or sidecar_of(target).is_file():
        return False
    found = faults(target, source)
    if found:
        raise FetchError(
            f"{target} was put there by hand and is not {source.title}: {'; '.join(found)}. "
            f"Replace it, or remove it to have it downloaded. It comes from {source.page}"
        )
    return True


def _clear_leftovers(target: Path) -> None:
    """Remove what a killed download left beside the target a day or more ago."""
    for left in target.parent.glob(f".{target.name}.*"):
        if time.time() - left.stat().st_mtime > _LEFTOVER_SECONDS:
            left.unlink(missing_ok=True)


def by_hand(source: Source, target: Path) -> str:
    """Say how a person can put the file there."""
    return (
        f"Open {source.page} in a browser, download the file, and either save it as {target} or "
        f"run: python -m pipelines fetch {source.key} --file PATH"
    )


def _unchanged(problem: str, source: Source, target: Path) -> FetchError:
    """Return the refusal of a new file: what is wrong, what is left, what to do."""
    return FetchError(f"{problem} What was there before is unchanged. {by_hand(source, target)}")


def _copied(source: Source, origin: Path, target: Path) -> Path:
    if not origin.is_file():
        raise FetchError(f"There is no file {origin}. {by_hand(source, target)}")
    record = _record_beside(origin)
    with _beside(target) as fresh:
        shutil.copyfile(origin, fresh)
        try:
            return _accepted(source, fresh, target, record)
        except FetchError as error:
            raise _unchanged(f"{origin} was not taken. {error}", source, target) from error


def _record_beside(origin: Path) -> dict[str, Any]:
    """Return what is recorded of a file, unless that is unreadable or of another file."""
    unknown = {"url": None, "retrieved": None}
    try:
        record = dict(json.loads(sidecar_of(origin).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return unknown
    is_of_it = record.get("sha256") in (None, content.sha256(origin))
    return record if is_of_it else unknown


def _downloaded(source: Source, target: Path, policy: Policy, progress: Progress) -> Path:
    if not source.urls:
        raise FetchError(
            f"{source.publisher} offers no address for scripts. " + by_hand(source, target)
        )
    problems = []
    stop = time.monotonic() + policy.deadline
    for url in source.urls:
        with _beside(target) as fresh:
            try:
                facts = _Publisher(source, policy, stop).get(url, fresh, progress)
                record = {name: facts.get(name) for name in ("url", "etag", "last_modified")}
                return _accepted(source, fresh, target, record | {"retrieved": _now()})
            except FetchError as error:
                problems.append(f"{url}: {error}")
    said = f"{source.title} could not be downloaded. {' '.join(problems)}"
    raise _unchanged(said, source, target)


def _queried(source: Source, target: Path, policy: Policy, progress: Progress) -> Path:
    stop = time.monotonic() + policy.deadline
    with _beside(target) as fresh:
        try:
            ask = _Publisher(source, policy, stop).ask
            url = arcgis.download(source, fresh, ask, policy.arcgis_base, progress)
            return _accepted(source, fresh, target, {"url": url, "retrieved": _now()})
        except (arcgis.ServiceError, FetchError) as error:
            said = f"{source.title} could not be downloaded. {error}"
            raise _unchanged(said, source, target) from error


@dataclass(frozen=True)
class _Publisher:
    """Whoever has a source, asked through a worker until ``stop`` (``time.monotonic``)."""

    source: Source
    policy: Policy
    stop: float

    def get(self, url: str, to: Path, progress: Progress) -> dict[str, Any]:
        """Download ``url`` into ``to``, again where that can help; return the facts of
        :func:`transfer`. Raises :class:`FetchError`."""
        for attempt in range(self.policy.tries):
            facts = self._one_try(url, to, progress)
            if facts.get("status") == 200 and "problem" not in facts:
                return facts
            pause = pause_before_next(facts, attempt, self.policy)
            if pause is None or not self._waited(pause):
                break
        raise FetchError(_in_words(facts))

    def ask(self, url: str) -> dict[str, Any]:
        """Return the JSON at ``url``, asking again while the service says that it is overloaded."""
        for attempt in range(self.policy.tries):
            answer = self._json(url)
            error = answer.get("error")
            is_overloaded = isinstance(error, dict) and error.get("code") in _PASSING
            if not is_overloaded or not self._waited(_pause(attempt, self.policy)):
                break
        return answer

    def _json(self, url: str) -> dict[str, Any]:
        """A failure is the service's, so that the next candidate is tried."""
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.json"
            try:
                self.get(url, page, lambda done, total: None)
                return dict(json.loads(page.read_text(encoding="utf-8")))
            except FetchError as error:
                raise arcgis.ServiceError(str(error).rstrip(".")) from error
            except (ValueError, TypeError, RecursionError) as error:
                raise arcgis.ServiceError("the answer is not a JSON object") from error

    def _waited(self, pause: float) -> bool:
        in_time = time.monotonic() + pause <= self.stop
        if in_time:
            time.sleep(pause)
        return in_time

    def _one_try(self, url: str, to: Path, progress: Progress) -> dict[str, Any]:
        seconds = max(min(self.stop - time.monotonic(), self.policy.attempt), 0.0)
        job = asdict(self.policy) | {
            "url": url,
            "target": str(to),
            "max_bytes": self.source.max_bytes,
            "hosts": _hosts(self.source, self.policy),
            "seconds": seconds,
        }
        try:
            facts = _downloads.do(
                transfer, job, told=lambda done: progress(done, None), seconds=seconds
            )
        except WorkerError as error:
            return {"problem": str(error), "again": True}
        if "bytes" in facts:
            progress(facts["bytes"], facts["bytes"])
        return facts


def pause_before_next(facts: dict[str, Any], attempt: int, policy: Policy) -> float | None:
    """Return how long to wait before trying again, or None where trying again cannot help.

    A server that says when to come back (Retry-After, in seconds or as a date) is obeyed.
    """
    status = facts.get("status", 0)
    may_pass = facts.get("again") or status == 429 or status >= 500
    if not may_pass or attempt + 1 >= policy.tries:
        return None
    with suppress(InvalidHeader):
        if told := facts.get("retry_after"):
            return Retry().parse_retry_after(told)
    return _pause(attempt, policy)


def _pause(attempt: int, policy: Policy) -> float:
    # Jitter keeps many clients that failed together from coming back together.
    return policy.pause * 2**attempt * random.uniform(0.5, 1)  # noqa: S311 - not a secret


def _in_words(facts: dict[str, Any]) -> str:
    if "problem" in facts:
        return f"{facts['problem']}."
    status = facts["status"]
    if status in (401, 403):
        return f"the publisher refuses scripts (status {status})."
    if status == 429:
        return "the publisher asks to come back later (status 429)."
    return f"the server answered with status {status}."


def _hosts(source: Source, policy: Policy) -> set[str]:
    addresses = [*source.urls, policy.arcgis_base if source.arcgis else ""]
    declared = {urlsplit(url).hostname or "" for url in addresses} - {""}
    assets = [ASSET_HOSTS.get(host, frozenset()) for host in declared]
    return declared.union(policy.extra_hosts, *assets)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield a new file in the target's folder, so that the last move stays on one disk."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        yield fresh
    finally:
        fresh.unlink(missing_ok=True)


def faults(path: Path, source: Source) -> list[str]:
    """Return what is wrong with a file: with its content, or else to the reader of its kind."""
    found = content.faults(path, source)
    reader = trial_of(source)
    if found or reader is None:
        return found
    try:
        reader(path)
    except (ReadError, ArchiveError, ValueError, LookupError, OSError) as error:
        return [str(error).rstrip(".")]
    return []


def _accepted(source: Source, fresh: Path, target: Path, record: dict[str, Any]) -> Path:
    """Check the new file; only then let it take the old one's place."""
    found = faults(fresh, source)
    if found:
        said = "; ".join(found).replace(fresh.name, target.name)
        raise FetchError(f"What arrived is not {source.title}: {said}.")
    whole = {**record, "bytes": fresh.stat().st_size, "sha256": content.sha256(fresh)}
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    fresh.chmod(0o644)
    # Between the two moves the file has no record, rather than the record of another.
    sidecar_of(target).unlink(missing_ok=True)
    fresh.replace(target)
    with _beside(target) as note:
        note.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        note.chmod(0o644)
        note.replace(sidecar_of(target))
    return target
