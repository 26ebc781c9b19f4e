"""The managed client for asyncio and trio."""

from __future__ import annotations

import inspect
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from mcp_sansio.client import Progress

from .desk import Desk
from .inbox import Room
from .messages import Pages, listen_params, native_options, outcome_of, parsed, ping_method, text_of, value_of
from .pump import Pump
from .readers import Messages, Reader, Subscription
from .staff import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from typing import TextIO, TypeAlias

    import anyio.abc
    from typing_extensions import Unpack

    from mcp_sansio import Inspection
    from mcp_sansio.client import Client, Known, Settled, Version

    from ._http import Headers, Http
    from .messages import CallOptions, Event, JsonObject, Notification, Outcome, SubscriptionEvent
    from .staff import Authorizer, Handler

    OnProgress: TypeAlias = Callable[[JsonObject], object]
    CallReader: TypeAlias = Reader[Progress | Settled]

T = TypeVar("T")


class AsyncClient:
    """A client of one MCP server, from `mcp_sansio.connect`.

    Every call settles, in bounded time, with a result, the server's error, or a failure that says whether the server
    may have run it. Cancelling the task that waits for a call cancels the call.
    """

    def __init__(
        self,
        machine: Client,
        url: str,
        http: Http,
        group: anyio.abc.TaskGroup,
        *,
        headers: Headers,
        authorizer: Authorizer | None,
        on_request: Handler | None,
        record: TextIO | None,
    ) -> None:
        self._machine = machine
        self._room = Room(self._set_room)
        staff = Tasks(machine, self._step, group, on_request, authorizer)
        self._desk = Desk(machine, self._step, staff, record)
        self._pump = Pump(
            machine,
            url,
            http,
            self._desk.deliver,
            headers=headers,
            credentials=None if authorizer is None else authorizer.credentials,
            record=None if record is None else self._desk.write,
        )

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, object] | None = None,
        *,
        progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> JsonObject:
        """Calls a tool, and gives its result. That the tool failed is said in there, as `isError`.

        Raises `CallFailed`, `PeerError` or `BadResult`. See `request` for the options.
        """
        params = {"name": name, "arguments": arguments or {}}
        return await self.request("tools/call", params, progress=progress, **options)

    async def list_tools(self) -> list[JsonObject]:
        """The server's tools, of all pages. Raises as `call_tool`; `BadResult` also after 1,000 pages."""
        pages = Pages("tools/list", "tools")
        while not pages.is_complete:
            pages.add(await self.request(pages.method, pages.params))
        return pages.items

    async def request(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> JsonObject:
        """Any request, and its result.

        `progress` is called with the `params` of each progress notification, and awaited if it gives something to
        wait for; what it raises cancels the call. `safe` says that the server may run the call twice, `idle` and
        `max` are its deadlines in seconds: without progress, and in all. `headers` go out with this call alone.

        Raises `CallFailed`, `PeerError` or `BadResult`.
        """
        return value_of(await self.outcome(method, params, progress=progress, **options))

    async def outcome(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> Outcome:
        """As `request`, but gives the outcome whatever it is: `Result`, `RpcError` or `Failure`."""
        inbox: CallReader = Reader(self._room)
        text = text_of(params)
        given = native_options(options, progress is not None)
        return await self._settled(lambda now: self._desk.call(now, inbox, method, text, given), inbox, progress)

    async def ping(self) -> None:
        """Asks whether the server is there, in the way of its era. Raises as `request`."""
        await self.request(ping_method(self._machine.known()))

    def notify(self, method: str, params: Mapping[str, object] | None = None) -> None:
        """Sends a notification, in the background. Whether it arrived is told by `events` only."""
        text = text_of(params)
        self._step(lambda now: self._machine.notify(now, method, text))

    def notifications(self) -> Messages[Notification]:
        """The server's notifications from now on, as an asynchronous iterator, until the client is closed.

        There is one reader: an older one ends. Read it or close it: while 64 messages wait here, further ones wait in
        the machine. Outcomes never wait behind them.
        """
        inbox: Reader[Notification] = Reader(self._room)
        self._desk.read_notifications(inbox)
        return Messages(inbox)

    def events(self) -> Messages[Event]:
        """Notices and changes of the session from now on, of which the newest 256 are kept for a slow reader.

        There is one reader: an older one ends.
        """
        inbox: Reader[Event] = Reader(None)
        self._desk.read_events(inbox)
        return Messages(inbox)

    def listen(self, filter: Mapping[str, object]) -> Subscription:
        """Subscribes to what changes at the server (since 2026-07-28), such as `{"toolsListChanged": True}`.

        It starts at once, and ends with `Ended`. A lost stream is opened again, within budgets, after a `Gap`. A
        server of an earlier revision says such things unasked: there it ends with a failure, and `notifications` has
        them. Close it when it is not read to its end, best by `async with`.
        """
        inbox: Reader[SubscriptionEvent] = Reader(self._room)
        params = listen_params(filter)
        listen = self._step(lambda now: self._desk.listen(now, inbox, params))
        return Subscription(inbox, lambda: self._step(lambda now: self._desk.unlisten(now, listen)))

    @property
    def version(self) -> Version | None:
        """The revision of the protocol that is spoken with the server; `None` before it is known."""
        known = self._machine.known()
        return None if known is None else known.version

    def known(self) -> Known | None:
        """What was learned of the server, for the `known` of a later client, which then begins with its first call."""
        return self._machine.known()

    def inspect(self) -> Inspection:
        """Who waits for what, and why: every call with its story, every exchange."""
        return self._machine.inspect()

    def credentials_changed(self) -> None:
        """Says that the authorizer has new credentials without being asked: what was refused is sent again."""
        self._step(lambda now: self._machine.authorize(now, True))

    async def aclose(self) -> None:
        """Closes the client before its context ends: settles all calls as closed, and ends the session.

        Returns when that is done, after the `close` of its timing at the latest.
        """
        self._step(self._machine.close)
        await self._pump.closed.wait()

    @asynccontextmanager
    async def running(self, group: anyio.abc.TaskGroup) -> AsyncGenerator[None]:
        """Connected at the beginning; at the end it closes, in the background of the group, however it is left."""
        group.start_soon(self._pump.run)
        inbox: CallReader = Reader(self._room)
        try:
            value_of(await self._settled(lambda now: self._desk.connect(now, inbox), inbox, None))
            yield
        finally:
            self._step(self._machine.close)

    async def _settled(self, begin: Callable[[float], int], inbox: CallReader, progress: OnProgress | None) -> Outcome:
        """Sees a call through from its beginning to its outcome."""
        call = self._step(begin)
        try:
            while isinstance(event := await inbox.get(), Progress):
                if progress is not None:
                    waiting = progress(parsed(event.params))
                    if inspect.isawaitable(waiting):
                        await waiting
        except BaseException:
            self._step(lambda now: self._desk.abandon(now, call))
            raise
        if event is None:
            raise RuntimeError("the tasks of this client have ended")
        return outcome_of(event.outcome)

    def _step(self, mutate: Callable[[float], T]) -> T:
        return self._pump.step(mutate)

    def _set_room(self, has_room: bool) -> None:
        self._pump.room = has_room
