"""A server that keeps to the protocol in all but the tool calls: these end the way a fault says.

It speaks HTTP/1.1 over a bare socket, in the test's own event loop, because no framework would let it misbehave so.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio
from anyio.abc import SocketAttribute
from anyio.streams.buffered import BufferedByteReceiveStream

if TYPE_CHECKING:
    from anyio.abc import SocketStream

MODERN = "2026-07-28"
LEGACY = "2025-11-25"

# Nobody waits that long: what sleeps so is cancelled with its server.
FOR_EVER = 3600


@dataclass
class Exchange:
    """One HTTP request, and the connection to answer it on."""

    stream: SocketStream
    verb: str
    headers: dict[str, str]
    message: dict[str, Any] = field(default_factory=dict[str, Any])
    is_last: bool = False
    """The connection ends with it."""

    async def write(self, data: bytes | str) -> None:
        await self.stream.send(data.encode() if isinstance(data, str) else data)

    async def head(self, status: int, *headers: str) -> None:
        """A head without a length: the body ends with the connection."""
        lines = [f"HTTP/1.1 {status} X", *headers, "connection: close", "", ""]
        await self.write("\r\n".join(lines))

    async def sse(self) -> None:
        await self.head(200, "content-type: text/event-stream")

    async def whole(self, status: int, body: object = None, *headers: str) -> None:
        """An answer with its length; the connection may go on."""
        text = "" if body is None else json.dumps(body)
        kind = ["content-type: application/json"] if body is not None else []
        end = ["connection: close"] if self.is_last else []
        lines = [f"HTTP/1.1 {status} X", *kind, *headers, *end, f"content-length: {len(text)}", "", text]
        await self.write("\r\n".join(lines))

    async def reset(self) -> None:
        """Ends the connection as if the server had died."""
        await self.stream.aclose()

    def answer(self, text: str, *, id: object = None) -> dict[str, Any]:
        """The answer to a tool call."""
        result = {"content": [{"type": "text", "text": text}], "resultType": "complete"}
        return {"jsonrpc": "2.0", "id": self.message["id"] if id is None else id, "result": result}


Fault = Callable[[Exchange], Awaitable[None]]


class Faulty:
    """The server: `fault` answers the tool `faulty`, and the GETs that come for it; `good` is answered well."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.url = ""
        self.seen: list[str] = []
        """What was asked: the method of a message, or the verb of a request without one; and who has gone."""
        self.sessions = 0
        self.fault_of_handshake: Fault | None = None
        """Answers `server/discover` or `initialize` instead, once."""

    async def serve(self, stream: SocketStream) -> None:
        """Answers what comes on one connection."""
        buffered = BufferedByteReceiveStream(stream)
        try:
            async with stream:
                while await self._exchange(stream, buffered):
                    pass
        except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError, anyio.ClosedResourceError):
            return

    async def _exchange(self, stream: SocketStream, buffered: BufferedByteReceiveStream) -> bool:
        head = (await buffered.receive_until(b"\r\n\r\n", 65536)).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await buffered.receive_exactly(int(headers.get("content-length", "0")))
        exchange = Exchange(stream, head[0].split(" ")[0], headers, json.loads(body) if body else {})
        await self._serve(exchange)
        return not exchange.is_last

    async def _serve(self, exchange: Exchange) -> None:
        message = exchange.message
        method = message.get("method") or exchange.verb
        self.seen.append(method)
        match method:
            case "server/discover" | "initialize" if self.fault_of_handshake is not None:
                fault, self.fault_of_handshake = self.fault_of_handshake, None
                await self._fail(exchange, fault)
            case "server/discover":
                await exchange.whole(200, reply(message, DISCOVERED))
            case "initialize":
                self.sessions += 1
                await exchange.whole(200, reply(message, INITIALIZED), f"mcp-session-id: s{self.sessions}")
            case "tools/list":
                await exchange.whole(200, reply(message, {"tools": [], **CACHE}))
            case "tools/call" if message["params"]["name"] == "good":
                await exchange.whole(200, exchange.answer("good"))
            case "tools/call":
                await self._fail(exchange, self.fault)
            case "GET" if "last-event-id" in exchange.headers:
                await self._fail(exchange, self.fault)
            case "GET":
                await exchange.whole(405)
            case "DELETE":
                await exchange.whole(200)
            case _:
                await exchange.whole(202)

    async def _fail(self, exchange: Exchange, fault: Fault) -> None:
        exchange.is_last = True
        try:
            await fault(exchange)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            self.seen.append("gone")


