"""The log says what happened and holds nothing about who it happened to."""

import json
import logging
import subprocess
import sys
from functools import partial

import pytest

from serving.log import JsonLines, route_of, set_up
from serving.rates import Allowance
from tests.servers import ROOT


def line(name: str, message: str, *args: object, error: bool = False, **extra: object) -> str:
    record = logging.LogRecord(
        name, logging.ERROR, "f.py", 1, message, args, sys.exc_info() if error else None
    )
    vars(record).update(extra)
    return JsonLines().format(record)


def test_a_line_is_one_json_object() -> None:
    made = json.loads(line("atlas.request", "request\nnext", route="/", status=200))
    assert made["message"] == "request\nnext"
    assert (made["level"], made["route"], made["status"]) == ("error", "/", 200)
    assert "\n" not in line("atlas", "a\nb")


def test_an_error_is_told_by_type_and_place_without_its_words() -> None:
    try:
        try:
            int("M1 1AD")
        except ValueError as error:
            raise RuntimeError("resident of M1 1AD") from error
    except RuntimeError:
        text = line("atlas", "page failed", error=True)
    made = json.loads(text)
    assert "M1 1AD" not in text
    assert [each["type"] for each in made["error"]] == ["RuntimeError", "ValueError"]
    assert "test_log.py" in made["error"][0]["where"][-1]


def test_what_others_log_keeps_its_words_but_not_what_was_sent() -> None:
    made = json.loads(line("streamlit.web", "Rejecting origin=%s", "https://visitor.example"))
    assert made["message"] == "Rejecting origin=%s"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "/"),
        ("/my_area", "/my_area"),
        ("/_stcore/health", "/_stcore/health"),
        ("/_stcore/upload_file/3f2a/77", "/_stcore/upload_file/…"),
        ("/media/0a1b2c.xlsx", "/media/…"),
        ("/component/streamlit_folium.st_folium/index.html", "/component/…"),
        ("/M1 1AD", "(other)"),
        ("/Jane-Smith", "(other)"),
        ("/a/b/c", "(other)"),
    ],
)
def test_an_address_is_told_by_its_kind(path: str, said: str) -> None:
    assert route_of(path) == said


def test_the_log_does_not_grow_with_an_attack_and_tells_what_it_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("serving.log.Allowance", partial(Allowance, clock=lambda: now[0]))
    root = logging.getLogger()
    before = root.handlers, root.level
    try:
        set_up("info")
        for _ in range(5000):
            logging.getLogger("atlas.guard").warning("connection refused")
        logging.getLogger("atlas").error("page failed")
        now[0] += 1
        logging.getLogger("atlas.guard").warning("connection refused")
    finally:
        root.handlers, root.level = before
    lines = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert len(lines) == 1000 + 1 + 1
    assert lines[-2]["message"] == "page failed" and lines[-1]["left_out"] == 4000


FAILURES = """
import asyncio, logging, threading
import serve
from serving import log
log.set_up("info")
from streamlit import error_util
from streamlit.logger import get_logger

def fails():
    raise ValueError("resident of M1 1AD")

async def never_awaited():
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task failed", "future": "M1 1AD", "exception": ValueError("M1 1AD")}
    )

try:
    fails()
except ValueError as error:
    error_util.handle_user_script_exception(error, lambda error: True)
    get_logger("streamlit.made_late").warning("Late", exc_info=error)
asyncio.run(never_awaited())
thread = threading.Thread(target=fails)
thread.start()
thread.join()
"""


@pytest.mark.slow
def test_whatever_fails_is_one_json_object_a_line_and_nothing_stands_beside() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FAILURES], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = [json.loads(each) for each in ran.stderr.splitlines()]
    messages = ["Uncaught app execution", "Late", "Task failed", "thread failed"]
    assert [each["message"] for each in found if "error" in each] == messages
    assert {each["error"][0]["type"] for each in found if "error" in each} == {"ValueError"}
    assert "M1" not in ran.stderr + ran.stdout
