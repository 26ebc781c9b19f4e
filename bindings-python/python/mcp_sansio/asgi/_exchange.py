"""One HTTP request with its response, as ASGI carries it."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import anyio

from mcp_sansio.server import Abort, Chunk, End, Head

if TYPE_CHECKING:
    from ._engine import Engine
    from ._types import Receive, Scope, Send

Output: TypeAlias = Head | Chunk | End | Abort


class CutOff(Exception):
    """A response was cut off in its midst, because its client took nothing of it for too long.

    Raising it is how an ASGI application says that a response must not look complete: the HTTP server logs it and
    closes the connection.
    """

    def __init__(self) -> None:
        super().__init__("a response was cut off: its client took nothing of it for too long (timing.stall)")


class Exchange:
    """One HTTP request with its response: reads the one and writes the other, at the same time."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self.scope = scope
        self.id = 0
        self.is_complete = False
        self._engine = engine
        self._outputs: deque[Output] = deque()
        self._news = anyio.Event()
        self._has_head = False
        self._is_cut_off = False
        self._tasks: anyio.CancelScope | None = None

    def put(self, output: Output) -> None:
        """What the machine says is to be sent next."""
        if isinstance(output, Abort):
            self.cut_off()
            return
        self._has_head = True
        self._outputs.append(output)
        self._news.set()

    def cut_off(self) -> None:
        """Ends it at once: what waits to be written is not, for the reader may not read."""
        self._is_cut_off = True
        self._stop()

    async def carry(self, receive: Receive, send: Send) -> None:
        """Reads and writes until the response is complete, cut off, or its client has gone."""
        if not self._is_cut_off:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks.cancel_scope
                tasks.start_soon(self._read, receive)
                # Some servers say by an OSError that the client has gone.
                with contextlib.suppress(OSError):
                    await self._write(send)
                self._stop()
        if self._is_cut_off:
            raise CutOff

    def _stop(self) -> None:
        if self._tasks is not None:
            self._tasks.cancel()

    async def _read(self, receive: Receive) -> None:
        is_whole = False
        while not is_whole:
            message = await receive()
            if message["type"] != "http.request":
                return self._stop()
            is_whole = not message.get("more_body", False)
            self._feed(message.get("body", b""), is_whole)
        # What comes next is that the client has gone.
        if (await receive())["type"] == "http.disconnect":
            self._stop()
        return None

    def _feed(self, data: bytes, is_last: bool) -> None:
        if self._has_head:
            return  # a refusal: nobody wants the rest
        machine, this = self._engine.machine, self.id

        def put(now: float) -> bool:
            has_news = bool(data) and machine.chunk(now, this, data)
            return (is_last and machine.end(now, this)) or has_news

        self._engine.feed(put)

    async def _write(self, send: Send) -> None:
        machine, this = self._engine.machine, self.id
        while not self.is_complete:
            if not self._outputs:
                self._news = anyio.Event()
                await self._news.wait()
            output = self._outputs.popleft()
            if isinstance(output, Head):
                await self._write_head(output, send)
            elif isinstance(output, Chunk):
                await send({"type": "http.response.body", "body": output.data, "more_body": True})
                self._engine.feed(lambda now: machine.written(now, this))
            else:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                self.is_complete = True

    async def _write_head(self, head: Head, send: Send) -> None:
        headers, body = list(head.headers), head.body
        if body is not None:
            headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": head.status, "headers": headers})
        if body is not None:
            self.is_complete = True
            await send({"type": "http.response.body", "body": body, "more_body": False})
