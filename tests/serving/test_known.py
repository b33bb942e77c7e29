"""What whoever asks has already is not sent again, in every form in which a browser says so."""

import pytest
from starlette.datastructures import Headers
from starlette.responses import Response

from serving.answers.pages import unless_known

SHA256 = "0123456789abcdef" * 4
TAG = f'"{SHA256[:32]}"'


def asked(*said: str) -> Response:
    headers = Headers(raw=[(b"if-none-match", each.encode()) for each in said])
    given = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    return unless_known(headers, SHA256, given, lambda headers: Response(b"all", headers=headers))


@pytest.mark.parametrize(
    "said",
    [
        [TAG],
        [f"W/{TAG}"],
        [f'"other", W/{TAG}'],
        ['"other"', TAG],
        ["*"],
        [f'"other",{TAG},"more"'],
    ],
)
def test_what_is_known_is_not_sent(said: list[str]) -> None:
    answer = asked(*said)
    assert (answer.status_code, answer.body) == (304, b"")
    assert (answer.headers["etag"], answer.headers["vary"]) == (TAG, "Accept-Encoding")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("said", [[], [""], ['"other"'], [TAG[:-2] + '"'], [TAG.strip('"')]])
def test_what_is_not_known_is_sent_with_its_tag(said: list[str]) -> None:
    answer = asked(*said)
    assert (answer.status_code, answer.body, answer.headers["etag"]) == (200, b"all", TAG)
