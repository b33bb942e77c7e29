"""The guard lets a page's messages in, and nothing that one visitor could use against all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import NewSession

from serving import guard as guards
from serving.guard import Conversation, Guard, Kind, joined, kind_of, place_of
from serving.rates import Allowance
from serving.settings import Limits, read

LIMITS = read().limits
ROOMY = replace(LIMITS, reruns_per_second=1000, rerun_burst=1000)


def rerun(text: str = "", *, fragment: str = "", press: str = "", page: str = "p") -> BackMsg:
    message = BackMsg()
    state = message.rerun_script
    state.page_script_hash, state.fragment_id = page, fragment
    if text:
        state.widget_states.widgets.add(id="box", string_value=text)
    if press:
        state.widget_states.widgets.add(id=press, trigger_value=True)
    return message


def other(**fields: Any) -> BackMsg:
    return BackMsg(**fields)


def operation(**payload: Any) -> BackMsg:
    message = BackMsg()
    message.backend_operation_request.request_id = "1"
    for name, value in payload.items():
        getattr(message.backend_operation_request, name).SetInParent()
        assert value
    return message


class Wire:
    """A socket's two ends, for one conversation."""

    def __init__(self, *messages: BackMsg | bytes | str, then_leave: bool = True) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        for message in messages:
            self.put(message)
        if then_leave:
            self.leave()

    def put(self, message: BackMsg | bytes | str) -> None:
        event: dict[str, Any] = {"type": "websocket.receive"}
        if isinstance(message, str):
            event["text"] = message
        else:
            event["bytes"] = message if isinstance(message, bytes) else message.SerializeToString()
        self.queue.put_nowait(event)

    def leave(self) -> None:
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def send(self, message: Any) -> None:
        self.sent.append(message)


async def passed(wire: Wire, limits: Limits = ROOMY, shared: Allowance | None = None) -> list[Any]:
    """The messages that reach the app, until the socket closes."""
    shared = shared or Allowance(limits.address_reruns_per_second, limits.address_rerun_burst)
    talk = Conversation(wire.queue.get, wire.send, limits, shared)
    got = []
    while (event := await talk.receive())["type"] == "websocket.receive":
        got.append(BackMsg.FromString(event["bytes"]))
    talk.end()
    return got


def run(coroutine: Awaitable[Any]) -> Any:
    return asyncio.run(coroutine)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "message",
    [
        other(clear_cache=True),
        other(set_run_on_save=True),
        other(load_git_info=True),
        other(debug_disconnect_websocket=True),
        other(debug_shutdown_runtime=True),
        operation(install_skills=True),
        operation(dismiss_skills_nudge=True),
        operation(),
        BackMsg(),
    ],
    ids=lambda message: str(message).replace("\n", " ")[:40] or "empty",
)
def test_what_the_atlas_never_needs_is_refused(message: BackMsg) -> None:
    assert kind_of(message) is Kind.REFUSED
    assert run(passed(Wire(message, rerun("a")))) == [rerun("a")]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (rerun("a"), Kind.RERUN),
        (other(stop_script=True), Kind.SMALL),
        (other(app_heartbeat=True), Kind.SMALL),
        (operation(deferred_file=True), Kind.FILE),
        (operation(dataframe_chunk=True), Kind.FILE),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
def test_what_a_page_needs_goes_through_unchanged(message: BackMsg, kind: Kind) -> None:
    assert kind_of(message) is kind
    assert run(passed(Wire(message))) == [message]


def test_every_message_of_the_protocol_is_judged() -> None:
    # A new kind in a later Streamlit is refused until somebody has looked at it.
    known = {
        "clear_cache",
        "set_run_on_save",
        "stop_script",
        "rerun_script",
        "load_git_info",
        "debug_disconnect_websocket",
        "debug_shutdown_runtime",
        "file_urls_request",
        "app_heartbeat",
        "backend_operation_request",
    }
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} == known


def test_a_request_for_thousands_of_upload_addresses_is_refused() -> None:
    message = BackMsg()
    message.file_urls_request.file_names.extend(["a.csv"] * 21)
    assert kind_of(message) is Kind.REFUSED
    del message.file_urls_request.file_names[20:]
    assert kind_of(message) is Kind.SMALL


def test_a_fast_reader_loses_nothing_but_the_steps_between() -> None:
    limits = replace(LIMITS, reruns_per_second=20, rerun_burst=3)
    got = run(_then_leave([rerun(str(n)) for n in range(50)], limits, seconds=0.4))
    assert got[:3] == [rerun("0"), rerun("1"), rerun("2")]
    assert got[-1] == rerun("49")
    assert len(got) <= 3 + 20 * 0.4 + 1


async def _then_leave(messages: list[BackMsg], limits: Limits, seconds: float) -> list[Any]:
    wire = Wire(*messages, then_leave=False)
    asyncio.get_running_loop().call_later(seconds, wire.leave)
    return await passed(wire, limits)