CACHE: dict[str, Any] = {"resultType": "complete", "ttlMs": 0, "cacheScope": "public"}
INITIALIZED: dict[str, Any] = {
    "protocolVersion": LEGACY,
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "faulty", "version": "1"},
}
DISCOVERED: dict[str, Any] = {"supportedVersions": [MODERN], "capabilities": {"tools": {}}, **CACHE}


def reply(message: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


@asynccontextmanager
async def faulty(fault: Fault) -> AsyncGenerator[Faulty]:
    """Serves until the block ends."""
    server = Faulty(fault)
    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as group,
    ):
        server.url = f"http://127.0.0.1:{listener.extra(SocketAttribute.local_port)}/mcp"
        group.start_soon(listener.serve, server.serve)
        try:
            yield server
        finally:
            group.cancel_scope.cancel()


async def no_head(_exchange: Exchange) -> None:
    """The request is read, and nothing comes."""
    await anyio.sleep(FOR_EVER)


async def silent_sse(exchange: Exchange) -> None:
    """A stream, and not a byte on it."""
    await exchange.sse()
    await anyio.sleep(FOR_EVER)


async def keep_alives(exchange: Exchange) -> None:
    """A stream that shows signs of life, and nothing else."""
    await exchange.sse()
    while True:
        await exchange.write(": here I am\n\n")
        await anyio.sleep(0.05)


async def other_progress(exchange: Exchange) -> None:
    """A stream of progress of somebody else's call."""
    params = {"progressToken": "of another", "progress": 1}
    event = json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
    await exchange.sse()
    while True:
        await exchange.write(f"data: {event}\n\n")
        await anyio.sleep(0.05)


async def accepted(exchange: Exchange) -> None:
    """202: the answer comes elsewhere, but there is no elsewhere."""
    await exchange.whole(202)


async def foreign_id(exchange: Exchange) -> None:
    """The answer to another request."""
    await exchange.whole(200, exchange.answer("foreign", id=987654))


async def foreign_id_sse(exchange: Exchange) -> None:
    """The answer to another request, on the stream of this one."""
    await exchange.sse()
    await exchange.write(f"data: {json.dumps(exchange.answer('foreign', id=987654))}\n\n")
    await anyio.sleep(FOR_EVER)


async def no_answer(exchange: Exchange) -> None:
    """The stream ends without the answer, and cannot be resumed."""
    await exchange.sse()
    await exchange.write(": bye\n\n")


async def half_a_body(exchange: Exchange) -> None:
    """A JSON body that stops in the middle."""
    await exchange.head(200, "content-type: application/json", "content-length: 1000")
    await exchange.write('{"jsonrpc": "2.0", ')
    await anyio.sleep(FOR_EVER)


async def not_json(exchange: Exchange) -> None:
    """A page of some proxy."""
    await exchange.head(200, "content-type: text/html")
    await exchange.write("<h1>It works</h1>")


async def resume_refused(exchange: Exchange) -> None:
    """The stream ends with a cursor, and the resume is refused."""
    if exchange.verb == "GET":
        await exchange.whole(400)
        return
    await exchange.sse()
    await exchange.write("id: 1\nretry: 100\ndata:\n\n")


async def resume_in_vain(exchange: Exchange) -> None:
    """The stream ends with a cursor, and so does each resume, after nothing."""
    await exchange.sse()
    if exchange.verb == "POST":
        await exchange.write("id: 1\nretry: 100\ndata:\n\n")


async def resume_silent(exchange: Exchange) -> None:
    """The stream ends with a cursor, and the resume never brings anything."""
    await exchange.sse()
    if exchange.verb == "POST":
        await exchange.write("id: 1\nretry: 100\ndata:\n\n")
        return
    await anyio.sleep(FOR_EVER)


async def connection_reset(exchange: Exchange) -> None:
    """The connection ends before the head."""
    await exchange.reset()


async def server_error(exchange: Exchange) -> None:
    """503."""
    await exchange.whole(503)


BOTH_ERAS: list[Fault] = [
    no_head,
    silent_sse,
    keep_alives,
    other_progress,
    accepted,
    foreign_id,
    foreign_id_sse,
    no_answer,
    half_a_body,
    not_json,
    connection_reset,
    server_error,
]
LEGACY_ONLY: list[Fault] = [resume_refused, resume_in_vain, resume_silent]
