"""The blocking twin of `mcp_sansio.connect`, on plain threads: for scripts, command lines and WSGI.

>>> with mcp_sansio.sync.connect(url) as client:  # such as "https://example.com/mcp"
...     result = client.call_tool("echo", {"text": "hello"})
...     print(result["content"][0]["text"])
hello

One client serves any number of threads at once. An interrupt from the keyboard cancels the call that the main thread
waits for, and nothing else.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TypeVar

from mcp_sansio._driver._http.blocking import choose
from mcp_sansio._driver.desk import Desk
from mcp_sansio._driver.dress import headers_of
from mcp_sansio._driver.messages import (
    Pages,
    check_recording,
    default_identity,
    listen_params,
    native_options,
    outcome_of,
    parsed,
    ping_method,
    text_of,
    value_of,
)
from mcp_sansio._driver.thread_pump import ThreadPump
from mcp_sansio._driver.threads import Authorizer, Messages, PostedRoom, Subscription, ThreadReader, Threads
from mcp_sansio.client import Client, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from typing import TextIO, TypeAlias

    import httpx2
    from typing_extensions import Unpack

    from mcp_sansio import Identity, Inspection
    from mcp_sansio._driver._http import Headers
    from mcp_sansio._driver._http.blocking import BlockingHttp
    from mcp_sansio._driver.messages import (
        CallOptions,
        Event,
        JsonObject,
        Notification,
        Outcome,
        SubscriptionEvent,
    )
    from mcp_sansio._driver.threads import Handler
    from mcp_sansio.client import Known, Settled, Version
    from mcp_sansio.client import ManagedSettings as Settings

    OnProgress: TypeAlias = Callable[[JsonObject], object]
    CallReader: TypeAlias = ThreadReader[Progress | Settled]

__all__ = ["Authorizer", "Messages", "Subscription", "SyncClient", "connect"]

T = TypeVar("T")


@contextmanager
def connect(
    url: str,
    *,
    identity: Identity | None = None,
    headers: Mapping[str, str] | None = None,
    authorizer: Authorizer | None = None,
    on_request: Handler | None = None,
    http: httpx2.Client | None = None,
    record: TextIO | None = None,
    **settings: Unpack[Settings],
) -> Generator[SyncClient]:
    """A client of the MCP server at this URL; its handshake is done.

    As `mcp_sansio.connect`, but `on_request` and the authorizer's methods are plain functions, which run on threads
    of the client, and `http` is the application's own `httpx2.Client`.

    When the context is left, all calls settle and the session ends, within the `close` of the timing.

    Raises `ConfigError` if a setting cannot work, and `CallError` as the handshake ended.
    """
    given = headers_of(headers or {})
    check_recording(record, settings)
    machine = Client(url, identity or default_identity(), authorizer=authorizer is not None, **settings)
    with closing(choose(http, url)) as carrier:
        client = SyncClient(
            machine,
            url,
            carrier,
            headers=given,
            authorizer=authorizer,
            on_request=on_request,
            record=record,
        )
        try:
            client.handshake()
            yield client
        finally:
            client.close()


class SyncClient:
    """A client of one MCP server, from `mcp_sansio.sync.connect`, for any number of threads.

    Every call settles, in bounded time, with a result, the server's error, or a failure that says whether the server
    may have run it.
    """

    def __init__(
        self,
        machine: Client,
        url: str,
        http: BlockingHttp,
        *,
        headers: Headers,
        authorizer: Authorizer | None,
        on_request: Handler | None,
        record: TextIO | None,
    ) -> None:
        self._machine = machine
        self._room = PostedRoom(self._set_room, self._post)
        staff = Threads(machine, self._post, on_request, authorizer)
        self._desk = Desk(machine, self._step, staff, record)
        self._pump = ThreadPump(
            machine,
            url,
            http,
            self._desk.deliver,
            ended=self._desk.end,
            headers=headers,
            credentials=None if authorizer is None else authorizer.credentials,
            record=None if record is None else self._desk.write,
        )
        self._pump.start()

    def call_tool(
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
        return self.request("tools/call", params, progress=progress, **options)

    def list_tools(self) -> list[JsonObject]:
        """The server's tools, of all pages. Raises as `call_tool`; `BadResult` also after 1,000 pages."""
        pages = Pages("tools/list", "tools")
        while not pages.is_complete:
            pages.add(self.request(pages.method, pages.params))
        return pages.items

    def request(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> JsonObject:
        """Any request, and its result.

        `progress` is called, in this thread, with the `params` of each progress notification; what it raises cancels
        the call. `safe` says that the server may run the call twice, `idle` and `max` are its deadlines in seconds:
        without progress, and in all. `headers` go out with this call alone.

        Raises `CallFailed`, `PeerError` or `BadResult`.
        """
        return value_of(self.outcome(method, params, progress=progress, **options))

    def outcome(
        self,
        method: str,
        params: Mapping[str, object] | None = None,
        *,
        progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> Outcome:
        """As `request`, but gives the outcome whatever it is: `Result`, `RpcError` or `Failure`."""
        inbox: CallReader = ThreadReader(self._room)
        text = text_of(params)
        given = native_options(options, progress is not None)
        return self._settled(lambda now: self._desk.call(now, inbox, method, text, given), inbox, progress)

    def ping(self) -> None:
        """Asks whether the server is there, in the way of its era. Raises as `request`."""
        self.request(ping_method(self._machine.known()))

    def notify(self, method: str, params: Mapping[str, object] | None = None) -> None:
        """Sends a notification, in the background. Whether it arrived is told by `events` only."""
        text = text_of(params)
        self._pump.ask(lambda now: self._machine.notify(now, method, text))

    def notifications(self) -> Messages[Notification]:
        """The server's notifications from now on, as an iterator, until the client is closed.

        There is one reader: an older one ends. Read it or close it: while 64 messages wait here, further ones wait in
        the machine. Outcomes never wait behind them.
        """
        inbox: ThreadReader[Notification] = ThreadReader(self._room)
        self._pump.ask(lambda _: self._desk.read_notifications(inbox))
        return Messages(inbox)

    def events(self) -> Messages[Event]:
        """Notices and changes of the session from now on, of which the newest 256 are kept for a slow reader.

        There is one reader: an older one ends.
        """
        inbox: ThreadReader[Event] = ThreadReader(None)
        self._pump.ask(lambda _: self._desk.read_events(inbox))
        return Messages(inbox)

    def listen(self, filter: Mapping[str, object]) -> Subscription:
        """Subscribes to what changes at the server (since 2026-07-28), such as `{"toolsListChanged": True}`.

        It starts at once, and ends with `Ended`. A lost stream is opened again, within budgets, after a `Gap`. A
        server of an earlier revision says such things unasked: there it ends with a failure, and `notifications` has
        them. Close it when it is not read to its end, best by `with`.
        """
        inbox: ThreadReader[SubscriptionEvent] = ThreadReader(self._room)
        params = listen_params(filter)
        listen = self._pump.ask(lambda now: self._desk.listen(now, inbox, params))
        return Subscription(inbox, lambda: self._post(lambda now: self._desk.unlisten(now, listen)))

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
        self._post(lambda now: self._machine.authorize(now, True))

    def close(self) -> None:
        """Settles all calls as closed, ends the session, and returns when that is done, and the threads are gone.

        A handler or an authorizer that is still at work is left to itself.
        """
        self._post(self._machine.close)
        self._pump.join()

    def handshake(self) -> JsonObject:
        """Connects, unless that is done, and gives the server's answer to the handshake."""
        inbox: CallReader = ThreadReader(self._room)
        return value_of(self._settled(lambda now: self._desk.connect(now, inbox), inbox, None))

    def _settled(self, begin: Callable[[float], int], inbox: CallReader, progress: OnProgress | None) -> Outcome:
        """Sees a call through from its beginning to its outcome."""
        calls: list[int] = []
        try:
            self._pump.ask(lambda now: calls.append(begin(now)))
            while isinstance(event := inbox.get(), Progress):
                if progress is not None:
                    progress(parsed(event.params))
        except BaseException:
            # Also an interrupt from the keyboard, wherever it came in between.
            self._post(lambda now: self._abandon(now, calls))
            raise
        if event is None:
            raise RuntimeError("the thread of this client has ended")
        return outcome_of(event.outcome)

    def _abandon(self, now: float, calls: list[int]) -> None:
        for call in calls:
            self._desk.abandon(now, call)

    def _post(self, mutate: Callable[[float], object]) -> None:
        self._pump.post(mutate)

    def _step(self, mutate: Callable[[float], object]) -> object:
        return self._pump.step(mutate)

    def _set_room(self, has_room: bool) -> None:
        self._pump.room = has_room
