"""A session, as the application sees it."""

from __future__ import annotations

from collections import deque
from functools import cached_property, partial
from typing import TYPE_CHECKING

import anyio

from mcp_sansio._driver.messages import parsed, text_of
from mcp_sansio._errors import BadResult

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mcp_sansio import server
    from mcp_sansio._driver.messages import JsonObject

    from ._desk import Desk
    from ._request import Request
    from ._types import Scope


class Inbox:
    """What waits for the handler of a session."""

    def __init__(self) -> None:
        self.waiting: deque[Request] = deque()
        self.reason: str | None = None
        self._news = anyio.Event()

    def put(self, request: Request) -> None:
        """A request for the handler."""
        self.waiting.append(request)
        self._tell()

    def remove(self, this: int) -> None:
        """A request is not to be handled any more, if it still waits."""
        self.waiting = deque(request for request in self.waiting if request.id != this)

    def close(self, reason: str) -> None:
        """The session has ended."""
        self.reason = reason
        self._tell()

    async def next(self) -> Request | None:
        """The next request; None when the session has ended."""
        while not self.waiting:
            if self.reason is not None:
                return None
            await self._news.wait()
        return self.waiting.popleft()

    async def closed(self) -> str:
        """Returns when the session has ended, and says why."""
        while self.reason is None:
            await self._news.wait()
        return self.reason

    def _tell(self) -> None:
        self._news.set()
        self._news = anyio.Event()


class Session:
    """A session with one client.

    A session handler lives as long as its session: it ends with `run`, or with `async for request in session`. One
    that returns earlier, or raises, ends its session; one that does not read its requests gets them answered with an
    error.

    Its attributes:
        id: its handle; not the id on the wire, which is a secret of the client.
        scope: the ASGI scope of the HTTP request that began it.
    """

    def __init__(self, desk: Desk, event: server.SessionStarted, inbox: Inbox, scope: Scope) -> None:
        self.id = event.session
        self.scope = scope
        self._desk = desk
        self._text = event.params
        self._inbox = inbox

    @cached_property
    def params(self) -> JsonObject:
        """The params of the client's `initialize`: who it is (`clientInfo`), what it can do (`capabilities`).

        They are empty if they are nothing that Python can hold.
        """
        try:
            return parsed(self._text)
        except BadResult:
            return {}

    def __aiter__(self) -> Session:
        return self

    async def __anext__(self) -> Request:
        """The next request; taking it is the promise to answer it. The loop ends with the session."""
        request = await self._inbox.next()
        if request is None:
            raise StopAsyncIteration
        self._desk.hand_out(request)
        return request

    async def run(self, handler: Callable[[Request], Awaitable[object]]) -> str:
        """The default loop: a task for each request, until the session has ended. Returns the reason."""
        while (request := await self._inbox.next()) is not None:
            self._desk.spawn(partial(self._desk.handle, request, handler))
        return await self.ended()

    def notify(self, method: str, params: Mapping[str, object] | None = None) -> None:
        """Sends a notification on the client's standalone stream; until there is one it is kept, within bounds."""
        text, machine = text_of(params), self._desk.engine.machine
        self._desk.engine.step(lambda now: machine.notify(now, method, text, session=self.id))

    async def ask(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: Callable[[JsonObject], object] | None = None,
        idle: float | None = None,
        max: float | None = None,
    ) -> JsonObject:
        """Asks the client, on its standalone stream. What belongs to a request is better asked by `Request.ask`.

        It raises PeerError if the answer is an error, CallFailed if there is none.
        """
        asking = self._desk.asking
        return await asking.ask(method, params, progress=progress, idle=idle, max=max, session=self.id)

    async def ended(self) -> str:
        """Waits until the session has ended, and says why.

        That is `deleted`, `idle`, `evicted`, `shutdown`, `handler_returned`, `handler_failed` or `refused`.
        """
        return await self._inbox.closed()

    def end(self, reason: server.EndReason) -> None:
        """Ends the session, for a reason of those that `ended` gives.

        What is in flight in it is answered with an error; the client's next request gets 404, upon which it starts
        anew.
        """
        machine = self._desk.engine.machine
        self._desk.engine.step(lambda now: machine.end_session(now, self.id, reason))

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._inbox.reason is None

    def __repr__(self) -> str:
        return f"<Session {self.id}>"
