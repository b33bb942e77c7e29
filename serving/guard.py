"""The guard at the app's websocket: one visitor cannot use up what all visitors share.

Streamlit runs the page for every message that asks for it, and lets any visitor clear the caches
of all. The guard stands before it: it knows each message, refuses what the Atlas never needs, and
bounds how fast the rest goes on. Reruns that come too fast are held back and joined, so that the
last state of the page is always shown.
"""

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv6Address, ip_address
from typing import Any

from google.protobuf.message import DecodeError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from serving.rates import Allowance, Allowances, Clock
from serving.settings import Limits

log = logging.getLogger("atlas.guard")

_CANNOT_ACCEPT, _PROTOCOL_ERROR, _TOO_BIG, _TRY_AGAIN = 1003, 1002, 1009, 1013
# A message that says that a run begins names the pages, and is a few kilobytes.
_MOST_TO_WATCH = 16_384
_LOOK_AGAIN, _LONG_RUN = 0.05, 2.0
# Seconds until a socket that asked for nothing is closed, and one that has asked before: a page
# that is still open then connects anew by itself, and goes on.
_SILENT_AT_FIRST, _SILENT = 30.0, 7200.0
_NO_FILE = (
    "The file could not be made. Try again in a minute. If it fails again, choose a smaller area."
)
_BUSY = (
    b"Too many pages of the Digital Inclusion Atlas are open from your network, or in all. "
    b"Please close some and try again in a minute.\n"
)


class Guard:
    """ASGI middleware: bounds the sockets of the process and the messages of each."""

    def __init__(self, app: ASGIApp, limits: Limits, clock: Clock = time.monotonic) -> None:
        self.app, self.limits, self._clock = app, limits, clock
        self._arrivals = Allowances(limits.connections_per_second, limits.connection_burst, clock)
        self._reruns = Allowances(
            limits.address_reruns_per_second, limits.address_rerun_burst, clock
        )
        self._talks: dict[str, list[Conversation]] = {}
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a socket in where there is room, and pass on only what its page may ask for."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        address = place_of(str((scope.get("client") or ("",))[0]))
        reason = self._reason_to_refuse(address)
        if reason:
            log.warning("connection refused", extra={"reason": reason})
            await _refuse(scope, receive, send)
            return
        self._open += 1
        shared, talks = self._reruns.of(address), self._talks.setdefault(address, [])
        conversation = Conversation(receive, send, self.limits, shared, self._clock)
        talks.append(conversation)
        try:
            await self.app(scope, conversation.receive, conversation.send)
        finally:
            self._open -= 1
            talks.remove(conversation)
            conversation.end()
            if not talks:
                del self._talks[address]
                self._reruns.forget(self._talks)

    def _staying(self, address: str) -> "list[Conversation]":
        return [talk for talk in self._talks.get(address, ()) if not talk.leaving]

    def _reason_to_refuse(self, address: str) -> str:
        if len(self._staying(address)) >= self.limits.sockets_per_address:
            return "too many sockets from one address"
        if not self._arrivals.take(address):
            return "connections from one address too fast"
        if self._open >= self.limits.sockets and not self._made_room(address):
            return "all sockets in use"
        return ""

    def _made_room(self, address: str) -> bool:
        """Close the longest silent socket of the address with most, so that few lock out none."""
        busiest = max(map(self._staying, self._talks), key=len)
        if len(busiest) <= len(self._staying(address)) + 1:
            return False
        min(busiest, key=lambda talk: talk.heard).give_way()
        return True


