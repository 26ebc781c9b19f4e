"""The SDK's servers, on this package's ASGI engine."""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, authorization_context
from mcp.server.runner import serve_loop
from mcp.shared.jsonrpc_dispatcher import cancelled_request_id_from_params
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp_types import INVALID_REQUEST, JSONRPCError, JSONRPCNotification, JSONRPCResponse
from starlette.requests import Request

from mcp_sansio import RpcError
from mcp_sansio._driver.messages import check_recording
from mcp_sansio.asgi._endpoint import Endpoint
from mcp_sansio.asgi._engine import Engine
from mcp_sansio.server import Message, Notice, Server, SessionEnded, SessionStarted, ShutDown

from ._requests import serve_requests
from ._streams import Inbox, Letter, Outbox, Unreadable, dump, parse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextvars import Context
    from typing import TextIO

    from mcp.server import MCPServer
    from mcp.server import Server as SdkServer
    from mcp_types import RequestId
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send
    from typing_extensions import Unpack

    from mcp_sansio.server import EndReason, Event, Settings

log = logging.getLogger("mcp_sansio.sdk")

# Where a scope has the context in which its request came: what a layer in front has set there is for the handlers.
_CONTEXT = "mcp_sansio.context"


def asgi_app(
    server: SdkServer[Any] | MCPServer[Any],
    *,
    path: str = "/mcp",
    principal: Callable[[Scope], str | None] | None = None,
    grace: float = 10.0,
    record: TextIO | None = None,
    **settings: Unpack[Settings],
) -> Starlette:
    """A server of the SDK as an ASGI application: what its `streamable_http_app` gives, but on this package's engine.

    The server's authentication and its own routes are in it, and its lifespan. Where it is mounted in another
    application, that one's lifespan enters `server.session_manager.run()`.

    >>> from mcp.server import MCPServer
    >>> from mcp_sansio.sdk import asgi_app
    >>> server = MCPServer("tools")
    >>> @server.tool()
    ... async def echo(text: str) -> str:
    ...     return text
    >>> app = asgi_app(server)

    Args:
        server: a low-level server or an `MCPServer`. In the legacy era its handlers run in sessions, in the modern one
            request by request, as under the SDK's own transport.
        path: of the endpoint.
        principal: who asks, by the scope of an HTTP request. A session belongs to the principal that began it. None:
            the user whom the SDK's authentication has found.
        grace: seconds that requests in flight get when the server ends.
        record: gets each step of the machine as a JSON line, for replaying it. It is written in the midst of the
            server's work: give it a file or a buffer, nothing that waits.
        settings: of the machine: hosts and origins that are allowed, timing, limits, revisions. The SDK's
            `transport_security` is not used; only the names of the loopback interface are, unless others are given.

    Raises:
        ConfigError: a setting cannot work; it says which, and what to write instead.
    """
    check_recording(record, settings)
    app = server.streamable_http_app(streamable_http_path=path)
    manager = server.session_manager
    endpoint = _Endpoint(manager.app, settings, principal or _principal, grace, record)
    # The application asks its manager for these whenever it needs them, and is else just what is wanted.
    vars(manager).update(asgi_app=endpoint, handle_request=endpoint, run=endpoint.running)
    return app


def _principal(scope: Scope) -> str | None:
    user = scope.get("user")
    return json.dumps(authorization_context(user), sort_keys=True) if isinstance(user, AuthenticatedUser) else None