def test_a_press_that_was_held_back_is_not_lost() -> None:
    one = joined(rerun("a", press="go"), rerun("b"))
    assert one == joined(one, rerun("b"))
    states = {state.id: state for state in one.rerun_script.widget_states.widgets}
    assert states["go"].trigger_value
    assert states["box"].string_value == "b"


def test_an_unpressed_button_in_the_newer_state_does_not_hide_the_press() -> None:
    newer = rerun("b")
    newer.rerun_script.widget_states.widgets.add(id="go", trigger_value=False)
    states = joined(rerun(press="go"), newer).rerun_script.widget_states.widgets
    assert [state.trigger_value for state in states if state.id == "go"] == [True]


def test_parts_of_a_page_join_into_the_whole() -> None:
    assert joined(rerun("a", fragment="f"), rerun("b", fragment="f")) == rerun("b", fragment="f")
    for first, second in [("f", "g"), ("f", ""), ("", "f")]:
        made = joined(rerun("a", fragment=first), rerun("b", fragment=second))
        assert made == rerun("b")


def test_joining_leaves_both_messages_as_they_were() -> None:
    older, newer = rerun("a", press="go"), rerun("b")
    joined(older, newer)
    assert (older, newer) == (rerun("a", press="go"), rerun("b"))


def test_the_pages_of_one_address_share_its_reruns() -> None:
    shared = Allowance(rate=0.001, burst=4)

    async def both() -> list[int]:
        return [
            len(await passed(Wire(*[rerun(str(n)) for n in range(3)]), ROOMY, shared))
            for _ in range(2)
        ]

    assert run(both()) == [3, 1]


@pytest.mark.parametrize(
    ("message", "code"),
    [("text", 1003), (b"\xff\xff\xff\xff", 1002), (b"x" * (LIMITS.message_bytes + 1), 1009)],
    ids=["text", "not the protocol", "too big"],
)
def test_a_socket_that_breaks_the_protocol_is_closed(message: Any, code: int) -> None:
    wire = Wire(message, rerun("after"))
    assert run(passed(wire)) == []
    assert wire.sent == [{"type": "websocket.close", "code": code}]


def test_who_asks_too_fast_rests_as_long_as_a_run_took() -> None:
    now = [100.0]

    async def said(talk: Conversation, **fields: Any) -> None:
        data = ForwardMsg(**fields).SerializeToString()
        await talk.send({"type": "websocket.send", "bytes": data})

    async def whole() -> None:
        wire = Wire(then_leave=False)
        limits = replace(LIMITS, rerun_burst=1, reruns_per_second=1000)
        talk = Conversation(wire.queue.get, wire.send, limits, Allowance(1e6, 1e6), lambda: now[0])
        wire.put(rerun("a"))
        assert BackMsg.FromString((await talk.receive())["bytes"]) == rerun("a")
        await said(talk, new_session=NewSession())
        wire.put(rerun("b"))
        waiting = asyncio.create_task(talk.receive())  # type: ignore[arg-type]
        await asyncio.sleep(0.15)
        assert not waiting.done()  # no token yet, and the run is under way
        now[0] += 0.4
        await said(talk, script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
        await asyncio.sleep(0.15)
        assert not waiting.done()  # it took 0.4 s, so the page rests
        now[0] += 0.41
        assert BackMsg.FromString((await asyncio.wait_for(waiting, 5))["bytes"]) == rerun("b")
        talk.end()

    run(whole())


def test_a_visitor_who_leaves_while_being_answered_is_no_failure() -> None:
    async def whole() -> None:
        wire = Wire()

        async def broken(message: Any) -> None:
            wire.sent.append(message)
            raise ConnectionResetError

        talk = Conversation(wire.queue.get, broken, ROOMY, Allowance(1, 1))
        await talk.send({"type": "websocket.send", "bytes": b"1"})
        await talk.send({"type": "websocket.send", "bytes": b"2"})
        assert len(wire.sent) == 1
        assert (await talk.receive())["type"] == "websocket.disconnect"

    run(whole())


def test_a_file_that_could_not_be_made_is_told_in_our_words() -> None:
    wire = Wire()
    made, failed = ForwardMsg(), ForwardMsg()
    made.backend_operation_response.deferred_file.url = "/media/a.csv"
    failed.backend_operation_response.request_id = "7"
    failed.backend_operation_response.error_msg = "Failed to generate file for download"

    async def whole() -> list[ForwardMsg]:
        talk = Conversation(wire.queue.get, wire.send, ROOMY, Allowance(1, 1))
        for message in (made, failed):
            data = message.SerializeToString()
            await talk.send({"type": "websocket.send", "bytes": data})
        return [ForwardMsg.FromString(sent["bytes"]) for sent in wire.sent]

    first, second = run(whole())
    assert first == made
    assert second.backend_operation_response.request_id == "7"
    said = second.backend_operation_response.error_msg
    assert said.startswith("The file could not be made. Try again in a minute.")


def test_fast_messages_wait_in_the_network() -> None:
    limits = replace(ROOMY, messages_per_second=100, message_burst=5)
    wire = Wire(*[other(app_heartbeat=True)] * 20)

    async def timed() -> float:
        start = asyncio.get_running_loop().time()
        assert len(await passed(wire, limits)) == 20
        return asyncio.get_running_loop().time() - start

    assert run(timed()) > 0.1


class Room:
    """A guard around an app that stays open until told to stop."""

    def __init__(self, **limits: float) -> None:
        self.stop, self.inside = asyncio.Event(), 0
        self.guard = Guard(self.app, replace(LIMITS, **limits))  # type: ignore[arg-type]

    async def app(self, _scope: Any, _receive: Any, _send: Any) -> None:
        self.inside += 1
        await self.stop.wait()

    async def knock(self, address: str) -> list[Any]:
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "websocket",
            "client": (address, 1),
            "extensions": {"websocket.http.response": {}},
        }
        await self.guard(scope, receive, send)
        return sent