def place_of(address: str) -> str:
    """Return what is counted as one visitor: an address, or its /64 network in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()  # the request to connect
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _TRY_AGAIN})
        return
    await PlainTextResponse(_BUSY, 503, {"retry-after": "60"})(scope, receive, send)


@dataclass
class Conversation:
    """One socket's messages on their way to the app. ``counts`` says what became of them."""

    incoming: Receive
    outgoing: Send
    limits: Limits
    shared_reruns: Allowance
    clock: Clock = time.monotonic
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        limits, clock = self.limits, self.clock
        self._messages = Allowance(limits.messages_per_second, limits.message_burst, clock)
        self._reruns = Allowance(limits.reruns_per_second, limits.rerun_burst, clock)
        self._files = Allowance(limits.files_per_second, limits.file_burst, clock)
        self._held: BackMsg | None = None
        self._next: asyncio.Future[Message] | None = None
        self._closed = False
        self.heard, self._asked, self.leaving = clock(), False, False
        self._leave: asyncio.Future[None] | None = None
        # When the run under way began, and until when the page rests after the last one.
        self._began: float | None = None
        self._rest_until = 0.0

    async def receive(self) -> Message:
        """Return the next event for the app (ASGI's ``receive``)."""
        while True:
            if self._held is not None and not self._rest() and self._may_rerun():
                held, self._held = self._held, None
                return {"type": "websocket.receive", "bytes": held.SerializeToString()}
            event = await self._event()
            if event is None:
                continue
            if event["type"] != "websocket.receive":
                return event
            passed = await self._judged(event)
            if passed is not None:
                return passed

    async def send(self, message: Message) -> None:
        """Pass on what the app sends, unless the guard has closed the socket (ASGI's ``send``)."""
        if self._closed:
            return
        try:
            await self.outgoing(self._watched(message))
        except OSError:
            # The visitor is gone. That is told once, by the next event, not as a failure here.
            self._closed = True

    def end(self) -> None:
        """Stop waiting for messages, and log what became of those that were not simply let in."""
        if self._next is not None:
            self._next.cancel()
        if self.counts:
            log.info("socket closed", extra={"messages": dict(self.counts)})

    def give_way(self) -> None:
        """Close this socket as soon as it waits for a message."""
        self.leaving = True
        if self._leave is not None:
            self._leave.set_result(None)

    async def _event(self) -> Message | None:
        """The next event; nothing where a held rerun is due first.

        A wait that is given up must not lose an event, so that the same one is waited for again.
        """
        if self._next is None:
            self._next = asyncio.ensure_future(self.incoming())
        if self._leave is None:
            self._leave = asyncio.get_running_loop().create_future()
        silence = (_SILENT if self._asked else _SILENT_AT_FIRST) - (self.clock() - self.heard)
        rerun = max(self._reruns.wait(), self.shared_reruns.wait(), self._rest())
        due = silence if self._held is None else min(silence, rerun)
        waiting: set[asyncio.Future[Any]] = {self._next, self._leave}
        await asyncio.wait(waiting, timeout=max(0.0, due), return_when=asyncio.FIRST_COMPLETED)
        if self._next.done():
            event, self._next, self.heard = self._next.result(), None, self.clock()
            self._asked = self._asked or event["type"] == "websocket.receive"
            return event
        if self.leaving or silence <= 0:
            return await self._close(_TRY_AGAIN, "silent")
        return None

    async def _judged(self, event: Message) -> Message | None:
        """One message: let in as it is, or held, or refused."""
        data = event.get("bytes")
        if data is None:
            return await self._close(_CANNOT_ACCEPT, "text")
        if len(data) > self.limits.message_bytes:
            return await self._close(_TOO_BIG, "too big")
        # What comes too fast stays in the network: the sender waits, not this process.
        while not self._messages.take():
            self.counts["slowed"] += 1
            await asyncio.sleep(self._messages.wait())
        try:
            message = BackMsg.FromString(data)
        except DecodeError:
            return await self._close(_PROTOCOL_ERROR, "malformed")
        kind = kind_of(message)
        if kind is Kind.REFUSED:
            self.counts["refused"] += 1
            return None
        if kind is Kind.RERUN:
            return self._rerun(message, event)
        while kind is Kind.FILE and not self._files.take():
            await asyncio.sleep(self._files.wait())
        return event

    def _rerun(self, message: BackMsg, event: Message) -> Message | None:
        if self._held is not None:
            self.counts["joined"] += 1
            self._held = joined(self._held, message)
            return None
        if self._may_rerun():
            return event
        self.counts["held"] += 1
        self._held = message
        return None

    def _may_rerun(self) -> bool:
        if not self._reruns.take():
            return False
        if not self.shared_reruns.take():
            self._reruns.give_back()
            return False
        return True

    def _watched(self, message: Message) -> Message:
        """Note when a run begins and ends, and say in our words that a file could not be made."""
        data = message.get("bytes")
        if data is None or len(data) > _MOST_TO_WATCH:
            return message
        answer = answer_in(data)
        kind = answer.WhichOneof("type")
        if kind == "new_session":
            self._began = self.clock()
        elif kind == "script_finished" and self._began is not None:
            now = self.clock()
            self._rest_until, self._began = now + (now - self._began), None
        elif kind == "backend_operation_response" and answer.backend_operation_response.error_msg:
            answer.backend_operation_response.error_msg = _NO_FILE
            return {**message, "bytes": answer.SerializeToString()}
        return message

    def _rest(self) -> float:
        """Seconds for which a held rerun has yet to wait, whatever its allowance.

        Who asks too fast has one run at a time, and a pause after it as long as it took: half of
        a processor core at most, however heavy the page. A run that takes long is interrupted.
        """
        now = self.clock()
        if self._began is not None:
            return _LOOK_AGAIN if now - self._began < _LONG_RUN else 0.0
        return max(0.0, min(self._rest_until - now, _LONG_RUN))

    async def _close(self, code: int, why: str) -> Message:
        self.counts[why] += 1
        await self.send({"type": "websocket.close", "code": code})
        self._closed = True
        return {"type": "websocket.disconnect", "code": code}


