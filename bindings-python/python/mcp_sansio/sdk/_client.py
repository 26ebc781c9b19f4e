"""The SDK's client transport, on a machine that settles every request."""

from __future__ import annotations

import json
import logging
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.abc
from mcp.client.streamable_http import DEFAULT_MAX_SSE_EVENT_SIZE
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCRequest

from mcp_sansio import CallFailed, RpcError
from mcp_sansio._driver._http.choice import choose
from mcp_sansio._driver.messages import check_recording
from mcp_sansio._driver.pump import Pump
from mcp_sansio.client import Client, Message, Notice

from ._streams import Inbox, Letter, Outbox, Unreadable, dump, parse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import TextIO

    from mcp_types import RequestId
    from typing_extensions import Unpack

    from mcp_sansio import Failure
    from mcp_sansio._driver._http import Feed, Http, Request
    from mcp_sansio._driver._http.choice import AnyHttp
    from mcp_sansio.client import Event, Settings

log = logging.getLogger("mcp_sansio.sdk")

# As many messages may wait for the SDK before the machine keeps back what is no answer.
_ROOM = 64


@asynccontextmanager
async def streamable_http_client(
    url: str,
    *,
    http_client: AnyHttp | None = None,
    terminate_on_close: bool = True,
    max_sse_event_size: int | None = DEFAULT_MAX_SSE_EVENT_SIZE,
    record: TextIO | None = None,
    **settings: Unpack[Settings],
) -> AsyncGenerator[tuple[Inbox, Outbox]]:
    """The SDK's transport of the same name, with the same parameters; but with it no request is left pending.

    Each is answered within a bound: by the server, or by an error (`MCPError`) whose message is a sentence that says
    what happened, and whose data has the story. A session that the server has lost is made anew, and what may be sent
    again is. Streams are resumed here: the SDK's resumption tokens are refused, because to send a request again may be
    to run it twice.

    >>> from mcp import Client
    >>> from mcp_sansio.sdk import streamable_http_client
    >>> async def main() -> None:
    ...     async with Client(streamable_http_client("https://example.com/mcp", timing={"max": 60.0})) as client:
    ...         print(await client.call_tool("echo", {"text": "hello"}))

    Args:
        url: of the MCP endpoint.
        http_client: what to send with, an `httpx2.AsyncClient` or an `aiohttp.ClientSession`. All of it is used but its
            timeouts and redirects.
        terminate_on_close: tell the server at the end that the session is over (within the `close` of the timing).
        max_sse_event_size: bytes that one event of a stream may have. None: as many as the limits say.
        record: gets each step of the machine as a JSON line, for replaying it. It is written in the midst of the
            client's work: give it a file or a buffer, nothing that waits.
        settings: of the machine. `timing={"max": 60.0}` bounds each request to a minute (the default is an hour: the
            SDK has timeouts of its own); `timing={"idle": 20.0}` those with a progress callback, while none comes.

    Raises:
        CallFailed: no connection could be made when the SDK asked for the server's era. As an answer the SDK would
            take that for a server of the older one.
        ConfigError: a setting cannot work; it says which, and what to write instead.
    """
    if max_sse_event_size is not None:
        settings["limits"] = {"event": max_sse_event_size, **settings.get("limits", {})}
    check_recording(record, settings)
    machine = Client(url, relay=True, **settings)
    async with aclosing(choose(http_client, url)) as http:
        host = _Host(machine, url, http if terminate_on_close else _WithoutGoodbye(http), record)
        async with anyio.create_task_group() as host.tasks:
            await host.tasks.start(host.pump.run)
            try:
                yield host.inbox, host.outbox
            finally:
                host.inbox.close()
                host.outbox.close()
                host.tasks.cancel_scope.cancel()
    if host.outage is not None:
        raise CallFailed(host.outage)


class _Host:
    """What stands between the SDK's streams and the machine."""

    tasks: anyio.abc.TaskGroup
    outage: Failure | None = None

    def __init__(self, machine: Client, url: str, http: Http, record: TextIO | None) -> None:
        self.inbox = Inbox(self._hand_out)
        self.outbox = Outbox(self._send)
        self.pump = Pump(machine, url, http, self._deliver, record=record and self._write)
        self._machine = machine
        self._record = record
        self._probe: RequestId | None = None

    def _send(self, item: SessionMessage) -> None:
        message = item.message
        metadata = item.metadata if isinstance(item.metadata, ClientMessageMetadata) else ClientMessageMetadata()
        if isinstance(message, JSONRPCRequest):
            if metadata.resumption_token is not None:
                sentence = "this transport resumes streams by itself: leave the resumption token out"
                return self._answer(message.id, INVALID_REQUEST, sentence)
            if message.method == "server/discover":
                self._probe = message.id
        text, headers = dump(item), (metadata.headers or {}).items()
        return self.pump.step(lambda now: self._machine.send(now, text, headers=headers))

    def _deliver(self, event: Event) -> None:
        if isinstance(event, Message):
            self._receive(event)
        elif isinstance(event, Notice):
            log.info("%s: %s", event.kind, event.detail)

    def _receive(self, message: Message) -> None:
        answers: RequestId | None = None if message.answers is None else json.loads(message.answers)
        kind = None if message.failure is None else message.failure.kind
        if kind == "cancelled":
            return  # by the SDK, which waits for nothing any more
        if kind == "unreachable" and answers == self._probe:
            # An outage is no verdict on the server's era. The SDK's own transport ends likewise.
            self.outage = message.failure
            self.tasks.cancel_scope.cancel()
            return
        try:
            self._put(SessionMessage(parse(message.text)))
        except Unreadable as error:
            self._refuse(message.obligation, answers, error)

    def _refuse(self, obligation: int | None, answers: RequestId | None, error: Unreadable) -> None:
        """Tells whoever waits that the SDK cannot read a message."""
        if answers is not None:
            self._answer(answers, PARSE_ERROR, str(error))
        elif obligation is not None:
            refusal = RpcError(INVALID_REQUEST, str(error))
            self.pump.step(lambda now: self._machine.respond(now, obligation, refusal))
        else:
            self._put(error)

    def _answer(self, id: RequestId, code: int, sentence: str) -> None:
        self._put(SessionMessage(JSONRPCError(jsonrpc="2.0", id=id, error=ErrorData(code=code, message=sentence))))

    def _put(self, item: SessionMessage | Exception) -> None:
        self.inbox.put(Letter(item))
        self.pump.room = len(self.inbox) < _ROOM

    def _write(self, lines: list[str]) -> None:
        if self._record is not None:
            try:
                self._record.writelines(f"{line}\n" for line in lines)
            except (OSError, ValueError) as error:
                self._record = None
                log.warning("the record cannot be written any more (%s); the client goes on without", error)

    def _hand_out(self, _letter: Letter) -> bool:
        self.pump.room = len(self.inbox) < _ROOM
        return True


class _WithoutGoodbye:
    """Keeps it from the server that its session is over."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.is_unsent = http.is_unsent
        self.aclose = http.aclose

    async def carry(self, request: Request, feed: Feed) -> None:
        if request.method == "DELETE":
            feed.head(204, ())
        else:
            await self._http.carry(request, feed)
