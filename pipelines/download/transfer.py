"""One request, for a worker.

Time-outs of an HTTP library hold per read: a server that sends one byte a second never meets
them, and headers can drip too. So requests run in a process that is ended at a deadline which
nothing can stretch: by whoever asked, and by itself where that process was killed.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

_BLOCK = 64 * 1024
_AGENT = "DigitalInclusionAtlas/0.1 (open data pipeline)"


class Refused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The server's answer is not acceptable, and asking again would not change it."""


def transfer(job: dict[str, Any], told: Callable[[int], object]) -> dict[str, Any]:
    """Carry out one request; ``told`` hears of the bytes that have come.

    ``job``: ``url``, ``target`` (path of a file to write), ``max_bytes``, ``connect`` and ``read``
    (seconds), ``redirects`` (most to follow), ``hosts`` (allowed), ``https_only``, ``seconds``
    (for the whole; a second later the process ends itself). Returns
    ``status`` with ``url, bytes, sha256, etag, last_modified, retry_after``, or ``problem`` (in
    words) with ``again`` (whether another try may help).
    """
    end = Timer(job["seconds"] + 1, os._exit, [1])
    end.daemon = True
    end.start()
    try:
        response = _answer(job)
        with response:
            facts = _facts(response)
            if response.status_code == 200:
                facts |= _written(response, job, told)
            return facts
    except Refused as refusal:
        return {"problem": str(refusal), "again": False}
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        return {"problem": "the server stopped answering", "again": True}
    except requests.exceptions.SSLError:
        return {"problem": "the server's certificate could not be verified", "again": False}
    except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError) as error:
        return {"problem": f"the connection broke ({type(error).__name__})", "again": True}
    except OSError as error:
        return {"problem": f"the file could not be written ({error.strerror})", "again": False}
    except ValueError as error:
        return {"problem": f"its address or headers make no sense ({error})"[:300], "again": False}
    finally:
        end.cancel()


def _answer(job: dict[str, Any]) -> requests.Response:
    """Follow redirects by hand: never to another scheme, never to a host nobody declared."""
    url = job["url"]
    for _ in range(job["redirects"] + 1):
        parts = urlsplit(url)
        if parts.scheme != "https" and (job["https_only"] or parts.scheme != "http"):
            raise Refused(f"it leads to an address that is not https ({parts.scheme}:)")
        if parts.hostname not in job["hosts"] or parts.username is not None:
            raise Refused(
                f"it leads to {parts.hostname}, which is not among the publisher's hosts "
                f"(if that is right: --allow-host {parts.hostname})"
            )
        # A connection each: one kept open may be closed by the server as it is used again.
        response = requests.Session().get(
            url,
            stream=True,
            allow_redirects=False,
            timeout=(job["connect"], job["read"]),
            headers={"Accept-Encoding": "identity", "Connection": "close", "User-Agent": _AGENT},
        )
        if not response.is_redirect:
            return response
        url = urljoin(url, response.headers["Location"])
        response.close()
    raise Refused(f"it redirects more than {job['redirects']} times")


def _facts(response: requests.Response) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "url": response.url,
        "etag": response.headers.get("ETag"),
        "last_modified": response.headers.get("Last-Modified"),
        "retry_after": response.headers.get("Retry-After"),
    }


def _written(
    response: requests.Response, job: dict[str, Any], told: Callable[[int], object]
) -> dict[str, Any]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()[:40]
    if encoding not in ("", "identity"):
        raise Refused(f"it is sent compressed ({encoding}) although plain bytes were asked for")
    promised = response.headers.get("Content-Length")
    if promised and promised.isdigit() and int(promised) > job["max_bytes"]:
        raise Refused(f"it announces {int(promised):,} bytes, more than {job['max_bytes']:,}")
    digest, size = hashlib.sha256(), 0
    with Path(job["target"]).open("wb") as file:
        while block := response.raw.read1(_BLOCK, decode_content=False):
            size += len(block)
            if size > job["max_bytes"]:
                raise Refused(f"it is larger than {job['max_bytes']:,} bytes")
            digest.update(block)
            file.write(block)
            told(size)
    if promised and promised.isdigit() and size != int(promised):
        return {"problem": f"{size:,} of {int(promised):,} bytes arrived", "again": True}
    return {"bytes": size, "sha256": digest.hexdigest()}