class Kind(Enum):
    """What a message asks of the server."""

    RERUN = "rerun"
    FILE = "file"
    SMALL = "small"
    REFUSED = "refused"


# Everything else (clearing all visitors' caches, settings for developers, debugging, and whatever
# a later Streamlit adds) is refused.
_SMALL = {"stop_script", "app_heartbeat", "file_urls_request"}
_OPERATIONS = {"deferred_file", "dataframe_chunk"}
_MOST_FILE_URLS = 20


def kind_of(message: BackMsg) -> Kind:
    """Return what a message asks for; anything not known to be needed is ``REFUSED``."""
    name = message.WhichOneof("type")
    if name == "rerun_script":
        return Kind.RERUN
    if name == "backend_operation_request":
        wanted = message.backend_operation_request.WhichOneof("payload")
        return Kind.FILE if wanted in _OPERATIONS else Kind.REFUSED
    if name == "file_urls_request" and len(message.file_urls_request.file_names) > _MOST_FILE_URLS:
        return Kind.REFUSED
    return Kind.SMALL if name in _SMALL else Kind.REFUSED


def answer_in(data: bytes) -> ForwardMsg:
    """Return the message to the browser in ``data``, an empty one where there is none."""
    message = ForwardMsg()
    with suppress(DecodeError):
        message.ParseFromString(data)
    return message


def joined(older: BackMsg, newer: BackMsg) -> BackMsg:
    """Return one rerun that does what two reruns in turn would have done.

    The newer state counts. A button that was pressed in the older one stays pressed, because the
    browser forgets a press as soon as it is sent. Two different parts of a page, or a part and the
    whole, become the whole page.
    """
    made = BackMsg()
    made.CopyFrom(newer)
    before, after = older.rerun_script, made.rerun_script
    if before.fragment_id != after.fragment_id:
        after.fragment_id = ""
    after.is_auto_rerun = before.is_auto_rerun and after.is_auto_rerun
    held = {state.id: state for state in after.widget_states.widgets}
    for state in before.widget_states.widgets:
        if _pressed(state):
            later = held.get(state.id)
            if later is None:
                after.widget_states.widgets.append(state)
            elif later.WhichOneof("value") == state.WhichOneof("value") and not _pressed(later):
                later.CopyFrom(state)
    return made


def _pressed(state: WidgetState) -> bool:
    kind = state.WhichOneof("value")
    if kind in ("trigger_value", "json_trigger_value"):
        return bool(getattr(state, kind))
    if kind in ("string_trigger_value", "chat_input_value"):
        return bool(getattr(state, kind).HasField("data"))
    return False
