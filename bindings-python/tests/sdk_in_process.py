"""An ASGI application as a transport of httpx2: no socket, no thread, and any event loop."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import TaskGroup
    from starlette.types import ASGIApp, Message


class InProcess(httpx2.AsyncBaseTransport):
    """Has an application answer; each request is a task of `tasks`."""

    def __init__(self, app: ASGIApp, tasks: TaskGroup) -> None:
        self._app = app
        self._tasks = tasks

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        exchange = _Exchange(await request.aread())
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "root_path": "",
            "query_string": b"",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("localhost", 80),
            "client": ("localhost", 1),
        }

        async def answer() -> None:
            await self._app(scope, exchange.receive, exchange.send)

        self._tasks.start_soon(answer)
        try:
            start = await exchange.sent()
        except BaseException:
            exchange.leave()
            raise
        return httpx2.Response(start["status"], headers=start["headers"], stream=exchange)


class _Exchange(httpx2.AsyncByteStream):
    # No stream of anyio: whoever is cancelled does not close it, and it would complain.
    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._gone = anyio.Event()
        self._messages: deque[Message] = deque()
        self._news = anyio.Event()

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        if self._gone.is_set():
            raise OSError("the client has gone")
        self._messages.append(message)
        self._news.set()

    async def sent(self) -> Message:
        while not self._messages:
            self._news = anyio.Event()
            await self._news.wait()
        return self._messages.popleft()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.sent()
            more = message.get("more_body", False)
            yield message.get("body", b"")

    async def aclose(self) -> None:
        self.leave()

    def leave(self) -> None:
        """The client closes its connection."""
        self._gone.set()