def in_room(act: Callable[[Room], Awaitable[None]], **limits: float) -> None:
    async def whole() -> None:
        await act(Room(**limits))

    asyncio.run(whole())


def test_sockets_are_bounded_by_address_and_in_all() -> None:
    async def act(room: Room) -> None:
        tasks = [asyncio.create_task(room.knock("10.0.0.1")) for _ in range(3)]
        tasks += [asyncio.create_task(room.knock(f"10.0.1.{n}")) for n in range(4)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # Two of the first address and two of the others; then one of the first gives way.
        assert room.inside == 5
        refused = [task.result() for task in tasks if task.done()]
        assert [sent[0]["status"] for sent in refused] == [503, 503]
        room.stop.set()
        await asyncio.gather(*tasks)
        assert await room.knock("10.0.0.1") == []  # the room is given back

    in_room(act, sockets=4, sockets_per_address=2)


def test_opening_and_closing_is_bounded_too() -> None:
    async def act(room: Room) -> None:
        room.stop.set()
        answers = [await room.knock("10.0.0.1") for _ in range(5)]
        assert [bool(sent) for sent in answers] == [False] * 3 + [True] * 2
        assert await room.knock("10.0.0.2") == []

    in_room(act, connections_per_second=1, connection_burst=3)


def test_the_guard_forgets_addresses() -> None:
    now = [0.0]

    async def act() -> None:
        room = Room()
        room.guard = Guard(room.app, LIMITS, clock=lambda: now[0])
        room.stop.set()
        for number in range(50):
            now[0] += 60
            await room.knock(f"10.0.0.{number}")
        for allowances in (room.guard._arrivals, room.guard._reruns):
            assert len(allowances._held) <= 1
        assert not room.guard._talks

    asyncio.run(act())


class Sockets:
    """A guard before an app that waits for every socket's messages until it is closed."""

    def __init__(self, **limits: int) -> None:
        self.guard = Guard(self.app, replace(LIMITS, **limits))
        self.closed: list[str] = []

    async def app(self, scope: Any, receive: Any, _send: Any) -> None:
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.closed.append(scope["client"][0])

    def open(self, address: str) -> "asyncio.Task[list[Any]]":
        async def talk() -> list[Any]:
            wire = Wire(then_leave=False)
            wire.queue.put_nowait({"type": "websocket.connect"})
            scope = {
                "type": "websocket",
                "client": (address, 1),
                "extensions": {"websocket.http.response": {}},
            }
            await self.guard(scope, wire.queue.get, wire.send)
            return wire.sent

        return asyncio.create_task(talk())


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def test_few_addresses_with_many_sockets_lock_nobody_out() -> None:
    async def act() -> None:
        room = Sockets(sockets=8, sockets_per_address=4)
        hostile = [room.open(f"10.0.0.{number % 2}") for number in range(8)]
        await settled()
        honest = [room.open(f"10.1.0.{number}") for number in range(6)]
        await settled()
        assert not any(each.done() for each in honest)
        assert len(room.closed) == 6 and set(room.closed) == {"10.0.0.0", "10.0.0.1"}
        # Where every address has as little, the newcomer is told that all is taken.
        refused = room.open("10.2.0.0")
        await settled()
        assert refused.done() and refused.result()[0]["status"] == 503
        for each in [*hostile, *honest]:
            each.cancel()

    asyncio.run(act())


def test_a_socket_that_asks_for_nothing_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "_SILENT_AT_FIRST", 0.0)

    async def act() -> None:
        room = Sockets()
        silent = room.open("10.0.0.1")
        sent = await asyncio.wait_for(silent, 30)
        assert sent[-1] == {"type": "websocket.close", "code": 1013}

    asyncio.run(act())


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_network_of_ipv6_counts_as_one_visitor(address: str, place: str) -> None:
    assert place_of(address) == place
