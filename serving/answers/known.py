"""Answers that whoever asks may have already: each has a tag, and one that is known is not sent."""

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.responses import Response


def unless_known(
    asked: Headers, sha256: str, headers: Mapping[str, str], send: Callable[..., Response]
) -> Response:
    """Return 304 to who has the content with this checksum, else what ``send`` gives.

    ``headers`` go with both, the tag among them (RFC 9110, 13.1.2 and 15.4.5).
    """
    tag = f'"{sha256[:32]}"'
    said = {**headers, "ETag": tag}
    known = ",".join(asked.getlist("if-none-match")).split(",")
    if {tag, "*"} & {each.strip().removeprefix("W/") for each in known}:
        return Response(status_code=304, headers=said)
    return send(headers=said)
