"""An ASGI application without any HTTP server: exchanges that a test performs itself."""

from __future__ import annotations

import json
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import anyio
from asgi_wire import LEGACY, Events, Headers, in_session, initialize, modern, notification, post
from mcp_sansio import Identity
from mcp_sansio.asgi import App

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from anyio.abc import TaskGroup
    from mcp_sansio.asgi import Message, Receive, RequestHandler, Scope, Send, SessionHandler

PATIENCE = 20.0
"""How long a test waits for what must come."""

Application: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"

WHO = Identity("tests", "1.0", capabilities={"tools": {"listChanged": True}})


class Exchange:
    """One exchange. Nothing is taken of the response before it is asked for, so that the application waits."""

    def __init__(self, app: Application, method: str, headers: Headers, body: bytes, extra: dict[str, Any]) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": "/mcp",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            **extra,
        }
        self.is_over = anyio.Event()
        self.raised: BaseException | None = None
        self._app = app
        self._body = deque([body])
        self._has_gone = anyio.Event()
        self._sent: deque[tuple[Message, anyio.Event]] = deque()
        self._news = anyio.Event()
        self._events = Events()
        self._messages: deque[dict[str, Any]] = deque()
        self._start: Message | None = None

    async def run(self) -> None:
        """The application's side."""
        try:
            await self._app(self.scope, self._receive, self._send)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.raised = error
        finally:
            self.is_over.set()
            self._news.set()

    async def _receive(self) -> Message:
        if self._body:
            return {"type": "http.request", "body": self._body.popleft(), "more_body": False}
        await self._has_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        taken = anyio.Event()
        self._sent.append((message, taken))
        self._news.set()
        await taken.wait()

    async def _take(self) -> Message:
        with anyio.fail_after(PATIENCE):
            while not self._sent:
                assert not self.is_over.is_set(), f"no more is sent: {self.raised!r}"
                self._news = anyio.Event()
                await self._news.wait()
        message, taken = self._sent.popleft()
        taken.set()
        return message

    def leave(self) -> None:
        """The client closes its connection."""
        self._has_gone.set()

    async def head(self) -> Message:
        """The head of the response."""
        if self._start is None:
            self._start = await self._take()
            assert self._start["type"] == "http.response.start"
        return self._start

    async def status(self) -> int:
        """Its status."""
        return (await self.head())["status"]

    async def header(self, name: str) -> str | None:
        """A header of the response."""
        headers = cast("list[tuple[bytes, bytes]]", (await self.head())["headers"])
        return next((value.decode() for key, value in headers if key == name.encode()), None)

    async def chunk(self) -> bytes | None:
        """The next bytes of the body; None at its end."""
        await self.head()
        message = await self._take()
        assert message["type"] == "http.response.body"
        return message["body"] if message["more_body"] or message["body"] else None

    async def json(self) -> dict[str, Any]:
        """A body that is no stream."""
        assert await self.header("content-type") == "application/json", await self.head()
        body = await self.chunk()
        assert body is not None
        assert await self.header("content-length") == str(len(body))
        return json.loads(body)

    async def message(self) -> dict[str, Any] | None:
        """The next message of a stream; None at its end."""
        assert await self.header("content-type") == "text/event-stream", await self.head()
        with anyio.fail_after(PATIENCE):
            while not self._messages:
                chunk = await self.chunk()
                if chunk is None:
                    return None
                self._messages.extend(self._events.feed(chunk))
        return self._messages.popleft()

    @property
    def cursor(self) -> str | None:
        """The id of the last event."""
        return self._events.cursor

    async def over(self) -> None:
        """Waits until the application has returned."""
        with anyio.fail_after(PATIENCE):
            await self.is_over.wait()


class Site:
    """A client of an application."""

    def __init__(self, app: Application, tasks: TaskGroup) -> None:
        self._app = app
        self._tasks = tasks

    def send(self, method: str, headers: Headers, body: bytes = b"", **extra: object) -> Exchange:
        """Begins an exchange."""
        exchange = Exchange(self._app, method, headers, body, extra)
        self._tasks.start_soon(exchange.run)
        return exchange

    def post(self, message: dict[str, Any], session: str | None = None, **extra: object) -> Exchange:
        """Posts a message."""
        return self.send("POST", *post(message, session), **extra)

    def modern(self, message: dict[str, Any]) -> Exchange:
        """Posts a request as clients of 2026-07-28 make it."""
        return self.post(modern(message))

    async def session(self, version: str = LEGACY) -> str:
        """Begins a session, and gives its id on the wire."""
        exchange = self.post(initialize(version))
        assert (await exchange.json())["result"]["protocolVersion"] == version
        session = await exchange.header("mcp-session-id")
        assert session is not None
        initialized = self.post(notification("notifications/initialized"), session)
        assert await initialized.status() == 202
        assert await initialized.chunk() is None
        return session

    async def delete(self, session: str) -> int:
        """Ends a session, and gives the status of that."""
        exchange = self.send("DELETE", in_session(session))
        status = await exchange.status()
        await exchange.chunk()
        await exchange.over()
        return status


class Running(Site):
    """The client of an application of ours that runs."""

    def __init__(self, app: App, tasks: TaskGroup) -> None:
        super().__init__(app, tasks)
        self.app = app


@asynccontextmanager
async def site(
    handler: RequestHandler | None = None, session: SessionHandler | None = None, **settings: Any
) -> AsyncGenerator[Running]:
    """An application that runs; its exchanges are abandoned at the end."""
    app = App(WHO, handler, session=session, **settings)
    async with anyio.create_task_group() as tasks, app.running():
        yield Running(app, tasks)
        tasks.cancel_scope.cancel()
    assert_empty(app)


def assert_empty(app: App) -> None:
    """Nothing is owed, and nothing is left."""
    inspection = app.inspect()
    assert not inspection.obligations
    assert not inspection.calls
    assert not inspection.exchanges


async def until(condition: Callable[[], object]) -> None:
    """Waits for what must become true."""
    with anyio.fail_after(PATIENCE):
        while not condition():  # noqa: ASYNC110 - of what says nothing when it changes
            await anyio.sleep(0.005)
