"""Visitors without a browser, for benchmarks: they speak Streamlit's own protocol on loopback.

A visitor opens a page, asks for it again with another view, and reads every message of the answer.
Each has an address of its own, told in X-Forwarded-For, which the server under test is set to
believe: so the limits for one address meet them as they would on the internet.
"""

import asyncio
import contextlib
import http.client
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.servers import Server

BEHIND_PROXY = '[site]\ntrusted_proxies = ["127.0.0.1"]\n[log]\nlevel = "error"\n'
PATIENCE = 120.0


def rss_mb(server: Server) -> float:
    """Return the memory that a server's process holds, in MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@dataclass
class Visitor:
    """One reader's open page."""

    port: int
    number: int
    socket: ClientConnection | None = None
    source: str = ""
    cookie: str = ""
    session: str = ""
    headings: list[str] = field(default_factory=list)
    uploaders: list[str] = field(default_factory=list)
    buttons: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    address: str = ""
    exceptions: int = 0
    received: int = 0

    async def arrive(self) -> None:
        """Open the socket, from ``source`` and with ``cookie`` where they are set."""
        usual = f"10.{self.number >> 16 & 255}.{self.number >> 8 & 255}.{self.number & 255}"
        self.socket = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={
                "X-Forwarded-For": self.address or usual,
                **({"Cookie": self.cookie} if self.cookie else {}),
            },
            local_addr=(self.source, 0) if self.source else None,
            max_size=None,
            compression=None,
            proxy=None,
            open_timeout=PATIENCE,
        )

    async def ask(self, page: str, query: str, press: str = "") -> None:
        """Ask for a page with a view in its address, without waiting for it.

        ``press`` is the key of a button that is pressed by this.
        """
        assert self.socket
        message = BackMsg()
        if press:
            message.rerun_script.widget_states.widgets.add(
                id=self.buttons[press], trigger_value=True
            )
        message.rerun_script.page_name = page
        message.rerun_script.query_string = query
        await self.socket.send(message.SerializeToString())

    async def see(self, page: str, query: str, press: str = "") -> float:
        """Ask for a page and read it to the end; return the seconds that it took."""
        start = time.perf_counter()
        await self.ask(page, query, press)
        await self.read_to_the_end()
        return time.perf_counter() - start

    async def read_to_the_end(self) -> None:
        """Read until the run of the page is over; keep its headings and count exceptions."""
        assert self.socket
        self.headings, self.uploaders, self.exceptions = [], [], 0
        self.buttons, self.files = {}, {}
        async with asyncio.timeout(PATIENCE):
            while True:
                data = await self.socket.recv()
                self.received += len(data)
                message = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
                kind = message.WhichOneof("type")
                if kind == "delta":
                    element = message.delta.new_element
                    self._note(element)
                    if element.WhichOneof("type") == "heading":
                        self.headings.append(element.heading.body)
                    elif element.WhichOneof("type") == "file_uploader":
                        self.uploaders.append(element.file_uploader.id)
                    elif element.WhichOneof("type") == "exception":
                        self.exceptions += 1
                elif kind == "new_session":
                    self.session = message.new_session.initialize.session_id
                elif kind == "script_finished" and (
                    message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
                ):
                    return

    def _note(self, element: Element) -> None:
        """Note a button by the key in its id, and a file that is made when asked for."""
        if element.WhichOneof("type") == "button":
            self.buttons[element.button.id.rpartition("-")[2]] = element.button.id
        elif element.WhichOneof("type") == "download_button":
            made = element.download_button
            self.files[made.id.rpartition("-")[2]] = made.deferred_file_id

    async def take(self, file: str) -> float:
        """Ask for a file of the page by its button's key; return the seconds until it is made."""
        assert self.socket
        start = time.perf_counter()
        asked = BackMsg()
        asked.backend_operation_request.request_id = file
        asked.backend_operation_request.session_id = self.session
        asked.backend_operation_request.deferred_file.file_id = self.files[file]
        await self.socket.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg.FromString(await self.socket.recv(decode=False))
                if message.WhichOneof("type") == "backend_operation_response":
                    assert message.backend_operation_response.deferred_file.url
                    return time.perf_counter() - start

    async def bring(self, page: str, query: str, uploader: str, data: bytes) -> float:
        """Bring a file to one of the page's boxes; return the seconds until all is answered."""
        assert self.socket
        start = time.perf_counter()
        asked = BackMsg()
        asked.file_urls_request.request_id = "bench"
        asked.file_urls_request.file_names.append("england.csv")
        asked.file_urls_request.session_id = self.session
        await self.socket.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg.FromString(await self.socket.recv(decode=False))
                if message.WhichOneof("type") == "file_urls_response":
                    break
        given = message.file_urls_response.file_urls[0]
        await asyncio.to_thread(put_file, self.port, given.upload_url, data)
        run = BackMsg()
        run.rerun_script.page_name, run.rerun_script.query_string = page, query
        state = run.rerun_script.widget_states.widgets.add()
        state.id = uploader
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.file_id, file.name, file.size = given.file_id, "england.csv", len(data)
        file.file_urls.CopyFrom(given)
        await self.socket.send(run.SerializeToString())
        await self.read_to_the_end()
        return time.perf_counter() - start

    async def leave(self) -> None:
        """Close the socket."""
        if self.socket:
            await self.socket.close()


def put_file(port: int, path: str, data: bytes) -> int:
    """Send a file to an address that the server gave; return the status of its answer, 0 for none.

    Where a file is refused before its body is through, the answer is there all the same.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/_stcore/health")
    first = connection.getresponse()
    first.read()
    token = re.findall(r"_streamlit_xsrf=([^;]+)", first.getheader("set-cookie") or "")[0]
    edge = "atlas-bench"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "X-Xsrftoken": token,
        "Cookie": f"_streamlit_xsrf={token}",
    }
    with contextlib.suppress(OSError):
        connection.request(
            "PUT", path, head.encode() + data + f"\r\n--{edge}--\r\n".encode(), headers
        )
    try:
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def cpu_seconds(process: int, *, children: bool = False) -> float:
    """Return the processor time of a process (or of its children that still run), in seconds."""
    numbers = [process]
    if children:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
        numbers = [int(number) for number in text.split()]
    spent = 0.0
    for number in numbers:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        spent += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def percentile(values: list[float], share: float) -> float:
    """Return the value that ``share`` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
