"""Messages from a browser, as Streamlit's protocol has them: which are let in, and joining two."""

from contextlib import suppress
from enum import Enum

from google.protobuf.message import DecodeError
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState


class Kind(Enum):
    """What a message asks of the server."""

    RERUN = "rerun"
    FILE = "file"
    SMALL = "small"
    REFUSED = "refused"


class MalformedError(Exception):
    """The bytes are not a message of Streamlit's protocol."""


# Everything else (clearing all visitors' caches, settings for developers, debugging, and whatever
# a later Streamlit adds) is refused.
_SMALL = {"stop_script", "app_heartbeat", "file_urls_request"}
_OPERATIONS = {"deferred_file", "dataframe_chunk"}
_MOST_FILE_URLS = 20


def parsed(data: bytes) -> BackMsg:
    """Return the message in ``data``. Raises :class:`MalformedError`."""
    message = BackMsg()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise MalformedError from error
    return message


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
