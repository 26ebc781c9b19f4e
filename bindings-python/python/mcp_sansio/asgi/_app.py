"""An MCP server as an ASGI application."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from mcp_sansio import ConfigError, Server
from mcp_sansio._driver.messages import check_recording, text_of

from ._desk import Desk
from ._endpoint import Endpoint
from ._events import Events

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from typing import TextIO

    from typing_extensions import Unpack

    from mcp_sansio import Identity
    from mcp_sansio.server import Settings

    from ._desk import Event, RequestHandler, SessionHandler
    from ._engine import Engine
    from ._session import Session
    from ._types import Scope

# The newest revision that has sessions.
_NEWEST_WITH_SESSIONS = "2025-11-25"


class App(Endpoint):
    """An MCP server as an ASGI application, for every revision of the protocol.

    It says that it is `identity`, with the capabilities that are in there: a client asks for tools only where `tools`
    are declared. Each request runs `handler`, in a task of its own; what it returns is the result.

    >>> from mcp_sansio import Identity, PeerError
    >>> from mcp_sansio.asgi import App, Request
    >>> async def handle(request: Request) -> dict[str, object]:
    ...     if request.method == "tools/call":
    ...         return {"content": [{"type": "text", "text": request.params["arguments"]["text"]}]}
    ...     raise PeerError(-32601, f"{request.method} is not there")
    >>> app = App(Identity("tools", "1.0", capabilities={"tools": {}}), handle)

    With `session` each session runs a function of its own, which reads the session's requests. The protocol has no
    sessions any more since 2026-07-28: without a `handler` beside it, the revisions before are served only.

    Args:
        identity: what the server says of itself.
        handler: from a request to its result.
        session: for each session.
        principal: who asks, by the scope of an HTTP request, as a layer in front has found out. A session belongs to
            the principal that began it; to others it is unknown.
        grace: seconds that requests in flight get when the server ends.
        cancel_withdrawn: cancel the handler of a request when nobody waits for its answer any more. Else it goes on,
            and can learn it from `Request.cancelled`.
        record: gets each step of the machine as a JSON line, for replaying it. It is written in the midst of the
            server's work: give it a file or a buffer, nothing that waits.
        settings: of the machine: hosts and origins that are allowed, timing, limits, revisions. One that cannot work
            raises ConfigError, which says what to write instead.

    """

    def __init__(
        self,
        identity: Identity,
        handler: RequestHandler | None = None,
        *,
        session: SessionHandler | None = None,
        principal: Callable[[Scope], str | None] | None = None,
        grace: float = 10.0,
        cancel_withdrawn: bool = True,
        record: TextIO | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        if session is not None:
            _check_sessions(settings)
            if handler is None:
                oldest, newest = settings.get("versions", ("2024-11-05", _NEWEST_WITH_SESSIONS))
                settings["versions"] = (oldest, min(newest, _NEWEST_WITH_SESSIONS))
        elif handler is None:
            raise ConfigError("nothing answers the requests: give a `handler`, or a `session`")
        if not grace >= 0:
            raise ConfigError(f"grace: {grace} is no number of seconds")
        check_recording(record, settings)
        self._desk: Desk
        self._tools: str | None = None
        self._events: Events[Event] | None = None

        def make() -> Engine:
            machine = Server(identity, **settings)
            if self._tools is not None:
                machine.declare_tools(self._tools)
            self._desk = Desk(
                machine,
                handler,
                session,
                spawn=self._spawn,
                tell=self._tell,
                cancels=cancel_withdrawn,
                record=record,
            )
            return self._desk.engine

        super().__init__(make, principal=principal, grace=grace)

    def notify_all(self, method: str, params: Mapping[str, object] | None = None) -> None:
        """Sends a notification to the clients of all sessions, and to all subscriptions that ask for it.

        >>> app.notify_all("notifications/tools/list_changed")  # doctest: +SKIP
        """
        text, machine = text_of(params), self._engine.machine
        self._engine.step(lambda now: machine.notify(now, method, text))

    def declare_tools(self, tools: Sequence[Mapping[str, object]]) -> None:
        """Says which tools there are, instead of what was said before. It can be done at any time.

        It is for tools with `x-mcp-header` annotations, so that the headers of their callers (since 2026-07-28) are
        checked from the first call on. Without it, the server learns of them as lists of tools pass by. Where an
        annotation is wrong, a ConfigError names the tool, and nothing is replaced.
        """
        text, machine = json.dumps(list(tools)), self._engine.machine
        self._engine.step(lambda _: machine.declare_tools(text))
        self._tools = text

    @property
    def sessions(self) -> Mapping[int, Session]:
        """The sessions that are alive: to notify a client, to ask it, to end it."""
        return MappingProxyType(self._desk.sessions)

    def events(self) -> AsyncIterator[Event]:
        """What happens beside the requests, from now on.

        That is: sessions that begin (as `Session`) and end, the clients' notifications, and notices, which are logged
        anyway. There is one reader: an older one ends. One that reads too slowly finds the newest 256.
        """
        if self._events is not None:
            self._events.close()
        self._events = Events()
        return self._events

    def _tell(self, event: Event) -> None:
        if self._events is not None:
            self._events.put(event)


def _check_sessions(settings: Settings) -> None:
    if not settings.get("sessions", True):
        why = "`sessions` is off"
    elif settings.get("versions", ("", ""))[0] > _NEWEST_WITH_SESSIONS:
        why = "`versions` has only revisions without them"
    else:
        return
    raise ConfigError(f"there are no sessions to handle: {why}; give a `handler` instead")