class _Endpoint(Endpoint):
    """Runs a low-level server of the SDK, one loop for each session, and one for the requests that are of none."""

    def __init__(
        self,
        server: SdkServer[Any],
        settings: Settings,
        principal: Callable[[Scope], str | None],
        grace: float,
        record: TextIO | None,
    ) -> None:
        super().__init__(
            lambda: Engine(Server(relay=True, **settings), self._deliver, record=record),
            principal=principal,
            grace=grace,
        )
        self._server = server
        self._has_streams = settings.get("mode") != "json"
        self._state: Any = None
        self._loops: dict[int | None, Inbox] = {}
        self._owners: dict[RequestId | None, Inbox] = {}
        """Which loop has a request that is not answered yet."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__({**scope, _CONTEXT: copy_context()}, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        async with self._server.lifespan(self._server) as self._state, super().running():
            inbox, outbox = self._begin(None)
            self._spawn(lambda: serve_requests(self._server, inbox, outbox, self._state))
            yield

    def _begin(self, session: int | None) -> tuple[Inbox, Outbox]:
        inbox = self._loops[session] = Inbox(self._hand_out)
        return inbox, Outbox(lambda item: self._send(session, item))

    def _end(self, session: int | None) -> None:
        inbox = self._loops.pop(session, None)
        if inbox is not None:
            inbox.end()

    async def _serve_session(self, session: int, key: str, inbox: Inbox, outbox: Outbox) -> None:
        reason: EndReason = "handler_returned"
        try:
            await serve_loop(self._server, inbox, outbox, lifespan_state=self._state, session_id=key)
        except Exception:
            log.exception("the SDK gave a session up")
            reason = "handler_failed"
        finally:
            inbox.close()
        machine = self._engine.machine
        self._engine.step(lambda now: machine.end_session(now, session, reason))

    def _deliver(self, event: Event) -> None:
        if isinstance(event, Message):
            self._receive(event)
        elif isinstance(event, SessionStarted):
            session, key, (inbox, outbox) = event.session, event.key, self._begin(event.session)
            self._spawn(lambda: self._serve_session(session, key, inbox, outbox))
        elif isinstance(event, SessionEnded):
            self._end(event.session)
        elif isinstance(event, ShutDown):
            self._end(None)
        elif isinstance(event, Notice):
            log.info("%s: %s", event.kind, event.detail)

    def _receive(self, message: Message) -> None:
        if message.failure is not None and message.failure.kind == "cancelled":
            return  # by the SDK, which waits for nothing any more
        try:
            parsed = parse(message.text)
        except Unreadable as error:
            log.info("%s", error)
            self._refuse(message.obligation, error)
            return
        if message.exchange is None and message.session is None and isinstance(parsed, JSONRPCNotification):
            # It is the machine's own: a request needs no answer any more.
            inbox = self._owners.pop(cancelled_request_id_from_params(parsed.params), None)
        else:
            inbox = self._loops.get(message.session)
        if inbox is None:
            return
        if message.obligation is not None:
            self._owners[message.obligation] = inbox
        scope = None if message.exchange is None else self._engine.scope(message.exchange)
        context: Context | None = None if scope is None else scope[_CONTEXT]
        inbox.put(Letter(SessionMessage(parsed, self._metadata(message, scope)), message.obligation, context))

    def _refuse(self, obligation: int | None, error: Unreadable) -> None:
        if obligation is not None:
            machine, refusal = self._engine.machine, RpcError(INVALID_REQUEST, str(error))
            self._engine.step(lambda now: machine.respond(now, obligation, refusal))

    def _metadata(self, message: Message, scope: Scope | None) -> ServerMessageMetadata:
        """What the SDK's handlers are told beside the message."""
        session, obligation = message.session, message.obligation
        metadata = ServerMessageMetadata(request_context=None if scope is None else Request(scope))
        metadata.can_send_request = session is not None and self._has_streams
        if session is not None:
            metadata.close_standalone_sse_stream = self._release(session=session)
            if obligation is not None:
                metadata.close_sse_stream = self._release(request=obligation)
        return metadata

    def _release(self, *, request: int | None = None, session: int | None = None) -> Callable[[], Awaitable[None]]:
        """Lets a stream go, for its client to come back."""
        machine = self._engine.machine

        async def release() -> None:
            self._engine.step(lambda now: machine.release_connection(now, request=request, session=session))

        return release

    def _hand_out(self, letter: Letter) -> bool:
        """Says to the machine that the SDK begins with a request; false if nobody waits for it any more."""
        obligation, machine = letter.obligation, self._engine.machine
        return obligation is None or self._engine.step(lambda now: machine.take(now, obligation))

    def _send(self, session: int | None, item: SessionMessage) -> None:
        metadata = item.metadata if isinstance(item.metadata, ServerMessageMetadata) else ServerMessageMetadata()
        # The SDK knows requests by the numbers that it got them with.
        via = None if metadata.related_request_id is None else int(metadata.related_request_id)
        if isinstance(item.message, JSONRPCResponse | JSONRPCError):
            self._owners.pop(item.message.id, None)
        elif session is None and via is None:
            return  # it belongs to no request, and would go to all sessions
        text, machine = dump(item), self._engine.machine
        self._engine.step(lambda now: machine.send(now, text, session=session, via=via))
